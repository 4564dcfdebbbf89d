//! Which orders a run reads at Amazon: the changed ones, those accepted since the last run, a share of a sweep over the open ones,
//! and late looks at ended ones.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::super::{Error, Session};
use crate::domain::deadline::ship_by;
use crate::domain::ids::FulfillmentOrderId;
use crate::store::OpenOrder;

/// Every open order is read at least this often: the list shows no part shipments and no early numbers, and all else perhaps hours
/// late.
const SWEEP: TimeDelta = TimeDelta::hours(2);

/// TikTok takes a correction for this long; as long an ended order is looked at for a replaced number.
const CORRECTION: TimeDelta = TimeDelta::hours(72);

/// An ended order is read this often.
const LATE_LOOK: TimeDelta = TimeDelta::hours(12);

/// Returns what this run reads, in this order: what changed, what was just accepted, then its share of the sweep, the nearest deadline
/// first.
pub(super) fn due(session: &Session, listed: &BTreeSet<FulfillmentOrderId>) -> Result<Vec<FulfillmentOrderId>, Error> {
    let interval = i64::from(session.settings.schedule.tracking_sync_interval_minutes);
    let open = session.store.orders_to_sweep()?;
    let (mut changed, unchanged): (Vec<_>, Vec<_>) = open
        .into_iter()
        .partition(|order| order.is_changed || listed.contains(&order.id));
    // What failed runs left over is not spread over the next ones.
    let left_over = session.now() - SWEEP;
    let overdue = unchanged
        .iter()
        .filter(|order| order.looked_at.is_some_and(|at| at < left_over));
    let mut share: Vec<_> = unchanged
        .iter()
        .take(sweep_share(unchanged.len(), interval).max(overdue.count()))
        .cloned()
        .collect();
    let has_us_rules = session.settings.amazon.country() == Some("US");
    nearest_first(&mut changed, has_us_rules);
    nearest_first(&mut share, has_us_rules);
    let first = session.store.first_looks(session.unknown_grace(), session.now())?;
    let ended = ended_to_read(session, interval)?;
    let ids = |orders: Vec<OpenOrder>| orders.into_iter().map(|order| order.id);
    let mut seen = BTreeSet::new();
    let mut due: Vec<_> = ids(changed)
        .chain(first.into_iter().map(|intent| intent.id))
        .chain(ids(share))
        .chain(ids(ended))
        .collect();
    due.retain(|id| seen.insert(id.clone()));
    Ok(due)
}

fn nearest_first(orders: &mut [OpenOrder], has_us_rules: bool) {
    let deadline = |order: &OpenOrder| match has_us_rules {
        true => ship_by(&order.deadlines, order.paid_at),
        false => order.deadlines.nearest(),
    };
    // An order without a deadline comes last.
    orders.sort_by_key(|order| {
        let deadline = deadline(order);
        (deadline.is_none(), deadline)
    });
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
fn ended_to_read(session: &Session, interval: i64) -> Result<Vec<OpenOrder>, Error> {
    let now = session.now();
    let ended = session.store.ended_orders(now - CORRECTION)?;
    let most = share(ended.len(), LATE_LOOK, interval);
    let is_due = |order: &OpenOrder| order.looked_at.is_none_or(|at| at <= now - LATE_LOOK);
    Ok(ended.into_iter().filter(is_due).take(most).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::Deadlines;

    #[test]
    fn the_nearest_deadline_is_read_first_whichever_it_is() {
        let noon = chrono::DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        let order = |id: &str, ship_in: Option<i64>, cancelled_in: Option<i64>, paid_ago: Option<i64>| OpenOrder {
            id: FulfillmentOrderId::new(id),
            is_changed: true,
            looked_at: None,
            deadlines: Deadlines {
                ship_by: ship_in.map(|hours| noon + TimeDelta::hours(hours)),
                cancelled_unless_shipped_by: cancelled_in.map(|hours| noon + TimeDelta::hours(hours)),
                ..Deadlines::default()
            },
            paid_at: paid_ago.map(|hours| noon - TimeDelta::hours(hours)),
        };
        let mut orders = vec![
            order("unknown", None, None, None),
            order("computed", None, None, Some(1)),
            order("ship", Some(9), Some(99), None),
            order("cancelled", None, Some(8), None),
        ];
        let mut in_order = |has_us_rules| {
            nearest_first(&mut orders, has_us_rules);
            orders.iter().map(|order| order.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(in_order(true), ["cancelled", "ship", "computed", "unknown"], "E116");
        assert_eq!(in_order(false)[..2], ["cancelled", "ship"], "E116");
    }

    #[test]
    fn a_sweep_reads_every_open_order_within_two_hours() {
        assert_eq!(sweep_share(5_000, 30), 1_250);
        assert_eq!(sweep_share(1, 30), 1);
        assert_eq!(sweep_share(0, 30), 0);
        assert_eq!(sweep_share(10, 240), 10, "an interval beyond two hours reads all");
    }
}
