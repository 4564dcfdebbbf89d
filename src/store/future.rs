//! Times that a wrong clock has left in the future. A clock that was ahead for one run must cost no later one.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::Transaction;
use super::runs::WHOLE_SINCE;
use super::{Result, Store, seconds};

/// Two processes, or two hosts, may read their clocks so far apart.
const TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// A table, its times that are never ahead of the present, and the hours for which those that are due may lie ahead.
struct Times {
    table: &'static str,
    past: &'static [&'static str],
    due: &'static [(&'static str, i64)],
}

const fn past(table: &'static str, past: &'static [&'static str]) -> Times {
    Times { table, past, due: &[] }
}

const TIMES: [Times; 20] = [
    past("acceptances", &["accepted_at"]),
    past("approvals", &["approved_at"]),
    past("runs", &["started_at", "ended_at"]),
    past("orders", &["state_since", "detected_at"]),
    past("flags", &["raised_at"]),
    past(
        "fulfillment_orders",
        &[
            "intended_at",
            "attempted_at",
            "missing_since",
            "accepted_at",
            "looked_at",
            "tried_at",
            "cancel_asked_at",
            "ended_at",
        ],
    ),
    Times {
        table: "parcels",
        past: &["found_at", "synced_at", "tags_read_at", "failed_at", "whereabouts_at"],
        due: &[("next_attempt_at", 1)],
    },
    past("parcel_numbers", &["seen_at", "told_at"]),
    past("cancellations", &["seen_at", "answered_at", "refused_at"]),
    past("stock_figures", &["read_at"]),
    past("listing_stock", &["written_at"]),
    past("tokens", &["updated_at"]),
    past("facts", &["read_at"]),
    past("speeds", &["at_risk_told_at"]),
    past("named_speeds", &["named_at"]),
    past("previews", &["asked_at"]),
    past("refused_features", &["refused_at"]),
    past("events", &["at"]),
    past("endpoints", &["disabled_at"]),
    Times {
        table: "deliveries",
        past: &["delivered_at", "given_up_at"],
        due: &[("next_attempt_at", 24)],
    },
];

impl Times {
    /// `None` where the table has no such time.
    fn statement(&self, is_sure: bool) -> Option<String> {
        let due = self.due.iter().map(|(column, hours)| (*column, hours * 3600));
        let past = self.past.iter().filter(|_| is_sure).map(|column| (*column, 0));
        let limits: Vec<_> = past.chain(due).collect();
        if limits.is_empty() {
            return None;
        }
        let set: Vec<String> = limits
            .iter()
            .map(|(column, wait)| {
                format!("{column} = CASE WHEN {column} > :latest + {wait} THEN :now ELSE {column} END")
            })
            .collect();
        let is_wrong: Vec<String> = limits
            .iter()
            .map(|(column, wait)| format!("{column} > :latest + {wait}"))
            .collect();
        let (table, set, is_wrong) = (self.table, set.join(", "), is_wrong.join(" OR "));
        Some(format!("UPDATE {table} SET {set} WHERE {is_wrong}"))
    }
}

/// The latest time is noted ahead by so much, so that it is noted once in that while.
const NOTED_AHEAD: TimeDelta = TimeDelta::minutes(1);

impl Store {
    /// Notes, with whatever is written, the latest time that the clock has shown.
    pub(super) fn note_latest(&self, transaction: &Transaction<'_>) -> Result<()> {
        match self.clock.map(|clock| clock.now()) {
            Some(now) if seconds(now) > self.latest.load(Ordering::Relaxed) => {
                self.keep_latest(transaction, now, "max(latest_time.at, ?1)")
            }
            Some(_) | None => Ok(()),
        }
    }

    fn keep_latest(&self, transaction: &Transaction<'_>, now: DateTime<Utc>, kept: &str) -> Result<()> {
        let latest = seconds(now + NOTED_AHEAD);
        let query =
            format!("INSERT INTO latest_time (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = {kept}");
        transaction.prepare_cached(&query)?.execute([latest])?;
        self.latest.store(latest, Ordering::Relaxed);
        Ok(())
    }

    /// Tells whether a time may lie in the future: not while no clock has ever shown one when something was written. This is asked in
    /// every run, and spares it to go through all that is stored.
    pub fn may_lie_ahead(&self, now: DateTime<Utc>) -> Result<bool> {
        let query = "SELECT coalesce((SELECT at FROM latest_time), 9e18) > ?1";
        self.value(query, [seconds(now + TOLERANCE)])
    }

    /// Pulls every time back that lies in the future and may not, and returns how many rows of which table had one. A cursor that
    /// lies there is forgotten: how far it should have gone is not known, and its list is read as by a first run.
    ///
    /// While no vendor has told the time, the clock itself may be behind: what happened is left as it is then, and only what is asked
    /// again by it, which costs no more than calls, is pulled back.
    pub fn pull_back(&self, now: DateTime<Utc>, is_sure: bool) -> Result<Vec<(&'static str, usize)>> {
        self.write(|transaction| {
            let latest = seconds(now + TOLERANCE);
            // This one is a date that only ever grows; it is no list's.
            let whole = transaction.execute(
                "UPDATE cursors SET at = ?2 WHERE at > ?1 AND name = ?3",
                (latest, seconds(now), WHOLE_SINCE),
            )?;
            let lists = transaction.execute("DELETE FROM cursors WHERE at > ?1", [latest])?;
            let mut found = vec![("cursors", whole + lists)];
            for times in &TIMES {
                let Some(statement) = times.statement(is_sure) else {
                    continue;
                };
                let mut statement = transaction.prepare_cached(&statement)?;
                let rows = statement.execute(rusqlite::named_params! {":latest": latest, ":now": seconds(now)})?;
                found.push((times.table, rows));
            }
            if is_sure {
                self.keep_latest(transaction, now, "?1")?;
            }
            found.retain(|(_, rows)| *rows > 0);
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::store::instant;
    use crate::store::tests_support::store;

    /// Times that are the vendors', or that nothing is decided by, or that mend themselves (a bucket with its next call), and durations.
    const OTHERS: [&str; 36] = [
        "acknowledged_flags.raised_at",
        "api_calls.at",
        "call_totals.longest_ms",
        "call_totals.sum_ms",
        "call_totals.up_to_ms",
        "cancellations.answer_by",
        "cursors.at",
        "dispatch_counts.due_by",
        "fulfillment_orders.missing_vendor_at",
        "fulfillment_orders.missing_uptime_ms",
        "fulfillment_orders.status_updated_at",
        "hands.at",
        "history.at",
        "latest_time.at",
        "mapping_imports.imported_at",
        "mapping_imports.undone_at",
        "orders.cancelled_unless_scanned_by",
        "orders.cancelled_unless_shipped_by",
        "orders.created_at",
        "orders.due_at",
        "orders.next_attempt_at",
        "orders.paid_at",
        "orders.release_at",
        "orders.scanned_by",
        "orders.seen_at",
        "orders.ship_by",
        "orders.updated_at",
        "parcels.shipped_at",
        "rate_buckets.updated_ms",
        "shipments.shipped_at",
        "speeds.arrives_at",
        "speeds.latest_ship_at",
        "stock_figures.updated_at",
        "tokens.access_expires_at",
        "tokens.refresh_expires_at",
        "api_calls.duration_ms",
    ];

    #[test]
    fn every_time_in_the_store_is_decided_for_i16() {
        let (_folder, store) = store();
        let connection = store.connection();
        let mut statement = connection
            .prepare(
                "SELECT tables.name || '.' || columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
                 WHERE tables.type = 'table' AND (columns.name = 'at' OR columns.name GLOB '*_at' OR columns.name GLOB '*_ms'
                    OR columns.name GLOB '*_by' OR columns.name GLOB '*_since' OR columns.name GLOB '*_until')
                    AND columns.type = 'INTEGER'",
            )
            .expect("a statement");
        let columns = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        let decided: Vec<String> = TIMES
            .iter()
            .flat_map(|times| {
                let due = times.due.iter().map(|(column, _)| column);
                times
                    .past
                    .iter()
                    .chain(due)
                    .map(|column| format!("{}.{column}", times.table))
            })
            .collect();
        for column in columns {
            let column = column.expect("a name");
            assert!(
                decided.contains(&column) || OTHERS.contains(&column.as_str()),
                "{column}"
            );
        }
    }

    /// A store that was written to while the clock showed this.
    fn written_at(shown: DateTime<Utc>) -> (tempfile::TempDir, Store, Clock) {
        let (folder, store) = store();
        let clock = Clock::starting_at(shown);
        let store = store.going_by(clock);
        store.begin_run("poll", shown).expect("a run");
        (folder, store, clock)
    }

    #[test]
    fn what_is_stored_is_gone_through_only_after_a_clock_was_ahead_e125() {
        let now = instant(1_767_574_842);
        let (_older, older) = store();
        assert!(older.may_lie_ahead(now).expect("read"), "a database from before");
        let (_right, right, _) = written_at(now);
        assert!(!right.may_lie_ahead(now).expect("read"));
        let (_ahead, ahead, _) = written_at(now + TimeDelta::minutes(5));
        assert!(ahead.may_lie_ahead(now).expect("read"));
        assert!(
            !ahead.may_lie_ahead(now + TimeDelta::minutes(5)).expect("read"),
            "it has passed"
        );
    }

    #[test]
    fn only_a_sure_look_ends_the_doubt_and_a_later_jump_begins_another_e125() {
        let now = instant(1_767_574_842);
        let (_folder, store, clock) = written_at(now + TimeDelta::hours(1));
        store.pull_back(now, false).expect("pulled back");
        assert!(store.may_lie_ahead(now).expect("read"), "no vendor has told the time");
        clock.follow(TimeDelta::hours(1));
        store.pull_back(now, true).expect("pulled back");
        assert!(!store.may_lie_ahead(now).expect("read"));
        clock.follow(TimeDelta::zero());
        store
            .begin_run("poll", now)
            .expect("a run by a clock that is ahead again");
        assert!(store.may_lie_ahead(now).expect("read"));
    }

    #[test]
    fn what_a_clock_that_was_ahead_left_behind_is_pulled_back_and_told_once_e125() {
        let (_folder, store) = store();
        let now = instant(1_767_574_842);
        let ahead = now + TimeDelta::days(40);
        store.begin_run("poll", ahead).expect("a run");
        store.move_cursor("a", ahead).expect("moved");
        store.move_cursor("b", now).expect("moved");
        store.keep_fact("shop", &1, ahead).expect("kept");
        let event = crate::domain::event::Event::Error { message: "x".into() };
        store.add_endpoint("https://ops.example/hook").expect("added");
        store.add_events(&[event], ahead).expect("written");
        store
            .queue_deliveries("https://ops.example/hook", |_| true, ahead)
            .expect("queued");
        let found = store.pull_back(now, true).expect("pulled back");
        let tables = [
            ("cursors", 1),
            ("runs", 1),
            ("facts", 1),
            ("events", 1),
            ("deliveries", 1),
        ];
        assert_eq!(found, tables);
        assert_eq!(store.cursor("a").expect("read"), None);
        assert_eq!(store.cursor("b").expect("read"), Some(now));
        let due = store
            .due_deliveries("https://ops.example/hook", crate::store::Due::Now, 9, now)
            .expect("due");
        assert_eq!(due.len(), 1);
        assert_eq!(store.pull_back(now, true).expect("nothing"), []);
    }

    #[test]
    fn a_clock_that_may_be_behind_leaves_what_happened_as_it_is_e125() {
        let (_folder, store) = store();
        let now = instant(1_767_574_842);
        store.keep_fact("shop", &1, now).expect("kept");
        store.move_cursor("a", now).expect("moved");
        let behind = now - TimeDelta::days(40);
        assert_eq!(store.pull_back(behind, false).expect("pulled back"), [("cursors", 1)]);
        assert_eq!(store.fact("shop").expect("read"), Some((1, now)));
    }
}
