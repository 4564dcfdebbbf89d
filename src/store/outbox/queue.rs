//! The length of the queue to each endpoint.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::rank;
use crate::store::engine::named_params;
use crate::store::{Result, Store, instant, seconds};

/// What the endpoints still wait for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// Deliveries that are neither done nor given up, over all endpoints.
    pub waiting: u64,
    /// When the oldest of their events happened.
    pub oldest_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Returns the queue of all endpoints.
    pub fn queue(&self) -> Result<Queue> {
        self.read(|connection| {
            let query = "SELECT count(*), min(events.at) FROM deliveries JOIN events ON events.id = deliveries.event_id
                         WHERE delivered_at IS NULL AND given_up_at IS NULL";
            Ok(connection.query_row(query, [], |row| {
                let (waiting, oldest): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
                Ok(Queue {
                    waiting: waiting.unsigned_abs(),
                    oldest_at: oldest.map(instant),
                })
            })?)
        })
    }

    /// Returns how many deliveries an endpoint still waits for.
    pub fn waiting_deliveries(&self, endpoint: &str) -> Result<u32> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(*) FROM deliveries WHERE endpoint = ?1 AND delivered_at IS NULL AND given_up_at IS NULL",
                )?
                .query_row([endpoint], |row| row.get(0))?)
        })
    }

    /// Returns how many events since the last time an endpoint wants; a queue is made of them when it is told the next time.
    pub fn unqueued_events(&self, endpoint: &str, wants: impl Fn(&str) -> bool) -> Result<u32> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind FROM events WHERE id > (SELECT after_event FROM endpoints WHERE name = ?1)",
            )?;
            let kinds = statement.query_map([endpoint], |row| row.get::<_, String>(0))?;
            let mut count = 0;
            for kind in kinds {
                count += u32::from(wants(&kind?));
            }
            Ok(count)
        })
    }

    /// Gives up deliveries beyond the `kept` most urgent and newest ones (E115), and returns how many: nothing urgent is dropped for
    /// something idle.
    pub fn limit_deliveries(&self, endpoint: &str, kept: u32, now: DateTime<Utc>) -> Result<u32> {
        self.write(|transaction| {
            let rank = rank();
            let query = format!(
                "UPDATE deliveries SET given_up_at = :now, last_error = 'too many were waiting'
                 WHERE endpoint = :endpoint AND event_id IN (
                     SELECT event_id FROM deliveries JOIN events ON events.id = event_id
                     WHERE endpoint = :endpoint AND delivered_at IS NULL AND given_up_at IS NULL
                     ORDER BY {rank}, event_id DESC LIMIT 9223372036854775807 OFFSET :kept)"
            );
            let given_up = transaction.execute(
                &query,
                named_params! {":endpoint": endpoint, ":kept": kept, ":now": seconds(now)},
            )?;
            Ok(u32::try_from(given_up).unwrap_or(u32::MAX))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::event::Event;
    use crate::domain::ids::TiktokOrderId;
    use crate::store::instant;
    use crate::store::tests_support::store;

    #[test]
    fn a_queue_keeps_its_newest_alerts() {
        let (_folder, store) = store();
        let now = instant(1_767_574_842);
        store.add_endpoint("ops.example#1").expect("added");
        let events: Vec<Event> = (0..5).map(|_| Event::ConnectorStarted { at: now }).collect();
        store.add_events(&events, now).expect("written");
        store.queue_deliveries("ops.example#1", |_| true, now).expect("queued");
        assert_eq!(
            store.limit_deliveries("ops.example#1", 2, now).expect("limited"),
            3,
            "E115"
        );
        let due = store
            .due_deliveries("ops.example#1", crate::store::Due::Now, 10, now)
            .expect("due");
        let ids: Vec<i64> = due.iter().map(|delivery| delivery.event.id).collect();
        assert_eq!(ids, [4, 5], "E115");
        assert_eq!(store.waiting_deliveries("ops.example#1").expect("counted"), 2);
    }

    #[test]
    fn what_is_urgent_goes_first_and_is_never_dropped_for_something_idle() {
        let (_folder, store) = store();
        let (before, now) = (instant(1_767_574_842), instant(1_767_578_442));
        let endpoint = "ops.example#1";
        store.add_endpoint(endpoint).expect("added");
        let error = |message: &str| Event::Error {
            message: message.into(),
        };
        let cancelled = Event::OrderCancelled {
            order: TiktokOrderId::new("576900000000000101"),
            at: now,
        };
        store
            .add_events(&[error("one"), Event::ConnectorStarted { at: now }], before)
            .expect("written");
        let stopped = Event::ConnectorStopped {
            at: now,
            audit_rows: 0,
            audit_head: String::new(),
        };
        store
            .add_events(&[stopped, cancelled, error("two")], now)
            .expect("written");
        store.queue_deliveries(endpoint, |_| true, now).expect("queued");
        let due = |store: &crate::store::Store| -> Vec<i64> {
            let due = store
                .due_deliveries(endpoint, crate::store::Due::Now, 10, now)
                .expect("due");
            due.iter().map(|delivery| delivery.event.id).collect()
        };
        assert_eq!(due(&store), [1, 5, 4, 2, 3], "E167");
        let queue = store.queue().expect("counted");
        assert_eq!((queue.waiting, queue.oldest_at), (5, Some(before)), "E167");
        assert_eq!(store.limit_deliveries(endpoint, 2, now).expect("limited"), 3, "E115");
        assert_eq!(due(&store), [1, 5], "E115");
    }
}
