//! `mcf mappings add` and `remove`: single keys, each change an import that can be undone.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::spool::hexadecimal;
use super::{ImportError, ImportSummary, Options, rejected, summary};
use crate::domain::ids::AmazonSku;
use crate::domain::mapping::{Column, MappingKey, MappingRow, Rejection, typed_row, with_typed, write_csv};
use crate::store::{FirstOf, MappingsFile, Store};

/// Maps a key by what a person typed of each column. With [`Options::replace`] it takes the place of what the key was mapped to.
///
/// # Errors
/// When a text is rejected, when the key is mapped to something else, or when the database refuses. Nothing is stored then.
pub fn add(
    store: &Store,
    texts: Vec<(Column, String)>,
    options: &Options,
    now: DateTime<Utc>,
) -> Result<ImportSummary, ImportError> {
    let typed = typed_row(texts).map_err(refused)?;
    let key = typed.key.clone();
    let known = store.mapping_candidates(std::slice::from_ref(&key))?;
    let rows = with_typed(known.get(&key), typed, options.replace)?;
    import_rows(store, rows, "mcf mappings add", options, now)
}

/// Imports rows that no file holds. Other keys stay as they are.
///
/// # Errors
/// As for [`super::import`].
pub fn import_rows(
    store: &Store,
    rows: Vec<MappingRow>,
    source: &str,
    options: &Options,
    now: DateTime<Utc>,
) -> Result<ImportSummary, ImportError> {
    let rows: Vec<MappingRow> = rows
        .into_iter()
        .zip(1..)
        .map(|(row, line)| MappingRow { line, ..row })
        .collect();
    let sha256 = checksum(&rows);
    let file = file(source, &sha256, options);
    summary(store.import_mapping_rows(rows, &file, now)?)
}

/// Takes a key out of the mappings, or one Amazon SKU out of its bundle.
///
/// # Errors
/// When nothing of it is mapped, or when the database refuses.
pub fn remove(
    store: &Store,
    key: &MappingKey,
    amazon_sku: Option<&AmazonSku>,
    options: &Options,
    now: DateTime<Utc>,
) -> Result<ImportSummary, ImportError> {
    let sha256 = checksum(&[]);
    let file = file("mcf mappings remove", &sha256, options);
    let import = store.remove_mappings(key, amazon_sku, &file, now)?;
    if import.removed == 0 {
        return Err(ImportError::NotMapped {
            key: key.clone(),
            amazon_sku: amazon_sku.cloned(),
        });
    }
    summary(import)
}

/// Only a file as a whole can leave out what is to be removed.
fn file<'a>(source: &'a str, sha256: &'a str, options: &'a Options) -> MappingsFile<'a> {
    MappingsFile {
        name: None,
        source,
        sha256,
        imported_by: &options.imported_by,
        replace: false,
        dry_run: options.dry_run,
    }
}

fn refused(rejection: Rejection) -> ImportError {
    rejected(FirstOf {
        first: vec![rejection],
        total: 1,
    })
}

/// The checksum of the file that these rows would be.
fn checksum(rows: &[MappingRow]) -> String {
    let mut bytes = Vec::new();
    // Writing to memory can't fail.
    let _ = write_csv(rows, &mut bytes);
    hexadecimal(&Sha256::digest(&bytes))
}
