//! A fulfillment order at Amazon in our terms: the one that we want ([`Draft`]) and the one that Amazon has ([`FulfillmentOrder`]).

pub mod life;
mod rest;
mod told;
mod whereabouts;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::feature::Feature;
use crate::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId, TiktokOrderId};
use crate::domain::open_enum::open_enum;
use crate::secret::Private;

pub use rest::{NoRest, RestFacts, RestItem, names_a_rest, rest};
pub use told::{after_all, not_shown};
pub use whereabouts::{Whereabouts, is_over, whereabouts};

open_enum! {
    /// Amazon's shipping speed.
    ShippingSpeed {
        /// Three to five business days.
        Standard = "Standard",
        /// Two business days.
        Expedited = "Expedited",
        /// Next business day.
        Priority = "Priority",
    }
}

impl ShippingSpeed {
    /// The speeds that Amazon sells to us, the slowest first.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Expedited, Self::Priority];

    /// Returns how fast it is beside the others; a word that is not known is slower than all.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Other(_) => 0,
            Self::Standard => 1,
            Self::Expedited => 2,
            Self::Priority => 3,
        }
    }
}

open_enum! {
    /// The status of a fulfillment order at Amazon.
    FulfillmentStatus {
        /// Taken in, not validated.
        New = "New",
        /// Validated; can be cancelled.
        Received = "Received",
        /// Being planned; can be cancelled.
        Planning = "Planning",
        /// Being picked; can no longer be cancelled.
        Processing = "Processing",
        /// Cancelled.
        Cancelled = "Cancelled",
        /// All shipped.
        Complete = "Complete",
        /// Some shipped, the rest will not be. The 2026 version writes `COMPLETE_PARTIAL`.
        CompletePartialled = "CompletePartialled" | "CompletePartial",
        /// Nothing can be shipped.
        Unfulfillable = "Unfulfillable",
        /// Refused by Amazon's validation after it was accepted.
        Invalid = "Invalid",
    }
}

impl FulfillmentStatus {
    /// Tells whether Amazon has not begun with it: nothing is packed, and it can be cancelled.
    #[must_use]
    pub fn is_early(&self) -> bool {
        matches!(self, Self::New | Self::Received | Self::Planning)
    }

    /// Tells whether Amazon said that it ships nothing of it any more.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Unfulfillable | Self::Invalid)
    }

    /// Tells whether it has ended and units of it will not come.
    #[must_use]
    pub fn leaves_units_out(&self) -> bool {
        self.is_dead() || *self == Self::CompletePartialled
    }
}

open_enum! {
    /// The status of a shipment at Amazon.
    ShipmentStatus {
        /// Not shipped; its shipping date is an estimate.
        Pending = "PENDING",
        /// Shipped; its shipping date is the actual one.
        Shipped = "SHIPPED",
        /// Cancelled by Amazon, which makes another shipment at once.
        CancelledByFulfiller = "CANCELLED_BY_FULFILLER",
        /// Cancelled by the seller.
        CancelledBySeller = "CANCELLED_BY_SELLER",
    }
}

/// Where a fulfillment order goes: normalised, complete and inside Amazon's limits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// At most 50 characters.
    pub name: String,
    /// One to three lines of at most 60 characters; the first is never empty.
    pub lines: Vec<String>,
    /// At most 50 characters; `None` only for Japan, where Amazon refuses it.
    pub city: Option<String>,
    /// District or county, where the market uses one.
    pub district: Option<String>,
    /// Two-letter code in the US.
    pub state: Option<String>,
    /// At most 20 characters.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    /// E.164, at most 20 characters; left out when TikTok gave none that can be called.
    pub phone: Option<String>,
}

