//! Comparing the addresses of orders under way with those that were sent.

use super::apply::{Subject, apply};
use super::summary::Summary;
use super::{Error, Session};
use crate::domain::address_change::next;
use crate::domain::effect::Effect;
use crate::domain::order::Order;
use crate::domain::state::State;

/// Tells whether the list call's view of an order gives reason to read its details: it may show less of the address than they do.
pub(super) fn may_have_changed(session: &Session, order: &Order) -> Result<bool, Error> {
    Ok(matches!(compare(session, order)?, Some((_, Effect::Raise(_)))))
}

/// Compares the address of an order that is sent and not shipped with the one in its details, and tells a person of another one.
pub(super) fn tell(session: &Session, order: &Order) -> Result<(), Error> {
    if let Some((state, effect)) = compare(session, order)? {
        let subject = Subject {
            order: &order.id,
            state,
            fulfillment_order: None,
        };
        apply(session, &subject, &[effect], &mut Summary::default())?;
    }
    Ok(())
}

/// `None` where the order is not on its way between the two, or what was sent is erased.
fn compare(session: &Session, order: &Order) -> Result<Option<(State, Effect)>, Error> {
    let Some(state @ (State::Submitting | State::Routed | State::Cancelling)) = session.store.state(&order.id)? else {
        return Ok(None);
    };
    let sent = session.store.newest_intent(&order.id)?.and_then(|intent| intent.draft);
    let sent = sent.and_then(|draft| draft.destination.expose().clone());
    Ok(sent.map(|sent| (state, next(&sent, order, &session.rules().address))))
}
