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
mod audit;
mod backup;
mod bound;
mod calls;
mod cancellations;
mod carry;
mod clock_lead;
mod condition;
mod copy;
mod decisions;
mod dismissal;
mod dispatch;
mod due;
mod engine;
mod error;
mod fulfillment;
mod funnel;
mod future;
#[cfg(test)]
mod given_key_tests;
mod ground;
mod guard;
mod hands;
mod intents;
mod journal;
mod kept;
mod kinds;
mod lease;
mod lock;
mod lost_units;
mod maintenance;
mod mappings;
mod metrics;
mod not_found;
mod open;
mod order_filter;
mod order_rows;
mod orders;
mod outbox;
pub(crate) mod overview;
mod parcels;
mod pause;
mod read_only;
mod read_queue;
mod refusal;
mod refused_features;
mod refused_figures;
mod reminders;
mod runs;
mod sealed;
mod served;
#[cfg(test)]
mod served_tests;
#[cfg(test)]
mod size_tests;
mod spare;
mod speeds;
mod standing;
mod steps;
mod stock;
mod timeline;
mod tokens;
mod told;
mod unfinished;
mod unsent;
mod upgrade;
pub mod vault;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::{Connection, FromSql, Params, Row, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;

use vault::{Place, Vault, VaultError};

use crate::clock::Clock;

pub use audit::{Audit, ChainEnd, Finding, RowName};
pub use backup::{check_restore, check_restore_served, restore, restore_served, restore_watched};
pub use bound::Bound;
pub use carry::Carried;
pub use copy::{Copied, Location, check_copy, copy};
pub use decisions::HistoryEntry;
pub use engine::{Address, AddressError, ServerError};
pub use error::{Error, LockError};
pub use fulfillment::Claim;
pub use funnel::Tally;
pub use hands::ShopAct;
pub use intents::Intent;
pub use journal::{JournalFilter, JournalMark, JournalRow, JournalSource, PAGE};
pub use kept::{Keeper, KeptCopy, dated_name, kept_name};
pub use lock::{Lock, WORKS};
pub use maintenance::{Purged, sqlite_version};
pub use mappings::{FirstOf, MappingsFile, MappingsImport, StoredImport};
pub use metrics::{CallTally, Durations, OldestOrder, OrderTally, Timed};
pub use order_filter::{OrderFilter, OrderPlace};
pub use order_rows::StoredOrder;
pub use orders::Intake;
pub use outbox::{Delivery, DeliveryResult, Due, Queue, StoredEvent};
pub use overview::{EndpointRow, OrderRow, ParcelRow};
pub use parcels::{GivenNumber, StoredParcel, ToldPackage, TravellingParcel};
pub use runs::{RunOutcome, StoredRun};
pub use speeds::SpeedRow;
pub use standing::Standing;
pub use stock::{ListingRow, StockRow};
pub use timeline::{CallEntry, IntentRow, ItemRow};
pub use tokens::{Room, StoredTokens, Vendor};
pub use unfinished::Unfinished;
pub use unsent::UnsentLine;
pub use upgrade::{Opening, Upgrade, Watch};

/// What the methods of the store return.
pub type Result<T> = std::result::Result<T, Error>;

/// An open database. Share it between threads behind an `Arc`; its calls take turns.
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    vault: Mutex<Vault>,
    path: PathBuf,
    run: AtomicI64,
    clock: Option<Clock>,
    latest: AtomicI64,
}

