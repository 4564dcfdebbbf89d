//! What the seller's account at Amazon consists of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::Codes;

/// The account with everything in it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Login with Amazon: the application's id.
    pub client_id: String,
    /// Login with Amazon: the application's secret.
    pub client_secret: String,
    /// Login with Amazon: the seller's refresh token.
    pub refresh_token: String,
    /// The seller's id.
    pub seller_id: String,
    /// The marketplace.
    pub marketplace_id: String,
    /// Whether the application has the role "Amazon Fulfillment".
    pub has_fulfillment_role: bool,
    /// The codes of the consent page.
    pub codes: Codes,
    /// Access tokens and when they die.
    pub access_tokens: BTreeMap<String, DateTime<Utc>>,
    /// Fulfillment orders in the order of their creation. Only `CreateMode::CreateAgain` lets two have the same id.
    pub orders: Vec<FulfillmentOrder>,
    /// FBA stock by seller SKU.
    pub stock: BTreeMap<String, Stock>,
    /// SKUs by the name of a feature that Amazon can't do for them.
    pub lacking_features: BTreeMap<String, BTreeSet<String>>,
    /// What is to become of orders, by `sellerFulfillmentOrderId` or by `displayableOrderId`.
    pub plans: BTreeMap<String, Plan>,
    /// Where packages are, by their number and in Amazon's words; the others are in transit.
    pub whereabouts: BTreeMap<u32, String>,
    next_serial: u64,
}

/// A SKU at FBA.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    /// The product's name.
    pub name: String,
    /// Sellable now.
    pub fulfillable: u32,
    /// Held for accepted orders that have not left yet.
    pub reserved: u32,
    /// Under way between fulfillment centres; not sellable.
    pub in_transfer: u32,
    /// Under way to Amazon.
    pub inbound: u32,
}

/// The states of a fulfillment order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "Amazon's own words, listed under fulfillmentOrderStatus in the model of v2020-07-01"
)]
pub enum OrderStatus {
    New,
    Received,
    Planning,
    Processing,
    Cancelled,
    Complete,
    CompletePartialled,
    Unfulfillable,
    Invalid,
}

impl OrderStatus {
    /// Returns the word as answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Received => "RECEIVED",
            Self::Planning => "PLANNING",
            Self::Processing => "PROCESSING",
            Self::Cancelled => "CANCELLED",
            Self::Complete => "COMPLETE",
            Self::CompletePartialled => "COMPLETE_PARTIALLED",
            Self::Unfulfillable => "UNFULFILLABLE",
            Self::Invalid => "INVALID",
        }
    }
}

/// A fulfillment order.
#[derive(Debug, Clone)]
pub struct FulfillmentOrder {
    /// `sellerFulfillmentOrderId`.
    pub id: String,
    /// The create request's body.
    pub request: Value,
    /// When it was accepted.
    pub received_at: DateTime<Utc>,
    /// From when on it can be read.
    pub visible_from: DateTime<Utc>,
    /// Its state.
    pub status: OrderStatus,
    /// When the state changed last.
    pub status_updated_at: DateTime<Utc>,
    /// Its items.
    pub items: Vec<Item>,
    /// Its shipments, from `Processing` on.
    pub shipments: Vec<Shipment>,
    /// Whether a cancel request waits for the next step.
    pub cancel_requested: bool,
    /// What is to become of it.
    pub plan: Plan,
}

/// An item of a fulfillment order.
#[derive(Debug, Clone)]
pub struct Item {
    /// `sellerSku`.
    pub sku: String,
    /// `sellerFulfillmentOrderItemId`.
    pub id: String,
    /// Units ordered.
    pub quantity: u32,
    /// Units cancelled.
    pub cancelled: u32,
    /// Units that can't be shipped.
    pub unfulfillable: u32,
}

/// The states of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "Amazon's own words, listed under fulfillmentShipmentStatus in the model of v2020-07-01"
)]
pub enum ShipmentStatus {
    Pending,
    Shipped,
    CancelledByFulfiller,
    CancelledBySeller,
}

impl ShipmentStatus {
    /// Returns Amazon's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Shipped => "SHIPPED",
            Self::CancelledByFulfiller => "CANCELLED_BY_FULFILLER",
            Self::CancelledBySeller => "CANCELLED_BY_SELLER",
        }
    }
}

/// A shipment: parcels from one fulfillment centre.
#[derive(Debug, Clone)]
pub struct Shipment {
    /// `amazonShipmentId`.
    pub id: String,
    /// Its state.
    pub status: ShipmentStatus,
    /// When it left, or is to leave.
    pub shipping_at: DateTime<Utc>,
    /// Its parcels.
    pub parcels: Vec<Parcel>,
}

