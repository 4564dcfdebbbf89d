//! What the shop at TikTok consists of, beside the orders themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::Codes;
use super::order::Order;

/// The shop with everything in it.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The app's key.
    pub app_key: String,
    /// The app's secret.
    pub app_secret: String,
    /// The shop's id.
    pub id: String,
    /// The shop's name.
    pub name: String,
    /// The market, e.g. `US`.
    pub region: String,
    /// The shop cipher.
    pub cipher: String,
    /// The tokens in force.
    pub tokens: Tokens,
    /// The codes of the consent page.
    pub codes: Codes,
    /// Orders by id.
    pub orders: BTreeMap<String, Order>,
    /// Parcels by id.
    pub packages: BTreeMap<String, Package>,
    /// Cancellations, oldest first.
    pub cancellations: Vec<Cancellation>,
    /// Listings.
    pub products: Vec<Product>,
    /// Warehouses.
    pub warehouses: Vec<Warehouse>,
    /// Shipping providers by delivery option.
    pub delivery_options: BTreeMap<String, Vec<ProviderOption>>,
    /// Warnings by tracking number that come with marking a parcel as shipped.
    pub warnings: BTreeMap<String, String>,
    /// Parcels from the MCF warehouse whose number Amazon does not know; from five on the warehouse is switched off.
    pub strikes: u32,
    next_serial: u64,
}

/// The pair of tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// When the access token dies.
    pub access_expires_at: DateTime<Utc>,
    /// The refresh token.
    pub refresh: String,
    /// When the refresh token dies.
    pub refresh_expires_at: DateTime<Utc>,
    /// The refresh token before, and when it was replaced.
    pub previous_refresh: Option<(String, DateTime<Utc>)>,
    /// Access tokens that were replaced.
    pub retired: Vec<String>,
    /// What the seller consented to.
    pub granted_scopes: Vec<String>,
    generation: u32,
}

/// A parcel.
#[derive(Debug, Clone)]
pub struct Package {
    /// The parcel's id.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// The units in it.
    pub line_ids: Vec<String>,
    /// Its tracking number.
    pub tracking_number: String,
    /// Its carrier.
    pub provider_id: String,
    /// When it was marked as shipped.
    pub shipped_at: DateTime<Utc>,
    /// Whether the one correction has been used.
    pub corrected: bool,
    /// Whether Amazon does not know its number.
    pub non_mcf: bool,
}

/// How a cancellation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelStatus {
    /// The seller has to answer.
    Pending,
    /// Agreed; the refund is under way.
    Success,
    /// Refunded.
    Complete,
    /// Withdrawn or rejected.
    Cancelled,
}

impl CancelStatus {
    /// Returns TikTok's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "CANCELLATION_REQUEST_PENDING",
            Self::Success => "CANCELLATION_REQUEST_SUCCESS",
            Self::Complete => "CANCELLATION_REQUEST_COMPLETE",
            Self::Cancelled => "CANCELLATION_REQUEST_CANCELLED",
        }
    }
}

/// A cancellation.
#[derive(Debug, Clone)]
pub struct Cancellation {
    /// Its id.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// `BUYER_CANCEL` (to be answered) or `CANCEL`.
    pub kind: String,
    /// `BUYER`, `SELLER` or `SYSTEM`.
    pub role: String,
    /// How it stands.
    pub status: CancelStatus,
    /// The reason as a key.
    pub reason: String,
    /// The units that it is about.
    pub line_ids: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its status changed last.
    pub updated_at: DateTime<Utc>,
    /// The seller's answer, where it was a rejection.
    pub reject_reason: Option<String>,
}

/// A listing.
#[derive(Debug, Clone)]
pub struct Product {
    /// The listing's id.
    pub id: String,
    /// The listing's title.
    pub title: String,
    /// `ACTIVATE`, `SELLER_DEACTIVATED`, ….
    pub status: String,
    /// The variants.
    pub skus: Vec<Sku>,
}

/// A variant of a listing.
#[derive(Debug, Clone)]
pub struct Sku {
    /// The variant's id.
    pub id: String,
    /// The seller's SKU, may be empty.
    pub seller_sku: String,
    /// Units free to sell, per warehouse.
    pub stock: BTreeMap<String, u32>,
    /// Whether it is a virtual bundle, whose stock follows its parts.
    pub is_bundle: bool,
    /// An error that every stock update of this SKU gets: code and message.
    pub refusal: Option<(i64, String)>,
}

/// A warehouse.
#[derive(Debug, Clone)]
pub struct Warehouse {
    /// The warehouse's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ENABLED`, `DISABLED` or `RESTRICTED`.
    pub effect_status: String,
    /// `SALES_WAREHOUSE` or `RETURN_WAREHOUSE`.
    pub kind: String,
    /// Whether it is the default of its kind.
    pub is_default: bool,
    /// Whether TikTok takes it for an MCF warehouse.
    pub is_mcf: bool,
}

