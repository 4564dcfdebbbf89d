//! What the file needs over the years: buyers forgotten, old rows dropped, the data key changed, pages and modes checked.
//!
//! Which columns are sealed is read from the schema, where their names end in `_sealed`, so that none can be forgotten here.

mod buyers;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::audit;
use super::engine::{Connection, OptionalExtension, Transaction, TransactionBehavior, named_params};
use super::sealed::{self, SealedColumn, sealed_columns};
use super::steps::write_history;
use super::unfinished::Unfinished;
use super::vault::{VaultError, key_path};
use super::{Error, Result, ShopAct, Store, hands, seconds};
use crate::crash;
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::State;

/// How long calls, runs and events are kept. The figures of `mcf metrics` that are counted from them reach back as far.
const LOG_KEPT: TimeDelta = TimeDelta::days(90);

/// What a purge removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Orders whose buyer was forgotten.
    pub orders: usize,
    /// API calls that belonged to no order, or to one that had long ended.
    pub calls: usize,
    /// Events that were delivered, or given up, to every endpoint.
    pub events: usize,
    /// Runs that no kept row refers to.
    pub runs: usize,
}

impl Store {
    /// Forgets the buyers of orders that ended longer than `retention` ago (E120), and drops old calls, events and runs.
    ///
    /// Orders and their history stay; of the API calls of an order that ended before them stays how many there were. What was erased is gone from the file and its log when this returns;
    /// a purge that was cut off is made good by the next one.
    ///
    /// # Errors
    /// When the database refuses; [`Error::LogHeld`] when all is done but for the log, which another program reads.
    pub fn purge(&self, retention: TimeDelta, now: DateTime<Utc>) -> Result<Purged> {
        let run = self.run_id();
        let old = seconds(now - LOG_KEPT);
        let mark = self.mark(Unfinished::Erasure)?;
        let mut purged = self.write(|transaction| {
            let purged = erase_and_drop(transaction, run, now - retention, now)?;
            if purged.orders > 0 {
                Unfinished::Erasure.note(transaction, &mark, now)?;
            }
            Ok(purged)
        })?;
        crash::point("purge.erased");
        purged.runs =
            self.with_connection(|connection| without_references(connection, |connection| drop_runs(connection, old)))?;
        self.read(compact)?;
        self.finish_after(|| format!("the buyers of {} orders are erased", purged.orders))?;
        Ok(purged)
    }

    /// Forgets the buyers of at most so many orders as [`Store::purge`] does, while runs go on: what still stands in the log is for
    /// [`Store::finish_unfinished`].
    ///
    /// # Errors
    /// When the database refuses, or another process keeps the file.
    pub fn forget_buyers(&self, retention: TimeDelta, most: usize, now: DateTime<Utc>) -> Result<usize> {
        let _lock = self.take("keeping", now)?;
        let run = self.run_id();
        let mark = self.mark(Unfinished::Erasure)?;
        self.write(|transaction| {
            let orders = buyers::erase_ended(transaction, run, now - retention, most, now)?;
            if orders > 0 {
                Unfinished::Erasure.note(transaction, &mark, now)?;
            }
            Ok(orders)
        })
    }

