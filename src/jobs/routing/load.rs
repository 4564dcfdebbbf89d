//! What a batch loads before its orders are decided: the orders as TikTok shows them now, and Amazon's stock figures.

use super::unread::{flag_unread, left_out};
use crate::amazon::Amazon;
use crate::domain::deadline::due_at;
use crate::domain::flag::Flag;
use crate::domain::ids::TiktokOrderId;
use crate::domain::mapping::MappingSet;
use crate::domain::order::Order;
use crate::domain::routing::Stock;
use crate::domain::state::State;
use crate::jobs::stock::holdings;
use crate::jobs::summary::Work;
use crate::jobs::{Error, Session};
use crate::tiktok::Tiktok;

/// An order to decide, with what is known about it.
#[derive(Debug, Clone)]
pub(in crate::jobs) struct Candidate {
    pub(super) order: Order,
    pub(super) state: State,
    pub(super) detail: Option<String>,
    pub(super) flags: Vec<Flag>,
}

/// Reads the orders in full and stores what TikTok says now; the nearest deadline comes first.
pub(super) fn candidates(
    session: &Session,
    tiktok: &Tiktok,
    ids: &[TiktokOrderId],
    work: &mut Work,
) -> Result<Vec<Candidate>, Error> {
    let found = tiktok.orders(ids)?;
    for unreadable in &found.unreadable {
        flag_unread(session, unreadable, work)?;
    }
    for id in ids.iter().filter(|id| !found.is_about(id)) {
        flag_unread(session, &left_out(id), work)?;
    }
    let read = found.orders.into_iter().map(|order| candidate(session, order));
    let mut candidates = read.collect::<Result<Vec<_>, _>>()?;
    candidates.sort_by_key(|Candidate { order, .. }| (due_at(&order.deadlines, &order.times), order.times.created_at));
    Ok(candidates)
}

fn candidate(session: &Session, order: Order) -> Result<Candidate, Error> {
    if let Some(store) = session.writable_store() {
        store.take_in_detail(&order, session.now())?;
    }
    let stored = session.store.order(&order.id)?;
    Ok(Candidate {
        state: stored.as_ref().map_or(State::Detected, |stored| stored.state),
        detail: stored.and_then(|stored| stored.state_detail),
        flags: session.store.flags(&order.id)?,
        order,
    })
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

/// `None` where the figures can't be read: what needs none is still decided, unless no order would fare better.
pub(super) fn stock_unless_in_trouble(
    session: &Session,
    amazon: &Amazon,
    mappings: &MappingSet,
    work: &mut Work,
) -> Result<Option<Stock>, Error> {
    match read_stock(session, amazon, mappings) {
        Ok(stock) => Ok(Some(stock)),
        Err(error) => work.go_on_after(Err(error)).map(|()| None),
    }
}
