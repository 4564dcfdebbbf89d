//! What was erased or sealed anew while another program kept the log from being emptied: noted until the log is empty (E158).

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::engine::{Connection, OptionalExtension, Transaction, params};
use super::{Error, LockError, Result, Store, open, runs, sealed, seconds};

/// How long a person waits for another program to let go of the log.
const PATIENCE: Duration = Duration::from_secs(3);

/// Work that is done and committed, whose traces the log may still hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// Buyers were erased.
    Erasure,
    /// The data key was changed; the old one is kept until the log is empty.
    KeyChange,
}

impl Unfinished {
    const ALL: [Self; 2] = [Self::Erasure, Self::KeyChange];

    fn fact(self) -> &'static str {
        match self {
            Self::Erasure => "unfinished_erasure",
            Self::KeyChange => "unfinished_key_change",
        }
    }

    /// Notes it with the work itself, so that a process that dies leaves it noted.
    pub(super) fn note(self, transaction: &Transaction<'_>, mark: &[u8], now: DateTime<Utc>) -> Result<()> {
        transaction.execute(
            "INSERT INTO facts (name, value_sealed, read_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET value_sealed = excluded.value_sealed, read_at = excluded.read_at",
            params![self.fact(), mark, seconds(now)],
        )?;
        Ok(())
    }
}

impl Store {
    /// Seals the mark by which a work is noted.
    pub(super) fn mark(&self, what: Unfinished) -> Result<Vec<u8>> {
        self.seal(&true, runs::fact_of(what.fact()))
    }

    /// Returns what waits for the log to be emptied.
    pub fn unfinished(&self) -> Result<Vec<Unfinished>> {
        self.read(|connection| {
            let mut open = Vec::new();
            for what in Unfinished::ALL {
                let query = "SELECT 1 FROM facts WHERE name = ?1";
                let noted = connection.query_row(query, [what.fact()], |_| Ok(())).optional()?;
                open.extend(noted.map(|()| what));
            }
            Ok(open)
        })
    }

    /// Empties the log where something waits for it, and does not wait itself: neither for a reader nor for who keeps the file.
    ///
    /// # Errors
    /// When the database refuses or a key file can't be written.
    pub fn finish_unfinished(&self, now: DateTime<Utc>) -> Result<()> {
        if self.unfinished()?.is_empty() {
            return Ok(());
        }
        match self.take("keeping", now) {
            Ok(_lock) => self.finish(Duration::ZERO).map(drop),
            Err(LockError::Busy { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Empties the log after some work, or says that the work is done and the log is not empty.
    pub(super) fn finish_after(&self, done: impl FnOnce() -> String) -> Result<()> {
        if self.finish(PATIENCE)? {
            return Ok(());
        }
        Err(Error::LogHeld {
            done: done(),
            log: self.log_path(),
            path: self.path.clone(),
        })
    }

    /// Tells whether nothing is left open. Who calls holds the lock on keeping the file, so that nothing is noted meanwhile.
    fn finish(&self, patience: Duration) -> Result<bool> {
        let open = self.unfinished()?;
        let patience = if open.is_empty() { Duration::ZERO } else { patience };
        let is_empty = self.read(|connection| is_log_empty(connection, patience))?;
        if open.is_empty() || !is_empty {
            return Ok(open.is_empty());
        }
        if open.contains(&Unfinished::KeyChange) {
            self.forget_unused_keys()?;
        }
        for what in open {
            self.forget_fact(what.fact())?;
        }
        // The notes themselves hold nothing: where a reader came meanwhile they may stay in the log.
        self.read(|connection| is_log_empty(connection, Duration::ZERO))?;
        Ok(true)
    }

    /// A restore that was cut off may have left keys that the values need still: those stay.
    fn forget_unused_keys(&self) -> Result<()> {
        self.write(|transaction| {
            let values = sealed::sealed(transaction)?;
            let mut vault = self.vault();
            vault.refresh()?;
            Ok(vault.forget_unused(&values)?)
        })
    }

    fn log_path(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push("-wal");
        PathBuf::from(name)
    }
}

/// A server keeps no log that a reader could see.
fn is_log_empty(connection: &Connection, patience: Duration) -> Result<bool> {
    match connection.file() {
        Ok(file) => empty_log(file, patience),
        Err(_) => Ok(true),
    }
}

/// Moves the write-ahead log into the file and empties it, and tells whether no other program kept it from being emptied.
pub(super) fn empty_log(connection: &rusqlite::Connection, patience: Duration) -> Result<bool> {
    connection.busy_timeout(patience)?;
    let is_busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(open::BUSY_TIMEOUT)?;
    Ok(!is_busy?)
}
