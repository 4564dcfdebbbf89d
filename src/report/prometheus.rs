//! The metrics in Prometheus' text exposition format 0.0.4. What is not known is left out.

use std::fmt::{Display, Write};

use chrono::{DateTime, Utc};

use super::dispatch::DispatchGroup;
use super::metrics::{CallMetrics, Latency, Metrics};
use crate::domain::kind::Kind;

/// Upper ends of the histograms in seconds. Times are counted up to each of them, so that the shares are exact.
const ENDS: [i64; 12] = [
    60, 300, 900, 1_800, 3_600, 5_400, 7_200, 10_800, 14_400, 28_800, 86_400, 259_200,
];

/// Writes the metrics for a scraper or the node exporter's text file folder. Names are those of the JSON document in snake case, with the
/// endings that Prometheus asks for. What is an age elsewhere is an instant here, so that it grows between two runs.
#[must_use]
pub fn exposition(metrics: &Metrics, now: DateTime<Utc>) -> String {
    let mut page = Page::default();
    orders(&mut page, metrics, now);
    let text = "From paid at TikTok to accepted by Amazon.";
    page.histogram("mcf_routing_time_seconds", text, &metrics.routing_time);
    page.value(
        "mcf_average_routing_time_seconds",
        "The mean of it.",
        metrics.average_routing_time,
    );
    page.counter(
        "mcf_trackings_synced_total",
        "Parcels whose number TikTok took.",
        metrics.trackings_synced,
    );
    let text = "From shipped by Amazon to number taken by TikTok.";
    page.histogram("mcf_tracking_time_seconds", text, &metrics.tracking_time);
    let text = "Share of parcels whose number TikTok had within four hours.";
    page.value("mcf_tracking_in_time_ratio", text, metrics.tracking_within_four_hours);
    commands(&mut page, metrics, now);
    calls(&mut page, &metrics.api_calls);
    page.text
}

fn orders(page: &mut Page, metrics: &Metrics, now: DateTime<Utc>) {
    page.counter(
        "mcf_orders_detected_total",
        "Orders ever seen.",
        metrics.orders_detected,
    );
    page.family(
        "mcf_orders_by_kind",
        "Orders ever seen, by the kind that they are now.",
        "gauge",
    );
    for kind in Kind::ALL {
        let orders = metrics.orders_by_kind.get(&kind).copied().unwrap_or_default();
        page.sample("mcf_orders_by_kind", &[("kind", kind.as_str())], orders);
    }
    page.counter(
        "mcf_orders_routed_total",
        "Orders that Amazon ever accepted.",
        metrics.orders_routed,
    );
    let text = "Orders that are flagged now, or were and are dismissed.";
    page.value("mcf_orders_failed", text, Some(metrics.orders_failed));
    deadlines(page, metrics);
    let text = "Accepted orders that have not failed, over those and the failed ones.";
    page.value("mcf_success_rate", text, metrics.success_rate);
    let oldest = metrics.oldest_unrouted_order.as_ref();
    page.value(
        "mcf_oldest_unrouted_order_timestamp_seconds",
        "When the order was paid that waits longest for Amazon to accept it.",
        oldest.map(|order| at(order.age_seconds, now)),
    );
    page.family("mcf_flags", "Flags that hold now.", "gauge");
    for flag in &metrics.flags {
        page.sample("mcf_flags", &[("reason", flag.reason.as_str())], flag.count);
    }
}

fn deadlines(page: &mut Page, metrics: &Metrics) {
    let counts = [
        (
            "mcf_orders_late",
            "Open orders past their deadline.",
            metrics.orders_late,
        ),
        (
            "mcf_orders_due_today",
            "Open orders that are due today.",
            metrics.orders_due_today,
        ),
        (
            "mcf_orders_due_tomorrow",
            "Open orders that are due tomorrow.",
            metrics.orders_due_tomorrow,
        ),
        (
            "mcf_orders_at_risk",
            "Open orders that leave too late by Amazon's plan.",
            metrics.orders_at_risk,
        ),
    ];
    for (name, text, count) in counts {
        page.value(name, text, Some(count));
    }
    let name = "mcf_late_dispatch_rate";
    let rates: Vec<_> = metrics
        .late_dispatch_rate
        .named()
        .into_iter()
        .filter_map(|(window, rate)| Some((window, rate?)))
        .collect();
    if !rates.is_empty() {
        page.family(
            name,
            "Share of the orders due in the window that were handed over late or not at all.",
            "gauge",
        );
    }
    for (window, rate) in rates {
        page.sample(name, &[("window", window)], rate);
    }
    groups(page, metrics);
}

