//! When orders are due, when they were handed over against that, and by whom.

use maud::html;

use super::super::dispatch::LateDispatch;
use super::super::export::ListedOrder;
use super::super::text::percent;
use super::frame::{Part, heading_of};
use super::plot::{Bar, bars};
use super::reader::Reader;
use super::table::{Cell, table};
use crate::domain::deadline::dispatch::{Due, LATENESS_ENDS};

/// How many orders with a deadline are listed.
pub const DEADLINES_MAX: usize = 50;

/// What the bars of [`LATENESS_ENDS`] are called.
const BARS: [&str; LATENESS_ENDS.len()] = [
    "over 2 days before",
    "1 to 2 days before",
    "12 to 24 h before",
    "6 to 12 h before",
    "up to 6 h before",
    "up to 6 h after",
    "6 to 24 h after",
    "more, or not yet",
];

/// Orders of the last 30 days by when they were handed over against their deadline.
#[must_use]
pub fn hand_over(orders: &[Due]) -> Part {
    let bar = |(end, label): (i64, &str)| {
        let due = orders.iter().filter(|due| due.late_up_to == end);
        let value = due.map(|due| due.orders).sum();
        Bar {
            label: label.to_owned(),
            value,
            filled: value,
            is_late: end > 0,
        }
    };
    let all: Vec<Bar> = LATENESS_ENDS.into_iter().zip(BARS).map(bar).collect();
    let body = html! {
        (bars("Orders by hand-over against deadline", &all))
        p.soft { "Orders due in the last 30 days, by when Amazon handed them over against TikTok's deadline; one that was not handed over yet counts by how late it is now." }
    };
    Part::half("hand-over", "Hand-over against deadline", body)
}

/// The open orders with the nearest deadlines.
#[must_use]
pub fn deadlines(orders: &[ListedOrder], reader: &Reader) -> Part {
    const ID: &str = "deadlines";
    let row = |order: &ListedOrder| {
        let is_over = order.deadline.is_some_and(|deadline| deadline <= reader.now);
        vec![
            Cell::order(reader, order.tiktok_order_id.as_str()),
            Cell::text(reader, order.state.as_str()),
            Cell::at(reader, order.deadline).alarming(is_over),
            Cell::at(reader, order.deadlines.cancelled_unless_shipped_by),
            Cell::text(
                reader,
                if is_over {
                    "late"
                } else if order.deadlines.at_risk {
                    "at risk"
                } else {
                    ""
                },
            )
            .alarming(true),
        ]
    };
    let rows: Vec<_> = orders.iter().take(DEADLINES_MAX).map(row).collect();
    let headers = ["Order", "State", "Due", "Cancelled by TikTok", "How it stands"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "No open order has a deadline." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, DEADLINES_MAX, ""))
            @if orders.len() > DEADLINES_MAX {
                p.soft { "The nearest " (DEADLINES_MAX) "; all of them: " code { (reader.text("mcf orders list")) } }
            }
        }
    };
    Part::whole(ID, "Deadlines", body)
}

/// The orders that were due, by speed and carrier.
#[must_use]
pub fn late_dispatch(groups: &LateDispatch, reader: &Reader) -> Part {
    const ID: &str = "late-dispatch";
    let rows: Vec<_> = groups
        .named()
        .map(|(what, group)| {
            vec![
                Cell::text(reader, &group.name),
                Cell::text(reader, what),
                Cell::number(group.due),
                Cell::number(group.late),
                Cell::number(percent(group.rate)),
            ]
        })
        .collect();
    let headers = ["Name", "What it is", "Due in 30 days", "Late", "Share"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "No order was due in the last 30 days." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, usize::MAX, ""))
        }
    };
    Part::half(ID, "Late dispatch", body)
}
