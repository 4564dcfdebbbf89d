//! A TikTok order in our terms: what was bought, where it goes, what may be done with it.
//!
//! These values come from one place (`tiktok::convert`) and are never changed afterwards. Nothing here is guessed:
//! what TikTok did not say is `None`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{
    DeliveryOptionId, LineItemId, PackageId, ProductId, SellerSku, ShippingProviderId, TiktokOrderId, TiktokSkuId,
    WarehouseId,
};
use super::open_enum::open_enum;
use crate::secret::Private;

open_enum! {
    /// The status of an order at TikTok (TikTok fact: status table of the order API).
    OrderStatus {
        /// Payment is pending.
        Unpaid = "UNPAID",
        /// The buyer's remorse hour, or a pre-order before its release; the address is empty.
        OnHold = "ON_HOLD",
        /// Paid and to be shipped.
        AwaitingShipment = "AWAITING_SHIPMENT",
        /// Some line items are shipped.
        PartiallyShipping = "PARTIALLY_SHIPPING",
        /// All line items are marked shipped, none is scanned.
        AwaitingCollection = "AWAITING_COLLECTION",
        /// The carrier has it.
        InTransit = "IN_TRANSIT",
        /// The buyer has it.
        Delivered = "DELIVERED",
        /// Closed; also after a full refund.
        Completed = "COMPLETED",
        /// All line items are cancelled. Webhooks write `CANCEL`.
        Cancelled = "CANCELLED" | "CANCEL",
    }
}

open_enum! {
    /// Who fulfills an order.
    FulfillmentType {
        /// The seller; the only kind that we handle.
        Seller = "FULFILLMENT_BY_SELLER",
        /// TikTok's own warehouses.
        Tiktok = "FULFILLMENT_BY_TIKTOK",
        /// Tokopedia's, in Indonesia.
        Tokopedia = "FULFILLMENT_BY_DILAYANI_TOKOPEDIA",
    }
}

open_enum! {
    /// Whose labels are used.
    ShippingType {
        /// The seller's; the only kind that can go through Amazon.
        Seller = "SELLER",
        /// TikTok's labels; never routed.
        Tiktok = "TIKTOK",
        /// Nothing is shipped: a digital good.
        Digital = "TIKTOK_DIGITAL",
        /// The buyer fetches it.
        StorePickup = "IN-STORE PICKUP",
    }
}

open_enum! {
    /// What kind of order it is.
    OrderType {
        /// An ordinary one.
        Normal = "NORMAL",
        /// Won in a lottery, for nothing.
        ZeroLottery = "ZERO_LOTTERY",
        /// Won in an auction.
        Auction = "AUCTION",
        /// Not to be shipped before its release.
        PreOrder = "PRE_ORDER",
        /// Made when it is ordered.
        MadeToOrder = "MADE_TO_ORDER",
        /// Ordered while it was out of stock.
        BackOrder = "BACK_ORDER",
        /// Nothing is shipped.
        Virtual = "VIRTUAL_ORDER",
    }
}

open_enum! {
    /// Where the carrier leaves it.
    DeliveryType {
        /// At the buyer's address.
        Home = "HOME_DELIVERY",
        /// At a collection point of a certain carrier.
        CollectionPoint = "COLLECTION_POINT",
    }
}

open_enum! {
    /// The badge that TikTok showed the buyer (`fast_delivery_program`). What its potential forms promise is not said anywhere: they
    /// stay words.
    FastDelivery {
        /// Delivery within three days.
        ThreeDays = "3_DAY_DELIVERY",
    }
}

open_enum! {
    /// The status of one line item at TikTok (`display_status`).
    LineStatus {
        /// Payment is pending.
        Unpaid = "UNPAID",
        /// To be shipped. One documentation sample writes `TO_SHIP`.
        AwaitingShipment = "AWAITING_SHIPMENT" | "TO_SHIP",
        /// Marked shipped, not scanned.
        AwaitingCollection = "AWAITING_COLLECTION",
        /// The carrier has it.
        InTransit = "IN_TRANSIT",
        /// The buyer has it.
        Delivered = "DELIVERED",
        /// Closed.
        Completed = "COMPLETED",
        /// Cancelled; left out of everything.
        Cancelled = "CANCELLED" | "CANCEL",
    }
}

