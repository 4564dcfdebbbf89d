//! Copies of the database with its data key, and the way back.
//!
//! A copy is whole or not there: it is written under another name, synced and renamed. A database that is replaced is kept
//! beside it as `<database>.before-restore-<time>` with its own key.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::NamedTempFile;

use super::carry::{Carried, Carrying, Told};
use super::engine::Address;
use super::ground::{beside, real_path};
use super::kept::{self, kept_name};
use super::vault::{Vault, VaultError, folder_of, key_path, place};
use super::{
    ChainEnd, Error, Lock, Opening, Result, ShopAct, Store, Upgrade, Vendor, audit, engine, guard, hands, maintenance,
    open, refusal, runs, sealed, served, tokens, unfinished,
};
use crate::secret::Secret;
use crate::{crash, draft, trust};

/// How long a restore waits for another program that reads what is to be replaced.
const LOG_WAIT: Duration = Duration::from_secs(5);

impl Store {
    /// Writes a consistent copy to `to` and its data key to `<to>.key`, both mode 0600, while other processes go on. Returns where the
    /// chain of its history ends.
    ///
    /// # Errors
    /// [`Error::Exists`] unless `force`; when another process changes the key, or a file can't be written.
    pub fn backup(&self, to: &Path, force: bool, now: DateTime<Utc>) -> Result<ChainEnd> {
        self.backup_watched(to, force, now, &|_, _| {})
    }

