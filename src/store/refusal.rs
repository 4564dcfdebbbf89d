//! What a refusal of SQLite, or of the system, means for the file of the database.

use std::fs;
use std::io::Write;
use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::vault::folder_of;
use super::{Error, Result};
use crate::draft;
use crate::error_chain::{Shortage, shortage_behind};

/// What SQLite opens for a database: the file, its log, what its processes share, the folder.
const FILES: usize = 4;

/// What SQLite takes at once for the file that its processes share.
const PROBE: usize = 64 * 1024;

/// A file with tables of somebody else is left untouched.
pub(super) fn refuse_foreign(path: &Path, connection: &Connection) -> Result<()> {
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| explain(path, error))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| explain(path, error))?;
    let ours: bool = connection.query_row(
        "SELECT count(*) = 3 FROM sqlite_schema WHERE type = 'table' AND name IN ('orders', 'fulfillment_orders', 'runs')",
        [],
        |row| row.get(0),
    )?;
    if tables > 0 && (version == 0 || !ours) {
        return Err(Error::NotADatabase { path: path.to_owned() });
    }
    Ok(())
}

/// Says what a refusal of SQLite means for the file, where that is known.
pub(super) fn explained(path: &Path, error: Error) -> Error {
    match error {
        Error::Sqlite(refusal) => explain(path, refusal),
        other => other,
    }
}

pub(super) fn explain(path: &Path, error: rusqlite::Error) -> Error {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::NotADatabase { path },
        Some(ErrorCode::ReadOnly) => Error::ReadOnly { path },
        Some(ErrorCode::DatabaseCorrupt) => Error::Damaged {
            path,
            finding: error.to_string(),
        },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::InUse { path },
        Some(ErrorCode::DiskFull) => Error::DiskFull { path },
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => match obstacle(&path) {
            Some(source) => explain_io(&path, source, |_| Error::Open {
                path: path.clone(),
                source: std::io::Error::other(error),
            }),
            None => Error::Open {
                path,
                source: std::io::Error::other(error),
            },
        },
        _ => Error::Sqlite(error),
    }
}

/// SQLite does not say why a file of its own could not grow or be opened; a file of ours beside it, as large as the largest of them will
/// be and opened as often as it has files, meets the same obstacle.
fn obstacle(path: &Path) -> Option<std::io::Error> {
    let probe = || {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let largest = length(path).max(length(Path::new(&log)));
        let opened: std::io::Result<Vec<fs::File>> = (0..=FILES).map(|_| fs::File::open(folder_of(path))).collect();
        drop(opened?);
        let mut file = draft::draft_in(folder_of(path))?;
        file.as_file().set_len(largest + PROBE as u64)?;
        file.write_all(&[0; PROBE])?;
        file.as_file().sync_all()
    };
    probe().err()
}

/// Says what a refusal of the system means, where it is not about the one file; else `other` says it.
pub(super) fn explain_io(path: &Path, source: std::io::Error, other: impl FnOnce(std::io::Error) -> Error) -> Error {
    match shortage_behind(&source) {
        Some(Shortage::Disk) => Error::DiskFull { path: path.to_owned() },
        Some(Shortage::Descriptors) => Error::NoDescriptors(source),
        None => other(source),
    }
}
