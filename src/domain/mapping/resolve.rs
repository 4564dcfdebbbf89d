//! What one unit of an order's line is at Amazon.
//!
//! The most specific key that has rows decides: variant, then the seller's SKU, then the listing. A disabled row decides,
//! too: it says "do not send this variant", so nothing less specific is asked. A TikTok bundle that has rows of its own goes
//! by them; otherwise each of its parts must be mapped, or nothing of it is.

use std::collections::BTreeMap;

use super::settle::MappingSet;
use super::{MappingKey, MappingRow};
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};
use crate::domain::order::{BundlePart, LineItem, ListingType};

/// Units of one Amazon SKU in one unit at TikTok.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What goes.
    pub amazon_sku: AmazonSku,
    /// How many.
    pub quantity: u32,
}

/// What goes for one unit at TikTok.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// All of these together, never only some.
    pub parts: Vec<Part>,
    /// The fastest speed that the rows name; `None` where none does.
    pub shipping_speed: Option<ShippingSpeed>,
    /// The key that decided, or one for each part of a TikTok bundle.
    pub decided_by: Vec<MappingKey>,
}

impl Target {
    /// Reads the target off the settled rows of one key.
    #[must_use]
    pub fn of(rows: &[MappingRow]) -> Self {
        let part = |row: &MappingRow| Part {
            amazon_sku: row.amazon_sku.clone(),
            quantity: row.quantity,
        };
        Self {
            parts: rows.iter().map(part).collect(),
            shipping_speed: fastest(rows.iter().filter_map(|row| row.shipping_speed.clone())),
            decided_by: rows.first().map(|row| row.key.clone()).into_iter().collect(),
        }
    }

    /// Returns how many units at TikTok the stock is good for: the scarcest part decides, fractions are dropped.
    /// `None` where the stock of a part is unknown, which is not zero.
    #[must_use]
    pub fn sellable_units(&self, stock: impl Fn(&AmazonSku) -> Option<u32>) -> Option<u32> {
        let mut needed: BTreeMap<&AmazonSku, u32> = BTreeMap::new();
        for part in &self.parts {
            let units = needed.entry(&part.amazon_sku).or_default();
            *units = units.saturating_add(part.quantity);
        }
        let units = needed.into_iter().map(|(sku, needed)| stock(sku)?.checked_div(needed));
        units.collect::<Option<Vec<u32>>>()?.into_iter().min()
    }
}

/// A variant that no row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// The variant.
    pub sku_id: TiktokSkuId,
    /// The listing, where TikTok says it.
    pub product_id: Option<ProductId>,
    /// The seller's text, where there is one.
    pub seller_sku: Option<SellerSku>,
    /// The listing's name, for people.
    pub product_name: Option<String>,
    /// Whether its listing lives for one LIVE only.
    pub is_temporary: bool,
}

impl Unmapped {
    /// Returns the key that a person maps it by. A variant that lives for one LIVE only is named by the seller's text: its id does not
    /// come again.
    #[must_use]
    pub fn key(&self) -> MappingKey {
        let by_text = self.seller_sku.clone().filter(|_| self.is_temporary);
        by_text.map_or_else(|| MappingKey::TiktokSku(self.sku_id.clone()), MappingKey::SellerSku)
    }

    /// Returns the SKU at Amazon that the seller's text would be.
    #[must_use]
    pub fn namesake(&self) -> Option<AmazonSku> {
        self.seller_sku.as_ref().map(|text| AmazonSku::new(text.as_str()))
    }
}

/// The answer of the mappings for one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// It goes as this.
    Mapped(Target),
    /// A person said not to send it, by this key.
    Disabled(MappingKey),
    /// Nothing names it, or nothing names these parts of it.
    NotMapped(Vec<Unmapped>),
    /// A quantity of this part is zero or beyond counting.
    UnusableQuantity(TiktokSkuId),
}

/// Returns every key that [`resolve`] may ask for, so that a store can load the candidates for one order.
#[must_use]
pub fn keys_of(line: &LineItem) -> Vec<MappingKey> {
    let parts = line.parts.iter().flat_map(part_keys);
    line_keys(line).into_iter().chain(parts).collect()
}

/// Looks up one line.
#[must_use]
pub fn resolve(line: &LineItem, candidates: &MappingSet) -> Resolution {
    let rows = decide(candidates, &line_keys(line));
    match rows.first() {
        Some(row) if !row.enabled => Resolution::Disabled(row.key.clone()),
        Some(_) => Resolution::Mapped(Target::of(rows)),
        None if line.parts.is_empty() => Resolution::NotMapped(vec![unmapped_line(line)]),
        None => resolve_parts(line, candidates),
    }
}

