//! The rules over all rows of one key, and a small set of settled rows in memory.

use std::collections::BTreeMap;

use super::rejection::{Problem, Rejection};
use super::similar::{Warning, look_alikes};
use super::table::{BUNDLE_UNITS_MAX, Column};
use super::{MappingKey, MappingRow};
use crate::domain::ids::AmazonSku;

/// The rows of one key once they agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// One row, or the rows of a bundle; no Amazon SKU twice.
    pub rows: Vec<MappingRow>,
    /// What a person should look at without being stopped.
    pub warnings: Vec<Warning>,
}

/// Settles all rows of **one** key, given in the order of their lines.
///
/// Rows that say the same are merged with a note. Rows with different Amazon SKUs are a bundle, and only where all of them
/// carry the same name.
///
/// # Errors
/// When the rows contradict each other; the refusal stands on the later line and names the earlier one.
pub fn settle(rows: Vec<MappingRow>) -> Result<Settled, Rejection> {
    let mut settled = Settled::default();
    for row in rows {
        settled.warnings.extend(row.warnings());
        match settled.rows.iter().find(|kept| kept.amazon_sku == row.amazon_sku) {
            Some(twin) => {
                agree_on(
                    twin,
                    &row,
                    &[
                        Column::Quantity,
                        Column::Bundle,
                        Column::ShippingSpeed,
                        Column::SafetyStock,
                        Column::Enabled,
                    ],
                )?;
                settled.warnings.push(Warning::Merged {
                    key: row.key,
                    first_line: twin.line,
                    line: row.line,
                });
            }
            None => {
                settled.rows.first().map_or(Ok(()), |first| bundle_up(first, &row))?;
                settled.rows.push(row);
            }
        }
    }
    check_size(&settled.rows)?;
    Ok(settled)
}

fn agree_on(first: &MappingRow, row: &MappingRow, columns: &[Column]) -> Result<(), Rejection> {
    match columns.iter().find(|column| first.cell(**column) != row.cell(**column)) {
        None => Ok(()),
        Some(column) => Err(Problem::Disagreement {
            key: row.key.clone(),
            column: *column,
            first_line: first.line,
        }
        .at(row.line)),
    }
}

/// Lets `row` join the bundle of `first`. A bundle goes as a whole or not at all, so its rows agree on `enabled`.
fn bundle_up(first: &MappingRow, row: &MappingRow) -> Result<(), Rejection> {
    if first.bundle.is_none() || first.bundle != row.bundle {
        return Err(Problem::TwoTargets {
            key: row.key.clone(),
            first: first.amazon_sku.clone(),
            first_line: first.line,
            second: row.amazon_sku.clone(),
        }
        .at(row.line));
    }
    agree_on(first, row, &[Column::Enabled])
}

fn check_size(rows: &[MappingRow]) -> Result<(), Rejection> {
    let units = rows.iter().map(|row| u64::from(row.quantity)).sum();
    match (rows.first(), rows.last()) {
        (Some(first), Some(last)) if units > u64::from(BUNDLE_UNITS_MAX) => Err(Problem::BundleTooLarge {
            key: first.key.clone(),
            first_line: first.line,
            units,
        }
        .at(last.line)),
        _ => Ok(()),
    }
}

/// Settled rows in memory: a whole small table, or the candidates for one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappingSet {
    rows: BTreeMap<MappingKey, Vec<MappingRow>>,
    warnings: Vec<Warning>,
}

impl MappingSet {
    /// Settles rows of any keys.
    ///
    /// # Errors
    /// All contradictions, in the order of the keys.
    pub fn from_rows(rows: impl IntoIterator<Item = MappingRow>) -> Result<Self, Vec<Rejection>> {
        let mut groups: BTreeMap<MappingKey, Vec<MappingRow>> = BTreeMap::new();
        for row in rows {
            groups.entry(row.key.clone()).or_default().push(row);
        }
        let mut set = Self::default();
        let mut rejections = Vec::new();
        for (key, group) in groups {
            match settle(group) {
                Ok(settled) => {
                    set.warnings.extend(settled.warnings);
                    set.rows.insert(key, settled.rows);
                }
                Err(rejection) => rejections.push(rejection),
            }
        }
        if rejections.is_empty() {
            Ok(set)
        } else {
            Err(rejections)
        }
    }

