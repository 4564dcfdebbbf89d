//! Rows that are written many at once: a server is asked once for hundreds of them.

use rusqlite::types::Value;

use super::{Connection, Result, params_from_iter};

/// So many values one statement takes; SQLite takes 32,766.
const VALUES_MAX: usize = 30_000;

/// So many rows are written at once, where their values are not too many.
const ROWS_MAX: usize = 500;

/// Rows for one table that are not all written yet. What is not [`Batch::flush`]ed is lost.
pub(crate) struct Batch<'c> {
    connection: &'c Connection,
    into: String,
    width: usize,
    values: Vec<Value>,
}

impl<'c> Batch<'c> {
    /// `into` is a table with its columns in brackets, of which there are `width`.
    pub(crate) fn new(connection: &'c Connection, into: String, width: usize) -> Self {
        Self {
            connection,
            into,
            width,
            values: Vec::new(),
        }
    }

    /// Adds a row, and returns how many were written because of it.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = Value>) -> Result<usize> {
        self.values.extend(row);
        let rows_at_once = ROWS_MAX.min(VALUES_MAX / self.width);
        match self.values.len() >= rows_at_once * self.width {
            true => self.flush(),
            false => Ok(0),
        }
    }

    /// Writes the rest, and returns how many rows that were.
    pub(crate) fn flush(&mut self) -> Result<usize> {
        let values = std::mem::take(&mut self.values);
        let rows = values.len() / self.width;
        if rows == 0 {
            return Ok(0);
        }
        let row = format!("({})", vec!["?"; self.width].join(", "));
        let insertion = format!("INSERT INTO {} VALUES {}", self.into, vec![row; rows].join(", "));
        self.connection
            .prepare_cached(&insertion)?
            .execute(params_from_iter(values))
    }
}
