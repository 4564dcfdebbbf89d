//! From the live units of one order to the items of one fulfillment order.
//!
//! Units of the same variant become one item for each Amazon SKU of their target. Items are never merged across variants:
//! each keeps the units it stands for, so that a parcel can be told to TikTok by unit. The same contents give the same items
//! in the same order with the same ids, in whatever order TikTok lists the units.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::resolve::{Part, Resolution, Target, Unmapped, fastest, resolve};
use super::settle::MappingSet;
use super::{BUNDLE_UNITS_MAX, MappingKey};
use crate::domain::flag::Detail;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::{AmazonSku, FulfillmentItemId, LineItemId, TiktokSkuId};
use crate::domain::order::LineItem;

/// The most items of one Amazon order (Fulfillment Outbound 2020-07-01, `items`).
pub const ITEMS_MAX: usize = 100;

/// The most units of one Amazon order (Fulfillment Outbound 2020-07-01, `items`).
pub const UNITS_MAX: u64 = BUNDLE_UNITS_MAX as u64;

const ITEM_ID_BYTES_MAX: usize = 50;

/// What an order becomes at Amazon. Two plans of one order are equal exactly when nothing about it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// At most 100 items of together at most 250 units.
    pub items: Vec<PlannedItem>,
    /// The fastest speed that a row of the units names; `None` where none does.
    pub shipping_speed: Option<ShippingSpeed>,
}

/// One item and the units at TikTok that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedItem {
    /// The first unit's id and the part's number, so unique within the order.
    pub id: FulfillmentItemId,
    /// What goes.
    pub amazon_sku: AmazonSku,
    /// Units at Amazon in all: `unit_quantity` for each of `units`.
    pub quantity: u32,
    /// Units at Amazon for one unit at TikTok.
    pub unit_quantity: u32,
    /// The units at TikTok, in the order of their ids. Parts of one bundle share them.
    pub units: Vec<LineItemId>,
}

/// Why an order does not become a fulfillment order. It is then not sent at all, not even in part.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MappingProblem {
    /// No row names the variant.
    #[error("{} is not mapped to an Amazon SKU{}", described(.0), lifetime(.0))]
    NotMapped(Unmapped),
    /// A person said not to send it.
    #[error("the mapping of {0} is disabled")]
    Disabled(MappingKey),
    /// A quantity of zero or beyond counting.
    #[error("the quantity of TikTok SKU {0} is unusable")]
    UnusableQuantity(TiktokSkuId),
    /// TikTok lists one unit twice.
    #[error("TikTok lists the line item {0} twice")]
    DuplicateUnit(LineItemId),
    /// A line item id that leaves no room for the part's number.
    #[error("the line item id {0:.60} is too long for an item id at Amazon ({ITEM_ID_BYTES_MAX} characters)")]
    UnitIdTooLong(LineItemId),
    /// More items than Amazon takes.
    #[error("the order becomes {0} items; one Amazon order holds {ITEMS_MAX}")]
    TooManyItems(usize),
    /// More units than Amazon takes.
    #[error("the order becomes {0} units; one Amazon order holds {UNITS_MAX}")]
    TooManyUnits(u64),
    /// No live unit is left.
    #[error("no unit of the order is left to send")]
    NothingToSend,
}

fn described(unmapped: &Unmapped) -> String {
    let name = unmapped.product_name.as_deref().unwrap_or("a listing without name");
    match &unmapped.seller_sku {
        Some(text) => format!(
            "{name:?} (seller SKU {:?}, TikTok SKU {})",
            text.as_str(),
            unmapped.sku_id
        ),
        None => format!("{name:?} (TikTok SKU {}, no seller SKU)", unmapped.sku_id),
    }
}

fn lifetime(unmapped: &Unmapped) -> &'static str {
    match unmapped.is_temporary {
        true => {
            "; its listing lives for one LIVE only: map it by its seller SKU, since its TikTok SKU does not come again"
        }
        false => "",
    }
}

