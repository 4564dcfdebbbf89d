//! The outbox: events are written in the transaction of their cause, deliveries are tracked per endpoint.

use chrono::{DateTime, Utc};
use serde_json::Value;

mod queue;

use super::{Error, Result, Store, instant, seconds};
use crate::domain::event::{Event, IDLE_FAMILY, URGENT};
use crate::domain::quiet::{DEADLINE_FIELD, HEARD_ALWAYS};
use crate::store::engine::{Connection, Transaction, named_params};

pub use queue::Queue;

/// An event as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// Its number in this database.
    pub id: i64,
    /// E.g. `order.routed`.
    pub kind: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Its fields.
    pub data: Value,
}

impl StoredEvent {
    /// Returns the id that endpoints see; the same for every try, so that they can tell a repetition.
    #[must_use]
    pub fn message_id(&self) -> String {
        format!("msg_{}_{}", seconds(self.at), self.id)
    }
}

/// An event that an endpoint has not received yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The event.
    pub event: StoredEvent,
    /// Tries so far.
    pub attempts: u32,
}

/// How a try to deliver ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryResult {
    /// The endpoint took it.
    Delivered,
    /// Try again at this instant, for this reason.
    Later(DateTime<Utc>, String),
    /// Too many tries, for this reason.
    GivenUp(String),
}

pub(super) fn insert(transaction: &Transaction<'_>, event: &Event, now: DateTime<Utc>) -> Result<()> {
    transaction
        .prepare_cached("INSERT INTO events (kind, order_id, at, data) VALUES (:kind, :order, :at, :data)")?
        .execute(named_params! {
            ":kind": event.kind(),
            ":order": event.order().map(|order| order.as_str()),
            ":at": seconds(now),
            ":data": event.data().to_string(),
        })?;
    Ok(())
}

/// Which deliveries are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Those whose time has come.
    Now,
    /// Of these only what no quiet hour holds back.
    InQuietHours,
    /// All, also what should wait and what a gone endpoint missed.
    All,
}

/// How urgent `events.kind` is, as an expression of SQL: 0 is told first, 2 last.
pub(super) fn rank() -> String {
    let urgent = URGENT.join("', '");
    format!("CASE WHEN events.kind IN ('{urgent}') THEN 0 WHEN events.kind LIKE '{IDLE_FAMILY}%' THEN 2 ELSE 1 END")
}

