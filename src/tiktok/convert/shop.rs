//! What belongs to a shop besides its orders, in our terms: warehouses, carriers, stock, parcels, cancellations, tokens.

use serde_json::Value;

use super::{each, order_id, plain_order_id, wire};
use crate::domain::ids::{
    CancelId, DeliveryOptionId, LineItemId, PackageId, ProductId, SellerSku, ShippingProviderId, TiktokSkuId,
    WarehouseId,
};
use crate::domain::shop::{
    Cancellation, CancellationStatus, DeliveryOption, Listing, ListingSku, ListingStock, MarkedShipped, Package,
    RejectReason, ShippingProvider, Shop, StockRefusal, TokenPair, Warehouse, WarehouseStatus, WarehouseStock,
    WarehouseType,
};
use crate::secret::{Private, Secret};
use crate::tiktok::field::FieldError;
use crate::tiktok::orders::UnreadableOrder;
use crate::tiktok::types::{
    CancellationWire, InnerErrorWire, InventorySkuWire, InventoryWire, PackageWire, ProductSkuWire, ProductWire,
    ProviderWire, ReasonWire, ShippedWire, ShopWire, TokensWire, WarehouseStockWire, WarehouseWire,
};
use crate::transport::Scrubber;

/// Reads a shop.
pub(in crate::tiktok) fn shop(value: Value) -> Result<Shop, FieldError> {
    let shop: ShopWire = wire(value, "shops[]")?;
    Ok(Shop {
        id: shop.id.required_text("shops[].id")?,
        name: shop.name.name().unwrap_or_default(),
        region: shop.region.name().unwrap_or_default(),
        seller_type: shop.seller_type.name(),
        cipher: Secret::new(shop.cipher.required_text("shops[].cipher")?),
    })
}

/// Reads a warehouse.
pub(in crate::tiktok) fn warehouse(value: Value) -> Result<Warehouse, FieldError> {
    let warehouse: WarehouseWire = wire(value, "warehouses[]")?;
    let is_default = warehouse.is_default.strict("warehouses[].is_default")?;
    Ok(Warehouse {
        id: WarehouseId::new(warehouse.id.required_text("warehouses[].id")?),
        name: warehouse.name.name().unwrap_or_default(),
        status: WarehouseStatus::read(&warehouse.effect_status.raw()),
        kind: WarehouseType::read(&warehouse.kind.raw()),
        is_default: is_default.is_some_and(|flag| flag.0),
    })
}

/// Reads a carrier.
pub(in crate::tiktok) fn shipping_provider(value: Value) -> Result<ShippingProvider, FieldError> {
    let provider: ProviderWire = wire(value, "shipping_providers[]")?;
    Ok(ShippingProvider {
        id: ShippingProviderId::new(provider.id.required_text("shipping_providers[].id")?),
        name: provider.name.name().unwrap_or_default(),
    })
}

/// Reads a delivery option: its id and its name stand in the fields of a provider's.
pub(in crate::tiktok) fn delivery_option(value: Value) -> Result<DeliveryOption, FieldError> {
    let option: ProviderWire = wire(value, "delivery_options[]")?;
    Ok(DeliveryOption {
        id: DeliveryOptionId::new(option.id.required_text("delivery_options[].id")?),
        name: option.name.name(),
    })
}