    /// Returns the rows of a key: none, one, or a bundle.
    #[must_use]
    pub fn get(&self, key: &MappingKey) -> &[MappingRow] {
        self.rows.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns all rows by key.
    pub fn rows(&self) -> impl Iterator<Item = &MappingRow> {
        self.rows.values().flatten()
    }

    /// Returns what a person should look at: within rows, between rows of a key, and between keys.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let amazon_skus = self.rows().map(|row| (row.amazon_sku.as_str(), row.line));
        let seller_skus = self.rows().filter_map(|row| match &row.key {
            MappingKey::SellerSku(text) => Some((text.as_str(), row.line)),
            MappingKey::TiktokSku(_) | MappingKey::Product(_) => None,
        });
        let mut warnings = self.warnings.clone();
        warnings.extend(self.shared_stock());
        warnings.extend(look_alikes(Column::AmazonSku, amazon_skus));
        warnings.extend(look_alikes(Column::SellerSku, seller_skus));
        warnings
    }

    fn shared_stock(&self) -> Vec<Warning> {
        let mut keys: BTreeMap<&AmazonSku, Vec<&MappingKey>> = BTreeMap::new();
        for row in self.rows() {
            keys.entry(&row.amazon_sku).or_default().push(&row.key);
        }
        let shared = keys.into_iter().filter(|(_, keys)| keys.len() > 1);
        shared
            .map(|(sku, keys)| Warning::SharedStock {
                amazon_sku: sku.clone(),
                keys: keys.into_iter().cloned().collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{bundled, row, sku};
    use super::*;

    fn on_line(line: u64, row: MappingRow) -> MappingRow {
        MappingRow { line, ..row }
    }

    fn refusal(rows: Vec<MappingRow>) -> String {
        settle(rows).expect_err("refused").to_string()
    }

    #[test]
    fn the_same_row_twice_is_merged_with_a_note() {
        let settled = settle(vec![on_line(2, row(sku("1"), "A")), on_line(7, row(sku("1"), "A"))]).expect("S8: merged");
        assert_eq!(settled.rows, [on_line(2, row(sku("1"), "A"))]);
        assert_eq!(
            settled.warnings[0].to_string(),
            "line 7: says the same as line 2 about tiktok_sku_id \"1\"; merged"
        );
    }

    #[test]
    fn two_targets_without_one_bundle_name_are_refused_with_both_lines() {
        let plain = |line, target| on_line(line, row(sku("1"), target));
        assert_eq!(
            refusal(vec![plain(2, "A"), plain(5, "B")]),
            "line 5: tiktok_sku_id \"1\" goes to B here and to A on line 2; for a bundle give both rows the same name in bundle",
            "S9"
        );
        let other_name = |line, target, name| on_line(line, bundled(sku("1"), target, name));
        assert!(refusal(vec![other_name(2, "A", "x"), other_name(3, "B", "y")]).contains("line 3"));
        assert!(settle(vec![other_name(2, "A", "x"), other_name(3, "B", "x")]).is_ok());
    }

    #[test]
    fn rows_of_one_key_that_disagree_are_refused() {
        let three = MappingRow {
            quantity: 3,
            ..on_line(9, row(sku("1"), "A"))
        };
        assert_eq!(
            refusal(vec![on_line(2, row(sku("1"), "A")), three]),
            "line 9: tiktok_sku_id \"1\" has another quantity here than on line 2"
        );
        let off = MappingRow {
            enabled: false,
            ..on_line(3, bundled(sku("1"), "B", "x"))
        };
        assert!(refusal(vec![on_line(2, bundled(sku("1"), "A", "x")), off]).contains("another enabled"));
    }

    #[test]
    fn a_bundle_that_no_order_can_hold_is_refused() {
        let many = |line, target| MappingRow {
            quantity: 126,
            ..on_line(line, bundled(sku("1"), target, "x"))
        };
        assert!(refusal(vec![many(2, "A"), many(3, "B")]).contains("252 units"), "S11");
    }

    #[test]
    fn two_variants_of_one_amazon_sku_are_accepted_with_a_warning() {
        let set = MappingSet::from_rows([row(sku("1"), "A"), row(sku("2"), "A")]).expect("S10: accepted");
        assert_eq!(set.rows().count(), 2);
        assert_eq!(
            set.warnings()[0].to_string(),
            "A is shared by 2 variants: tiktok_sku_id \"1\", tiktok_sku_id \"2\"; they share its stock"
        );
    }

    #[test]
    fn a_look_alike_beside_an_existing_sku_is_a_warning() {
        let set = MappingSet::from_rows([row(sku("1"), "ABC"), row(sku("2"), "\u{410}BC")]).expect("S16: accepted");
        let warnings: Vec<String> = set.warnings().iter().map(ToString::to_string).collect();
        assert!(
            warnings.iter().any(|text| text.contains("mixes alphabets")),
            "S16: {warnings:?}"
        );
        assert!(
            warnings.iter().any(|text| text.contains("looks like")),
            "S16: {warnings:?}"
        );
    }
}