impl Store {
    /// Opens the database at `path`, making it (mode 0600) where there is none and bringing it up to date.
    ///
    /// # Errors
    /// When the file is a folder, something else, read-only, damaged, open to others, or newer than this program, or when its data key
    /// is gone.
    pub fn open(path: &Path) -> Result<Self> {
        let (now, watch) = (Clock::system().now(), &|_: Upgrade<'_>| {});
        Self::open_watched(path, Opening { now, watch, key: None })
    }

    /// The same, by the clock of who opens it; a database of an older version is copied first, and `opening` hears how far it is.
    ///
    /// # Errors
    /// As for [`Store::open`], and when there is no room for the copy.
    pub fn open_watched(path: &Path, opening: Opening<'_>) -> Result<Self> {
        guard::refuse_foreign_hands(path)?;
        let path = &ground::real_path(path);
        let connection = open::connection(path, opening)?;
        guard::refuse_readable(path)?;
        let holds_sealed = sealed::holds_sealed(&connection).map_err(|error| refusal::explained(path, error))?;
        let vault = Vault::of(path, opening.key, !holds_sealed)?;
        if vault.is_given() {
            sealed::refuse_other_key(&connection, &vault)?;
        }
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            vault: Mutex::new(vault),
            path: path.to_owned(),
            run: AtomicI64::new(0),
            clock: None,
            latest: AtomicI64::new(0),
        })
    }

    /// Notes with what is written the latest time that this clock has shown: see [`Store::may_lie_ahead`].
    #[must_use]
    pub fn going_by(self, clock: Clock) -> Self {
        Self {
            clock: Some(clock),
            ..self
        }
    }

    /// Tells whether the data key was given from outside, and lies in no file beside the database.
    #[must_use]
    pub fn is_key_given(&self) -> bool {
        self.vault().is_given()
    }

    /// Returns where the database lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes a work: its lock beside a file, its lease on a server.
    ///
    /// # Errors
    /// [`LockError::Busy`] when another run has it.
    pub fn take(&self, work: &'static str, now: DateTime<Utc>) -> std::result::Result<Lock, LockError> {
        if self.is_served() {
            return lease::take(&self.connection, work, now).map(Lock::of_lease);
        }
        Lock::take(&self.path, work, now)
    }

    /// The same, waiting for another run up to `timeout`, or until this one is asked to stop.
    ///
    /// # Errors
    /// As for [`Store::take`], after the time-out.
    pub fn wait_for(
        &self,
        work: &'static str,
        now: DateTime<Utc>,
        timeout: Duration,
        is_stopping: &dyn Fn() -> bool,
    ) -> std::result::Result<Lock, LockError> {
        lock::wait_for(timeout, is_stopping, || self.take(work, now))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vault(&self) -> MutexGuard<'_, Vault> {
        self.vault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.with_connection(work)
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.with_connection(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let end = audit::end(&transaction)?;
            let value = work(&transaction)?;
            self.note_latest(&transaction)?;
            self.seal_end(&transaction, &end)?;
            transaction.commit()?;
            Ok(value)
        })
    }

    /// Every statement runs in here: a full disk or a damaged page shows at any of them, not only when the file is opened.
    fn with_connection<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        work(&self.connection()).map_err(|error| refusal::explained(&self.path, error))
    }

    /// Returns the rows of a query.
    fn rows<T>(
        &self,
        query: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        self.read(|connection| list(connection, query, parameters, read))
    }

    /// Reads the one row of a query that always has one.
    fn one<T>(
        &self,
        query: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.read(|connection| Ok(connection.prepare_cached(query)?.query_row(parameters, read)?))
    }

    /// Returns the one value of a query.
    fn value<T: FromSql>(&self, query: &str, parameters: impl Params) -> Result<T> {
        self.one(query, parameters, |row| row.get(0))
    }

    /// Writes what is one statement, in a transaction of its own.
    fn execute(&self, statement: &str, parameters: impl Params) -> Result<()> {
        self.write(|transaction| {
            transaction.prepare_cached(statement)?.execute(parameters)?;
            Ok(())
        })
    }

    fn run_id(&self) -> Option<i64> {
        Some(self.run.load(Ordering::Relaxed)).filter(|run| *run > 0)
    }

    fn seal<T: Serialize>(&self, value: &T, place: Place<'_>) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(value).map_err(|_| Error::Unreadable { what: "value to seal" })?;
        let mut vault = self.vault();
        vault.refresh()?;
        Ok(vault.seal(&plain, place)?)
    }

    fn unseal<T: DeserializeOwned>(&self, sealed: &[u8], place: Place<'_>, what: &'static str) -> Result<T> {
        self.unseal_by(|vault| vault.open(sealed, place), what)
    }

    fn unseal_by<T: DeserializeOwned>(
        &self,
        open: impl Fn(&Vault) -> std::result::Result<Vec<u8>, VaultError>,
        what: &'static str,
    ) -> Result<T> {
        let mut vault = self.vault();
        let plain = open(&vault).or_else(|_| {
            vault.refresh()?;
            open(&vault)
        })?;
        serde_json::from_slice(&plain).map_err(|_| Error::Unreadable { what })
    }
}

/// Lets the key (and the log) of a database that is gone make room for a new database, and returns the dated name that the key is kept under.
///
/// # Errors
/// When the key can't be renamed.
pub fn make_room(database: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    let database = ground::real_path(database);
    if database.exists() {
        return Ok(None);
    }
    lock::forget_a_database(&database)?;
    let key = vault::key_path(&database);
    if !key.exists() {
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

fn list<T>(
    connection: &Connection,
    query: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map(parameters, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

/// The error of a value that this program never writes.
fn odd(what: &'static str) -> rusqlite::Error {
    let source = Box::new(Error::Unreadable { what });
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, source)
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

    use super::vault::Place;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::{Address, Opening, Store, StoredTokens, Vendor, instant};
    use crate::domain::ids::TiktokOrderId;
    use crate::secret::Secret;

    /// Returns a fresh store and the folder that it lives in, or with `MCF_TEST_ENGINE=postgres` a fresh schema of a server.
    pub(crate) fn store() -> (tempfile::TempDir, Store) {
        let folder = crate::test_folder::folder();
        if std::env::var_os("MCF_TEST_ENGINE").is_some()
            && let Some(address) = fresh_address()
        {
            return (folder, served_at(&address));
        }
        let store = Store::open(&folder.path().join("mcf.db")).expect("a store");
        (folder, store)
    }

    /// Returns the address of a schema that is not there yet; `None` where PostgreSQL is not here.
    pub(crate) fn fresh_address() -> Option<Address> {
        static NUMBER: AtomicI64 = AtomicI64::new(0);
        let schema = format!("shop_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = crate::test_postgres::address()?;
        Some(Address::read(&url, &schema).expect("an address"))
    }

    /// Opens a schema as one host does.
    pub(crate) fn served_at(address: &Address) -> Store {
        let opening = Opening {
            now: filled_at(),
            watch: &|_| {},
            key: Some(&given_key()),
        };
        Store::open_served(address, opening).expect("a store on a server")
    }

    /// Returns the data key of every host.
    pub(crate) fn given_key() -> Secret {
        Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
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
            store
                .seal(&"Larkspur", Place::new("orders", "recipient_sealed", order))
                .expect("sealed"),
            ["body_sealed", "draft_sealed"].map(|column| {
                let id = format!("TTS-{order}");
                store
                    .seal(&"{}", Place::new("fulfillment_orders", column, &id))
                    .expect("sealed")
            }),
        );
        let [body, draft] = body;
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
                 VALUES ('TTS-' || ?1, ?1, 1, 'accepted', ?2, ?4, '', ?3)",
                (order, body, now.timestamp(), draft),
            )
            .expect("an intent");
        TiktokOrderId::new(order)
    }
}
