//! getFulfillmentOrder, listAllFulfillmentOrders, cancelFulfillmentOrder, getPackageTrackingDetails.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::http::{Reply, Request};
use super::super::page;
use super::super::{CreateMode, World};
use super::{Answer, FulfillmentOrder, OrderStatus, Parcel, Refusal, life, payload, render};

const LIST_HOURS_DEFAULT: i64 = 36;

/// Answers `GET /fba/outbound/2020-07-01/fulfillmentOrders/{id}`.
pub(super) fn get(world: &World, request: &Request) -> Answer {
    let id = request.segment(4);
    if id.contains("  ") {
        // Two blanks in a row are denied, not unknown (models issue 1845).
        return Err(Refusal::unauthorized(""));
    }
    let order = find(world, id)?;
    let other_items = world.settings.create_mode == CreateMode::ShowsOtherItems;
    Ok(payload(&render::order_in_full(order, other_items)))
}

fn find<'world>(world: &'world World, id: &str) -> Result<&'world FulfillmentOrder, Refusal> {
    let now = world.now();
    let order = world.amazon.order(id).filter(|order| order.visible_from <= now);
    order.ok_or_else(|| {
        let message = format!("Requested order '{id}' not found");
        match world.settings.unknown_order_is_404 {
            true => Refusal::new(404, "NotFound", message),
            false => Refusal::input(message),
        }
    })
}

/// Answers `GET /fba/outbound/2020-07-01/fulfillmentOrders`. Only the exact name `nextToken` is known.
pub(super) fn list(world: &World, request: &Request) -> Answer {
    let now = world.now();
    let token = request.query("nextToken");
    let since = match request.query("queryStartDate") {
        // The token carries the start of its listing, so that the token alone is enough.
        _ if token.is_some() => DateTime::UNIX_EPOCH,
        None => now - TimeDelta::hours(LIST_HOURS_DEFAULT),
        Some(text) => DateTime::parse_from_rfc3339(text)
            .map_err(|_| Refusal::input("timestamp must follow ISO8601"))?
            .to_utc(),
    };
    let (token, since) = match token.and_then(|token| token.split_once('~')) {
        Some((start, rest)) => (Some(rest), start_of(start)?),
        None => (token, since),
    };
    let orders = world.amazon.orders.iter();
    let found = orders
        .filter(|order| order.status_updated_at >= since && order.visible_from <= now)
        .filter(|order| order.status_updated_at + world.settings.list_lag <= now)
        .collect();
    let page = page::cut(
        found,
        token,
        world.settings.amazon_page_size,
        world.settings.empty_pages,
    )
    .ok_or_else(|| Refusal::input("The nextToken is invalid."))?;
    let orders: Vec<Value> = page.items.into_iter().map(render::order).collect();
    let next = page.next.map(|next| format!("{}~{next}", since.timestamp_millis()));
    Ok(payload(&json!({ "fulfillmentOrders": orders, "nextToken": next })))
}

fn start_of(text: &str) -> Result<DateTime<Utc>, Refusal> {
    let milliseconds = text.parse().ok();
    milliseconds
        .and_then(DateTime::from_timestamp_millis)
        .ok_or_else(|| Refusal::input("The nextToken is invalid."))
}

/// Answers `PUT /fba/outbound/2020-07-01/fulfillmentOrders/{id}/cancel`: a request, carried out with the next step.
pub(super) fn cancel(world: &mut World, request: &Request) -> Answer {
    let id = request.segment(4);
    find(world, id)?;
    let order = world.amazon.order_mut(id);
    let order = order.ok_or_else(|| Refusal::input(format!("Requested order '{id}' not found")))?;
    let refused = |reason: &str| {
        Refusal::input(format!(
            "Value {id} for parameter SellerFulfillmentOrderId is invalid. Reason: {reason}."
        ))
    };
    if order.cancel_requested || order.status == OrderStatus::Cancelled {
        return Err(refused("DuplicateCancelRequest"));
    }
    match order.status {
        OrderStatus::New | OrderStatus::Received | OrderStatus::Planning => {
            order.cancel_requested = true;
            if world.settings.cancels_at_once {
                let now = world.now();
                life::cancel_now(&mut world.amazon, id, now);
            }
            Ok(Reply::json(200, &json!({})).with_effect(true))
        }
        OrderStatus::Processing
        | OrderStatus::Cancelled
        | OrderStatus::Complete
        | OrderStatus::CompletePartialled
        | OrderStatus::Unfulfillable
        | OrderStatus::Invalid => Err(refused("OrderNotCancellable")),
    }
}

/// Answers `GET /fba/outbound/2020-07-01/tracking`.
pub(super) fn tracking(world: &World, request: &Request) -> Answer {
    let number = request.query("packageNumber").and_then(|text| text.parse::<u32>().ok());
    let number = number.ok_or_else(|| Refusal::input("The request must contain the parameter packageNumber."))?;
    let shipments = world.amazon.orders.iter().flat_map(|order| &order.shipments);
    let mut parcels = shipments.flat_map(|shipment| shipment.parcels.iter().map(move |parcel| (shipment, parcel)));
    // The message is the text "null", as the published sandbox answers.
    let found = parcels.find(|(_, parcel): &(_, &Parcel)| parcel.number == number);
    let (shipment, parcel) = found.ok_or_else(|| Refusal::input("null"))?;
    Ok(payload(&json!({
        "packageNumber": parcel.number,
        "trackingNumber": parcel.tracking_number,
        "carrierCode": parcel.carrier,
        "shipDate": render::time(shipment.shipping_at),
        "shipToAddress": {},
        "currentStatus": world.amazon.whereabouts.get(&parcel.number).map_or("IN_TRANSIT", String::as_str),
        "trackingEvents": [],
    })))
}
