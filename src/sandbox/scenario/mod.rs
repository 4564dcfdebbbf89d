//! The demo's shop: invented listings, stock, and one order of each kind that the program must know how to handle.

mod catalogue;
mod people;
mod special;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use self::catalogue::{BULB, GIFT_BOX, KIT, LAMP, LAMP_WHITE, Listing, MUG, PAD, SOCKS, STAND};
use super::World;
use super::amazon::{Plan, PlannedParcel};
use super::calendar::{last_business_hour, on_business_day};
use super::tiktok::{Component, Line, Order};
use crate::clock::Clock;

/// The mapping table that fits the demo's shop. The mug is missing on purpose.
pub const MAPPINGS_CSV: &str = "\
tiktok_product_id,tiktok_sku_id,seller_sku,amazon_sku,quantity,bundle,shipping_speed,safety_stock,enabled
,,LAMP-BLK-01,FBA-LAMP-BLK,1,,,,
,,LAMP-WHT-01,FBA-LAMP-WHT,1,,,,
1729592969712209100,1729592969712209104,,FBA-BULB-4PK,1,,,,
,,SOCK-3PK,FBA-SOCK-1,3,,,,
,,PAD-GRY,FBA-PAD-GRY,1,,,2,
,,STAND-01,FBA-STAND-01,1,,Expedited,,
,,BOX-COZY,FBA-SOCK-1,2,cozy-box,,,
,,BOX-COZY,FBA-PAD-GRY,1,cozy-box,,,
";

/// The shop's MCF warehouses. The second is there, disabled, once an order lies in it.
pub const MCF_WAREHOUSES: [&str; 2] = [catalogue::MCF_WAREHOUSE, catalogue::SECOND_MCF_WAREHOUSE];

/// A kind of order. In JSON in camel case, e.g. `"threePack"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OrderKind {
    /// One unit, all in order.
    Plain,
    /// Two units of one SKU and one of another.
    SeveralUnits,
    /// A TikTok bundle, whose parts only the detail call shows.
    Bundle,
    /// A three-pack that is three units at Amazon.
    ThreePack,
    /// A box that is two SKUs at Amazon by the mapping table.
    MappedBundle,
    /// A SKU that the mapping table does not have.
    Unmapped,
    /// A US address without a postal code.
    BadAddress,
    /// A SKU without sellable stock.
    OutOfStock,
    /// In the hour of remorse, without an address.
    OnHold,
    /// Cancelled before anybody looked.
    Cancelled,
    /// The buyer asks to cancel.
    CancelRequested,
    /// Comes in two parcels of two carriers.
    TwoParcels,
    /// Shipped by TikTok, masked.
    PlatformShipped,
    /// Delivered already.
    Delivered,
    /// An address in lower case with a state's name, blanks, and a nine-digit postal code.
    MessyAddress,
    /// A name and a street with accents.
    ForeignLetters,
    /// A lamp with a free gift.
    Gift,
    /// A free sample for a creator.
    Sample,
    /// A sample that is paid, and paid back later.
    RefundableSample,
    /// A new parcel in place of the first order's.
    Replacement,
    /// In exchange for the first order's goods.
    Exchange,
    /// Released in three days.
    PreOrder,
    /// Made in five business days.
    MadeToOrder,
    /// Of a listing that lives for one LIVE, without a mapping.
    TemporaryListing,
    /// To be scanned on the next business day: Standard is too late for it.
    DueTomorrow,
    /// To be scanned today: no speed is in time.
    DueToday,
    /// In a second MCF warehouse, which TikTok has disabled.
    DisabledWarehouse,
}

impl OrderKind {
    /// What the demo places last: orders for which the deadline, the kind or the warehouse decides.
    pub const BY_RULE: [Self; 4] = [Self::DueTomorrow, Self::DueToday, Self::Sample, Self::DisabledWarehouse];

    /// The kinds of an ordinary day, in the order in which they are placed.
    pub const ALL: [Self; 17] = [
        Self::Plain,
        Self::SeveralUnits,
        Self::Bundle,
        Self::ThreePack,
        Self::MappedBundle,
        Self::Unmapped,
        Self::BadAddress,
        Self::OutOfStock,
        Self::OnHold,
        Self::Cancelled,
        Self::CancelRequested,
        Self::TwoParcels,
        Self::PlatformShipped,
        Self::Delivered,
        Self::MessyAddress,
        Self::ForeignLetters,
        Self::Gift,
    ];
}

