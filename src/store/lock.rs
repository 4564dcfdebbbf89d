//! Locks between processes: one run of each kind of work at a time.
//!
//! A lock is the operating system's, on a file beside the database: when its process dies, however it dies, the lock is free.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use fs4::{FileExt, TryLockError};

use super::error::LockError;
use super::ground::TURN;
use super::guard::open_own;
use super::lease::Lease;

/// Every kind of work that takes a lock. Who replaces the file or its keys takes all of them.
pub const WORKS: [&str; 6] = ["keeping", "orders", "tracking", "inventory", "notifications", "tokens"];

/// How often a waiting process looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How long the turn at opening the database is waited for. A migration takes less.
const TURN_WAIT_MAX: Duration = Duration::from_secs(5);

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    // Dropped, they are free.
    _file: Option<SignedFile>,
    _lease: Option<Lease>,
}

/// A lock file that says who holds it.
#[derive(Debug)]
struct SignedFile(File);

impl Lock {
    /// Takes the lock `<database>.<work>.lock`, or returns at once when another process holds it (E02, A11).
    ///
    /// # Errors
    /// [`LockError::Busy`] with the holder, or when the lock file can't be made.
    pub fn take(database: &Path, work: &str, now: DateTime<Utc>) -> Result<Self, LockError> {
        let path = lock_path(database, work);
        let failed = |source| LockError::File {
            path: path.clone(),
            source,
        };
        let mut file = open_own(&path).map_err(failed)?;
        match FileExt::try_lock(&file) {
            Ok(()) => sign_in(&mut file, now).map_err(failed)?,
            Err(TryLockError::WouldBlock) => return Err(busy(&mut file, work)),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        Ok(Self {
            _file: Some(SignedFile(file)),
            _lease: None,
        })
    }

    /// Has a lease of a server.
    pub(super) fn of_lease(lease: Lease) -> Self {
        Self {
            _file: None,
            _lease: Some(lease),
        }
    }

    /// Takes the lock, waiting for another process up to `timeout`, or until the run is asked to stop.
    ///
    /// # Errors
    /// As [`Lock::take`], after the time-out.
    pub fn wait(
        database: &Path,
        work: &str,
        now: DateTime<Utc>,
        timeout: Duration,
        is_stopping: &dyn Fn() -> bool,
    ) -> Result<Self, LockError> {
        wait_for(timeout, is_stopping, || Self::take(database, work, now))
    }

    /// Takes the locks of every work, so that no run reads or writes meanwhile.
    ///
    /// # Errors
    /// As [`Lock::take`]; then none is held.
    pub fn take_all(database: &Path, now: DateTime<Utc>) -> Result<Vec<Self>, LockError> {
        WORKS.iter().map(|work| Self::take(database, work, now)).collect()
    }
}

/// Tries until it is free, up to `timeout`, or until the run is asked to stop.
pub(super) fn wait_for(
    timeout: Duration,
    is_stopping: &dyn Fn() -> bool,
    take: impl Fn() -> Result<Lock, LockError>,
) -> Result<Lock, LockError> {
    let until = Instant::now() + timeout;
    loop {
        match take() {
            Err(LockError::Busy { .. }) if Instant::now() < until && !is_stopping() => std::thread::sleep(LOOK_AGAIN),
            result => return result,
        }
    }
}

/// Waits for this process's turn at opening the database. What holds `<database>.lock` for long is no opening.
///
/// # Errors
/// [`LockError::Turn`] after [`TURN_WAIT_MAX`], or when the file can't be made or is not ours.
pub(super) fn wait_turn(database: &Path) -> Result<File, LockError> {
    let path = beside(database, TURN);
    let file = open_own(&path).map_err(|source| LockError::File {
        path: path.clone(),
        source,
    })?;
    let until = Instant::now() + TURN_WAIT_MAX;
    loop {
        match FileExt::try_lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(LOOK_AGAIN),
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Turn {
                    path,
                    waited: TURN_WAIT_MAX,
                });
            }
            Err(TryLockError::Error(source)) => return Err(LockError::File { path, source }),
        }
    }
}

/// Leaves a word in the file that openings take turns by: where the data key is given from outside, nothing else beside a database
/// says that there was one. It guards against a loss, no run needs it.
pub(super) fn remember_a_database(mut turn: &File) {
    if turn.metadata().is_ok_and(|file| file.len() == 0) {
        let _ = turn.write_all(b"there is a database beside this file\n");
    }
}

/// Takes that word back: whoever makes a new database has seen that the old one is gone.
pub(super) fn forget_a_database(database: &Path) -> Result<(), LockError> {
    let path = beside(database, TURN);
    if !path.exists() {
        return Ok(());
    }
    let emptied = open_own(&path).and_then(|file| file.set_len(0));
    emptied.map_err(|source| LockError::File { path, source })
}

