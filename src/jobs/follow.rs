//! Following one order's life at Amazon: its status, its shipments, and what either means for us.

use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::{FulfillmentOrder, FulfillmentStatus};
use crate::domain::parcel::{NumberRule, parcels};
use crate::domain::state::{State, Step};
use crate::store::Intent;

/// Reads an accepted order in full and stores what changed. `None` when Amazon shows nothing under the id for now.
pub(super) fn follow(session: &Session, amazon: &Amazon, intent: &Intent) -> Result<Option<FulfillmentOrder>, Error> {
    let Some(found) = amazon.fulfillment_order(&intent.id, Some(&intent.order))? else {
        return Ok(None);
    };
    if !session.is_dry_run {
        session
            .store
            .store_shipments(intent, &found, number_rule(session), session.now())?;
        act_on_status(session, intent, &found)?;
        session.store.note_status(
            intent,
            &found.status,
            found.status_updated_at,
            has_ended(&found, number_rule(session)),
            session.now(),
        )?;
    }
    Ok(Some(found))
}

/// Amazon's own numbers are for the US, and for whom wants them.
pub(super) fn number_rule(session: &Session) -> NumberRule {
    let settings = &session.settings;
    if settings.tracking.use_aftn && settings.amazon.country() == Some("US") {
        NumberRule::AmazonForSingleItems
    } else {
        NumberRule::Carrier
    }
}

/// A complete order whose parcels still lack a number will change once more.
fn has_ended(found: &FulfillmentOrder, rule: NumberRule) -> bool {
    let parcels = parcels(found, rule);
    match found.status {
        FulfillmentStatus::Complete | FulfillmentStatus::CompletePartialled => {
            !parcels.is_empty() && parcels.iter().all(|parcel| parcel.tracking_number.is_some())
        }
        FulfillmentStatus::Cancelled | FulfillmentStatus::Unfulfillable | FulfillmentStatus::Invalid => true,
        FulfillmentStatus::New
        | FulfillmentStatus::Received
        | FulfillmentStatus::Planning
        | FulfillmentStatus::Processing
        | FulfillmentStatus::Other(_) => false,
    }
}

fn act_on_status(session: &Session, intent: &Intent, found: &FulfillmentOrder) -> Result<(), Error> {
    let Some(stored) = session.store.order(&intent.order)? else {
        return Ok(());
    };
    match &found.status {
        FulfillmentStatus::Cancelled => cancelled(session, intent, stored.state),
        FulfillmentStatus::Invalid => ended_badly(session, intent, stored.state, "invalid", "found the order invalid"),
        FulfillmentStatus::Unfulfillable => ended_badly(
            session,
            intent,
            stored.state,
            "unfulfillable",
            "can't fulfill the order",
        ),
        FulfillmentStatus::CompletePartialled => {
            let message =
                "Amazon shipped a part of the order and will not ship the rest; cancel or refund the rest at TikTok";
            let flag = Flag::new(Reason::McfApiError, "partly_shipped", message, &intent.order)
                .with_command(format!("mcf status {}", intent.order));
            session.store.raise_flag(&intent.order, &flag, session.now())?;
            Ok(())
        }
        FulfillmentStatus::Other(word) => {
            let message = format!("Amazon's status {word:?} is not known to this program");
            let flag = Flag::new(Reason::McfApiError, "unknown_status", message, &intent.order)
                .with_command(format!("mcf status {}", intent.order));
            session.store.raise_flag(&intent.order, &flag, session.now())?;
            Ok(())
        }
        FulfillmentStatus::Processing if stored.state == State::Cancelling => too_late(session, intent, stored.state),
        FulfillmentStatus::Complete if stored.state == State::Cancelling => too_late(session, intent, stored.state),
        FulfillmentStatus::New
        | FulfillmentStatus::Received
        | FulfillmentStatus::Planning
        | FulfillmentStatus::Processing
        | FulfillmentStatus::Complete => Ok(()),
    }
}

/// A cancel that we asked for ends the order; one that somebody else made leaves TikTok's side open.
fn cancelled(session: &Session, intent: &Intent, state: State) -> Result<(), Error> {
    match state {
        State::Cancelling => {
            let event = Event::OrderCancelled {
                order: intent.order.clone(),
                at: session.now(),
            };
            let why = format!("Amazon cancelled {}", intent.id);
            session
                .store
                .step(&intent.order, state, Step::Cancel, &why, Some(&event), session.now())?;
            Ok(())
        }
        State::Routed => ended_badly(
            session,
            intent,
            state,
            "cancelled_at_amazon",
            "cancelled the order, not at our request",
        ),
        _ => Ok(()),
    }
}

fn ended_badly(session: &Session, intent: &Intent, state: State, detail: &str, what: &str) -> Result<(), Error> {
    let message = format!("Amazon {what}; TikTok still waits for it");
    let flag = Flag::new(Reason::McfApiError, detail, message.as_str(), &intent.order);
    if matches!(state, State::Routed | State::Cancelling) {
        session
            .store
            .step(&intent.order, state, Step::Flag, &message, None, session.now())?;
    }
    session.store.raise_flag(&intent.order, &flag, session.now())?;
    Ok(())
}

/// Amazon went on although it was asked to cancel.
pub(super) fn too_late(session: &Session, intent: &Intent, state: State) -> Result<(), Error> {
    let message = "the buyer wants to cancel, but Amazon is already shipping it; answer the buyer at TikTok";
    let flag = Flag::new(
        Reason::CancellationConflict,
        "amazon_is_shipping",
        message,
        &intent.order,
    )
    .with_command(format!("mcf status {}", intent.order));
    if state == State::Cancelling {
        session
            .store
            .step(&intent.order, state, Step::RefuseCancel, message, None, session.now())?;
    }
    session.store.raise_flag(&intent.order, &flag, session.now())?;
    Ok(())
}