/// Returns the last ten o'clock of a business day on the Pacific coast: from there a day at the shop goes the same way whenever it is
/// played.
#[must_use]
pub fn morning(now: DateTime<Utc>) -> DateTime<Utc> {
    last_business_hour(now, 10)
}

/// Returns the demo's shop with one order of each kind of an ordinary day.
#[must_use]
pub fn demo(clock: Clock) -> World {
    let mut world = shop(clock);
    for kind in OrderKind::ALL {
        world.place(kind);
    }
    world
}

/// Returns the demo's shop without orders.
#[must_use]
pub fn shop(clock: Clock) -> World {
    let mut world = World::new(clock);
    catalogue::furnish(&mut world);
    world
}

impl World {
    /// Places an order at TikTok and returns its id: `576900000000000101`, `…102`, ….
    pub fn place(&mut self, kind: OrderKind) -> String {
        let number = 101 + self.tiktok.orders.len();
        let mut order = self.paid_order(format!("576900000000000{number}"), listings(kind));
        let now = self.now();
        let asks_to_cancel = kind == OrderKind::CancelRequested;
        self.shape(kind, &mut order);
        let order_id = order.id.clone();
        self.tiktok.put_order(order);
        if asks_to_cancel {
            self.tiktok.request_cancel(&order_id, now);
        }
        order_id
    }

    /// Lets the buyer ask to cancel. Returns the id of the request, or none without such an order.
    pub fn request_cancel(&mut self, order_id: &str) -> Option<String> {
        let now = self.now();
        let moves = self.settings.cancel_request_moves_update_time;
        let cancel_id = self.tiktok.request_cancel(order_id, now)?;
        if let Some(order) = self.tiktok.order_mut(order_id).filter(|_| moves) {
            order.updated_at = now;
        }
        Some(cancel_id)
    }

    /// An order that was paid two hours ago and left the hour of remorse an hour later.
    fn paid_order(&self, id: String, listings: &[Listing]) -> Order {
        let paid_at = self.now() - TimeDelta::hours(2);
        let lines = listings.iter().zip(1..).map(|(listing, unit)| line(&id, unit, listing));
        Order {
            status: "AWAITING_SHIPMENT".to_owned(),
            created_at: paid_at - TimeDelta::minutes(1),
            paid_at: Some(paid_at),
            updated_at: paid_at + TimeDelta::hours(1),
            hold_ends_at: None,
            is_on_hold_order: true,
            shipped_at: None,
            shipping_type: "SELLER".to_owned(),
            fulfillment_type: "FULFILLMENT_BY_SELLER".to_owned(),
            delivery_option_id: catalogue::DELIVERY_OPTION.to_owned(),
            warehouse_id: catalogue::MCF_WAREHOUSE.to_owned(),
            order_type: "NORMAL".to_owned(),
            lines: lines.collect(),
            address: people::dana(),
            buyer_message: String::new(),
            cancel_requested_at: None,
            cancelled_by: None,
            overrides: serde_json::Map::new(),
            id,
        }
    }

