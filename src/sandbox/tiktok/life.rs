//! What happens at TikTok without a request: holds end, parcels are scanned and delivered, unanswered requests are agreed to.

use chrono::{DateTime, TimeDelta, Utc};

use super::{CancelStatus, Order, Shop};

/// TikTok agrees to a buyer's request that the seller leaves unanswered for so long.
const ANSWER_HOURS_MAX: i64 = 24;

/// Does what the passing of time alone brings about.
pub(crate) fn settle(shop: &mut Shop, now: DateTime<Utc>) {
    for order in shop.orders.values_mut() {
        if let Some(ends_at) = order.hold_ends_at.filter(|ends_at| *ends_at <= now) {
            end_hold(order, ends_at);
        }
    }
    for cancel_id in overdue(shop, now) {
        agree(shop, &cancel_id, now);
    }
}

/// Returns the requests that the seller left unanswered for too long.
fn overdue(shop: &Shop, now: DateTime<Utc>) -> Vec<String> {
    let last = now - TimeDelta::hours(ANSWER_HOURS_MAX);
    shop.cancellations
        .iter()
        .filter(|cancellation| cancellation.status == CancelStatus::Pending && cancellation.created_at <= last)
        .map(|cancellation| cancellation.id.clone())
        .collect()
}

/// Lets every order take its next step, whatever the time.
pub(crate) fn step(shop: &mut Shop, now: DateTime<Utc>) {
    for cancellation in &mut shop.cancellations {
        if cancellation.status == CancelStatus::Success {
            cancellation.status = CancelStatus::Complete;
            cancellation.updated_at = now;
        }
    }
    for order in shop.orders.values_mut() {
        match order.status.as_str() {
            "ON_HOLD" => end_hold(order, now),
            "AWAITING_COLLECTION" => move_on(order, "IN_TRANSIT", now),
            "IN_TRANSIT" => move_on(order, "DELIVERED", now),
            _ => (),
        }
    }
}

fn end_hold(order: &mut Order, ended_at: DateTime<Utc>) {
    order.hold_ends_at = None;
    if order.status == "ON_HOLD" {
        order.set_status("AWAITING_SHIPMENT", ended_at);
    }
}

fn move_on(order: &mut Order, status: &str, now: DateTime<Utc>) {
    order.set_status(status, now);
    for line in &mut order.lines {
        if line.display_status != "CANCELLED" {
            line.display_status = status.to_owned();
        }
    }
}

/// Cancels the units of an agreed request, and the order where none are left.
pub(super) fn agree(shop: &mut Shop, cancel_id: &str, now: DateTime<Utc>) {
    let Some(cancellation) = shop.cancellations.iter_mut().find(|entry| entry.id == cancel_id) else {
        return;
    };
    cancellation.status = CancelStatus::Success;
    cancellation.updated_at = now;
    let Some(order) = shop.orders.get_mut(&cancellation.order_id) else {
        return;
    };
    for line in &mut order.lines {
        if cancellation.line_ids.contains(&line.id) {
            line.display_status = "CANCELLED".to_owned();
        }
    }
    order.cancel_requested_at = None;
    if order.live_lines().next().is_none() {
        order.cancel(&cancellation.role, now);
    }
}
