//! What the desk loads before it decides: orders that can't be read, stock figures, near matches of unmapped texts.

use std::collections::{BTreeMap, BTreeSet};

use crate::amazon::Amazon;
use crate::domain::decision::Stock;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::SellerSku;
use crate::domain::mapping::{MappingSet, Resolution, resolve};
use crate::domain::order::{LineItem, LineStatus};
use crate::domain::state::State;
use crate::domain::state::Step;
use crate::jobs::stock::holdings;
use crate::jobs::summary::{Summary, Touched};
use crate::jobs::{Error, Session};
use crate::store::Decided;
use crate::tiktok::UnreadableOrder;

/// Unmapped texts that are compared with all mapped ones in one run; each costs a pass over the mappings.
const SUGGESTED_MAX: usize = 50;

pub(super) fn flag_unreadable(
    session: &Session,
    unreadable: &UnreadableOrder,
    summary: &mut Summary,
) -> Result<(), Error> {
    let Some(id) = &unreadable.id else {
        summary
            .notes
            .push(format!("TikTok gave an order that can't be read: {}", unreadable.why));
        return Ok(());
    };
    let message = format!("TikTok's answer about it can't be used: {}", unreadable.why);
    let flag = Flag::new(Reason::TiktokApiError, "unreadable", message, id);
    let Some(stored) = session.store.order(id)? else {
        summary.notes.push(format!("order {id}: {}", flag.message));
        return Ok(());
    };
    if session.is_dry_run || !stored.state.is_undecided() {
        return Ok(());
    }
    let is_news = session.store.flags(id)? != [flag.clone()];
    let decided = Decided {
        from: stored.state,
        step: Step::Flag,
        detail: None,
        next_attempt_at: None,
        explanation: flag.message.clone(),
        flags: vec![flag.clone()],
    };
    session.store.decide(id, &decided, session.now())?;
    if is_news {
        summary.touch(Touched {
            flags: vec![flag],
            ..Touched::new(id, State::Flagged)
        });
    }
    Ok(())
}

/// Returns what may be promised to orders, by the same figures that TikTok's listings show.
pub(super) fn read_stock(session: &Session, amazon: &Amazon, mappings: &MappingSet) -> Result<Stock, Error> {
    let mut stock = Stock::default();
    for (sku, holding) in holdings(session, amazon, mappings)? {
        if let Some(units) = holding.in_transfer {
            stock.set_in_transfer(sku.clone(), units);
        }
        stock.set(sku, holding.promisable());
    }
    Ok(stock)
}

/// Finds what the seller SKUs that no mapping names may have been meant as.
pub(super) fn suggestions<'a>(
    session: &Session,
    lines: impl Iterator<Item = &'a LineItem>,
    mappings: &MappingSet,
) -> Result<BTreeMap<SellerSku, Vec<String>>, Error> {
    let unmapped = |line: &LineItem| match resolve(line, mappings) {
        Resolution::NotMapped(missing) => missing.into_iter().filter_map(|missing| missing.seller_sku).collect(),
        Resolution::Mapped(_) | Resolution::Disabled(_) | Resolution::UnusableQuantity(_) => Vec::new(),
    };
    let texts: BTreeSet<SellerSku> = lines
        .filter(|line| line.status == LineStatus::AwaitingShipment)
        .flat_map(unmapped)
        .collect();
    let near = |text: SellerSku| {
        let near = session.store.near_mappings(text.as_str())?;
        Ok((text, near))
    };
    texts.into_iter().take(SUGGESTED_MAX).map(near).collect()
}
