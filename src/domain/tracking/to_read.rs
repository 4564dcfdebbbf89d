//! Which orders a run reads at Amazon: the changed ones, those accepted since the last run, a share of a sweep over the open ones,
//! and late looks at ended ones.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::deadline::{LATE_LOOK, SWEEP};
use crate::domain::ids::FulfillmentOrderId;

/// An order at Amazon that may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    /// Our id at Amazon.
    pub id: FulfillmentOrderId,
    /// Whether Amazon's list says that it changed.
    pub is_changed: bool,
    /// When it was last read in full, or a reading came to nothing.
    pub looked_at: Option<DateTime<Utc>>,
    /// By when it must be marked shipped, as far as that is known.
    pub due_at: Option<DateTime<Utc>>,
}

/// What there is to read.
#[derive(Debug, Clone)]
pub struct ToRead {
    /// The orders that Amazon may still change, the longest unread first.
    pub open: Vec<OpenOrder>,
    /// Those that Amazon's list shows as changed just now.
    pub listed: BTreeSet<FulfillmentOrderId>,
    /// Those that were accepted and never read since.
    pub accepted: Vec<FulfillmentOrderId>,
    /// Those that have ended and whose number may still be corrected, the longest unread first.
    pub ended: Vec<OpenOrder>,
}

/// Returns what this run reads, in this order: what changed, what was just accepted, then its share of the sweep, the nearest deadline
/// first, and of the ended ones a share. `interval` is the minutes between two runs.
#[must_use]
pub fn to_read(found: ToRead, interval: i64, now: DateTime<Utc>) -> Vec<FulfillmentOrderId> {
    let (mut changed, unchanged): (Vec<_>, Vec<_>) = found
        .open
        .into_iter()
        .partition(|order| order.is_changed || found.listed.contains(&order.id));
    // What failed runs left over is not spread over the next ones.
    let left_over = now - SWEEP;
    let overdue = unchanged
        .iter()
        .filter(|order| order.looked_at.is_some_and(|at| at < left_over));
    let mut share: Vec<_> = unchanged
        .iter()
        .take(sweep_share(unchanged.len(), interval).max(overdue.count()))
        .cloned()
        .collect();
    nearest_first(&mut changed);
    nearest_first(&mut share);
    let ended = ended_to_read(found.ended, interval, now);
    let ids = |orders: Vec<OpenOrder>| orders.into_iter().map(|order| order.id);
    let mut seen = BTreeSet::new();
    let mut due: Vec<_> = ids(changed)
        .chain(found.accepted)
        .chain(ids(share))
        .chain(ids(ended))
        .collect();
    due.retain(|id| seen.insert(id.clone()));
    due
}

/// An order without a deadline comes last.
fn nearest_first(orders: &mut [OpenOrder]) {
    orders.sort_by_key(|order| (order.due_at.is_none(), order.due_at));
}

/// How many of the unchanged orders one run reads so that each is read every two hours.
fn sweep_share(unchanged: usize, interval_minutes: i64) -> usize {
    share(unchanged, SWEEP, interval_minutes)
}

fn share(orders: usize, period: TimeDelta, interval_minutes: i64) -> usize {
    let runs = usize::try_from(period.num_minutes() / interval_minutes.max(1)).unwrap_or(1);
    orders.div_ceil(runs.max(1))
}

/// Amazon may replace a number after the order has ended, and its list does not show that.
fn ended_to_read(ended: Vec<OpenOrder>, interval_minutes: i64, now: DateTime<Utc>) -> Vec<OpenOrder> {
    let most = share(ended.len(), LATE_LOOK, interval_minutes);
    let is_due = |order: &OpenOrder| order.looked_at.is_none_or(|at| at <= now - LATE_LOOK);
    ended.into_iter().filter(is_due).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    /// Read so many hours ago; to be marked shipped in so many hours.
    fn open(id: &str, read_ago: i64, ship_in: Option<i64>) -> OpenOrder {
        OpenOrder {
            id: FulfillmentOrderId::new(id),
            is_changed: false,
            looked_at: Some(noon() - TimeDelta::hours(read_ago)),
            due_at: ship_in.map(|hours| noon() + TimeDelta::hours(hours)),
        }
    }

    fn read(found: ToRead) -> Vec<String> {
        let due = to_read(found, 30, noon());
        due.iter().map(ToString::to_string).collect()
    }

    fn nothing() -> ToRead {
        ToRead {
            open: Vec::new(),
            listed: BTreeSet::new(),
            accepted: Vec::new(),
            ended: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_deadline_is_read_first_e116() {
        let mut orders = [("unknown", None), ("late", Some(99)), ("soon", Some(8))].map(|(id, due)| open(id, 0, due));
        nearest_first(&mut orders);
        let ids = orders.map(|order| order.id.to_string());
        assert_eq!(ids, ["soon", "late", "unknown"], "E116");
    }

    #[test]
    fn a_sweep_reads_every_open_order_within_two_hours() {
        assert_eq!(sweep_share(5_000, 30), 1_250);
        assert_eq!(sweep_share(1, 30), 1);
        assert_eq!(sweep_share(0, 30), 0);
        assert_eq!(sweep_share(10, 240), 10, "an interval beyond two hours reads all");
    }

    #[test]
    fn what_changed_comes_first_and_nothing_twice() {
        let found = ToRead {
            open: vec![
                open("swept", 1, None),
                open("listed", 0, Some(9)),
                open("later", 0, None),
            ],
            listed: BTreeSet::from([FulfillmentOrderId::new("listed")]),
            accepted: vec![FulfillmentOrderId::new("new"), FulfillmentOrderId::new("swept")],
            ..nothing()
        };
        assert_eq!(read(found), ["listed", "new", "swept"], "a quarter of two is one");
    }

    #[test]
    fn what_failed_runs_left_over_is_read_at_once_e127() {
        let due_after = |hours| {
            let open = (0..8).map(|id| open(&id.to_string(), hours, Some(8 - id))).collect();
            read(ToRead { open, ..nothing() })
        };
        let left_over = due_after(3);
        assert_eq!((left_over.len(), left_over[0].as_str()), (8, "7"), "E127");
        assert_eq!(
            due_after(2),
            ["1", "0"],
            "E127: at two hours they are in time, a quarter is read"
        );
    }

    #[test]
    fn an_ended_order_is_looked_at_twice_a_day_for_a_replaced_number_e101() {
        let ended = vec![open("old", 12, None), open("fresh", 11, None)];
        assert_eq!(read(ToRead { ended, ..nothing() }), ["old"], "E101");
        let ended = vec![open("fresh", 11, None)];
        assert!(read(ToRead { ended, ..nothing() }).is_empty(), "E101");
        let many = (0..48).map(|id| open(&id.to_string(), 24, None)).collect();
        let due = read(ToRead {
            ended: many,
            ..nothing()
        });
        assert_eq!(due.len(), 2, "E101: 24 runs share them");
    }
}
