//! What Amazon's status means for an order that is to be cancelled: it is over, it is not wanted any more, it is too late, or Amazon
//! keeps silent.

use super::{Error, Session};
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::order::OrderStatus;
use crate::domain::state::{State, Step};
use crate::domain::submission::ALARM;
use crate::store::{Intent, StoredOrder};

/// Amazon goes on with what is to be cancelled.
pub(super) const SHIPPING: &str = "amazon_is_shipping";

/// Amazon does not take the request to cancel.
pub(super) const DENIED: &str = "cancel_denied";

/// Amazon took the request to cancel and keeps the order as it is.
const UNCONFIRMED: &str = "cancel_not_confirmed";

/// Amazon has cancelled what we asked it to cancel: the order ends, if its cancellation is still wanted.
pub(super) fn cancelled(session: &Session, intent: &Intent, stored: &StoredOrder) -> Result<(), Error> {
    if !is_wanted(session, stored)? {
        return not_wanted(session, intent, stored);
    }
    let (store, now) = (&session.store, session.now());
    let event = Event::OrderCancelled {
        order: intent.order.clone(),
        at: now,
    };
    let why = format!("Amazon cancelled {}", intent.id);
    store.step(&intent.order, stored.state, Step::Cancel, &why, Some(&event), now)?;
    Ok(())
}

/// Whether TikTok still wants the order cancelled.
fn is_wanted(session: &Session, stored: &StoredOrder) -> Result<bool, Error> {
    let id = &stored.order.id;
    Ok(stored.order.status == OrderStatus::Cancelled || session.store.has_open_cancellation(id)?)
}

/// Amazon has cancelled, and no request is open here: the buyer took it back meanwhile, or it was seen as a mark on the order alone,
/// which can't be answered.
fn not_wanted(session: &Session, intent: &Intent, stored: &StoredOrder) -> Result<(), Error> {
    let (store, now) = (&session.store, session.now());
    let (detail, message) = if stored.order.cancel_requested && !store.has_cancellation(&intent.order)? {
        (
            "answer_at_tiktok",
            "Amazon has cancelled it as the buyer wished, but this program may not answer at TikTok; agree there",
        )
    } else {
        (
            "request_withdrawn",
            "the buyer took the cancellation back, but Amazon has cancelled its order; route it again",
        )
    };
    let flag = Flag::new(Reason::CancellationConflict, detail, message, &intent.order);
    forget_silence(session, intent)?;
    store.step(&intent.order, State::Cancelling, Step::Flag, message, None, now)?;
    store.raise_flag(&intent.order, &flag, now)?;
    Ok(())
}

/// Amazon goes on although the order is to be cancelled; it is not asked a second time.
pub(super) fn too_late(session: &Session, intent: &Intent, stored: &StoredOrder) -> Result<(), Error> {
    let is_cancelled = stored.order.status == OrderStatus::Cancelled;
    let (detail, message) = if is_cancelled {
        (
            "parcel_under_way",
            "TikTok cancelled the order, but Amazon is already shipping it; expect the parcel back or intercept it",
        )
    } else {
        (
            SHIPPING,
            "the buyer wants to cancel, but Amazon is already shipping it; answer the buyer at TikTok",
        )
    };
    // Nothing more happens to an order that has ended on both sides: a person takes note of the loss.
    let command = if is_cancelled && stored.state == State::Completed {
        "orders dismiss"
    } else {
        "status"
    };
    let flag = Flag::new(Reason::CancellationConflict, detail, message, &intent.order)
        .with_command(format!("mcf {command} {}", intent.order));
    let (store, now) = (&session.store, session.now());
    store.cancel_answered(&intent.id, now)?;
    forget_silence(session, intent)?;
    if stored.state == State::Cancelling {
        store.step(&intent.order, stored.state, Step::RefuseCancel, message, None, now)?;
    }
    store.raise_flag(&intent.order, &flag, now)?;
    Ok(())
}

/// Amazon answers a request to cancel at once and carries it out later. When it does not for hours, a person must look: TikTok agrees
/// by itself after a day, and the parcel may leave all the same.
pub(super) fn watch_cancelling(session: &Session, intent: &Intent) -> Result<(), Error> {
    if intent.cancel_asked_at.is_none_or(|asked| session.now() - asked < ALARM) {
        return Ok(());
    }
    let message = format!(
        "Amazon was asked to cancel {} hours ago and has not; cancel it in Seller Central while it is not packed",
        intent.id
    );
    let flag = Flag::new(Reason::CancellationConflict, UNCONFIRMED, message, &intent.order)
        .with_command(format!("mcf status {}", intent.order));
    session.store.raise_flag(&intent.order, &flag, session.now())?;
    Ok(())
}

/// Amazon has taken the request, or said that it goes on.
pub(super) fn forget_silence(session: &Session, intent: &Intent) -> Result<(), Error> {
    let silence = [DENIED, UNCONFIRMED];
    Ok(session.store.clear_details(&intent.order, &silence, session.now())?)
}
