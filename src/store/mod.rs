//! The one SQLite file: what was seen, decided, sent and told.
//!
//! Owns every SQL statement of the program; its methods speak the domain's words, so that another database is one new room.
//! A transaction that writes is IMMEDIATE and none is open while a request is under way. Updates of an order's state are
//! conditional on the state they were decided on. Personal values and tokens are sealed (see [`vault`]) before they get here.
//!
//! Every method may fail because the database refuses, and one that seals or opens a value because the data key is gone. A section
//! `# Errors` says what else a method refuses.

mod acceptances;
mod approvals;
mod backup;
mod bound;
mod calls;
mod cancellations;
mod clock_lead;
mod decisions;
mod dismissal;
mod fulfillment;
mod future;
mod ground;
mod guard;
mod intents;
mod kept;
mod lock;
mod lost_units;
mod maintenance;
mod mappings;
mod metrics;
mod not_found;
mod open;
mod order_rows;
mod orders;
mod outbox;
pub(crate) mod overview;
mod parcels;
mod pause;
mod read_queue;
mod refusal;
mod runs;
mod sealed;
mod spare;
mod steps;
mod stock;
mod timeline;
mod tokens;
mod told;
mod unfinished;
pub mod vault;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::domain::ids::AmazonSku;
use crate::domain::state::{NotAllowed, State};
use crate::trust::Exposure;
use vault::{Vault, VaultError};

pub use backup::{check_restore, restore};
pub use bound::Bound;
pub use decisions::HistoryEntry;
pub use fulfillment::Claim;
pub use intents::Intent;
pub use kept::{KeptCopy, dated_name, kept_name};
pub use lock::{Lock, LockError, WORKS};
pub use maintenance::Purged;
pub use mappings::{FirstOf, MappingsFile, MappingsImport, StoredImport};
pub use metrics::{CallTally, DayTally, OldestOrder, OrderTally};
pub use order_rows::StoredOrder;
pub use orders::Intake;
pub use outbox::{Delivery, DeliveryResult, Queue, StoredEvent};
pub use overview::{EndpointRow, OrderFilter, OrderRow, ParcelRow};
pub use parcels::{GivenNumber, StoredParcel, ToldPackage};
pub use runs::{RunOutcome, StoredRun};
pub use stock::StockRow;
pub use timeline::{CallEntry, IntentRow, ItemRow};
pub use tokens::{Room, StoredTokens, Vendor};
pub use unfinished::Unfinished;

/// The store can't be used, or refuses what was asked.
#[derive(Debug, Error)]
pub enum Error {
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
    Migration(#[source] Box<rusqlite_migration::Error>),
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
            Self::Open { .. }
            | Self::NotADatabase { .. }
            | Self::Exposed { .. }
            | Self::SecondName { .. }
            | Self::IsAFolder { .. }
            | Self::ReadOnly { .. }
            | Self::Damaged { .. }
            | Self::InUse { .. }
            | Self::DiskFull { .. }
            | Self::NoDescriptors(_)
            | Self::KeptBeside { .. }
            | Self::Newer { .. }
            | Self::Lost { .. }
            | Self::Migration(_)
            | Self::Vault(_) => true,
            Self::Sqlite(_)
            | Self::Lock(_)
            | Self::Exists { .. }
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

/// What the methods of the store return.
pub type Result<T> = std::result::Result<T, Error>;

/// An open database. Share it between threads behind an `Arc`; its calls take turns.
pub struct Store {
    connection: Mutex<Connection>,
    vault: Mutex<Vault>,
    path: PathBuf,
    run: AtomicI64,
}

impl Store {
    /// Opens the database at `path`, making it (mode 0600) where there is none and bringing it up to date.
    ///
    /// # Errors
    /// When the file is a folder, something else, read-only, damaged, open to others, or newer than this program, or when its data key
    /// is gone.
    pub fn open(path: &Path) -> Result<Self> {
        guard::refuse_foreign_hands(path)?;
        let path = &ground::real_path(path);
        let connection = open::connection(path)?;
        guard::refuse_readable(path)?;
        let holds_sealed = sealed::holds_sealed(&connection).map_err(|error| refusal::explained(path, error))?;
        let vault = Vault::beside(path, !holds_sealed)?;
        Ok(Self {
            connection: Mutex::new(connection),
            vault: Mutex::new(vault),
            path: path.to_owned(),
            run: AtomicI64::new(0),
        })
    }

    /// Returns where the database lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vault(&self) -> MutexGuard<'_, Vault> {
        self.vault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.with_connection(|connection| work(connection))
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.with_connection(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
    }

    /// Every statement runs in here: a full disk or a damaged page shows at any of them, not only when the file is opened.
    fn with_connection<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        work(&mut self.connection()).map_err(|error| refusal::explained(&self.path, error))
    }

    fn run_id(&self) -> Option<i64> {
        Some(self.run.load(Ordering::Relaxed)).filter(|run| *run > 0)
    }

    fn seal<T: Serialize>(&self, value: &T) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(value).map_err(|_| Error::Unreadable { what: "value to seal" })?;
        let mut vault = self.vault();
        vault.refresh()?;
        Ok(vault.seal(&plain)?)
    }

