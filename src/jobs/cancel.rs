//! Cancellations: a buyer's wish, or TikTok's own decision, against what Amazon already does.
//!
//! TikTok is answered only after Amazon's answer is read: nothing is accepted on hope.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::follow::{follow, too_late};
use super::summary::{Summary, Touched};
use super::{Error, Session};
use crate::amazon::{Amazon, Kind};
use crate::domain::event::Event;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::OrderStatus;
use crate::domain::shop::{Cancellation, CancellationStatus};
use crate::domain::state::{State, Step};
use crate::store::StoredOrder;
use crate::tiktok::{CancellationQuery, Class, Tiktok};

/// TikTok agrees by itself after 24 hours, so that no open request is older than this.
const LOOK_BACK: TimeDelta = TimeDelta::hours(72);

/// More pages than open requests ever fill.
const PAGES_MAX: usize = 1_000;

/// Acts on every open request and on every order that TikTok cancelled by itself. In a dry run nothing is asked or answered.
pub(super) fn act(session: &Session, tiktok: &Tiktok, amazon: &Amazon, summary: &mut Summary) -> Result<(), Error> {
    let requests = match open_requests(tiktok, session.now()) {
        Err(Error::Tiktok(error)) if matches!(error.class(), Class::ScopeMissing | Class::VersionRetired) => {
            summary.notes.push(format!(
                "cancellation requests can't be read, only order flags are: {error}"
            ));
            Vec::new()
        }
        requests => requests?,
    };
    if session.is_dry_run {
        return Ok(());
    }
    for request in &requests {
        session.check_stop()?;
        session.store.note_cancellation(request, session.now())?;
        if let Some(stored) = session.store.order(&request.order_id)? {
            answer(session, tiktok, amazon, request, &stored, summary)?;
        }
    }
    for id in session.store.cancelled_at_tiktok()? {
        session.check_stop()?;
        if let Some(stored) = session.store.order(&id)? {
            stop_at_amazon(session, amazon, &stored, summary)?;
        }
    }
    Ok(())
}

fn open_requests(tiktok: &Tiktok, now: DateTime<Utc>) -> Result<Vec<Cancellation>, Error> {
    let query = CancellationQuery {
        updated_from: Some(now - LOOK_BACK),
        ..CancellationQuery::default()
    };
    let mut requests = Vec::new();
    let mut tokens = HashSet::new();
    let mut page: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let found = tiktok.search_cancellations(&query, page.as_deref())?;
        requests.extend(
            found
                .cancellations
                .into_iter()
                .filter(|request| request.status == CancellationStatus::Pending),
        );
        match found.next {
            None => return Ok(requests),
            Some(next) if !tokens.insert(next.clone()) => break,
            Some(next) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle("TikTok's cancellations"))
}

/// Answers one request as far as the order allows now.
fn answer(
    session: &Session,
    tiktok: &Tiktok,
    amazon: &Amazon,
    request: &Cancellation,
    stored: &StoredOrder,
    summary: &mut Summary,
) -> Result<(), Error> {
    match stored.state {
        State::Detected | State::Waiting | State::Ready | State::Flagged => {
            if session
                .store
                .newest_intent(&stored.order.id)?
                .is_some_and(|intent| intent.may_be_at_amazon())
            {
                return Ok(());
            }
            approve(session, tiktok, request)?;
            close(session, stored, summary, "the buyer cancelled before anything was sent")
        }
        State::Routed => stop_at_amazon(session, amazon, stored, summary),
        State::Cancelling => {
            follow_cancel(session, amazon, &stored.order.id)?;
            approve_when_cancelled(session, tiktok, request, &stored.order.id, summary)
        }
        State::Cancelled => approve(session, tiktok, request),
        State::Shipped => match session.store.newest_intent(&stored.order.id)? {
            Some(intent) => too_late(session, &intent, stored.state),
            None => Ok(()),
        },
        State::Submitting | State::Completed | State::Dismissed | State::NotEligible => Ok(()),
    }
}

fn approve(session: &Session, tiktok: &Tiktok, request: &Cancellation) -> Result<(), Error> {
    let key = format!("mcf-approve-{}", request.id);
    match tiktok.approve_cancellation(&request.order_id, &request.id, &key) {
        Err(error) if error.class() != Class::CancellationSettled => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    session
        .store
        .cancellation_answered(&request.id, "approved", session.now())?;
    let text = "the buyer's cancellation is accepted at TikTok";
    Ok(session
        .store
        .note(&request.order_id, "cancellation", text, session.now())?)
}

fn close(session: &Session, stored: &StoredOrder, summary: &mut Summary, why: &str) -> Result<(), Error> {
    let id = &stored.order.id;
    let event = Event::OrderCancelled {
        order: id.clone(),
        at: session.now(),
    };
    let state = session
        .store
        .step(id, stored.state, Step::Cancel, why, Some(&event), session.now())?;
    summary.touch(Touched::new(id, state).explained(why));
    Ok(())
}

/// Asks Amazon to cancel an order that is not shipped yet, or tells that it is too late.
fn stop_at_amazon(
    session: &Session,
    amazon: &Amazon,
    stored: &StoredOrder,
    summary: &mut Summary,
) -> Result<(), Error> {
    let id = &stored.order.id;
    let Some(intent) = session.store.newest_intent(id)? else {
        return Ok(());
    };
    match stored.state {
        State::Routed if intent.cancel_asked_at.is_none() => {}
        State::Cancelling => return follow_cancel(session, amazon, id),
        State::Shipped if stored.order.status == OrderStatus::Cancelled => {
            return too_late(session, &intent, stored.state);
        }
        _ => return Ok(()),
    }
    session.store.cancel_asked(&intent, session.now())?;
    match amazon.cancel(&intent.id, Some(id)) {
        Ok(()) => follow_cancel(session, amazon, id)?,
        Err(error) if error.kind() == Kind::NotUpdatable || error.kind() == Kind::InvalidInput => {
            follow_cancel(session, amazon, id)?;
            if let Some(now) = session.store.order(id)?.filter(|now| now.state == State::Cancelling) {
                too_late(session, &intent, now.state)?;
            }
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(now) = session.store.order(id)? {
        let touched = Touched {
            fulfillment_order: Some(intent.id.clone()),
            flags: session.store.flags(id)?,
            ..Touched::new(id, now.state)
        };
        summary.touch(touched.explained("Amazon was asked to cancel it"));
    }
    Ok(())
}

fn follow_cancel(session: &Session, amazon: &Amazon, id: &TiktokOrderId) -> Result<(), Error> {
    if let Some(intent) = session.store.newest_intent(id)? {
        follow(session, amazon, &intent)?;
    }
    Ok(())
}

fn approve_when_cancelled(
    session: &Session,
    tiktok: &Tiktok,
    request: &Cancellation,
    id: &TiktokOrderId,
    summary: &mut Summary,
) -> Result<(), Error> {
    match session.store.order(id)? {
        Some(now) if now.state == State::Cancelled => {
            approve(session, tiktok, request)?;
            summary.touch(Touched::new(id, now.state).explained("cancelled on both sides"));
            Ok(())
        }
        Some(_) | None => Ok(()),
    }
}