    /// The same, telling how many bytes are copied, of about how many.
    ///
    /// # Errors
    /// As for [`Store::backup`].
    pub fn backup_watched(&self, to: &Path, force: bool, now: DateTime<Utc>, told: Told<'_>) -> Result<ChainEnd> {
        // One moment of a server can be read whoever works there; a file must not be replaced meanwhile.
        let _lock = (!self.is_served()).then(|| self.take("keeping", now)).transpose()?;
        self.check_backup(to, force)?;
        let copy = self.read(|connection| match connection.file() {
            Ok(file) => copy_beside(file, to, told),
            Err(_) => self.written_beside(connection, to, told),
        })?;
        let written = Connection::open_with_flags(copy.path(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let end = audit::end(&engine::Connection::File(written))?;
        // Its age is told by the clock of the run; a file system that keeps no such time is none the worse.
        let _ = copy.as_file().set_modified(now.into());
        replace_pair(copy, to, &self.key_text()?)?;
        Ok(end)
    }

    /// Writes what one moment of a server is into a file, under the same data key.
    fn written_beside(&self, connection: &engine::Connection, to: &Path, told: Told<'_>) -> Result<NamedTempFile> {
        let moment = connection.transaction()?;
        moment.execute_batch("SET LOCAL idle_in_transaction_session_timeout = 0")?;
        let vault = self.vault();
        let (copy, _) = written(&moment, (&vault, &vault), to, told)?;
        Ok(copy)
    }

    fn key_text(&self) -> Result<String> {
        let is_elsewhere = self.is_served() || self.is_key_given();
        match is_elsewhere {
            true => Ok(self.vault().text()),
            false => read_key(&self.path),
        }
    }

    /// Tells whether [`Store::backup`] may write there.
    ///
    /// # Errors
    /// [`Error::SameFile`], or [`Error::Exists`] unless `force`.
    pub fn check_backup(&self, to: &Path, force: bool) -> Result<()> {
        if is_same_file(&self.path, to) {
            return Err(Error::SameFile { path: to.to_owned() });
        }
        refuse_what_is_no_file(to)?;
        refuse_what_is_no_file(&key_path(to))?;
        let in_the_way = [to.to_owned(), key_path(to)].into_iter().find(|path| path.exists());
        match in_the_way {
            Some(path) if !force => Err(Error::Exists { path }),
            Some(_) | None => Ok(()),
        }
    }
}

/// Replaces the database at `to` by the backup `from`, with its data key. No run may be under way on `to`.
///
/// Returns the name under which the replaced database stays, with its own key. Cut off at any step, `to` is the whole old or the whole new database.
///
/// # Errors
/// When `from` is not a sound database of ours that its key opens, `to` exists and `force` is not given, or another process works.
pub fn restore(from: &Path, to: &Path, force: bool, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    let watch = &|_: Upgrade<'_>| {};
    restore_watched(
        from,
        to,
        force,
        Opening { now, watch, key: None },
        "the operator",
        &|_, _| {},
    )
}

/// The same, telling how many bytes are copied, of about how many. Where a key is given and none lies beside `to`, all is sealed anew
/// with it, and no key file is written.
///
/// # Errors
/// As for [`restore`].
pub fn restore_watched(
    from: &Path,
    to: &Path,
    force: bool,
    Opening { now, key, .. }: Opening<'_>,
    by: &str,
    told: Told<'_>,
) -> Result<Option<PathBuf>> {
    let source = restorable(from, to, force, key)?;
    let to = fs::canonicalize(to).unwrap_or_else(|_| to.to_owned());
    let _alone = Alone::with(&to, now)?;
    let copy = copy_beside(source.file()?, &to, told)?;
    let said = format!("a copy was put back by {by}: {}", from.display());
    mark_restored(&copy, from, key, &said, now)?;
    if to.exists() {
        carry_tokens_over(&to, copy.path(), from, key)?;
    }
    let keys = match Vault::given(&to, key)? {
        Some(given) => {
            seal_for(&copy, from, &given, key)?;
            String::new()
        }
        None => Vault::given(from, key)?.map_or_else(|| read_key(from), |vault| Ok(vault.text()))?,
    };
    replace(copy, &to, &keys, now)
}

/// The same into the schema of a server, with the data key that is given there: all of it or nothing. Returns the schema under which
/// stays what was there.
///
/// # Errors
/// As for [`restore`], but [`Error::NotEmpty`] where the schema holds something and `force` is not given.
pub fn restore_served(
    from: &Path,
    to: &Address,
    force: bool,
    opening: Opening<'_>,
    by: &str,
    told: Told<'_>,
) -> Result<Option<String>> {
    let key = opening.key;
    let source = newest_form(from, examine(from, key)?, key)?;
    let (_, kept) = served::fill(to, opening, force, |transaction, vault, former| {
        // A backup with nothing sealed has no key.
        let old = Vault::of(from, key, false);
        let carrying = Carrying {
            from: &source.connection,
            opened_by: old.as_ref().unwrap_or(vault),
            sealed_by: vault,
            told,
        };
        carrying.over(transaction)?;
        for (vendor, tokens) in &former.tokens {
            tokens::put_newer(transaction, *vendor, from, vault, tokens)?;
        }
        runs::move_cursor(transaction, runs::WHOLE_SINCE, opening.now)?;
        let end = audit::end(transaction)?;
        let said = format!("a copy was put back by {by}: {}", from.display());
        hands::write(transaction, ShopAct::Restored, &said, opening.now)?;
        audit::seal_end(transaction, &end, vault)
    })?;
    Ok(kept)
}

/// Tells whether [`restore_served`] would fill a schema. Nothing is written.
///
/// # Errors
/// As for [`restore_served`].
pub fn check_restore_served(from: &Path, to: &Address, force: bool, opening: Opening<'_>) -> Result<()> {
    examine(from, opening.key)?;
    served::check_fill(to, opening, force)
}

/// A backup in the form of this version, and the copy that was brought to it, where an older version wrote it.
struct Newest {
    connection: engine::Connection,
    _copy: Option<NamedTempFile>,
}

fn newest_form(path: &Path, backup: engine::Connection, key: Option<&Secret>) -> Result<Newest> {
    if open::version(backup.file()?)? == open::newest_known() {
        return Ok(Newest {
            connection: backup,
            _copy: None,
        });
    }
    let beside = std::env::temp_dir().join("mcf.db");
    let copy = copy_beside(backup.file()?, &beside, &|_, _| {})?;
    let connection = engine::Connection::File(Connection::open(copy.path())?);
    let keys = match Vault::given(path, key)? {
        Some(given) => given.text(),
        None => read_key(path)?,
    };
    let keys = (!keys.is_empty()).then(|| Secret::new(keys));
    open::migrate(copy.path(), &connection, keys.as_ref())?;
    Ok(Newest {
        connection,
        _copy: Some(copy),
    })
}

/// Nobody else opens a file, nor works with it.
pub(super) struct Alone {
    _locks: Vec<Lock>,
    _turn: fs::File,
}

impl Alone {
    pub(super) fn with(path: &Path, now: DateTime<Utc>) -> Result<Self> {
        let locks = Lock::take_all(path, now)?;
        let turn = open::take_turn(path)?;
        kept::take_back_names(path)?;
        Ok(Self {
            _locks: locks,
            _turn: turn,
        })
    }
}

/// Puts a copy in the place of what is at `to`, and returns the name under which that stays with its own key.
pub(super) fn replace(copy: NamedTempFile, to: &Path, keys: &str, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    copy.as_file().sync_all().map_err(|source| file_error(to, source))?;
    let is_replaced = to.exists() || key_path(to).exists();
    let kept = is_replaced.then(|| kept_name(to, now));
    if let Some(kept) = &kept {
        set_aside(to, kept)?;
    }
    replace_pair(copy, to, keys)?;
    Ok(kept)
}

/// Writes all that a database holds into a new file beside `to` (mode 0600): what the first key opens is sealed with the second.
pub(super) fn written(
    from: &engine::Connection,
    (opened_by, sealed_by): (&Vault, &Vault),
    to: &Path,
    told: Told<'_>,
) -> Result<(NamedTempFile, Carried)> {
    let copy = draft::draft_in(folder_of(to)).map_err(|source| file_error(to, source))?;
    let file = Connection::open(copy.path())?;
    // A copy that is not whole is thrown away: nothing of it needs a journal.
    file.pragma_update(None, "journal_mode", "off")?;
    file.pragma_update(None, "synchronous", "off")?;
    let file = engine::Connection::File(file);
    open::migrate(to, &file, None)?;
    let transaction = file.transaction()?;
    let carrying = Carrying {
        from,
        opened_by,
        sealed_by,
        told,
    };
    let carried = carrying
        .over(&transaction)
        .map_err(|error| refusal::explained(to, error))?;
    transaction.commit()?;
    file.file()?.pragma_update(None, "journal_mode", "delete")?;
    drop(file);
    copy.as_file().sync_all().map_err(|source| file_error(to, source))?;
    Ok((copy, carried))
}

/// Seals what the backup's key opens with the one that is given. What neither opens stays as it is.
fn seal_for(copy: &NamedTempFile, backup: &Path, given: &Vault, key: Option<&Secret>) -> Result<()> {
    let connection = engine::Connection::File(Connection::open(copy.path())?);
    if !sealed::holds_sealed(&connection)? {
        return Ok(());
    }
    let old = Vault::of(backup, key, false)?;
    connection.file()?.pragma_update(None, "secure_delete", true)?;
    let transaction = connection.transaction()?;
    sealed::seal_anew(&transaction, |value| {
        let plain = old.open_any(&value.sealed, value.place()).ok();
        Ok(plain.map(|plain| given.seal(&plain, value.place())).transpose()?)
    })?;
    Ok(transaction.commit()?)
}

/// Puts a copy and its key in the place of another pair. Killed at any step, the key file opens the database beside it.
fn replace_pair(copy: NamedTempFile, to: &Path, key: &str) -> Result<()> {
    if key.is_empty() {
        return persist(copy, to);
    }
    add_keys(to, key)?;
    crash::point("pair.keys");
    persist(copy, to)?;
    crash::point("pair.copied");
    Ok(place(&key_path(to), key, true)?)
}

/// What is renamed over a link, a device or a pipe would be lost, or the copy would not lie where it was wanted (E178).
fn refuse_what_is_no_file(path: &Path) -> Result<()> {
    if let Some((path, exposure)) = trust::planted_link(path, trust::this_user()) {
        return Err(Error::Exposed { path, exposure });
    }
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(file_error(
            path,
            std::io::Error::other("it is a link, a folder or a device, no file"),
        )),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Tells whether [`restore`] would put `from` in the place of `to`. Nothing is written.
///
/// # Errors
/// As for [`restore`], but for other processes.
pub fn check_restore(from: &Path, to: &Path, force: bool, key: Option<&Secret>) -> Result<()> {
    restorable(from, to, force, key).map(drop)
}

fn restorable(from: &Path, to: &Path, force: bool, key: Option<&Secret>) -> Result<engine::Connection> {
    let source = examine(from, key)?;
    if is_same_file(from, to) {
        return Err(Error::SameFile { path: to.to_owned() });
    }
    if to.exists() && !force {
        return Err(Error::Exists { path: to.to_owned() });
    }
    guard::refuse_foreign_hands(to)?;
    kept::refuse_second_name(&real_path(to))?;
    Ok(source)
}

/// TikTok knows the newest pair of tokens only, and a consent of Amazon may be younger than the backup: where the database that is
/// replaced has newer ones, they go on in the copy, sealed with the backup's key. A database that can't be read has none to give.
fn carry_tokens_over(replaced: &Path, copy: &Path, backup: &Path, key: Option<&Secret>) -> Result<()> {
    // A backup with nothing sealed has no key; what would be sealed in it could not be opened.
    let (Ok(old_vault), Ok(new_vault)) = (Vault::of(replaced, key, false), Vault::of(backup, key, false)) else {
        return Ok(());
    };
    let Ok(old) = Connection::open(replaced).map(engine::Connection::File) else {
        return Ok(());
    };
    let copy = engine::Connection::File(Connection::open(copy)?);
    for vendor in [Vendor::Tiktok, Vendor::Amazon] {
        if let Some(newest) = tokens::newest_of(&old, vendor, replaced, &old_vault) {
            tokens::put_newer(&copy, vendor, backup, &new_vault, &newest)?;
        }
    }
    Ok(())
}

/// Until the rename both databases must open, whichever is found after a crash.
fn add_keys(database: &Path, new: &str) -> Result<()> {
    let both = format!("{}{new}", read_key(database)?);
    Ok(place(&key_path(database), &both, true)?)
}

/// Opens a backup for reading after checking that it is one, that its pages are sound and that its key opens it.
fn examine(path: &Path, key: Option<&Secret>) -> Result<engine::Connection> {
    let metadata = fs::metadata(path).map_err(|source| Error::Open {
        path: path.to_owned(),
        source,
    })?;
    if metadata.is_dir() {
        return Err(Error::IsAFolder { path: path.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| refusal::explain(path, error))?;
    refusal::refuse_foreign(path, &connection)?;
    if metadata.len() == 0 {
        return Err(Error::NotADatabase { path: path.to_owned() });
    }
    if open::version(&connection)? > open::newest_known() {
        return Err(Error::Newer { path: path.to_owned() });
    }
    let damage = maintenance::damage(&connection).map_err(|error| refusal::explain(path, error))?;
    if let Some(finding) = damage.into_iter().next() {
        let path = path.to_owned();
        return Err(Error::Damaged { path, finding });
    }
    let connection = engine::Connection::File(connection);
    if let Some(sealed) = sealed::any_sealed(&connection)? {
        let vault = Vault::of(path, key, false)?;
        vault
            .open_any(&sealed.sealed, sealed.place())
            .map_err(|_| VaultError::KeyMissing)?;
    }
    Ok(connection)
}

/// What was sent since the copy was made it does not know: all that is not younger than this moment is looked for before it is sent.
/// Its history says who put it back.
fn mark_restored(
    copy: &NamedTempFile,
    backup: &Path,
    key: Option<&Secret>,
    said: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    open::alone(copy.path(), |transaction| {
        runs::move_cursor(transaction, runs::WHOLE_SINCE, now)?;
        // A backup with nothing sealed has no key, and its chain no end to seal.
        match Vault::of(backup, key, false) {
            Ok(vault) => hands::write_into_copy(transaction, &vault, (ShopAct::Restored, said), now),
            Err(_) => Ok(()),
        }
    })
}

/// How often it is looked how far a copy is.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Runs a work while another thread tells how far the file has grown that it writes.
fn watched<T>(file: &Path, total: u64, told: Told<'_>, work: impl FnOnce() -> T) -> T {
    let (over, is_over) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while is_over.recv_timeout(LOOK_AGAIN) == Err(RecvTimeoutError::Timeout) {
                told(file.metadata().map_or(0, |metadata| metadata.len()), total);
            }
        });
        let value = work();
        drop(over);
        value
    })
}

fn size(connection: &Connection) -> u64 {
    let sized = connection.query_row(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        [],
        |row| row.get::<_, i64>(0),
    );
    sized.map_or(0, i64::cast_unsigned)
}

/// Copies a database, compacted, to an unnamed file (mode 0600) beside `to`.
fn copy_beside(connection: &Connection, to: &Path, told: Told<'_>) -> Result<NamedTempFile> {
    let error = |source| file_error(to, source);
    let copy = draft::draft_in(folder_of(to)).map_err(error)?;
    let name = copy
        .path()
        .to_str()
        .ok_or_else(|| error(ErrorKind::InvalidFilename.into()))?;
    watched(copy.path(), size(connection), told, || {
        connection.execute("VACUUM INTO ?1", [name])
    })
    .map_err(|refusal| match refusal.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => error(ErrorKind::StorageFull.into()),
        _ => refusal.into(),
    })?;
    copy.as_file().sync_all().map_err(error)?;
    Ok(copy)
}

