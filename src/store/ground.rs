//! What lies where a database should be: nothing, a database, or the rest of one that is lost. Decided from facts alone, before
//! anything is opened for writing, so that a loss is never taken for a first start and a newer database stays byte for byte.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::vault::{folder_of, key_path};
use super::{Error, Result, refusal};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where a file, and each first page in its log, bears the version of its schema.
const VERSION_AT: u64 = 60;
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;

/// What a database's openings take turns by.
pub(super) const TURN: &str = ".lock";

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// Nothing is there, and nothing says that something was.
    Free,
    /// A file that may be a database.
    Built,
    /// No database is there, but its key, its log or the word that it was there is.
    Gone,
    /// A file too short to be a database.
    Cut(u64),
}

/// The rule: facts in, finding out. `length` is that of the file, `None` where there is none; `has_rest` tells whether anything is left
/// that lies beside a database alone.
pub(super) fn judge(length: Option<u64>, has_rest: bool) -> Ground {
    match length {
        Some(length) if length < MAGIC.len() as u64 => Ground::Cut(length),
        Some(_) => Ground::Built,
        None if has_rest => Ground::Gone,
        None => Ground::Free,
    }
}

/// Looks at what lies at `path` and refuses what was lost, naming the newest copy that lies near.
pub(super) fn survey(path: &Path) -> Result<Ground> {
    let length = fs::metadata(path).ok().map(|metadata| metadata.len());
    let is_written = |suffix| fs::metadata(beside(path, suffix)).is_ok_and(|file| file.len() > 0);
    let has_rest = key_path(path).exists() || is_written("-wal") || is_written(TURN);
    let ground = judge(length, has_rest);
    let what = match ground {
        Ground::Free | Ground::Built => return Ok(ground),
        Ground::Gone => "is gone: only what lay beside it is left".to_owned(),
        Ground::Cut(length) => format!("was a database and is cut to {length} bytes"),
    };
    Err(Error::Lost {
        path: path.to_owned(),
        what,
        backup: last_backup(path),
    })
}

/// One database is one file with one key and one lock, by whatever link it is reached.
pub(super) fn real_path(path: &Path) -> PathBuf {
    let target = || {
        let target = fs::read_link(path).ok()?;
        Some(folder_of(path).join(target))
    };
    fs::canonicalize(path)
        .ok()
        .or_else(target)
        .unwrap_or_else(|| path.to_owned())
}

/// Returns the newest copy of ours, with its key, beside the database or in `backups/` there. What has a lock is at work: another
/// shop's database, not a copy.
fn last_backup(database: &Path) -> Option<PathBuf> {
    let folder = folder_of(database);
    let files = [folder.to_owned(), folder.join("backups")]
        .into_iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()));
    let is_at_work = |path: &Path| beside(path, TURN).exists();
    let copies =
        files.filter(|path| path != database && key_path(path).is_file() && !is_at_work(path) && is_ours(path));
    copies
        .filter_map(|path| Some((fs::metadata(&path).and_then(|file| file.modified()).ok()?, path)))
        .max_by_key(|(written, _): &(SystemTime, PathBuf)| *written)
        .map(|(_, path)| path)
}

fn is_ours(path: &Path) -> bool {
    is_sqlite(path) && untouched(path).is_ok_and(|connection| refusal::refuse_foreign(path, &connection).is_ok())
}

fn is_sqlite(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok() && start == *MAGIC)
}

