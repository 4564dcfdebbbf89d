//! Cancellations: a buyer's wish, or TikTok's own decision, against what Amazon already does.
//!
//! TikTok is answered only after Amazon's answer is read: nothing is accepted on hope. Amazon is asked until it answers, and read
//! before it is asked again; the wish is committed before the request leaves, so that a run that dies in between is made up for.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::follow::{SHIPPING, follow, too_late};
use super::submit::was_not_carried_out;
use super::summary::{Summary, Touched, Troubles};
use super::{Error, Session};
use crate::amazon::operations::CANCEL;
use crate::amazon::{Amazon, Kind};
use crate::crash;
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{LineStatus, OrderStatus};
use crate::domain::shop::{Cancellation, CancellationStatus, RejectReason};
use crate::domain::state::{State, Step};
use crate::store::{Intent, StoredOrder};
use crate::tiktok::{self, CancellationQuery, Class, Tiktok};

/// TikTok agrees by itself after 24 hours, so that no open request is older than this.
const LOOK_BACK: TimeDelta = TimeDelta::hours(72);

/// More pages than open requests ever fill.
const PAGES_MAX: usize = 1_000;

/// The words of the reasons for which a seller whose parcel is under way may decline, the best first. The keys change over time.
const DECLINING_WORDS: [&str; 3] = ["packed", "shipped", "delivered"];

/// What the cancellations of a run work with.
struct Counter<'a> {
    session: &'a Session,
    tiktok: &'a Tiktok,
    amazon: &'a Amazon,
}

/// Acts on every open request, on every order that TikTok cancelled by itself, and on every order that waits for Amazon's word.
/// In a dry run nothing is asked or answered.
pub(super) fn act(
    session: &Session,
    tiktok: &Tiktok,
    amazon: &Amazon,
    summary: &mut Summary,
    troubles: &mut Troubles,
) -> Result<(), Error> {
    let requests = match requests(tiktok, session.now()) {
        Ok(requests) => requests,
        Err(Error::Tiktok(error)) if matches!(error.class(), Class::ScopeMissing | Class::VersionRetired) => {
            summary.notes.push(format!(
                "cancellation requests can't be read, only order flags are: {error}"
            ));
            Vec::new()
        }
        Err(error) => {
            troubles.bound(Err(error))?;
            Vec::new()
        }
    };
    if session.is_dry_run {
        return Ok(());
    }
    let counter = Counter {
        session,
        tiktok,
        amazon,
    };
    for request in &requests {
        session.check_stop()?;
        troubles.bound(counter.take_up(request, summary))?;
    }
    for id in session.store.cancelled_at_tiktok()? {
        session.check_stop()?;
        troubles.bound(counter.stop(&id, summary))?;
    }
    for intent in session.store.cancelling()? {
        session.check_stop()?;
        let followed = follow(session, amazon, &intent).map(drop);
        troubles.bound(followed)?;
    }
    Ok(())
}

/// Reads every request of the last days: those that were settled meanwhile matter, too.
fn requests(tiktok: &Tiktok, now: DateTime<Utc>) -> Result<Vec<Cancellation>, Error> {
    let query = CancellationQuery {
        updated_from: Some(now - LOOK_BACK),
        ..CancellationQuery::default()
    };
    let mut requests = Vec::new();
    let mut tokens = HashSet::new();
    let mut page: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let found = tiktok.search_cancellations(&query, page.as_deref())?;
        requests.extend(found.cancellations);
        match found.next {
            None => return Ok(requests),
            Some(next) if !tokens.insert(next.clone()) => break,
            Some(next) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle("TikTok's cancellations"))
}

