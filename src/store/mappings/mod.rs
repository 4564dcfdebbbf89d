//! The mappings in force, the imports that brought them, and the way back.
//!
//! A row belongs to the import that brought it and is in force until another import closes it. What is in force is thus told
//! by the newest import that was not undone: its id is the version of the mappings. Rows of one key are read in the order of
//! their Amazon SKUs, whatever the order and the history of the files, so that an order is planned the same way each time.

mod first_of;
mod import;
mod remove;
mod rounded;
mod row;
mod stage;
mod undo;
mod warnings;

use std::collections::BTreeSet;

use super::overview::count;
use super::{Error, Result, Store};
use crate::domain::ids::AmazonSku;
use crate::domain::mapping::{MappingKey, MappingRow, MappingSet, Rejection, near_matches, skeleton};
use crate::store::engine::Connection;
use row::{COLUMNS, kind_of, read_row};

pub use first_of::FirstOf;
pub use import::MappingsFile;
pub use undo::StoredImport;

/// How many known texts are compared at a time.
const SUGGESTION_BATCH: usize = 1000;

/// What an import did, or would do.
#[derive(Debug, Default)]
pub struct MappingsImport {
    /// The import that brought the changes; `None` where nothing was stored.
    pub id: Option<i64>,
    /// Rows that are new.
    pub added: u64,
    /// Rows that say something else than before.
    pub changed: u64,
    /// Rows that are gone: other targets of the file's keys, and on request those of all other keys.
    pub removed: u64,
    /// Rows that say the same as before.
    pub unchanged: u64,
    /// Rows of the file that could be read.
    pub rows: u64,
    /// What a person should look at without being stopped.
    pub warnings: FirstOf<String>,
    /// Why nothing was imported; empty where it was. In the order of the lines.
    pub rejected: FirstOf<Rejection>,
}

impl Store {
    /// Returns the rows in force for these keys, all as of one instant.
    ///
    /// # Errors
    /// When the database refuses or holds rows of one key that contradict each other.
    pub fn mapping_candidates(&self, keys: &[MappingKey]) -> Result<MappingSet> {
        let rows = self.read(|connection| {
            let snapshot = connection.transaction()?;
            let mut rows = Vec::new();
            for key in keys {
                rows.extend(rows_of(&snapshot, key)?);
            }
            Ok(rows)
        })?;
        settled(rows)
    }

    /// Returns the rows in force for these keys, and for every key that shares an Amazon SKU with one of them.
    ///
    /// # Errors
    /// As for [`Store::mapping_candidates`].
    pub fn mappings_around(&self, keys: &[MappingKey]) -> Result<MappingSet> {
        let named = self.mapping_candidates(keys)?;
        let skus: BTreeSet<&AmazonSku> = named.rows().map(|row| &row.amazon_sku).collect();
        let mut around: BTreeSet<MappingKey> = keys.iter().cloned().collect();
        for sku in skus {
            let query = format!("SELECT {COLUMNS} FROM mappings WHERE to_import IS NULL AND amazon_sku = ?1");
            around.extend(
                self.rows(&query, [sku.as_str()], read_row)?
                    .into_iter()
                    .map(|row| row.key),
            );
        }
        self.mapping_candidates(&Vec::from_iter(around))
    }

    /// Returns all rows in force. For a whole large table, use [`Store::with_mappings`].
    ///
    /// # Errors
    /// As for [`Store::mapping_candidates`].
    pub fn all_mappings(&self) -> Result<MappingSet> {
        settled(self.with_mappings(|rows| rows.collect::<Vec<_>>())?)
    }

    /// Counts the rows in force.
    pub fn count_mappings(&self) -> Result<u64> {
        self.one("SELECT count(*) FROM mappings WHERE to_import IS NULL", [], |row| {
            count(row, 0)
        })
    }

    /// Hands all rows in force to `work`, by key, in constant memory. `work` must not call the store.
    ///
    /// # Errors
    /// When the database refuses; what `work` made of the rows before is then dropped.
    pub fn with_mappings<T>(&self, work: impl FnOnce(&mut dyn Iterator<Item = MappingRow>) -> T) -> Result<T> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM mappings WHERE to_import IS NULL ORDER BY key_kind, key, amazon_sku"
            ))?;
            let mut refusal = None;
            let mut rows = statement.query_map([], read_row)?.map_while(|row| match row {
                Ok(row) => Some(row),
                Err(error) => {
                    refusal = Some(error);
                    None
                }
            });
            let value = work(&mut rows);
            drop(rows);
            refusal.map_or(Ok(value), |error| Err(error.into()))
        })
    }

    /// Returns up to three seller SKUs in the mappings that `text` may have been meant as, the nearest first. For people only.
    pub fn near_mappings(&self, text: &str) -> Result<Vec<String>> {
        let length = i64::try_from(skeleton(text).chars().count()).unwrap_or(i64::MAX / 2);
        self.read(|connection| {
            // A text less than half or more than twice as long is never near; most need not be compared at all.
            let mut statement = connection.prepare_cached(
                "SELECT seller_sku FROM mappings
                 WHERE to_import IS NULL AND length(seller_skeleton) BETWEEN :length / 2 AND :length * 2",
            )?;
            let mut known = statement.query_map([length], |row| row.get::<_, String>(0))?;
            let mut nearest = Vec::new();
            loop {
                let batch = known
                    .by_ref()
                    .take(SUGGESTION_BATCH)
                    .collect::<rusqlite::Result<Vec<_>>>()?;
                if batch.is_empty() {
                    return Ok(nearest);
                }
                nearest = near_matches(text, nearest.iter().chain(&batch).map(String::as_str));
            }
        })
    }

    /// Returns every Amazon SKU that a mapping in force names, disabled ones included, each once.
    pub fn mapped_amazon_skus(&self) -> Result<Vec<AmazonSku>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT amazon_sku FROM mappings WHERE to_import IS NULL ORDER BY amazon_sku",
            )?;
            let skus = statement.query_map([], |row| row.get::<_, String>(0).map(AmazonSku::new))?;
            Ok(skus.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns the version of the mappings in force; 0 where there never was one. Read it before the mappings that are to be
    /// bound to it: an import in between then makes the plan look older than it is, and it is made again.
    pub fn mapping_version(&self) -> Result<i64> {
        self.read(|connection| {
            let newest = "SELECT coalesce(max(id), 0) FROM mapping_imports WHERE undone_at IS NULL";
            Ok(connection.query_row(newest, [], |row| row.get(0))?)
        })
    }
}

/// Returns the rows in force for one key.
fn rows_of(connection: &Connection, key: &MappingKey) -> Result<Vec<MappingRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM mappings WHERE key_kind = ?1 AND key = ?2 AND to_import IS NULL ORDER BY amazon_sku"
    ))?;
    let rows = statement.query_map((kind_of(key), key.as_str()), read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Stored rows were settled when they came in; if they no longer agree, somebody else wrote them.
fn settled(rows: Vec<MappingRow>) -> Result<MappingSet> {
    MappingSet::from_rows(rows).map_err(|_| Error::Unreadable { what: "mapping" })
}

#[cfg(test)]
mod tests;
