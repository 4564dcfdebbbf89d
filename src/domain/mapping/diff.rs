//! What an import would change.

use std::collections::BTreeMap;

use super::MappingRow;

/// The difference between two sets of rows. Where a key has one row before and one after, that row says something else, whatever its
/// Amazon SKU is; of a bundle a row is the same one where its Amazon SKU is the same, too.
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
    let single = |row: &MappingRow| {
        let is_only = |rows: &[MappingRow]| rows.iter().filter(|other| other.key == row.key).count() == 1;
        is_only(old) && is_only(new)
    };
    let identity = |row: &MappingRow| (row.key.clone(), (!single(row)).then(|| row.amazon_sku.clone()));
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

#[cfg(test)]
mod tests {
    use super::super::examples::{bundled, row, sku};
    use super::*;

    #[test]
    fn a_key_with_one_row_before_and_one_after_is_changed_and_lines_do_not_count() {
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
        let other = (row(sku("3"), "C"), row(sku("3"), "D"));
        assert_eq!(changes.changed, [(row(sku("2"), "B"), more), other]);
        assert_eq!((changes.added, changes.removed), (Vec::new(), Vec::new()));
        assert!(diff(&old, &old).is_empty());
    }

    #[test]
    fn rows_of_a_bundle_are_told_apart_by_their_amazon_skus() {
        let lamp = |other| [bundled(sku("1"), "A", "kit"), bundled(sku("1"), other, "kit")];
        let changes = diff(&lamp("B"), &lamp("C"));
        assert_eq!(changes.unchanged, 1);
        assert_eq!(changes.added, [bundled(sku("1"), "C", "kit")]);
        assert_eq!(changes.removed, [bundled(sku("1"), "B", "kit")]);
        let alone = diff(&lamp("B"), &[row(sku("1"), "A")]);
        assert_eq!((alone.changed.len(), alone.removed.len()), (1, 1), "the bundle ends");
    }
}
