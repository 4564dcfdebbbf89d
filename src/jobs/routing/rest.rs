//! `mcf route <ORDER_ID> --rest`: what Amazon left out of an order goes once more, under the next id.

use super::never_shown::retract_if_missing;
use crate::amazon::Amazon;
use crate::domain::fulfillment::{FulfillmentOrder, RestFacts};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::routing::{Route, route_rest};
use crate::domain::state::State;
use crate::domain::submission::{AskedBy, DoorFacts, Outcome, Pass, Shut, open};
use crate::jobs::fulfillment::follow;
use crate::jobs::submission::{Body, door_facts, note_outcome, submit};
use crate::jobs::summary::{Finished, Plan, Touched, Work};
use crate::jobs::{Error, Session};
use crate::store::Intent;
use crate::tiktok::Tiktok;

const ERASED: &str = "what was sent is erased";

/// Reads what Amazon left out and what TikTok wants now, and sends the one as far as the other goes. `in_words` says who asks for it,
/// and why.
///
/// # Errors
/// When there is nothing to send, or Amazon still works on the order.
pub(super) fn run(
    session: &Session,
    vendors: (&Tiktok, &Amazon),
    id: &TiktokOrderId,
    in_words: &str,
) -> Result<Finished, Error> {
    let finished = judge_and_send(session, vendors, id, in_words);
    vendors.1.give_back_turn_to_create(id);
    finished
}

fn judge_and_send(
    session: &Session,
    (tiktok, amazon): (&Tiktok, &Amazon),
    id: &TiktokOrderId,
    in_words: &str,
) -> Result<Finished, Error> {
    let newest = newest(session, amazon, id)?;
    let at_amazon = session.store.intents_at_amazon(id)?.into_iter();
    let is_given_up = |intent: &Intent| {
        newest
            .as_ref()
            .is_some_and(|newest| newest.id == intent.id && newest.outcome == Outcome::NotSent)
    };
    let sent = at_amazon.rev().find(|intent| !is_given_up(intent));
    let sent = sent.ok_or_else(|| refused(id, "Amazon has nothing of it"))?;
    let found = follow(session, amazon, &sent)?;
    let found = found.ok_or_else(|| refused(id, &format!("Amazon shows nothing of {}", sent.id)))?;
    let state = state_by(session, id, &found)?;
    if !matches!(state, State::Shipped | State::Completed) {
        let status = &found.status;
        let why = format!(
            "it is {state} (Amazon: {status}); a rest is what Amazon left out of an order that it shipped in part"
        );
        return Err(refused(id, &why));
    }
    let pass = permit(&sent, newest.as_ref())?;
    if !session.is_dry_run() {
        amazon.wait_turn_to_create(id)?;
    }
    let order = last_look(session, tiktok, id)?;
    let facts = RestFacts {
        found: &found,
        units: &session.store.item_units(&sent.id)?,
        travelled: &session.store.travelled_units(id)?,
        order: &order,
    };
    let draft = sent.draft.as_ref().ok_or_else(|| refused(id, ERASED))?;
    let route = route_rest(&facts, draft, pass.generation(), &session.rules(), session.now());
    let route = route.map_err(|why| refused(id, &why))?;
    send(session, amazon, &route, (pass, state), in_words)
}

/// Sends it, or shows what would be sent.
fn send(
    session: &Session,
    amazon: &Amazon,
    route: &Route,
    (pass, state): (Pass, State),
    in_words: &str,
) -> Result<Finished, Error> {
    let id = &route.draft.displayable_id;
    let mut work = Work::default();
    let Some(store) = session.writable_store() else {
        work.summary.touch(Touched {
            fulfillment_order: Some(route.draft.id.clone()),
            plan: Some(Plan::of(&route.draft)),
            explanation: route.explanation.clone(),
            ..Touched::new(id, State::Ready)
        });
        return Ok(work.finish());
    };
    let body = Body::of(route).ok_or_else(|| refused(id, ERASED))?;
    store.note_reason(id, &format!("the rest is {in_words}"), session.now())?;
    let outcome = submit(session, amazon, route, &body, (pass, Some(state)))?;
    if let Err(error) = note_outcome(session, id, outcome, &mut work) {
        work.note(error);
    }
    Ok(work.finish())
}

fn refused(id: &TiktokOrderId, why: &str) -> Error {
    Error::NotAccepted {
        order: id.clone(),
        why: why.to_owned(),
    }
}

/// The newest create of the order. A rest that Amazon accepted and never showed is given up first: the person has looked for it.
fn newest(session: &Session, amazon: &Amazon, id: &TiktokOrderId) -> Result<Option<Intent>, Error> {
    let rest = match session.store.newest_intent(id)? {
        Some(newest) if newest.is_rest && newest.outcome == Outcome::Accepted => newest,
        newest => return Ok(newest),
    };
    let is_shown = follow(session, amazon, &rest)?.is_some();
    if is_shown || !retract_if_missing(session, &rest.id)? {
        return Ok(Some(rest));
    }
    Ok(Some(Intent {
        outcome: Outcome::NotSent,
        ..rest
    }))
}

/// Where the order stands. A dry run keeps nothing of what Amazon has just shown, and goes by it all the same.
fn state_by(session: &Session, id: &TiktokOrderId, found: &FulfillmentOrder) -> Result<State, Error> {
    let state = session.store.state(id)?.unwrap_or(State::Detected);
    let has_left = session.is_dry_run() && state == State::Routed && found.is_partly_shipped();
    Ok(if has_left { State::Shipped } else { state })
}

/// The permit to send what Amazon left out of what it has. A newer create that may be there shuts the door.
fn permit(sent: &Intent, newest: Option<&Intent>) -> Result<Pass, Error> {
    let is_failed = |newest: &Intent| newest.is_rest && matches!(newest.outcome, Outcome::NotSent | Outcome::Refused);
    let facts = DoorFacts {
        has_rest: newest.is_some_and(|newest| newest.id == sent.id || is_failed(newest)),
        ..door_facts(newest, AskedBy::Person)
    };
    open(&facts).map_err(|shut| refused(&sent.order, in_words(shut)))
}

fn in_words(shut: Shut) -> &'static str {
    match shut {
        Shut::NotCertain => "it is not certain whether Amazon has its rest; it is looked for first",
        Shut::OtherContents => "Amazon has the id of its rest with other contents",
        _ => "its rest is at Amazon already",
    }
}

/// The order as TikTok shows it right before the create.
fn last_look(session: &Session, tiktok: &Tiktok, id: &TiktokOrderId) -> Result<Order, Error> {
    let found = tiktok.orders(std::slice::from_ref(id))?;
    let order = found.orders.into_iter().find(|order| order.id == *id);
    let order = order.ok_or_else(|| Error::OrderNotFound(id.clone()))?;
    if let Some(store) = session.writable_store() {
        store.take_in_detail(&order, session.now())?;
    }
    Ok(order)
}