impl Drop for SignedFile {
    fn drop(&mut self) {
        // The text only tells others who holds the lock: when it can't be emptied, a free lock is still free.
        let _ = self.0.set_len(0);
    }
}

/// One database reached through a link is still one database.
fn lock_path(database: &Path, work: &str) -> PathBuf {
    beside(database, &format!(".{work}.lock"))
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = fs::canonicalize(database)
        .unwrap_or_else(|_| database.to_owned())
        .into_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

fn sign_in(file: &mut File, now: DateTime<Utc>) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), now.trunc_subsecs(0).to_rfc3339())
}

fn busy(file: &mut File, work: &str) -> LockError {
    let mut text = String::new();
    let holder = file.take(200).read_to_string(&mut text).ok();
    let (pid, since) = holder.and_then(|_| text.trim().split_once(' ')).unzip();
    LockError::Busy {
        work: work.to_owned(),
        pid: pid.and_then(|pid| pid.parse().ok()),
        since: since.and_then(|since| Some(DateTime::parse_from_rfc3339(since).ok()?.with_timezone(&Utc))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant")
    }

    fn database() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mcf.db");
        fs::write(&path, "").expect("a file");
        (folder, path)
    }

    #[test]
    fn the_second_run_ends_at_once_and_hears_who_works() {
        let (_folder, database) = database();
        let first = Lock::take(&database, "orders", now()).expect("a lock");
        let LockError::Busy { pid, since, work } = Lock::take(&database, "orders", now()).expect_err("busy") else {
            panic!("E02, A11");
        };
        assert_eq!(
            (pid, since, work.as_str()),
            (Some(std::process::id()), Some(now()), "orders")
        );
        drop(Lock::take(&database, "tracking", now()).expect("another work is free"));
        drop(first);
        drop(Lock::take(&database, "orders", now()).expect("free again"));
    }

    #[test]
    fn the_lock_file_of_a_dead_process_holds_nobody_up() {
        let (_folder, database) = database();
        fs::write(lock_path(&database, "orders"), "4194304 2026-01-05T01:00:42+00:00\n").expect("a file");
        drop(Lock::take(&database, "orders", now()).expect("E02: free"));
    }

    #[test]
    fn a_database_reached_through_a_link_has_the_same_lock() {
        let (folder, database) = database();
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&database, &link).expect("a link");
        let _held = Lock::take(&database, "orders", now()).expect("a lock");
        assert!(matches!(
            Lock::take(&link, "orders", now()),
            Err(LockError::Busy { .. })
        ));
    }

    #[test]
    fn waiting_ends_with_the_holder_or_with_the_time_out() {
        let (_folder, database) = database();
        let held = Lock::take(&database, "tokens", now()).expect("a lock");
        let short = Lock::wait(&database, "tokens", now(), Duration::from_millis(60), &|| false);
        assert!(matches!(short, Err(LockError::Busy { .. })), "E112");
        let path = database.clone();
        let waiting = std::thread::spawn(move || {
            Lock::wait(&path, "tokens", now(), Duration::from_secs(20), &|| false).map(drop)
        });
        std::thread::sleep(Duration::from_millis(80));
        drop(held);
        waiting.join().expect("no panic").expect("E112: taken over");
    }

    #[test]
    fn a_wish_to_stop_ends_the_waiting_for_a_lock_e170() {
        let (_folder, database) = database();
        let _held = Lock::take(&database, "tokens", now()).expect("a lock");
        let begun = Instant::now();
        let waited = Lock::wait(&database, "tokens", now(), Duration::from_secs(20), &|| true);
        assert!(matches!(waited, Err(LockError::Busy { .. })));
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_link_under_a_locks_name_leaves_its_target_untouched_e177() {
        let (folder, database) = database();
        // Each its own, so that neither refusal stands for the other.
        let [target, twin] = ["letter.txt", "copy.txt"].map(|name| folder.path().join(name));
        for file in [&target, &twin] {
            fs::write(file, "dear reader").expect("a file");
        }
        let lock = lock_path(&database, "orders");
        let turn = folder.path().join("mcf.db.lock");
        std::os::unix::fs::symlink(&target, &lock).expect("a link");
        fs::hard_link(&twin, &turn).expect("a second name");
        let refused = Lock::take(&database, "orders", now());
        assert!(matches!(refused, Err(LockError::File { .. })), "{refused:?}");
        assert!(matches!(wait_turn(&database), Err(LockError::File { .. })));
        for file in [&target, &twin] {
            assert_eq!(fs::read_to_string(file).expect("a file"), "dear reader");
        }
    }

    #[test]
    fn all_locks_or_none() {
        let (_folder, database) = database();
        let held = Lock::take(&database, "tokens", now()).expect("a lock");
        assert!(Lock::take_all(&database, now()).is_err());
        drop(held);
        let all = Lock::take_all(&database, now()).expect("all locks");
        assert!(WORKS.iter().all(|work| Lock::take(&database, work, now()).is_err()));
        drop(all);
    }
}