/// Reads a listing.
pub(in crate::tiktok) fn listing(value: Value) -> Result<Listing, FieldError> {
    let product: ProductWire = wire(value, "products[]")?;
    let id = ProductId::new(product.id.required_text("products[].id")?);
    let path = format!("product {id} skus");
    Ok(Listing {
        id,
        title: product.title.name(),
        status: product.status.name(),
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
pub(in crate::tiktok) fn listing_stock(value: Value) -> Vec<Result<ListingStock, FieldError>> {
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
pub(in crate::tiktok) fn stock_refusal(wire: InnerErrorWire) -> StockRefusal {
    let detail = wire.detail.optional().unwrap_or_default();
    let mut codes: Vec<i64> = wire.code.optional().map(|code| code.0).into_iter().collect();
    for extra in detail.extra_errors.optional().unwrap_or_default() {
        codes.extend(extra.code.optional().map(|code| code.0));
    }
    StockRefusal {
        sku_id: detail.sku_id.filled().map(TiktokSkuId::new),
        codes,
    }
}

/// Reads what TikTok said to a parcel. Its code 0 says that the parcel is marked, whatever else is there.
pub(in crate::tiktok) fn marked_shipped(wire: ShippedWire, scrubber: &Scrubber) -> MarkedShipped {
    let warning = wire.warning.optional().and_then(|warning| warning.message.filled());
    MarkedShipped {
        package_id: wire.package_id.filled().map(PackageId::new),
        warning: warning.map(|text| Private::new(scrubber.sentence(&text))),
    }
}

/// Reads a parcel. TikTok need not repeat the id that was asked for.
pub(in crate::tiktok) fn package(wire: PackageWire, asked: &PackageId) -> Result<Package, FieldError> {
    let units = wire
        .order_line_item_ids
        .strict("order_line_item_ids")?
        .unwrap_or_default();
    let tags = wire.biz_extension_tags.strict("biz_extension_tags")?;
    Ok(Package {
        id: wire.package_id.filled().map_or_else(|| asked.clone(), PackageId::new),
        status: wire.package_status.name(),
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
pub(in crate::tiktok) fn cancellation(value: Value) -> Result<Cancellation, UnreadableOrder> {
    let id = order_id(&value, "order_id");
    wire(value, "cancellation")
        .and_then(readable_cancellation)
        .map_err(|error| UnreadableOrder {
            id,
            why: error.to_string(),
            is_refused: false,
        })
}

fn readable_cancellation(wire: CancellationWire) -> Result<Cancellation, FieldError> {
    let actions = wire.seller_next_action_response.optional().unwrap_or_default();
    let lines = wire.cancel_line_items.strict("cancel_line_items")?.unwrap_or_default();
    let (mut line_items, mut skus) = (Vec::new(), Vec::new());
    for (index, line) in lines.into_iter().enumerate() {
        let at = |key: &str| format!("cancel_line_items[{index}].{key}");
        match line.order_line_item_id.strict_text(&at("order_line_item_id"))? {
            Some(id) => line_items.push(LineItemId::new(id)),
            None => skus.push(TiktokSkuId::new(line.sku_id.required_text(&at("sku_id"))?)),
        }
    }
    Ok(Cancellation {
        id: CancelId::new(wire.cancel_id.required_text("cancel_id")?),
        order_id: plain_order_id(wire.order_id, "order_id")?,
        status: CancellationStatus::read(&wire.cancel_status.required_text("cancel_status")?),
        role: wire.role.name(),
        reason: wire.cancel_reason.name(),
        updated_at: wire.update_time.instant(),
        answer_by: actions.into_iter().filter_map(|action| action.deadline.instant()).min(),
        line_items,
        skus,
    })
}

/// Reads a reason for declining.
pub(in crate::tiktok) fn reject_reason(value: Value) -> Result<RejectReason, FieldError> {
    let reason: ReasonWire = wire(value, "reasons[]")?;
    Ok(RejectReason {
        name: reason.name.required_text("reasons[].name")?,
        text: reason.text.filled(),
    })
}

/// Reads a token pair. The ends are absolute instants, whatever third-party pages say. The pair before may be dead by now, so that only
/// the access token itself must be there.
pub(in crate::tiktok) fn tokens(wire: TokensWire) -> Result<TokenPair, FieldError> {
    let scopes = wire.granted_scopes.optional().unwrap_or_default();
    Ok(TokenPair {
        access_token: Secret::new(wire.access_token.required_text("access_token")?),
        access_expires_at: wire.access_token_expire_in.instant(),
        refresh_token: wire.refresh_token.required_text("refresh_token").ok().map(Secret::new),
        refresh_expires_at: wire.refresh_token_expire_in.instant(),
        scopes: scopes.into_iter().map(|scope| scope.0).collect(),
    })
}