/// A fulfillment order as we want it, before its exact body is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Our id at Amazon.
    pub id: FulfillmentOrderId,
    /// The id that the buyer knows; printed on the slip.
    pub displayable_id: TiktokOrderId,
    /// When the buyer ordered; printed on the slip.
    pub displayable_date: DateTime<Utc>,
    /// Printed on the slip; never empty, at most 750 characters.
    pub comment: String,
    /// How fast.
    pub speed: ShippingSpeed,
    /// Amazon's marketplace id.
    pub marketplace_id: String,
    /// What is asked of Amazon beside the goods.
    #[serde(default)]
    pub features: Vec<Feature>,
    /// Where it goes.
    #[serde(skip, default = "no_destination")]
    pub destination: Private<Option<Destination>>,
    /// What goes: at most 100 items and 250 units.
    pub items: Vec<DraftItem>,
}

fn no_destination() -> Private<Option<Destination>> {
    Private::new(None)
}

/// One item of a [`Draft`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftItem {
    /// Our id of the item, at most 50 characters.
    pub id: FulfillmentItemId,
    /// What goes.
    pub sku: AmazonSku,
    /// Units at Amazon, 1 or more.
    pub quantity: u32,
}

/// A fulfillment order as Amazon's list shows it: no items, no shipments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentOrderHead {
    /// Our id.
    pub id: FulfillmentOrderId,
    /// Its status.
    pub status: FulfillmentStatus,
    /// When the status last changed, where Amazon says it.
    pub status_updated_at: Option<DateTime<Utc>>,
}

/// A fulfillment order as Amazon has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentOrder {
    /// Our id.
    pub id: FulfillmentOrderId,
    /// The id printed on the slip.
    pub displayable_id: Option<String>,
    /// Its status.
    pub status: FulfillmentStatus,
    /// When Amazon took it in.
    pub received_at: Option<DateTime<Utc>>,
    /// When the status last changed.
    pub status_updated_at: Option<DateTime<Utc>>,
    /// Where it goes, as Amazon has it, for comparing.
    pub destination: Private<Option<Destination>>,
    /// What goes.
    pub items: Vec<FulfillmentItem>,
    /// Shipments, cancelled ones included; empty until planned.
    pub shipments: Vec<Shipment>,
    /// Units that Amazon takes back, each by its item.
    pub returned: Vec<FulfillmentItemId>,
}

impl FulfillmentOrder {
    /// Tells whether a part of it left.
    #[must_use]
    pub fn is_partly_shipped(&self) -> bool {
        let mut shipments = self.shipments.iter();
        shipments.any(|shipment| shipment.status == ShipmentStatus::Shipped)
    }

    /// Returns what Amazon takes back of it.
    #[must_use]
    pub fn returned_units(&self) -> Vec<(AmazonSku, usize)> {
        let units = |item: &FulfillmentItem| self.returned.iter().filter(|id| **id == item.id).count();
        let items = self.items.iter().map(|item| (item.sku.clone(), units(item)));
        items.filter(|(_, units)| *units > 0).collect()
    }

    /// Returns the units of an order that has ended that will not come: Amazon says so, or no shipment holds them. Where no shipment
    /// says what is in it, only Amazon's own figures count.
    #[must_use]
    pub fn units_that_stay_away(&self) -> Vec<(AmazonSku, u32)> {
        let comes = |shipment: &&Shipment| match shipment.status {
            ShipmentStatus::Shipped => true,
            ShipmentStatus::Pending | ShipmentStatus::Other(_) => self.status != FulfillmentStatus::Cancelled,
            ShipmentStatus::CancelledByFulfiller | ShipmentStatus::CancelledBySeller => false,
        };
        let coming: Vec<&ShipmentItem> = self.shipments.iter().filter(comes).flat_map(|one| &one.items).collect();
        let stays_away = |item: &FulfillmentItem| {
            let said = item
                .cancelled
                .unwrap_or_default()
                .saturating_add(item.unfulfillable.unwrap_or_default());
            let held: u32 = coming
                .iter()
                .filter(|one| one.id == item.id)
                .map(|one| one.quantity)
                .sum();
            let missing = if coming.is_empty() {
                0
            } else {
                item.quantity.saturating_sub(held)
            };
            (item.sku.clone(), said.max(missing).min(item.quantity))
        };
        self.items
            .iter()
            .map(stays_away)
            .filter(|(_, units)| *units > 0)
            .collect()
    }
}