impl MappingProblem {
    /// Returns what it is for the order.
    #[must_use]
    pub fn detail(&self) -> Detail {
        match self {
            Self::NotMapped(_) => Detail::SkuNotMapped,
            Self::Disabled(_) => Detail::MappingDisabled,
            Self::UnusableQuantity(_) => Detail::QuantityUnusable,
            Self::DuplicateUnit(_) => Detail::LineItemTwice,
            Self::UnitIdTooLong(_) => Detail::LineItemIdTooLong,
            Self::TooManyItems(_) => Detail::TooManyItems,
            Self::TooManyUnits(_) => Detail::TooManyUnits,
            Self::NothingToSend => Detail::NothingToSend,
        }
    }

    /// Returns what at TikTok is to be mapped, or has a mapping that is disabled.
    #[must_use]
    pub fn sku(&self) -> Option<String> {
        match self {
            Self::NotMapped(unmapped) => Some(unmapped.sku_id.to_string()),
            Self::Disabled(key) => Some(key.as_str().to_owned()),
            Self::UnusableQuantity(_)
            | Self::DuplicateUnit(_)
            | Self::UnitIdTooLong(_)
            | Self::TooManyItems(_)
            | Self::TooManyUnits(_)
            | Self::NothingToSend => None,
        }
    }
}

/// Plans the fulfillment order for the live units of one order.
///
/// # Errors
/// Everything that keeps the order from being sent, so that a person can mend it in one go.
pub fn expand<'a>(
    live_units: impl IntoIterator<Item = &'a LineItem>,
    mappings: &MappingSet,
) -> Result<Plan, Vec<MappingProblem>> {
    let groups = group(live_units)?;
    let mut speeds = Vec::new();
    let mut items = Vec::new();
    let mut problems = Vec::new();
    for units in &groups {
        match target(units, mappings) {
            Err(found) => problems.extend(found),
            Ok(target) => {
                speeds.extend(target.shipping_speed.clone());
                match plan_items(units, &target.parts) {
                    Ok(planned) => items.extend(planned),
                    Err(problem) => problems.push(problem),
                }
            }
        }
    }
    if problems.is_empty() {
        problems.extend(beyond_limits(&items));
    }
    if problems.is_empty() && items.is_empty() {
        problems.push(MappingProblem::NothingToSend);
    }
    let shipping_speed = fastest(speeds.into_iter());
    problems
        .is_empty()
        .then_some(Plan { items, shipping_speed })
        .ok_or(problems)
}

/// Puts units of the same variant together; groups and units in the order of their ids.
fn group<'a>(
    live_units: impl IntoIterator<Item = &'a LineItem>,
) -> Result<Vec<Vec<&'a LineItem>>, Vec<MappingProblem>> {
    let mut units: Vec<&LineItem> = live_units.into_iter().collect();
    units.sort_by_key(|unit| (unit.id.as_str().len(), unit.id.as_str()));
    let twice = units.windows(2).find(|pair| pair[0].id == pair[1].id);
    if let Some(pair) = twice {
        return Err(vec![MappingProblem::DuplicateUnit(pair[0].id.clone())]);
    }
    let mut groups: Vec<Vec<&LineItem>> = Vec::new();
    for unit in units {
        match groups.iter_mut().find(|group| is_same_variant(group[0], unit)) {
            Some(group) => group.push(unit),
            None => groups.push(vec![unit]),
        }
    }
    Ok(groups)
}

fn is_same_variant(one: &LineItem, other: &LineItem) -> bool {
    one.sku_id == other.sku_id
        && one.seller_sku == other.seller_sku
        && one.product_id == other.product_id
        && one.parts == other.parts
}

fn target(units: &[&LineItem], mappings: &MappingSet) -> Result<Target, Vec<MappingProblem>> {
    match resolve(units[0], mappings) {
        Resolution::Mapped(target) => Ok(target),
        Resolution::Disabled(key) => Err(vec![MappingProblem::Disabled(key)]),
        Resolution::UnusableQuantity(sku) => Err(vec![MappingProblem::UnusableQuantity(sku)]),
        Resolution::NotMapped(missing) => Err(missing.into_iter().map(MappingProblem::NotMapped).collect()),
    }
}

fn plan_items(units: &[&LineItem], parts: &[Part]) -> Result<Vec<PlannedItem>, MappingProblem> {
    let numbered = parts.iter().zip(1_u32..);
    numbered.map(|(part, number)| plan_item(units, part, number)).collect()
}