    /// Makes an order the kind that it is to be.
    fn shape(&mut self, kind: OrderKind, order: &mut Order) {
        let now = self.now();
        match kind {
            OrderKind::Plain
            | OrderKind::SeveralUnits
            | OrderKind::ThreePack
            | OrderKind::MappedBundle
            | OrderKind::Unmapped
            | OrderKind::OutOfStock
            | OrderKind::CancelRequested => (),
            OrderKind::Bundle => order.lines.iter_mut().for_each(|line| line.components = components()),
            OrderKind::BadAddress => order.address.postal_code.clear(),
            OrderKind::OnHold => {
                order.created_at = now - TimeDelta::minutes(21);
                order.paid_at = Some(now - TimeDelta::minutes(20));
                order.hold_ends_at = Some(now + TimeDelta::minutes(40));
                order.set_status("ON_HOLD", now - TimeDelta::minutes(20));
            }
            OrderKind::Cancelled => order.cancel("BUYER", now - TimeDelta::minutes(90)),
            OrderKind::TwoParcels => {
                order.address = people::sam();
                self.amazon.plans.insert(order.id.clone(), two_parcels());
            }
            OrderKind::PlatformShipped => {
                order.shipping_type = "TIKTOK".to_owned();
                order.delivery_option_id = catalogue::PLATFORM_OPTION.to_owned();
            }
            OrderKind::Delivered => {
                order.set_status("DELIVERED", now - TimeDelta::minutes(30));
                order
                    .lines
                    .iter_mut()
                    .for_each(|line| line.display_status = "DELIVERED".to_owned());
            }
            OrderKind::MessyAddress => order.address = people::messy(),
            OrderKind::ForeignLetters => order.address = people::zoe(),
            OrderKind::Sample => special::free(order, "is_sample_order"),
            OrderKind::RefundableSample => special::mark(order, "is_refundable_sample"),
            OrderKind::Replacement => special::instead(order, "is_replacement_order", "replaced_order_id"),
            OrderKind::Exchange => special::instead(order, "is_exchange_order", "exchange_source_order_id"),
            OrderKind::PreOrder => special::released(order, now + TimeDelta::days(3)),
            OrderKind::MadeToOrder => special::made(order, "5"),
            OrderKind::TemporaryListing => special::for_one_live(order),
            OrderKind::DueTomorrow => special::due(order, on_business_day(now, 1, special::DAY_ENDS)),
            OrderKind::DueToday => special::due(order, on_business_day(now, 0, special::DAY_ENDS)),
            OrderKind::DisabledWarehouse => order.warehouse_id = catalogue::second_warehouse(&mut self.tiktok),
            OrderKind::Gift => order.lines.iter_mut().skip(1).for_each(|line| line.is_gift = true),
        }
    }
}

fn listings(kind: OrderKind) -> &'static [Listing] {
    match kind {
        OrderKind::SeveralUnits => &[LAMP, LAMP, BULB],
        OrderKind::Bundle => &[KIT],
        OrderKind::ThreePack => &[SOCKS],
        OrderKind::MappedBundle => &[GIFT_BOX],
        OrderKind::Unmapped => &[MUG],
        OrderKind::OutOfStock => &[LAMP_WHITE],
        OrderKind::TwoParcels => &[LAMP, STAND],
        OrderKind::Gift => &[LAMP, PAD],
        OrderKind::Plain
        | OrderKind::BadAddress
        | OrderKind::OnHold
        | OrderKind::Cancelled
        | OrderKind::CancelRequested
        | OrderKind::PlatformShipped
        | OrderKind::Delivered
        | OrderKind::MessyAddress
        | OrderKind::ForeignLetters
        | OrderKind::Sample
        | OrderKind::RefundableSample
        | OrderKind::Replacement
        | OrderKind::Exchange
        | OrderKind::PreOrder
        | OrderKind::MadeToOrder
        | OrderKind::DueTomorrow
        | OrderKind::DueToday
        | OrderKind::DisabledWarehouse => &[LAMP],
        OrderKind::TemporaryListing => &[MUG],
    }
}

fn line(order_id: &str, unit: usize, listing: &Listing) -> Line {
    let suffix = order_id.get(order_id.len().saturating_sub(6)..).unwrap_or(order_id);
    Line {
        id: format!("57790000000{suffix}{unit}"),
        product_id: listing.product_id.to_owned(),
        sku_id: listing.sku_id.to_owned(),
        seller_sku: listing.seller_sku.to_owned(),
        product_name: listing.name.to_owned(),
        price: listing.price.to_owned(),
        is_gift: false,
        listing_type: String::new(),
        display_status: "AWAITING_SHIPMENT".to_owned(),
        components: Vec::new(),
        package_id: None,
    }
}

fn components() -> Vec<Component> {
    [(LAMP, 1), (BULB, 2)]
        .into_iter()
        .map(|(listing, count)| Component {
            product_id: listing.product_id.to_owned(),
            sku_id: listing.sku_id.to_owned(),
            seller_sku: listing.seller_sku.to_owned(),
            count,
        })
        .collect()
}

fn two_parcels() -> Plan {
    let parcel = |carrier: &str, sku: &str| PlannedParcel {
        carrier: carrier.to_owned(),
        contents: Some(vec![(sku.to_owned(), 1)]),
        ..PlannedParcel::default()
    };
    Plan {
        parcels: vec![parcel("AMZN_US", "FBA-LAMP-BLK"), parcel("UPS", "FBA-STAND-01")],
        ..Plan::default()
    }
}
