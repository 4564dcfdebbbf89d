//! Parcels: reading them out of Amazon's fulfillment order, and choosing which units of the TikTok order each one carries.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::fulfillment::{FulfillmentOrder, Package, Shipment, ShipmentStatus};
use super::ids::{FulfillmentItemId, LineItemId};
use super::tracking_number::normalise;

/// A parcel as Amazon shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundParcel {
    /// Amazon's shipment.
    pub shipment_id: String,
    /// Amazon's number of the package in it. Never a tracking number.
    pub package_number: i64,
    /// The carrier as Amazon writes it.
    pub carrier_code: String,
    /// The number for TikTok, normalised, once there is one.
    pub tracking_number: Option<String>,
    /// The other number that Amazon gives for it: the carrier's beside Amazon's own, or the other way round.
    pub other_number: Option<String>,
    /// Whether it left.
    pub has_left: bool,
    /// When it left, where Amazon says so; `None` while Amazon only plans to ship it.
    pub shipped_at: Option<DateTime<Utc>>,
    /// What is in it: our item and units at Amazon.
    pub contents: Vec<(FulfillmentItemId, u32)>,
}

/// Which of Amazon's two numbers is for TikTok.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberRule {
    /// The carrier's number.
    Carrier,
    /// Amazon's own number (AFTN) for orders of one item, where there is one. Only for the US, and where the operator wants it.
    AmazonForSingleItems,
}

/// How Amazon's own numbers are shipped: its carrier stays unknown, so that Amazon stands for it.
const AMAZON: &str = "Amazon Logistics";

/// Which units of the TikTok order one item of the fulfillment order stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemUnits {
    /// Our item.
    pub item: FulfillmentItemId,
    /// The units of the TikTok order, oldest first.
    pub lines: Vec<LineItemId>,
    /// Units at Amazon for one unit at TikTok (a 3-pack has 3).
    pub per_line: u32,
}

/// Returns the parcels of an order. Cancelled shipments have none; Amazon replaces them by new ones.
///
/// A shipment that left without a package has one parcel without a number, whose package number is 0: its clock runs, too.
#[must_use]
pub fn parcels(order: &FulfillmentOrder, rule: NumberRule) -> Vec<FoundParcel> {
    let is_single = matches!(order.items.as_slice(), [item] if item.quantity == 1);
    let own_number = rule == NumberRule::AmazonForSingleItems && is_single;
    let alive = order.shipments.iter().filter(|shipment| is_alive(&shipment.status));
    alive.flat_map(|shipment| parcels_of(shipment, own_number)).collect()
}

fn parcels_of(shipment: &Shipment, own_number: bool) -> Vec<FoundParcel> {
    if shipment.packages.is_empty() && shipment.status == ShipmentStatus::Shipped {
        let unnamed = Package {
            number: 0,
            carrier_code: String::new(),
            tracking_number: None,
            amazon_tracking_number: None,
        };
        return vec![parcel(shipment, &unnamed, true, own_number)];
    }
    let is_only_package = shipment.packages.len() == 1;
    let packages = shipment.packages.iter();
    packages
        .map(|package| parcel(shipment, package, is_only_package, own_number))
        .collect()
}

fn is_alive(status: &ShipmentStatus) -> bool {
    match status {
        ShipmentStatus::Pending | ShipmentStatus::Shipped | ShipmentStatus::Other(_) => true,
        ShipmentStatus::CancelledByFulfiller | ShipmentStatus::CancelledBySeller => false,
    }
}

fn parcel(shipment: &Shipment, package: &Package, is_only_package: bool, own_number: bool) -> FoundParcel {
    let (tracking_number, other_number, carrier_code) = numbers(package, own_number);
    let has_left = shipment.status == ShipmentStatus::Shipped;
    FoundParcel {
        shipment_id: shipment.id.clone(),
        package_number: package.number,
        carrier_code,
        tracking_number,
        other_number,
        has_left,
        shipped_at: shipment.shipping_at.filter(|_| has_left),
        contents: contents(shipment, package, is_only_package),
    }
}

/// Items without a package number can only lie in the shipment's one package; among several it would be a guess. Amazon may list
/// the units of one item apart.
fn contents(shipment: &Shipment, package: &Package, is_only_package: bool) -> Vec<(FulfillmentItemId, u32)> {
    let items = shipment.items.iter().filter(|item| {
        item.package_number == Some(package.number) || (item.package_number.is_none() && is_only_package)
    });
    let mut units: BTreeMap<FulfillmentItemId, u32> = BTreeMap::new();
    for item in items {
        let of_item = units.entry(item.id.clone()).or_default();
        *of_item = of_item.saturating_add(item.quantity);
    }
    units.into_iter().collect()
}

