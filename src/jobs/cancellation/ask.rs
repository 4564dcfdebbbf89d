//! The questions that a cancellation leads to, and what their answers are in the domain's words.

use super::{Known, Run};
use crate::amazon::operations::CANCEL;
use crate::amazon::{self, Kind, was_not_carried_out};
use crate::crash;
use crate::domain::cancellation::{CancelAnswer, Conflict, Progress, reason_to_decline};
use crate::domain::effect::{Ask, RequestAnswer};
use crate::domain::ids::TiktokOrderId;
use crate::domain::shop::Cancellation;
use crate::jobs::Error;
use crate::jobs::fulfillment::follow;
use crate::store::Intent;
use crate::tiktok::{self, Class};

impl Run<'_> {
    /// Asks a vendor and stores what the answer says. An error that says nothing about the order is kept as the run's trouble.
    pub(super) fn ask(
        &self,
        ask: Ask,
        known: &Known,
        request: Option<&Cancellation>,
        progress: Progress,
        trouble: &mut Option<Error>,
    ) -> Result<Progress, Error> {
        match (ask, &known.intent, request) {
            (Ask::ReadOrder, ..) => {
                self.read_order(&known.stored.order.id)?;
                Ok(Progress::OrderRead)
            }
            (Ask::ReadFulfillmentOrder, Some(intent), _) => {
                follow(self.session, self.amazon, intent)?;
                Ok(progress.read())
            }
            (Ask::CancelFulfillmentOrder, Some(intent), _) => self.cancel(intent, trouble),
            (Ask::AnswerRequest(answer), _, Some(request)) => {
                Ok(Progress::Answered(answer, self.answer(request, answer)?))
            }
            (Ask::ReadFulfillmentOrder | Ask::CancelFulfillmentOrder, None, _) | (Ask::AnswerRequest(_), _, None) => {
                Ok(Progress::Over)
            }
        }
    }

    pub(super) fn read_order(&self, id: &TiktokOrderId) -> Result<(), Error> {
        let found = self.tiktok.orders(std::slice::from_ref(id))?;
        Ok(self.session.store.take_in_known(&found.orders, self.session.now())?)
    }

    fn cancel(&self, intent: &Intent, trouble: &mut Option<Error>) -> Result<Progress, Error> {
        crash::point("cancel.wanted");
        let answer = match self.amazon.cancel(&intent.id, Some(&intent.order)) {
            Ok(()) => CancelAnswer::Taken,
            Err(error) => {
                let answer = meaning(&error);
                *trouble = Some(error.into());
                answer
            }
        };
        Ok(Progress::Asked(answer))
    }

    /// Answers a buyer. Returns whether TikTok takes the answer; what it would refuse again is left to a person.
    fn answer(&self, request: &Cancellation, answer: RequestAnswer) -> Result<bool, Error> {
        let (order, id) = (&request.order_id, &request.id);
        let (said, word, done) = match answer {
            RequestAnswer::Approved => {
                let key = format!("mcf-approve-{id}");
                (
                    self.tiktok.approve_cancellation(order, id, &key),
                    "approved",
                    "accepted",
                )
            }
            RequestAnswer::Declined => {
                let (reason, key) = (self.reason(request)?, format!("mcf-reject-{id}"));
                let said = self.tiktok.reject_cancellation(order, id, &reason, &key);
                (said, "rejected", "declined")
            }
        };
        let (store, now) = (&self.session.store, self.session.now());
        match said {
            Ok(()) => {}
            Err(error) if error.class() == Class::CancellationSettled => {}
            Err(error) if is_for_good(error.class()) => {
                let why = why_refused(&error);
                store.answer_refused(id, &why, now)?;
                store.raise_flag(order, &Conflict::AnswerRefused(why).flag(order), now)?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
        store.cancellation_answered(id, word, now)?;
        store.note(
            order,
            "cancellation",
            &format!("the buyer's cancellation is {done} at TikTok"),
            now,
        )?;
        Ok(true)
    }

    /// Where TikTok gives no reasons, or in a form that can't be read, the rule has one of its own.
    fn reason(&self, request: &Cancellation) -> Result<String, Error> {
        let reasons = match self.tiktok.reject_reasons(&request.order_id, &request.id) {
            Err(error) if error.class() == Class::Unreadable || is_for_good(error.class()) => Vec::new(),
            reasons => reasons?,
        };
        Ok(reason_to_decline(&reasons).to_owned())
    }
}

fn meaning(error: &amazon::Error) -> CancelAnswer {
    match error.kind() {
        Kind::NotFound => CancelAnswer::NotFound,
        kind if was_not_carried_out(error, &CANCEL) => CancelAnswer::NotCarriedOut {
            is_denied: kind == Kind::AccessDenied || error.is_not_offered(),
        },
        _ if error.is_outcome_unknown() => CancelAnswer::Unclear,
        Kind::DuplicateCancel => CancelAnswer::AlreadyAsked,
        _ => CancelAnswer::Refused,
    }
}

/// Whether TikTok would refuse the same answer again.
fn is_for_good(class: Class) -> bool {
    class.is_permanent()
        || matches!(
            class,
            Class::WrongState | Class::CancellationPending | Class::ScopeMissing
        )
}

fn why_refused(error: &tiktok::Error) -> String {
    let code = error.code().map_or_else(String::new, |code| format!(", code {code}"));
    format!("{}{code}", error.class().meaning())
}