open_enum! {
    /// What kind of listing a unit was bought from (`product_listing_type`); TikTok names none for an ordinary one.
    ListingType {
        /// It lives for one LIVE and is gone afterwards.
        Temporary = "TEMPORARY_LISTING",
    }
}

/// One order at TikTok, as its detail call shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The order's id.
    pub id: TiktokOrderId,
    /// Its status.
    pub status: OrderStatus,
    /// Who fulfills it. `None` where TikTok does not say.
    pub fulfillment_type: Option<FulfillmentType>,
    /// Whose labels are used. `None` where TikTok does not say.
    pub shipping_type: Option<ShippingType>,
    /// What kind of order it is; an ordinary one where TikTok does not say.
    pub order_type: Option<OrderType>,
    /// Why it is sent, where it is no sale like others.
    pub purpose: Purpose,
    /// The orders of one buyer that TikTok puts together. Each is sent by itself all the same.
    pub auto_combine_group_id: Option<String>,
    /// Where the carrier leaves it. `None` where TikTok does not say.
    pub delivery_type: Option<DeliveryType>,
    /// Whether this order went through TikTok's ON_HOLD hour. `Some(false)`: the shop has no hold hour.
    pub is_on_hold_order: Option<bool>,
    /// Whether the buyer asks to cancel. This does not change `status`.
    pub cancel_requested: bool,
    /// Whether an authentication must pass before shipping.
    pub authentication_required: bool,
    /// Whether it is paid at the door, which Amazon does not do for us.
    pub is_cash_on_delivery: bool,
    /// Whether the buyer changed the address since the order was made.
    pub has_updated_address: bool,
    /// The warehouse that TikTok assigned.
    pub warehouse_id: Option<WarehouseId>,
    /// The delivery option; shipping providers are listed per option.
    pub delivery_option_id: Option<DeliveryOptionId>,
    /// What TikTok calls the delivery, for people.
    pub delivery_option_name: Option<String>,
    /// The badge of fast delivery; `None` where the order has none.
    pub fast_delivery: Option<FastDelivery>,
    /// The instants of the order's life.
    pub times: OrderTimes,
    /// What must have happened when.
    pub deadlines: Deadlines,
    /// The units bought, cancelled ones included.
    pub line_items: Vec<LineItem>,
    /// Where it goes. Empty fields while the order is on hold.
    #[serde(skip)]
    pub recipient: Private<Recipient>,
    /// The order's worth: a decimal text and its currency.
    pub total: Option<Money>,
}

/// Why an order is sent, where it is no sale like others. `None` is what TikTok does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// A free sample for a creator.
    pub is_sample: Option<bool>,
    /// A sample that is paid, and paid back once it sells enough.
    pub is_refundable_sample: Option<bool>,
    /// A new parcel in place of one that the buyer keeps.
    pub is_replacement: Option<bool>,
    /// The order that it replaces.
    pub replaced_order_id: Option<TiktokOrderId>,
    /// Goods in exchange for others.
    pub is_exchange: Option<bool>,
    /// The order whose goods are exchanged.
    pub exchange_source_order_id: Option<TiktokOrderId>,
}

/// An amount as TikTok writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// A decimal number as text, e.g. `26.80`.
    pub amount: String,
    /// ISO 4217, e.g. `USD`.
    pub currency: String,
}

/// When things happened at TikTok.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTimes {
    /// When the buyer ordered.
    pub created_at: DateTime<Utc>,
    /// When the buyer paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// The last status change; `created_at` where TikTok does not say. Nothing is decided by it.
    pub updated_at: DateTime<Utc>,
    /// When a pre-order may be shipped at the earliest.
    pub release_at: Option<DateTime<Utc>>,
    /// Whether TikTok names a release in a form that can't be read, which is not the same as none.
    pub is_release_unreadable: bool,
    /// How long the seller may take before it ships, of what is made or got in when it is ordered.
    pub handling: Option<HandlingTime>,
}

