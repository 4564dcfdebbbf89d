//! What a buyer's wish to cancel, or TikTok's own decision, means for one order.
//!
//! TikTok is answered only after Amazon's answer is read: nothing is accepted on hope. Amazon is asked until it answers, and read
//! before it is asked again; the wish is committed before the request leaves, so that a run that dies in between is made up for.

mod conflict;
mod outcome;
mod request;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use super::effect::{Ask, Effect, RequestAnswer};
use super::eligibility::{Eligibility, EligibilityRules, judge};
use super::flag::{Detail, Flag};
use super::ids::FulfillmentOrderId;
use super::order::{Order, OrderStatus};
use super::shop::{Cancellation, CancellationStatus};
use super::state::{State, Step};

pub use conflict::{Conflict, Conflicts, conflicts};
pub use outcome::CancelFacts;
pub use request::reason_to_decline;

use outcome::SILENCE;

/// Why an order ends without having been sent.
pub const WISHED: &str = "the buyer cancelled before anything was sent";

/// What is known of an order that is to be cancelled.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The order, as TikTok showed it last.
    pub order: &'a Order,
    /// Whether all that TikTok's details say of it is known.
    pub is_read_whole: bool,
    /// Where it stands.
    pub state: State,
    /// The newest fulfillment order that was meant for Amazon.
    pub sent: Option<Sent<'a>>,
    /// The request that is looked at. `None`: TikTok has cancelled the order, or marks it as one that its buyer wishes to cancel.
    pub request: Option<Request<'a>>,
    /// Whether a request is open at TikTok.
    pub has_open_request: bool,
    /// Whether a request was ever seen.
    pub has_request: bool,
    /// Whether Amazon may have the order although this database knows nothing of it.
    pub must_look: bool,
    /// Whether marking a parcel as shipped declines a request by itself, as in the US.
    pub is_declined_by_shipping: bool,
}

/// A fulfillment order that was meant for Amazon.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// Our id.
    pub id: &'a FulfillmentOrderId,
    /// Whether Amazon has it, or may have it.
    pub may_be_at_amazon: bool,
    /// Whether Amazon said that it ships nothing of it.
    pub is_dead: bool,
    /// When Amazon answered that it was asked to cancel it.
    pub cancel_asked_at: Option<DateTime<Utc>>,
    /// From when on Amazon surely shows what it has.
    pub shows_from: DateTime<Utc>,
}

/// A buyer's or the seller's request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// As TikTok shows it.
    pub shown: &'a Cancellation,
    /// Whether it was answered from here.
    pub is_answered: bool,
    /// Whether TikTok refused the answer, so that a person answers.
    pub is_left_to_a_person: bool,
}

impl Request<'_> {
    /// Tells whether the buyer wishes to cancel the whole order and is not answered yet.
    fn waits_for_us(&self, order: &Order) -> bool {
        self.shown.status == CancellationStatus::Pending
            && !self.is_answered
            && !self.is_left_to_a_person
            && !self.shown.is_the_sellers()
            && !self.shown.is_partial(order)
    }
}

/// How far a run is with one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing was asked.
    Begun,
    /// The order was read at TikTok.
    OrderRead,
    /// Amazon was looked at for the order, and does not have it.
    NotThere,
    /// The fulfillment order was read at Amazon, before anything was asked.
    ReadBefore,
    /// Amazon was asked to cancel.
    Asked(CancelAnswer),
    /// The fulfillment order was read after that.
    ReadAfter(CancelAnswer),
    /// Amazon's side is as far as it goes in this run.
    Stopped,
    /// The buyer was answered; whether TikTok took the answer.
    Answered(RequestAnswer, bool),
    /// Nothing is left to do.
    Over,
}

impl Progress {
    /// How far the run is when nothing was asked.
    #[must_use]
    pub fn without_question(self) -> Self {
        match self {
            Self::Begun | Self::OrderRead | Self::NotThere | Self::ReadBefore | Self::ReadAfter(_) => Self::Stopped,
            Self::Asked(_) | Self::Stopped | Self::Answered(..) | Self::Over => Self::Over,
        }
    }

