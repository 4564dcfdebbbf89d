//! The columns that hold sealed values: every one whose name ends with `_sealed`, whichever table it is in.
//!
//! They are TikTok's recipient and its sentence about an order, the exact body of a fulfillment order with its destination and
//! Amazon's sentence about it, both vendors' tokens, and all facts. History, flags and events hold nothing that needs it.

use rusqlite::{Connection, OptionalExtension};

use super::Result;

/// Tells whether the database holds a value that only its data key opens.
pub(super) fn holds_sealed(connection: &Connection) -> Result<bool> {
    Ok(any_sealed(connection)?.is_some())
}

/// Returns one sealed value, where there is one.
pub(super) fn any_sealed(connection: &Connection) -> Result<Option<Vec<u8>>> {
    for (table, column) in sealed_columns(connection)? {
        let query = format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 1");
        if let Some(sealed) = connection.query_row(&query, [], |row| row.get(0)).optional()? {
            return Ok(Some(sealed));
        }
    }
    Ok(None)
}

/// Returns every sealed value.
pub(super) fn sealed(connection: &Connection) -> Result<Vec<Vec<u8>>> {
    let mut values = Vec::new();
    for (table, column) in sealed_columns(connection)? {
        let query = format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL");
        for value in connection.prepare(&query)?.query_map([], |row| row.get(0))? {
            values.push(value?);
        }
    }
    Ok(values)
}

pub(super) fn sealed_columns(connection: &Connection) -> Result<Vec<(String, String)>> {
    Ok(connection
        .prepare_cached(
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND columns.name LIKE '%\\_sealed' ESCAPE '\\' ORDER BY tables.name DESC, columns.cid",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}
