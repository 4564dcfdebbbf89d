//! Following one order's life at Amazon: its shipments and its status are stored, and what the status means is done.

use super::fetch::read;
use crate::amazon::Amazon;
use crate::crash;
use crate::domain::cancellation::CancelFacts;
use crate::domain::fulfillment::FulfillmentOrder;
use crate::domain::fulfillment::life::{Facts, has_ended, next};
use crate::domain::order::OrderStatus;
use crate::domain::parcel::NumberRule;
use crate::domain::state::State;
use crate::domain::submission::has_our_items;
use crate::jobs::apply::{Subject, apply};
use crate::jobs::submission::conflict;
use crate::jobs::{Error, Session};
use crate::store::Intent;

/// Reads an accepted order in full and stores what changed. `None` when Amazon shows nothing of ours under the id for now.
///
/// What the status means is acted on before the order counts as ended, so that a run that dies in between is made up for.
pub(in crate::jobs) fn follow(
    session: &Session,
    amazon: &Amazon,
    intent: &Intent,
) -> Result<Option<FulfillmentOrder>, Error> {
    let Some(found) = read(session, amazon, intent)? else {
        return Ok(None);
    };
    if session.is_dry_run() {
        return Ok(Some(found));
    }
    if matches!(&intent.draft, Some(draft) if !found.items.is_empty() && !has_our_items(draft, &found)) {
        contradiction(session, intent)?;
        return Ok(None);
    }
    let (store, now) = (&session.store, session.now());
    crash::point("shipments.read");
    store.store_shipments(intent, &found, number_rule(session), now)?;
    crash::point("shipments.stored");
    store.note_status(intent, &found.status, found.status_updated_at, now)?;
    crash::point("status.stored");
    act_on_status(session, intent, &found)?;
    crash::point("status.acted_on");
    store.note_end(&intent.id, has_ended(&found, number_rule(session)), now)?;
    Ok(Some(found))
}

/// Amazon shows other items under our id than we sent: a person must look, and nothing of it is used.
fn contradiction(session: &Session, intent: &Intent) -> Result<(), Error> {
    let flag = conflict(intent);
    let (store, now) = (&session.store, session.now());
    match store.order(&intent.order)?.map(|stored| stored.state) {
        Some(state @ (State::Routed | State::Cancelling)) => store.contradicted(intent, state, &flag, now)?,
        Some(_) | None => {
            store.raise_flag(&intent.order, &flag, now)?;
        }
    }
    Ok(())
}

/// Amazon's own numbers are for the US, and for whom wants them.
pub(in crate::jobs) fn number_rule(session: &Session) -> NumberRule {
    let settings = &session.settings;
    if settings.tracking.use_aftn && settings.amazon.country() == Some("US") {
        NumberRule::AmazonForSingleItems
    } else {
        NumberRule::Carrier
    }
}

fn act_on_status(session: &Session, intent: &Intent, found: &FulfillmentOrder) -> Result<(), Error> {
    let store = &session.store;
    let Some(stored) = store.order(&intent.order)? else {
        return Ok(());
    };
    if store.is_followed_up(intent)? {
        return Ok(());
    }
    let facts = Facts {
        found,
        is_rest: intent.is_rest,
        accepted_at: intent.accepted_at.unwrap_or(intent.intended_at),
        features: intent.draft.as_ref().map_or(&[], |draft| &draft.features),
        numbers: number_rule(session),
        cancel: CancelFacts {
            order: &intent.order,
            fulfillment_order: &intent.id,
            state: stored.state,
            is_cancelled_at_tiktok: stored.order.status == OrderStatus::Cancelled,
            is_marked: stored.order.cancel_requested,
            has_open_request: store.has_open_cancellation(&intent.order)?,
            has_request: store.has_cancellation(&intent.order)?,
            asked_at: intent.cancel_asked_at,
        },
    };
    let subject = Subject {
        order: &intent.order,
        state: stored.state,
        fulfillment_order: Some(&intent.id),
    };
    apply(session, &subject, &next(&facts, session.now()))?;
    Ok(())
}
