//! An order of TikTok's search or detail call, in our terms.

use serde_json::Value;

use super::{each, order_id, plain_order_id, wire};
use crate::domain::ids::{
    DeliveryOptionId, LineItemId, PackageId, ProductId, SellerSku, ShippingProviderId, TiktokOrderId, TiktokSkuId,
    WarehouseId,
};
use crate::domain::order::{
    BundlePart, Deadlines, DeliveryType, District, FastDelivery, FulfillmentType, HandlingTime, LineItem, LineStatus,
    ListingType, Money, Order, OrderStatus, OrderTimes, OrderType, Purpose, Recipient, ShippingType,
};
use crate::secret::Private;
use crate::tiktok::field::{Field, FieldError, Flag, Text, Whole};
use crate::tiktok::orders::UnreadableOrder;
use crate::tiktok::types::{DistrictWire, HandlingWire, LineWire, OrderWire, PartWire, PaymentWire, RecipientWire};

/// More days of handling than TikTok lets a seller take are no figure.
const HANDLING_DAYS_MAX: u32 = 365;

/// Reads an order of the search or the detail call.
pub(in crate::tiktok) fn order(value: Value) -> Result<Order, UnreadableOrder> {
    let id = order_id(&value, "id");
    wire(value, "order")
        .and_then(readable_order)
        .map_err(|error| UnreadableOrder {
            id,
            why: error.to_string(),
            is_refused: false,
        })
}

fn readable_order(wire: OrderWire) -> Result<Order, FieldError> {
    let flag = |field: Field<_>, path| field.strict(path).map(|flag: Option<Flag>| flag.map(|flag| flag.0));
    let (release_at, is_release_unreadable) = wire.release_date.release();
    let created_at = wire.create_time.required_instant("create_time")?;
    Ok(Order {
        id: plain_order_id(wire.id, "id")?,
        status: OrderStatus::read(&wire.status.required_text("status")?),
        fulfillment_type: word(wire.fulfillment_type, "fulfillment_type", FulfillmentType::read)?,
        shipping_type: word(wire.shipping_type, "shipping_type", ShippingType::read)?,
        order_type: word(wire.order_type, "order_type", OrderType::read)?,
        purpose: Purpose {
            is_sample: flag(wire.is_sample_order, "is_sample_order")?,
            is_refundable_sample: flag(wire.is_refundable_sample, "is_refundable_sample")?,
            is_replacement: flag(wire.is_replacement_order, "is_replacement_order")?,
            replaced_order_id: other_order(wire.replaced_order_id),
            is_exchange: flag(wire.is_exchange_order, "is_exchange_order")?,
            exchange_source_order_id: other_order(wire.exchange_source_order_id),
        },
        auto_combine_group_id: wire.auto_combine_group_id.name(),
        delivery_type: word(wire.delivery_type, "delivery_type", DeliveryType::read)?,
        is_on_hold_order: flag(wire.is_on_hold_order, "is_on_hold_order")?,
        cancel_requested: flag(wire.is_buyer_request_cancel, "is_buyer_request_cancel")? == Some(true),
        authentication_required: flag(wire.authentication_required, "authentication_required")? == Some(true),
        is_cash_on_delivery: flag(wire.is_cod, "is_cod")? == Some(true),
        has_updated_address: wire.has_updated_recipient_address.optional().is_some_and(|flag| flag.0),
        warehouse_id: wire.warehouse_id.strict_text("warehouse_id")?.map(WarehouseId::new),
        delivery_option_id: wire
            .delivery_option_id
            .strict_text("delivery_option_id")?
            .map(DeliveryOptionId::new),
        delivery_option_name: wire.delivery_option_name.name(),
        fast_delivery: wire.fast_delivery_program.name().map(|word| FastDelivery::read(&word)),
        times: OrderTimes {
            created_at,
            paid_at: wire.paid_time.instant(),
            updated_at: wire.update_time.instant().unwrap_or(created_at),
            release_at,
            is_release_unreadable,
            handling: wire.handling_duration.optional().and_then(handling),
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

fn word<T>(field: Field<Text>, path: &str, read: impl Fn(&str) -> T) -> Result<Option<T>, FieldError> {
    Ok(field.strict_text(path)?.as_deref().map(read))
}

fn line_item(wire: LineWire, path: &str) -> Result<LineItem, FieldError> {
    let at = |key: &str| format!("{path}.{key}");
    let parts_path = at("combined_listing_skus");
    let parts = wire.combined_listing_skus.strict(&parts_path)?.unwrap_or_default();
    Ok(LineItem {
        id: LineItemId::new(wire.id.required_text(&at("id"))?),
        product_id: wire.product_id.strict_text(&at("product_id"))?.map(ProductId::new),
        sku_id: TiktokSkuId::new(wire.sku_id.required_text(&at("sku_id"))?),
        seller_sku: wire.seller_sku.strict_text(&at("seller_sku"))?.map(SellerSku::new),
        product_name: wire.product_name.name(),
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
        is_gift: wire.is_gift.optional().map(|flag| flag.0),
        listing_type: wire.product_listing_type.filled().map(|word| ListingType::read(&word)),
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

/// The id of another order is for people alone: one that can't be read is left out.
fn other_order(field: Field<Text>) -> Option<TiktokOrderId> {
    TiktokOrderId::parse(&field.filled()?).ok()
}

/// No unit means business days.
fn handling(wire: HandlingWire) -> Option<HandlingTime> {
    let days = u32::try_from(wire.days.optional()?.0).ok();
    let unit = wire.unit.filled();
    Some(HandlingTime {
        days: days.filter(|days| (1..=HANDLING_DAYS_MAX).contains(days))?,
        is_by_calendar: unit.is_some_and(|unit| unit.eq_ignore_ascii_case("CALENDAR_DAY")),
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
        currency: wire.currency.name()?,
    })
}
