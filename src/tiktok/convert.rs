//! The only place where TikTok's JSON becomes domain values.
//!
//! A missing or misread fact that matters is an error of this one entry; nothing is defaulted. An absent
//! `display_status` of a unit is kept as the empty word `Other("")`, which is held and told like every unknown word.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::Cleaner;
use super::field::{Field, FieldError, Text, Whole};
use super::orders::UnreadableOrder;
use super::types::{
    CancellationWire, DistrictWire, InnerErrorWire, InventorySkuWire, InventoryWire, LineWire, OrderWire, PackageWire,
    PartWire, PaymentWire, ProductSkuWire, ProductWire, ProviderWire, ReasonWire, RecipientWire, ShippedWire, ShopWire,
    TokensWire, WarehouseStockWire, WarehouseWire,
};
use crate::domain::ids::{
    CancelId, DeliveryOptionId, LineItemId, PackageId, ProductId, SellerSku, ShippingProviderId, TiktokOrderId,
    TiktokSkuId, WarehouseId,
};
use crate::domain::order::{
    BundlePart, Deadlines, District, FulfillmentType, LineItem, LineStatus, Money, Order, OrderStatus, OrderTimes,
    Recipient, ShippingType,
};
use crate::domain::shop::{
    Cancellation, CancellationStatus, Listing, ListingSku, ListingStock, MarkedShipped, Package, RejectReason,
    ShippingProvider, Shop, StockRefusal, TokenPair, Warehouse, WarehouseStatus, WarehouseStock, WarehouseType,
};
use crate::secret::{Private, Secret};

/// Parts the readable from the unreadable entries of a list.
pub(super) fn sorted<T, E>(entries: impl IntoIterator<Item = Result<T, E>>) -> (Vec<T>, Vec<E>) {
    let (mut read, mut unreadable) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Ok(value) => read.push(value),
            Err(error) => unreadable.push(error),
        }
    }
    (read, unreadable)
}

fn wire<T: DeserializeOwned>(value: Value, path: &str) -> Result<T, FieldError> {
    serde_json::from_value(value).map_err(|_| FieldError::Wrong(path.to_owned()))
}

/// Reads an order of the search or the detail call.
pub(super) fn order(value: Value) -> Result<Order, UnreadableOrder> {
    let id = order_id(&value, "id");
    wire(value, "order")
        .and_then(readable_order)
        .map_err(|error| UnreadableOrder {
            id,
            why: error.to_string(),
        })
}

fn order_id(value: &Value, key: &str) -> Option<TiktokOrderId> {
    let text: Text = serde_json::from_value(value.get(key)?.clone()).ok()?;
    TiktokOrderId::parse(&text.0).ok()
}

fn plain_order_id(field: Field<Text>, path: &str) -> Result<TiktokOrderId, FieldError> {
    let text = field.required_text(path)?;
    TiktokOrderId::parse(&text).map_err(|_| FieldError::Wrong(path.to_owned()))
}

fn readable_order(wire: OrderWire) -> Result<Order, FieldError> {
    let flag = |field: Field<_>, path| {
        field
            .strict(path)
            .map(|flag: Option<super::field::Flag>| flag.map(|flag| flag.0))
    };
    Ok(Order {
        id: plain_order_id(wire.id, "id")?,
        status: OrderStatus::read(&wire.status.required_text("status")?),
        fulfillment_type: wire
            .fulfillment_type
            .strict_text("fulfillment_type")?
            .map(|word| FulfillmentType::read(&word)),
        shipping_type: wire
            .shipping_type
            .strict_text("shipping_type")?
            .map(|word| ShippingType::read(&word)),
        order_type: wire.order_type.filled(),
        is_on_hold_order: flag(wire.is_on_hold_order, "is_on_hold_order")?,
        cancel_requested: flag(wire.is_buyer_request_cancel, "is_buyer_request_cancel")? == Some(true),
        authentication_required: flag(wire.authentication_required, "authentication_required")? == Some(true),
        is_cash_on_delivery: flag(wire.is_cod, "is_cod")? == Some(true),
        warehouse_id: wire.warehouse_id.strict_text("warehouse_id")?.map(WarehouseId::new),
        delivery_option_id: wire
            .delivery_option_id
            .strict_text("delivery_option_id")?
            .map(DeliveryOptionId::new),
        delivery_option_name: wire.delivery_option_name.filled(),
        times: OrderTimes {
            created_at: wire.create_time.required_instant("create_time")?,
            paid_at: wire.paid_time.instant(),
            updated_at: wire.update_time.required_instant("update_time")?,
            release_at: wire.release_date.instant(),
        },
        deadlines: Deadlines {
            ship_by: wire.rts_sla_time.instant(),
            scanned_by: wire.tts_sla_time.instant(),
            cancelled_unless_shipped_by: wire.shipping_due_time.instant(),
            cancelled_unless_scanned_by: wire.collection_due_time.instant(),
        },
        line_items: each(wire.line_items.required("line_items")?, "line_items", line_item)?,
        recipient: Private::new(recipient(
            wire.recipient_address.strict("recipient_address")?.unwrap_or_default(),
        )),
        total: wire.payment.optional().and_then(money),
    })
}

