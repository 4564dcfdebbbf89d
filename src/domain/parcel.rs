//! Parcels: reading them out of Amazon's fulfillment order, and choosing which units of the TikTok order each one carries.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::fulfillment::{FulfillmentOrder, Package, Shipment, ShipmentStatus};
use super::ids::{FulfillmentItemId, LineItemId};

/// A parcel as Amazon shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundParcel {
    /// Amazon's shipment.
    pub shipment_id: String,
    /// Amazon's number of the package in it. Never a tracking number.
    pub package_number: i64,
    /// The carrier as Amazon writes it.
    pub carrier_code: String,
    /// The carrier's number, once there is one.
    pub tracking_number: Option<String>,
    /// When it left; `None` while Amazon only plans to ship it.
    pub shipped_at: Option<DateTime<Utc>>,
    /// What is in it: our item and units at Amazon.
    pub contents: Vec<(FulfillmentItemId, u32)>,
}

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
#[must_use]
pub fn parcels(order: &FulfillmentOrder) -> Vec<FoundParcel> {
    order
        .shipments
        .iter()
        .filter(|shipment| is_alive(&shipment.status))
        .flat_map(|shipment| shipment.packages.iter().map(|package| parcel(shipment, package)))
        .collect()
}

fn is_alive(status: &ShipmentStatus) -> bool {
    match status {
        ShipmentStatus::Pending | ShipmentStatus::Shipped | ShipmentStatus::Other(_) => true,
        ShipmentStatus::CancelledByFulfiller | ShipmentStatus::CancelledBySeller => false,
    }
}

fn parcel(shipment: &Shipment, package: &Package) -> FoundParcel {
    // Items without a package number can only lie in the shipment's one package; among several it would be a guess.
    let is_only_package = shipment.packages.len() == 1;
    let contents = shipment
        .items
        .iter()
        .filter(|item| {
            item.package_number == Some(package.number) || (item.package_number.is_none() && is_only_package)
        })
        .map(|item| (item.id.clone(), item.quantity))
        .collect();
    FoundParcel {
        shipment_id: shipment.id.clone(),
        package_number: package.number,
        carrier_code: package.carrier_code.clone(),
        tracking_number: package
            .tracking_number
            .clone()
            .filter(|number| !number.trim().is_empty()),
        shipped_at: shipment
            .shipping_at
            .filter(|_| shipment.status == ShipmentStatus::Shipped),
        contents,
    }
}

/// Chooses the units that a parcel carries: for each item the oldest ones whose first piece lies in it.
///
/// `covered` tells how many units of an item earlier parcels hold; `taken` are the units that already have a number.
/// An empty choice means that the parcel only holds further pieces of units that another parcel stands for.
#[must_use]
pub fn choose_units(
    contents: &[(FulfillmentItemId, u32)],
    units: &[ItemUnits],
    covered: impl Fn(&FulfillmentItemId) -> u32,
    taken: &BTreeSet<LineItemId>,
) -> Vec<LineItemId> {
    let mut chosen = Vec::new();
    for (item, quantity) in contents {
        let Some(of_item) = units.iter().find(|candidate| candidate.item == *item) else {
            continue;
        };
        let from = covered(item);
        let pieces = from..from.saturating_add(*quantity);
        let first_pieces = (0..).step_by(of_item.per_line.max(1) as usize);
        let lines = of_item
            .lines
            .iter()
            .zip(first_pieces)
            .filter(|(line, first_piece)| pieces.contains(first_piece) && !taken.contains(*line))
            .map(|(line, _)| line.clone());
        chosen.extend(lines);
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// Brings a tracking number into the form that carriers print: no spaces around or inside, letters in upper case.
#[must_use]
pub fn normalise_tracking_number(number: &str) -> String {
    number
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

/// Tells whether TikTok's form rule allows a number: 4 to 50 letters, digits, `-`, `_`, `.`, `/`.
#[must_use]
pub fn is_number_allowed(number: &str) -> bool {
    (4..=50).contains(&number.len())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fulfillment::{FulfillmentStatus, ShipmentItem};
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

    fn chosen(contents: u32, covered: u32, units: &[ItemUnits]) -> Vec<String> {
        choose_units(
            &[(FulfillmentItemId::new("i1"), contents)],
            units,
            |_| covered,
            &BTreeSet::new(),
        )
        .iter()
        .map(ToString::to_string)
        .collect()
    }

    #[test]
    fn two_packages_of_a_shipment_keep_their_own_items() {
        let found = parcels(&order(vec![shipment(
            ShipmentStatus::Shipped,
            vec![item("i1", 1, Some(1)), item("i1", 2, Some(2))],
            vec![package(1, Some("1Z1")), package(2, Some("1Z2"))],
        )]));
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
        assert!(parcels(&order(vec![dead])).is_empty(), "E80");
    }

    #[test]
    fn an_unpacked_item_is_not_guessed_into_one_of_two_packages() {
        let both = parcels(&order(vec![shipment(
            ShipmentStatus::Shipped,
            vec![item("i1", 1, None)],
            vec![package(1, None), package(2, None)],
        )]));
        assert!(both.iter().all(|parcel| parcel.contents.is_empty()));
    }

    #[test]
    fn a_planned_shipping_date_is_not_a_shipment() {
        let pending = shipment(
            ShipmentStatus::Pending,
            vec![item("i1", 1, Some(1))],
            vec![package(1, Some("TBA1"))],
        );
        let found = parcels(&order(vec![pending]));
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
    fn a_pack_that_travels_in_two_parcels_takes_the_first_one() {
        let pack = units(&["l1"], 3);
        assert_eq!(chosen(1, 0, &pack), ["l1"], "E105");
        assert!(
            chosen(2, 1, &pack).is_empty(),
            "the second parcel only holds further pieces"
        );
    }

    #[test]
    fn numbers_lose_spaces_and_are_never_judged_by_shape() {
        assert_eq!(normalise_tracking_number(" 1z 999 aa1 "), "1Z999AA1");
        assert!(is_number_allowed("TBA305900000101"));
        assert!(!is_number_allowed("1Z?"));
    }
}
