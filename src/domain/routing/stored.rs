//! A decision that sends nothing, as it is stored and shown.

use chrono::{DateTime, Utc};

use super::decision::Decision;
use crate::domain::eligibility::explain;
use crate::domain::event::Event;
use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::{State, Step};

/// The decision about an order, to be stored in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDecision {
    /// The state that the decision was made on.
    pub from: State,
    /// What it does.
    pub step: Step,
    /// Why it waits or is not eligible; `None` otherwise.
    pub detail: Option<String>,
    /// When to look again.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// All flags that hold now; others are cleared.
    pub flags: Vec<Flag>,
    /// For the history: which rules decided. Never anything about the buyer.
    pub explanation: String,
}

impl StoredDecision {
    /// An order that may go. What goes, and why, stands beside its intent.
    #[must_use]
    pub fn ready(from: State) -> Self {
        Self {
            from,
            step: Step::Pass,
            detail: None,
            next_attempt_at: None,
            flags: Vec::new(),
            explanation: "address, mapping and stock are in order".to_owned(),
        }
    }

    /// An order that a person must look at.
    #[must_use]
    pub fn flagged(from: State, flags: &[Flag]) -> Self {
        let messages: Vec<&str> = flags.iter().map(|flag| flag.message.as_str()).collect();
        Self {
            step: Step::Flag,
            flags: flags.to_vec(),
            explanation: messages.join("; "),
            ..Self::ready(from)
        }
    }

    /// `None` for a route, which is sent and not stored as it is.
    #[must_use]
    pub fn of(decision: &Decision, from: State) -> Option<Self> {
        let plain = |step, detail: &str| Self {
            step,
            detail: Some(detail.to_owned()),
            explanation: explain(detail).to_owned(),
            ..Self::ready(from)
        };
        Some(match decision {
            Decision::Route(_) => return None,
            Decision::Wait { detail, until } => Self {
                next_attempt_at: *until,
                ..plain(Step::Wait, detail)
            },
            Decision::CancelRequested => plain(Step::Wait, "cancel_requested"),
            Decision::NotEligible(detail) => plain(Step::Exclude, detail),
            Decision::Cancelled => Self {
                step: Step::Cancel,
                explanation: "cancelled at TikTok before anything was sent".to_owned(),
                ..Self::ready(from)
            },
            Decision::Flag(flags) => Self::flagged(from, flags),
        })
    }

    /// Returns the event of an order that comes out of its decision ready or flagged. It is told where it says another thing than last.
    #[must_use]
    pub fn validated(&self, order: &TiktokOrderId) -> Option<Event> {
        let errors: Vec<Detail> = self.flags.iter().map(|flag| flag.detail).collect();
        matches!(self.leads_to(), State::Ready | State::Flagged).then(|| Event::OrderValidated {
            order: order.clone(),
            valid: errors.is_empty(),
            errors,
        })
    }

    /// Returns where the order stands after it. Nothing is stored where the table of steps has no such step.
    pub(super) fn leads_to(&self) -> State {
        self.from.after(self.step).unwrap_or(self.from)
    }

    /// Tells whether it differs from how the order stood before.
    pub(super) fn is_news(&self, state: State, detail: Option<&str>, flags: &[Flag]) -> bool {
        self.leads_to() != state || self.detail.as_deref() != detail || self.flags != flags
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::mapping::MappingProblem;
    use crate::domain::order::tests_support::plain_order;
    use crate::domain::routing::known::Known;
    use crate::domain::routing::reasons::mapping_flag;

    #[test]
    fn each_decision_is_stored_with_its_reason_its_time_and_its_rule() {
        let until = DateTime::from_timestamp(1_767_614_400, 0);
        let problems = [MappingProblem::NothingToSend, MappingProblem::TooManyItems(101)];
        let flags = problems.map(|problem| mapping_flag(&plain_order("1"), &problem, &Known::default()));
        let grace = Decision::Wait {
            detail: "grace".to_owned(),
            until,
        };
        for (decision, step, detail, next_attempt_at, explanation) in [
            (
                grace,
                Step::Wait,
                Some("grace"),
                until,
                "the buyer may still cancel; the grace time after payment runs",
            ),
            (
                Decision::CancelRequested,
                Step::Wait,
                Some("cancel_requested"),
                None,
                "the buyer asks to cancel",
            ),
            (
                Decision::NotEligible("other_warehouse"),
                Step::Exclude,
                Some("other_warehouse"),
                None,
                "it lies in a warehouse that is not Amazon's",
            ),
            (
                Decision::Cancelled,
                Step::Cancel,
                None,
                None,
                "cancelled at TikTok before anything was sent",
            ),
            (
                Decision::Flag(flags.to_vec()),
                Step::Flag,
                None,
                None,
                "no unit of the order is left to send; the order becomes 101 items; one Amazon order holds 100",
            ),
        ] {
            let carried = match &decision {
                Decision::Flag(flags) => flags.clone(),
                _ => Vec::new(),
            };
            let expected = StoredDecision {
                from: State::Detected,
                step,
                detail: detail.map(str::to_owned),
                next_attempt_at,
                flags: carried,
                explanation: explanation.to_owned(),
            };
            assert_eq!(StoredDecision::of(&decision, State::Detected), Some(expected));
        }
    }

    #[test]
    fn what_comes_out_ready_or_flagged_is_validated_and_nothing_else_is() {
        let order = plain_order("1").id;
        let told = |decided: StoredDecision| {
            decided
                .validated(&order)
                .map(|event| event.data()["validationResult"].clone())
        };
        let flag = Flag::plain(Detail::StockTooLow, &order);
        let errors = json!([{"reason": "INSUFFICIENT_INVENTORY", "detail": "stock_too_low"}]);
        assert_eq!(
            told(StoredDecision::ready(State::Waiting)),
            Some(json!({"valid": true, "errors": []}))
        );
        assert_eq!(
            told(StoredDecision::flagged(State::Ready, &[flag])),
            Some(json!({"valid": false, "errors": errors}))
        );
        for other in [
            Decision::CancelRequested,
            Decision::NotEligible("other_warehouse"),
            Decision::Cancelled,
        ] {
            let stored = StoredDecision::of(&other, State::Ready).expect("it is no route");
            assert_eq!(told(stored), None, "{other:?}");
        }
    }
}