/// One item of a fulfillment order at Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentItem {
    /// Our id of the item.
    pub id: FulfillmentItemId,
    /// What goes.
    pub sku: AmazonSku,
    /// Units ordered.
    pub quantity: u32,
    /// Units cancelled. `None` where Amazon does not say.
    pub cancelled: Option<u32>,
    /// Units that Amazon can't ship. `None` where Amazon does not say.
    pub unfulfillable: Option<u32>,
}

/// A shipment of a fulfillment order: one fulfillment center, one or more packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Amazon's id.
    pub id: String,
    /// Its status.
    pub status: ShipmentStatus,
    /// Actual when shipped, an estimate while pending, absent when cancelled.
    pub shipping_at: Option<DateTime<Utc>>,
    /// What is in it; each item names its package once packed.
    pub items: Vec<ShipmentItem>,
    /// The packages known so far.
    pub packages: Vec<Package>,
}

/// An item in a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentItem {
    /// Our id of the item.
    pub id: FulfillmentItemId,
    /// What it is.
    pub sku: AmazonSku,
    /// Units in this shipment and package.
    pub quantity: u32,
    /// The package; `None` while not packed (Amazon writes 0).
    pub package_number: Option<i64>,
}

/// A package of a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Amazon's number of the package. Never a tracking number.
    pub number: i64,
    /// The carrier as Amazon writes it. Empty where Amazon gives none.
    pub carrier_code: String,
    /// The carrier's tracking number, once there is one.
    pub tracking_number: Option<String>,
    /// Amazon's own number (AFTN), once there is one.
    pub amazon_tracking_number: Option<String>,
}

/// Amazon's answer to the question what an order would cost and when it would arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// For this speed.
    pub speed: ShippingSpeed,
    /// Whether Amazon thinks that it can ship; advisory.
    pub is_fulfillable: bool,
    /// Fees by name, decimal text and currency. Empty where Amazon gives none, which is not zero.
    pub fees: Vec<PreviewFee>,
    /// When the last planned shipment leaves at the latest; `None` where Amazon does not say it of one of them.
    pub latest_ship_at: Option<DateTime<Utc>>,
    /// The latest arrival over all planned shipments.
    pub latest_arrival_at: Option<DateTime<Utc>>,
    /// Why the whole order or single items can't be shipped, in Amazon's words.
    pub unfulfillable_reasons: Vec<String>,
}

/// One fee of a [`Preview`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewFee {
    /// E.g. `FBAPerUnitFulfillmentFee`.
    pub name: String,
    /// Decimal text, e.g. `19.71`.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

open_enum! {
    /// Where a package is, as Amazon's tracking says.
    PackageStatus {
        /// On its way.
        InTransit = "IN_TRANSIT",
        /// With the buyer.
        Delivered = "DELIVERED",
        /// Later than promised.
        Delayed = "DELAYED",
        /// The carrier's last leg.
        OutForDelivery = "OUT_FOR_DELIVERY",
        /// Lost or destroyed.
        Undeliverable = "UNDELIVERABLE",
        /// On its way back.
        Returning = "RETURNING",
        /// Back at Amazon.
        Returned = "RETURNED",
    }
}

/// Where a package is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageTracking {
    /// The carrier's tracking number, once there is one.
    pub tracking_number: Option<String>,
    /// The carrier's name as Amazon writes it.
    pub carrier_name: Option<String>,
    /// Where it is.
    pub status: Option<PackageStatus>,
    /// When it was shipped.
    pub shipped_at: Option<DateTime<Utc>>,
    /// When it should arrive.
    pub estimated_arrival_at: Option<DateTime<Utc>>,
    /// Amazon's page for the recipient, decoded.
    pub customer_link: Option<String>,
}