    /// How far the run is when the fulfillment order was read at Amazon.
    #[must_use]
    pub fn read(self) -> Self {
        match self {
            Self::Asked(answer) => Self::ReadAfter(answer),
            _ => Self::ReadBefore,
        }
    }
}

/// What Amazon said to the request to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAnswer {
    /// It was taken.
    Taken,
    /// It surely was not carried out, and may be asked again.
    NotCarriedOut {
        /// Amazon does not let us ask.
        is_denied: bool,
    },
    /// Amazon knows no such order, or does not show it yet.
    NotFound,
    /// Amazon was asked before.
    AlreadyAsked,
    /// Amazon goes on.
    Refused,
    /// Nobody knows: no answer, an unreadable one.
    Unclear,
}

/// Says what is to be done now. An empty list: nothing more in this run.
#[must_use]
pub fn next(facts: &Facts<'_>, progress: Progress, rules: &EligibilityRules, now: DateTime<Utc>) -> Vec<Effect> {
    match (facts.request, progress) {
        (_, Progress::Over) => Vec::new(),
        (None, progress) => facts
            .sent
            .map_or_else(Vec::new, |sent| facts.stop(&sent, progress, now)),
        (Some(request), Progress::Begun | Progress::OrderRead | Progress::NotThere) => {
            facts.take_up(&request, progress, rules, now)
        }
        (Some(request), Progress::Stopped) => facts.answer_as_amazon_did(&request, now),
        (Some(request), Progress::Answered(answer, is_taken)) => facts.after_answer(&request, answer, is_taken),
        (Some(_), progress) => facts
            .sent
            .map_or_else(Vec::new, |sent| facts.stop_at_amazon(&sent, progress, now)),
    }
}

