//! A condition of a query, put together from parts, with its values by name.

use std::fmt::Write as _;

use super::engine::{ToSql, Value};

/// A condition on `orders`; without parts it holds for every row.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) values: Vec<(&'static str, Value)>,
}

impl Default for Condition {
    fn default() -> Self {
        Self {
            sql: "TRUE".to_owned(),
            values: Vec::new(),
        }
    }
}

impl Condition {
    /// Narrows it by a part with one value.
    pub(super) fn and(&mut self, sql: &str, name: &'static str, value: impl Into<Value>) {
        // Writing to a text can't fail.
        let _ = write!(self.sql, " AND {sql}");
        self.values.push((name, value.into()));
    }

    /// Returns the values as a query takes them.
    pub(super) fn parameters(&self) -> Vec<(&str, &dyn ToSql)> {
        let values = self.values.iter();
        values.map(|(name, value)| (*name, value as &dyn ToSql)).collect()
    }
}