fn persist(copy: NamedTempFile, to: &Path) -> Result<()> {
    remove_logs(to)?;
    // After a power cut the log that was removed must not lie beside the file that it does not belong to.
    draft::sync_folder(folder_of(to))
        .and_then(|()| draft::place(copy, to))
        .map_err(|source| file_error(to, source))
}

/// Returns the lines of the key file of a database; a database with nothing sealed may have none.
fn read_key(database: &Path) -> Result<String> {
    let path = key_path(database);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(file_error(&path, source)),
        Ok(text) => Ok(text.lines().map(|line| format!("{line}\n")).collect()),
    }
}

/// Gives a database that is about to be replaced a second name. Its log is folded in first, since the new file must not find it.
fn set_aside(database: &Path, kept: &Path) -> Result<()> {
    if database.exists() {
        fold_log(database)?;
    }
    keep(&key_path(database), &key_path(kept))?;
    keep(database, kept)?;
    let log = beside(database, "-wal");
    if log.exists() {
        fs::rename(&log, beside(kept, "-wal")).map_err(|source| file_error(&log, source))?;
    }
    Ok(())
}

/// A file that is no sound database any more has no log to fold; what lies beside it is kept with it.
fn fold_log(database: &Path) -> Result<()> {
    let folded = Connection::open(database)
        .map_err(Error::from)
        .and_then(|connection| unfinished::empty_log(&connection, LOG_WAIT));
    match folded {
        Ok(false) => Err(Error::InUse {
            path: database.to_owned(),
        }),
        Ok(true) | Err(_) => Ok(()),
    }
}

/// A log that lies beside a file which it does not belong to would be read into it.
fn remove_logs(database: &Path) -> Result<()> {
    for suffix in ["-wal", "-shm", "-journal"] {
        remove(&beside(database, suffix))?;
    }
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(file_error(path, source)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn keep(file: &Path, kept: &Path) -> Result<()> {
    if !file.exists() {
        return Ok(());
    }
    fs::hard_link(file, kept)
        .or_else(|_| fs::copy(file, kept).map(drop))
        .map_err(|source| file_error(kept, source))
}

pub(super) fn is_same_file(left: &Path, right: &Path) -> bool {
    match (fs::metadata(left), fs::metadata(right)) {
        (Ok(left), Ok(right)) => (left.dev(), left.ino()) == (right.dev(), right.ino()),
        _ => false,
    }
}

fn file_error(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