/// Reads every entry of a list whose entries belong together.
fn each<W, T>(
    entries: Vec<W>,
    path: &str,
    read: impl Fn(W, &str) -> Result<T, FieldError>,
) -> Result<Vec<T>, FieldError> {
    let entries = entries.into_iter().enumerate();
    entries
        .map(|(index, entry)| read(entry, &format!("{path}[{index}]")))
        .collect()
}

fn line_item(wire: LineWire, path: &str) -> Result<LineItem, FieldError> {
    let at = |key: &str| format!("{path}.{key}");
    let parts_path = at("combined_listing_skus");
    let parts = wire.combined_listing_skus.strict(&parts_path)?.unwrap_or_default();
    Ok(LineItem {
        id: LineItemId::new(wire.id.required_text(&at("id"))?),
        product_id: ProductId::new(wire.product_id.required_text(&at("product_id"))?),
        sku_id: TiktokSkuId::new(wire.sku_id.required_text(&at("sku_id"))?),
        seller_sku: wire.seller_sku.strict_text(&at("seller_sku"))?.map(SellerSku::new),
        product_name: wire.product_name.filled(),
        status: LineStatus::read(
            &wire
                .display_status
                .strict_text(&at("display_status"))?
                .unwrap_or_default(),
        ),
        package_id: wire.package_id.strict_text(&at("package_id"))?.map(PackageId::new),
        tracking_number: wire.tracking_number.strict_text(&at("tracking_number"))?,
        shipping_provider_id: wire
            .shipping_provider_id
            .strict_text(&at("shipping_provider_id"))?
            .map(ShippingProviderId::new),
        parts: each(parts, &parts_path, bundle_part)?,
    })
}

fn bundle_part(wire: PartWire, path: &str) -> Result<BundlePart, FieldError> {
    let at = |key: &str| format!("{path}.{key}");
    let Whole(count) = wire.sku_count.required(&at("sku_count"))?;
    let count = u32::try_from(count).ok().filter(|count| *count > 0);
    Ok(BundlePart {
        sku_id: TiktokSkuId::new(wire.sku_id.required_text(&at("sku_id"))?),
        product_id: wire.product_id.filled().map(ProductId::new),
        seller_sku: wire.seller_sku.strict_text(&at("seller_sku"))?.map(SellerSku::new),
        count: count.ok_or_else(|| FieldError::Wrong(at("sku_count")))?,
    })
}

fn recipient(wire: RecipientWire) -> Recipient {
    let districts = wire.district_info.optional().unwrap_or_default();
    Recipient {
        name: wire.name.raw(),
        first_name: wire.first_name.raw(),
        last_name: wire.last_name.raw(),
        phone: wire.phone_number.raw(),
        lines: [
            wire.address_line1.raw(),
            wire.address_line2.raw(),
            wire.address_line3.raw(),
            wire.address_line4.raw(),
        ],
        detail: wire.address_detail.raw(),
        districts: districts.into_iter().map(district).collect(),
        post_town: wire.post_town.raw(),
        postal_code: wire.postal_code.raw(),
        region_code: wire.region_code.raw(),
    }
}

fn district(wire: DistrictWire) -> District {
    District {
        level: wire.address_level.raw(),
        level_name: wire.address_level_name.raw(),
        name: wire.address_name.raw(),
        iso_code: wire.iso_code.raw(),
    }
}

