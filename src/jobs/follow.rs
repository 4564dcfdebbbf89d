//! Following one order's life at Amazon: its status, its shipments, and what either means for us.

use chrono::TimeDelta;

use super::read_back;
use super::submission::conflict;
use super::summary::Troubles;
use super::wish::{self, too_late, watch_cancelling};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::crash;
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::{FulfillmentOrder, FulfillmentStatus};
use crate::domain::parcel::{FoundParcel, NumberRule, parcels};
use crate::domain::state::{State, Step};
use crate::domain::submission::has_our_items;
use crate::store::{Intent, StoredOrder};

/// From this age on an order that Amazon does not pick is told to a person.
const PLANNING_MAX: TimeDelta = TimeDelta::hours(24);

/// Amazon cancels an order that it holds on day 14; a day before, it is told once more.
const HELD_MAX: TimeDelta = TimeDelta::days(13);

const STUCK: &str = "stuck_in_planning";
const HELD: &str = "ends_on_day_14";
const PARTLY: &str = "partly_shipped";
const UNKNOWN: &str = "unknown_status";

/// Reads an accepted order in full and stores what changed. `None` when Amazon shows nothing of ours under the id for now.
///
/// What the status means is acted on before the order counts as ended, so that a run that dies in between is made up for.
pub(super) fn follow(session: &Session, amazon: &Amazon, intent: &Intent) -> Result<Option<FulfillmentOrder>, Error> {
    let Some(found) = read_back::read(session, amazon, intent)? else {
        return Ok(None);
    };
    if session.is_dry_run {
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
pub(super) fn number_rule(session: &Session) -> NumberRule {
    let settings = &session.settings;
    if settings.tracking.use_aftn && settings.amazon.country() == Some("US") {
        NumberRule::AmazonForSingleItems
    } else {
        NumberRule::Carrier
    }
}

/// A complete order whose parcels still lack a number, or of whose parcels it is not said what is in them, will change once more.
fn has_ended(found: &FulfillmentOrder, rule: NumberRule) -> bool {
    let parcels = parcels(found, rule);
    let is_whole = |parcel: &FoundParcel| parcel.tracking_number.is_some() && !parcel.contents.is_empty();
    match found.status {
        FulfillmentStatus::Complete | FulfillmentStatus::CompletePartialled => {
            !parcels.is_empty() && parcels.iter().all(is_whole)
        }
        FulfillmentStatus::Cancelled | FulfillmentStatus::Unfulfillable | FulfillmentStatus::Invalid => {
            let mut left = parcels.iter().filter(|parcel| parcel.has_left);
            left.all(is_whole)
        }
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
    if has_ended(found, number_rule(session)) {
        clear_stuck(session, intent)?;
    }
    if !matches!(found.status, FulfillmentStatus::Other(_)) {
        session.store.clear_details(&intent.order, &[UNKNOWN], session.now())?;
    }
    match &found.status {
        FulfillmentStatus::Cancelled if found.is_partly_shipped() => {
            the_rest_stays_away(session, intent, &stored, found)
        }
        FulfillmentStatus::Cancelled => cancelled(session, intent, &stored),
        FulfillmentStatus::Invalid => ended_badly(session, intent, stored.state, "invalid", "found the order invalid"),
        FulfillmentStatus::Unfulfillable if found.is_partly_shipped() => {
            the_rest_stays_away(session, intent, &stored, found)
        }
        FulfillmentStatus::Unfulfillable => ended_badly(
            session,
            intent,
            stored.state,
            "unfulfillable",
            "can't fulfill the order",
        ),
        FulfillmentStatus::CompletePartialled => the_rest_stays_away(session, intent, &stored, found),
        FulfillmentStatus::Complete if !found.units_that_stay_away().is_empty() => {
            the_rest_stays_away(session, intent, &stored, found)
        }
        FulfillmentStatus::Other(word) => {
            let message = format!("Amazon's status {word:?} is not known to this program");
            let flag = Flag::new(Reason::McfApiError, UNKNOWN, message, &intent.order)
                .with_command(format!("mcf status {}", intent.order));
            session.store.raise_flag(&intent.order, &flag, session.now())?;
            Ok(())
        }
        FulfillmentStatus::Processing | FulfillmentStatus::Complete => {
            // Also where Amazon goes on after all with what it had ended.
            let over = [STUCK, HELD, PARTLY];
            session.store.clear_details(&intent.order, &over, session.now())?;
            match stored.state {
                State::Cancelling => too_late(session, intent, &stored),
                _ => Ok(()),
            }
        }
        FulfillmentStatus::New | FulfillmentStatus::Received | FulfillmentStatus::Planning => {
            if stored.state == State::Cancelling {
                watch_cancelling(session, intent)?;
            }
            watch_planning(session, intent)
        }
    }
}

/// Reads orders that Amazon has not begun with for a day, each once a day: nothing in Amazon's list of changes tells of them.
pub(super) fn watch_idle(session: &Session, amazon: &Amazon, troubles: &mut Troubles) -> Result<(), Error> {
    if session.is_dry_run {
        return Ok(());
    }
    for intent in session.store.not_begun(session.now() - PLANNING_MAX)? {
        session.check_stop()?;
        troubles.bound(follow(session, amazon, &intent).map(drop))?;
    }
    Ok(())
}

/// Amazon takes orders for stock that is only on its way and may leave them in planning for days.
fn watch_planning(session: &Session, intent: &Intent) -> Result<(), Error> {
    let age = session.now() - intent.accepted_at.unwrap_or(intent.intended_at);
    let (detail, message) = if age >= HELD_MAX {
        (
            HELD,
            "Amazon has not begun with it for 13 days and cancels held orders on day 14; cancel it in Seller Central, then route it again",
        )
    } else if age >= PLANNING_MAX {
        (
            STUCK,
            "Amazon has not begun with it for more than a day; the stock may be missing: wait, or cancel it in Seller Central and route it again",
        )
    } else {
        // A clock that was ahead may have said so.
        return clear_stuck(session, intent);
    };
    let flag = Flag::new(Reason::McfApiError, detail, message, &intent.order)
        .with_command(format!("mcf status {}", intent.order));
    session.store.raise_flag(&intent.order, &flag, session.now())?;
    Ok(())
}

/// Amazon has begun with it, or will not any more.
fn clear_stuck(session: &Session, intent: &Intent) -> Result<(), Error> {
    Ok(session
        .store
        .clear_details(&intent.order, &[STUCK, HELD], session.now())?)
}

/// Amazon shipped a part and ends the order: the rest is a person's task, and a wish to cancel comes too late for what left.
fn the_rest_stays_away(
    session: &Session,
    intent: &Intent,
    stored: &StoredOrder,
    found: &FulfillmentOrder,
) -> Result<(), Error> {
    clear_stuck(session, intent)?;
    if stored.state == State::Cancelling || session.store.has_open_cancellation(&intent.order)? {
        too_late(session, intent, stored)?;
    }
    let units = found.units_that_stay_away().into_iter();
    let units: Vec<String> = units.map(|(sku, units)| format!("{units} × {sku}")).collect();
    let units = if units.is_empty() {
        "Amazon does not say which units".to_owned()
    } else {
        units.join(", ")
    };
    let message = format!(
        "Amazon shipped a part of the order and will not ship the rest ({units}); cancel or refund the rest at TikTok"
    );
    let flag = Flag::new(Reason::McfApiError, PARTLY, message, &intent.order)
        .with_command(format!("mcf status {}", intent.order));
    session.store.raise_flag(&intent.order, &flag, session.now())?;
    Ok(())
}

/// A cancel that we asked for ends the order; one that somebody else made leaves TikTok's side open.
fn cancelled(session: &Session, intent: &Intent, stored: &StoredOrder) -> Result<(), Error> {
    match stored.state {
        State::Cancelling => wish::cancelled(session, intent, stored),
        State::Routed => ended_badly(
            session,
            intent,
            stored.state,
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
