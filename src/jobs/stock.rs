//! Amazon's stock for a run: read once, kept, and turned into what may be promised. `poll` and `sync-inventory` share it, so that
//! an order and a stock figure of the same minute agree.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::deadline::{COUNTED_AFTER, STOCK_BELIEVED};
use crate::domain::ids::AmazonSku;
use crate::domain::inventory::{self, AmazonStock, Holdings, StockFigure, remaining_after_reading};
use crate::domain::mapping::MappingSet;

/// Reads Amazon's figures for every SKU that the mappings name, in as few calls as Amazon allows, and keeps them.
/// A SKU that Amazon does not name now is absent, whatever is kept about it.
pub(super) fn holdings(session: &Session, amazon: &Amazon, mappings: &MappingSet) -> Result<Holdings, Error> {
    let safety = inventory::safety_stock(mappings, session.settings.inventory.safety_stock);
    if safety.is_empty() {
        return Ok(Holdings::new());
    }
    let skus: Vec<AmazonSku> = safety.keys().cloned().collect();
    let read = amazon.inventory(&skus)?;
    note_contradictions(session, &read);
    let now = session.now();
    let known = session.store.stock()?;
    let being_submitted = session.store.units_being_submitted()?;
    let uncounted = session.store.uncounted_units(now - COUNTED_AFTER)?;
    let overtaken = |stock: &AmazonStock| {
        let before = known.get(&stock.sku);
        before.filter(|before| before.overtakes(stock, STOCK_BELIEVED, now))
    };
    let news: Vec<AmazonStock> = read
        .iter()
        .filter(|stock| overtaken(stock).is_none())
        .cloned()
        .collect();
    if let Some(store) = session.writable_store() {
        store.store_stock(&news, COUNTED_AFTER, now)?;
    }
    let figure = |stock: &AmazonStock| match overtaken(stock) {
        Some(newer) => newer.clone(),
        None => {
            let uncounted_most = uncounted.get(&stock.sku).copied().unwrap_or_default();
            fresh(stock, known.get(&stock.sku), uncounted_most, now)
        }
    };
    let figures: BTreeMap<AmazonSku, StockFigure> =
        read.iter().map(|stock| (stock.sku.clone(), figure(stock))).collect();
    Ok(inventory::holdings(
        &figures,
        &being_submitted,
        &safety,
        STOCK_BELIEVED,
        now,
    ))
}

fn note_contradictions(session: &Session, read: &[AmazonStock]) {
    for stock in read {
        if let Some((low, high)) = stock.fulfillable.zip(stock.contradicted_by) {
            session.notice(format!(
                "Amazon names SKU {} twice, with {low} and {high} units; the lower figure counts",
                stock.sku
            ));
        }
    }
}

/// The figure as it is stored, also in a dry run, which stores nothing.
fn fresh(stock: &AmazonStock, before: Option<&StockFigure>, uncounted_most: i64, now: DateTime<Utc>) -> StockFigure {
    let remaining = |fulfillable| remaining_after_reading(fulfillable, before, uncounted_most);
    StockFigure {
        fulfillable: stock.fulfillable,
        remaining: stock.fulfillable.map(remaining),
        in_transfer: stock.in_transfer,
        inbound: stock.inbound,
        read_at: now,
        updated_at: stock.updated_at,
        is_low: before.is_some_and(|figure| figure.is_low),
    }
}
