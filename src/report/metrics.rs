//! `mcf metrics`: counters, rates and latencies. What is not known is absent, never 0.
//!
//! - `ordersDetected`: orders ever seen, not eligible ones included.
//! - `ordersRouted`: orders that Amazon ever accepted.
//! - `ordersFailed`: orders that are flagged now, or that the operator dismissed after they had been flagged. It falls when a flag clears.
//! - `ordersLate`: open orders past their deadline, now.
//! - `ordersAtRisk`: open orders that are in time so far and leave too late by Amazon's plan.
//! - `lateDispatchRate`: of the orders that were due in the window, those that Amazon handed over late or not at all, from the end of the
//!   quarter of an hour on in which each was due. Orders that were cancelled before they were due, or that somebody else ships, count on
//!   neither side.
//! - `successRate`: accepted orders that have not failed, over those and the failed ones. Orders still on their way
//!   count on neither side, nor do flagged ones that merely wait: for stock, a date, or a person who wants to be asked.
//!
//! With a first instant the orders are those first seen since, latencies those that ended since, calls those made since; what holds now
//! (late, at risk, flags, commands) is the same.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::dispatch::{LateDispatch, LateDispatchRate};
use super::status::{StatusOverview, words};
use super::text::View;
use super::{SCHEMA, Timing, seconds_between};
use crate::domain::deadline::TRACKING_DUE;
use crate::domain::flag::Reason;
use crate::domain::ids::TiktokOrderId;
use crate::domain::kind::Kind;
use crate::store::{CallTally, Durations, OldestOrder, Result, Store, Timed};

/// The counters and latencies.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// The version of this document.
    pub schema: u32,
    /// The instant from which on was counted; `None` for all.
    pub since: Option<DateTime<Utc>>,
    /// Orders ever seen.
    pub orders_detected: u64,
    /// Orders ever seen, by kind; a kind that never came is absent.
    pub orders_by_kind: BTreeMap<Kind, u64>,
    /// Orders that Amazon ever accepted.
    pub orders_routed: u64,
    /// Orders that are flagged now, or were and are dismissed.
    pub orders_failed: u64,
    /// Open orders past their deadline.
    pub orders_late: u64,
    /// Open orders that are due today, by the days of the shop's region.
    pub orders_due_today: u64,
    /// Open orders that are due tomorrow.
    pub orders_due_tomorrow: u64,
    /// Open orders that are in time so far and leave too late by Amazon's plan.
    pub orders_at_risk: u64,
    /// The share of the orders due that were handed over late or not at all.
    pub late_dispatch_rate: LateDispatchRate,
    /// The orders due in the last 30 days by how they went.
    pub late_dispatch: LateDispatch,
    /// From 0 to 1; `None` while nothing was decided.
    pub success_rate: Option<f64>,
    /// Seconds from paid to accepted; `None` while nothing was routed.
    pub average_routing_time: Option<f64>,
    /// Parcels whose number TikTok has.
    pub trackings_synced: u64,
    /// Seconds from paid to accepted.
    pub routing_time: Latency,
    /// Seconds from shipped to synced.
    pub tracking_time: Latency,
    /// The share, from 0 to 1, of parcels whose number TikTok had within four hours. Parcels that are still in time are left out;
    /// `None` while there are no others.
    pub tracking_within_four_hours: Option<f64>,
    /// The calls of each operation.
    pub api_calls: Vec<CallMetrics>,
    /// The paid order that waits longest for Amazon to accept it.
    pub oldest_unrouted_order: Option<UnroutedOrder>,
    /// When the commands last did their work.
    pub commands: Vec<CommandAge>,
    /// Flags that hold now, for every reason.
    pub flags: Vec<FlagCount>,
}

/// A distribution in seconds; the three are absent while nothing was measured. The shares are told to the minute at first, to half an
/// hour from four hours on: each is the longest that was measured so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Their sum.
    pub sum: i64,
    /// Half of them took at most this.
    pub p50: Option<i64>,
    /// 95 of 100 took at most this.
    pub p95: Option<i64>,
    /// The longest.
    pub max: Option<i64>,
    /// All of them, shortest first.
    #[serde(skip)]
    pub durations: Vec<Durations>,
}

/// The calls of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallMetrics {
    /// Who was called.
    pub vendor: String,
    /// The vendor's name of the operation.
    pub operation: String,
    /// All calls.
    pub calls: u64,
    /// Calls that did not end well.
    pub errors: u64,
    /// Calls of which nobody knows whether they were carried out.
    pub unknown: u64,
    /// Half of them took at most this, in milliseconds.
    pub p50_ms: Option<i64>,
    /// 95 of 100 took at most this, in milliseconds.
    pub p95_ms: Option<i64>,
    /// The sum of all durations in milliseconds.
    pub sum_ms: i64,
}

