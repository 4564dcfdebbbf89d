//! The log of API calls and the buckets that pace them, shared by consecutive and parallel runs.

use chrono::DateTime;

use super::audit::{self, Book};
use super::engine::{OptionalExtension, named_params};
use super::intents::{words_of, write_tiktok_words};
use super::{Result, Store, seconds};
use crate::clock::Clock;
use crate::transport::{Bucket, CallRecord, Operation, Rate};

impl Store {
    /// Keeps the record of a call, and what TikTok said to it sealed with its one order; where there is no order, that is dropped.
    pub fn record_call(&self, record: &CallRecord) -> Result<()> {
        let run = self.run_id();
        let said = match (&record.order_id, &record.note.said) {
            (Some(order), Some(said)) => Some((order, self.seal(said.expose(), words_of(order))?)),
            (Some(_) | None, _) => None,
        };
        self.write(|transaction| {
            if let Some((order, said)) = &said {
                write_tiktok_words(transaction, order, Some(said))?;
            }
            audit::write(
                transaction,
                Book::Calls,
                // The number of a call that was dropped is never given again. Method and path follow from the operation: a row of each
                // call need not repeat them.
                "INSERT INTO api_calls
                 (id, run_id, order_id, at, peer, operation, method, path, duration_ms, outcome, status, code, request_id)
                 SELECT 1 + coalesce(max(id), 0),
                     :run, :order, :at, :peer, :operation, '', '', :duration, :outcome, :status, :code, :request
                 FROM (SELECT max(id) AS id FROM api_calls UNION ALL SELECT max(id) FROM dropped_calls) AS used",
                named_params! {
                    ":run": run,
                    ":order": record.order_id,
                    ":at": seconds(record.at),
                    ":peer": record.operation.peer.as_str(),
                    ":operation": record.operation.name,
                    ":duration": i64::try_from(record.duration_ms).unwrap_or(i64::MAX),
                    ":outcome": record.outcome.as_str(),
                    ":status": record.status,
                    ":code": record.note.code,
                    ":request": record.note.request_id,
                },
            )
        })
    }

    /// Opens the bucket of an operation, lets it be changed and keeps the change, in one transaction.
    pub fn with_bucket(
        &self,
        operation: &Operation,
        rate: Rate,
        clock: Clock,
        change: &mut dyn FnMut(&mut Bucket),
    ) -> Result<()> {
        self.write(|transaction| {
            let key = (operation.peer.as_str(), operation.name);
            let stored = transaction
                .prepare_cached("SELECT tokens, per_second, burst, updated_ms FROM rate_buckets WHERE peer = ?1 AND operation = ?2")?
                .query_row(key, |row| {
                    Ok(Bucket {
                        tokens: row.get("tokens")?,
                        per_second: row.get("per_second")?,
                        burst: row.get("burst")?,
                        updated_at: DateTime::from_timestamp_millis(row.get("updated_ms")?).unwrap_or_default(),
                    })
                })
                .optional()?;
            let mut bucket = stored.unwrap_or_else(|| Bucket::full(rate, clock.now()));
            change(&mut bucket);
            transaction
                .prepare_cached(
                    "INSERT INTO rate_buckets (peer, operation, tokens, per_second, burst, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (peer, operation) DO UPDATE SET tokens = excluded.tokens, per_second = excluded.per_second,
                         burst = excluded.burst, updated_ms = excluded.updated_ms",
                )?
                .execute((
                    key.0,
                    key.1,
                    bucket.tokens,
                    bucket.per_second,
                    bucket.burst,
                    bucket.updated_at.timestamp_millis(),
                ))?;
            Ok(())
        })
    }
}