    fn unseal<T: DeserializeOwned>(&self, sealed: &[u8], what: &'static str) -> Result<T> {
        let mut vault = self.vault();
        let plain = vault.open(sealed).or_else(|_| {
            vault.refresh()?;
            vault.open(sealed)
        })?;
        serde_json::from_slice(&plain).map_err(|_| Error::Unreadable { what })
    }
}

fn named(backup: Option<&Path>) -> String {
    backup.map_or_else(
        || "; no backup of it lies near it".to_owned(),
        |backup| format!("; the last backup near it is {}", backup.display()),
    )
}

/// Lets the key (and the log) of a database that is gone make room for a new database, and returns the dated name that the key is kept under.
///
/// # Errors
/// When the key can't be renamed.
pub fn make_room(database: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    let database = ground::real_path(database);
    let key = vault::key_path(&database);
    if database.exists() || !key.exists() {
        return Ok(None);
    }
    let kept = kept_name(&database, now);
    let log = ground::beside(&database, "-wal");
    if log.exists() {
        std::fs::rename(&log, ground::beside(&kept, "-wal")).map_err(|source| Error::File { path: log, source })?;
    }
    let kept = vault::key_path(&kept);
    std::fs::rename(&key, &kept).map_err(|source| Error::File { path: key, source })?;
    Ok(Some(kept))
}

fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

/// The error of a value that this program never writes.
fn odd(what: &'static str) -> rusqlite::Error {
    let source = Box::new(Error::Unreadable { what });
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, source)
}

/// A row reader can return no other error than SQLite's; the value that could not be read is taken out of it again.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::FromSqlConversionFailure(column, kind, source) => match source.downcast::<Self>() {
                Ok(odd) => *odd,
                Err(source) => Self::Sqlite(rusqlite::Error::FromSqlConversionFailure(column, kind, source)),
            },
            error => Self::Sqlite(error),
        }
    }
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn time(row: &Row<'_>, column: &'static str) -> rusqlite::Result<DateTime<Utc>> {
    optional_time(row, column)?.ok_or_else(|| odd(column))
}

/// An instant that can't be is not taken for the year 1970.
fn optional_time(row: &Row<'_>, column: &'static str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let seconds: Option<i64> = row.get(column)?;
    seconds
        .map(|seconds| DateTime::from_timestamp(seconds, 0).ok_or_else(|| odd(column)))
        .transpose()
}

#[cfg(test)]
pub(crate) mod tests_support {
    //! A store in a temporary folder, empty or with something sealed in every column.

    use chrono::{DateTime, Utc};

    use super::{Store, StoredTokens, Vendor, instant};
    use crate::domain::ids::TiktokOrderId;
    use crate::secret::Secret;

    /// Returns a fresh store and the folder that it lives in.
    pub(crate) fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("mcf.db")).expect("a store");
        (folder, store)
    }

    /// Returns the instant at which [`fill`] wrote.
    pub(crate) fn filled_at() -> DateTime<Utc> {
        instant(1_767_574_842)
    }

    /// Writes tokens, a fact, and an order in `state` with its buyer and its intent.
    pub(crate) fn fill(store: &Store, order: &str, state: &str) -> TiktokOrderId {
        let now = filled_at();
        let tokens = StoredTokens {
            access: Secret::new("TTP_access"),
            access_expires_at: now,
            refresh: Some(Secret::new("TTP_refresh")),
            refresh_expires_at: None,
            scopes: Vec::new(),
            seed_hash: "abc".into(),
            updated_at: now,
        };
        store.keep_tokens(Vendor::Tiktok, &tokens).expect("kept");
        store.keep_fact("shop", &"cipher", now).expect("kept");
        let (recipient, body) = (
            store.seal(&"Larkspur").expect("sealed"),
            store.seal(&"{}").expect("sealed"),
        );
        let connection = store.connection();
        connection
            .execute(
                "INSERT INTO orders (id, state, state_since, detected_at, tiktok_status, cancel_requested,
                     authentication_required, is_cash_on_delivery, created_at, updated_at, recipient_sealed)
                 VALUES (?1, ?2, ?3, ?3, 'COMPLETED', 0, 0, 0, ?3, ?3, ?4)",
                (order, state, now.timestamp(), recipient),
            )
            .expect("an order");
        connection
            .execute(
                "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_sealed, draft_sealed, body_hash, intended_at)
                 VALUES ('TTS-' || ?1, ?1, 1, 'accepted', ?2, ?2, '', ?3)",
                (order, body, now.timestamp()),
            )
            .expect("an intent");
        TiktokOrderId::new(order)
    }
}
