//! Orders that are no sale like others, as TikTok's field pages show them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::super::tiktok::Order;

/// The first order that the sandbox places: what is replaced or exchanged.
const FIRST: &str = "576900000000000101";

/// When a day of TikTok's ends.
pub(super) const DAY_ENDS: (u32, u32, u32) = (23, 59, 59);

/// Sets one of TikTok's flags.
pub(super) fn mark(order: &mut Order, flag: &str) {
    order.overrides.insert(flag.to_owned(), json!(true));
}

/// Marks an order that costs the buyer nothing.
pub(super) fn free(order: &mut Order, flag: &str) {
    mark(order, flag);
    order.lines.iter_mut().for_each(|line| line.price = "0".to_owned());
}

/// Marks an order that stands for the first one; its id comes with the flag alone.
pub(super) fn instead(order: &mut Order, flag: &str, of: &str) {
    free(order, flag);
    order.overrides.insert(of.to_owned(), json!(FIRST));
}

/// A pre-order, with the deadlines that its release gives: they are no ordinary order's.
pub(super) fn released(order: &mut Order, at: DateTime<Utc>) {
    order.order_type = "PRE_ORDER".to_owned();
    order.overrides.insert("release_date".to_owned(), json!(at.timestamp()));
    due(order, at + TimeDelta::days(2));
}

/// An order that is made in so many business days; TikTok writes the number as a text.
pub(super) fn made(order: &mut Order, days: &str) {
    order.order_type = "MADE_TO_ORDER".to_owned();
    let duration = json!({ "days": days, "type": "BUSINESS_DAY" });
    order.overrides.insert("handling_duration".to_owned(), duration);
    due(order, order.created_at + TimeDelta::days(8));
}

/// A listing that lives for one LIVE.
pub(super) fn for_one_live(order: &mut Order) {
    for line in &mut order.lines {
        line.listing_type = "TEMPORARY_LISTING".to_owned();
    }
}

/// Sets by when TikTok wants it scanned; it cancels it five days later.
pub(super) fn due(order: &mut Order, at: DateTime<Utc>) {
    for field in ["rts_sla_time", "tts_sla_time"] {
        order.overrides.insert(field.to_owned(), json!(at.timestamp()));
    }
    for field in ["shipping_due_time", "collection_due_time"] {
        let later = (at + TimeDelta::days(5)).timestamp();
        order.overrides.insert(field.to_owned(), json!(later));
    }
}
