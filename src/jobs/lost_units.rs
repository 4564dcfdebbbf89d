//! Telling a person of units that TikTok cancelled after they were sent, at the end of each run that may have learnt of one.

use super::summary::{Summary, Touched};
use super::{Error, Session};
use crate::domain::flag::Detail;
use crate::domain::part_cancellation::{Facts, next};

/// Raises what the rule says of each order, and clears what stands no longer.
pub(super) fn tell(session: &Session, summary: &mut Summary) -> Result<(), Error> {
    let Some(store) = session.to_change() else {
        return Ok(());
    };
    let found = store.part_cancelled()?;
    let mut still_on_its_way = Vec::new();
    for facts in &found {
        if tell_one(session, facts, summary)? {
            still_on_its_way.push(&facts.order);
        }
    }
    Ok(store.clear_elsewhere(Detail::PartCancelled, &still_on_its_way, session.now())?)
}

/// Returns whether a part is still on its way.
fn tell_one(session: &Session, facts: &Facts, summary: &mut Summary) -> Result<bool, Error> {
    let (store, id, now) = (&session.store, &facts.order, session.now());
    let flags = next(facts);
    let mut is_news = false;
    for flag in &flags {
        is_news |= store.raise_flag(id, flag, now)?;
    }
    if is_news && let Some(state) = store.state(id)? {
        summary.count("flagged");
        summary.touch(Touched {
            fulfillment_order: Some(facts.fulfillment_order.clone()),
            flags: store.flags(id)?,
            ..Touched::new(id, state)
        });
    }
    Ok(flags.iter().any(|flag| flag.detail == Detail::PartCancelled))
}
