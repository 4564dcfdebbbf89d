//! `mcf mappings import`: a file, standard input or an address becomes the mappings in force, as a whole or not at all.
//!
//! The bytes are copied to a temporary file first: whatever happens to the original meanwhile, what is judged, what is
//! imported and what the checksum names are the same bytes. Must never keep an address with its query string or credentials.

mod by_hand;
mod download;
mod spool;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;
use thiserror::Error;
use url::Url;

use crate::domain::ids::AmazonSku;
use crate::domain::mapping::{MappingKey, Rejection, Taken};
use crate::store::{self, FirstOf, MappingsFile, MappingsImport, Store};
use crate::transport::Sender;
use spool::Spool;

pub use by_hand::{add, import_rows, remove};
pub use download::DownloadError;

/// The largest download, in bytes: give it to the [`Sender`] as its limit. Larger files are fetched by other means and
/// imported from disk.
pub const DOWNLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The largest file, in bytes; more is not a mapping file but a stream without an end.
pub const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Where the mappings come from.
pub enum Source<'a> {
    /// A file, or a pipe that has a name.
    File(&'a Path),
    /// Standard input.
    Stdin(&'a mut dyn Read),
    /// An address: https, or http on loopback.
    Url(&'a Url, &'a Sender),
}

/// How to import.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether mappings of keys that the file does not name are removed; of a typed row, whether it takes the place of its key's.
    pub replace: bool,
    /// Whether everything is tried and nothing kept.
    pub dry_run: bool,
    /// Who imports, e.g. the name of the operator's account.
    pub imported_by: String,
}

/// What an import did, or would do in a dry run. Rows are told apart by their key and their Amazon SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportSummary {
    /// The number to roll back to before; `None` where nothing was stored.
    pub import_id: Option<i64>,
    /// Rows that are new.
    pub added: u64,
    /// Rows that say something else than before.
    pub changed: u64,
    /// Rows that are gone.
    pub removed: u64,
    /// Rows that say the same as before.
    pub unchanged: u64,
    /// Rows of the file.
    pub rows: u64,
    /// The first hundred things that a person should look at.
    pub warnings: Vec<String>,
    /// How many of those there are in all.
    pub warnings_total: u64,
}

/// A row that keeps the file from being imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// Its line in the file, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub message: String,
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// Rows of the file can't be used; all of them are left out.
    #[error("{total} {} of the file can't be used; nothing was imported", if *.total == 1 { "line" } else { "lines" })]
    Rejected {
        /// The first hundred, in the order of the lines.
        rejected: Vec<RejectedRow>,
        /// How many there are in all.
        total: u64,
        /// Whether it is the file as a whole that can't be used.
        is_of_the_file: bool,
    },
    /// The file can't be read.
    #[error("{what} can't be read")]
    Read {
        /// The path or `standard input`.
        what: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A folder.
    #[error("{} is a folder, not a mapping file", .0.display())]
    IsAFolder(PathBuf),
    /// The key of a row that was typed is mapped to something else.
    #[error(transparent)]
    Taken(#[from] Taken),
    /// Nothing to remove.
    #[error("{key} is not mapped{}", .amazon_sku.as_ref().map_or_else(String::new, |sku| format!(" to {sku}")))]
    NotMapped {
        /// The key.
        key: MappingKey,
        /// The one Amazon SKU of its bundle that was meant.
        amazon_sku: Option<AmazonSku>,
    },
    /// Somebody wrote to the file meanwhile.
    #[error("{} changed while it was read; nothing was imported, try again when it is complete", .0.display())]
    FileChanged(PathBuf),
    /// Beyond [`FILE_BYTES_MAX`].
    #[error("{what} is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge {
        /// The path or `standard input`.
        what: String,
    },
    /// The copy can't be kept.
    #[error("no temporary file can be written")]
    Temporary(#[source] io::Error),
    /// The download failed.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// The database is unusable or refused.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Imports the mappings of `source`.
///
/// # Errors
/// When the source can't be had as a whole, when a row is rejected, or when the database refuses. Nothing is stored then.
pub fn import(
    store: &Store,
    source: Source<'_>,
    options: &Options,
    now: DateTime<Utc>,
) -> Result<ImportSummary, ImportError> {
    import_watched(store, source, options, now, &|_, _| {})
}

/// The same, telling how many bytes of the file are read, of how many.
///
/// # Errors
/// As for [`import`].
pub fn import_watched(
    store: &Store,
    source: Source<'_>,
    options: &Options,
    now: DateTime<Utc>,
    progress: &dyn Fn(u64, u64),
) -> Result<ImportSummary, ImportError> {
    let spool = Spool::of(source)?;
    let file = MappingsFile {
        name: spool.name.as_deref(),
        source: &spool.source,
        sha256: &spool.sha256,
        imported_by: &options.imported_by,
        replace: options.replace,
        dry_run: options.dry_run,
    };
    summary(store.import_mappings(spool.watched(progress), &file, now)?)
}

fn summary(import: MappingsImport) -> Result<ImportSummary, ImportError> {
    if import.rejected.total > 0 {
        return Err(rejected(import.rejected));
    }
    Ok(ImportSummary {
        import_id: import.id,
        added: import.added,
        changed: import.changed,
        removed: import.removed,
        unchanged: import.unchanged,
        rows: import.rows,
        warnings: import.warnings.first,
        warnings_total: import.warnings.total,
    })
}

fn rejected(rejections: FirstOf<Rejection>) -> ImportError {
    let mut first = rejections.first.iter();
    let is_of_the_file = first.any(|rejection| rejection.problem.is_of_the_file());
    let row = |rejection: Rejection| RejectedRow {
        line: rejection.line,
        message: rejection.message(),
    };
    ImportError::Rejected {
        rejected: rejections.first.into_iter().map(row).collect(),
        total: rejections.total,
        is_of_the_file,
    }
}

#[cfg(test)]
mod tests;
