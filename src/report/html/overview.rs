//! What stands where: what needs a person, what waits and why, how far orders came, the numbers.

use chrono::TimeDelta;
use maud::{Markup, html};

use super::super::attention::Attention;
use super::super::metrics::Metrics;
use super::super::status::StatusOverview;
use super::super::text::{percent, short};
use super::frame::{Part, heading_of};
use super::plot::track;
use super::reader::Reader;
use super::table::{Cell, table};
use crate::domain::funnel::Level;
use crate::domain::state::State;
use crate::domain::waiting::WaitingGroup;

/// How many causes are shown.
const CAUSES_MAX: usize = 100;

/// What should be looked at, the most pressing first.
#[must_use]
pub fn attention(attention: &[Attention], reader: &Reader) -> Part {
    const ID: &str = "attention";
    let row = |item: &Attention| {
        let example = item.example.as_ref().map(ToString::to_string).unwrap_or_default();
        let listed = item.reason.map(|reason| format!("mcf orders list --reason {reason}"));
        vec![
            Cell::text(reader, &item.detail.replace('_', " ")).alarming(item.needs_person),
            Cell::counted(reader, item.orders, &listed.unwrap_or_default()),
            Cell::long(reader, &item.message),
            Cell::order(reader, &example),
            Cell::at(reader, item.deadline),
            Cell::command(reader, &item.next_command),
        ]
    };
    let rows: Vec<_> = attention.iter().map(row).collect();
    let headers = ["What", "Orders", "Message", "Example", "Deadline", "What to do"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "Nothing to look at." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, CAUSES_MAX, &reader.text("mcf status")))
        }
    };
    Part::whole(ID, "Attention", body)
}

/// The orders that are not at Amazon yet and that nothing is wrong with, by why they wait.
#[must_use]
pub fn waiting(groups: &[WaitingGroup], flagged: u64, reader: &Reader) -> Part {
    const ID: &str = "waiting";
    let row = |group: &WaitingGroup| {
        vec![
            Cell::long(reader, &group.why),
            Cell::number(group.orders),
            Cell::at(reader, Some(group.oldest_at)),
            Cell::at(reader, group.next_at),
            Cell::at(reader, group.deadline),
            Cell::order(reader, group.example.as_str()),
            Cell::command(reader, &group.next_command),
        ]
    };
    let rows: Vec<_> = groups.iter().map(row).collect();
    let headers = ["Why", "Orders", "Since", "Next", "Deadline", "Example", "What to do"];
    let waiting: u64 = groups.iter().map(|group| group.orders).sum();
    let body = html! {
        p.soft {
            (orders(waiting)) " on the way to Amazon"
            @if flagged > 0 { "; " (orders(flagged)) " flagged, by cause under " a href="#attention" { "Attention" } }
            "."
        }
        @if !rows.is_empty() { (table(&heading_of(ID), &headers, &rows, CAUSES_MAX, &reader.text("mcf orders list --state waiting"))) }
    };
    Part::whole(ID, "Waiting orders", body)
}

/// How many orders stand where.
#[must_use]
pub fn states(status: &StatusOverview) -> Part {
    let counts = status
        .orders
        .iter()
        .map(|(state, count)| (word(*state), count.to_string()));
    let held = (status.held > 0).then(|| ("held by the operator".to_owned(), status.held.to_string()));
    Part::whole("states", "Orders by state", tiles(counts.chain(held)))
}

/// How far the orders of so many days came.
#[must_use]
pub fn funnel(levels: &[Level], span: TimeDelta) -> Part {
    let all = levels.first().map_or(0, |level| level.reached);
    let body = html! {
        p.soft { "Orders first seen in the last " (span.num_days()) " days. Each stage counts the orders that came so far." }
        table.bars.funnel {
            caption.unseen { "Orders by how far they came" }
            thead { tr { th scope="col" { "Stage" } td {} th.number scope="col" { "Orders" } th scope="col" { "Came no further" } } }
            tbody { @for level in levels {
                tr {
                    th scope="row" { (level.stage.as_str()) }
                    td.bar { (track(level.reached, level.reached, all)) }
                    td.number { (level.reached) @if all > 0 { " " span.soft { (percent(Some(level.reached as f64 / all as f64))) } } }
                    td.left { (no_further("fell out", &level.fell_out)) (no_further("still here", &level.still_here)) }
                }
            } }
        }
    };
    Part::whole("funnel", "From detected to completed", body)
}

fn no_further(how: &str, orders: &[(State, u64)]) -> Markup {
    let words: Vec<String> = orders
        .iter()
        .map(|(state, count)| format!("{count} {}", word(*state)))
        .collect();
    html! { @if !words.is_empty() { span.how { b { (how) ": " } (words.join(", ")) } } }
}

/// What is counted over all orders.
#[must_use]
pub fn numbers(metrics: &Metrics) -> Part {
    let seconds = |value: Option<i64>| value.map_or_else(|| "-".to_owned(), short);
    let numbers = [
        ("orders detected", metrics.orders_detected.to_string()),
        ("orders routed", metrics.orders_routed.to_string()),
        ("orders failed", metrics.orders_failed.to_string()),
        ("success rate", percent(metrics.success_rate)),
        ("routing time, half", seconds(metrics.routing_time.p50)),
        ("routing time, 95 of 100", seconds(metrics.routing_time.p95)),
        ("orders late", metrics.orders_late.to_string()),
        ("due today", metrics.orders_due_today.to_string()),
        ("due tomorrow", metrics.orders_due_tomorrow.to_string()),
        ("orders at risk", metrics.orders_at_risk.to_string()),
        ("late dispatch, 7 days", percent(metrics.late_dispatch_rate.d7)),
        ("late dispatch, 30 days", percent(metrics.late_dispatch_rate.d30)),
    ];
    let numbers = numbers.into_iter().map(|(name, value)| (name.to_owned(), value));
    Part::whole("numbers", "Numbers", tiles(numbers))
}

/// Draws figures with their names.
#[must_use]
pub fn tiles(figures: impl Iterator<Item = (String, String)>) -> Markup {
    html! {
        dl.tiles { @for (name, value) in figures {
            div class=(if value == "0" { "tile zero" } else { "tile" }) { dt { (name) } dd { (value) } }
        } }
    }
}

fn word(state: State) -> String {
    state.as_str().replace('_', " ")
}

fn orders(count: u64) -> String {
    match count {
        1 => "1 order".to_owned(),
        count => format!("{count} orders"),
    }
}
