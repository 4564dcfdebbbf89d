//! What the desk loads before it decides: the orders as TikTok shows them now, and Amazon's stock figures.

use chrono::{DateTime, Utc};

use super::Candidate;
use crate::amazon::Amazon;
use crate::domain::decision::{Rules, Stock};
use crate::domain::eligibility::{Eligibility, judge};
use crate::domain::ids::TiktokOrderId;
use crate::domain::mapping::MappingSet;
use crate::domain::order::{LineItem, Order};
use crate::domain::state::{State, Step};
use crate::jobs::intake::unread_flag;
use crate::jobs::stock::holdings;
use crate::jobs::summary::{Summary, Touched, Troubles};
use crate::jobs::{Error, Session};
use crate::store::Decided;
use crate::tiktok::{Tiktok, UnreadableOrder};

/// Reads the orders in full and stores what TikTok says now; the nearest deadline comes first.
pub(super) fn candidates(
    session: &Session,
    tiktok: &Tiktok,
    ids: &[TiktokOrderId],
    summary: &mut Summary,
) -> Result<Vec<Candidate>, Error> {
    let found = tiktok.orders(ids)?;
    for unreadable in &found.unreadable {
        flag_unread(session, unreadable, summary)?;
    }
    for id in ids.iter().filter(|id| !found.is_about(id)) {
        flag_unread(session, &left_out(id), summary)?;
    }
    let read = found.orders.into_iter().map(|order| candidate(session, order));
    let mut candidates = read.collect::<Result<Vec<_>, _>>()?;
    candidates.sort_by_key(|candidate| (candidate.order.due_at(), candidate.order.times.created_at));
    Ok(candidates)
}

fn candidate(session: &Session, order: Order) -> Result<Candidate, Error> {
    let store = &session.store;
    if !session.is_dry_run {
        store.take_in_detail(&order, session.now())?;
    }
    let stored = store.order(&order.id)?;
    Ok(Candidate {
        state: stored.as_ref().map_or(State::Detected, |stored| stored.state),
        detail: stored.and_then(|stored| stored.state_detail),
        flags: store.flags(&order.id)?,
        order,
    })
}

/// Returns the units of the orders whose time has come; the others need neither mapping nor stock.
pub(super) fn lines_to_send<'a>(candidates: &'a [Candidate], rules: &Rules, now: DateTime<Utc>) -> Vec<&'a LineItem> {
    let orders = candidates.iter().map(|candidate| &candidate.order);
    let may_go = |order: &&Order| judge(order, &rules.eligibility, now) == Eligibility::Route;
    orders.filter(may_go).flat_map(|order| &order.line_items).collect()
}

/// Flags an order whose details can't be used. Its other flags stay, for nothing is known about them.
///
/// An order that is not known yet, but that TikTok showed in some form, becomes known by it.
pub(super) fn flag_unread(session: &Session, unreadable: &UnreadableOrder, summary: &mut Summary) -> Result<(), Error> {
    let Some(id) = &unreadable.id else {
        let note = format!("TikTok gave an order that can't be read: {}", unreadable.why);
        summary.notes.push(note);
        return Ok(());
    };
    if !session.is_dry_run && !unreadable.is_refused {
        session.store.take_in_unread(std::slice::from_ref(id), session.now())?;
    }
    let state = session.store.order(id)?.map(|stored| stored.state);
    let is_unknown = state.is_none() && unreadable.is_refused;
    if is_unknown || !state.unwrap_or(State::Detected).is_undecided() {
        return Ok(());
    }
    let flag = unread_flag(id, unreadable);
    let mut flags = session.store.flags(id)?;
    let is_news = !flags.iter().any(|known| known.detail == flag.detail);
    flags.retain(|known| known.detail != flag.detail);
    flags.push(flag.clone());
    if let Some(from) = state.filter(|_| !session.is_dry_run) {
        let decided = Decided {
            from,
            step: Step::Flag,
            detail: None,
            next_attempt_at: None,
            explanation: flag.message,
            flags: flags.clone(),
        };
        session.store.decide(id, &decided, session.now())?;
    }
    if is_news {
        summary.touch(Touched {
            flags,
            ..Touched::new(id, State::Flagged)
        });
    }
    Ok(())
}

/// What is said of an order that TikTok's answer leaves out although it was asked for.
pub(super) fn left_out(id: &TiktokOrderId) -> UnreadableOrder {
    UnreadableOrder {
        id: Some(id.clone()),
        why: "its answer leaves the order out".to_owned(),
        is_refused: true,
    }
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
    troubles: &mut Troubles,
) -> Result<Option<Stock>, Error> {
    match read_stock(session, amazon, mappings) {
        Ok(stock) => Ok(Some(stock)),
        Err(error) => troubles.bound(Err(error)).map(|()| None),
    }
}
