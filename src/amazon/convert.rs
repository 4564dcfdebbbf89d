//! The only place where Amazon's wire becomes domain values. What we can't do without is named when it is missing;
//! the rest may be absent. Nothing is defaulted: no quantity, no SKU, no date.

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;

use super::meaning::Flaw;
use super::types;
use crate::domain::fulfillment::{
    Destination, FulfillmentItem, FulfillmentOrder, FulfillmentOrderHead, FulfillmentStatus, Marketplace, Package,
    PackageStatus, PackageTracking, Preview, PreviewFee, Shipment, ShipmentItem, ShipmentStatus, ShippingSpeed,
};
use crate::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId};
use crate::domain::inventory::{AmazonStock, Inbound};
use crate::secret::Private;
use crate::transport::scrub;

pub(super) fn fulfillment_order(payload: types::OrderPayload) -> Result<FulfillmentOrder, Flaw> {
    let order = payload.fulfillment_order.ok_or(Flaw::Missing("fulfillmentOrder"))?;
    let items = payload
        .fulfillment_order_items
        .ok_or(Flaw::Missing("fulfillmentOrderItems"))?;
    let status = required(order.fulfillment_order_status, "fulfillmentOrderStatus")?;
    Ok(FulfillmentOrder {
        id: FulfillmentOrderId::new(required(order.seller_fulfillment_order_id, "sellerFulfillmentOrderId")?),
        displayable_id: filled(order.displayable_order_id),
        status: FulfillmentStatus::read(&status),
        received_at: instant(order.received_date),
        status_updated_at: instant(order.status_updated_date),
        destination: Private::new(order.destination_address.and_then(destination)),
        items: items.into_iter().map(item).collect::<Result<_, _>>()?,
        // Absent until Amazon has planned the order.
        shipments: list(payload.fulfillment_shipments, shipment)?,
        returned: payload
            .return_items
            .unwrap_or_default()
            .into_iter()
            .filter_map(returned)
            .collect(),
    })
}

/// Amazon's list has a row for each unit. One without an item's id says nothing that could be told.
fn returned(item: types::ReturnItem) -> Option<FulfillmentItemId> {
    filled(item.seller_fulfillment_order_item_id).map(FulfillmentItemId::new)
}

/// Returns `None` for a row without an id. A status that is not there is an unknown one.
pub(super) fn head(order: types::Order) -> Option<FulfillmentOrderHead> {
    Some(FulfillmentOrderHead {
        id: FulfillmentOrderId::new(filled(order.seller_fulfillment_order_id)?),
        status: FulfillmentStatus::read(&order.fulfillment_order_status.unwrap_or_default()),
        status_updated_at: instant(order.status_updated_date),
    })
}

/// Returns the address for comparing. `None` where a part is missing that every address has, as after a redaction.
fn destination(address: types::Address) -> Option<Destination> {
    let lines = [address.address_line1, address.address_line2, address.address_line3];
    let lines: Vec<String> = lines.into_iter().filter_map(filled).collect();
    if lines.is_empty() {
        return None;
    }
    Some(Destination {
        name: filled(address.name)?,
        lines,
        city: filled(address.city),
        district: filled(address.district_or_county),
        state: filled(address.state_or_region),
        postal_code: filled(address.postal_code)?,
        country_code: filled(address.country_code)?,
        phone: filled(address.phone),
    })
}

fn item(item: types::OrderItem) -> Result<FulfillmentItem, Flaw> {
    let count = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    Ok(FulfillmentItem {
        id: item_id(item.seller_fulfillment_order_item_id)?,
        sku: sku(item.seller_sku)?,
        quantity: quantity(item.quantity)?,
        cancelled: count(item.cancelled_quantity),
        unfulfillable: count(item.unfulfillable_quantity),
    })
}

fn shipment(shipment: types::Shipment) -> Result<Shipment, Flaw> {
    let status = required(shipment.fulfillment_shipment_status, "fulfillmentShipmentStatus")?;
    Ok(Shipment {
        id: required(shipment.amazon_shipment_id, "amazonShipmentId")?,
        status: ShipmentStatus::read(&status),
        shipping_at: instant(shipment.shipping_date),
        items: list(shipment.fulfillment_shipment_item, shipment_item)?,
        packages: list(shipment.fulfillment_shipment_package, package)?,
    })
}

fn shipment_item(item: types::ShipmentItem) -> Result<ShipmentItem, Flaw> {
    Ok(ShipmentItem {
        id: item_id(item.seller_fulfillment_order_item_id)?,
        sku: sku(item.seller_sku)?,
        quantity: quantity(item.quantity)?,
        package_number: item.package_number.filter(|number| *number != 0),
    })
}

fn package(package: types::Package) -> Result<Package, Flaw> {
    Ok(Package {
        number: package.package_number.ok_or(Flaw::Missing("packageNumber"))?,
        carrier_code: named(package.carrier_code).unwrap_or_default(),
        tracking_number: filled(package.tracking_number),
        amazon_tracking_number: filled(package.amazon_fulfillment_tracking_number),
    })
}

pub(super) fn package_tracking(payload: types::TrackingPayload) -> PackageTracking {
    PackageTracking {
        tracking_number: filled(payload.tracking_number),
        carrier_name: named(payload.carrier_code),
        status: filled(payload.current_status).map(|word| PackageStatus::read(&word)),
        shipped_at: instant(payload.ship_date),
        estimated_arrival_at: instant(payload.estimated_arrival_date),
        customer_link: filled(payload.customer_tracking_link).and_then(link),
    }
}

