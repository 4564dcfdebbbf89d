//! getFulfillmentPreview: what an order would become. Advisory, as at the vendor.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::super::calendar::{is_after_hour, is_on_business_day, on_business_day};
use super::super::http::{Reply, Request};
use super::address::check_address;
use super::create::read_items;
use super::features;
use super::{Account, Answer, Item, Refusal, payload};

const SPEEDS: [&str; 3] = ["Standard", "Expedited", "Priority"];

/// The hour at which an Expedited order is accepted on the next business day, by the Pacific clock.
const CUT_OFF: u32 = 14;

/// When a day's parcels have left.
const DOCK_CLOSES: (u32, u32, u32) = (17, 0, 0);

/// Answers `POST /fba/outbound/2020-07-01/fulfillmentOrders/preview`.
pub(super) fn preview(world: &World, request: &Request) -> Answer {
    let body = request.json().filter(Value::is_object);
    let body = body.ok_or_else(|| Refusal::input("The request body is not valid JSON."))?;
    check_address(body.get("address").unwrap_or(&Value::Null))?;
    let items = read_items(&body, &world.amazon)?;
    let mut previews: Vec<Value> = speeds(&body)?
        .into_iter()
        .map(|speed| for_speed(world, speed, &items))
        .collect();
    let required = features::required(&body)?;
    let lacks = features::lacking(&world.amazon, &required, &items).is_some();
    previews.iter_mut().for_each(|row| features::show(row, &body, lacks));
    Ok(reply(&previews))
}

/// Reads the speeds that are asked for; all where none is named.
fn speeds(body: &Value) -> Result<Vec<&str>, Refusal> {
    let Some(asked) = body.get("shippingSpeedCategories") else {
        return Ok(SPEEDS.to_vec());
    };
    let words = asked.as_array().into_iter().flatten();
    let words: Vec<&str> = words.filter_map(Value::as_str).collect();
    match words.iter().find(|word| !SPEEDS.contains(word)) {
        Some(other) => Err(Refusal::invalid_value(other, "ShippingSpeedCategories")),
        None if words.is_empty() => Err(Refusal::invalid_value("", "ShippingSpeedCategories")),
        None => Ok(words),
    }
}

fn reply(previews: &[Value]) -> Reply {
    payload(&json!({ "fulfillmentPreviews": previews }))
}

/// The newest help of the US names Standard and Expedited alone; the model keeps Priority for Canada, India and Mexico.
fn is_offered(world: &World, speed: &str) -> bool {
    speed != "Priority"
        || ["A2EUQ1WTGCTBG2", "A21TJRUUN4KGV", "A1AM78C64UM0Y8"].contains(&world.amazon.marketplace_id.as_str())
}

/// Returns by when an order that comes in now is shipped, and by when it arrives ("shipping speeds" of the MCF help).
fn window(speed: &str, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let is_next_day = is_after_hour(now, CUT_OFF) || !is_on_business_day(now);
    let (ships, arrives) = match speed {
        "Standard" => (2, 3),
        "Expedited" if is_next_day => (2, 3),
        "Expedited" => (1, 2),
        _ => (usize::from(is_next_day), 1 + usize::from(is_next_day)),
    };
    (
        on_business_day(now, ships, DOCK_CLOSES),
        on_business_day(now, arrives, (20, 0, 0)),
    )
}

fn fee(speed: &str) -> &'static str {
    match speed {
        "Standard" => "8.95",
        "Expedited" => "12.45",
        _ => "18.95",
    }
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
    let (ships, arrives) = window(speed, world.now());
    let (ships, arrives) = (instant(ships), instant(arrives));
    // Both dates of a shipment are one instant in the dynamic sandbox's pair, too.
    let shipment = json!({
        "earliestShipDate": ships, "latestShipDate": ships, "earliestArrivalDate": arrives, "latestArrivalDate": arrives,
        "fulfillmentPreviewItems": fits.iter().map(show).collect::<Vec<_>>(),
    });
    let offered = is_offered(world, speed);
    let fulfillable = lacks.is_empty() && offered;
    json!({
        "shippingSpeedCategory": speed,
        "isFulfillable": fulfillable,
        "isCODCapable": false,
        "marketplaceId": world.amazon.marketplace_id,
        "estimatedFees": if offered {
            json!([{ "name": "FBAPerUnitFulfillmentFee", "amount": { "currencyCode": "USD", "value": fee(speed) } }])
        } else {
            json!([])
        },
        "fulfillmentPreviewShipments": if fulfillable { vec![shipment] } else { Vec::new() },
        "unfulfillablePreviewItems": lacking,
        "orderUnfulfillableReasons": if offered { json!([]) } else { json!(["DeliverySLAUnavailable"]) },
    })
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn is_there(account: &Account, item: &Item) -> bool {
    account
        .stock
        .get(&item.sku)
        .is_some_and(|stock| stock.fulfillable >= item.quantity)
}
