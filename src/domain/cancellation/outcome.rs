//! What Amazon's side means for an order that is to be cancelled: it is over, it is not wanted any more, it is too late, or Amazon
//! keeps silent.

use chrono::{DateTime, Utc};

use crate::domain::deadline;
use crate::domain::effect::Effect;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::state::{State, Step};

/// Amazon goes on with what is to be cancelled.
pub(super) const SHIPPING: &str = "amazon_is_shipping";

/// Amazon does not take the request to cancel.
pub(super) const DENIED: &str = "cancel_denied";

/// Amazon took the request to cancel and keeps the order as it is.
const UNCONFIRMED: &str = "cancel_not_confirmed";

/// What was told while Amazon did not say what becomes of a request to cancel.
pub(super) const SILENCE: &[&str] = &[DENIED, UNCONFIRMED];

/// What is known of the wish to cancel an order that Amazon has.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The order.
    pub order: &'a TiktokOrderId,
    /// Our id at Amazon.
    pub fulfillment_order: &'a FulfillmentOrderId,
    /// Where the order stands.
    pub state: State,
    /// Whether TikTok has cancelled it.
    pub is_cancelled_at_tiktok: bool,
    /// Whether TikTok marks it as one that its buyer wishes to cancel.
    pub is_marked: bool,
    /// Whether a request is open at TikTok.
    pub has_open_request: bool,
    /// Whether a request was ever seen.
    pub has_request: bool,
    /// When Amazon answered that it was asked to cancel.
    pub asked_at: Option<DateTime<Utc>>,
}

impl Wish<'_> {
    /// Amazon has cancelled what we asked it to cancel: the order ends, if its cancellation is still wanted.
    #[must_use]
    pub fn carried_out(&self) -> Vec<Effect> {
        if self.is_cancelled_at_tiktok || self.has_open_request {
            let why = format!("Amazon cancelled {}", self.fulfillment_order);
            return vec![Effect::Step(Step::Cancel, why)];
        }
        let (detail, message) = self.no_longer_wanted();
        vec![
            Effect::Clear(SILENCE),
            Effect::Step(Step::Flag, message.to_owned()),
            self.conflict(detail, message, "route"),
        ]
    }

    /// No request is open here: the buyer took it back meanwhile, or it was seen as a mark on the order alone, which can't be answered.
    fn no_longer_wanted(&self) -> (&'static str, &'static str) {
        if self.is_marked && !self.has_request {
            (
                "answer_at_tiktok",
                "Amazon has cancelled it as the buyer wished, but this program may not answer at TikTok; agree there",
            )
        } else {
            (
                "request_withdrawn",
                "the buyer took the cancellation back, but Amazon has cancelled its order; route it again",
            )
        }
    }

    /// Amazon goes on although the order is to be cancelled; it is not asked a second time.
    #[must_use]
    pub fn too_late(&self) -> Vec<Effect> {
        let (detail, message) = if self.is_cancelled_at_tiktok {
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
        let is_over = self.is_cancelled_at_tiktok && self.state == State::Completed;
        let command = if is_over { "orders dismiss" } else { "status" };
        let mut effects = vec![Effect::CancelAnswered, Effect::Clear(SILENCE)];
        if self.state == State::Cancelling {
            effects.push(Effect::Step(Step::RefuseCancel, message.to_owned()));
        }
        effects.push(self.conflict(detail, message, command));
        effects
    }

    /// Amazon answers a request to cancel at once and carries it out later. When it does not for hours, a person must look: TikTok
    /// agrees by itself after a day, and the parcel may leave all the same.
    #[must_use]
    pub fn unanswered(&self, now: DateTime<Utc>) -> Vec<Effect> {
        let is_silent = self.asked_at.is_some_and(|asked| deadline::is_silent(asked, now));
        if self.state != State::Cancelling || !is_silent {
            return Vec::new();
        }
        let message = format!(
            "Amazon was asked to cancel {} hours ago and has not; cancel it in Seller Central while it is not packed",
            self.fulfillment_order
        );
        vec![self.conflict(UNCONFIRMED, &message, "status")]
    }

    /// Amazon refuses the request itself, not the cancel: a person has little time to do it by hand.
    pub(super) fn denied(&self) -> Effect {
        let message = format!(
            "Amazon does not take the request to cancel {}; cancel it in Seller Central while it is not packed, each run asks again",
            self.fulfillment_order
        );
        Effect::Raise(
            Flag::new(Reason::CancellationConflict, DENIED, message, self.order).with_command("mcf check amazon"),
        )
    }

    fn conflict(&self, detail: &'static str, message: &str, command: &str) -> Effect {
        let flag = Flag::new(Reason::CancellationConflict, detail, message, self.order);
        Effect::Raise(flag.with_command(format!("mcf {command} {}", self.order)))
    }
}