impl Counter<'_> {
    fn take_up(&self, request: &Cancellation, summary: &mut Summary) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let Some(stored) = store.order(&request.order_id)? else {
            return Ok(());
        };
        store.note_cancellation(request, now)?;
        match &request.status {
            CancellationStatus::Pending if store.is_answered(&request.id)? => Ok(()),
            CancellationStatus::Pending => self.answer(request, &stored, summary),
            CancellationStatus::Withdrawn => {
                Ok(store.clear_flag(&request.order_id, Reason::CancellationConflict, SHIPPING, now)?)
            }
            CancellationStatus::Success | CancellationStatus::Complete | CancellationStatus::Other(_) => Ok(()),
        }
    }

    /// Answers one request as far as the order allows now.
    fn answer(&self, request: &Cancellation, stored: &StoredOrder, summary: &mut Summary) -> Result<(), Error> {
        let intent = self.session.store.newest_intent(&stored.order.id)?;
        let at_amazon = intent.filter(|intent| intent.may_be_at_amazon() && !intent.is_surely_dead());
        match (stored.state, at_amazon) {
            (State::Detected | State::Waiting | State::Ready | State::Flagged, None) => {
                self.agree_before_sending(request, stored, summary)
            }
            (State::Flagged, Some(intent)) => too_late(self.session, &intent, stored),
            (State::Routed | State::Cancelling | State::Shipped, Some(intent)) => {
                if is_partial(request, stored) {
                    return self.leave_to_a_person(request);
                }
                self.stop_at_amazon(&intent, stored, summary)?;
                self.answer_as_amazon_did(request, summary)
            }
            (State::Cancelled, _) => self.agree(request),
            (State::Detected | State::Waiting | State::Ready, Some(_))
            | (State::Routed | State::Cancelling | State::Shipped, None)
            | (State::Submitting | State::Completed | State::Dismissed | State::NotEligible, _) => Ok(()),
        }
    }

    fn agree_before_sending(
        &self,
        request: &Cancellation,
        stored: &StoredOrder,
        summary: &mut Summary,
    ) -> Result<(), Error> {
        self.agree(request)?;
        if is_partial(request, stored) {
            return Ok(());
        }
        let (id, now) = (&stored.order.id, self.session.now());
        let event = Event::OrderCancelled {
            order: id.clone(),
            at: now,
        };
        let why = "the buyer cancelled before anything was sent";
        let state = self
            .session
            .store
            .step(id, stored.state, Step::Cancel, why, Some(&event), now)?;
        summary.touch(Touched::new(id, state).explained(why));
        Ok(())
    }

    /// Amazon can't take single units out of an order.
    fn leave_to_a_person(&self, request: &Cancellation) -> Result<(), Error> {
        let message = "the buyer wants to cancel a part of it, which Amazon can't; answer the buyer at TikTok";
        let flag = Flag::new(
            Reason::CancellationConflict,
            "part_of_the_order",
            message,
            &request.order_id,
        )
        .with_command(format!("mcf status {}", request.order_id));
        let (store, now) = (&self.session.store, self.session.now());
        store.raise_flag(&request.order_id, &flag, now)?;
        Ok(())
    }

    /// Stops an order that TikTok cancelled by itself.
    fn stop(&self, id: &TiktokOrderId, summary: &mut Summary) -> Result<(), Error> {
        let store = &self.session.store;
        match (store.order(id)?, store.newest_intent(id)?) {
            (Some(stored), Some(intent)) => self.stop_at_amazon(&intent, &stored, summary),
            (_, None) | (None, _) => Ok(()),
        }
    }

    /// Asks Amazon to cancel an order that is not shipped yet, or tells that it is too late.
    fn stop_at_amazon(&self, intent: &Intent, stored: &StoredOrder, summary: &mut Summary) -> Result<(), Error> {
        let is_unanswered = intent.cancel_asked_at.is_none();
        match stored.state {
            State::Routed if is_unanswered => {
                self.session.store.cancel_wanted(intent, self.session.now())?;
                crash::point("cancel.wanted");
                self.ask(intent)?;
            }
            State::Cancelling if is_unanswered => {
                self.follow(intent)?;
                if self.state(&intent.order)? == Some(State::Cancelling) {
                    self.ask(intent)?;
                }
            }
            State::Cancelling => self.follow(intent)?,
            State::Routed if stored.order.status == OrderStatus::Cancelled => {
                return too_late(self.session, intent, stored);
            }
            State::Shipped => return too_late(self.session, intent, stored),
            _ => return Ok(()),
        }
        self.tell(intent, summary)
    }

    /// Sends the request to cancel. After an unclear end the state tells more than another request.
    fn ask(&self, intent: &Intent) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let error = match self.amazon.cancel(&intent.id, Some(&intent.order)) {
            Ok(()) => {
                store.cancel_answered(&intent.id, now)?;
                return self.follow(intent);
            }
            Err(error) => error,
        };
        // A create may take a while to show: an order that Amazon does not know yet is asked for again, too.
        if was_not_carried_out(&error, &CANCEL) || error.kind() == Kind::NotFound {
            let why = "Amazon did not take the request to cancel; the next run asks again";
            store.step(&intent.order, State::Cancelling, Step::RefuseCancel, why, None, now)?;
            return Err(error.into());
        }
        if error.is_outcome_unknown() {
            self.follow(intent)?;
            return Err(error.into());
        }
        store.cancel_answered(&intent.id, now)?;
        self.follow(intent)?;
        match store.order(&intent.order)? {
            Some(stored) if stored.state == State::Cancelling && error.kind() != Kind::DuplicateCancel => {
                too_late(self.session, intent, &stored)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn follow(&self, intent: &Intent) -> Result<(), Error> {
        follow(self.session, self.amazon, intent).map(drop)
    }

    fn state(&self, id: &TiktokOrderId) -> Result<Option<State>, Error> {
        Ok(self.session.store.order(id)?.map(|stored| stored.state))
    }

    fn tell(&self, intent: &Intent, summary: &mut Summary) -> Result<(), Error> {
        let id = &intent.order;
        if let Some(state) = self.state(id)? {
            let touched = Touched {
                fulfillment_order: Some(intent.id.clone()),
                flags: self.session.store.flags(id)?,
                ..Touched::new(id, state)
            };
            summary.touch(touched.explained("Amazon was asked to cancel it"));
        }
        Ok(())
    }

    /// Agrees when Amazon has cancelled, declines when it goes on, waits when it has not said.
    fn answer_as_amazon_did(&self, request: &Cancellation, summary: &mut Summary) -> Result<(), Error> {
        match self.state(&request.order_id)? {
            Some(State::Cancelled) => {
                self.agree(request)?;
                summary.touch(Touched::new(&request.order_id, State::Cancelled).explained("cancelled on both sides"));
                Ok(())
            }
            Some(State::Routed | State::Shipped) => self.decline(request),
            Some(_) | None => Ok(()),
        }
    }

    fn agree(&self, request: &Cancellation) -> Result<(), Error> {
        let key = format!("mcf-approve-{}", request.id);
        let answer = self.tiktok.approve_cancellation(&request.order_id, &request.id, &key);
        self.note_answer(request, answer, "approved", "accepted")
    }

    /// Declines where the market has that: in the US, marking the order as shipped rejects the request by itself.
    fn decline(&self, request: &Cancellation) -> Result<(), Error> {
        if self.session.shop(self.tiktok)?.region == "US" {
            return Ok(());
        }
        let reasons = self.tiktok.reject_reasons(&request.id)?;
        let Some(reason) = declining(&reasons) else {
            return Ok(());
        };
        let key = format!("mcf-reject-{}", request.id);
        let answer = self
            .tiktok
            .reject_cancellation(&request.order_id, &request.id, &reason.name, &key);
        self.note_answer(request, answer, "rejected", "declined")?;
        let (store, now) = (&self.session.store, self.session.now());
        Ok(store.clear_flag(&request.order_id, Reason::CancellationConflict, SHIPPING, now)?)
    }

    fn note_answer(
        &self,
        request: &Cancellation,
        answer: Result<(), tiktok::Error>,
        word: &str,
        done: &str,
    ) -> Result<(), Error> {
        match answer {
            Err(error) if error.class() != Class::CancellationSettled => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        let (store, now) = (&self.session.store, self.session.now());
        store.cancellation_answered(&request.id, word, now)?;
        let text = format!("the buyer's cancellation is {done} at TikTok");
        Ok(store.note(&request.order_id, "cancellation", &text, now)?)
    }
}

fn declining(reasons: &[RejectReason]) -> Option<&RejectReason> {
    let says = |reason: &&RejectReason, word: &str| {
        let text = reason.text.as_deref().unwrap_or_default();
        format!("{} {text}", reason.name).to_lowercase().contains(word)
    };
    DECLINING_WORDS
        .iter()
        .find_map(|word| reasons.iter().find(|reason| says(reason, word)))
}

/// A request that leaves units of the order standing.
fn is_partial(request: &Cancellation, stored: &StoredOrder) -> bool {
    let stays = |line: &crate::domain::order::LineItem| {
        line.status != LineStatus::Cancelled && !request.line_items.contains(&line.id)
    };
    !request.line_items.is_empty() && stored.order.line_items.iter().any(stays)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(name: &str, text: &str) -> RejectReason {
        RejectReason {
            name: name.into(),
            text: Some(text.into()),
        }
    }

    #[test]
    fn a_request_is_declined_for_a_reason_that_is_true_or_not_at_all() {
        let address = reason(
            "seller_reject_apply_unable_to_change_address",
            "The address can't be changed",
        );
        let packed = reason(
            "ecom_reverse_reject_cancel_reason_product_packed",
            "Product has been packed",
        );
        let shipped = reason("order_manage_reject_7", "The order has been Shipped");
        assert_eq!(declining(std::slice::from_ref(&address)), None);
        let all = [address.clone(), shipped.clone(), packed.clone()];
        assert_eq!(declining(&all), Some(&packed), "E87");
        assert_eq!(declining(&[address, shipped.clone()]), Some(&shipped), "E87");
    }
}