/// A span of handling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlingTime {
    /// How many days.
    pub days: u32,
    /// Whether every day counts; else business days.
    pub is_by_calendar: bool,
}

/// TikTok's own deadlines (TikTok changelog "SLA information now available").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// Be marked shipped by then, or it counts as late (`rts_sla_time`).
    pub ship_by: Option<DateTime<Utc>>,
    /// Be scanned by the carrier by then, or it counts as late (`tts_sla_time`).
    pub scanned_by: Option<DateTime<Utc>>,
    /// TikTok cancels the order by itself when it is not marked shipped by then (`shipping_due_time`).
    pub cancelled_unless_shipped_by: Option<DateTime<Utc>>,
    /// TikTok cancels the order by itself when it is not scanned by then (`collection_due_time`).
    pub cancelled_unless_scanned_by: Option<DateTime<Utc>>,
}

impl Deadlines {
    /// Returns by when the carrier must have it: the scan where TikTok names it, else by when it must be marked shipped.
    #[must_use]
    pub fn handed_over_by(&self) -> Option<DateTime<Utc>> {
        self.scanned_by.or(self.ship_by)
    }

    /// Returns the nearest instant by which the order must be marked shipped.
    #[must_use]
    pub fn nearest(&self) -> Option<DateTime<Utc>> {
        [self.ship_by, self.scanned_by, self.cancelled_unless_shipped_by]
            .into_iter()
            .flatten()
            .min()
    }
}

/// One unit of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineItem {
    /// The unit's id.
    pub id: LineItemId,
    /// The listing, where TikTok says it; the variant is enough to map the unit.
    pub product_id: Option<ProductId>,
    /// The variant.
    pub sku_id: TiktokSkuId,
    /// The seller's SKU text at TikTok, where there is one.
    pub seller_sku: Option<SellerSku>,
    /// The listing's name, for people.
    pub product_name: Option<String>,
    /// The unit's status.
    pub status: LineStatus,
    /// The parcel it is in, once it is shipped.
    pub package_id: Option<PackageId>,
    /// The tracking number that TikTok has for it.
    pub tracking_number: Option<String>,
    /// The carrier that TikTok has for it.
    pub shipping_provider_id: Option<ShippingProviderId>,
    /// Whether it comes with another unit for nothing. `None` where TikTok does not say.
    pub is_gift: Option<bool>,
    /// What kind of listing it is of, where it is no ordinary one.
    pub listing_type: Option<ListingType>,
    /// The parts, when the unit is a TikTok bundle (`combined_listing_skus`; only the detail call has them).
    pub parts: Vec<BundlePart>,
}

/// A part of a TikTok bundle: this many units of a variant in one unit of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundlePart {
    /// The variant.
    pub sku_id: TiktokSkuId,
    /// The listing, where TikTok says it.
    pub product_id: Option<ProductId>,
    /// The seller's SKU text, where there is one.
    pub seller_sku: Option<SellerSku>,
    /// Units of it in one bundle.
    pub count: u32,
}

/// Where an order goes, as TikTok wrote it. Empty text means that TikTok gave none.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The full name.
    pub name: String,
    /// The first name, where it was given apart.
    pub first_name: String,
    /// The last name, where it was given apart.
    pub last_name: String,
    /// E.g. `(+1)2135550147`.
    pub phone: String,
    /// `address_line1` to `address_line4`.
    pub lines: [String; 4],
    /// The lines joined by TikTok (`address_detail`), for orders that have no lines.
    pub detail: String,
    /// Country, state, county, city in TikTok's levels.
    pub districts: Vec<District>,
    /// The city in Great Britain.
    pub post_town: String,
    /// The postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2, e.g. `US`.
    pub region_code: String,
}

