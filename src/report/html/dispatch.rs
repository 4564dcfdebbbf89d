//! When orders are due, when they were handed over against that, and by whom.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::super::dispatch::LateDispatchRate;
use super::super::plot::{bars, histogram};
use super::super::text::percent;
use super::{Cell, HtmlReport, section};
use crate::domain::event::instant;
use crate::store::{Result, Store};

const HOUR: i64 = 3_600;

/// Upper ends of the bars in seconds after the deadline, each with its label.
const BARS: [(i64, &str); 8] = [
    (-48 * HOUR, "2 days"),
    (-24 * HOUR, "1 day"),
    (-12 * HOUR, "12 h"),
    (-6 * HOUR, "6 h"),
    (0, "in time"),
    (6 * HOUR, "+6 h"),
    (24 * HOUR, "+1 day"),
    (i64::MAX, "later"),
];

/// Returns how many seconds after its deadline each order was handed over that was due in the last 30 days.
pub(super) fn lateness(store: &Store, now: DateTime<Utc>) -> Result<Vec<i64>> {
    let span = LateDispatchRate::SPAN;
    let orders = store.dispatches(now - span)?;
    let due = orders.iter().filter(|order| order.is_due_within(span, now));
    Ok(due
        .filter_map(|order| order.lateness(now))
        .map(|late| late.num_seconds())
        .collect())
}

impl HtmlReport {
    pub(super) fn hand_over(&self) -> Markup {
        html! {
            section {
                h2 { "Hand-over against deadline" }
                (bars("Orders by hand-over against deadline", &histogram(&self.lateness, &BARS, 0), 1))
                p.soft { "Orders due in the last 30 days, by how long before TikTok's deadline Amazon handed them over; late ones, and those not handed over yet, in the warning colour." }
            }
        }
    }

    pub(super) fn deadlines(&self) -> Markup {
        let rows = self.deadlines.iter().map(|order| {
            let is_over = order.deadline.is_some_and(|deadline| deadline <= self.now);
            vec![
                Cell::text(order.tiktok_order_id.to_string()),
                Cell::text(order.state.to_string()),
                Cell::word(&self.when(order.deadline), is_over),
                Cell::text(order.deadline.map(instant).unwrap_or_default()),
                Cell::text(self.when(order.deadlines.cancelled_unless_shipped_by)),
            ]
        });
        let headers = ["Order", "State", "Ship", "Deadline", "Cancelled by TikTok"];
        section("Deadlines", &headers, rows.collect(), "No open order has a deadline.")
    }

    pub(super) fn dispatch(&self) -> Markup {
        let groups = self.metrics.late_dispatch.named();
        let rows = groups.map(|(what, group)| {
            vec![
                Cell::text(what.to_owned()),
                Cell::text(group.name.clone()),
                Cell::number(group.due.to_string()),
                Cell::number(group.late.to_string()),
                Cell::number(percent(group.rate)),
            ]
        });
        let headers = ["By", "", "Due in 30 days", "Late", "Share"];
        section(
            "Late dispatch",
            &headers,
            rows.collect(),
            "No order was due in the last 30 days.",
        )
    }
}