fn money(wire: PaymentWire) -> Option<Money> {
    Some(Money {
        amount: wire.total_amount.optional()?.0,
        currency: wire.currency.filled()?,
    })
}

/// Reads a shop.
pub(super) fn shop(value: Value) -> Result<Shop, FieldError> {
    let shop: ShopWire = wire(value, "shops[]")?;
    Ok(Shop {
        id: shop.id.required_text("shops[].id")?,
        name: shop.name.raw(),
        region: shop.region.raw(),
        seller_type: shop.seller_type.filled(),
        cipher: Secret::new(shop.cipher.required_text("shops[].cipher")?),
    })
}

/// Reads a warehouse.
pub(super) fn warehouse(value: Value) -> Result<Warehouse, FieldError> {
    let warehouse: WarehouseWire = wire(value, "warehouses[]")?;
    let is_default = warehouse.is_default.strict("warehouses[].is_default")?;
    Ok(Warehouse {
        id: WarehouseId::new(warehouse.id.required_text("warehouses[].id")?),
        name: warehouse.name.raw(),
        status: WarehouseStatus::read(&warehouse.effect_status.raw()),
        kind: WarehouseType::read(&warehouse.kind.raw()),
        is_default: is_default.is_some_and(|flag| flag.0),
    })
}

/// Reads a carrier.
pub(super) fn shipping_provider(value: Value) -> Result<ShippingProvider, FieldError> {
    let provider: ProviderWire = wire(value, "shipping_providers[]")?;
    Ok(ShippingProvider {
        id: ShippingProviderId::new(provider.id.required_text("shipping_providers[].id")?),
        name: provider.name.raw(),
    })
}

/// Reads a listing.
pub(super) fn listing(value: Value) -> Result<Listing, FieldError> {
    let product: ProductWire = wire(value, "products[]")?;
    let id = ProductId::new(product.id.required_text("products[].id")?);
    let path = format!("product {id} skus");
    Ok(Listing {
        id,
        title: product.title.filled(),
        status: product.status.filled(),
        skus: each(product.skus.required(&path)?, &path, listing_sku)?,
    })
}

fn listing_sku(value: Value, path: &str) -> Result<ListingSku, FieldError> {
    let sku: ProductSkuWire = wire(value, path)?;
    Ok(ListingSku {
        id: TiktokSkuId::new(sku.id.required_text(&format!("{path}.id"))?),
        seller_sku: sku.seller_sku.filled().map(SellerSku::new),
    })
}

/// Reads the variants of one listing's stock, each by itself.
pub(super) fn listing_stock(value: Value) -> Vec<Result<ListingStock, FieldError>> {
    let skus = wire(value, "inventory[]").and_then(|listing: InventoryWire| {
        let product = ProductId::new(listing.product_id.required_text("inventory[].product_id")?);
        let skus = listing.skus.required(&format!("product {product} skus"))?;
        Ok((product, skus))
    });
    match skus {
        Ok((product, skus)) => skus.into_iter().map(|sku| sku_stock(sku, &product)).collect(),
        Err(error) => vec![Err(error)],
    }
}

fn sku_stock(value: Value, product: &ProductId) -> Result<ListingStock, FieldError> {
    let sku: InventorySkuWire = wire(value, &format!("a sku of product {product}"))?;
    let id = sku.id.required_text(&format!("product {product} skus[].id"))?;
    let path = format!("sku {id} warehouse_inventory");
    Ok(ListingStock {
        product_id: product.clone(),
        sku_id: TiktokSkuId::new(id),
        seller_sku: sku.seller_sku.filled().map(SellerSku::new),
        warehouses: each(sku.warehouse_inventory.required(&path)?, &path, warehouse_stock)?,
    })
}

fn warehouse_stock(wire: WarehouseStockWire, path: &str) -> Result<WarehouseStock, FieldError> {
    Ok(WarehouseStock {
        warehouse_id: WarehouseId::new(wire.warehouse_id.required_text(&format!("{path}.warehouse_id"))?),
        available: wire.available_quantity.optional().map(|units| units.0),
        committed: wire.committed_quantity.optional().map(|units| units.0),
    })
}

