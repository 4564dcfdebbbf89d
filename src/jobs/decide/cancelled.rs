//! Orders that buyers wish to cancel, at the desk.

use super::Desk;
use crate::domain::decision::Decision;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::shop::Cancellation;
use crate::jobs::cancel::{is_ours_to_grant, is_partial};

impl Desk<'_> {
    /// Returns the buyer's request of an order that this run did not answer.
    fn wish(&self, id: &TiktokOrderId) -> Option<&Cancellation> {
        let mut requests = self.heeded.wishes.iter();
        requests.find(|request| request.order_id == *id)
    }

    /// Tells whether a true run would have cancelled the order before it came here.
    pub(super) fn would_be_cancelled(&self, order: &Order) -> bool {
        let is_whole = |request| !is_partial(request, order);
        self.session.is_dry_run && self.wish(&order.id).is_some_and(is_whole) && is_ours_to_grant(self.session, order)
    }

    /// Keeps an order back that is to be cancelled, or of which that is not known.
    pub(super) fn unless_cancelled(&self, id: &TiktokOrderId, decision: Decision) -> Decision {
        let instead = match (self.heeded.doubts.get(id), self.wish(id)) {
            (Some(doubt), _) => Decision::Flag(vec![doubt.clone()]),
            (None, Some(_)) => Decision::CancelRequested,
            (None, None) => return decision,
        };
        match decision {
            Decision::Route(route) => {
                self.give_back(&route);
                instead
            }
            other => other,
        }
    }
}
