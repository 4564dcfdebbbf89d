//! What an import would change.

use std::collections::BTreeMap;

use super::{MappingKey, MappingRow};
use crate::domain::ids::AmazonSku;

/// The difference between two sets of rows. A row is the same one where key and Amazon SKU are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that are new.
    pub added: Vec<MappingRow>,
    /// Rows that say something else than before: the old one and the new one.
    pub changed: Vec<(MappingRow, MappingRow)>,
    /// Rows that are gone.
    pub removed: Vec<MappingRow>,
    /// How many rows say the same as before; their lines do not matter.
    pub unchanged: usize,
}

impl Changes {
    /// Tells whether an import would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Compares two settled sets of rows.
#[must_use]
pub fn diff(old: &[MappingRow], new: &[MappingRow]) -> Changes {
    let mut before: BTreeMap<_, _> = old.iter().map(|row| (identity(row), row)).collect();
    let mut changes = Changes::default();
    for row in new {
        match before.remove(&identity(row)) {
            None => changes.added.push(row.clone()),
            Some(known) if known.same_contents(row) => changes.unchanged += 1,
            Some(known) => changes.changed.push((known.clone(), row.clone())),
        }
    }
    changes.removed = before.into_values().cloned().collect();
    changes
}

fn identity(row: &MappingRow) -> (&MappingKey, &AmazonSku) {
    (&row.key, &row.amazon_sku)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{row, sku};
    use super::*;

    #[test]
    fn rows_are_told_apart_by_key_and_amazon_sku_and_lines_do_not_count() {
        let old = [row(sku("1"), "A"), row(sku("2"), "B"), row(sku("3"), "C")];
        let moved = MappingRow {
            line: 99,
            ..row(sku("1"), "A")
        };
        let more = MappingRow {
            quantity: 3,
            ..row(sku("2"), "B")
        };
        let changes = diff(&old, &[moved, more.clone(), row(sku("3"), "D")]);
        assert_eq!(changes.unchanged, 1);
        assert_eq!(changes.changed, [(row(sku("2"), "B"), more)]);
        assert_eq!(changes.added, [row(sku("3"), "D")]);
        assert_eq!(changes.removed, [row(sku("3"), "C")]);
        assert!(diff(&old, &old).is_empty());
    }
}
