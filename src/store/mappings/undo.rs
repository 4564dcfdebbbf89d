//! The imports that were made, and undoing the newest.

use chrono::{DateTime, Utc};

use crate::store::engine::{Connection, Row, Transaction};
use crate::store::{Error, Result, ShopAct, Store, hands, optional_time, seconds, time};

const DELETED_AT_ONCE: i64 = 10_000;

/// An import that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImport {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When it was made.
    pub imported_at: DateTime<Utc>,
    /// Path or address of the file.
    pub source: String,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Who made it.
    pub imported_by: String,
    /// Rows that were new.
    pub added: u64,
    /// Rows that said something else than before.
    pub changed: u64,
    /// Rows that were gone.
    pub removed: u64,
    /// Rows that said the same as before.
    pub unchanged: u64,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Returns all imports, the newest first, those that were undone included.
    pub fn mapping_imports(&self) -> Result<Vec<StoredImport>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM mapping_imports ORDER BY id DESC")?;
            let imports = statement.query_map([], read_import)?;
            Ok(imports.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns the import that [`Store::rollback_import`] would undo.
    ///
    /// # Errors
    /// When there is none, or `id` is not the newest one in force.
    pub fn import_to_undo(&self, id: Option<i64>) -> Result<StoredImport> {
        self.read(|connection| to_undo(connection, id))
    }

    /// Undoes the newest import in force and keeps who did: its rows are gone, the rows that it replaced are in force again. The one before it
    /// can be undone next.
    ///
    /// # Errors
    /// When there is none, or `id` is not the newest one in force; then nothing changes.
    pub fn rollback_import(&self, id: Option<i64>, by: &str, now: DateTime<Utc>) -> Result<StoredImport> {
        self.write(|transaction| {
            let import = to_undo(transaction, id)?;
            delete_rows(transaction, import.id)?;
            transaction.execute("UPDATE mappings SET to_import = NULL WHERE to_import = ?1", [import.id])?;
            transaction.execute(
                "UPDATE mapping_imports SET undone_at = ?2 WHERE id = ?1",
                (import.id, seconds(now)),
            )?;
            let said = format!("import {} was undone by {by}", import.id);
            hands::write(transaction, ShopAct::ImportUndone, &said, now)?;
            Ok(StoredImport {
                undone_at: Some(now),
                ..import
            })
        })
    }
}

/// Deletes the rows of an import range by range: SQLite holds the row ids of one deletion in memory.
fn delete_rows(transaction: &Transaction<'_>, import: i64) -> Result<()> {
    let range = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM mappings WHERE from_import = ?1";
    let (mut first, last): (i64, i64) = transaction.query_row(range, [import], |row| Ok((row.get(0)?, row.get(1)?)))?;
    while first <= last {
        let next = first + DELETED_AT_ONCE;
        transaction.execute(
            "DELETE FROM mappings WHERE id >= ?1 AND id < ?2 AND from_import = ?3",
            (first, next, import),
        )?;
        first = next;
    }
    Ok(())
}

fn to_undo(connection: &Connection, id: Option<i64>) -> Result<StoredImport> {
    let newest = "SELECT * FROM mapping_imports WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1";
    let import = match connection.query_row(newest, [], read_import) {
        Err(rusqlite::Error::QueryReturnedNoRows) => return Err(Error::NoImport),
        other => other?,
    };
    match id {
        Some(asked) if asked != import.id => Err(Error::NotTheNewestImport {
            asked,
            newest: import.id,
        }),
        Some(_) | None => Ok(import),
    }
}

fn read_import(row: &Row<'_>) -> rusqlite::Result<StoredImport> {
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(StoredImport {
        id: row.get("id")?,
        imported_at: time(row, "imported_at")?,
        source: row.get("source")?,
        sha256: row.get("sha256")?,
        imported_by: row.get("imported_by")?,
        added: count("added")?,
        changed: count("changed")?,
        removed: count("removed")?,
        unchanged: count("unchanged")?,
        undone_at: optional_time(row, "undone_at")?,
    })
}
