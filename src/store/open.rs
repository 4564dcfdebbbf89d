//! Opening the file: who may make it, what it must be, how it is brought up to date.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::audit;
use super::ground::{self, Ground, beside};
use super::refusal::{self, explain, explain_io, refuse_foreign};
use super::upgrade::{self, Opening, Upgrade};
use super::vault::{Vault, folder_of};
use super::{Error, Lock, LockError, Result, engine, kept, lock, lock::WORKS, sealed};
use crate::secret::Secret;
use crate::{crash, draft};

/// What brings the schema from one version to the next.
struct Step {
    sql: &'static str,
    /// What no statement can do, in the same transaction, with the key that is given where none lies beside the database.
    then: fn(&engine::Transaction<'_>, Option<&Secret>) -> Result<()>,
}

const fn step(sql: &'static str) -> Step {
    Step {
        sql,
        then: |_, _| Ok(()),
    }
}

/// Entries are never edited, only added.
static STEPS: &[Step] = &[
    step(include_str!("migrations/0001_first.sql")),
    step(include_str!("migrations/0002_second.sql")),
    step(include_str!("migrations/0003_words_of_tiktok.sql")),
    step(include_str!("migrations/0004_followed_dismissals.sql")),
    step(include_str!("migrations/0005_what_decides.sql")),
    step(include_str!("migrations/0006_acceptances.sql")),
    step(include_str!("migrations/0007_two_looks_by_clocks_that_do_not_jump.sql")),
    step(include_str!("migrations/0008_cancellations_that_wait_for_a_person.sql")),
    step(include_str!("migrations/0009_fast_delivery.sql")),
    step(include_str!("migrations/0010_approvals.sql")),
    step(include_str!("migrations/0011_rests.sql")),
    step(include_str!("migrations/0012_kinds_of_orders.sql")),
    step(include_str!("migrations/0013_whereabouts.sql")),
    step(include_str!("migrations/0014_speeds_and_previews.sql")),
    step(include_str!("migrations/0015_named_speeds.sql")),
    step(include_str!("migrations/0016_refused_features.sql")),
    step(include_str!("migrations/0017_skus_of_flags.sql")),
    step(include_str!("migrations/0018_when_orders_are_due.sql")),
    step(include_str!("migrations/0019_looking_for_orders.sql")),
    step(include_str!("migrations/0020_what_flags_and_facts_were_asked_for.sql")),
    step(include_str!("migrations/0021_looking_back.sql")),
    step(include_str!("migrations/0022_totals_that_never_fall.sql")),
    step(include_str!("migrations/0023_what_is_open_is_found_at_once.sql")),
    step(include_str!("migrations/0024_what_is_inbound.sql")),
    step(include_str!("migrations/0025_told_again.sql")),
    step(include_str!("migrations/0026_flags_in_their_order.sql")),
    step(include_str!("migrations/0027_orders_page_by_page.sql")),
    step(include_str!("migrations/0028_parcels_by_number.sql")),
    Step {
        sql: include_str!("migrations/0029_a_history_that_is_a_chain.sql"),
        then: |transaction, key| audit::chain_all(transaction, key, audit::put_in_words),
    },
    step(include_str!("migrations/0030_whose_buyer_is_kept.sql")),
    Step {
        sql: include_str!("migrations/0031_sealed_values_are_bound_to_their_rows.sql"),
        then: sealed::bind_all,
    },
    step(include_str!("migrations/0032_less_for_an_order_that_has_ended.sql")),
    step(include_str!("migrations/0033_what_a_person_did_to_the_shop.sql")),
    step(include_str!("migrations/0034_what_the_last_weeks_were.sql")),
];

/// The first version of the schema whose history is a chain of today's form.
const CHAINED: u32 = 32;

/// How long a statement waits for another process before it gives up.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// Opens the connection. Two processes that open a new file at once take turns, so that neither sees half a schema.
pub(super) fn connection(path: &Path, opening: Opening<'_>) -> Result<engine::Connection> {
    kept::refuse_second_name(path)?;
    let turn = take_turn(path)?;
    kept::take_back_names(path)?;
    if path.is_dir() {
        return Err(Error::IsAFolder { path: path.to_owned() });
    }
    if ground::survey(path)? == Ground::Free {
        make_whole(path)?;
    }
    ground::refuse_newer(path, newest_known())?;
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|error| explain(path, error))?;
    connection
        .busy_timeout(BUSY_TIMEOUT)
        .map_err(|error| explain(path, error))?;
    refuse_foreign(path, &connection)?;
    draft::sweep(folder_of(path));
    connection
        .pragma_update(None, "journal_mode", "wal")
        .and_then(|()| connection.pragma_update(None, "synchronous", "full"))
        .and_then(|()| connection.pragma_update(None, "foreign_keys", true))
        .and_then(|()| connection.pragma_update(None, "secure_delete", true))
        .map_err(|error| explain(path, error))?;
    let connection = engine::Connection::File(connection);
    bring_up_to_date(path, &connection, opening)?;
    lock::remember_a_database(&turn);
    Ok(connection)
}

