//! `mcf report`: one self-contained page. It asks for nothing over the network, runs no script and shows nothing about a buyer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::Timing;
use super::export::{ListedOrder, listed};
use super::metrics::Metrics;
use super::plot::{Bar, bars, times};
use super::status::StatusOverview;
use super::stock::units;
use super::stock::{self, days_of_cover, runs_out_on};
use super::text::{clean, percent, relative, short, shorten};
use crate::domain::deadline::TRACKING_DUE;
use crate::domain::event::instant;
use crate::domain::state::State;
use crate::store::{DayTally, Result, StockRow, Store, StoredRun};

mod dispatch;

const STYLE: &str = include_str!("page.css");
/// By this a page is known as one of ours, and may be replaced.
const MARK: &str = r#"<meta name="generator" content="mcf report">"#;

const DAYS: i64 = 14;
const DEADLINES_MAX: u32 = 50;

/// Upper ends of the bars of both latency charts, in seconds, each with its label.
const ROUTING_BARS: [(i64, &str); 8] = [
    (300, "5 min"),
    (900, "15 min"),
    (3_600, "1 h"),
    (5_400, "1½ h"),
    (7_200, "2 h"),
    (14_400, "4 h"),
    (86_400, "1 day"),
    (i64::MAX, "more"),
];
const TRACKING_BARS: [(i64, &str); 8] = [
    (900, "15 min"),
    (1_800, "30 min"),
    (3_600, "1 h"),
    (7_200, "2 h"),
    (10_800, "3 h"),
    (14_400, "4 h"),
    (86_400, "1 day"),
    (i64::MAX, "more"),
];

/// Everything that the page shows.
#[derive(Debug, Clone)]
pub struct HtmlReport {
    now: DateTime<Utc>,
    status: StatusOverview,
    metrics: Metrics,
    deadlines: Vec<ListedOrder>,
    days: Vec<DayTally>,
    /// How many seconds after its deadline each order was handed over.
    lateness: Vec<i64>,
    stock: Vec<StockRow>,
    runs: Vec<(StoredRun, Option<DateTime<Utc>>)>,
}

/// Tells whether a file that begins so is a page of ours.
#[must_use]
pub fn is_report(beginning: &str) -> bool {
    beginning.starts_with("<!DOCTYPE html>") && beginning.contains(MARK)
}

