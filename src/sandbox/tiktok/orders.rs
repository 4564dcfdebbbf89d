//! Get Order List and Get Order Detail.

use serde_json::{Value, json};

use super::super::World;
use super::super::http::Request;
use super::super::page;
use super::render::{self, View};
use super::{Answer, Order, Outcome, Refusal, body, page_size, texts};

const IDS_MAX: usize = 50;
const PAGE_SIZE_MAX: usize = 100;

/// Answers `POST /order/202309/orders/search`.
pub(super) fn search(world: &World, request: &Request) -> Answer {
    let page_size = page_size(request, PAGE_SIZE_MAX)?;
    let filter = Filter::read(&body(request)?)?;
    let mut found: Vec<&Order> = world
        .tiktok
        .orders
        .values()
        .filter(|order| filter.matches(order))
        .collect();
    sort(&mut found, request)?;
    let total = found.len();
    let page = page::cut(
        found,
        request.query("page_token"),
        page_size,
        world.settings.empty_pages,
    )
    .ok_or_else(|| Refusal::request("Invalid parameter: page_token is invalid"))?;
    let now = world.now();
    let orders: Vec<Value> = page
        .items
        .into_iter()
        .map(|order| render::order(&world.tiktok, order, View::List, now))
        .collect();
    let next = page.next.unwrap_or_default();
    Ok(Outcome::read(
        json!({ "orders": orders, "next_page_token": next, "total_count": total }),
    ))
}

/// Answers `GET /order/202507/orders`. Unknown ids are refused with 21008111.
pub(super) fn detail(world: &World, request: &Request) -> Answer {
    let ids: Vec<&str> = request
        .query("ids")
        .unwrap_or_default()
        .split(',')
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() || ids.len() > IDS_MAX {
        return Err(Refusal::request(format!(
            "Invalid parameter: ids must hold 1 to {IDS_MAX} order ids"
        )));
    }
    let now = world.now();
    let shown = ids.into_iter().map(|id| {
        let order = world.tiktok.orders.get(id);
        let order = order.ok_or_else(|| Refusal::new(21_008_111, "The order does not belong to this seller."))?;
        Ok(render::order(&world.tiktok, order, View::Detail, now))
    });
    let orders: Vec<Value> = shown.collect::<Result<_, Refusal>>()?;
    Ok(Outcome::read(json!({ "orders": orders })))
}

fn sort(orders: &mut [&Order], request: &Request) -> Result<(), Refusal> {
    match request.query("sort_field").unwrap_or("create_time") {
        "create_time" => orders.sort_by_key(|order| (order.created_at, order.id.clone())),
        "update_time" => orders.sort_by_key(|order| (order.updated_at, order.id.clone())),
        _ => {
            return Err(Refusal::request(
                "Invalid parameter: sort_field must be create_time or update_time",
            ));
        }
    }
    match request.query("sort_order").unwrap_or("DESC") {
        "ASC" => (),
        "DESC" => orders.reverse(),
        _ => return Err(Refusal::request("Invalid parameter: sort_order must be ASC or DESC")),
    }
    Ok(())
}

struct Filter {
    status: Option<String>,
    shipping_type: Option<String>,
    buyer_wants_to_cancel: Option<bool>,
    warehouse_ids: Vec<String>,
    times: [Option<i64>; 4],
}

const TIMES: [&str; 4] = ["create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt"];
const KNOWN: [&str; 5] = [
    "order_status",
    "shipping_type",
    "buyer_user_id",
    "is_buyer_request_cancel",
    "warehouse_ids",
];

impl Filter {
    fn read(body: &Value) -> Result<Self, Refusal> {
        let unknown = |key: &&String| !KNOWN.contains(&key.as_str()) && !TIMES.contains(&key.as_str());
        if let Some(key) = body.as_object().and_then(|map| map.keys().find(unknown)) {
            return Err(Refusal::request(format!("Invalid parameter: unknown field {key}")));
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let mut times = [None; 4];
        for (place, name) in times.iter_mut().zip(TIMES) {
            *place = match body.get(name) {
                None => None,
                Some(value) => Some(seconds(name, value)?),
            };
        }
        Ok(Self {
            status: text("order_status"),
            shipping_type: text("shipping_type"),
            buyer_wants_to_cancel: body.get("is_buyer_request_cancel").and_then(Value::as_bool),
            warehouse_ids: texts(body, "warehouse_ids", 100)?,
            times,
        })
    }

    fn matches(&self, order: &Order) -> bool {
        let [created_ge, created_lt, updated_ge, updated_lt] = self.times;
        let within = |time: i64, from: Option<i64>, to: Option<i64>| {
            from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to)
        };
        let wants_to_cancel = order.cancel_requested_at.is_some();
        self.status.as_ref().is_none_or(|status| *status == order.status)
            && self
                .shipping_type
                .as_ref()
                .is_none_or(|kind| *kind == order.shipping_type)
            && self
                .buyer_wants_to_cancel
                .is_none_or(|wanted| wanted == wants_to_cancel)
            && (self.warehouse_ids.is_empty() || self.warehouse_ids.contains(&order.warehouse_id))
            && within(order.created_at.timestamp(), created_ge, created_lt)
            && within(order.updated_at.timestamp(), updated_ge, updated_lt)
    }
}

/// Reads a time in Unix seconds. Milliseconds are refused: they lie beyond the year 5000.
fn seconds(name: &str, value: &Value) -> Result<i64, Refusal> {
    value
        .as_i64()
        .filter(|seconds| (0..100_000_000_000).contains(seconds))
        .ok_or_else(|| Refusal::request(format!("Invalid parameter: {name} must be Unix time in seconds")))
}
