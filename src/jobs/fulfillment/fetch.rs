//! Reading an order that Amazon accepted: what it means when Amazon shows nothing of it, or does not let us read it.
//!
//! Neither proves that the order is not there: it is told to a person, and never sent again by itself.

use crate::amazon::{self, Amazon};
use crate::domain::flag::{Detail, Flag};
use crate::domain::fulfillment::{FulfillmentOrder, not_shown};
use crate::domain::submission::{Absence, read_denied};
use crate::jobs::summary::Touched;
use crate::jobs::{Error, Session};
use crate::store::Intent;

/// Reads an accepted order in full. `None` when Amazon shows nothing under its id: that is noted, and flagged when a second look, a
/// grace time after the first, shows nothing either.
pub(super) fn read(session: &Session, amazon: &Amazon, intent: &Intent) -> Result<Option<FulfillmentOrder>, Error> {
    let found = amazon.fulfillment_order(&intent.id, Some(&intent.order));
    if session.is_dry_run() {
        return Ok(found?);
    }
    match found {
        Ok(Some(found)) => {
            shown(session, intent)?;
            Ok(Some(found))
        }
        Ok(None) => missing(session, intent).map(|()| None),
        Err(error) => {
            tell_denied(session, intent, &error)?;
            Err(error.into())
        }
    }
}

/// Tells that Amazon denies reading an order for hours.
fn tell_denied(session: &Session, intent: &Intent, error: &amazon::Error) -> Result<(), Error> {
    let read_at = intent.looked_at.max(intent.accepted_at).unwrap_or(intent.intended_at);
    let flag = read_denied(&intent.id, &intent.order, read_at, session.now());
    if let Some(flag) = flag.filter(|_| error.kind() == amazon::Kind::AccessDenied) {
        session.store.raise_flag(&intent.order, &flag, session.now())?;
    }
    Ok(())
}

fn missing(session: &Session, intent: &Intent) -> Result<(), Error> {
    let (store, now) = (&session.store, session.moment());
    let since = store.note_missing(intent, &now)?;
    if Absence::at(&now, since.as_ref(), session.unknown_grace()) == Absence::Short {
        return Ok(());
    }
    let flag = not_shown(&intent.id, &intent.order, intent.is_rest);
    store.raise_flag(&intent.order, &flag, now.local)?;
    Ok(())
}

fn shown(session: &Session, intent: &Intent) -> Result<(), Error> {
    let (store, now) = (&session.store, session.now());
    if intent.missing_since.is_some() {
        store.note_shown(&intent.id)?;
    }
    Ok(store.clear_details(&intent.order, &[Detail::NotAtAmazon, Detail::ReadDenied], now)?)
}

/// The row of an order that a read has flagged; `None` where nothing new is flagged.
pub(in crate::jobs) fn news(session: &Session, intent: &Intent, before: &[Flag]) -> Result<Option<Touched>, Error> {
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
