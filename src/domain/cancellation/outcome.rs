//! What Amazon's side means for an order that is to be cancelled: it is over, it is not wanted any more, it is too late, or Amazon
//! keeps silent.

use chrono::{DateTime, Utc};

use crate::domain::deadline;
use crate::domain::effect::Effect;
use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::state::{State, Step};

/// What was told while Amazon did not say what becomes of a request to cancel.
pub(super) const SILENCE: &[Detail] = &[Detail::CancelDenied, Detail::CancelNotConfirmed];

/// What is known of the wish to cancel an order that Amazon has.
#[derive(Debug, Clone, Copy)]
pub struct CancelFacts<'a> {
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

impl CancelFacts<'_> {
    /// Amazon has cancelled what we asked it to cancel: the order ends, if its cancellation is still wanted.
    #[must_use]
    pub fn carried_out(&self) -> Vec<Effect> {
        if self.is_cancelled_at_tiktok || self.has_open_request {
            let why = format!("Amazon cancelled {}", self.fulfillment_order);
            return vec![Effect::Step(Step::Cancel, why)];
        }
        let flag = Flag::plain(self.no_longer_wanted(), self.order);
        vec![
            Effect::Clear(SILENCE),
            Effect::Step(Step::Flag, flag.message.clone()),
            Effect::Raise(flag),
        ]
    }

    /// No request is open here: the buyer took it back meanwhile, or it was seen as a mark on the order alone, which can't be answered.
    fn no_longer_wanted(&self) -> Detail {
        match self.is_marked && !self.has_request {
            true => Detail::AnswerAtTiktok,
            false => Detail::RequestWithdrawn,
        }
    }

    /// Amazon goes on although the order is to be cancelled; it is not asked a second time.
    #[must_use]
    pub fn too_late(&self) -> Vec<Effect> {
        let detail = match self.is_cancelled_at_tiktok {
            true => Detail::ParcelUnderWay,
            false => Detail::AmazonIsShipping,
        };
        let flag = Flag::plain(detail, self.order);
        let is_over = self.is_cancelled_at_tiktok && self.state == State::Completed;
        let mut effects = vec![Effect::CancelAnswered, Effect::Clear(SILENCE)];
        if self.state == State::Cancelling {
            effects.push(Effect::Step(Step::RefuseCancel, flag.message.clone()));
        }
        effects.push(Effect::Raise(flag));
        effects.extend(is_over.then_some(Effect::LossTold));
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
            "Amazon was asked to cancel {} hours ago and has not; cancel it in Seller Central while it is not packed, then have it read again",
            self.fulfillment_order
        );
        vec![Effect::Raise(Flag::new(
            Detail::CancelNotConfirmed,
            message,
            self.order,
        ))]
    }

    /// Amazon refuses the request itself, not the cancel: a person has little time to do it by hand.
    pub(super) fn denied(&self) -> Effect {
        let message = format!(
            "Amazon does not take the request to cancel {}; cancel it in Seller Central while it is not packed, each run asks again",
            self.fulfillment_order
        );
        Effect::Raise(Flag::new(Detail::CancelDenied, message, self.order))
    }
}
