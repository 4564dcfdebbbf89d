//! The by-hand interface under `/sandbox/` on TikTok's port: plain JSON, no signature, not logged.
//!
//! | call | what it does |
//! |---|---|
//! | `GET /sandbox/state` | orders, stock and parcels of both sides, without addresses |
//! | `GET /sandbox/log` | what arrived; `DELETE` forgets it |
//! | `POST /sandbox/advance` | every order takes its next step; `{"steps": 3}` takes three, `{"seconds": 3600}` also moves the clock |
//! | `POST /sandbox/orders` | adds an order: `{"kind": "plain"}` |
//! | `POST /sandbox/orders/{id}/cancel-request` | the buyer asks to cancel |
//! | `POST /sandbox/stock` | `{"sku": "FBA-LAMP-BLK", "fulfillable": 3}` |
//! | `POST /sandbox/faults` | `{"operation": "createFulfillmentOrder", "nth": 1, "times": 1, "fault": {…}}`; `DELETE` forgets them |
//! | `POST /sandbox/codes` | a fresh code of each vendor for `mcf auth` |
//! | `POST /sandbox/settings` | `{"createMode": "refuseSecond"}` |

use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::http::{Reply, Request};
use super::scenario::OrderKind;
use super::{CreateMode, Fault, Operation, World};

const STEPS_MAX: u32 = 100;

/// Answers a call of the control interface.
pub(super) fn answer(world: &mut World, request: &Request) -> Reply {
    let (method, path) = request.route();
    let result = match (method, path.as_slice()) {
        ("GET", ["sandbox", "state"]) => Ok(state(world)),
        ("GET", ["sandbox", "log"]) => Ok(json!({ "requests": world.log.entries() })),
        ("DELETE", ["sandbox", "log"]) => {
            world.log.clear();
            Ok(json!({}))
        }
        ("POST", ["sandbox", "advance"]) => read(request).map(|wish| advance(world, &wish)),
        ("POST", ["sandbox", "orders"]) => {
            read(request).map(|NewOrder { kind }| json!({ "orderId": world.place(kind) }))
        }
        ("POST", ["sandbox", "orders", order_id, "cancel-request"]) => ask_to_cancel(world, order_id),
        ("POST", ["sandbox", "codes"]) => Ok(json!(world.new_codes())),
        ("POST", ["sandbox", "stock"]) => read(request).map(|NewStock { sku, fulfillable }| {
            world.amazon.set_stock(&sku, fulfillable);
            json!({ "sku": sku, "fulfillable": fulfillable })
        }),
        ("POST", ["sandbox", "faults"]) => read(request).map(|fault| add_fault(world, fault)),
        ("DELETE", ["sandbox", "faults"]) => {
            world.faults.clear();
            Ok(json!({ "pending": 0 }))
        }
        ("POST", ["sandbox", "settings"]) => read(request).map(|NewSettings { create_mode }| {
            world.settings.create_mode = create_mode;
            json!({ "createMode": create_mode })
        }),
        _ => Err("no such call; see GET /sandbox/state, GET /sandbox/log, POST /sandbox/advance".to_owned()),
    };
    match result {
        Ok(body) => Reply::json(200, &body),
        Err(message) => Reply::json(400, &json!({ "error": message })),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    #[serde(default = "one")]
    steps: u32,
    #[serde(default)]
    seconds: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    kind: OrderKind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStock {
    sku: String,
    fulfillable: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFault {
    operation: Operation,
    #[serde(default = "one")]
    nth: u32,
    #[serde(default = "one")]
    times: u32,
    fault: Fault,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewSettings {
    create_mode: CreateMode,
}

fn one() -> u32 {
    1
}

/// Reads a body; an absent one is an empty object.
fn read<Body: DeserializeOwned>(request: &Request) -> Result<Body, String> {
    let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn advance(world: &mut World, wish: &Advance) -> Value {
    world.move_clock(TimeDelta::seconds(wish.seconds.into()));
    for _ in 0..wish.steps.min(STEPS_MAX) {
        world.advance();
    }
    state(world)
}

fn ask_to_cancel(world: &mut World, order_id: &str) -> Result<Value, String> {
    let cancel_id = world.request_cancel(order_id);
    cancel_id.map_or_else(|| Err("no such order".to_owned()), |id| Ok(json!({ "cancelId": id })))
}

fn add_fault(world: &mut World, wish: NewFault) -> Value {
    world.faults.script(wish.operation, wish.nth, wish.times, wish.fault);
    json!({ "pending": world.faults.pending() })
}

fn state(world: &World) -> Value {
    let (shop, account) = (&world.tiktok, &world.amazon);
    let tiktok_orders = shop.orders.values().map(|order| {
        let skus: Vec<&str> = order.lines.iter().map(|line| line.seller_sku.as_str()).collect();
        let packages = shop.packages.values().filter(|package| package.order_id == order.id);
        let numbers: Vec<&str> = packages.map(|package| package.tracking_number.as_str()).collect();
        json!({ "id": order.id, "status": order.status, "skus": skus, "trackingNumbers": numbers })
    });
    let amazon_orders = account.orders.iter().map(|order| {
        let items = order.items.iter().map(|item| json!({ "sku": item.sku, "quantity": item.quantity }));
        let parcels = order.shipments.iter().flat_map(|shipment| &shipment.parcels);
        let numbers: Vec<_> = parcels.map(|parcel| parcel.tracking_number.as_deref()).collect();
        json!({ "id": order.id, "status": order.status, "items": items.collect::<Vec<_>>(), "trackingNumbers": numbers })
    });
    let listings = shop
        .products
        .iter()
        .flat_map(|product| &product.skus)
        .map(|sku| json!({ "skuId": sku.id, "sellerSku": sku.seller_sku, "stock": sku.stock }));
    json!({
        "now": world.now(),
        "tiktok": { "orders": tiktok_orders.collect::<Vec<_>>(), "listings": listings.collect::<Vec<_>>() },
        "amazon": { "orders": amazon_orders.collect::<Vec<_>>(), "stock": account.stock },
        "faultsPending": world.faults.pending(),
    })
}
