//! Fulfillment orders as Amazon shows them: statuses in upper case, items without a parcel with package number 0.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{FulfillmentOrder, Item, Shipment, ShipmentStatus};

/// Shows a time.
pub(super) fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Shows an order without items and shipments, as in a list.
pub(super) fn order(order: &FulfillmentOrder) -> Value {
    let mut fields = Map::new();
    let echoed = [
        "marketplaceId",
        "displayableOrderId",
        "displayableOrderDate",
        "displayableOrderComment",
        "shippingSpeedCategory",
        "destinationAddress",
        "fulfillmentAction",
        "fulfillmentPolicy",
        "featureConstraints",
    ];
    fields.insert("sellerFulfillmentOrderId".into(), json!(order.id));
    for name in echoed {
        if let Some(value) = order.request.get(name) {
            fields.insert(name.into(), value.clone());
        }
    }
    fields.insert("receivedDate".into(), json!(time(order.received_at)));
    fields.insert("fulfillmentOrderStatus".into(), json!(order.status.as_str()));
    fields.insert("statusUpdatedDate".into(), json!(time(order.status_updated_at)));
    Value::Object(fields)
}

/// Shows an order with everything. `other_items` shows one unit more of each item than was ordered.
pub(super) fn order_in_full(entry: &FulfillmentOrder, other_items: bool) -> Value {
    let items: Vec<Value> = entry.items.iter().map(|entry| item(entry, other_items)).collect();
    let mut full = json!({
        "fulfillmentOrder": order(entry),
        "fulfillmentOrderItems": items,
        "returnItems": [],
        "returnAuthorizations": [],
    });
    if !entry.shipments.is_empty() {
        let shipments = entry.shipments.iter().map(|part| shipment(entry, part));
        full["fulfillmentShipments"] = shipments.collect();
    }
    full
}

fn item(item: &Item, other_items: bool) -> Value {
    json!({
        "sellerSku": item.sku,
        "sellerFulfillmentOrderItemId": item.id,
        "quantity": item.quantity + u32::from(other_items),
        "cancelledQuantity": item.cancelled,
        "unfulfillableQuantity": item.unfulfillable,
        "orderItemDisposition": "Sellable",
    })
}

fn shipment(order: &FulfillmentOrder, shipment: &Shipment) -> Value {
    let packed = shipment.status == ShipmentStatus::Shipped;
    let numbers_shown = packed || order.plan.numbers_early;
    let contents = shipment
        .parcels
        .iter()
        .flat_map(|parcel| parcel.contents.iter().map(move |content| (parcel, content)));
    let items: Vec<Value> = contents
        .map(|(parcel, (item_id, quantity))| {
            let sku = order
                .items
                .iter()
                .find(|item| item.id == *item_id)
                .map(|item| item.sku.as_str());
            json!({
                "sellerSku": sku,
                "sellerFulfillmentOrderItemId": item_id,
                "quantity": quantity,
                "packageNumber": if numbers_shown { parcel.number } else { 0 },
            })
        })
        .collect();
    let mut fields = json!({
        "amazonShipmentId": shipment.id,
        "fulfillmentCenterId": "RNO1",
        "fulfillmentShipmentStatus": shipment.status.as_str(),
        "fulfillmentShipmentItem": items,
    });
    if matches!(shipment.status, ShipmentStatus::Pending | ShipmentStatus::Shipped) {
        fields["shippingDate"] = json!(time(shipment.shipping_at));
        fields["estimatedArrivalDate"] = json!(time(shipment.shipping_at + TimeDelta::days(3)));
    }
    if numbers_shown {
        fields["fulfillmentShipmentPackage"] = packages(shipment);
    }
    fields
}

fn packages(shipment: &Shipment) -> Value {
    let packages = shipment.parcels.iter().map(|parcel| {
        let mut fields = json!({ "packageNumber": parcel.number, "carrierCode": parcel.carrier });
        if let Some(number) = &parcel.tracking_number {
            fields["trackingNumber"] = json!(number);
        }
        if let Some(number) = &parcel.amazon_tracking_number {
            fields["amazonFulfillmentTrackingNumber"] = json!(number);
        }
        fields
    });
    packages.collect()
}