fn plan_item(units: &[&LineItem], part: &Part, number: u32) -> Result<PlannedItem, MappingProblem> {
    let id = format!("{}-{number}", units[0].id);
    if id.len() > ITEM_ID_BYTES_MAX {
        return Err(MappingProblem::UnitIdTooLong(units[0].id.clone()));
    }
    let quantity = u32::try_from(units.len())
        .ok()
        .and_then(|count| part.quantity.checked_mul(count))
        .filter(|quantity| *quantity > 0)
        .ok_or_else(|| MappingProblem::UnusableQuantity(units[0].sku_id.clone()))?;
    Ok(PlannedItem {
        id: FulfillmentItemId::new(id),
        amazon_sku: part.amazon_sku.clone(),
        quantity,
        unit_quantity: part.quantity,
        units: units.iter().map(|unit| unit.id.clone()).collect(),
    })
}

fn beyond_limits(items: &[PlannedItem]) -> Vec<MappingProblem> {
    let units: u64 = items.iter().map(|item| u64::from(item.quantity)).sum();
    let too_many_items = (items.len() > ITEMS_MAX).then_some(MappingProblem::TooManyItems(items.len()));
    let too_many_units = (units > UNITS_MAX).then_some(MappingProblem::TooManyUnits(units));
    too_many_items.into_iter().chain(too_many_units).collect()
}

#[cfg(test)]
mod tests {
    use super::super::MappingRow;
    use super::super::examples::{bundled, line, row, set, sku};
    use super::*;
    use crate::domain::order::ListingType;

    fn planned(units: &[LineItem], rows: Vec<MappingRow>) -> Result<Plan, Vec<MappingProblem>> {
        expand(units, &set(rows))
    }

    fn pack(target: &str, quantity: u32) -> MappingRow {
        MappingRow {
            quantity,
            ..row(sku("S"), target)
        }
    }

    #[test]
    fn units_of_a_variant_become_one_item_times_its_pack() {
        let units = [line("11", "S", None, "P"), line("9", "S", None, "P")];
        let plan = planned(&units, vec![pack("A", 3)]).expect("E43: planned");
        let item = &plan.items[0];
        assert_eq!((plan.items.len(), item.quantity, item.unit_quantity), (1, 6, 3), "E43");
        assert_eq!(item.id.as_str(), "9-1");
        assert_eq!(item.units, [LineItemId::new("9"), LineItemId::new("11")]);
    }

    #[test]
    fn the_same_contents_in_another_order_give_the_same_plan() {
        let mut units = vec![
            line("3", "S", None, "P"),
            line("2", "T", None, "P"),
            line("1", "S", None, "P"),
        ];
        let rows = vec![row(sku("S"), "A"), row(sku("T"), "B")];
        let first = planned(&units, rows.clone());
        units.reverse();
        assert_eq!(first, planned(&units, rows));
    }

