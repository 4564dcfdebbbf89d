//! Amazon's stock for a run: read once, kept, and turned into what may be promised. `poll` and `sync-inventory` share it, so that
//! an order and a stock figure of the same minute agree.

use std::collections::BTreeMap;

use super::session::{COUNTED_AFTER, STOCK_AGE_MAX};
use super::{Error, Session};
use crate::amazon::Amazon;
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
    let now = session.now();
    let known = session.store.stock()?;
    let being_submitted = session.store.units_being_submitted()?;
    if !session.is_dry_run {
        session.store.store_stock(&read, COUNTED_AFTER, now)?;
    }
    let figures: BTreeMap<AmazonSku, StockFigure> = read
        .into_iter()
        .map(|stock| (stock.sku.clone(), fresh(&stock, known.get(&stock.sku), now)))
        .collect();
    Ok(inventory::holdings(
        &figures,
        &being_submitted,
        &safety,
        STOCK_AGE_MAX,
        now,
    ))
}

/// The figure as it is stored, also in a dry run, which stores nothing.
fn fresh(stock: &AmazonStock, before: Option<&StockFigure>, now: chrono::DateTime<chrono::Utc>) -> StockFigure {
    let remaining = |fulfillable| remaining_after_reading(fulfillable, before, COUNTED_AFTER, now);
    StockFigure {
        fulfillable: stock.fulfillable,
        remaining: stock.fulfillable.map(remaining),
        in_transfer: stock.in_transfer,
        read_at: now,
        promised_at: before.and_then(|figure| figure.promised_at),
        is_low: before.is_some_and(|figure| figure.is_low),
    }
}