impl HtmlReport {
    /// Reads what the page shows.
    pub fn read(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            now,
            status: StatusOverview::read(store, timing, now)?,
            metrics: Metrics::read(store, timing, None, now)?,
            deadlines: store
                .orders_by_deadline(DEADLINES_MAX)?
                .into_iter()
                .map(listed)
                .collect(),
            days: store.orders_per_day(now - TimeDelta::days(DAYS))?,
            lateness: dispatch::lateness(store, now)?,
            stock: stock::rows(store, now)?,
            runs: store.last_runs()?,
        })
    }

    /// Writes the page.
    #[must_use]
    pub fn page(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(content_security_policy());
                    (PreEscaped(MARK))
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    meta name="robots" content="noindex";
                    title { "Orders from TikTok Shop to Amazon" }
                    style { (PreEscaped(STYLE)) }
                }
                body { (self.header()) main { (self.body()) } }
            }
        };
        page.into_string()
    }

    fn header(&self) -> Markup {
        let people = self.status.attention.iter().filter(|item| item.needs_person).count();
        let things = if people == 1 { "thing needs" } else { "things need" };
        html! {
            header {
                h1 { "Orders from TikTok Shop to Amazon" }
                p.soft { "As of " (instant(self.now)) }
                @if people == 0 {
                    p.good { "✓ Nothing needs a person." }
                } @else {
                    p.alarm { "⚠ " (people) " " (things) " a person." }
                }
            }
        }
    }

    fn body(&self) -> Markup {
        html! {
            (self.attention())
            (self.states())
            (self.numbers())
            (self.plots())
            (self.deadlines())
            (self.dispatch())
            (self.stock())
            (self.commands())
            (self.calls())
        }
    }

    fn attention(&self) -> Markup {
        let rows = self.status.attention.iter().map(|item| {
            let example = item.example.as_ref().map(ToString::to_string).unwrap_or_default();
            vec![
                Cell::word(&item.detail.replace('_', " "), item.needs_person),
                Cell::text(if item.orders > 0 {
                    item.orders.to_string()
                } else {
                    String::new()
                }),
                Cell::text(example),
                Cell::text(item.reason.map(|reason| reason.to_string()).unwrap_or_default()),
                Cell::long(item.message.clone()),
                Cell::text(self.when(item.deadline)),
                Cell::code(item.next_command.clone()),
            ]
        });
        let headers = [
            "What",
            "Orders",
            "Example",
            "Reason",
            "Message",
            "Deadline",
            "Next command",
        ];
        section("Attention", &headers, rows.collect(), "Nothing to look at.")
    }

    fn states(&self) -> Markup {
        html! {
            section {
                h2 { "Orders by state" }
                div.tiles { @for (state, count) in &self.status.orders { (state_tile(*state, *count)) } }
            }
        }
    }

    fn numbers(&self) -> Markup {
        let seconds = |value: Option<i64>| value.map_or_else(dash, short);
        let metrics = &self.metrics;
        let numbers = [
            ("orders detected", metrics.orders_detected.to_string()),
            ("orders routed", metrics.orders_routed.to_string()),
            ("orders failed", metrics.orders_failed.to_string()),
            ("success rate", percent(metrics.success_rate)),
            ("routing time, half", seconds(metrics.routing_time.p50)),
            ("routing time, 95 of 100", seconds(metrics.routing_time.p95)),
            ("tracking numbers synced", metrics.trackings_synced.to_string()),
            ("orders late", metrics.orders_late.to_string()),
            ("orders at risk", metrics.orders_at_risk.to_string()),
            ("due today", metrics.orders_due_today.to_string()),
            ("due tomorrow", metrics.orders_due_tomorrow.to_string()),
            ("late dispatch, 7 days", percent(metrics.late_dispatch_rate.d7)),
            ("late dispatch, 30 days", percent(metrics.late_dispatch_rate.d30)),
            ("synced within four hours", percent(metrics.tracking_within_four_hours)),
            ("tracking time, 95 of 100", seconds(metrics.tracking_time.p95)),
        ];
        html! {
            section {
                h2 { "Numbers" }
                div.tiles { @for (name, value) in &numbers { div.tile { b { (value) } span { (name) } } } }
            }
        }
    }

    fn plots(&self) -> Markup {
        let limit = TRACKING_DUE.num_seconds();
        html! {
            div.plots {
                section {
                    h2 { "Orders per day" }
                    (bars("Orders per day", &self.day_bars(), 3))
                    p.soft { "Filled: routed. Outlined: detected. Days in UTC." }
                }
                section {
                    h2 { "Paid to accepted by Amazon" }
                    (bars("Orders by routing time", &times(&self.metrics.routing_time, &ROUTING_BARS, i64::MAX), 1))
                    p.soft { "Orders, by the longest time of their bar." }
                }
                section {
                    h2 { "Shipped to number at TikTok" }
                    (bars("Parcels by tracking time", &times(&self.metrics.tracking_time, &TRACKING_BARS, limit), 1))
                    p.soft { "Parcels, by the longest time of their bar; past four hours in the warning colour." }
                }
                (self.hand_over())
            }
        }
    }

    fn day_bars(&self) -> Vec<Bar> {
        let day = |back: i64| {
            let day = (self.now - TimeDelta::days(back)).format("%Y-%m-%d").to_string();
            let tally = self.days.iter().find(|tally| tally.day == day);
            Bar {
                label: day.get(5..).unwrap_or_default().to_owned(),
                value: tally.map_or(0, |tally| tally.detected),
                filled: tally.map_or(0, |tally| tally.routed),
                is_late: false,
            }
        };
        (0..DAYS).rev().map(day).collect()
    }

    fn stock(&self) -> Markup {
        let rows = self.stock.iter().map(|stock| {
            let promised = stock.fulfillable.zip(stock.remaining).map(|(whole, left)| whole - left);
            vec![
                Cell::long(stock.sku.clone()),
                Cell::number(units(stock.fulfillable)),
                Cell::number(units(promised)),
                Cell::number(units(stock.remaining)),
                Cell::number(days_of_cover(stock).map_or_else(String::new, |days| days.to_string())),
                Cell::text(runs_out_on(stock, self.now).map_or_else(String::new, |day| day.to_string())),
                Cell::text(self.when(Some(stock.read_at))),
                Cell::word(if stock.is_low { "low" } else { "" }, stock.is_low),
            ]
        });
        let headers = [
            "SKU",
            "At Amazon",
            "Promised",
            "Remaining",
            "Days left",
            "Runs out",
            "Read",
            "",
        ];
        section("Stock", &headers, rows.collect(), "No stock figure was read yet.")
    }

    fn commands(&self) -> Markup {
        let rows = self.runs.iter().map(|(run, good_at)| {
            let is_overdue = self
                .status
                .commands
                .iter()
                .any(|command| command.name == run.command && command.overdue);
            vec![
                Cell::text(run.command.clone()),
                Cell::text(self.when(Some(run.started_at))),
                Cell::text(run.outcome.clone().unwrap_or_else(|| "no end".to_owned())),
                Cell::text(self.when(*good_at)),
                Cell::word(if is_overdue { "overdue" } else { "" }, is_overdue),
            ]
        });
        let headers = ["Command", "Last run", "Outcome", "Last good run", ""];
        section("Runs", &headers, rows.collect(), "Nothing has run yet.")
    }

    fn calls(&self) -> Markup {
        let milliseconds = |value: Option<i64>| value.map_or_else(dash, |value| format!("{value} ms"));
        let rows = self.metrics.api_calls.iter().map(|call| {
            vec![
                Cell::text(call.vendor.clone()),
                Cell::text(call.operation.clone()),
                Cell::number(call.calls.to_string()),
                Cell::number(call.errors.to_string()),
                Cell::number(call.unknown.to_string()),
                Cell::number(milliseconds(call.p50_ms)),
                Cell::number(milliseconds(call.p95_ms)),
            ]
        });
        let headers = ["Vendor", "Operation", "Calls", "Errors", "Unknown", "Half", "95 of 100"];
        section("API calls", &headers, rows.collect(), "No call was made yet.")
    }

    fn when(&self, at: Option<DateTime<Utc>>) -> String {
        at.map(|at| relative(at, self.now)).unwrap_or_default()
    }
}

