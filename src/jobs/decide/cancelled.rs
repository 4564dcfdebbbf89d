//! Orders that buyers wish to cancel, at the desk.

use super::Desk;
use crate::domain::cancellation::{REFUSED, is_ours_to_grant};
use crate::domain::decision::Decision;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::shop::Cancellation;
use crate::jobs::Error;

impl Desk<'_> {
    /// Returns the buyer's request of an order that this run did not answer.
    fn wish(&self, id: &TiktokOrderId) -> Option<&Cancellation> {
        let mut requests = self.cancellations.requests.iter();
        requests.find(|request| request.order_id == *id)
    }

    /// Tells whether a true run would have cancelled the order before it came here.
    pub(super) fn would_be_cancelled(&self, order: &Order) -> bool {
        let is_whole = |request: &Cancellation| !request.is_partial(order);
        let (rules, now) = (&self.rules.eligibility, self.session.now());
        self.session.is_dry_run && self.wish(&order.id).is_some_and(is_whole) && is_ours_to_grant(order, rules, now)
    }

    /// Keeps an order back that is to be cancelled, or of which that is not known, and keeps in mind that a person must answer the buyer.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) fn unless_cancelled(&self, id: &TiktokOrderId, decision: Decision) -> Result<Decision, Error> {
        let doubt = self.cancellations.doubts.get(id).cloned();
        let needs_a_person = doubt.as_ref().is_some_and(|doubt| doubt.detail == REFUSED);
        Ok(match (decision, doubt) {
            (Decision::Route(route), Some(doubt)) => {
                self.give_back(&route);
                Decision::Flag(vec![doubt])
            }
            (Decision::Route(route), None) if self.is_wished(id)? => {
                self.give_back(&route);
                Decision::CancelRequested
            }
            (Decision::CancelRequested | Decision::Wait { .. }, Some(doubt)) if needs_a_person => {
                Decision::Flag(vec![doubt])
            }
            (Decision::Flag(mut flags), Some(doubt)) if needs_a_person => {
                flags.push(doubt);
                Decision::Flag(flags)
            }
            (decision, _) => decision,
        })
    }

    /// Tells whether a buyer's request waits for its answer, as far as is known.
    fn is_wished(&self, id: &TiktokOrderId) -> Result<bool, Error> {
        let is_kept = || self.session.store.has_open_cancellation(id);
        Ok(self.wish(id).is_some() || self.cancellations.is_incomplete && is_kept()?)
    }
}
