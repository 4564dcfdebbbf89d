//! Cancellations: what buyers ask for, what the seller answers, what the seller cancels.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::super::http::Request;
use super::super::page;
use super::life;
use super::{Answer, CancelStatus, Cancellation, Outcome, Refusal, Shop, body, required, texts};

const PAGE_SIZE_MAX: usize = 50;
const PAGE_SIZE_DEFAULT: usize = 10;

/// Reasons for which a seller may turn a request down.
const REJECT_REASONS: [(&str, &str); 2] = [
    (
        "seller_reject_apply_product_has_been_packed",
        "The product has been packed",
    ),
    (
        "seller_reject_apply_unable_to_change_address",
        "The address can't be changed",
    ),
];

/// Reasons for which a US seller may cancel.
const SELLER_REASONS: [&str; 4] = [
    "seller_cancel_reason_out_of_stock",
    "seller_cancel_reason_wrong_price",
    "seller_cancel_paid_reason_address_not_deliver",
    "seller_cancel_paid_reason_buyer_requested_cancellation",
];

/// Answers `POST /return_refund/202309/cancellations/search`.
pub(super) fn search(world: &World, request: &Request) -> Answer {
    let body = body(request)?;
    let page_size = match request.query("page_size") {
        None => PAGE_SIZE_DEFAULT,
        Some(_) => super::page_size(request, PAGE_SIZE_MAX)?,
    };
    let order_ids = texts(&body, "order_ids", 50)?;
    let kinds = texts(&body, "cancel_types", 10)?;
    let statuses = texts(&body, "cancel_status", 10)?;
    let times = ["create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt"];
    let [created_ge, created_lt, updated_ge, updated_lt] = times.map(|name| body.get(name).and_then(Value::as_i64));
    let within = |time: DateTime<Utc>, from: Option<i64>, to: Option<i64>| {
        from.is_none_or(|from| time.timestamp() >= from) && to.is_none_or(|to| time.timestamp() < to)
    };
    let matches = |entry: &&Cancellation| {
        (order_ids.is_empty() || order_ids.contains(&entry.order_id))
            && (kinds.is_empty() || kinds.contains(&entry.kind))
            && (statuses.is_empty() || statuses.iter().any(|status| status == entry.status.as_str()))
            && within(entry.created_at, created_ge, created_lt)
            && within(entry.updated_at, updated_ge, updated_lt)
    };
    let mut found: Vec<&Cancellation> = world.tiktok.cancellations.iter().filter(matches).collect();
    if request.query("sort_field") == Some("update_time") {
        found.sort_by_key(|entry| entry.updated_at);
    }
    if request.query("sort_order") == Some("DESC") {
        found.reverse();
    }
    let total = found.len();
    let page = page::cut(
        found,
        request.query("page_token"),
        page_size,
        world.settings.empty_pages,
    )
    .ok_or_else(|| Refusal::request("Invalid parameter: page_token is invalid"))?;
    let shown: Vec<Value> = page.items.into_iter().map(|entry| show(&world.tiktok, entry)).collect();
    let next = page.next.unwrap_or_default();
    Ok(Outcome::read(
        json!({ "cancellations": shown, "next_page_token": next, "total_count": total }),
    ))
}

fn show(shop: &Shop, entry: &Cancellation) -> Value {
    let lines = shop
        .orders
        .get(&entry.order_id)
        .into_iter()
        .flat_map(|order| &order.lines);
    let lines: Vec<Value> = lines
        .filter(|line| entry.line_ids.contains(&line.id))
        .map(|line| json!({ "order_line_item_id": line.id, "sku_id": line.sku_id, "seller_sku": line.seller_sku }))
        .collect();
    let deadline = (entry.created_at + TimeDelta::hours(24)).timestamp();
    let actions: Vec<Value> = (entry.status == CancelStatus::Pending)
        .then(|| json!({ "action": "SELLER_RESPOND_CANCEL", "deadline": deadline }))
        .into_iter()
        .collect();
    json!({
        "cancel_id": entry.id,
        "order_id": entry.order_id,
        "cancel_type": entry.kind,
        "cancel_status": entry.status.as_str(),
        "role": entry.role,
        "cancel_reason": entry.reason,
        "cancel_reason_text": "No longer needed",
        "create_time": entry.created_at.timestamp(),
        "update_time": entry.updated_at.timestamp(),
        "seller_next_action_response": actions,
        "cancel_line_items": lines,
    })
}

