//! What a person is told of numbers that come late to TikTok, of orders that may be shipped late, and of parcels that TikTok counts
//! against the shop's MCF warehouse.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::deadline::{self, is_in_time, is_near_deadline};
use crate::domain::event::{Event, instant};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Deadlines;

/// Five parcels that are none of MCF's switch the warehouse off (TikTok's "Amazon MCF Setup Guide").
const COUNTED_MAX: u32 = 5;

/// From here on a person should know.
const COUNTED_WARNING: u32 = 3;

/// What is told of a parcel whose number is late, once for each hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// The full hour for which it is told.
    pub told_for: i64,
    /// For people.
    pub text: String,
    /// The alarm, where it is time for one.
    pub alarm: Option<Event>,
}

/// Speaks of a parcel that left and that TikTok has no number of: `number` is the one that Amazon gave.
#[must_use]
pub fn late(
    order: &TiktokOrderId,
    number: Option<&str>,
    shipped_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Late> {
    let late = deadline::overdue(shipped_at, now)?;
    let missing = match number {
        Some(number) => format!("TikTok does not have {number}"),
        None => "Amazon gave no number".to_owned(),
    };
    Some(Late {
        told_for: late.told_for,
        text: format!(
            "shipped at {}, {} hours ago, and {missing}",
            instant(shipped_at),
            late.hours
        ),
        alarm: late.is_alarm.then(|| Event::TrackingOverdue {
            order: order.clone(),
            shipped_at,
            hours: late.hours,
        }),
    })
}

/// An order with units whose number TikTok does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotShipped {
    /// The order.
    pub order: TiktokOrderId,
    /// TikTok's deadlines, as far as it says them.
    pub deadlines: Deadlines,
    /// By when it must be marked shipped by the rules of the US, where TikTok names no deadline.
    pub due_at: Option<DateTime<Utc>>,
    /// Amazon's status, as far as it was read.
    pub amazon_status: Option<String>,
    /// When Amazon means to ship the last planned shipment.
    pub planned_at: Option<DateTime<Utc>>,
    /// Whether its history says so already.
    pub is_noted: bool,
}

/// Amazon's own plan for an order, held against TikTok's deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// When its last planned shipment leaves.
    pub ships_at: DateTime<Utc>,
    /// By when the carrier must have it.
    pub deadline: DateTime<Utc>,
    /// Whether that is too late: `order.at_risk`.
    pub is_late: bool,
}

impl Plan {
    /// Judges a plan with the operator's margin.
    #[must_use]
    pub fn of(ships_at: DateTime<Utc>, deadline: DateTime<Utc>, margin: TimeDelta) -> Self {
        Self {
            ships_at,
            deadline,
            is_late: !is_in_time(ships_at, margin, deadline),
        }
    }
}

impl NotShipped {
    /// Returns Amazon's plan, where both dates are known.
    #[must_use]
    pub fn plan(&self, margin: TimeDelta) -> Option<Plan> {
        let deadline = self.deadlines.handed_over_by()?;
        Some(Plan::of(self.planned_at?, deadline, margin))
    }
}

/// Says of an order that may miss its deadline that Amazon has not shipped it. No flag: nothing is wrong yet, and none of the closed
/// list of reasons says it; a history row and an `error` event do.
#[must_use]
pub fn may_ship_late(order: &NotShipped, has_us_rules: bool, now: DateTime<Utc>) -> Option<String> {
    let deadline = order.deadlines.nearest().or(order.due_at.filter(|_| has_us_rules))?;
    is_near_deadline(deadline, order.planned_at, now).then(|| {
        let status = order.amazon_status.as_deref().unwrap_or("not known");
        let plan = order
            .planned_at
            .map_or_else(String::new, |at| format!(", planned for {}", instant(at)));
        format!(
            "order {} must be marked shipped at TikTok by {}, and Amazon has not shipped all of it (status {status}{plan})",
            order.order,
            instant(deadline)
        )
    })
}

/// Warns before TikTok switches the warehouse off, by the parcels that it takes for none of MCF's.
#[must_use]
pub fn counted_against_mcf(counted: u32) -> Option<String> {
    (counted >= COUNTED_WARNING).then(|| {
        format!(
            "TikTok counts {counted} parcels that did not come from MCF; {COUNTED_MAX} switch the MCF warehouse off. Look at their numbers in Seller Center"
        )
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn late_by(hours: i64, number: Option<&str>) -> Option<Late> {
        let shipped_at = noon() - TimeDelta::hours(hours);
        late(&TiktokOrderId::new("1"), number, shipped_at, noon())
    }

    #[test]
    fn a_late_number_warns_before_it_alarms_e109() {
        assert_eq!(late_by(1, None), None, "E109");
        let warning = late_by(2, None).expect("a warning");
        assert_eq!((warning.told_for, warning.alarm), (2, None), "E109");
        assert_eq!(
            warning.text,
            "shipped at 2026-01-05T10:00:00Z, 2 hours ago, and Amazon gave no number"
        );
        let alarm = late_by(9, Some("1Z1")).expect("an alarm");
        assert_eq!(alarm.told_for, 4, "E109");
        assert!(alarm.text.ends_with("9 hours ago, and TikTok does not have 1Z1"));
        assert!(
            matches!(alarm.alarm, Some(Event::TrackingOverdue { hours: 9, .. })),
            "E109"
        );
    }

    fn not_shipped(ship_in: Option<i64>, planned_in: Option<i64>) -> NotShipped {
        let in_hours = |hours| noon() + TimeDelta::hours(hours);
        NotShipped {
            order: TiktokOrderId::new("1"),
            deadlines: Deadlines {
                ship_by: ship_in.map(in_hours),
                ..Deadlines::default()
            },
            due_at: Some(noon() + TimeDelta::days(2)),
            amazon_status: Some("Planning".into()),
            planned_at: planned_in.map(in_hours),
            is_noted: false,
        }
    }

    #[test]
    fn an_order_that_may_miss_its_deadline_is_told_with_amazons_plan() {
        let told = |order: &NotShipped| may_ship_late(order, true, noon());
        assert_eq!(told(&not_shipped(Some(13), None)), None);
        let text = told(&not_shipped(Some(12), None)).expect("a warning");
        assert!(text.contains("by 2026-01-06T00:00:00Z"), "{text}");
        assert!(text.ends_with("(status Planning)"), "{text}");
        let text = told(&not_shipped(Some(24), Some(25))).expect("a warning");
        assert!(text.ends_with("planned for 2026-01-06T13:00:00Z)"), "E149: {text}");
    }

    #[test]
    fn without_a_deadline_of_tiktoks_only_the_us_have_one() {
        let late = not_shipped(None, Some(24 * 9));
        assert!(may_ship_late(&late, true, noon()).is_some(), "E110");
        assert_eq!(may_ship_late(&late, false, noon()), None, "nothing is guessed");
    }

    #[test]
    fn three_foreign_parcels_warn_before_the_fifth_ends_the_warehouse() {
        assert_eq!(counted_against_mcf(2), None);
        let text = counted_against_mcf(3).expect("a warning");
        assert!(text.contains("counts 3 parcels") && text.contains("5 switch"), "{text}");
    }
}
