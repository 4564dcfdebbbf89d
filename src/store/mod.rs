//! The one SQLite file: what was seen, decided, sent and told.
//!
//! Owns every SQL statement of the program; its methods speak the domain's words, so that another database is one new room.
//! A transaction that writes is IMMEDIATE and none is open while a request is under way. Updates of an order's state are
//! conditional on the state they were decided on. Personal values and tokens are sealed (see [`vault`]) before they get here.

mod calls;
mod events;
mod fulfillment;
mod metrics;
mod open;
mod orders;
pub(crate) mod overview;
mod runs;
mod tokens;
mod trail;
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
use vault::{Vault, VaultError};

pub use events::{Delivery, DeliveryResult, StoredEvent};
pub use fulfillment::{Claim, Intent, IntentOutcome};
pub use metrics::{CallTally, DayTally, OldestOrder, OrderTally};
pub use orders::{Decided, HistoryEntry, Intake, StoredOrder};
pub use overview::{EndpointRow, OrderFilter, OrderRow, ParcelRow, StockRow};
pub use runs::{RunOutcome, StoredRun};
pub use tokens::{StoredTokens, Vendor};
pub use trail::{CallEntry, IntentRow, ItemRow};

/// The store can't be used, or refuses what was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// SQLite refused.
    #[error("the database refused")]
    Sqlite(#[from] rusqlite::Error),
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
    Overtaken {
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
    /// The order is not in the database.
    #[error("order {order} is not known")]
    UnknownOrder {
        /// The order.
        order: String,
    },
}

impl Error {
    /// Tells whether the file itself is unusable, so that nothing can work until a person acts.
    #[must_use]
    pub fn is_unusable(&self) -> bool {
        match self {
            Self::Open { .. }
            | Self::NotADatabase { .. }
            | Self::IsAFolder { .. }
            | Self::ReadOnly { .. }
            | Self::Damaged { .. }
            | Self::Newer { .. }
            | Self::Migration(_)
            | Self::Vault(_) => true,
            Self::Sqlite(_)
            | Self::Unreadable { .. }
            | Self::NotAllowed(_)
            | Self::Overtaken { .. }
            | Self::OutOfStock { .. }
            | Self::UnknownOrder { .. } => false,
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
    /// When the file is a folder, something else, read-only, damaged, or newer than this program.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = open::connection(path)?;
        Ok(Self {
            connection: Mutex::new(connection),
            vault: Mutex::new(Vault::beside(path)?),
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

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        work(&self.connection())
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    fn run_id(&self) -> Option<i64> {
        Some(self.run.load(Ordering::Relaxed)).filter(|run| *run > 0)
    }

    fn seal<T: Serialize>(&self, value: &T) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(value).map_err(|_| Error::Unreadable { what: "value to seal" })?;
        Ok(self.vault.lock().unwrap_or_else(PoisonError::into_inner).seal(&plain)?)
    }

    fn unseal<T: DeserializeOwned>(&self, sealed: &[u8], what: &'static str) -> Result<T> {
        let plain = self.vault.lock().unwrap_or_else(PoisonError::into_inner).open(sealed)?;
        serde_json::from_slice(&plain).map_err(|_| Error::Unreadable { what })
    }
}

fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    row.get(column).map(instant)
}

fn optional_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    row.get::<_, Option<i64>>(column).map(|at| at.map(instant))
}

#[cfg(test)]
pub(crate) mod tests_support {
    //! A store in a temporary folder.

    use super::Store;

    /// Returns a fresh store and the folder that it lives in.
    pub(crate) fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("mcf.db")).expect("a store");
        (folder, store)
    }
}
