//! Whether the schedule is alive, and how the vendors answer.

use chrono::{DateTime, Utc};
use maud::html;

use super::super::commands::CommandStatus;
use super::super::metrics::CallMetrics;
use super::frame::{Part, heading_of};
use super::reader::Reader;
use super::table::{Cell, table};
use crate::store::StoredRun;

/// The last run of each command, with its last good one.
#[must_use]
pub fn runs(runs: &[(StoredRun, Option<DateTime<Utc>>)], commands: &[CommandStatus], reader: &Reader) -> Part {
    const ID: &str = "runs";
    let row = |(run, good_at): &(StoredRun, Option<DateTime<Utc>>)| {
        let is_overdue = commands
            .iter()
            .any(|command| command.name == run.command && command.overdue);
        vec![
            Cell::text(reader, &run.command),
            Cell::at(reader, Some(run.started_at)),
            Cell::text(reader, &run.outcome.as_deref().unwrap_or("not yet").replace('_', " ")),
            Cell::at(reader, *good_at),
            Cell::text(reader, if is_overdue { "overdue" } else { "" }).alarming(true),
        ]
    };
    let rows: Vec<_> = runs.iter().map(row).collect();
    let headers = ["Command", "Last run", "Ended", "Last good run", "How it stands"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "Nothing has run yet." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, usize::MAX, ""))
        }
    };
    Part::whole(ID, "Runs", body)
}

/// The calls of each operation.
#[must_use]
pub fn calls(calls: &[CallMetrics], reader: &Reader) -> Part {
    const ID: &str = "calls";
    let milliseconds = |value: Option<i64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value} ms"));
    let row = |call: &CallMetrics| {
        vec![
            Cell::text(reader, &call.operation),
            Cell::text(reader, &call.vendor),
            Cell::number(call.calls),
            Cell::number(call.errors),
            Cell::number(call.unknown),
            Cell::number(milliseconds(call.p50_ms)),
            Cell::number(milliseconds(call.p95_ms)),
        ]
    };
    let rows: Vec<_> = calls.iter().map(row).collect();
    let headers = ["Operation", "Vendor", "Calls", "Errors", "Unknown", "Half", "95 of 100"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "No call was made yet." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, usize::MAX, ""))
        }
    };
    Part::whole(ID, "API calls", body)
}
