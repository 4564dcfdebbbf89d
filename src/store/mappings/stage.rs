//! The rows of a file beside the ones in force, in a table that only this connection sees and that SQLite keeps on disk.

use super::FirstOf;
use super::row::{COLUMNS, stage as write_row, staging};
use crate::domain::mapping::{MappingRow, Rejection, Warning};
use crate::store::Result;
use crate::store::engine::Connection;

/// What a file holds.
pub(super) struct Staged {
    /// Rows that can be read; they are in `staged_mappings`.
    pub rows: u64,
    /// Rows that can't, in the file's order.
    pub rejected: FirstOf<Rejection>,
    /// What a person should know about the reading.
    pub warning: Option<Warning>,
}

/// What takes the rows one by one, with those that can't be used.
pub(super) type Each<'a> = &'a mut dyn FnMut(std::result::Result<MappingRow, Rejection>) -> Result<()>;

/// Takes the rows that `give` gives into the staging table. No other process waits for this.
pub(super) fn stage(connection: &Connection, give: impl FnOnce(Each<'_>) -> Result<Option<Warning>>) -> Result<Staged> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(&format!(
        "DROP TABLE IF EXISTS staged_mappings;
         CREATE TEMP TABLE staged_mappings AS SELECT {COLUMNS} FROM mappings LIMIT 0;"
    ))?;
    let mut staged = Staged {
        rows: 0,
        rejected: FirstOf::default(),
        warning: None,
    };
    let mut rows = staging(&transaction);
    staged.warning = give(&mut |found| {
        match found {
            Ok(row) => {
                write_row(&mut rows, &row)?;
                staged.rows += 1;
            }
            Err(rejection) => staged.rejected.push(rejection),
        }
        Ok(())
    })?;
    rows.flush()?;
    transaction.execute_batch("CREATE INDEX staged_by_key ON staged_mappings (key_kind, key, line)")?;
    transaction.commit()?;
    Ok(staged)
}

/// Gives the room of the staged rows back.
pub(super) fn unstage(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch("DROP TABLE IF EXISTS staged_mappings")?)
}
