//! The length of the queue to each endpoint.

use chrono::{DateTime, Utc};
use rusqlite::named_params;

use super::{Result, Store, seconds};

impl Store {
    /// Returns how many deliveries an endpoint still waits for.
    ///
    /// # Errors
    /// When the database refuses.
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
    ///
    /// # Errors
    /// When the database refuses.
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

    /// Gives up the oldest deliveries beyond the newest `kept` (E115), and returns how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn limit_deliveries(&self, endpoint: &str, kept: u32, now: DateTime<Utc>) -> Result<u32> {
        self.write(|transaction| {
            let given_up = transaction.execute(
                "UPDATE deliveries SET given_up_at = :now, last_error = 'too many were waiting'
                 WHERE endpoint = :endpoint AND event_id IN (
                     SELECT event_id FROM deliveries
                     WHERE endpoint = :endpoint AND delivered_at IS NULL AND given_up_at IS NULL
                     ORDER BY event_id DESC LIMIT -1 OFFSET :kept)",
                named_params! {":endpoint": endpoint, ":kept": kept, ":now": seconds(now)},
            )?;
            Ok(u32::try_from(given_up).unwrap_or(u32::MAX))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::event::Event;
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
        let due = store.due_deliveries("ops.example#1", false, 10, now).expect("due");
        let ids: Vec<i64> = due.iter().map(|delivery| delivery.event.id).collect();
        assert_eq!(ids, [4, 5], "E115");
        assert_eq!(store.waiting_deliveries("ops.example#1").expect("counted"), 2);
    }
}
