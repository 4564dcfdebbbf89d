//! Before a newer program changes the schema, the database is copied as it is: whoever must go back has something to go back to.
//!
//! The copy lies beside the database under a dated name, for its owner alone and without the data key. It is whole or not there:
//! it is written under another name, synced and renamed. It holds buyers, so that `purge` knows it as it knows what a restore keeps.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::ground::beside;
use super::kept::{self, Keeper};
use super::refusal::{explain, explained};
use super::vault::folder_of;
use super::{Error, Result};
use crate::error_chain::{Shortage, shortage_behind};
use crate::secret::Secret;
use crate::{crash, draft};

/// How a copy is called until it is whole. What a start that was cut off left under it is nobody's.
const UNFINISHED: &str = ".before.new";
/// Older copies make room for a new one.
const KEPT_MAX: usize = 2;
/// How much is copied between two words about it.
const PAGES_AT_ONCE: i32 = 2000;

/// How far an upgrade is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade<'a> {
    /// So many of its pages are copied.
    Copying {
        /// How many.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// The copy is there, and the database is changed.
    Changing {
        /// The version of its schema.
        from: u32,
        /// The version that it will have.
        to: u32,
        /// The copy.
        copy: &'a Path,
    },
    /// The database is of this version.
    Changed,
}

/// By which clock a copy is dated, who hears how far an upgrade is, and what opens what is sealed.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// The present instant.
    pub now: DateTime<Utc>,
    /// Hears how far it is.
    pub watch: &'a Watch,
    /// The data key, for a database that has no key file beside it.
    pub key: Option<&'a Secret>,
}

/// Hears how far an upgrade is.
pub type Watch = dyn Fn(Upgrade<'_>) + Send + Sync;

/// Copies a database of the schema version `from` before it is brought to `to`. What an upgrade that was cut off has copied already,
/// and nobody has changed since, is not copied again.
pub(super) fn keep_copy(
    path: &Path,
    connection: &Connection,
    (from, to): (u32, u32),
    opening: Opening<'_>,
) -> Result<()> {
    let copy = match copy_of_the_same(path, connection, to, opening.now)? {
        Some(copy) => copy,
        None => make_copy(path, connection, to, opening)?,
    };
    (opening.watch)(Upgrade::Changing { from, to, copy: &copy });
    Ok(())
}

fn make_copy(path: &Path, connection: &Connection, to: u32, opening: Opening<'_>) -> Result<PathBuf> {
    let unfinished = beside(path, UNFINISHED);
    let written = refuse_without_room(path, connection)
        .and_then(|()| write_copy(path, connection, &unfinished, opening.watch))
        .map_err(|error| without_room(path, connection, error));
    if written.is_err() {
        remove_unfinished(&unfinished);
    }
    written?;
    let copy = kept::dated_name(path, &kept::upgrade_label(to), opening.now);
    // Its age is told by the clock of the run; a file system that keeps no such time is none the worse.
    let _ = fs::File::open(&unfinished).and_then(|file| file.set_modified(opening.now.into()));
    fs::rename(&unfinished, &copy)
        .and_then(|()| draft::sync_folder(folder_of(path)))
        .map_err(|source| unusable(&copy, source))?;
    crash::point("upgrade.copied");
    kept::remove_all_but(path, KEPT_MAX, opening.now)?;
    Ok(copy)
}

/// Copies what one moment of the database is, while others go on reading and writing it.
fn write_copy(path: &Path, connection: &Connection, to: &Path, watch: &Watch) -> Result<()> {
    remove_unfinished(to);
    let file = fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(to)
        .map_err(|source| unusable(to, source))?;
    let mut copy = Connection::open(to)?;
    // A copy that is not whole is thrown away: nothing of it needs a journal.
    copy.pragma_update(None, "journal_mode", "off")?;
    copy.pragma_update(None, "synchronous", "off")?;
    // Within a transaction another process's writing does not let the copy begin anew.
    let moment = connection.unchecked_transaction()?;
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(connection, &mut copy)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE).map_err(|error| explain(path, error))?;
        let pages = backup.progress();
        let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
        watch(Upgrade::Copying {
            done: count(pages.pagecount - pages.remaining),
            total: count(pages.pagecount),
        });
        match step {
            StepResult::Done => break,
            StepResult::More => crash::point("upgrade.copying"),
            _ => return Err(Error::InUse { path: path.to_owned() }),
        }
    }
    drop(backup);
    moment.finish()?;
    copy.pragma_update(None, "journal_mode", "delete")?;
    copy.close().map_err(|(_, error)| error)?;
    file.sync_all().map_err(|source| unusable(to, source))
}

fn remove_unfinished(unfinished: &Path) {
    for rest in ["-journal", "-wal", "-shm", ""] {
        // What can't be removed is met again when the copy is made.
        let _ = fs::remove_file(beside(unfinished, rest));
    }
}

/// Asked first, so that a disk is not filled to its last byte beside what goes on.
fn refuse_without_room(path: &Path, connection: &Connection) -> Result<()> {
    let needed = size(connection)?;
    match fs4::available_space(folder_of(path)) {
        Ok(free) if free < needed => Err(Error::NoRoomForCopy {
            path: path.to_owned(),
            needed,
        }),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A quota, or what others wrote meanwhile, shows only when the disk refuses.
fn without_room(path: &Path, connection: &Connection, error: Error) -> Error {
    let error = explained(path, error);
    let is_full = match &error {
        Error::DiskFull { .. } => true,
        Error::File { source, .. } => matches!(shortage_behind(source), Some(Shortage::Disk)),
        _ => false,
    };
    match size(connection) {
        Ok(needed) if is_full => Error::NoRoomForCopy {
            path: path.to_owned(),
            needed,
        },
        Ok(_) | Err(_) => error,
    }
}

fn size(connection: &Connection) -> Result<u64> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    Ok(u64::try_from(pages * page).unwrap_or(0))
}

/// Returns a copy that an upgrade to the same version left, where the database is still what was copied.
fn copy_of_the_same(path: &Path, connection: &Connection, to: u32, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    let here = marks(connection)?;
    let is_same = |copy: &Path| {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(copy, flags).map_err(Error::from);
        opened.and_then(|copy| marks(&copy)).is_ok_and(|marks| marks == here)
    };
    let mut copies = kept::copies_beside(path, now)
        .into_iter()
        .filter(|copy| copy.keeper == Keeper::Upgrade { to });
    Ok(copies.find(|copy| is_same(&copy.path)).map(|copy| copy.path))
}

/// The newest row of each table that every run and every hand leaves one in.
fn marks(connection: &Connection) -> Result<[i64; 6]> {
    Ok(connection.query_row(
        "SELECT (SELECT user_version FROM pragma_user_version), (SELECT ifnull(max(rowid), 0) FROM runs),
            (SELECT ifnull(max(rowid), 0) FROM history), (SELECT ifnull(max(rowid), 0) FROM api_calls),
            (SELECT ifnull(max(rowid), 0) FROM events), (SELECT ifnull(max(rowid), 0) FROM mapping_imports)",
        [],
        |row| {
            let column = |index| row.get::<usize, i64>(index);
            Ok([column(0)?, column(1)?, column(2)?, column(3)?, column(4)?, column(5)?])
        },
    )?)
}

fn unusable(path: &Path, source: io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        source,
    }
}
