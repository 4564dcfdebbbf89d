//! Stopping an order at Amazon: the request to cancel, what Amazon makes of it, and what is told of it.

use super::Counter;
use crate::amazon::operations::CANCEL;
use crate::amazon::{self, Kind, was_not_carried_out};
use crate::crash;
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::OrderStatus;
use crate::domain::state::{State, Step};
use crate::jobs::Error;
use crate::jobs::summary::{Summary, Touched};
use crate::jobs::wish::{DENIED, forget_silence, too_late};
use crate::store::{Intent, StoredOrder};

impl Counter<'_> {
    /// Stops an order that TikTok cancelled by itself, or whose seller cancels.
    pub(super) fn stop(&self, id: &TiktokOrderId, summary: &mut Summary) -> Result<(), Error> {
        let store = &self.session.store;
        match (store.order(id)?, store.newest_intent(id)?) {
            (Some(stored), Some(intent)) if stored.state == State::Flagged => self.close(&intent, &stored, summary),
            (Some(stored), Some(intent)) => self.stop_at_amazon(&intent, &stored, summary),
            (_, None) | (None, _) => Ok(()),
        }
    }

    /// Nothing of the order is left on either side: what a person was to look at is over.
    fn close(&self, intent: &Intent, stored: &StoredOrder, summary: &mut Summary) -> Result<(), Error> {
        let is_dead = intent.is_surely_dead() || !intent.may_be_at_amazon();
        if stored.order.status != OrderStatus::Cancelled || !is_dead {
            return Ok(());
        }
        let (id, now) = (&stored.order.id, self.session.now());
        let event = Event::OrderCancelled {
            order: id.clone(),
            at: now,
        };
        let why = "TikTok cancelled it, and Amazon ships nothing of it";
        let store = &self.session.store;
        let state = store.step(id, stored.state, Step::Cancel, why, Some(&event), now)?;
        summary.touch(Touched::new(id, state).explained(why));
        Ok(())
    }

    /// Asks Amazon to cancel an order that is not shipped yet, or tells that it is too late.
    pub(super) fn stop_at_amazon(
        &self,
        intent: &Intent,
        stored: &StoredOrder,
        summary: &mut Summary,
    ) -> Result<(), Error> {
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
            State::Shipped | State::Completed => return too_late(self.session, intent, stored),
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
                forget_silence(self.session, intent)?;
                return self.follow(intent);
            }
            Err(error) => error,
        };
        // A create may take a while to show: an order that Amazon does not know yet is asked for again, too.
        if was_not_carried_out(&error, &CANCEL) || error.kind() == Kind::NotFound {
            let why = "Amazon did not take the request to cancel; the next run asks again";
            store.step(&intent.order, State::Cancelling, Step::RefuseCancel, why, None, now)?;
            self.tell_denied(intent, &error)?;
            return Err(error.into());
        }
        if error.is_outcome_unknown() {
            self.follow(intent)?;
            return match self.state(&intent.order)? {
                Some(State::Cancelling) => Err(error.into()),
                // The read has brought the answer.
                Some(_) | None => Ok(()),
            };
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

    /// Amazon refuses the request itself, not the cancel: a person has little time to do it by hand. An order that was just created
    /// may only not show yet.
    fn tell_denied(&self, intent: &Intent, error: &amazon::Error) -> Result<(), Error> {
        let now = self.session.now();
        let may_show = intent.accepted_at.unwrap_or(intent.intended_at) + self.session.unknown_grace();
        let is_denied = match error.kind() {
            Kind::AccessDenied => true,
            Kind::NotFound => now >= may_show,
            _ => error.is_not_offered(),
        };
        if !is_denied {
            return Ok(());
        }
        let message = format!(
            "Amazon does not take the request to cancel {}; cancel it in Seller Central while it is not packed, each run asks again",
            intent.id
        );
        let flag =
            Flag::new(Reason::CancellationConflict, DENIED, message, &intent.order).with_command("mcf check amazon");
        self.session.store.raise_flag(&intent.order, &flag, now)?;
        Ok(())
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
}