    #[test]
    fn two_variants_of_one_amazon_sku_stay_two_items_with_different_ids() {
        let units = [line("1", "S", None, "P"), line("2", "T", None, "P")];
        let plan = planned(&units, vec![row(sku("S"), "A"), row(sku("T"), "A")]).expect("E42: planned");
        let ids: Vec<&str> = plan.items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, ["1-1", "2-1"], "E42");
    }

    #[test]
    fn a_bundle_becomes_an_item_for_each_part_that_share_their_units() {
        let rows = vec![bundled(sku("S"), "A", "x"), bundled(sku("S"), "B", "x")];
        let plan = planned(&[line("1", "S", None, "P")], rows).expect("planned");
        let ids: Vec<&str> = plan.items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, ["1-1", "1-2"]);
        assert_eq!(plan.items[0].units, plan.items[1].units);
    }

    #[test]
    fn one_unmapped_line_keeps_the_whole_order_and_names_the_listing() {
        let units = [line("1", "S", None, "P"), line("2", "T", Some("MINE"), "P")];
        let problems = planned(&units, vec![row(sku("S"), "A")]).expect_err("E38/E47: kept");
        assert_eq!(problems.len(), 1, "E47");
        assert_eq!(
            problems[0].to_string(),
            "\"A thing\" (seller SKU \"MINE\", TikTok SKU T) is not mapped to an Amazon SKU",
            "E37/E38"
        );
        assert_eq!(problems[0].detail(), Detail::SkuNotMapped);
        assert_eq!(problems[0].sku().as_deref(), Some("T"), "E38");
        assert_eq!(MappingProblem::NothingToSend.sku(), None);
        assert_eq!(MappingProblem::Disabled(sku("S")).sku().as_deref(), Some("S"));
    }

    #[test]
    fn a_listing_that_lives_for_one_live_only_is_to_be_mapped_by_its_seller_sku() {
        let live = LineItem {
            listing_type: Some(ListingType::Temporary),
            ..line("1", "T", Some("MINE"), "P")
        };
        let problems = planned(&[live], vec![]).expect_err("kept");
        assert!(
            problems[0].to_string().contains("map it by its seller SKU"),
            "{}",
            problems[0]
        );
    }

    #[test]
    fn nothing_that_is_left_is_no_plan() {
        assert_eq!(planned(&[], vec![]), Err(vec![MappingProblem::NothingToSend]), "E48");
    }

    #[test]
    fn over_a_hundred_items_or_two_hundred_and_fifty_units_are_kept_with_the_limit_named() {
        let units: Vec<LineItem> = (0..101)
            .map(|id| line(&id.to_string(), &format!("S{id}"), None, "P"))
            .collect();
        let rows = (0..101).map(|id| row(sku(&format!("S{id}")), "A")).collect();
        let problems = planned(&units, rows).expect_err("E49: too many");
        assert_eq!(problems, [MappingProblem::TooManyItems(101)], "E49");
        assert!(problems[0].to_string().ends_with("holds 100"));
        let rows = (0..100).map(|id| row(sku(&format!("S{id}")), "A")).collect();
        assert!(planned(&units[..100], rows).is_ok(), "E49: 100 fit");
        let two = [line("1", "S", None, "P"), line("2", "S", None, "P")];
        assert!(planned(&two, vec![pack("A", 125)]).is_ok(), "E49: 250 fit");
        let problems = planned(&two, vec![pack("A", 126)]).expect_err("E49: too many");
        assert_eq!(problems, [MappingProblem::TooManyUnits(252)], "E49");
    }

    #[test]
    fn a_unit_listed_twice_or_a_quantity_of_zero_is_a_data_error() {
        let twice = [line("1", "S", None, "P"), line("1", "S", None, "P")];
        let problems = planned(&twice, vec![row(sku("S"), "A")]).expect_err("kept");
        assert_eq!(problems[0].detail(), Detail::LineItemTwice);
        let one = [line("1", "S", None, "P")];
        assert!(planned(&one, vec![pack("A", 0)]).is_err(), "E50");
        let longest = [line(&"1".repeat(48), "S", None, "P")];
        assert!(
            planned(&longest, vec![row(sku("S"), "A")]).is_ok(),
            "50 signs with its number"
        );
        let long = [line(&"1".repeat(49), "S", None, "P")];
        let problems = planned(&long, vec![row(sku("S"), "A")]).expect_err("kept");
        assert_eq!(problems[0].detail(), Detail::LineItemIdTooLong);
    }

    #[test]
    fn the_fastest_speed_that_a_row_names_counts_for_the_order() {
        let fast = MappingRow {
            shipping_speed: Some(ShippingSpeed::Priority),
            ..row(sku("S"), "A")
        };
        let slow = MappingRow {
            shipping_speed: Some(ShippingSpeed::Standard),
            ..row(sku("T"), "B")
        };
        let units = [line("1", "S", None, "P"), line("2", "T", None, "P")];
        let plan = planned(&units, vec![fast, slow.clone()]).expect("planned");
        assert_eq!(plan.shipping_speed, Some(ShippingSpeed::Priority));
        let plan = planned(&units, vec![row(sku("S"), "A"), slow]).expect("planned");
        assert_eq!(plan.shipping_speed, Some(ShippingSpeed::Standard));
        let plan = planned(&units, vec![row(sku("S"), "A"), row(sku("T"), "B")]).expect("planned");
        assert_eq!(plan.shipping_speed, None, "the settings decide");
    }
}