/// A parcel.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// `packageNumber`.
    pub number: u32,
    /// `carrierCode`.
    pub carrier: String,
    /// `trackingNumber`, once there is one.
    pub tracking_number: Option<String>,
    /// `amazonFulfillmentTrackingNumber`, where the order has one.
    pub amazon_tracking_number: Option<String>,
    /// Item ids and units.
    pub contents: Vec<(String, u32)>,
}

/// How an order ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// All is shipped.
    #[default]
    Ships,
    /// The planned parcels are shipped, the rest never.
    ShipsPartly,
    /// It turns out invalid after it was received.
    Invalid,
    /// It can't be fulfilled.
    Unfulfillable,
    /// It stays in planning.
    StaysInPlanning,
}

/// What is to become of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Plan {
    /// How it ends.
    pub ending: Ending,
    /// Its parcels. None: one parcel of Amazon Logistics with everything.
    pub parcels: Vec<PlannedParcel>,
    /// Whether tracking numbers show while the shipment is still pending.
    pub numbers_early: bool,
}

/// A parcel that is to be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlannedParcel {
    /// The carrier's code, e.g. `UPS`. Empty: `Amazon Logistics`.
    pub carrier: String,
    /// The tracking number. None: one is made up that fits the carrier. Empty: it never gets one.
    pub tracking_number: Option<String>,
    /// Amazon's own number (AFTN) beside the carrier's.
    pub amazon_tracking_number: Option<String>,
    /// Seller SKUs and units. None: everything that no parcel before took.
    pub contents: Option<Vec<(String, u32)>>,
}

impl Account {
    /// Returns a US account without stock and orders.
    #[must_use]
    pub fn new() -> Self {
        Self {
            client_id: "amzn1.application-oa2-client.5a4db0x0000000000000000000000000".into(),
            client_secret: "amzn1.oa2-cs.v1.5a4db0x000000000000000000000000".into(),
            refresh_token: "Atzr|sandboxRefresh0000000000".into(),
            seller_id: "A1SANDBOXSELLER".into(),
            marketplace_id: "ATVPDKIKX0DER".into(),
            has_fulfillment_role: true,
            codes: Codes::new("SandboxCode"),
            access_tokens: BTreeMap::new(),
            orders: Vec::new(),
            stock: BTreeMap::new(),
            lacking_features: BTreeMap::new(),
            plans: BTreeMap::new(),
            whereabouts: BTreeMap::new(),
            next_serial: 0,
        }
    }

    /// Finds an order by its id; of several with one id, the first.
    #[must_use]
    pub fn order(&self, id: &str) -> Option<&FulfillmentOrder> {
        self.orders.iter().find(|order| order.id == id)
    }

    /// Finds an order by its id to change it.
    pub fn order_mut(&mut self, id: &str) -> Option<&mut FulfillmentOrder> {
        self.orders.iter_mut().find(|order| order.id == id)
    }

    /// Sets the sellable units of a SKU, and makes it known where it was not.
    pub fn set_stock(&mut self, sku: &str, fulfillable: u32) {
        self.stock.entry(sku.to_owned()).or_default().fulfillable = fulfillable;
    }

    /// Lets every access token be expired.
    pub fn expire_access_tokens(&mut self, now: DateTime<Utc>) {
        for expires_at in self.access_tokens.values_mut() {
            *expires_at = now - TimeDelta::seconds(1);
        }
    }

    /// Tells whether a parcel of this account has this tracking number.
    #[must_use]
    pub fn knows_tracking_number(&self, number: &str) -> bool {
        let shipments = self.orders.iter().flat_map(|order| &order.shipments);
        let parcels = shipments.flat_map(|shipment| &shipment.parcels);
        let mut numbers =
            parcels.flat_map(|parcel| parcel.tracking_number.iter().chain(&parcel.amazon_tracking_number));
        numbers.any(|known| known == number)
    }

    pub(super) fn issue_access_token(&mut self, expires_at: DateTime<Utc>) -> String {
        let token = format!("Atza|sandboxAccess{:08}", self.serial());
        self.access_tokens.insert(token.clone(), expires_at);
        token
    }

    pub(super) fn serial(&mut self) -> u64 {
        self.next_serial += 1;
        self.next_serial
    }
}

impl Default for Account {
    fn default() -> Self {
        Self::new()
    }
}

impl FulfillmentOrder {
    /// Returns a text of the create request.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.request.pointer(pointer)?.as_str()
    }

    /// Sets the state and the time of its change.
    pub fn set_status(&mut self, status: OrderStatus, now: DateTime<Utc>) {
        self.status = status;
        self.status_updated_at = now;
    }
}
