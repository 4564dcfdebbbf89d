//! Runs of commands, cursors and small facts that are dear to ask for.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::engine::{OptionalExtension, named_params};
use super::vault::Place;
use super::{Error, Result, Store, instant, optional_time, seconds, time};

/// The cursor of the time since which this database surely knows all that was sent to Amazon.
pub(super) const WHOLE_SINCE: &str = "database.whole_since";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// It did its work.
    Ok,
    /// A person is needed.
    PersonNeeded,
    /// A vendor was unavailable; the next run goes on.
    VendorUnavailable,
    /// A vendor refused the credentials.
    CredentialsRefused,
    /// It was asked to stop.
    Interrupted,
    /// Something unexpected.
    Failed,
}

impl RunOutcome {
    /// Returns the word kept in the store and shown in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::PersonNeeded => "person_needed",
            Self::VendorUnavailable => "vendor_unavailable",
            Self::CredentialsRefused => "credentials_refused",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// A run as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// The command, e.g. `poll`.
    pub command: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; `None` while it runs or when it was killed.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<String>,
}

impl Store {
    /// Notes that a run begins; history and calls from now on belong to it.
    pub fn begin_run(&self, command: &str, now: DateTime<Utc>) -> Result<()> {
        let id = self.write(|transaction| {
            Ok(transaction.query_row(
                "INSERT INTO runs (command, started_at, process_id) VALUES (:command, :now, :process) RETURNING id",
                named_params! {":command": command, ":now": seconds(now), ":process": std::process::id()},
                |row| row.get(0),
            )?)
        })?;
        self.run.store(id, Ordering::Relaxed);
        Ok(())
    }

    /// Notes how the run ended. `counts` is its summary as JSON.
    pub fn end_run(&self, outcome: RunOutcome, counts: &serde_json::Value, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.execute(
            "UPDATE runs SET ended_at = ?2, outcome = ?3, counts = ?4 WHERE id = ?1",
            (run, seconds(now), outcome.as_str(), counts.to_string()),
        )
    }

    /// Returns the last run of each command that ended well, and the last one at all.
    pub fn last_runs(&self) -> Result<Vec<(StoredRun, Option<DateTime<Utc>>)>> {
        let query = "SELECT command, started_at, ended_at, outcome,
                 (SELECT max(ended_at) FROM runs AS good WHERE good.command = runs.command AND good.outcome = 'ok') AS good_at
             FROM runs
             WHERE id IN (SELECT max(id) FROM runs GROUP BY command)
             ORDER BY command";
        self.rows(query, [], |row| {
            let run = StoredRun {
                command: row.get("command")?,
                started_at: time(row, "started_at")?,
                ended_at: optional_time(row, "ended_at")?,
                outcome: row.get("outcome")?,
            };
            Ok((run, optional_time(row, "good_at")?))
        })
    }

    /// Returns where a cursor stands.
    pub fn cursor(&self, name: &str) -> Result<Option<DateTime<Utc>>> {
        self.read(|connection| {
            let at: Option<i64> = connection
                .query_row("SELECT at FROM cursors WHERE name = ?1", [name], |row| row.get(0))
                .optional()?;
            Ok(at.map(instant))
        })
    }

    /// Moves a cursor; it never goes back.
    pub fn move_cursor(&self, name: &str, to: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| move_cursor(transaction, name, to))
    }

    /// Returns since when this database surely knows all that was sent to Amazon.
    pub fn whole_since(&self) -> Result<Option<DateTime<Utc>>> {
        self.cursor(WHOLE_SINCE)
    }

    /// Notes since when this database surely knows all that was sent to Amazon.
    pub fn note_whole_since(&self, since: DateTime<Utc>) -> Result<()> {
        self.move_cursor(WHOLE_SINCE, since)
    }

    /// Returns when the first and the newest run before this one were.
    ///
    /// # Errors
    /// When the database refuses or holds what this program never wrote.
    pub fn runs_before(&self) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let run = self.run_id();
        self.read(|connection| {
            let (first, newest) = connection.query_row(
                "SELECT min(started_at) AS first, max(coalesce(ended_at, started_at)) AS newest FROM runs WHERE id IS DISTINCT FROM ?1",
                [run],
                |row| Ok((optional_time(row, "first")?, optional_time(row, "newest")?)),
            )?;
            Ok(first.zip(newest))
        })
    }

    /// Returns a kept fact and when it was read.
    pub fn fact<T: DeserializeOwned>(&self, name: &str) -> Result<Option<(T, DateTime<Utc>)>> {
        let row: Option<(Vec<u8>, i64)> = self.read(|connection| {
            Ok(connection
                .query_row(
                    "SELECT value_sealed, read_at FROM facts WHERE name = ?1",
                    [name],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?)
        })?;
        row.map(|(sealed, read_at)| Ok((self.unseal(&sealed, fact_of(name), "fact")?, instant(read_at))))
            .transpose()
    }

    /// Keeps a fact that is dear to ask for, such as the shop's cipher.
    pub fn keep_fact<T: Serialize>(&self, name: &str, value: &T, now: DateTime<Utc>) -> Result<()> {
        let sealed = self.seal(value, fact_of(name))?;
        self.write(|transaction| write_fact(transaction, name, &sealed, now))
    }

    /// Forgets a fact that turned out wrong.
    pub fn forget_fact(&self, name: &str) -> Result<()> {
        self.write(|transaction| delete_fact(transaction, name))
    }
}

/// Where a fact lies.
pub(super) fn fact_of(name: &str) -> Place<'_> {
    Place::new("facts", "value_sealed", name)
}

pub(super) fn write_fact(
    transaction: &super::engine::Transaction<'_>,
    name: &str,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    transaction.execute(
        "INSERT INTO facts (name, value_sealed, read_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET value_sealed = excluded.value_sealed, read_at = excluded.read_at",
        rusqlite::params![name, sealed, seconds(now)],
    )?;
    Ok(())
}

pub(super) fn delete_fact(transaction: &super::engine::Transaction<'_>, name: &str) -> Result<()> {
    transaction.execute("DELETE FROM facts WHERE name = ?1", [name])?;
    Ok(())
}

pub(super) fn move_cursor(
    transaction: &super::engine::Transaction<'_>,
    name: &str,
    to: DateTime<Utc>,
) -> std::result::Result<(), Error> {
    transaction.execute(
        "INSERT INTO cursors (name, at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET at = max(cursors.at, excluded.at)",
        rusqlite::params![name, seconds(to)],
    )?;
    Ok(())
}