impl Store {
    /// Writes events that belong to no change of an order.
    pub fn add_events(&self, events: &[Event], now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| events.iter().try_for_each(|event| insert(transaction, event, now)))
    }

    /// Makes the endpoint known. It receives what happens from its first run on, not the past.
    pub fn add_endpoint(&self, endpoint: &str) -> Result<()> {
        self.execute(
            "INSERT INTO endpoints (name, after_event) VALUES (?1, (SELECT coalesce(max(id), 0) FROM events)) ON CONFLICT DO NOTHING",
            [endpoint],
        )
    }

    /// Queues the events since the last time that the endpoint `wants`.
    pub fn queue_deliveries(&self, endpoint: &str, wants: impl Fn(&str) -> bool, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            let new: Vec<(i64, String)> = transaction
                .prepare_cached(
                    "SELECT id, kind FROM events WHERE id > (SELECT after_event FROM endpoints WHERE name = ?1) ORDER BY id",
                )?
                .query_map([endpoint], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (id, _) in new.iter().filter(|(_, kind)| wants(kind)) {
                transaction
                    .prepare_cached(
                        "INSERT INTO deliveries (event_id, endpoint, next_attempt_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    )?
                    .execute((id, endpoint, seconds(now)))?;
            }
            if let Some((last, _)) = new.last() {
                transaction.execute("UPDATE endpoints SET after_event = ?2 WHERE name = ?1", (endpoint, last))?;
            }
            Ok(())
        })
    }

    /// Returns what is due for the endpoint, the most urgent first, the oldest of these first.
    pub fn due_deliveries(&self, endpoint: &str, due: Due, limit: u32, now: DateTime<Utc>) -> Result<Vec<Delivery>> {
        self.read(|connection| {
            let (rank, heard) = (rank(), HEARD_ALWAYS.join("', '"));
            let mut statement = connection.prepare_cached(&format!(
                "SELECT events.id, events.kind, events.at, events.data, deliveries.attempts
                 FROM deliveries JOIN events ON events.id = deliveries.event_id
                 JOIN endpoints ON endpoints.name = deliveries.endpoint
                 WHERE deliveries.endpoint = :endpoint AND delivered_at IS NULL AND given_up_at IS NULL
                   AND (:all = 1 OR (next_attempt_at <= :now AND endpoints.disabled_at IS NULL))
                   AND (:is_quiet = 0 OR events.kind IN ('{heard}') OR json_extract(events.data, '$.{DEADLINE_FIELD}') IS NOT NULL)
                 ORDER BY {rank}, events.id LIMIT :limit"
            ))?;
            let rows = statement.query_map(
                named_params! {
                    ":endpoint": endpoint, ":all": due == Due::All, ":is_quiet": due == Due::InQuietHours, ":now": seconds(now), ":limit": limit,
                },
                |row| {
                    let data: String = row.get("data")?;
                    Ok(Delivery {
                        event: StoredEvent {
                            id: row.get("id")?,
                            kind: row.get("kind")?,
                            at: instant(row.get("at")?),
                            data: serde_json::from_str(&data).unwrap_or(Value::Null),
                        },
                        attempts: row.get("attempts")?,
                    })
                },
            )?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Notes how a try to deliver ended.
    pub fn record_delivery(
        &self,
        endpoint: &str,
        event: i64,
        result: &DeliveryResult,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (delivered, given_up, next, error) = match result {
            DeliveryResult::Delivered => (Some(seconds(now)), None, None, None),
            DeliveryResult::Later(next, error) => (None, None, Some(seconds(*next)), Some(error)),
            DeliveryResult::GivenUp(error) => (None, Some(seconds(now)), None, Some(error)),
        };
        self.execute(
            "UPDATE deliveries SET attempts = attempts + 1, delivered_at = :delivered, given_up_at = :given_up,
                 next_attempt_at = coalesce(:next, next_attempt_at), last_error = :error
             WHERE event_id = :event AND endpoint = :endpoint",
            named_params! {
                ":delivered": delivered, ":given_up": given_up, ":next": next, ":error": error,
                ":event": event, ":endpoint": endpoint,
            },
        )
    }

    /// Stops deliveries to an endpoint that says it is gone (R30).
    pub fn disable_endpoint(&self, endpoint: &str, why: &str, now: DateTime<Utc>) -> Result<()> {
        self.execute(
            "UPDATE endpoints SET disabled_at = ?2, disabled_by = ?3 WHERE name = ?1",
            (endpoint, seconds(now), why),
        )
    }

    /// Lets deliveries to an endpoint begin again.
    pub fn enable_endpoint(&self, endpoint: &str) -> Result<()> {
        self.execute(
            "UPDATE endpoints SET disabled_at = NULL, disabled_by = NULL WHERE name = ?1",
            [endpoint],
        )
    }

    /// Returns endpoints that are disabled, with the reason.
    pub fn disabled_endpoints(&self) -> Result<Vec<(String, String)>> {
        self.read(disabled_endpoints)
    }
}

fn disabled_endpoints(connection: &Connection) -> std::result::Result<Vec<(String, String)>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT name, coalesce(disabled_by, '') FROM endpoints WHERE disabled_at IS NOT NULL")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::store::tests_support::store;

    const ENDPOINT: &str = "https://ops.example/hook";

    fn now() -> DateTime<Utc> {
        instant(1_767_574_842)
    }

    fn event(message: &str) -> Event {
        Event::Error {
            message: message.into(),
        }
    }

    fn waiting(store: &Store, at: DateTime<Utc>) -> Vec<i64> {
        store.queue_deliveries(ENDPOINT, |_| true, at).expect("queued");
        let due = store.due_deliveries(ENDPOINT, Due::Now, 10, at).expect("due");
        due.iter().map(|delivery| delivery.event.id).collect()
    }

    #[test]
    fn an_endpoint_receives_what_happens_from_its_first_run_on() {
        let (_folder, store) = store();
        store.add_events(&[event("before")], now()).expect("written");
        store.add_endpoint(ENDPOINT).expect("added");
        store.add_events(&[event("after")], now()).expect("written");
        store.add_endpoint(ENDPOINT).expect("added twice");
        assert_eq!(waiting(&store, now()), [2]);
    }

    #[test]
    fn a_failed_delivery_waits_and_a_delivered_one_is_never_repeated() {
        let (_folder, store) = store();
        store.add_endpoint(ENDPOINT).expect("added");
        store.add_events(&[event("one")], now()).expect("written");
        assert_eq!(waiting(&store, now()), [1]);
        let later = now() + TimeDelta::minutes(5);
        let failed = DeliveryResult::Later(later, "status 500".into());
        store.record_delivery(ENDPOINT, 1, &failed, now()).expect("noted");
        assert!(waiting(&store, now()).is_empty());
        assert_eq!(waiting(&store, later), [1]);
        store
            .record_delivery(ENDPOINT, 1, &DeliveryResult::Delivered, later)
            .expect("noted");
        assert!(waiting(&store, later + TimeDelta::days(1)).is_empty());
    }

    #[test]
    fn quiet_hours_hold_back_who_is_flagged_but_not_who_is_about_to_be_late() {
        use crate::domain::flag::Reason;
        use crate::domain::ids::TiktokOrderId;
        let (_folder, store) = store();
        store.add_endpoint(ENDPOINT).expect("added");
        let (order, reason) = (TiktokOrderId::new("1"), Reason::SkuNotMapped);
        let error = "a product is not mapped".to_owned();
        let events = [
            Event::OrderFailed {
                order: order.clone(),
                reason,
                error: error.clone(),
            },
            Event::OrderStillFails {
                order,
                reason,
                error,
                deadline: now() + TimeDelta::hours(4),
            },
        ];
        store.add_events(&events, now()).expect("written");
        assert_eq!(waiting(&store, now()), [1, 2]);
        let due = store
            .due_deliveries(ENDPOINT, Due::InQuietHours, 9, now())
            .expect("due");
        let ids: Vec<i64> = due.iter().map(|delivery| delivery.event.id).collect();
        assert_eq!(ids, [2]);
    }

    #[test]
    fn a_disabled_endpoint_keeps_its_queue_for_the_day_it_is_back() {
        let (_folder, store) = store();
        store.add_endpoint(ENDPOINT).expect("added");
        store.add_events(&[event("one")], now()).expect("written");
        store
            .disable_endpoint(ENDPOINT, "it answered 410", now())
            .expect("disabled");
        assert!(waiting(&store, now()).is_empty(), "R30");
        store.enable_endpoint(ENDPOINT).expect("enabled");
        assert_eq!(waiting(&store, now()), [1]);
    }
}