/// Reads one of `data.errors[]` of a stock update.
pub(super) fn stock_refusal(wire: InnerErrorWire, cleaner: &Cleaner) -> StockRefusal {
    let detail = wire.detail.optional().unwrap_or_default();
    let mut codes: Vec<i64> = wire.code.optional().map(|code| code.0).into_iter().collect();
    let mut words = vec![wire.message.raw()];
    for extra in detail.extra_errors.optional().unwrap_or_default() {
        codes.extend(extra.code.optional().map(|code| code.0));
        words.push(extra.message.raw());
    }
    words.retain(|text| !text.trim().is_empty());
    StockRefusal {
        sku_id: detail.sku_id.filled().map(TiktokSkuId::new),
        codes,
        message: cleaner.clean(&words.join(": ")),
    }
}

/// Reads what TikTok said to a parcel. Its code 0 says that the parcel is marked, whatever else is there.
pub(super) fn marked_shipped(wire: ShippedWire, cleaner: &Cleaner) -> MarkedShipped {
    let warning = wire.warning.optional().and_then(|warning| warning.message.filled());
    MarkedShipped {
        package_id: wire.package_id.filled().map(PackageId::new),
        warning: warning.map(|text| cleaner.clean(&text)),
    }
}

/// Reads a parcel. TikTok need not repeat the id that was asked for.
pub(super) fn package(wire: PackageWire, asked: &PackageId) -> Result<Package, FieldError> {
    let units = wire
        .order_line_item_ids
        .strict("order_line_item_ids")?
        .unwrap_or_default();
    let tags = wire.biz_extension_tags.strict("biz_extension_tags")?;
    Ok(Package {
        id: wire.package_id.filled().map_or_else(|| asked.clone(), PackageId::new),
        status: wire.package_status.filled(),
        line_items: units.into_iter().map(|unit| LineItemId::new(unit.0)).collect(),
        tracking_number: wire.tracking_number.strict_text("tracking_number")?,
        shipping_provider_id: wire
            .shipping_provider_id
            .strict_text("shipping_provider_id")?
            .map(ShippingProviderId::new),
        tags: tags.map(|tags| tags.into_iter().map(|tag| tag.0).collect()),
    })
}

/// Reads a cancellation.
pub(super) fn cancellation(value: Value) -> Result<Cancellation, UnreadableOrder> {
    let id = order_id(&value, "order_id");
    wire(value, "cancellation")
        .and_then(readable_cancellation)
        .map_err(|error| UnreadableOrder {
            id,
            why: error.to_string(),
        })
}

fn readable_cancellation(wire: CancellationWire) -> Result<Cancellation, FieldError> {
    let actions = wire.seller_next_action_response.optional().unwrap_or_default();
    let lines = wire.cancel_line_items.strict("cancel_line_items")?.unwrap_or_default();
    let lines = each(lines, "cancel_line_items", |line, path| {
        line.order_line_item_id
            .required_text(&format!("{path}.order_line_item_id"))
            .map(LineItemId::new)
    })?;
    Ok(Cancellation {
        id: CancelId::new(wire.cancel_id.required_text("cancel_id")?),
        order_id: plain_order_id(wire.order_id, "order_id")?,
        status: CancellationStatus::read(&wire.cancel_status.required_text("cancel_status")?),
        role: wire.role.filled(),
        reason: wire.cancel_reason.filled(),
        updated_at: wire.update_time.instant(),
        answer_by: actions.into_iter().filter_map(|action| action.deadline.instant()).min(),
        line_items: lines,
    })
}

/// Reads a reason for declining.
pub(super) fn reject_reason(value: Value) -> Result<RejectReason, FieldError> {
    let reason: ReasonWire = wire(value, "reasons[]")?;
    Ok(RejectReason {
        name: reason.name.required_text("reasons[].name")?,
        text: reason.text.filled(),
    })
}

/// Reads a token pair. The ends are absolute instants, whatever third-party pages say.
pub(super) fn tokens(wire: TokensWire) -> Result<TokenPair, FieldError> {
    let scopes = wire.granted_scopes.optional().unwrap_or_default();
    Ok(TokenPair {
        access_token: Secret::new(wire.access_token.required_text("access_token")?),
        access_expires_at: wire.access_token_expire_in.required_instant("access_token_expire_in")?,
        refresh_token: Secret::new(wire.refresh_token.required_text("refresh_token")?),
        refresh_expires_at: wire.refresh_token_expire_in.instant(),
        scopes: scopes.into_iter().map(|scope| scope.0).collect(),
    })
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
