//! What the store refuses, and what can be wrong with its file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::engine::ServerError;
use super::vault::VaultError;
use crate::domain::ids::AmazonSku;
use crate::domain::state::{NotAllowed, State};
use crate::trust::Exposure;

/// The store can't be used, or refuses what was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The server refused, or is not there.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A server may forget what it has confirmed.
    #[error("PostgreSQL runs with {setting} = off: what it has confirmed may be gone after a power cut")]
    Forgetful {
        /// What is off.
        setting: &'static str,
    },
    /// On a server the data key lies in no file beside the database.
    #[error("no data key is given, and a database on PostgreSQL has none beside it")]
    NoKeyGiven,
    /// What is to be filled holds something already, and nobody said that it may be replaced.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The file, or the schema of a server.
        path: PathBuf,
    },
    /// Nothing is there that could be copied.
    #[error("{} holds no shop", path.display())]
    NothingThere {
        /// The file, or the schema of a server.
        path: PathBuf,
    },
    /// Not every row arrived; nothing of it was kept.
    #[error("{arrived} of the {sent} rows of {table} arrived; nothing was changed")]
    CarriedOtherwise {
        /// The table.
        table: String,
        /// How many rows it has where they come from.
        sent: u64,
        /// How many it would have.
        arrived: u64,
    },
    /// The chain of the history is not the same on both sides; nothing of it was kept.
    #[error("the history did not arrive as it was; nothing was changed")]
    HistoryNotCarried,
    /// SQLite refused.
    #[error("the database refused")]
    Sqlite(#[source] rusqlite::Error),
    /// The file can't be opened.
    #[error("the database {} can't be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{} is not a database of this program", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A database was here, and is not any more.
    #[error("the database {} {what}{}", path.display(), named(backup.as_deref()))]
    Lost {
        /// The file.
        path: PathBuf,
        /// What is left of it.
        what: String,
        /// The newest copy that lies near.
        backup: Option<PathBuf>,
    },
    /// Others can read, write or replace what is opened with the database.
    #[error("{} {exposure}", path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        exposure: Exposure,
    },
    /// Another name leads to the same file.
    #[error(
        "the database {} has another name{}: two names have two logs, and what is written by one is lost by the other",
        path.display(),
        other.as_deref().map_or_else(String::new, |other| format!(", {}", other.display()))
    )]
    SecondName {
        /// The file.
        path: PathBuf,
        /// The other name, where it lies in the same folder.
        other: Option<PathBuf>,
    },
    /// The path is a folder.
    #[error("{} is a folder, not a database file", path.display())]
    IsAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The file may be read but not written.
    #[error("the database {} may not be written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Pages of the file are damaged.
    #[error("the database {} is damaged: {finding}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite's check says first.
        finding: String,
    },
    /// Another program has held the file for longer than a statement waits.
    #[error("another program keeps the database {} locked", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk of the database {} is full", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// A database of an older version is copied before it is changed, and there is no room for that.
    #[error(
        "the database {} is of an older version and stays as it is: its disk has no room for the copy of {} MiB that is made first",
        path.display(),
        needed.div_ceil(1024 * 1024)
    )]
    NoRoomForCopy {
        /// The file.
        path: PathBuf,
        /// The bytes of a copy.
        needed: u64,
    },
    /// This process may open no more files.
    #[error("no more files can be opened: too many files are open")]
    NoDescriptors(#[source] std::io::Error),
    /// The database refused a new pair of tokens, which lies beside it now.
    #[error("the database refused TikTok's new tokens; they are kept in {} and the next run takes them in", path.display())]
    KeptBeside {
        /// The file that holds them, sealed.
        path: PathBuf,
        /// Why the database refused.
        #[source]
        source: Box<Error>,
    },
    /// A newer version of this program made it.
    #[error("the database {} was made by a newer version of this program", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// A migration failed; the file is as it was.
    #[error("the database can't be brought up to date")]
    Migration(#[source] Box<Self>),
    /// A personal value or a token can't be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Another process works, or a lock file can't be made.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A stored value is not what this program writes.
    #[error("the stored {what} can't be read")]
    Unreadable {
        /// The column or value.
        what: &'static str,
    },
    /// The state machine has no such step.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// Another process changed the order first; nothing was written.
    #[error("order {order} is no longer {expected}; another run changed it")]
    WriteConflict {
        /// The order.
        order: String,
        /// The state it was expected in.
        expected: State,
    },
    /// The ledger of a SKU no longer holds enough; nothing was written.
    #[error("SKU {sku} was promised to another order meanwhile")]
    OutOfStock {
        /// The SKU.
        sku: AmazonSku,
    },
    /// A file is there already, and nobody said that it may be replaced.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The copy and the original would be one file.
    #[error("{} is the database itself", path.display())]
    SameFile {
        /// The file.
        path: PathBuf,
    },
    /// A file beside the database can't be read or written.
    #[error("the file {} can't be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What was asked is done and committed, but for the log, which still holds what was there before.
    #[error("{done}, and that is committed; not done: the log {} still holds what was there before, since another program reads the database", log.display())]
    LogHeld {
        /// What was done.
        done: String,
        /// The log.
        log: PathBuf,
        /// The database.
        path: PathBuf,
    },
    /// The buyer's data is still needed to fulfil the order.
    #[error("order {order} is {state} and still needs its address")]
    StillOpen {
        /// The order.
        order: String,
        /// Where it stands.
        state: State,
    },
    /// The order is not in the database.
    #[error("order {order} is not known")]
    UnknownOrder {
        /// The order.
        order: String,
    },
    /// No import of mappings is left that could be undone.
    #[error("there is no import of mappings to undo")]
    NoImport,
    /// Only the newest import can be undone, since the later ones were judged on what it left.
    #[error("import {asked} is not the newest one that is in force; that is import {newest}")]
    NotTheNewestImport {
        /// The import that should be undone.
        asked: i64,
        /// The one that can be.
        newest: i64,
    },
}

impl Error {
    /// Tells whether the file itself is unusable, so that nothing can work until a person acts.
    #[must_use]
    pub fn is_unusable(&self) -> bool {
        match self {
            Self::Server(_)
            | Self::Forgetful { .. }
            | Self::NoKeyGiven
            | Self::NothingThere { .. }
            | Self::Open { .. }
            | Self::NotADatabase { .. }
            | Self::Exposed { .. }
            | Self::SecondName { .. }
            | Self::IsAFolder { .. }
            | Self::ReadOnly { .. }
            | Self::Damaged { .. }
            | Self::InUse { .. }
            | Self::DiskFull { .. }
            | Self::NoRoomForCopy { .. }
            | Self::NoDescriptors(_)
            | Self::KeptBeside { .. }
            | Self::Newer { .. }
            | Self::Lost { .. }
            | Self::Migration(_)
            | Self::Vault(_) => true,
            Self::Sqlite(_)
            | Self::Lock(_)
            | Self::Exists { .. }
            | Self::NotEmpty { .. }
            | Self::CarriedOtherwise { .. }
            | Self::HistoryNotCarried
            | Self::SameFile { .. }
            | Self::File { .. }
            | Self::LogHeld { .. }
            | Self::StillOpen { .. }
            | Self::Unreadable { .. }
            | Self::NotAllowed(_)
            | Self::WriteConflict { .. }
            | Self::OutOfStock { .. }
            | Self::UnknownOrder { .. }
            | Self::NoImport
            | Self::NotTheNewestImport { .. } => false,
        }
    }
}

fn named(backup: Option<&Path>) -> String {
    backup.map_or_else(
        || "; no backup of it lies near it".to_owned(),
        |backup| format!("; the last backup near it is {}", backup.display()),
    )
}

/// A row reader can return no other error than SQLite's; the value that could not be read is taken out of it again.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::FromSqlConversionFailure(column, kind, source) => match source.downcast::<Self>() {
                Ok(odd) => *odd,
                Err(source) => match source.downcast::<ServerError>() {
                    Ok(refusal) => of_server(*refusal),
                    Err(source) => Self::Sqlite(rusqlite::Error::FromSqlConversionFailure(column, kind, source)),
                },
            },
            error => Self::Sqlite(error),
        }
    }
}

fn of_server(refusal: ServerError) -> Error {
    match refusal {
        ServerError::LeaseLost => Error::Lock(LockError::Lost),
        other => Error::Server(other),
    }
}

/// The lock can't be had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("another run works on {work}{}", describe(*pid, *since))]
    Busy {
        /// The kind of work.
        work: String,
        /// Its process, where the lock file says so.
        pid: Option<u32>,
        /// Since when.
        since: Option<DateTime<Utc>>,
    },
    /// The lease went to another run while this one was stopped.
    #[error("this run was stopped for so long that another has taken its work over; nothing more was written")]
    Lost,
    /// The server that keeps the leases refused.
    #[error(transparent)]
    Refused(Box<Error>),
    /// A process has held the turn at opening the database for longer than any opening takes.
    #[error("another process has held {} for {} s", path.display(), waited.as_secs())]
    Turn {
        /// The lock file.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The lock file can't be made.
    #[error("the lock {} can't be taken", path.display())]
    File {
        /// The lock file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

fn describe(pid: Option<u32>, since: Option<DateTime<Utc>>) -> String {
    match (pid, since) {
        (Some(pid), Some(since)) => format!(" (process {pid}, since {})", since.to_rfc3339()),
        _ => String::new(),
    }
}
