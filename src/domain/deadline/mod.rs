//! The fixed spans of the trade, each at one place: until when something is due, from which age on it is told, for how long a figure
//! is believed. `calendar` has the days on which TikTok's dispatch deadlines fall, `dispatch` whether an order met its own.
//!
//! Three words for what may become late, which are not the same: *near its deadline* ([`is_near_deadline`], an `error` event twelve hours
//! before the nearest of all of TikTok's deadlines, or where Amazon plans to ship after it), *due soon* ([`SHOWN_BEFORE`], a row of `status` a day before) and *at risk* (not [`is_in_time`] by Amazon's own dates and the
//! operator's margin, by when it must be handed over, however far that is: `order.at_risk`, the column `is_at_risk` and what counts it).
//! *Late* is said by `dispatch`.
//!
//! Not here: what the operator sets (the wait after payment is in `eligibility`, the grace time of an uncertain create in
//! `submission`), how a vendor's list is read (windows, overlaps), how tokens are renewed and alerts delivered, how long rows are kept.

mod calendar;
pub mod dispatch;

use chrono::{DateTime, TimeDelta, Utc};

pub use calendar::{due_at, zone};

// Numbers that TikTok waits for.

/// Hours from a parcel's leaving until TikTok must have its number: the promise that this program makes.
pub const TRACKING_DUE: TimeDelta = TimeDelta::hours(4);

/// Hours after leaving from which on a parcel whose number TikTok lacks is spoken of.
pub const OVERDUE_FROM: TimeDelta = TimeDelta::hours(2);

/// Hours after leaving at which that raises an alarm: an hour before the promise is broken, and when it is.
const ALARMS: [TimeDelta; 2] = [TimeDelta::hours(3), TRACKING_DUE];

/// Hours after leaving until which a number waits for a look that failed: it must not go to a warehouse that is none of ours or to a
/// cancelled unit. With the last hour before TikTok must have it, it is told by what was known before.
const UNSEEN_AFTER: TimeDelta = TimeDelta::hours(3);

/// Minutes after which a number is told again that TikTok does not take for now.
pub const TOLD_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Minutes that a number waits at most for others to be told after one look.
pub const LOOK_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Hours after a number was told in which TikTok takes a correction; as long an ended order is looked at for a replaced number.
pub const CORRECTION_OPEN: TimeDelta = TimeDelta::hours(72);

/// Hours after a number was told in which TikTok sets its marks on the parcel.
pub const MARKS_AFTER: TimeDelta = TimeDelta::hours(1);

/// Days after leaving from which on Amazon is asked where a parcel is, the hours between two questions, and until when.
pub const WHEREABOUTS_AFTER: TimeDelta = TimeDelta::days(3);
/// See [`WHEREABOUTS_AFTER`].
pub const WHEREABOUTS_EVERY: TimeDelta = TimeDelta::hours(24);
/// See [`WHEREABOUTS_AFTER`].
pub const WHEREABOUTS_UNTIL: TimeDelta = TimeDelta::days(30);

/// Hours for which TikTok's list of carriers is kept.
pub const CARRIERS_KEPT: TimeDelta = TimeDelta::hours(24);

// Orders that Amazon has.

/// Hours in which every open order is read: Amazon's list shows no part shipments and no early numbers, and all else perhaps hours late.
pub const SWEEP: TimeDelta = TimeDelta::hours(2);

/// Hours between two readings of an order that has ended.
pub const LATE_LOOK: TimeDelta = TimeDelta::hours(12);

/// Hours between two looks for an accepted order that Amazon does not show.
pub const MISSING_READ_EVERY: TimeDelta = TimeDelta::hours(2);

/// Hours from Amazon's acceptance after which an order that it has not begun with is told to a person.
pub const NOT_BEGUN: TimeDelta = TimeDelta::hours(24);

/// Days from Amazon's acceptance after which that is told once more: on day 14 Amazon cancels what it holds.
const ENDS_SOON: TimeDelta = TimeDelta::days(13);