/// Decodes a link that Amazon's own example percent-encodes as a whole; a plain one stays as it is.
fn link(text: String) -> Option<String> {
    if text.contains("://") {
        return Some(text);
    }
    filled(Some(percent_decode_str(&text).decode_utf8().ok()?.into_owned()))
}

pub(super) fn previews(payload: types::PreviewPayload) -> Result<Vec<Preview>, Flaw> {
    let previews = payload.fulfillment_previews;
    let previews = previews.ok_or(Flaw::Missing("fulfillmentPreviews"))?;
    previews.into_iter().map(preview).collect()
}

fn preview(preview: types::Preview) -> Result<Preview, Flaw> {
    let speed = required(preview.shipping_speed_category, "shippingSpeedCategory")?;
    let shipments = preview.fulfillment_preview_shipments.unwrap_or_default();
    let ships: Vec<_> = shipments
        .iter()
        .map(|shipment| instant(shipment.latest_ship_date.clone()))
        .collect();
    let items = preview.unfulfillable_preview_items.unwrap_or_default();
    let of_items = items.into_iter().filter_map(|item| item.item_unfulfillable_reasons);
    let of_order = preview.order_unfulfillable_reasons.into_iter();
    Ok(Preview {
        speed: ShippingSpeed::read(&speed),
        is_fulfillable: preview.is_fulfillable.ok_or(Flaw::Missing("isFulfillable"))?,
        fees: fees(preview.estimated_fees.unwrap_or_default()).unwrap_or_default(),
        // A part whose date is missing may be the latest.
        latest_ship_at: ships
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .and_then(|ships| ships.into_iter().max()),
        latest_arrival_at: shipments
            .into_iter()
            .filter_map(|shipment| instant(shipment.latest_arrival_date))
            .max(),
        unfulfillable_reasons: of_order
            .chain(of_items)
            .flatten()
            .filter_map(|reason| named(Some(reason)))
            .collect(),
    })
}

/// Returns all fees or none: a sum without one of them would be wrong.
fn fees(fees: Vec<types::Fee>) -> Option<Vec<PreviewFee>> {
    let fee = |fee: types::Fee| {
        let amount = fee.amount?;
        Some(PreviewFee {
            name: named(fee.name)?,
            amount: filled(amount.value)?,
            currency: named(amount.currency_code)?,
        })
    };
    fees.into_iter().map(fee).collect()
}

/// Returns `None` for a row without a SKU. Figures that are not there stay unknown.
pub(super) fn stock(summary: types::Summary) -> Option<AmazonStock> {
    let details = summary.inventory_details.unwrap_or_default();
    let reserved = details.reserved_quantity.unwrap_or_default();
    Some(AmazonStock {
        sku: sku(summary.seller_sku).ok()?,
        fulfillable: details.fulfillable_quantity,
        reserved: reserved.total_reserved_quantity,
        in_transfer: reserved.pending_transshipment_quantity,
        inbound: Inbound {
            working: details.inbound_working_quantity,
            shipped: details.inbound_shipped_quantity,
            receiving: details.inbound_receiving_quantity,
        },
        updated_at: instant(summary.last_updated_time),
        contradicted_by: None,
    })
}

/// Returns `None` for a row without an id.
pub(super) fn marketplace(row: types::Participation) -> Option<Marketplace> {
    let marketplace = row.marketplace?;
    let flags = row.participation.unwrap_or_default();
    Some(Marketplace {
        id: filled(marketplace.id)?,
        name: named(marketplace.name).unwrap_or_default(),
        country_code: named(marketplace.country_code),
        is_participating: flags.is_participating,
        has_suspended_listings: flags.has_suspended_listings,
    })
}

fn list<W, D>(rows: Option<Vec<W>>, convert: fn(W) -> Result<D, Flaw>) -> Result<Vec<D>, Flaw> {
    rows.unwrap_or_default().into_iter().map(convert).collect()
}

fn sku(text: Option<String>) -> Result<AmazonSku, Flaw> {
    // A SKU is taken as it is, spaces included: trimmed, it would be another one.
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => Ok(AmazonSku::new(text)),
        None => Err(Flaw::Missing("sellerSku")),
    }
}

fn item_id(text: Option<String>) -> Result<FulfillmentItemId, Flaw> {
    required(text, "sellerFulfillmentOrderItemId").map(FulfillmentItemId::new)
}

fn quantity(number: Option<i64>) -> Result<u32, Flaw> {
    let number = number.ok_or(Flaw::Missing("quantity"))?;
    u32::try_from(number).map_err(|_| Flaw::Nonsense("quantity"))
}

fn required(text: Option<String>, name: &'static str) -> Result<String, Flaw> {
    filled(text).ok_or(Flaw::Missing(name))
}

/// Returns a name for people, cleaned, unless nothing is left of it.
fn named(text: Option<String>) -> Option<String> {
    filled(text)
        .map(|text| scrub::name(&text))
        .filter(|name| !name.is_empty())
}

fn filled(text: Option<String>) -> Option<String> {
    let text = text?;
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

fn instant(text: Option<String>) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text?.trim()).ok()?;
    Some(instant.with_timezone(&Utc))
}
