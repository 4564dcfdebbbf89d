//! Small rows and lines for the tests of this room.

use super::{MappingKey, MappingRow, MappingSet};
use crate::domain::ids::{AmazonSku, LineItemId, ProductId, SellerSku, TiktokSkuId};
use crate::domain::order::{LineItem, LineStatus};

pub(crate) fn sku(id: &str) -> MappingKey {
    MappingKey::TiktokSku(TiktokSkuId::new(id))
}

pub(super) fn seller(text: &str) -> MappingKey {
    MappingKey::SellerSku(SellerSku::new(text))
}

pub(super) fn product(id: &str) -> MappingKey {
    MappingKey::Product(ProductId::new(id))
}

pub(crate) fn row(key: MappingKey, amazon_sku: &str) -> MappingRow {
    MappingRow {
        key,
        also: Vec::new(),
        amazon_sku: AmazonSku::new(amazon_sku),
        quantity: 1,
        bundle: None,
        shipping_speed: None,
        safety_stock: None,
        enabled: true,
        line: 2,
    }
}

pub(crate) fn bundled(key: MappingKey, amazon_sku: &str, name: &str) -> MappingRow {
    MappingRow {
        bundle: Some(name.to_owned()),
        ..row(key, amazon_sku)
    }
}

pub(super) fn set(rows: Vec<MappingRow>) -> MappingSet {
    MappingSet::from_rows(rows).expect("rows that agree")
}

pub(crate) fn line(id: &str, sku_id: &str, seller_sku: Option<&str>, product_id: &str) -> LineItem {
    LineItem {
        id: LineItemId::new(id),
        product_id: Some(ProductId::new(product_id)),
        sku_id: TiktokSkuId::new(sku_id),
        seller_sku: seller_sku.map(SellerSku::new),
        product_name: Some("A thing".to_owned()),
        status: LineStatus::AwaitingShipment,
        package_id: None,
        tracking_number: None,
        shipping_provider_id: None,
        is_gift: None,
        listing_type: None,
        parts: Vec::new(),
    }
}
