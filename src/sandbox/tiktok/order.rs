//! An order at TikTok. Statuses are plain words, so that a test can set one that nobody knows.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// The order's id.
    pub id: String,
    /// `UNPAID`, `ON_HOLD`, `AWAITING_SHIPMENT`, ….
    pub status: String,
    /// When the buyer ordered.
    pub created_at: DateTime<Utc>,
    /// When the buyer paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When the status changed last.
    pub updated_at: DateTime<Utc>,
    /// When the hour of remorse ends, where there is one.
    pub hold_ends_at: Option<DateTime<Utc>>,
    /// Whether the order went or goes through the hour of remorse; without it, it waited nowhere.
    pub is_on_hold_order: bool,
    /// When the first parcel was marked as shipped.
    pub shipped_at: Option<DateTime<Utc>>,
    /// `SELLER` or `TIKTOK`.
    pub shipping_type: String,
    /// `FULFILLMENT_BY_SELLER` or another.
    pub fulfillment_type: String,
    /// The delivery option.
    pub delivery_option_id: String,
    /// The warehouse that TikTok chose.
    pub warehouse_id: String,
    /// `NORMAL`, `PRE_ORDER`, ….
    pub order_type: String,
    /// One line per unit.
    pub lines: Vec<Line>,
    /// Where it goes.
    pub address: Address,
    /// What the buyer wrote.
    pub buyer_message: String,
    /// When the buyer asked to cancel; none without an open request.
    pub cancel_requested_at: Option<DateTime<Utc>>,
    /// `BUYER`, `SELLER` or `SYSTEM` once it is cancelled.
    pub cancelled_by: Option<String>,
    /// Fields that replace or join those of the answer, for tests.
    pub overrides: Map<String, Value>,
}

/// One unit of an order.
#[derive(Debug, Clone)]
pub struct Line {
    /// The unit's id.
    pub id: String,
    /// The listing.
    pub product_id: String,
    /// The variant.
    pub sku_id: String,
    /// The seller's SKU, may be empty.
    pub seller_sku: String,
    /// The listing's name.
    pub product_name: String,
    /// The price as a decimal text.
    pub price: String,
    /// Whether it is a gift.
    pub is_gift: bool,
    /// `TEMPORARY_LISTING`; empty for an ordinary listing, of which the answer has no such field.
    pub listing_type: String,
    /// `AWAITING_SHIPMENT`, `CANCELLED`, ….
    pub display_status: String,
    /// The parts of a TikTok bundle; shown by the detail call only.
    pub components: Vec<Component>,
    /// The parcel, once it is marked as shipped.
    pub package_id: Option<String>,
}

/// A part of a TikTok bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The part's listing.
    pub product_id: String,
    /// The part's variant.
    pub sku_id: String,
    /// The part's seller SKU.
    pub seller_sku: String,
    /// Units in one bundle.
    pub count: u32,
}

/// Where an order goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// The recipient.
    pub name: String,
    /// The phone as TikTok writes it, e.g. `(+1)2135550147`.
    pub phone: String,
    /// The first line.
    pub line1: String,
    /// The second line.
    pub line2: String,
    /// The city, level L3.
    pub city: String,
    /// The county, level L2.
    pub county: String,
    /// The state's name, level L1.
    pub state: String,
    /// The state's code.
    pub state_code: String,
    /// The postal code.
    pub postal_code: String,
    /// The country's code.
    pub region_code: String,
}

impl Order {
    /// Returns the units that are not cancelled.
    pub fn live_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.display_status != "CANCELLED")
    }

    /// Sets the status and the time of its change.
    pub fn set_status(&mut self, status: &str, now: DateTime<Utc>) {
        self.status = status.to_owned();
        self.updated_at = now;
    }

    /// Cancels the order and all its units.
    pub fn cancel(&mut self, by: &str, now: DateTime<Utc>) {
        self.set_status("CANCELLED", now);
        self.cancelled_by = Some(by.to_owned());
        self.cancel_requested_at = None;
        for line in &mut self.lines {
            line.display_status = "CANCELLED".to_owned();
        }
    }
}