/// One level of TikTok's `district_info`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct District {
    /// `L0` country, `L1` state, `L2` county, `L3` city in the US; the level decides, not its name.
    pub level: String,
    /// The level's name, e.g. `City`.
    pub level_name: String,
    /// The district's name, e.g. `San Jose`.
    pub name: String,
    /// The district's code, e.g. `CA`; often empty.
    pub iso_code: String,
}

impl Order {
    /// Returns the units that are still wanted: all but cancelled ones.
    pub fn live_lines(&self) -> impl Iterator<Item = &LineItem> {
        self.line_items
            .iter()
            .filter(|line| line.status != LineStatus::Cancelled)
    }
}

#[cfg(test)]
pub(crate) mod tests_support {
    //! An invented order that the tests of other rooms change to their needs.

    use chrono::TimeDelta;

    use super::*;

    /// Returns a paid order of one lamp that went through its hold hour.
    pub(crate) fn plain_order(id: &str) -> Order {
        let created_at = DateTime::from_timestamp(1_767_571_200, 0).expect("a valid instant");
        Order {
            id: TiktokOrderId::new(id),
            status: OrderStatus::AwaitingShipment,
            fulfillment_type: Some(FulfillmentType::Seller),
            shipping_type: Some(ShippingType::Seller),
            order_type: Some(OrderType::Normal),
            purpose: Purpose::default(),
            auto_combine_group_id: None,
            delivery_type: Some(DeliveryType::Home),
            is_on_hold_order: Some(true),
            cancel_requested: false,
            authentication_required: false,
            is_cash_on_delivery: false,
            has_updated_address: false,
            warehouse_id: Some(WarehouseId::new("7068517275539719942")),
            delivery_option_id: Some(DeliveryOptionId::new("7091146663229654785")),
            delivery_option_name: Some("Standard Shipping".into()),
            fast_delivery: None,
            times: OrderTimes {
                created_at,
                paid_at: Some(created_at + TimeDelta::seconds(41)),
                updated_at: created_at + TimeDelta::hours(1),
                release_at: None,
                is_release_unreadable: false,
                handling: None,
            },
            deadlines: Deadlines {
                ship_by: Some(created_at + TimeDelta::days(2)),
                ..Deadlines::default()
            },
            line_items: vec![plain_line("577900000000001011")],
            recipient: Private::new(plain_recipient()),
            total: Some(Money {
                amount: "26.80".into(),
                currency: "USD".into(),
            }),
        }
    }

    /// Returns one black lamp.
    pub(crate) fn plain_line(id: &str) -> LineItem {
        LineItem {
            id: LineItemId::new(id),
            product_id: Some(ProductId::new("1729592969712207008")),
            sku_id: TiktokSkuId::new("1729592969712207013"),
            seller_sku: Some(SellerSku::new("LAMP-BLK-01")),
            product_name: Some("Desk lamp".into()),
            status: LineStatus::AwaitingShipment,
            package_id: None,
            tracking_number: None,
            shipping_provider_id: None,
            is_gift: None,
            listing_type: None,
            parts: Vec::new(),
        }
    }

    /// Returns an invented buyer in California.
    pub(crate) fn plain_recipient() -> Recipient {
        Recipient {
            name: "Dana Whitfield".into(),
            phone: "(+1)2135550147".into(),
            lines: ["1842 Larkspur Ave".into(), "Apt 6".into(), String::new(), String::new()],
            districts: vec![
                district("L0", "Country", "United States", "US"),
                district("L1", "State", "California", "CA"),
                district("L3", "City", "San Jose", ""),
            ],
            postal_code: "95110".into(),
            region_code: "US".into(),
            ..Recipient::default()
        }
    }

    fn district(level: &str, level_name: &str, name: &str, iso_code: &str) -> District {
        District {
            level: level.into(),
            level_name: level_name.into(),
            name: name.into(),
            iso_code: iso_code.into(),
        }
    }
}
