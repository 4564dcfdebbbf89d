//! Which products no mapping names, and how many orders wait for each.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::MappingSet;
use super::by_hand::add_line;
use super::resolve::{Resolution, Unmapped, resolve};
use crate::domain::ids::{AmazonSku, TiktokOrderId, TiktokSkuId};
use crate::domain::order::LineItem;

/// A variant that no mapping names, with the orders that wait for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The variant.
    pub variant: Unmapped,
    /// How many orders hold it.
    pub waiting_orders: usize,
}

impl Missing {
    /// Returns the line that maps it. It ends where the Amazon SKU is to be typed, unless the seller's own text is one that Amazon has.
    #[must_use]
    pub fn add_line(&self, is_at_amazon: impl Fn(&AmazonSku) -> bool) -> String {
        let namesake = self.variant.namesake().filter(is_at_amazon);
        add_line(&self.variant.key(), namesake.as_ref())
    }
}

/// Returns the variants of these units that no mapping names, those first that most orders wait for. Of a TikTok bundle its parts are
/// named; a mapping that is switched off names its variant, too.
#[must_use]
pub fn missing<'a>(
    lines: impl IntoIterator<Item = &'a (TiktokOrderId, LineItem)>,
    mappings: &MappingSet,
) -> Vec<Missing> {
    let mut found: BTreeMap<TiktokSkuId, (Unmapped, BTreeSet<&TiktokOrderId>)> = BTreeMap::new();
    for (order, line) in lines {
        let Resolution::NotMapped(variants) = resolve(line, mappings) else {
            continue;
        };
        for variant in variants {
            let sku = variant.sku_id.clone();
            let (_, orders) = found.entry(sku).or_insert_with(|| (variant, BTreeSet::new()));
            orders.insert(order);
        }
    }
    let counted = |(variant, orders): (Unmapped, BTreeSet<_>)| Missing {
        variant,
        waiting_orders: orders.len(),
    };
    let mut missing: Vec<Missing> = found.into_values().map(counted).collect();
    missing.sort_by_key(|missing| Reverse(missing.waiting_orders));
    missing
}

#[cfg(test)]
mod tests {
    use super::super::examples::{line, row, seller, set, sku};
    use super::*;
    use crate::domain::ids::SellerSku;
    use crate::domain::mapping::MappingRow;
    use crate::domain::order::{BundlePart, ListingType};

    fn part(id: &str) -> BundlePart {
        BundlePart {
            sku_id: TiktokSkuId::new(id),
            product_id: None,
            seller_sku: None,
            count: 1,
        }
    }

    #[test]
    fn variants_without_a_mapping_are_counted_by_order_and_the_most_wanted_stands_first() {
        let order = |id: &str, line: LineItem| (TiktokOrderId::new(id), line);
        let bundle = LineItem {
            parts: vec![part("S"), part("mapped")],
            ..line("9", "BUNDLE", None, "P")
        };
        let lines = [
            order("1", line("1", "R", Some("RED"), "P")),
            order("1", line("2", "R", Some("RED"), "P")),
            order("1", line("3", "mapped", None, "P")),
            order("2", line("4", "S", Some("SOCK"), "P")),
            order("3", bundle),
            order("4", line("5", "off", None, "P")),
            order("5", line("6", "T", Some("TEXT"), "P")),
        ];
        let off = MappingRow {
            enabled: false,
            ..row(sku("off"), "A")
        };
        let mappings = set(vec![row(sku("mapped"), "A"), off, row(seller("TEXT"), "B")]);
        let found: Vec<(String, usize)> = missing(&lines, &mappings)
            .into_iter()
            .map(|missing| (missing.variant.sku_id.to_string(), missing.waiting_orders))
            .collect();
        assert_eq!(found, [("S".to_owned(), 2), ("R".to_owned(), 1)], "E38/E47");
    }

    #[test]
    fn the_line_to_paste_ends_where_the_amazon_sku_is_to_be_typed_unless_amazon_has_the_sellers_text() {
        let of = |listing_type: Option<ListingType>, known: &str| {
            let line = LineItem {
                listing_type,
                seller_sku: Some(SellerSku::new("RED LAMP")),
                ..line("1", "R", None, "P")
            };
            let missing = missing(&[(TiktokOrderId::new("1"), line)], &MappingSet::default());
            missing[0].add_line(|sku| sku.as_str() == known)
        };
        let (none, temporary) = (None, Some(ListingType::Temporary));
        for (listing_type, known, expected) in [
            (none.clone(), "LAMP", "mcf mappings add --sku-id R --amazon-sku"),
            (none, "RED LAMP", "mcf mappings add --sku-id R --amazon-sku 'RED LAMP'"),
            (
                temporary.clone(),
                "LAMP",
                "mcf mappings add --seller-sku 'RED LAMP' --amazon-sku",
            ),
            (
                temporary,
                "RED LAMP",
                "mcf mappings add --seller-sku 'RED LAMP' --amazon-sku 'RED LAMP'",
            ),
        ] {
            assert_eq!(of(listing_type, known), expected);
        }
    }
}
