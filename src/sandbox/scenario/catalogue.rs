//! Invented listings, warehouses, carriers and FBA stock.

use std::collections::BTreeMap;

use super::super::World;
use super::super::amazon::Stock;
use super::super::tiktok::{Product, ProviderOption, Shop, Sku, Warehouse};

/// The warehouse that stands for Amazon's stock.
pub(super) const MCF_WAREHOUSE: &str = "7068517275539719942";
/// Another one, which TikTok has disabled.
pub(super) const SECOND_MCF_WAREHOUSE: &str = "7068517275539720111";
const GARAGE: &str = "7068517275539720555";
const RETURNS: &str = "7068517275539721000";

/// The delivery option of orders that the seller ships.
pub(super) const DELIVERY_OPTION: &str = "7091146663229654785";
/// The delivery option of orders that TikTok ships.
pub(super) const PLATFORM_OPTION: &str = "7091146663229654786";

/// One variant for sale.
#[derive(Clone, Copy)]
pub(super) struct Listing {
    pub(super) product_id: &'static str,
    pub(super) sku_id: &'static str,
    pub(super) seller_sku: &'static str,
    pub(super) name: &'static str,
    pub(super) price: &'static str,
}

pub(super) const LAMP: Listing = Listing {
    product_id: "1729592969712207008",
    sku_id: "1729592969712207013",
    seller_sku: "LAMP-BLK-01",
    name: "Desk lamp, black",
    price: "24.99",
};
pub(super) const LAMP_WHITE: Listing = Listing {
    product_id: "1729592969712207008",
    sku_id: "1729592969712207014",
    seller_sku: "LAMP-WHT-01",
    name: "Desk lamp, white",
    price: "24.99",
};
/// Has no seller SKU: it is mapped by TikTok's id.
pub(super) const BULB: Listing = Listing {
    product_id: "1729592969712209100",
    sku_id: "1729592969712209104",
    seller_sku: "",
    name: "LED bulb 4-pack",
    price: "12.49",
};
pub(super) const KIT: Listing = Listing {
    product_id: "1729592969712211200",
    sku_id: "1729592969712211204",
    seller_sku: "KIT-DESK",
    name: "Desk starter kit",
    price: "44.99",
};
pub(super) const SOCKS: Listing = Listing {
    product_id: "1729592969712213300",
    sku_id: "1729592969712213301",
    seller_sku: "SOCK-3PK",
    name: "Wool socks, 3 pairs",
    price: "19.99",
};
pub(super) const GIFT_BOX: Listing = Listing {
    product_id: "1729592969712215400",
    sku_id: "1729592969712215401",
    seller_sku: "BOX-COZY",
    name: "Cozy box",
    price: "29.99",
};
pub(super) const MUG: Listing = Listing {
    product_id: "1729592969712217500",
    sku_id: "1729592969712217501",
    seller_sku: "MUG-NEW-01",
    name: "Mug",
    price: "9.99",
};
pub(super) const PAD: Listing = Listing {
    product_id: "1729592969712219600",
    sku_id: "1729592969712219601",
    seller_sku: "PAD-GRY",
    name: "Mouse pad",
    price: "7.99",
};
pub(super) const STAND: Listing = Listing {
    product_id: "1729592969712221700",
    sku_id: "1729592969712221701",
    seller_sku: "STAND-01",
    name: "Monitor stand",
    price: "39.99",
};

const LISTINGS: [(Listing, u32); 9] = [
    (LAMP, 40),
    (LAMP_WHITE, 5),
    (BULB, 120),
    (KIT, 20),
    (SOCKS, 12),
    (GIFT_BOX, 10),
    (MUG, 25),
    (PAD, 30),
    (STAND, 15),
];

