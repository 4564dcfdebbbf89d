//! What buyers' and sellers' wishes to cancel mean for an order that is not sent.

use super::decision::Decision;
use crate::domain::cancellation::{Conflict, is_ours_to_grant};
use crate::domain::eligibility::EligibilityRules;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::shop::Cancellation;

use chrono::{DateTime, Utc};

/// What is known of the cancellations of one order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cancellations<'a> {
    /// The buyer's open request that this run did not answer.
    pub request: Option<&'a Cancellation>,
    /// Whether this run answers nobody: else the request might have been granted before the order's turn.
    pub is_nobody_answered: bool,
    /// Whether a request is known to be open, where TikTok did not show its cancellations.
    pub is_kept_open: bool,
    /// Why it is not known whether the order is to be cancelled, or that a person must answer its buyer.
    pub conflict: Option<&'a Conflict>,
}

impl Cancellations<'_> {
    /// Tells whether the order would be cancelled by now if buyers were answered.
    pub(super) fn would_be_granted(&self, order: &Order, rules: &EligibilityRules, now: DateTime<Utc>) -> bool {
        let is_whole = |request: &Cancellation| !request.is_partial(order);
        self.is_nobody_answered && self.request.is_some_and(is_whole) && is_ours_to_grant(order, rules, now)
    }

    /// Keeps an order back that is to be cancelled, or of which that is not known, and keeps in mind that a person must answer the
    /// buyer.
    pub(super) fn heed(&self, order: &TiktokOrderId, decision: Decision) -> Decision {
        let needs_an_answer = matches!(self.conflict, Some(Conflict::AnswerRefused(_)));
        match (decision, self.conflict) {
            (Decision::Route(_), Some(conflict)) => Decision::Flag(vec![conflict.flag(order)]),
            (Decision::Route(_), None) if self.is_wished() => Decision::CancelRequested,
            (Decision::CancelRequested | Decision::Wait { .. }, Some(conflict)) if needs_an_answer => {
                Decision::Flag(vec![conflict.flag(order)])
            }
            (Decision::Flag(mut flags), Some(conflict)) if needs_an_answer => {
                flags.push(conflict.flag(order));
                Decision::Flag(flags)
            }
            (decision, _) => decision,
        }
    }

    /// Tells whether a buyer's request waits for its answer, as far as is known.
    fn is_wished(&self) -> bool {
        self.request.is_some() || self.is_kept_open
    }
}
