//! The questions that a cancellation leads to, and what their answers are in the domain's words.

use super::{Known, Run};
use crate::amazon::operations::CANCEL;
use crate::amazon::{self, Kind, was_not_carried_out};
use crate::crash;
use crate::domain::cancellation::{CancelAnswer, Conflict, Progress, reason_to_decline};
use crate::domain::effect::{Ask, RequestAnswer};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
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
            (Ask::LookForOrder, _, Some(request)) => self.look_for_order(known, request),
            (Ask::CancelFulfillmentOrder, Some(intent), _) => self.cancel(intent, trouble),
            (Ask::AnswerRequest(answer), _, Some(request)) => {
                Ok(Progress::Answered(answer, self.answer(request, answer)?))
            }
            (Ask::ReadFulfillmentOrder | Ask::CancelFulfillmentOrder, None, _)
            | (Ask::LookForOrder | Ask::AnswerRequest(_), _, None) => Ok(Progress::Over),
        }
    }

    pub(super) fn read_order(&self, id: &TiktokOrderId) -> Result<(), Error> {
        let found = self.tiktok.orders(std::slice::from_ref(id))?;
        Ok(self.session.store.take_in_known(&found.orders, self.session.now())?)
    }

    /// What Amazon has and this database does not know of can't be stopped from here, and so the buyer is not told that it is.
    fn look_for_order(&self, known: &Known, request: &Cancellation) -> Result<Progress, Error> {
        let order = &request.order_id;
        let generation = known.intent.as_ref().map_or(1, |intent| intent.generation + 1);
        let id = FulfillmentOrderId::derive(order, generation);
        if self.amazon.fulfillment_order(&id, Some(order))?.is_none() {
            return Ok(Progress::NotThere);
        }
        let why = format!("Amazon has it as {id}, of which this database does not know; cancel it there first");
        self.leave_to_a_person(request, why)?;
        Ok(Progress::Over)
    }

    fn leave_to_a_person(&self, request: &Cancellation, why: String) -> Result<(), Error> {
        let (store, order, now) = (&self.session.store, &request.order_id, self.session.now());
        store.answer_refused(&request.id, &why, now)?;
        store.raise_flag(order, &Conflict::AnswerRefused(why).flag(order), now)?;
        Ok(())
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
                self.leave_to_a_person(request, why_refused(&error))?;
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
    format!("TikTok does not take the answer: {}{code}", error.class().meaning())
}