/// Seller SKU, name, sellable, in transfer.
const FBA_STOCK: [(&str, &str, u32, u32); 6] = [
    ("FBA-LAMP-BLK", "Desk lamp, black", 40, 0),
    ("FBA-LAMP-WHT", "Desk lamp, white", 0, 6),
    ("FBA-BULB-4PK", "LED bulb 4-pack", 120, 0),
    ("FBA-SOCK-1", "Wool socks, 1 pair", 90, 0),
    ("FBA-PAD-GRY", "Mouse pad", 8, 0),
    ("FBA-STAND-01", "Monitor stand", 15, 0),
];

/// Carriers by TikTok's ids, as several public projects show them.
const PROVIDERS: [(&str, &str); 6] = [
    ("7117858858072016686", "USPS"),
    ("7117859084333745966", "UPS"),
    ("7129720299146184490", "FedEx"),
    ("7248600717110282027", "Amazon Logistics"),
    ("7132721393761781550", "OnTrac"),
    ("7220301902846625579", "DHL eCommerce"),
];

/// Puts listings, warehouses, carriers and stock into a world.
pub(super) fn furnish(world: &mut World) {
    for (listing, quantity) in LISTINGS {
        add_listing(&mut world.tiktok.products, &listing, quantity);
    }
    world.tiktok.warehouses = warehouses();
    let providers = PROVIDERS.map(|(id, name)| ProviderOption {
        id: id.to_owned(),
        name: name.to_owned(),
    });
    let options = &mut world.tiktok.delivery_options;
    options.insert(DELIVERY_OPTION.to_owned(), providers.into());
    options.insert(PLATFORM_OPTION.to_owned(), Vec::new());
    for (sku, name, fulfillable, in_transfer) in FBA_STOCK {
        let stock = Stock {
            name: name.to_owned(),
            fulfillable,
            reserved: 0,
            in_transfer,
            inbound: 0,
        };
        world.amazon.stock.insert(sku.to_owned(), stock);
    }
}

/// The black lamp lies in the seller's garage, too.
fn add_listing(products: &mut Vec<Product>, listing: &Listing, quantity: u32) {
    let mut stock = BTreeMap::from([(MCF_WAREHOUSE.to_owned(), quantity)]);
    if listing.sku_id == LAMP.sku_id {
        stock.insert(GARAGE.to_owned(), 18);
    }
    let sku = Sku {
        id: listing.sku_id.to_owned(),
        seller_sku: listing.seller_sku.to_owned(),
        stock,
        is_bundle: listing.sku_id == KIT.sku_id,
        refusal: None,
    };
    match products.iter_mut().find(|product| product.id == listing.product_id) {
        Some(product) => product.skus.push(sku),
        None => products.push(Product {
            id: listing.product_id.to_owned(),
            title: listing.name.to_owned(),
            status: "ACTIVATE".to_owned(),
            skus: vec![sku],
        }),
    }
}

/// Adds the disabled MCF warehouse, and returns its id.
pub(super) fn second_warehouse(shop: &mut Shop) -> String {
    let id = SECOND_MCF_WAREHOUSE;
    if shop.warehouses.iter().all(|warehouse| warehouse.id != id) {
        shop.warehouses.push(Warehouse {
            id: id.to_owned(),
            name: "Amazon MCF 2".to_owned(),
            effect_status: "DISABLED".to_owned(),
            kind: "SALES_WAREHOUSE".to_owned(),
            is_default: false,
            is_mcf: true,
        });
    }
    id.to_owned()
}

fn warehouses() -> Vec<Warehouse> {
    [
        (MCF_WAREHOUSE, "Amazon MCF", "ENABLED", "SALES_WAREHOUSE", true),
        (GARAGE, "Old garage", "DISABLED", "SALES_WAREHOUSE", false),
        (RETURNS, "Returns", "ENABLED", "RETURN_WAREHOUSE", true),
    ]
    .map(|(id, name, effect_status, kind, is_default)| Warehouse {
        id: id.to_owned(),
        name: name.to_owned(),
        effect_status: effect_status.to_owned(),
        kind: kind.to_owned(),
        is_default,
        is_mcf: id == MCF_WAREHOUSE,
    })
    .into()
}