    /// Counts what a purge would remove now: the same statements, taken back.
    pub fn plan_purge(&self, retention: TimeDelta, now: DateTime<Utc>) -> Result<Purged> {
        self.with_connection(|connection| {
            without_references(connection, |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut purged = erase_and_drop(&transaction, None, now - retention, now)?;
                purged.runs = drop_runs(&transaction, seconds(now - LOG_KEPT))?;
                transaction.rollback()?;
                Ok(purged)
            })
        })
    }

    /// Forgets the buyer of one order at once, and tells whether there was something to forget. `why` is what the history says of it.
    ///
    /// # Errors
    /// [`Error::StillOpen`] while the address is needed, when the order is not known, or [`Error::LogHeld`] as for [`Store::purge`].
    pub fn erase_buyer(&self, id: &TiktokOrderId, why: &str, now: DateTime<Utc>) -> Result<bool> {
        let run = self.run_id();
        let mark = self.mark(Unfinished::Erasure)?;
        let is_erased = self.write(|transaction| {
            let order = id.to_string();
            let (state, life) =
                standing(transaction, id)?.ok_or_else(|| Error::UnknownOrder { order: order.clone() })?;
            if needs_address(state, life) {
                return Err(Error::StillOpen { order, state: life });
            }
            let is_erased = erase(transaction, run, id, why, now)?;
            if is_erased {
                Unfinished::Erasure.note(transaction, &mark, now)?;
            }
            Ok(is_erased)
        })?;
        self.finish_after(|| format!("the buyer of order {id} is erased"))?;
        Ok(is_erased)
    }

    /// Changes the data key and keeps who did: every sealed value is sealed anew, then the old key is forgotten. Returns how many values there were.
    ///
    /// No run may be under way. Cut off at any step, everything still opens and the next call completes the change.
    ///
    /// # Errors
    /// When the key is given from outside, another process works, a value can't be opened, or a file can't be written; [`Error::LogHeld`] when all is done but for
    /// the log and the old key.
    pub fn rekey(&self, by: &str, now: DateTime<Utc>) -> Result<usize> {
        self.check_rekey()?;
        let _locks = self.take_all(now)?;
        self.add_key()?;
        let resealed = self.reseal(by, now)?;
        self.finish_after(|| {
            format!("the data key is changed and {resealed} values are sealed anew, and the old key is kept for now")
        })?;
        Ok(resealed)
    }

    /// Tells whether [`Store::rekey`] may change the key.
    ///
    /// # Errors
    /// When the key is given from outside.
    pub fn check_rekey(&self) -> Result<()> {
        if self.is_key_given() {
            return Err(VaultError::ChangedOutside.into());
        }
        Ok(())
    }

    /// Counts the values that a change of the data key would seal anew.
    pub fn sealed_values(&self) -> Result<u64> {
        self.read(|connection| {
            let mut count = 0;
            for SealedColumn { table, column, .. } in sealed_columns(connection)? {
                let query = format!("SELECT count({column}) FROM {table}");
                count += u64::from(connection.query_row(&query, [], |row| row.get::<_, u32>(0))?);
            }
            Ok(count)
        })
    }

    fn add_key(&self) -> Result<()> {
        let mut vault = self.vault();
        vault.refresh()?;
        Ok(vault.add_key()?)
    }

    fn reseal(&self, by: &str, now: DateTime<Utc>) -> Result<usize> {
        let mark = self.mark(Unfinished::KeyChange)?;
        self.write(|transaction| {
            let vault = self.vault();
            let count = sealed::seal_anew(transaction, |value| {
                let plain = vault.open(&value.sealed, value.place())?;
                Ok(Some(vault.seal(&plain, value.place())?))
            })?;
            Unfinished::KeyChange.note(transaction, &mark, now)?;
            let said = format!("the data key was changed by {by}");
            hands::write(transaction, ShopAct::KeyChanged, &said, now)?;
            Ok(count)
        })
    }

    /// Looks for damaged pages and references to nothing. Nothing found is an empty list.
    ///
    /// # Errors
    /// When the database can't be read at all.
    pub fn integrity(&self) -> Result<Vec<String>> {
        self.read(|connection| {
            let Ok(file) = connection.file() else {
                return Ok(Vec::new());
            };
            let mut findings = damage(file)?;
            findings.extend(loose_references(file)?);
            Ok(findings)
        })
    }

    /// Returns the files of the database, its data key among them, that others may read or write.
    #[must_use]
    pub fn exposed_files(&self) -> Vec<PathBuf> {
        let beside = |suffix: &str| {
            let mut name = self.path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let files = [
            self.path.clone(),
            beside("-wal"),
            beside("-shm"),
            beside(".tokens"),
            key_path(&self.path),
        ];
        let is_exposed = |path: &PathBuf| {
            let mode = fs::metadata(path).map(|file| file.permissions().mode());
            mode.is_ok_and(|mode| mode & 0o077 != 0)
        };
        files.into_iter().filter(is_exposed).collect()
    }
}

/// Returns the version of SQLite that this program brings along.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Does work whose statements themselves leave out what a kept row needs; SQLite would search whole tables anew for each dropped row.
fn without_references<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    if connection.server().is_some() {
        return work(connection);
    }
    connection.file()?.pragma_update(None, "foreign_keys", false)?;
    let done = work(connection);
    connection.file()?.pragma_update(None, "foreign_keys", true)?;
    done
}

/// A server makes its room free by itself.
fn compact(connection: &Connection) -> Result<()> {
    match connection.server() {
        Some(_) => Ok(()),
        None => Ok(connection.execute_batch("VACUUM")?),
    }
}

