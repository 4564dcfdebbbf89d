//! In which order orders are taken up wherever a vendor's rate binds: the nearest deadline first (`domain::deadline::due_at`). It is
//! worked out when an order's facts are written, so that one rule counts the days.

/// When an order must be marked shipped. What could not be read yet may be due at any time.
pub(super) const DUE: &str = "coalesce(due_at, orders.created_at)";

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::domain::deadline::due_at;
    use crate::domain::order::Deadlines;
    use crate::domain::order::tests_support::plain_order;
    use crate::store::tests_support::{filled_at, store};

    #[test]
    fn the_order_of_work_is_that_of_the_nearest_deadline_e116() {
        let (_folder, store) = store();
        let hours = |hours: Option<i64>| hours.map(|hours| filled_at() + TimeDelta::hours(hours));
        let cases = [
            (None, None, None),
            (Some(30), Some(20), Some(90)),
            (Some(10), None, None),
            (None, Some(40), Some(15)),
            (None, None, Some(25)),
        ];
        let mut expected: Vec<(DateTime<Utc>, String)> = Vec::new();
        for (number, (ship, scan, cancel)) in cases.into_iter().enumerate() {
            let mut order = plain_order(&number.to_string());
            order.times.created_at = filled_at() - TimeDelta::hours(28);
            order.deadlines = Deadlines {
                ship_by: hours(ship),
                scanned_by: hours(scan),
                cancelled_unless_shipped_by: hours(cancel),
                ..Deadlines::default()
            };
            store.take_in_detail(&order, filled_at()).expect("stored");
            expected.push((due_at(&order.deadlines, &order.times), order.id.to_string()));
        }
        expected.sort();
        let expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
        let undecided = store.undecided(filled_at()).expect("readable").into_iter();
        assert_eq!(undecided.map(|id| id.to_string()).collect::<Vec<_>>(), expected, "E116");
        let connection = store.connection();
        let mut statement = connection
            .prepare(&format!("SELECT id FROM orders ORDER BY {DUE}, id"))
            .expect("a statement");
        let ids = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        assert_eq!(
            ids.collect::<rusqlite::Result<Vec<_>>>().expect("ids"),
            expected,
            "E116"
        );
    }
}