/// Orders due in the last 30 days by how they went.
fn groups(page: &mut Page, metrics: &Metrics) {
    let groups: Vec<_> = metrics.late_dispatch.named().collect();
    if groups.is_empty() {
        return;
    }
    type Count = fn(&DispatchGroup) -> u64;
    let counts: [(&str, &str, Count); 2] = [
        (
            "mcf_dispatch_due",
            "Orders that were due in the last 30 days.",
            |group| group.due,
        ),
        (
            "mcf_dispatch_late",
            "Those that were handed over late or not at all.",
            |group| group.late,
        ),
    ];
    for (name, text, count) in counts {
        page.family(name, text, "gauge");
        for (what, group) in &groups {
            page.sample(name, &[("by", what), ("name", &group.name)], count(group));
        }
    }
}

fn commands(page: &mut Page, metrics: &Metrics, now: DateTime<Utc>) {
    let name = "mcf_command_last_success_timestamp_seconds";
    let ages: Vec<_> = metrics
        .commands
        .iter()
        .filter_map(|command| Some((command.name.as_str(), command.seconds_since_good_run?)))
        .collect();
    if !ages.is_empty() {
        page.family(name, "When a command last did its work.", "gauge");
    }
    for (command, age) in ages {
        page.sample(name, &[("command", command)], at(age, now));
    }
    let name = "mcf_command_overdue";
    page.family(
        name,
        "1 when that is longer than twice the command's interval or never was.",
        "gauge",
    );
    for command in &metrics.commands {
        page.sample(name, &[("command", &command.name)], u8::from(command.overdue));
    }
}

fn calls(page: &mut Page, calls: &[CallMetrics]) {
    if calls.is_empty() {
        return;
    }
    type Count = fn(&CallMetrics) -> u64;
    let counters: [(&str, &str, Count); 3] = [
        ("mcf_api_calls_total", "API calls.", |call| call.calls),
        ("mcf_api_errors_total", "API calls that did not end well.", |call| {
            call.errors
        }),
        (
            "mcf_api_unknown_total",
            "API calls of which nobody knows whether they were carried out.",
            |call| call.unknown,
        ),
    ];
    for (name, help, count) in counters {
        page.family(name, help, "counter");
        for call in calls {
            page.sample(
                name,
                &[("vendor", &call.vendor), ("operation", &call.operation)],
                count(call),
            );
        }
    }
    let name = "mcf_api_call_duration_seconds";
    page.family(name, "How long API calls took.", "summary");
    for call in calls {
        let labels = [("vendor", call.vendor.as_str()), ("operation", call.operation.as_str())];
        let quantiles = [("0.5", call.p50_ms), ("0.95", call.p95_ms)];
        for (quantile, milliseconds) in quantiles.into_iter().filter_map(|(q, value)| Some((q, value?))) {
            let [vendor, operation] = labels;
            page.sample(
                name,
                &[vendor, operation, ("quantile", quantile)],
                seconds(milliseconds),
            );
        }
        page.sample(&format!("{name}_sum"), &labels, seconds(call.sum_ms));
        page.sample(&format!("{name}_count"), &labels, call.calls);
    }
}

/// The instant, in Unix seconds, that lies so many seconds back.
fn at(age_seconds: i64, now: DateTime<Utc>) -> i64 {
    now.timestamp() - age_seconds
}

fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1_000.0
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn counter(&mut self, name: &str, help: &str, count: u64) {
        self.family(name, help, "counter");
        self.sample(name, &[], count);
    }

    fn value(&mut self, name: &str, help: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.family(name, help, "gauge");
            self.sample(name, &[], value);
        }
    }

    fn histogram(&mut self, name: &str, help: &str, latency: &Latency) {
        self.family(name, help, "histogram");
        let bucket = format!("{name}_bucket");
        for end in ENDS {
            self.sample(&bucket, &[("le", &end.to_string())], latency.within(end));
        }
        self.sample(&bucket, &[("le", "+Inf")], latency.count);
        self.sample(&format!("{name}_sum"), &[], latency.sum);
        self.sample(&format!("{name}_count"), &[], latency.count);
    }

    fn family(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.text, "# HELP {name} {}", escape_help(help));
        let _ = writeln!(self.text, "# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escape_label(value)))
            .collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.text, "{name}{labels} {value}");
    }
}

fn escape_help(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

fn escape_label(text: &str) -> String {
    escape_help(text).replace('"', "\\\"")
}

#[cfg(test)]
mod tests;
