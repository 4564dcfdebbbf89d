//! When a person is told once more of an order that still needs one: as its deadline comes near, once for each step.
//!
//! The first word is its `order.failed` when it is flagged. Whoever was told within a step needs no second word for it, and what is late
//! is not repeated: `status` says so for as long as it is.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::deadline::REMINDED_BEFORE;
use super::event::Event;
use super::flag::Flagged;
use super::ids::TiktokOrderId;
use super::state::State;

/// What a person was reminded of last about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminded {
    /// The deadline, as it stood then.
    pub deadline: DateTime<Utc>,
    /// How many hours before it.
    pub hours: i64,
}

/// An order that still needs a person: its flags, the first of them first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillFlagged {
    /// Its flags.
    pub flags: Vec<Flagged>,
    /// The last word about it.
    pub told: Option<Reminded>,
}

/// Tells whether an order's deadline is that it leaves, and it has not.
#[must_use]
pub fn is_to_leave(state: State) -> bool {
    !state.has_ended() && !matches!(state, State::Shipped | State::Cancelling)
}

/// Puts flags together by their order.
#[must_use]
pub fn by_order(
    flagged: Vec<Flagged>,
    told: &BTreeMap<TiktokOrderId, Reminded>,
) -> BTreeMap<TiktokOrderId, StillFlagged> {
    let mut orders: BTreeMap<TiktokOrderId, StillFlagged> = BTreeMap::new();
    for found in flagged {
        let order = found.order.clone();
        let told = told.get(&order).copied();
        let flags = Vec::new();
        let entry = orders.entry(order).or_insert(StillFlagged { flags, told });
        entry.flags.push(found);
    }
    orders
}

impl StillFlagged {
    /// Returns what is told of it now, with the step that it is told for.
    #[must_use]
    pub fn reminder(&self, now: DateTime<Utc>) -> Option<(Reminded, Event)> {
        let first = self.flags.first()?;
        let deadline = first.deadline.filter(|deadline| *deadline > now)?;
        let step = REMINDED_BEFORE.into_iter().rfind(|step| deadline - now <= *step)?;
        let begins = deadline - step;
        let hours = step.num_hours();
        let is_told = self
            .told
            .is_some_and(|told| told.deadline == deadline && told.hours <= hours);
        let is_heard = self.flags.iter().any(|found| found.raised_at >= begins);
        (!is_told && !is_heard).then(|| (Reminded { deadline, hours }, self.event(first, deadline)))
    }

    fn event(&self, first: &Flagged, deadline: DateTime<Utc>) -> Event {
        let error = match self.flags.len() {
            1 => first.flag.message.clone(),
            flags => format!("{} (and {} more)", first.flag.message, flags - 1),
        };
        Event::OrderStillFails {
            order: first.order.clone(),
            reason: first.flag.reason(),
            error,
            deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::flag::{Detail, Flag};

    fn due() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    /// So many hours before the deadline.
    fn before(hours: i64) -> DateTime<Utc> {
        due() - TimeDelta::hours(hours)
    }

    fn flagged(hours: i64) -> Flagged {
        let order = TiktokOrderId::new("1");
        Flagged {
            flag: Flag::plain(Detail::SkuNotMapped, &order),
            order,
            raised_at: before(hours),
            deadline: Some(due()),
        }
    }

    fn told(hours: i64) -> Option<Reminded> {
        Some(Reminded { deadline: due(), hours })
    }

    #[test]
    fn an_order_is_told_again_a_day_and_four_hours_before_its_deadline_and_once_for_each_step() {
        for (raised, last, now, expected) in [
            (60, None, 25, None),
            (60, None, 24, Some(24)),
            (60, None, 5, Some(24)),
            (60, told(24), 5, None),
            (60, told(24), 4, Some(4)),
            (60, None, 4, Some(4)),
            (60, told(4), 1, None),
            (60, None, 1, Some(4)),
            (60, None, 0, None),
            (60, None, -5, None),
            (20, None, 10, None),
            (20, None, 4, Some(4)),
            (24, None, 23, None),
            (3, None, 1, None),
        ] {
            let order = StillFlagged {
                flags: vec![flagged(raised)],
                told: last,
            };
            let found = order.reminder(before(now)).map(|(told, _)| told.hours);
            assert_eq!(
                found, expected,
                "raised {raised} hours before, {last:?}, {now} hours before"
            );
        }
    }

    #[test]
    fn a_deadline_that_moved_is_told_of_anew_and_one_that_is_not_known_never() {
        let earlier = Reminded {
            deadline: before(48),
            hours: 4,
        };
        let order = |deadline| StillFlagged {
            flags: vec![Flagged {
                deadline,
                ..flagged(90)
            }],
            told: Some(earlier),
        };
        let hours = |order: StillFlagged| order.reminder(before(20)).map(|(told, _)| told.hours);
        assert_eq!(hours(order(Some(due()))), Some(24));
        assert_eq!(hours(order(None)), None);
    }

    #[test]
    fn an_order_with_several_flags_is_told_of_once_and_not_where_one_of_them_is_news() {
        let order = TiktokOrderId::new("1");
        let orders = by_order(vec![flagged(60), flagged(50)], &BTreeMap::new());
        let (_, event) = orders[&order].reminder(before(24)).expect("a reminder");
        let data = event.data();
        assert_eq!(data["error"], "a product is not mapped to an Amazon SKU (and 1 more)");
        assert_eq!(
            (event.kind(), &data["reason"]),
            ("order.failed", &"SKU_NOT_MAPPED".into())
        );
        assert_eq!(data["deadline"], "2026-01-05T12:00:00Z");
        let orders = by_order(vec![flagged(60), flagged(23)], &BTreeMap::new());
        assert_eq!(
            orders[&order].reminder(before(22)),
            None,
            "the second was told within the step"
        );
    }

    #[test]
    fn what_left_or_has_ended_has_no_such_deadline() {
        for (state, expected) in [
            (State::Detected, true),
            (State::Waiting, true),
            (State::Submitting, true),
            (State::Routed, true),
            (State::Flagged, true),
            (State::Cancelling, false),
            (State::Shipped, false),
            (State::Completed, false),
            (State::Cancelled, false),
            (State::Dismissed, false),
            (State::NotEligible, false),
        ] {
            assert_eq!(is_to_leave(state), expected, "{state}");
        }
    }
}