struct Cell {
    text: String,
    class: &'static str,
}

impl Cell {
    fn text(text: String) -> Self {
        Self { text, class: "" }
    }

    fn long(text: String) -> Self {
        Self { text, class: "long" }
    }

    fn number(text: String) -> Self {
        Self { text, class: "number" }
    }

    fn code(text: String) -> Self {
        Self { text, class: "code" }
    }

    fn word(text: &str, is_alarm: bool) -> Self {
        Self {
            text: text.to_owned(),
            class: if is_alarm { "alarm" } else { "" },
        }
    }

    fn draw(&self, name: &str) -> Markup {
        let text = shorten(&clean(&self.text));
        html! {
            @if self.class == "code" && !text.is_empty() {
                td data-name=(name) { code { (text) } }
            } @else {
                td class=[Some(self.class).filter(|class| !class.is_empty())] data-name=(name) { (text) }
            }
        }
    }
}

fn section(title: &str, headers: &[&str], rows: Vec<Vec<Cell>>, nothing: &str) -> Markup {
    let is_number = |column: usize| {
        rows.iter()
            .any(|row| row.get(column).is_some_and(|cell| cell.class == "number"))
    };
    html! {
        section {
            h2 { (title) }
            @if rows.is_empty() {
                p.soft { (nothing) }
            } @else {
                div.wide {
                    table.stack {
                        thead { tr { @for (column, header) in headers.iter().enumerate() {
                            th class=[is_number(column).then_some("number")] { (header) }
                        } } }
                        tbody { @for row in &rows {
                            tr { @for (cell, header) in row.iter().zip(headers) { (cell.draw(header)) } }
                        } }
                    }
                }
            }
        }
    }
}

fn state_tile(state: State, count: u64) -> Markup {
    let class = if count == 0 { "tile zero" } else { "tile" };
    html! { div class=(class) { b { (count) } span { (state.as_str().replace('_', " ")) } } }
}

/// Allows this page's own style and nothing else.
fn content_security_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn dash() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests;