/// A carrier of a delivery option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderOption {
    /// The carrier's id at TikTok.
    pub id: String,
    /// The carrier's name.
    pub name: String,
}

const SCOPES: [&str; 7] = [
    "seller.authorization.info",
    "seller.order.info",
    "seller.product.basic",
    "seller.product.write",
    "seller.fulfillment.basic",
    "seller.logistics",
    "seller.return_refund.basic",
];

impl Shop {
    /// Returns a US shop without orders, listings, warehouses and delivery options.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            app_key: "6sandboxkey".into(),
            app_secret: "5a4db0x0000000000000000000000000000app01".into(),
            id: "7495000000000000001".into(),
            name: "Example Lamp Co".into(),
            region: "US".into(),
            cipher: "TTP_Zx9kQwAAAADm2v7RfLw0yTnB4sUeHc1G".into(),
            tokens: Tokens::new(now),
            codes: Codes::new("TTP_sandboxCode"),
            orders: BTreeMap::new(),
            packages: BTreeMap::new(),
            cancellations: Vec::new(),
            products: Vec::new(),
            warehouses: Vec::new(),
            delivery_options: BTreeMap::new(),
            warnings: BTreeMap::new(),
            strikes: 0,
            next_serial: 0,
        }
    }

    /// Finds an order to change it.
    pub fn order_mut(&mut self, order_id: &str) -> Option<&mut Order> {
        self.orders.get_mut(order_id)
    }

    /// Adds or replaces an order.
    pub fn put_order(&mut self, order: Order) {
        self.orders.insert(order.id.clone(), order);
    }

    /// Lets the buyer ask to cancel an order. Returns the id of the request, or none without such an order.
    pub fn request_cancel(&mut self, order_id: &str, now: DateTime<Utc>) -> Option<String> {
        let line_ids = {
            let order = self.orders.get_mut(order_id)?;
            order.cancel_requested_at = Some(now);
            order.live_lines().map(|line| line.id.clone()).collect()
        };
        let reason = "ecom_order_to_ship_canceled_reason_no_longer_needed";
        Some(self.add_cancellation(
            order_id,
            ("BUYER_CANCEL", "BUYER", CancelStatus::Pending),
            reason,
            line_ids,
            now,
        ))
    }

    /// The seller cancels a unit, and it is carried out: no request, no deadline.
    pub fn seller_cancels(&mut self, order_id: &str, line_id: String, now: DateTime<Utc>) {
        let done = ("CANCEL", "SELLER", CancelStatus::Complete);
        let reason = "seller_cancel_reason_out_of_stock";
        self.add_cancellation(order_id, done, reason, vec![line_id], now);
    }

    pub(super) fn add_cancellation(
        &mut self,
        order_id: &str,
        (kind, role, status): (&str, &str, CancelStatus),
        reason: &str,
        line_ids: Vec<String>,
        now: DateTime<Utc>,
    ) -> String {
        let id = format!("40359000000000{:05}", self.serial());
        self.cancellations.push(Cancellation {
            id: id.clone(),
            order_id: order_id.to_owned(),
            kind: kind.to_owned(),
            role: role.to_owned(),
            status,
            reason: reason.to_owned(),
            line_ids,
            created_at: now,
            updated_at: now,
            reject_reason: None,
        });
        id
    }

    /// Returns a number that was not used before in this shop, for new ids.
    pub fn serial(&mut self) -> u64 {
        self.next_serial += 1;
        self.next_serial
    }

    /// Returns the units of a SKU that are free to sell in a warehouse; none where either is unknown.
    #[must_use]
    pub fn stock(&self, sku_id: &str, warehouse_id: &str) -> Option<u32> {
        let skus = self.products.iter().flat_map(|product| &product.skus);
        let mut matching = skus.filter(|sku| sku.id == sku_id);
        matching.next()?.stock.get(warehouse_id).copied()
    }
}

impl Tokens {
    fn new(now: DateTime<Utc>) -> Self {
        Self {
            access: "TTP_sandboxAccess0".into(),
            access_expires_at: now + TimeDelta::days(7),
            refresh: "TTP_sandboxRefresh0".into(),
            refresh_expires_at: now + TimeDelta::days(365),
            previous_refresh: None,
            retired: Vec::new(),
            granted_scopes: SCOPES.map(str::to_owned).into(),
            generation: 0,
        }
    }

    /// Replaces both tokens by new ones.
    pub fn rotate(&mut self, now: DateTime<Utc>, life: TimeDelta) {
        self.generation += 1;
        let access = format!("TTP_sandboxAccess{}", self.generation);
        let refresh = format!("TTP_sandboxRefresh{}", self.generation);
        self.retired.push(std::mem::replace(&mut self.access, access));
        self.previous_refresh = Some((std::mem::replace(&mut self.refresh, refresh), now));
        self.access_expires_at = now + life;
    }
}