/// Hours for which Amazon may leave something open before a person hears of it: what became of a create, an order that it does not let
/// us read, a request to cancel. TikTok agrees to a cancellation by itself after a day.
const SILENCE: TimeDelta = TimeDelta::hours(2);

/// Hours before its deadline at which it is told that Amazon has not shipped an order.
const NOT_SHIPPED_NOTICE: TimeDelta = TimeDelta::hours(12);

/// Hours before its deadline at which `status` shows an order although nothing is wrong yet.
pub const SHOWN_BEFORE: TimeDelta = TimeDelta::hours(24);

/// Hours before its deadline at which a person is told again of an order that still needs one: the farther step first.
pub const REMINDED_BEFORE: [TimeDelta; 2] = [TimeDelta::hours(24), TimeDelta::hours(4)];

/// Hours after which `status` asks for a person because it is not known whether Amazon has an order; until then `poll` settles it.
pub const UNCERTAIN_SHOWN: TimeDelta = TimeDelta::hours(1);

// Buyers' requests to cancel.

/// Hours after which TikTok agrees to a request by itself, where it names no deadline.
pub const TIME_TO_ANSWER: TimeDelta = TimeDelta::hours(24);

/// Hours before that in which a request is declined in any case.
pub const DECLINED_BEFORE: TimeDelta = TimeDelta::hours(1);

// Figures.

/// Hours for which a stock figure of Amazon's is believed when an order is sent.
pub const STOCK_BELIEVED: TimeDelta = TimeDelta::hours(24);

/// Hours for which Amazon's preview of an order that did not change is believed.
pub const PREVIEW_BELIEVED: TimeDelta = TimeDelta::hours(6);

/// Minutes that a vendor may take to count an order into its own stock figure.
pub const COUNTED_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Minutes between two readings of stock: closer ones may be one mistake of Amazon's.
pub const SECOND_READING_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Hours after which a first reading confirms nothing.
pub const FIRST_READING_KEPT: TimeDelta = TimeDelta::hours(48);

/// Days for which our own orders explain a fall of the stock.
pub const SALES_EXPLAIN: TimeDelta = TimeDelta::days(7);

/// Days for which a variant stays a bundle on one refusal of TikTok's.
pub const BUNDLE_KEPT: TimeDelta = TimeDelta::days(7);

/// Hours for which the shop's default warehouse is kept.
pub const WAREHOUSE_KEPT: TimeDelta = TimeDelta::hours(24);

/// How late a parcel's number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// Full hours since it left.
    pub hours: i64,
    /// The full hour for which it is told, once: of the alarms the last that is past, else the warning.
    pub told_for: i64,
    /// Whether that is an alarm.
    pub is_alarm: bool,
}

/// Returns how late the number of a parcel is that TikTok lacks; `None` while nobody needs to hear of it.
#[must_use]
pub fn overdue(shipped_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Overdue> {
    let age = now - shipped_at;
    let alarm = ALARMS.into_iter().rfind(|alarm| age >= *alarm);
    (age >= OVERDUE_FROM).then(|| Overdue {
        hours: age.num_hours(),
        told_for: alarm.unwrap_or(OVERDUE_FROM).num_hours(),
        is_alarm: alarm.is_some(),
    })
}

/// Tells whether a number is told although TikTok could not be looked at.
#[must_use]
pub fn may_go_unseen(shipped_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    shipped_at.is_some_and(|at| now - at >= UNSEEN_AFTER)
}

/// How long Amazon has not begun with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// No longer than usual.
    Lately,
    /// For more than a day.
    ForADay,
    /// So long that it will soon end by itself.
    EndsSoon,
}

/// Returns how long Amazon has not begun with an order that it accepted then.
#[must_use]
pub fn not_begun(accepted_at: DateTime<Utc>, now: DateTime<Utc>) -> NotBegun {
    match now - accepted_at {
        age if age >= ENDS_SOON => NotBegun::EndsSoon,
        age if age >= NOT_BEGUN => NotBegun::ForADay,
        _ => NotBegun::Lately,
    }
}