/// A marketplace of the seller at Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marketplace {
    /// Amazon's id, e.g. `ATVPDKIKX0DER`.
    pub id: String,
    /// Its name, e.g. `Amazon.com`. Empty where Amazon gives none.
    pub name: String,
    /// ISO 3166-1 alpha-2. `None` where Amazon does not say.
    pub country_code: Option<String>,
    /// Whether the seller sells there. `None` where Amazon does not say.
    pub is_participating: Option<bool>,
    /// Whether listings are suspended. `None` where Amazon does not say.
    pub has_suspended_listings: Option<bool>,
}

#[cfg(test)]
pub(crate) mod tests_support {
    //! An invented order at Amazon that the tests of this room share.

    use super::*;

    pub(crate) fn fulfillment_order(
        status: &str,
        items: Vec<FulfillmentItem>,
        shipments: Vec<Shipment>,
    ) -> FulfillmentOrder {
        FulfillmentOrder {
            id: FulfillmentOrderId::new("TTS-1"),
            displayable_id: None,
            status: FulfillmentStatus::read(status),
            received_at: None,
            status_updated_at: None,
            destination: Private::new(None),
            items,
            shipments,
            returned: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tests_support::fulfillment_order;
    use super::*;

    fn ordered(item: &str) -> FulfillmentItem {
        FulfillmentItem {
            id: FulfillmentItemId::new(item),
            sku: AmazonSku::new(item),
            quantity: 2,
            cancelled: None,
            unfulfillable: None,
        }
    }

    #[test]
    fn what_a_cancelled_order_only_planned_stays_away_and_what_left_comes() {
        let shipment = |item: &str, status: &ShipmentStatus| Shipment {
            id: item.to_owned(),
            status: status.clone(),
            shipping_at: None,
            items: vec![ShipmentItem {
                id: FulfillmentItemId::new(item),
                sku: AmazonSku::new(item),
                quantity: 2,
                package_number: None,
            }],
            packages: Vec::new(),
        };
        let away = |status: &str, rest: ShipmentStatus| {
            let shipments = vec![shipment("LAMP", &ShipmentStatus::Shipped), shipment("SHADE", &rest)];
            let order = fulfillment_order(status, vec![ordered("LAMP"), ordered("SHADE")], shipments);
            order.units_that_stay_away()
        };
        let shade = [(AmazonSku::new("SHADE"), 2)];
        for (status, rest, expected) in [
            ("Cancelled", ShipmentStatus::Pending, &shade[..]),
            ("Complete", ShipmentStatus::Pending, &[]),
            ("Cancelled", ShipmentStatus::Shipped, &[]),
            ("Complete", ShipmentStatus::CancelledByFulfiller, &shade[..]),
        ] {
            assert_eq!(away(status, rest.clone()), expected, "{status}, {rest:?}");
        }
    }

    #[test]
    fn what_amazon_takes_back_is_counted_by_item_and_an_item_that_stays_is_not_named() {
        let order = FulfillmentOrder {
            returned: vec![FulfillmentItemId::new("LAMP"), FulfillmentItemId::new("LAMP")],
            ..fulfillment_order("COMPLETE", vec![ordered("LAMP"), ordered("SHADE")], Vec::new())
        };
        assert_eq!(order.returned_units(), [(AmazonSku::new("LAMP"), 2)]);
    }

    #[test]
    fn each_status_is_in_the_groups_that_amazon_describes() {
        // Early, dead, leaves units out.
        let groups = [
            ("New", [true, false, false]),
            ("RECEIVED", [true, false, false]),
            ("PLANNING", [true, false, false]),
            ("Processing", [false, false, false]),
            ("Cancelled", [false, true, true]),
            ("Complete", [false, false, false]),
            ("COMPLETE_PARTIALLED", [false, false, true]),
            ("Unfulfillable", [false, true, true]),
            ("Invalid", [false, true, true]),
            ("Sorting", [false, false, false]),
        ];
        for (word, expected) in groups {
            let status = FulfillmentStatus::read(word);
            let found = [status.is_early(), status.is_dead(), status.leaves_units_out()];
            assert_eq!(found, expected, "{word}");
        }
    }
}