/// Opens a file so that SQLite writes nothing, not even beside it. Right only where nobody else writes or little depends on it.
fn untouched(path: &Path) -> rusqlite::Result<Connection> {
    let name = url::Url::from_file_path(path).map_err(|()| rusqlite::Error::InvalidPath(path.to_owned()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("{name}?immutable=1"), flags)
}

/// Refuses a database of a newer version, or of another program that counts higher, before SQLite may fold its log or change a byte.
pub(super) fn refuse_newer(path: &Path, newest_known: u32) -> Result<()> {
    if !is_sqlite(path) || version(path).unwrap_or(0) <= newest_known {
        return Ok(());
    }
    let connection = untouched(path).map_err(|error| refusal::explain(path, error))?;
    refusal::refuse_foreign(path, &connection)?;
    Err(Error::Newer { path: path.to_owned() })
}

/// The version that the file bears, or a first page in its log, whichever is higher.
fn version(path: &Path) -> std::io::Result<u32> {
    let in_file = number_at(&File::open(path)?, VERSION_AT)?;
    Ok(File::open(beside(path, "-wal")).map_or(in_file, |log| in_file.max(version_in(&log).unwrap_or(0))))
}

fn version_in(log: &File) -> std::io::Result<u32> {
    let (page_size, salt) = (u64::from(number_at(log, 8)?), number_at(log, 16)?);
    let mut highest = 0;
    let mut frame = LOG_HEADER;
    while frame + FRAME_HEADER + page_size <= log.metadata()?.len() && number_at(log, frame + 8)? == salt {
        if number_at(log, frame)? == 1 {
            highest = highest.max(number_at(log, frame + FRAME_HEADER + VERSION_AT)?);
        }
        frame += FRAME_HEADER + page_size;
    }
    Ok(highest)
}

fn number_at(file: &File, at: u64) -> std::io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact_at(&mut bytes, at)?;
    Ok(u32::from_be_bytes(bytes))
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::tests_support::{fill, filled_at, store};

    #[test]
    fn a_loss_is_told_from_a_first_start_e174() {
        for (length, has_rest, ground) in [
            (None, false, Ground::Free),
            (None, true, Ground::Gone),
            (Some(0), false, Ground::Cut(0)),
            (Some(0), true, Ground::Cut(0)),
            (Some(15), true, Ground::Cut(15)),
            (Some(4096), false, Ground::Built),
            (Some(4096), true, Ground::Built),
        ] {
            assert_eq!(judge(length, has_rest), ground, "{length:?} {has_rest}");
        }
    }

    #[test]
    fn a_lost_database_is_refused_with_the_last_backup_named_e174() {
        let (folder, store) = store();
        fill(&store, "1", "routed");
        let backup = folder.path().join("backups/day.db");
        fs::create_dir(folder.path().join("backups")).expect("a folder");
        store.backup(&backup, false, filled_at()).expect("a backup");
        let path = store.path().to_owned();
        drop(store);
        drop(Store::open(&folder.path().join("other-shop.db")).expect("newer, and at work"));
        let lost = || match Store::open(&path).map(drop) {
            Err(Error::Lost { backup, .. }) => backup,
            other => panic!("{other:?}"),
        };
        for cut in ["", "x"] {
            fs::write(&path, cut).expect("cut");
            assert_eq!(lost(), Some(backup.clone()), "{cut:?}");
            assert_eq!(fs::read_to_string(&path).expect("as it was"), cut);
        }
        fs::remove_file(&path).expect("gone");
        assert_eq!(lost(), Some(backup));
        assert!(!path.exists());
    }

    #[test]
    fn a_database_reached_by_a_link_has_one_key_e175() {
        let (folder, store) = store();
        fill(&store, "1", "routed");
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(store.path(), &link).expect("a link");
        let linked = Store::open(&link).expect("the same database");
        assert_eq!(linked.path(), store.path());
        assert!(!key_path(&link).exists());
    }

    #[test]
    fn a_newer_database_stays_byte_for_byte_with_its_log_c27() {
        let (folder, store) = store();
        let path = folder.path().join("killed.db");
        let writer = Connection::open(store.path()).expect("a connection");
        writer.pragma_update(None, "user_version", 999).expect("a version");
        for suffix in ["", "-wal", "-shm", ".key"] {
            fs::copy(beside(store.path(), suffix), beside(&path, suffix)).expect("a copy");
        }
        let bytes = || ["", "-wal", "-shm"].map(|suffix| fs::read(beside(&path, suffix)).expect("a file"));
        let before = bytes();
        assert!(!before[1].is_empty(), "the version is in the log alone");
        assert!(matches!(Store::open(&path), Err(Error::Newer { .. })), "C19");
        assert_eq!(bytes(), before);
    }

    #[test]
    fn a_first_start_that_was_cut_short_is_no_loss() {
        let folder = crate::test_folder::folder();
        let path = folder.path().join("mcf.db");
        fs::write(beside(&path, ".new"), "half a schema").expect("killed while it was made");
        drop(Store::open(&path).expect("made"));
        assert!(!beside(&path, ".new").exists());
        fs::remove_file(key_path(&path)).expect("killed before its key was made");
        drop(Store::open(&path).expect("completed"));
        assert!(key_path(&path).exists());
    }
}