/// What an older version wrote is copied before it is changed.
fn bring_up_to_date(path: &Path, connection: &engine::Connection, opening: Opening<'_>) -> Result<()> {
    let version = version(connection.file()?).map_err(|error| explain(path, error))?;
    let newest = newest_known();
    if version == newest {
        return Ok(());
    }
    let is_upgrade = (1..newest).contains(&version);
    // What an older program still wrote after the upgrade would stand outside of the chain, or be refused.
    let _runs = if is_upgrade && version < CHAINED {
        wait_for_runs(path, opening.now)?
    } else {
        Vec::new()
    };
    if is_upgrade {
        // An upgrade seals; without the key it must not begin.
        Vault::of(path, opening.key, !sealed::holds_sealed(connection)?)?;
        upgrade::keep_copy(path, connection.file()?, (version, newest), opening)?;
    }
    crash::point("migration.before");
    migrate(path, connection, opening.key)?;
    crash::point("migration.after");
    (opening.watch)(Upgrade::Changed);
    Ok(())
}

/// A run that is under way goes on with the program that it began with: its end is waited for.
fn wait_for_runs(path: &Path, now: DateTime<Utc>) -> Result<Vec<Lock>> {
    let until = Instant::now() + BUSY_TIMEOUT;
    let wait = |work: &&str| {
        let left = until.saturating_duration_since(Instant::now());
        Ok(Lock::wait(path, work, now, left, &|| false)?)
    };
    WORKS.iter().map(wait).collect()
}

pub(super) fn take_turn(path: &Path) -> Result<fs::File> {
    lock::wait_turn(path).map_err(|error| match error {
        LockError::File { path: lock, source } => match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem if path.exists() => {
                Error::ReadOnly { path: path.to_owned() }
            }
            ErrorKind::Other => Error::Lock(LockError::File { path: lock, source }),
            _ => explain_io(path, source, |source| Error::Open {
                path: path.to_owned(),
                source,
            }),
        },
        error => error.into(),
    })
}

/// Makes a database whole under another name, then renames it: killed at any step, there is none, or a good one. Its key comes
/// after it, since a database with nothing sealed gets one whenever it has none, while a key without its database is a loss.
fn make_whole(path: &Path) -> Result<()> {
    let new = beside(path, ".new");
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem if folder_of(path).is_dir() => {
            Error::ReadOnly { path: path.to_owned() }
        }
        _ => explain_io(path, source, |source| Error::Open {
            path: path.to_owned(),
            source,
        }),
    };
    // What a start that was cut short left under this name is nobody's.
    for rest in [beside(&new, "-journal"), new.clone()] {
        match fs::remove_file(rest) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
    }
    let file = fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&new)
        .map_err(failed)?;
    let connection = Connection::open(&new).map_err(|error| explain(path, error))?;
    let connection = engine::Connection::File(connection);
    crash::point("migration.before");
    migrate(path, &connection, None)?;
    crash::point("migration.after");
    drop(connection);
    file.sync_all()
        .and_then(|()| fs::rename(&new, path))
        .and_then(|()| draft::sync_folder(folder_of(path)))
        .map_err(failed)?;
    crash::point("database.placed");
    Ok(())
}

