//! What a run would make of the wishes to cancel: the same plan, with nothing asked, answered or stored.

use std::collections::BTreeSet;

use super::search::Requests;
use super::{Doubts, Heeded, is_partial, is_the_sellers, wishes};
use crate::domain::ids::TiktokOrderId;
use crate::domain::shop::{Cancellation, CancellationStatus};
use crate::domain::state::State;
use crate::jobs::summary::{Summary, Touched};
use crate::jobs::{Error, Session};

/// Shows which orders Amazon would be asked to cancel. What was not sent yet is shown where it is decided.
pub(super) fn heed(
    session: &Session,
    requests: Requests,
    doubts: Doubts,
    summary: &mut Summary,
) -> Result<Heeded, Error> {
    let mut to_stop: BTreeSet<TiktokOrderId> = session.store.cancelled_at_tiktok()?.into_iter().collect();
    for request in &requests.readable {
        let is_open = request.status == CancellationStatus::Pending && !session.store.is_answered(&request.id)?;
        if is_open && (is_the_sellers(request) || !leaves_some(session, request)?) {
            to_stop.insert(request.order_id.clone());
        }
    }
    for id in to_stop {
        show(session, &id, summary)?;
    }
    let wishes = wishes(session, requests.readable)?;
    Ok(Heeded {
        doubts,
        wishes,
        ..Heeded::default()
    })
}

fn leaves_some(session: &Session, request: &Cancellation) -> Result<bool, Error> {
    let stored = session.store.order(&request.order_id)?;
    Ok(stored.is_some_and(|stored| is_partial(request, &stored.order)))
}

fn show(session: &Session, id: &TiktokOrderId, summary: &mut Summary) -> Result<(), Error> {
    let Some(intent) = session.store.newest_intent(id)? else {
        return Ok(());
    };
    if intent.cancel_asked_at.is_none() && session.store.state(id)? == Some(State::Routed) {
        let why = format!("Amazon is asked to cancel {}", intent.id);
        let touched = Touched {
            fulfillment_order: Some(intent.id),
            ..Touched::new(id, State::Cancelling)
        };
        summary.touch(touched.explained(why));
    }
    Ok(())
}