/// Tells whether Amazon has left something open for so long that a person must hear of it.
#[must_use]
pub fn is_silent(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - since >= SILENCE
}

/// Tells whether what leaves by then is in time for a deadline. The margin lies between Amazon's hand-over and the carrier's scan.
#[must_use]
pub fn is_in_time(ships_at: DateTime<Utc>, margin: TimeDelta, deadline: DateTime<Utc>) -> bool {
    ships_at + margin <= deadline
}

/// Tells whether a person hears that Amazon has not shipped an order: its deadline is near, or Amazon plans to ship after it, margin or
/// not.
#[must_use]
pub fn is_near_deadline(deadline: DateTime<Utc>, planned_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    deadline - now <= NOT_SHIPPED_NOTICE || planned_at.is_some_and(|planned| planned > deadline)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn minutes(count: i64) -> TimeDelta {
        TimeDelta::minutes(count)
    }

    #[test]
    fn a_number_is_spoken_of_at_two_hours_and_alarms_at_three_and_four_e109() {
        for (age, expected) in [
            (119, None),
            (120, Some((2, 2, false))),
            (179, Some((2, 2, false))),
            (180, Some((3, 3, true))),
            (239, Some((3, 3, true))),
            (240, Some((4, 4, true))),
            (30 * 60, Some((30, 4, true))),
        ] {
            let late = overdue(noon() - minutes(age), noon());
            let late = late.map(|late| (late.hours, late.told_for, late.is_alarm));
            assert_eq!(late, expected, "E109: {age} minutes");
        }
    }

    #[test]
    fn a_parcel_waits_for_a_look_that_failed_but_not_until_it_is_late() {
        for (age, expected) in [(0, false), (179, false), (180, true), (540, true)] {
            assert_eq!(may_go_unseen(Some(noon() - minutes(age)), noon()), expected, "{age}");
        }
        assert!(!may_go_unseen(None, noon()), "it has not left: there is time");
        let latest = UNSEEN_AFTER.num_minutes();
        assert!(latest < TRACKING_DUE.num_minutes(), "an hour is left to tell it");
    }

    #[test]
    fn an_order_that_amazon_does_not_begin_with_is_told_after_a_day_and_before_it_ends() {
        let hours = |hours| not_begun(noon() - TimeDelta::hours(hours), noon());
        assert_eq!(hours(23), NotBegun::Lately);
        assert_eq!(hours(24), NotBegun::ForADay);
        assert_eq!(hours(13 * 24 - 1), NotBegun::ForADay);
        assert_eq!(hours(13 * 24), NotBegun::EndsSoon, "Amazon cancels on day 14");
    }

    #[test]
    fn silence_is_told_after_two_hours() {
        assert!(!is_silent(noon() - minutes(119), noon()));
        assert!(is_silent(noon() - minutes(120), noon()));
    }

    #[test]
    fn what_leaves_at_the_deadline_less_the_margin_is_in_time_e148() {
        let deadline = noon() + TimeDelta::hours(6);
        for (leaves_in, margin, expected) in [(6, 0, true), (7, 0, false), (4, 2, true), (5, 2, false)] {
            let leaves = noon() + TimeDelta::hours(leaves_in);
            let margin = TimeDelta::hours(margin);
            assert_eq!(
                is_in_time(leaves, margin, deadline),
                expected,
                "E148: {leaves_in} {margin}"
            );
        }
    }

    #[test]
    fn an_order_is_near_deadline_half_a_day_before_its_deadline_or_when_it_is_planned_later() {
        let deadline = |hours| noon() + TimeDelta::hours(hours);
        assert!(!is_near_deadline(deadline(13), None, noon()));
        assert!(is_near_deadline(deadline(12), None, noon()));
        assert!(is_near_deadline(deadline(48), Some(deadline(49)), noon()), "E149");
        assert!(!is_near_deadline(deadline(48), Some(deadline(48)), noon()));
    }
}
