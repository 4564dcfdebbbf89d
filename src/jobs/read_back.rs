//! Reading an order that Amazon accepted: what it means when Amazon shows nothing of it, or does not let us read it.
//!
//! Neither proves that the order is not there: it is told to a person, and never sent again by itself.

use chrono::{DateTime, TimeDelta, Utc};

use super::summary::Touched;
use super::{Error, Session};
use crate::amazon::{self, Amazon};
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::FulfillmentOrder;
use crate::domain::submission::is_past;
use crate::store::Intent;

/// How long an order may be uncertain, or unreadable, before a person hears of it.
pub(super) const ALARM: TimeDelta = TimeDelta::hours(2);

const MISSING: &str = "not_at_amazon";
const DENIED: &str = "read_denied";

/// Reads an accepted order in full. `None` when Amazon shows nothing under its id: that is noted, and flagged when a second look, a
/// grace time after the first, shows nothing either.
pub(super) fn read(session: &Session, amazon: &Amazon, intent: &Intent) -> Result<Option<FulfillmentOrder>, Error> {
    let found = amazon.fulfillment_order(&intent.id, Some(&intent.order));
    if session.is_dry_run {
        return Ok(found?);
    }
    match found {
        Ok(Some(found)) => {
            shown(session, intent)?;
            Ok(Some(found))
        }
        Ok(None) => missing(session, intent).map(|()| None),
        Err(error) => {
            let read_at = intent.looked_at.max(intent.accepted_at);
            tell_denied(session, intent, read_at.unwrap_or(intent.intended_at), &error)?;
            Err(error.into())
        }
    }
}

/// Tells that Amazon denies reading an order for hours, while other calls are answered: else the run would have ended.
pub(super) fn tell_denied(
    session: &Session,
    intent: &Intent,
    since: DateTime<Utc>,
    error: &amazon::Error,
) -> Result<(), Error> {
    if error.kind() != amazon::Kind::AccessDenied || session.now() - since < ALARM {
        return Ok(());
    }
    let message = format!(
        "Amazon denies reading {} for hours: if mcf check amazon is content, its id is at fault; look for it in Seller Central",
        intent.id
    );
    let flag = Flag::new(Reason::McfApiError, DENIED, message, &intent.order).with_command("mcf check amazon");
    session.store.raise_flag(&intent.order, &flag, session.now())?;
    Ok(())
}

fn missing(session: &Session, intent: &Intent) -> Result<(), Error> {
    let (store, now) = (&session.store, session.moment());
    let since = store.note_missing(intent, &now)?;
    if !since.is_some_and(|since| is_past(&now, &since, session.unknown_grace())) {
        return Ok(());
    }
    let message = format!(
        "Amazon accepted {} and shows nothing of it; look for it in Seller Central: if it is not there, route it once more",
        intent.id
    );
    let flag = Flag::new(Reason::McfApiError, MISSING, message, &intent.order);
    store.raise_flag(&intent.order, &flag, now.local)?;
    Ok(())
}

fn shown(session: &Session, intent: &Intent) -> Result<(), Error> {
    let (store, now) = (&session.store, session.now());
    if intent.missing_since.is_some() {
        store.note_shown(&intent.id)?;
    }
    Ok(store.clear_details(&intent.order, &[MISSING, DENIED], now)?)
}

/// Tells whether an order that Amazon accepted was not shown in looks a grace time apart, the last one just now: a person who routes
/// it may have it sent again, under the same id.
pub(super) fn is_surely_missing(session: &Session, intent: &Intent) -> bool {
    let (now, grace) = (session.moment(), session.unknown_grace());
    let since = intent.missing_since.as_ref();
    since.is_some_and(|since| {
        let is_seen_since = intent.looked_at.is_some_and(|at| at >= since.local + grace);
        is_seen_since && is_past(&now, since, grace)
    })
}

/// The row of an order that a read has flagged; `None` where nothing new is flagged.
pub(super) fn news(session: &Session, intent: &Intent, before: &[Flag]) -> Result<Option<Touched>, Error> {
    let flags = session.store.flags(&intent.order)?;
    if flags.iter().all(|flag| before.contains(flag)) {
        return Ok(None);
    }
    let stored = session.store.order(&intent.order)?;
    Ok(stored.map(|stored| Touched {
        fulfillment_order: Some(intent.id.clone()),
        flags,
        ..Touched::new(&intent.order, stored.state)
    }))
}