/// Answers `POST /return_refund/202309/cancellations/{cancel_id}/approve`.
pub(super) fn approve(world: &mut World, request: &Request) -> Answer {
    let now = world.now();
    let cancel_id = pending(&world.tiktok, request)?;
    life::agree(&mut world.tiktok, &cancel_id, now);
    Ok(Outcome::changed(json!({})))
}

/// Answers `POST /return_refund/202309/cancellations/{cancel_id}/reject`.
pub(super) fn reject(world: &mut World, request: &Request) -> Answer {
    let now = world.now();
    let body = body(request)?;
    let reason = required(&body, "reject_reason")?;
    let cancel_id = pending(&world.tiktok, request)?;
    if !REJECT_REASONS.iter().any(|(name, _)| *name == reason) {
        return Err(Refusal::new(
            25_001_014,
            "The reject reason is not valid for this request.",
        ));
    }
    let shop = &mut world.tiktok;
    if let Some(entry) = shop.cancellations.iter_mut().find(|entry| entry.id == cancel_id) {
        entry.status = CancelStatus::Cancelled;
        entry.updated_at = now;
        entry.reject_reason = Some(reason.to_owned());
        if let Some(order) = shop.orders.get_mut(&entry.order_id) {
            order.cancel_requested_at = None;
        }
    }
    Ok(Outcome::changed(json!({})))
}

/// Returns the id of the request that is to be answered, where it still can be.
fn pending(shop: &Shop, request: &Request) -> Result<String, Refusal> {
    if request.query("idempotency_key").is_some_and(|key| key.len() > 255) {
        return Err(Refusal::new(25_001_001, "The idempotency_key is too long."));
    }
    let entry = shop.cancellations.iter().find(|entry| entry.id == request.segment(3));
    let entry = entry.ok_or_else(|| Refusal::new(25_007_006, "The cancellation was not found."))?;
    match entry.status {
        CancelStatus::Pending => Ok(entry.id.clone()),
        CancelStatus::Success | CancelStatus::Complete => {
            Err(Refusal::new(25_020_010, "The request is approved already."))
        }
        CancelStatus::Cancelled => Err(Refusal::new(25_001_003, "The status does not allow this action.")),
    }
}

/// Answers `GET /return_refund/202309/reject_reasons`.
pub(super) fn reject_reasons(shop: &Shop, request: &Request) -> Answer {
    let id = request.query("return_or_cancel_id").unwrap_or_default();
    if !shop.cancellations.iter().any(|entry| entry.id == id) {
        return Err(Refusal::new(25_007_006, "The cancellation was not found."));
    }
    let reasons = REJECT_REASONS.map(|(name, text)| json!({ "name": name, "text": text }));
    Ok(Outcome::read(json!({ "reasons": reasons })))
}

/// Answers `POST /return_refund/202309/cancellations`: the seller cancels an order or some of its units.
pub(super) fn create(world: &mut World, request: &Request) -> Answer {
    let now = world.now();
    let body = body(request)?;
    let order_id = required(&body, "order_id")?;
    let reason = required(&body, "cancel_reason")?;
    let mut line_ids = texts(&body, "order_line_item_ids", 1000)?;
    let shop = &mut world.tiktok;
    let order = shop.orders.get(order_id);
    let order = order.ok_or_else(|| Refusal::new(25_007_006, "The order was not found."))?;
    match order.status.as_str() {
        "ON_HOLD" | "AWAITING_SHIPMENT" | "AWAITING_COLLECTION" | "PARTIALLY_SHIPPING" => (),
        "CANCELLED" => return Err(Refusal::new(25_020_009, "The order is cancelled already.")),
        _ => return Err(Refusal::new(25_001_045, "The order is shipped and can't be stopped.")),
    }
    if !SELLER_REASONS.contains(&reason) {
        return Err(Refusal::new(25_001_021, "The reason does not fit the order's status."));
    }
    if line_ids.is_empty() {
        line_ids = order.live_lines().map(|line| line.id.clone()).collect();
    }
    let id = shop.add_cancellation(
        order_id,
        ("CANCEL", "SELLER", CancelStatus::Pending),
        reason,
        line_ids,
        now,
    );
    life::agree(shop, &id, now);
    Ok(Outcome::changed(
        json!({ "cancel_id": id, "cancel_status": CancelStatus::Success.as_str() }),
    ))
}