/// An order that Amazon has not accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnroutedOrder {
    /// The order.
    pub tiktok_order_id: TiktokOrderId,
    /// Seconds since it was paid, or first seen where TikTok does not say.
    pub age_seconds: i64,
}

/// How long ago a command last did its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandAge {
    /// E.g. `poll`.
    pub name: String,
    /// Seconds; `None` when it never did.
    pub seconds_since_good_run: Option<i64>,
    /// Whether that is longer than twice its interval.
    pub overdue: bool,
}

/// How many flags of a reason hold now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlagCount {
    /// The reason.
    pub reason: Reason,
    /// Flags.
    pub count: u64,
}

/// Tells whether a file that begins so was written by `mcf metrics`, in any of its forms.
#[must_use]
pub fn is_metrics(beginning: &str) -> bool {
    let is_text = ["Metrics\n", "metrics\t"]
        .iter()
        .any(|title| beginning.starts_with(title));
    let is_json = beginning.trim_start().starts_with("{") && beginning.contains("\"ordersDetected\":");
    beginning.starts_with("# HELP mcf_") || is_json || (is_text && beginning.contains("orders detected"))
}

impl Metrics {
    /// Reads the metrics of all that ever was, or since an instant.
    pub fn read(store: &Store, timing: &Timing, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Self> {
        let tally = store.order_tally(since)?;
        let routing_time = Latency::of(store.durations(Timed::Routing, since)?);
        let tracking_time = Latency::of(store.durations(Timed::Tracking, since)?);
        let late = store.overdue_parcels(now - TRACKING_DUE)?.len();
        let status = StatusOverview::read(store, timing, now)?;
        let flags = store.flag_counts()?.into_iter();
        let due = store.due_orders(LateDispatchRate::SPAN, now)?;
        Ok(Self {
            schema: SCHEMA,
            since,
            orders_detected: tally.detected,
            orders_by_kind: store.kind_counts(since)?,
            orders_routed: tally.routed,
            orders_failed: tally.failed,
            orders_late: status.deadlines.late,
            orders_due_today: status.deadlines.due_today,
            orders_due_tomorrow: status.deadlines.due_tomorrow,
            orders_at_risk: status.deadlines.at_risk,
            late_dispatch_rate: LateDispatchRate::of(&due, now),
            late_dispatch: LateDispatch::of(&due, now),
            success_rate: share(tally.succeeded, tally.succeeded + tally.failed - tally.waiting),
            average_routing_time: routing_time.average(),
            trackings_synced: store.trackings_synced(since)?,
            routing_time,
            tracking_within_four_hours: in_time(&tracking_time, late),
            tracking_time,
            api_calls: store.call_tallies(since)?.into_iter().map(CallMetrics::of).collect(),
            oldest_unrouted_order: store.oldest_unrouted()?.map(|order| unrouted(order, now)),
            commands: ages(&status, now),
            flags: flags.map(|(reason, count)| FlagCount { reason, count }).collect(),
        })
    }

    /// Writes the metrics as text.
    #[must_use]
    pub fn text(&self, view: &View) -> String {
        let latencies = [
            ("paid to accepted", &self.routing_time),
            ("shipped to synced", &self.tracking_time),
        ];
        let latencies = latencies.map(|(name, latency)| latency.cells(name, view));
        let commands: Vec<_> = self.commands.iter().map(|command| command.cells(view)).collect();
        let flags = self.flags.iter().filter(|flag| flag.count > 0);
        let flags: Vec<_> = flags
            .map(|flag| vec![words(&[flag.reason]), flag.count.to_string()])
            .collect();
        let kinds = self.orders_by_kind.iter();
        let kinds: Vec<_> = kinds
            .map(|(kind, count)| vec![kind.to_string(), count.to_string()])
            .collect();
        let calls: Vec<_> = self.api_calls.iter().map(CallMetrics::cells).collect();
        let call_headers = ["vendor", "operation", "calls", "errors", "unknown", "p50 ms", "p95 ms"];
        view.join(&[
            view.section("Metrics", &[], &self.facts(view)),
            view.section("Kinds", &["kind", "orders"], &kinds),
            view.section(
                "Late dispatch",
                &["by", "name", "due", "late", "rate"],
                &self.late_dispatch.cells(view),
            ),
            view.section("Latency", &["from, to", "count", "p50", "p95", "max"], &latencies),
            view.section("Commands", &["command", "since good run", "overdue"], &commands),
            view.section("Flags", &["reason", "flags"], &flags),
            view.section("API calls", &call_headers, &calls),
        ])
    }

    fn facts(&self, view: &View) -> Vec<Vec<String>> {
        let average = self.average_routing_time.map(|seconds| seconds.round() as i64);
        let mut facts = vec![
            vec!["orders detected".to_owned(), self.orders_detected.to_string()],
            vec!["orders routed".to_owned(), self.orders_routed.to_string()],
            vec!["orders failed".to_owned(), self.orders_failed.to_string()],
            vec!["orders late".to_owned(), self.orders_late.to_string()],
            vec!["orders due today".to_owned(), self.orders_due_today.to_string()],
            vec!["orders due tomorrow".to_owned(), self.orders_due_tomorrow.to_string()],
            vec!["orders at risk".to_owned(), self.orders_at_risk.to_string()],
            vec![
                "late dispatch rate, 7 days".to_owned(),
                view.share(self.late_dispatch_rate.d7),
            ],
            vec![
                "late dispatch rate, 30 days".to_owned(),
                view.share(self.late_dispatch_rate.d30),
            ],
            vec!["success rate".to_owned(), view.share(self.success_rate)],
            vec!["average routing time".to_owned(), view.seconds(average)],
            vec!["trackings synced".to_owned(), self.trackings_synced.to_string()],
            vec![
                "within four hours".to_owned(),
                view.share(self.tracking_within_four_hours),
            ],
        ];
        facts.extend(self.oldest_unrouted_order.as_ref().map(|order| {
            let age = view.seconds(Some(order.age_seconds));
            vec![
                "oldest unrouted order".to_owned(),
                age,
                order.tiktok_order_id.to_string(),
            ]
        }));
        facts
    }
}

impl Latency {
    fn of(durations: Vec<Durations>) -> Self {
        Self {
            count: counted(&durations),
            sum: durations.iter().map(|some| some.sum).sum(),
            p50: percentile(&durations, 50),
            p95: percentile(&durations, 95),
            max: durations.last().map(|some| some.longest),
            durations,
        }
    }

