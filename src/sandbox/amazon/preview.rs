//! getFulfillmentPreview: what an order would become. Advisory, as at the vendor.

use serde_json::{Value, json};

use super::super::World;
use super::super::http::{Reply, Request};
use super::address::check_address;
use super::create::read_items;
use super::{Account, Answer, Item, Refusal, payload};

/// Answers `POST /fba/outbound/2020-07-01/fulfillmentOrders/preview`.
pub(super) fn preview(world: &World, request: &Request) -> Answer {
    let body = request.json().filter(Value::is_object);
    let body = body.ok_or_else(|| Refusal::input("The request body is not valid JSON."))?;
    check_address(body.get("address").unwrap_or(&Value::Null))?;
    let items = read_items(&body, &world.amazon)?;
    let asked = body.get("shippingSpeedCategories").and_then(Value::as_array);
    let speeds: Vec<&str> = match asked {
        Some(list) => list.iter().filter_map(Value::as_str).collect(),
        None => vec!["Standard", "Expedited", "Priority"],
    };
    let previews: Vec<Value> = speeds
        .into_iter()
        .map(|speed| for_speed(world, speed, &items))
        .collect();
    Ok(reply(&previews))
}

fn reply(previews: &[Value]) -> Reply {
    payload(&json!({ "fulfillmentPreviews": previews }))
}

fn for_speed(world: &World, speed: &str, items: &[Item]) -> Value {
    let (fits, lacks): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| is_there(&world.amazon, item));
    let show = |item: &&Item| json!({ "sellerSku": item.sku, "quantity": item.quantity, "sellerFulfillmentOrderItemId": item.id });
    let lacking: Vec<Value> = lacks
        .iter()
        .map(|item| {
            let mut shown = show(item);
            shown["itemUnfulfillableReasons"] = json!(["OutOfStock"]);
            shown
        })
        .collect();
    let day =
        |days: i64| (world.now() + chrono::TimeDelta::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let shipment = json!({
        "earliestShipDate": day(1), "latestShipDate": day(2), "earliestArrivalDate": day(3), "latestArrivalDate": day(5),
        "fulfillmentPreviewItems": fits.iter().map(show).collect::<Vec<_>>(),
    });
    let fulfillable = lacks.is_empty();
    json!({
        "shippingSpeedCategory": speed,
        "isFulfillable": fulfillable,
        "marketplaceId": world.amazon.marketplace_id,
        "estimatedFees": [{ "name": "FBAPerUnitFulfillmentFee", "amount": { "currencyCode": "USD", "value": "8.95" } }],
        "fulfillmentPreviewShipments": if fulfillable { vec![shipment] } else { Vec::new() },
        "unfulfillablePreviewItems": lacking,
        "orderUnfulfillableReasons": [],
    })
}

fn is_there(account: &Account, item: &Item) -> bool {
    account
        .stock
        .get(&item.sku)
        .is_some_and(|stock| stock.fulfillable >= item.quantity)
}