/// Returns the number for TikTok, the other one, and who carries it.
fn numbers(package: &Package, own_number: bool) -> (Option<String>, Option<String>, String) {
    let filled = |number: &Option<String>| number.as_deref().map(normalise).filter(|number| !number.is_empty());
    let carriers = filled(&package.tracking_number);
    match filled(&package.amazon_tracking_number) {
        Some(own) if own_number => (Some(own), carriers, AMAZON.to_owned()),
        own => (carriers, own, package.carrier_code.clone()),
    }
}

/// Chooses the units that a parcel carries: for each item the oldest free ones, as many as have begun to travel with this parcel.
///
/// `covered` tells how many pieces of an item other parcels hold; `taken` are the units that they stand for. A parcel that Amazon
/// replaced gave its units back, so that a free one may be older than a taken one.
/// An empty choice means that the parcel only holds further pieces of units that another parcel stands for.
#[must_use]
pub fn choose_units(
    contents: &[(FulfillmentItemId, u32)],
    units: &[ItemUnits],
    covered: impl Fn(&FulfillmentItemId) -> u32,
    taken: &BTreeSet<LineItemId>,
) -> Vec<LineItemId> {
    let mut chosen: Vec<LineItemId> = Vec::new();
    for (item, quantity) in contents {
        let Some(of_item) = units.iter().find(|candidate| candidate.item == *item) else {
            continue;
        };
        let pieces = covered(item).saturating_add(*quantity);
        let begun = pieces.div_ceil(of_item.per_line.max(1)) as usize;
        let (spoken_for, free): (Vec<_>, Vec<_>) = of_item
            .lines
            .iter()
            .cloned()
            .partition(|line| taken.contains(line) || chosen.contains(line));
        chosen.extend(free.into_iter().take(begun.saturating_sub(spoken_for.len())));
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fulfillment::{FulfillmentItem, FulfillmentStatus, ShipmentItem};
    use crate::domain::ids::{AmazonSku, FulfillmentOrderId};
    use crate::secret::Private;

    fn item(id: &str, quantity: u32, package_number: Option<i64>) -> ShipmentItem {
        ShipmentItem {
            id: FulfillmentItemId::new(id),
            sku: AmazonSku::new("AMZ-LAMP"),
            quantity,
            package_number,
        }
    }

    fn package(number: i64, tracking: Option<&str>) -> Package {
        Package {
            number,
            carrier_code: "UPS".into(),
            tracking_number: tracking.map(Into::into),
            amazon_tracking_number: None,
        }
    }

    fn order(shipments: Vec<Shipment>) -> FulfillmentOrder {
        FulfillmentOrder {
            id: FulfillmentOrderId::new("TTS-1"),
            displayable_id: None,
            status: FulfillmentStatus::Processing,
            received_at: None,
            status_updated_at: None,
            destination: Private::new(None),
            items: Vec::new(),
            shipments,
            returned: Vec::new(),
        }
    }

    fn shipment(status: ShipmentStatus, items: Vec<ShipmentItem>, packages: Vec<Package>) -> Shipment {
        Shipment {
            id: "S1".into(),
            status,
            shipping_at: DateTime::from_timestamp(1_767_600_000, 0),
            items,
            packages,
        }
    }

    fn units(lines: &[&str], per_line: u32) -> Vec<ItemUnits> {
        vec![ItemUnits {
            item: FulfillmentItemId::new("i1"),
            lines: lines.iter().copied().map(LineItemId::new).collect(),
            per_line,
        }]
    }

    /// `covered` pieces travel in parcels before, under the oldest units.
    fn chosen(contents: u32, covered: u32, units: &[ItemUnits]) -> Vec<String> {
        let begun = covered.div_ceil(units[0].per_line) as usize;
        let taken = units[0].lines.iter().take(begun).cloned().collect();
        chosen_beside(contents, covered, units, &taken)
    }

    fn chosen_beside(contents: u32, covered: u32, units: &[ItemUnits], taken: &BTreeSet<LineItemId>) -> Vec<String> {
        choose_units(&[(FulfillmentItemId::new("i1"), contents)], units, |_| covered, taken)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn two_packages_of_a_shipment_keep_their_own_items() {
        let two = order(vec![shipment(
            ShipmentStatus::Shipped,
            vec![item("i1", 1, Some(1)), item("i1", 2, Some(2))],
            vec![package(1, Some("1Z1")), package(2, Some("1Z2"))],
        )]);
        let found = parcels(&two, NumberRule::Carrier);
        let contents: Vec<u32> = found.iter().map(|parcel| parcel.contents[0].1).collect();
        assert_eq!(contents, [1, 2], "E82");
    }

    #[test]
    fn shipments_that_amazon_cancelled_have_no_parcels() {
        let dead = shipment(
            ShipmentStatus::CancelledByFulfiller,
            vec![],
            vec![package(1, Some("1Z1"))],
        );
        assert!(parcels(&order(vec![dead]), NumberRule::Carrier).is_empty(), "E80");
    }

    #[test]
    fn an_unpacked_item_is_not_guessed_into_one_of_two_packages() {
        let both = order(vec![shipment(
            ShipmentStatus::Shipped,
            vec![item("i1", 1, None)],
            vec![package(1, None), package(2, None)],
        )]);
        let both = parcels(&both, NumberRule::Carrier);
        assert!(both.iter().all(|parcel| parcel.contents.is_empty()));
    }

    #[test]
    fn a_planned_shipping_date_is_not_a_shipment() {
        let pending = shipment(
            ShipmentStatus::Pending,
            vec![item("i1", 1, Some(1))],
            vec![package(1, Some("TBA1"))],
        );
        let found = parcels(&order(vec![pending]), NumberRule::Carrier);
        assert_eq!(
            (found[0].shipped_at, found[0].tracking_number.as_deref()),
            (None, Some("TBA1"))
        );
    }

    #[test]
    fn units_are_taken_oldest_first_across_parcels() {
        let three = units(&["l1", "l2", "l3"], 1);
        assert_eq!(chosen(2, 0, &three), ["l1", "l2"]);
        assert_eq!(chosen(1, 2, &three), ["l3"]);
    }

    #[test]
    fn a_replacement_takes_the_unit_that_was_given_back_wherever_it_stands() {
        let taken = BTreeSet::from([LineItemId::new("l2")]);
        let two = units(&["l1", "l2"], 1);
        assert_eq!(chosen_beside(1, 1, &two, &taken), ["l1"], "E80");
        assert!(chosen_beside(1, 2, &units(&["l2"], 3), &taken).is_empty(), "E105");
    }

    #[test]
    fn units_of_one_item_that_amazon_lists_apart_are_added_up() {
        let apart = order(vec![shipment(
            ShipmentStatus::Shipped,
            vec![item("i1", 1, Some(1)), item("i1", 1, Some(1))],
            vec![package(1, Some("1Z1"))],
        )]);
        let found = parcels(&apart, NumberRule::Carrier);
        assert_eq!(found[0].contents, [(FulfillmentItemId::new("i1"), 2)]);
    }

    #[test]
    fn a_pack_that_travels_in_two_parcels_takes_the_first_one() {
        let pack = units(&["l1"], 3);
        assert_eq!(chosen(1, 0, &pack), ["l1"], "E105");
        assert!(
            chosen(2, 1, &pack).is_empty(),
            "the second parcel only holds further pieces"
        );
    }

    fn single(quantity: u32) -> FulfillmentOrder {
        let own = Package {
            amazon_tracking_number: Some("aftn0000012345".into()),
            ..package(1, Some("9400100000000000000000"))
        };
        let mut order = order(vec![shipment(
            ShipmentStatus::Pending,
            vec![item("i1", quantity, Some(1))],
            vec![own],
        )]);
        order.items = vec![FulfillmentItem {
            id: FulfillmentItemId::new("i1"),
            sku: AmazonSku::new("AMZ-LAMP"),
            quantity,
            cancelled: None,
            unfulfillable: None,
        }];
        order
    }

    #[test]
    fn amazons_own_number_goes_with_single_item_orders_where_it_is_wanted() {
        let number = |quantity, rule| {
            let found = parcels(&single(quantity), rule).remove(0);
            (found.tracking_number.unwrap_or_default(), found.carrier_code)
        };
        let carriers = ("9400100000000000000000".to_owned(), "UPS".to_owned());
        let own = ("AFTN0000012345".to_owned(), "Amazon Logistics".to_owned());
        assert_eq!(number(1, NumberRule::AmazonForSingleItems), own, "E97, E100");
        assert_eq!(number(2, NumberRule::AmazonForSingleItems), carriers, "E97");
        assert_eq!(number(1, NumberRule::Carrier), carriers, "E97");
    }

    #[test]
    fn a_shipment_that_left_without_a_package_is_a_parcel_without_a_number() {
        let items = vec![item("i1", 1, None)];
        let left = parcels(
            &order(vec![shipment(ShipmentStatus::Shipped, items.clone(), vec![])]),
            NumberRule::Carrier,
        );
        assert_eq!((left.len(), left[0].package_number), (1, 0), "E109: its clock runs");
        assert!(left[0].tracking_number.is_none() && left[0].shipped_at.is_some());
        let planned = order(vec![shipment(ShipmentStatus::Pending, items, vec![])]);
        assert!(parcels(&planned, NumberRule::Carrier).is_empty());
    }
}