    /// How many took at most so many seconds; exact where durations are counted up to there.
    pub(super) fn within(&self, seconds: i64) -> u64 {
        self.durations
            .iter()
            .filter(|some| some.up_to <= seconds)
            .map(|some| some.count)
            .sum()
    }

    fn average(&self) -> Option<f64> {
        share_of(self.sum as f64, self.count)
    }

    fn cells(&self, name: &str, view: &View) -> Vec<String> {
        vec![
            name.to_owned(),
            self.count.to_string(),
            view.seconds(self.p50),
            view.seconds(self.p95),
            view.seconds(self.max),
        ]
    }
}

impl CallMetrics {
    fn of(tally: CallTally) -> Self {
        Self {
            calls: counted(&tally.durations_ms),
            errors: tally.errors,
            unknown: tally.unknown,
            p50_ms: percentile(&tally.durations_ms, 50),
            p95_ms: percentile(&tally.durations_ms, 95),
            sum_ms: tally.durations_ms.iter().map(|some| some.sum).sum(),
            vendor: tally.peer,
            operation: tally.operation,
        }
    }

    fn cells(&self) -> Vec<String> {
        let milliseconds = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        vec![
            self.vendor.clone(),
            self.operation.clone(),
            self.calls.to_string(),
            self.errors.to_string(),
            self.unknown.to_string(),
            milliseconds(self.p50_ms),
            milliseconds(self.p95_ms),
        ]
    }
}

impl CommandAge {
    fn cells(&self, view: &View) -> Vec<String> {
        let overdue = if self.overdue { "overdue" } else { "" };
        let age = view.seconds(self.seconds_since_good_run);
        vec![self.name.clone(), age, overdue.to_owned()]
    }
}

fn counted(durations: &[Durations]) -> u64 {
    durations.iter().map(|some| some.count).sum()
}

/// Returns a value that was measured and that `percent` of 100 values do not exceed: the longest that is counted with the one of that
/// rank.
fn percentile(durations: &[Durations], percent: u64) -> Option<i64> {
    let rank = (counted(durations) * percent).div_ceil(100);
    let mut counted = 0;
    durations.iter().find_map(|some| {
        counted += some.count;
        (counted >= rank).then_some(some.longest)
    })
}

fn share(part: u64, whole: u64) -> Option<f64> {
    share_of(part as f64, whole)
}

fn share_of(part: f64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part / whole as f64)
}

fn in_time(tracking: &Latency, late: usize) -> Option<f64> {
    share(
        tracking.within(TRACKING_DUE.num_seconds()),
        tracking.count + late as u64,
    )
}

fn unrouted(order: OldestOrder, now: DateTime<Utc>) -> UnroutedOrder {
    UnroutedOrder {
        tiktok_order_id: order.id,
        age_seconds: seconds_between(order.since, now),
    }
}

fn ages(status: &StatusOverview, now: DateTime<Utc>) -> Vec<CommandAge> {
    let age = |command: &super::commands::CommandStatus| CommandAge {
        name: command.name.clone(),
        seconds_since_good_run: command.last_success_at.map(|at| seconds_between(at, now)),
        overdue: command.overdue,
    };
    status.commands.iter().map(age).collect()
}

#[cfg(test)]
mod tests;
