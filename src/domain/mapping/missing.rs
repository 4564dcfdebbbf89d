//! Which products no mapping names, and how many orders wait for each.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::by_hand::add_line;
use super::resolve::{Resolution, Unmapped, resolve};
use super::{MappingKey, MappingSet};
use crate::domain::ids::{TiktokOrderId, TiktokSkuId};
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
    /// Returns the line that maps it, but for the Amazon SKU at its end. A variant that lives for one LIVE only is named by the seller's
    /// text: its id does not come again.
    #[must_use]
    pub fn add_line(&self) -> String {
        let variant = &self.variant;
        let by_text = variant.seller_sku.clone().filter(|_| variant.is_temporary);
        let key = by_text.map_or_else(|| MappingKey::TiktokSku(variant.sku_id.clone()), MappingKey::SellerSku);
        add_line(&key, None)
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
    fn the_line_to_paste_ends_where_the_amazon_sku_is_to_be_typed() {
        let of = |listing_type| {
            let line = LineItem {
                listing_type,
                seller_sku: Some(SellerSku::new("RED LAMP")),
                ..line("1", "R", None, "P")
            };
            missing(&[(TiktokOrderId::new("1"), line)], &MappingSet::default())[0].add_line()
        };
        assert_eq!(of(None), "mcf mappings add --sku-id R --amazon-sku");
        assert_eq!(
            of(Some(ListingType::Temporary)),
            "mcf mappings add --seller-sku 'RED LAMP' --amazon-sku"
        );
    }
}