impl Facts<'_> {
    fn cancel_facts<'b>(&'b self, sent: &Sent<'b>) -> CancelFacts<'b> {
        CancelFacts {
            order: &self.order.id,
            fulfillment_order: sent.id,
            state: self.state,
            is_cancelled_at_tiktok: self.order.status == OrderStatus::Cancelled,
            is_marked: self.order.cancel_requested,
            has_open_request: self.has_open_request,
            has_request: self.has_request,
            asked_at: sent.cancel_asked_at,
        }
    }

    /// Takes up a request as its status says.
    fn take_up(
        &self,
        request: &Request<'_>,
        progress: Progress,
        rules: &EligibilityRules,
        now: DateTime<Utc>,
    ) -> Vec<Effect> {
        match &request.shown.status {
            CancellationStatus::Pending if request.is_answered || request.is_left_to_a_person => Vec::new(),
            CancellationStatus::Pending if request.shown.is_the_sellers() => {
                self.sent.map_or_else(Vec::new, |sent| self.stop(&sent, progress, now))
            }
            CancellationStatus::Pending => self.answer(request, progress, rules, now),
            _ if self.has_open_request => Vec::new(),
            CancellationStatus::Withdrawn => vec![Effect::Clear(&[
                Detail::AmazonIsShipping,
                Detail::CancelDenied,
                Detail::PartOfTheOrder,
            ])],
            CancellationStatus::Success | CancellationStatus::Complete => {
                vec![Effect::Clear(&[Detail::PartOfTheOrder])]
            }
            CancellationStatus::Other(_) => Vec::new(),
        }
    }

    /// Answers a buyer's request as far as the order allows now.
    fn answer(
        &self,
        request: &Request<'_>,
        progress: Progress,
        rules: &EligibilityRules,
        now: DateTime<Utc>,
    ) -> Vec<Effect> {
        match (self.state, self.at_amazon()) {
            (State::Detected | State::Waiting | State::Ready | State::Flagged, None) => {
                self.agree_before_sending(progress, rules, now)
            }
            (State::Flagged, Some(sent)) => self.cancel_facts(&sent).too_late(),
            (State::Routed | State::Cancelling | State::Shipped | State::Completed, Some(_))
                if request.shown.is_partial(self.order) =>
            {
                // Amazon can't take single units out of an order.
                let flag = Flag::plain(Detail::PartOfTheOrder, &self.order.id);
                vec![Effect::Raise(flag)]
            }
            (State::Routed | State::Cancelling | State::Shipped | State::Completed, Some(sent)) => {
                match self.stop_at_amazon(&sent, progress, now) {
                    nothing if nothing.is_empty() => self.answer_as_amazon_did(request, now),
                    effects => effects,
                }
            }
            (State::Cancelled, _) => vec![Effect::Ask(Ask::AnswerRequest(RequestAnswer::Approved))],
            (State::Detected | State::Waiting | State::Ready, Some(_))
            | (State::Routed | State::Cancelling | State::Shipped | State::Completed, None)
            | (State::Submitting | State::Dismissed | State::NotEligible, _) => Vec::new(),
        }
    }

    /// What was shipped stays under way, even where Amazon cancelled the rest.
    fn at_amazon(&self) -> Option<Sent<'_>> {
        let has_left = matches!(self.state, State::Shipped | State::Completed);
        self.sent
            .filter(|sent| sent.may_be_at_amazon && (has_left || !sent.is_dead))
    }

    /// What a rule decides by must be known whole; where TikTok does not show it, nothing is agreed to. What an older copy of the
    /// database does not know of may have been sent: it is looked for first.
    fn agree_before_sending(&self, progress: Progress, rules: &EligibilityRules, now: DateTime<Utc>) -> Vec<Effect> {
        let ask = match progress {
            Progress::OrderRead if !self.is_read_whole => return Vec::new(),
            _ if !self.is_read_whole => Ask::ReadOrder,
            _ if !is_ours_to_grant(self.order, rules, now) => return Vec::new(),
            Progress::NotThere => Ask::AnswerRequest(RequestAnswer::Approved),
            _ if self.must_look => Ask::LookForOrder,
            _ => Ask::AnswerRequest(RequestAnswer::Approved),
        };
        vec![Effect::Ask(ask)]
    }

    /// Stops an order that TikTok cancelled by itself, or whose seller cancels.
    fn stop(&self, sent: &Sent<'_>, progress: Progress, now: DateTime<Utc>) -> Vec<Effect> {
        if self.state == State::Flagged {
            return self.close(sent);
        }
        self.stop_at_amazon(sent, progress, now)
    }

    /// Nothing of the order is left on either side: what a person was to look at is over.
    fn close(&self, sent: &Sent<'_>) -> Vec<Effect> {
        let is_dead = sent.is_dead || !sent.may_be_at_amazon;
        if self.order.status != OrderStatus::Cancelled || !is_dead {
            return Vec::new();
        }
        let why = "TikTok cancelled it, and Amazon ships nothing of it";
        vec![Effect::Step(Step::Cancel, why.to_owned()), Effect::Show(why.to_owned())]
    }

    /// Asks Amazon to cancel an order that is not shipped yet, or tells that it is too late.
    fn stop_at_amazon(&self, sent: &Sent<'_>, progress: Progress, now: DateTime<Utc>) -> Vec<Effect> {
        let is_unanswered = sent.cancel_asked_at.is_none();
        let ask = Effect::Ask(Ask::CancelFulfillmentOrder);
        match (progress, self.state) {
            (Progress::Begun | Progress::OrderRead, State::Routed) if is_unanswered => {
                let why = format!("Amazon is asked to cancel {}", sent.id);
                vec![Effect::Step(Step::AskCancel, why), ask]
            }
            (Progress::Begun | Progress::OrderRead, State::Cancelling) => vec![Effect::Ask(Ask::ReadFulfillmentOrder)],
            (Progress::Begun | Progress::OrderRead, State::Shipped | State::Completed) => {
                self.cancel_facts(sent).too_late()
            }
            (Progress::Begun | Progress::OrderRead, State::Routed) if self.order.status == OrderStatus::Cancelled => {
                self.cancel_facts(sent).too_late()
            }
            (Progress::ReadBefore, State::Cancelling) if is_unanswered => vec![ask],
            (Progress::Asked(answer), _) => self.after_asking(sent, answer, now),
            (Progress::ReadAfter(CancelAnswer::Unclear), State::Cancelling) => vec![Effect::Trouble],
            (Progress::ReadAfter(CancelAnswer::Refused), State::Cancelling) => {
                let mut effects = self.cancel_facts(sent).too_late();
                effects.push(asked());
                effects
            }
            (Progress::ReadBefore | Progress::ReadAfter(_), _) => vec![asked()],
            _ => Vec::new(),
        }
    }

    /// After an unclear end the state tells more than another request. A create may take a while to show: an order that Amazon does
    /// not know yet is asked for again, too.
    fn after_asking(&self, sent: &Sent<'_>, answer: CancelAnswer, now: DateTime<Utc>) -> Vec<Effect> {
        let read = Effect::Ask(Ask::ReadFulfillmentOrder);
        let is_denied = match answer {
            CancelAnswer::Taken => return vec![Effect::CancelAnswered, Effect::Clear(SILENCE), read],
            CancelAnswer::AlreadyAsked | CancelAnswer::Refused => return vec![Effect::CancelAnswered, read],
            CancelAnswer::Unclear => return vec![read],
            CancelAnswer::NotCarriedOut { is_denied } => is_denied,
            CancelAnswer::NotFound => now >= sent.shows_from,
        };
        let why = "Amazon did not take the request to cancel; the next run asks again";
        let mut effects = vec![Effect::Step(Step::RefuseCancel, why.to_owned())];
        effects.extend(is_denied.then(|| self.cancel_facts(sent).denied()));
        effects.push(Effect::Trouble);
        effects
    }

    /// Agrees when Amazon has cancelled, declines when it goes on, waits when it has not said. In the US, marking the order as shipped
    /// declines the request by itself; there it is declined only when TikTok would soon agree by itself because no parcel has a number
    /// yet.
    fn answer_as_amazon_did(&self, request: &Request<'_>, now: DateTime<Utc>) -> Vec<Effect> {
        let is_time = !self.is_declined_by_shipping || request.shown.is_due(now);
        match self.state {
            _ if !request.waits_for_us(self.order) => Vec::new(),
            State::Cancelled => vec![Effect::Ask(Ask::AnswerRequest(RequestAnswer::Approved))],
            State::Routed | State::Shipped | State::Completed if is_time => {
                vec![Effect::Ask(Ask::AnswerRequest(RequestAnswer::Declined))]
            }
            _ => Vec::new(),
        }
    }

    fn after_answer(&self, request: &Request<'_>, answer: RequestAnswer, is_taken: bool) -> Vec<Effect> {
        match answer {
            _ if !is_taken => Vec::new(),
            RequestAnswer::Declined => vec![Effect::Clear(&[Detail::AmazonIsShipping])],
            RequestAnswer::Approved if self.state.is_undecided() && !request.shown.is_partial(self.order) => {
                vec![
                    Effect::Step(Step::Cancel, WISHED.to_owned()),
                    Effect::Show(WISHED.to_owned()),
                ]
            }
            RequestAnswer::Approved => Vec::new(),
        }
    }
}

fn asked() -> Effect {
    Effect::Show("Amazon was asked to cancel it".to_owned())
}

/// What was never ours to send is not ours to cancel, though nothing was sent: it may be under way by another hand. Of an order whose
/// kind or status is not known that is not certain either.
#[must_use]
pub fn is_ours_to_grant(order: &Order, rules: &EligibilityRules, now: DateTime<Utc>) -> bool {
    match judge(order, rules, now) {
        Eligibility::Route | Eligibility::Wait { .. } | Eligibility::CancelRequested | Eligibility::Cancelled => true,
        Eligibility::NotEligible(_) | Eligibility::Flagged(_) => false,
    }
}
