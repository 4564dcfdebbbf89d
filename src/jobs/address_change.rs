//! Comparing the addresses of orders under way with those that were sent.

use super::apply::{Subject, apply};
use super::{Error, Session};
use crate::domain::address_change::next;
use crate::domain::effect::Effect;
use crate::domain::flag::{Detail, Flag};
use crate::domain::order::Order;
use crate::domain::state::State;
use crate::store::Intent;

/// Tells whether the list call's view of an order gives reason to read its details: it may show less of the address than they do. What
/// was told and is over is a reason, too.
pub(super) fn may_have_changed(session: &Session, order: &Order) -> Result<bool, Error> {
    let Some((_, effect)) = compare(session, order)? else {
        return Ok(false);
    };
    let is_told = |flag: &Flag| flag.detail == Detail::AddressChangedAfterCreate;
    Ok(matches!(effect, Effect::Raise(_)) || session.store.flags(&order.id)?.iter().any(is_told))
}

/// Compares the address of an order that is sent and not shipped, or of its rest, with the one in its details, and tells a person of another one.
pub(super) fn tell(session: &Session, order: &Order) -> Result<(), Error> {
    if let Some((state, effect)) = compare(session, order)? {
        let subject = Subject {
            order: &order.id,
            state,
            fulfillment_order: None,
        };
        apply(session, &subject, &[effect])?;
    }
    Ok(())
}

/// `None` where the order is not on its way between the two, or what was sent is erased.
fn compare(session: &Session, order: &Order) -> Result<Option<(State, Effect)>, Error> {
    let Some(state) = session.store.state(&order.id)? else {
        return Ok(None);
    };
    let newest = session.store.newest_intent(&order.id)?;
    let Some(newest) = newest.filter(|newest| may_be_stopped(state, newest)) else {
        return Ok(None);
    };
    let is_rest = newest.is_rest;
    let sent = newest.draft.and_then(|draft| draft.destination.expose().clone());
    Ok(sent.map(|sent| (state, next(&sent, order, is_rest, &session.rules().address))))
}

/// Tells whether a person can still keep what was sent from going to the old address. Of an order of which a part left, that is the rest.
fn may_be_stopped(state: State, newest: &Intent) -> bool {
    match state {
        State::Submitting | State::Routed | State::Cancelling => true,
        State::Shipped => newest.is_rest && newest.is_under_way(),
        State::Detected
        | State::Waiting
        | State::Ready
        | State::Completed
        | State::Flagged
        | State::Cancelled
        | State::Dismissed
        | State::NotEligible => false,
    }
}