fn resolve_parts(line: &LineItem, candidates: &MappingSet) -> Resolution {
    let mut whole = Vec::new();
    let mut missing = Vec::new();
    for part in &line.parts {
        let rows = decide(candidates, &part_keys(part));
        match rows.first() {
            Some(row) if !row.enabled => return Resolution::Disabled(row.key.clone()),
            Some(_) => match times(Target::of(rows), part.count) {
                Some(target) => whole.push(target),
                None => return Resolution::UnusableQuantity(part.sku_id.clone()),
            },
            None => missing.push(unmapped_part(line, part)),
        }
    }
    if missing.is_empty() {
        Resolution::Mapped(together(whole))
    } else {
        Resolution::NotMapped(missing)
    }
}

fn times(mut target: Target, count: u32) -> Option<Target> {
    for part in &mut target.parts {
        part.quantity = part.quantity.checked_mul(count).filter(|units| *units > 0)?;
    }
    Some(target)
}

fn together(targets: Vec<Target>) -> Target {
    Target {
        shipping_speed: fastest(targets.iter().filter_map(|target| target.shipping_speed.clone())),
        decided_by: targets.iter().flat_map(|target| target.decided_by.clone()).collect(),
        parts: targets.into_iter().flat_map(|target| target.parts).collect(),
    }
}

fn decide<'a>(candidates: &'a MappingSet, keys: &[MappingKey]) -> &'a [MappingRow] {
    keys.iter()
        .map(|key| candidates.get(key))
        .find(|rows| !rows.is_empty())
        .unwrap_or_default()
}

fn line_keys(line: &LineItem) -> Vec<MappingKey> {
    keys(&line.sku_id, line.seller_sku.as_ref(), line.product_id.as_ref())
}

fn part_keys(part: &BundlePart) -> Vec<MappingKey> {
    keys(&part.sku_id, part.seller_sku.as_ref(), part.product_id.as_ref())
}

