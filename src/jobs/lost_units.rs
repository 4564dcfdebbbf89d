//! Telling a person of units that TikTok cancelled after they were sent, at the end of each run that may have learnt of one.

use chrono::{DateTime, Utc};

use super::summary::{Summary, Touched};
use super::{Error, Session};
use crate::domain::flag::{Detail, Flag};
use crate::domain::part_cancellation::{Facts, next};
use crate::store::Store;

/// Raises what the rule says of each order, and clears what stands no longer.
pub(super) fn tell(session: &Session) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    let Some(store) = session.writable_store() else {
        return Ok(summary);
    };
    let (found, now) = (store.part_cancelled()?, session.now());
    let mut still_on_its_way = Vec::new();
    for facts in &found {
        let flags = next(facts);
        if let Some(touched) = raise(store, facts, &flags, now)? {
            summary.count("flagged");
            summary.touch(touched);
        }
        if flags.iter().any(|flag| flag.detail == Detail::PartCancelled) {
            still_on_its_way.push(&facts.order);
        }
    }
    store.clear_elsewhere(Detail::PartCancelled, &still_on_its_way, now)?;
    Ok(summary)
}

/// Returns the order's row where one of the flags is new.
fn raise(store: &Store, facts: &Facts, flags: &[Flag], now: DateTime<Utc>) -> Result<Option<Touched>, Error> {
    let id = &facts.order;
    let mut is_news = false;
    for flag in flags {
        is_news |= store.raise_flag(id, flag, now)?;
    }
    let Some(state) = store.state(id)?.filter(|_| is_news) else {
        return Ok(None);
    };
    Ok(Some(Touched {
        fulfillment_order: Some(facts.fulfillment_order.clone()),
        flags: store.flags(id)?,
        ..Touched::new(id, state)
    }))
}