/// Returns the version that this program brings a database to.
pub(super) fn newest_known() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Returns the version of the schema that a file has.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Does work on a file that nobody else opens yet.
pub(super) fn alone<T>(path: &Path, work: impl FnOnce(&engine::Transaction<'_>) -> Result<T>) -> Result<T> {
    let connection = engine::Connection::File(Connection::open(path)?);
    let transaction = connection.transaction()?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// Opens a file for reading as it is.
pub(super) fn reader(path: &Path) -> Result<engine::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(engine::Connection::File(Connection::open_with_flags(path, flags)?))
}

/// Returns a database that holds nothing and is nowhere: what the schema is can be read from it.
pub(super) fn model() -> Result<engine::Connection> {
    let connection = engine::Connection::File(Connection::open_in_memory()?);
    bring_to(&connection, STEPS.len(), None)?;
    Ok(connection)
}

/// Brings a file that no other process opens to the newest schema.
pub(super) fn migrate(path: &Path, connection: &engine::Connection, key: Option<&Secret>) -> Result<()> {
    bring_to(connection, STEPS.len(), key).map_err(|error| match refusal::explained(path, error) {
        error if error.is_unusable() => error,
        error => Error::Migration(Box::new(error)),
    })
}

/// However many steps lie between, all are done or none.
fn bring_to(connection: &engine::Connection, version_wanted: usize, key: Option<&Secret>) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let file = transaction.file()?;
    let done = version(file)? as usize;
    let pending = STEPS.get(done..version_wanted).ok_or(rusqlite::Error::InvalidQuery)?;
    for step in pending {
        transaction.execute_batch(step.sql)?;
        (step.then)(&transaction, key)?;
        crash::point("migration.step");
    }
    file.pragma_update(None, "user_version", u32::try_from(version_wanted).unwrap_or(u32::MAX))?;
    Ok(transaction.commit()?)
}