fn drop_runs(connection: &Connection, old: i64) -> Result<usize> {
    Ok(connection.execute(
        "DELETE FROM runs WHERE started_at < ?1
             AND id NOT IN (SELECT run_id FROM history WHERE run_id IS NOT NULL)
             AND id NOT IN (SELECT run_id FROM api_calls WHERE run_id IS NOT NULL)
             AND id NOT IN (SELECT max(id) FROM runs GROUP BY command)
             AND id NOT IN (SELECT id FROM runs AS good WHERE outcome = 'ok' AND NOT EXISTS (SELECT 1 FROM runs AS later
                 WHERE later.command = good.command AND later.outcome = 'ok'
                   AND (later.ended_at > good.ended_at OR (later.ended_at = good.ended_at AND later.id > good.id))))",
        [old],
    )?)
}

fn erase_and_drop(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    ended_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Purged> {
    let old = seconds(now - LOG_KEPT);
    Ok(Purged {
        orders: buyers::erase_ended(transaction, run, ended_before, usize::MAX, now)?,
        calls: drop_of_ended(transaction, old)?,
        events: drop_events(transaction, old)?,
        runs: 0,
    })
}

/// Where an order stands, and where it stands beneath its dismissal.
fn standing(connection: &Connection, id: &TiktokOrderId) -> Result<Option<(State, State)>> {
    let words: Option<(String, String)> = connection
        .query_row("SELECT state, life FROM orders WHERE id = ?1", [id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let read = |word: &str| State::read(word).ok_or(Error::Unreadable { what: "state" });
    words.map(|(state, life)| Ok((read(&state)?, read(&life)?))).transpose()
}

/// A dismissed order needs its address only while Amazon works on it.
fn needs_address(state: State, life: State) -> bool {
    !life.has_ended() && (state != State::Dismissed || life.is_at_amazon())
}

fn erase(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let recipient = transaction
        .prepare_cached(
            "UPDATE orders SET recipient_sealed = NULL, tiktok_words_sealed = NULL
             WHERE id = ?1 AND coalesce(recipient_sealed, tiktok_words_sealed) IS NOT NULL",
        )?
        .execute([id.as_str()])?;
    let bodies = transaction
        .prepare_cached(
            "UPDATE fulfillment_orders SET body_sealed = NULL, draft_sealed = NULL, words_sealed = NULL
             WHERE order_id = ?1 AND coalesce(body_sealed, draft_sealed, words_sealed) IS NOT NULL",
        )?
        .execute([id.as_str()])?;
    let is_erased = recipient + bodies > 0;
    if is_erased {
        write_history(transaction, run, id, now, "erased", why)?;
    }
    Ok(is_erased)
}

/// Why an order went at its speed goes with its calls: the history says it too. So do the counts of those days; the newest hour of sales
/// stays, from which on they are counted.
fn drop_of_ended(transaction: &Transaction<'_>, old: i64) -> Result<usize> {
    let calls = audit::drop_calls(transaction, old)?;
    transaction.execute("DELETE FROM dispatch_counts WHERE due_by < ?1", [old])?;
    transaction.execute(
        "DELETE FROM sold_counts WHERE hour < ?1 AND hour < (SELECT max(hour) FROM sold_counts)",
        [old],
    )?;
    transaction.execute(
        "DELETE FROM speeds WHERE order_id IN (SELECT order_id FROM dropped_of_orders)",
        [],
    )?;
    Ok(calls)
}

/// The newest event stays whatever its age: the numbers of new events go on from it, and endpoints remember a number.
fn drop_events(transaction: &Transaction<'_>, old: i64) -> Result<usize> {
    Ok(transaction.execute(
        "DELETE FROM events WHERE at < :old AND id < (SELECT max(id) FROM events) AND NOT EXISTS (
             SELECT 1 FROM deliveries WHERE event_id = events.id AND delivered_at IS NULL AND given_up_at IS NULL)",
        named_params! {":old": old},
    )?)
}

/// Returns what SQLite's own check says about damaged pages.
pub(super) fn damage(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("PRAGMA integrity_check(10)")?
        .query_map([], |row| row.get(0))?
        .filter(|line| line.as_deref() != Ok("ok"))
        .collect()
}

fn loose_references(connection: &rusqlite::Connection) -> Result<Vec<String>> {
    Ok(connection
        .prepare("PRAGMA foreign_key_check")?
        .query_map([], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!(
                "a row of {table} refers to a row of {parent} that is not there"
            ))
        })?
        .collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests;