/// Returns the keys of a variant, the most specific first.
fn keys(sku: &TiktokSkuId, seller_sku: Option<&SellerSku>, product: Option<&ProductId>) -> Vec<MappingKey> {
    [
        Some(MappingKey::TiktokSku(sku.clone())),
        seller_sku.cloned().map(MappingKey::SellerSku),
        product.cloned().map(MappingKey::Product),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn unmapped_line(line: &LineItem) -> Unmapped {
    Unmapped {
        sku_id: line.sku_id.clone(),
        product_id: line.product_id.clone(),
        seller_sku: line.seller_sku.clone(),
        product_name: line.product_name.clone(),
        is_temporary: line.listing_type == Some(ListingType::Temporary),
    }
}

fn unmapped_part(line: &LineItem, part: &BundlePart) -> Unmapped {
    Unmapped {
        sku_id: part.sku_id.clone(),
        product_id: part.product_id.clone(),
        seller_sku: part.seller_sku.clone(),
        product_name: line.product_name.clone(),
        is_temporary: line.listing_type == Some(ListingType::Temporary),
    }
}

/// Returns the fastest of several speeds: whoever asked for speed gets it, and nobody is hurt by coming early.
pub(super) fn fastest(speeds: impl Iterator<Item = ShippingSpeed>) -> Option<ShippingSpeed> {
    speeds.max_by_key(ShippingSpeed::rank)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{bundled, line, product, row, seller, set, sku};
    use super::*;

    fn target(resolution: Resolution) -> Vec<(String, u32)> {
        let Resolution::Mapped(target) = resolution else {
            panic!("not mapped: {resolution:?}");
        };
        let parts = target.parts.into_iter();
        parts.map(|part| (part.amazon_sku.to_string(), part.quantity)).collect()
    }

    fn part(id: &str, count: u32) -> BundlePart {
        BundlePart {
            sku_id: TiktokSkuId::new(id),
            product_id: None,
            seller_sku: None,
            count,
        }
    }

    #[test]
    fn the_most_specific_key_wins() {
        let all = [
            row(sku("S"), "BY-ID"),
            row(seller("X"), "BY-TEXT"),
            row(product("P"), "BY-LISTING"),
        ];
        let unit = line("1", "S", Some("X"), "P");
        assert_eq!(target(resolve(&unit, &set(all.to_vec()))), [("BY-ID".to_owned(), 1)]);
        assert_eq!(
            target(resolve(&unit, &set(all[1..].to_vec()))),
            [("BY-TEXT".to_owned(), 1)]
        );
        assert_eq!(
            target(resolve(&unit, &set(all[2..].to_vec()))),
            [("BY-LISTING".to_owned(), 1)]
        );
    }

    #[test]
    fn a_disabled_variant_does_not_fall_through_to_its_listing() {
        let off = MappingRow {
            enabled: false,
            ..row(sku("S"), "A")
        };
        let candidates = set(vec![off, row(product("P"), "B")]);
        let resolution = resolve(&line("1", "S", None, "P"), &candidates);
        assert_eq!(resolution, Resolution::Disabled(sku("S")));
    }

    #[test]
    fn a_row_that_also_names_the_listing_does_not_answer_for_its_other_variants() {
        let with_product = MappingRow {
            also: vec![product("P")],
            ..row(sku("S"), "A")
        };
        let resolution = resolve(&line("1", "T", None, "P"), &set(vec![with_product]));
        assert!(matches!(resolution, Resolution::NotMapped(_)));
    }

    #[test]
    fn a_listing_without_seller_sku_is_not_mapped_by_its_number() {
        let unit = line("1", "S", None, "P");
        let Resolution::NotMapped(missing) = resolve(&unit, &set(vec![row(seller("S"), "S")])) else {
            panic!("E37: TikTok's id was taken for a SKU");
        };
        assert_eq!(missing[0].product_name.as_deref(), Some("A thing"), "E37");
    }

    #[test]
    fn a_tiktok_bundle_goes_by_its_own_rows_before_its_parts() {
        let mut unit = line("1", "S", None, "P");
        unit.parts = vec![part("A", 2), part("B", 1)];
        let parts = vec![
            MappingRow {
                quantity: 3,
                ..row(sku("A"), "MSKU-A")
            },
            row(sku("B"), "MSKU-B"),
        ];
        let by_parts = [("MSKU-A".to_owned(), 6), ("MSKU-B".to_owned(), 1)];
        assert_eq!(target(resolve(&unit, &set(parts.clone()))), by_parts);
        let own = [parts, vec![row(sku("S"), "KIT")]].concat();
        assert_eq!(target(resolve(&unit, &set(own))), [("KIT".to_owned(), 1)]);
    }

    #[test]
    fn a_tiktok_bundle_with_an_unmapped_part_is_not_mapped_at_all() {
        let mut unit = line("1", "S", None, "P");
        unit.parts = vec![part("A", 1), part("B", 1)];
        let Resolution::NotMapped(missing) = resolve(&unit, &set(vec![row(sku("A"), "MSKU-A")])) else {
            panic!("a part of a bundle was dropped");
        };
        assert_eq!((missing[0].sku_id.as_str(), missing[0].is_temporary), ("B", false));
        unit.parts[1].count = 0;
        let both = set(vec![row(sku("A"), "MSKU-A"), row(sku("B"), "MSKU-B")]);
        assert!(matches!(resolve(&unit, &both), Resolution::UnusableQuantity(_)), "E50");
        assert_eq!(keys_of(&unit), [sku("S"), product("P"), sku("A"), sku("B")]);
    }

    #[test]
    fn stock_is_divided_by_the_pack_and_the_scarcest_part_decides() {
        let pack = Target::of(&[MappingRow {
            quantity: 3,
            ..row(sku("S"), "A")
        }]);
        assert_eq!(pack.sellable_units(|_| Some(8)), Some(2), "E43");
        let bundle = Target::of(&[bundled(sku("S"), "A", "x"), bundled(sku("S"), "B", "x")]);
        let stock = |known: &AmazonSku| Some(if known.as_str() == "A" { 9 } else { 0 });
        assert_eq!(bundle.sellable_units(stock), Some(0), "E44");
        assert_eq!(bundle.sellable_units(|_| None), None, "unknown is not zero");
    }

    #[test]
    fn a_disabled_part_keeps_its_tiktok_bundle_and_a_part_of_a_temporary_listing_says_so() {
        let mut unit = line("1", "S", None, "P");
        unit.parts = vec![part("A", 1), part("B", 1)];
        let off = MappingRow {
            enabled: false,
            ..row(sku("B"), "MSKU-B")
        };
        let resolution = resolve(&unit, &set(vec![row(sku("A"), "MSKU-A"), off]));
        assert_eq!(resolution, Resolution::Disabled(sku("B")));
        unit.listing_type = Some(ListingType::Temporary);
        let Resolution::NotMapped(missing) = resolve(&unit, &MappingSet::default()) else {
            panic!("nothing names it");
        };
        assert!(missing.iter().all(|part| part.is_temporary), "{missing:?}");
    }
}