/// Makes a database as an older version of this program made it.
#[cfg(test)]
pub(super) fn of_version(path: &Path, version: usize) -> engine::Connection {
    use std::os::unix::fs::PermissionsExt;
    let connection = engine::Connection::File(Connection::open(path).expect("a connection"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("private");
    bring_to(&connection, version, None).expect("that version");
    connection
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::store::Store;
    use crate::store::refusal::explained;

    fn folder() -> tempfile::TempDir {
        crate::test_folder::folder()
    }

    /// What flags and facts were read for, as the version before wrote it.
    const BEFORE_20: &str = "
        INSERT INTO cancellation_doubts (order_id, detail, message, next_command) VALUES
            ('1', 'request_unreadable', 'TikTok shows a cancellation of it that can''t be read (its status is \"NEW\"); look at it', 'x'),
            ('2', 'seller_cancels', 'the seller cancels it', 'x');
        INSERT INTO orders (id, state, tiktok_status, state_since, detected_at, cancel_requested, authentication_required,
            is_cash_on_delivery, created_at, updated_at) VALUES ('3', 'flagged', 'AWAITING_SHIPMENT', 0, 0, 0, 0, 0, 0, 0);
        INSERT INTO history (order_id, at, after_call, kind, text) VALUES ('3', 0, 0, 'deadline', 'it may be late');
        INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at) VALUES ('TTS-3', '3', 1, 'refused', '', 0);
        INSERT INTO fulfillment_items (fulfillment_order_id, id, position, sku, quantity, per_line) VALUES ('TTS-3', 'a', 0, 'LAMP', 1, 1);
        INSERT INTO facts (name, value_sealed, read_at) VALUES ('amazon.out_of_stock.3', x'00', 0), ('other', x'00', 0);
    ";

    #[test]
    fn what_flags_and_facts_said_is_taken_over_into_columns() {
        let connection = engine::Connection::File(Connection::open_in_memory().expect("a database"));
        bring_to(&connection, 19, None).expect("the version before");
        connection.execute_batch(BEFORE_20).expect("rows");
        bring_to(&connection, STEPS.len(), None).expect("this version");
        for (query, expected) in [
            (
                "SELECT kind || why FROM cancellation_conflicts WHERE order_id = '1'",
                "unreadableits status is \"NEW\"",
            ),
            (
                "SELECT kind FROM cancellation_conflicts WHERE order_id = '2'",
                "seller_cancels",
            ),
            ("SELECT order_id || sku || units FROM refused_figures", "3LAMP0"),
            ("SELECT group_concat(name) FROM facts", "other"),
            ("SELECT is_lateness_noted || is_loss_told FROM orders", "10"),
        ] {
            let found: String = connection.query_row(query, [], |row| row.get(0)).expect(query);
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn a_new_database_is_made_for_its_owner_alone_and_durable() {
        let folder = folder();
        let path = folder.path().join("mcf.db");
        let store = Store::open(&path).expect("a store");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "I9");
        let connection = store.connection();
        let file = connection.file().expect("a file");
        let synchronous: i64 = file
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .expect("a value");
        let journal: String = file
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .expect("a value");
        assert_eq!((synchronous, journal.as_str()), (2, "wal"));
    }

    #[test]
    fn a_newer_database_is_refused_and_left_as_it_is() {
        let folder = folder();
        let path = folder.path().join("mcf.db");
        drop(Store::open(&path).expect("a store"));
        let connection = Connection::open(&path).expect("a connection");
        connection.pragma_update(None, "user_version", 999).expect("a version");
        drop(connection);
        assert!(matches!(Store::open(&path), Err(Error::Newer { .. })), "C19");
    }

    #[test]
    fn folders_other_files_and_other_databases_are_told_apart_and_untouched() {
        let folder = folder();
        assert!(
            matches!(Store::open(folder.path()), Err(Error::IsAFolder { .. })),
            "C18"
        );
        let text = folder.path().join("notes.txt");
        fs::write(&text, "these are notes, not a database, and they must stay as they are").expect("a file");
        assert!(matches!(Store::open(&text), Err(Error::NotADatabase { .. })), "C18");
        assert!(
            fs::read_to_string(&text)
                .expect("a file")
                .starts_with("these are notes")
        );
        let foreign = folder.path().join("foreign.db");
        let connection = Connection::open(&foreign).expect("a connection");
        connection
            .execute_batch("CREATE TABLE songs (name TEXT)")
            .expect("a table");
        drop(connection);
        assert!(matches!(Store::open(&foreign), Err(Error::NotADatabase { .. })), "C18");
    }

    #[test]
    fn a_full_disk_a_locked_and_a_broken_file_are_told_apart_e113() {
        use rusqlite::ffi;
        let meant = |code| {
            let refusal = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            explained(Path::new("mcf.db"), Error::Sqlite(refusal))
        };
        assert!(matches!(meant(ffi::SQLITE_FULL), Error::DiskFull { .. }));
        assert!(matches!(meant(ffi::SQLITE_BUSY), Error::InUse { .. }));
        assert!(matches!(meant(ffi::SQLITE_IOERR_READ), Error::Open { .. }));
        assert!(matches!(meant(ffi::SQLITE_CORRUPT), Error::Damaged { .. }), "C20");
        assert!(meant(ffi::SQLITE_FULL).is_unusable() && !meant(ffi::SQLITE_CONSTRAINT).is_unusable());
    }

    #[test]
    fn two_processes_may_open_a_new_file_at_once() {
        let folder = folder();
        let path = folder.path().join("mcf.db");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || Store::open(&path).map(drop))
            })
            .collect();
        for thread in threads {
            thread.join().expect("no panic").expect("a store");
        }
    }
}
