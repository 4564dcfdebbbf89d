//! The metrics in Prometheus' text exposition format 0.0.4. What is not known is left out.

use std::fmt::{Display, Write};

use super::metrics::{CallMetrics, Latency, Metrics};

/// Writes the metrics for a scraper or the node exporter's text file folder.
#[must_use]
pub fn exposition(metrics: &Metrics) -> String {
    let mut page = Page::default();
    orders(&mut page, metrics);
    let text = "From paid at TikTok to accepted by Amazon.";
    page.latency("mcf_routing", text, &metrics.routing_time);
    page.value(
        "mcf_routing_average_seconds",
        "The mean of it.",
        metrics.average_routing_time,
    );
    page.counter(
        "mcf_trackings_synced_total",
        "Parcels whose number TikTok has.",
        metrics.trackings_synced,
    );
    let text = "From shipped by Amazon to number taken by TikTok.";
    page.latency("mcf_tracking_sync", text, &metrics.tracking_time);
    let text = "Share of parcels whose number TikTok had within four hours.";
    page.value(
        "mcf_tracking_within_four_hours_ratio",
        text,
        metrics.tracking_within_four_hours,
    );
    commands(&mut page, metrics);
    calls(&mut page, &metrics.api_calls);
    page.text
}

fn orders(page: &mut Page, metrics: &Metrics) {
    page.counter(
        "mcf_orders_detected_total",
        "Orders ever seen.",
        metrics.orders_detected,
    );
    page.counter(
        "mcf_orders_routed_total",
        "Orders that Amazon ever accepted.",
        metrics.orders_routed,
    );
    let text = "Orders that are flagged now, or were and are dismissed.";
    page.value("mcf_orders_failed", text, Some(metrics.orders_failed));
    let text = "Accepted orders that have not failed, over those and the failed ones.";
    page.value("mcf_success_ratio", text, metrics.success_rate);
    let age = metrics.oldest_unrouted_order.as_ref().map(|order| order.age_seconds);
    let text = "Age of the paid order that waits longest for Amazon to accept it.";
    page.value("mcf_oldest_unrouted_order_age_seconds", text, age);
    page.family("mcf_flags", "Flags that hold now.", "gauge");
    for flag in &metrics.flags {
        page.sample("mcf_flags", &[("reason", flag.reason.as_str())], flag.count);
    }
}

fn commands(page: &mut Page, metrics: &Metrics) {
    let name = "mcf_command_seconds_since_good_run";
    let ages: Vec<_> = metrics
        .commands
        .iter()
        .filter_map(|command| Some((command.name.as_str(), command.seconds_since_good_run?)))
        .collect();
    if !ages.is_empty() {
        page.family(name, "Time since a command last did its work.", "gauge");
    }
    for (command, age) in ages {
        page.sample(name, &[("command", command)], age);
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

    fn latency(&mut self, prefix: &str, help: &str, latency: &Latency) {
        let name = format!("{prefix}_seconds");
        self.family(&name, help, "summary");
        let quantiles = [("0.5", latency.p50), ("0.95", latency.p95)];
        for (quantile, seconds) in quantiles.into_iter().filter_map(|(q, value)| Some((q, value?))) {
            self.sample(&name, &[("quantile", quantile)], seconds);
        }
        self.sample(&format!("{name}_sum"), &[], latency.sum);
        self.sample(&format!("{name}_count"), &[], latency.count);
        self.value(&format!("{prefix}_max_seconds"), "The longest of it.", latency.max);
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
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::tests_support::{filled, intervals, now};
    use super::*;
    use crate::store::Store;
    use crate::store::tests_support::store;

    fn page(store: &Store) -> String {
        exposition(&Metrics::read(store, &intervals(), now()).expect("metrics"))
    }

    /// Reads labels strictly; returns what follows the closing brace.
    fn read_labels(text: &str) -> (BTreeMap<String, String>, &str) {
        let mut labels = BTreeMap::new();
        let mut rest = text;
        loop {
            let (name, after) = rest.split_once("=\"").expect("a label");
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                "{name}"
            );
            let (value, after) = read_value(after);
            assert!(labels.insert(name.to_owned(), value).is_none(), "label {name} twice");
            match after.as_bytes().first() {
                Some(b',') => rest = &after[1..],
                Some(b'}') => return (labels, &after[1..]),
                other => panic!("{other:?} after a label"),
            }
        }
    }

    fn read_value(text: &str) -> (String, &str) {
        let mut value = String::new();
        let mut letters = text.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => return (value, &text[at + 1..]),
                '\\' => match letters.next().expect("an escape").1 {
                    'n' => value.push('\n'),
                    escaped @ ('"' | '\\') => value.push(escaped),
                    other => panic!("escape {other}"),
                },
                letter => value.push(letter),
            }
        }
        panic!("label value without an end")
    }

    /// A strict reader of the format: families in one block, HELP and TYPE first, no sample twice, numbers that parse.
    fn check(page: &str) -> BTreeMap<String, f64> {
        assert!(page.ends_with('\n') && !page.contains("\n\n") && !page.contains('\r'));
        let mut samples = BTreeMap::new();
        let (mut family, mut kind) = (String::new(), String::new());
        let mut families = BTreeSet::new();
        for line in page.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                family = help.split_once(' ').expect("a help text").0.to_owned();
                assert!(families.insert(family.clone()), "{family} in two blocks");
                kind.clear();
            } else if let Some(of) = line.strip_prefix("# TYPE ") {
                let (name, word) = of.split_once(' ').expect("a type");
                assert_eq!(name, family);
                assert!(["counter", "gauge", "summary"].contains(&word), "{word}");
                kind = word.to_owned();
            } else {
                let end = line.find(['{', ' ']).expect("a sample");
                let name = &line[..end];
                let (labels, rest) = match line[end..].strip_prefix('{') {
                    Some(labels) => read_labels(labels),
                    None => (BTreeMap::new(), &line[end..]),
                };
                let belongs = name == family
                    || (kind == "summary"
                        && [format!("{family}_sum"), format!("{family}_count")].contains(&name.to_owned()));
                assert!(belongs && !kind.is_empty(), "{name} outside of its block");
                assert!(name.starts_with("mcf_"), "{name}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
                assert_eq!(
                    kind == "summary" && name == family,
                    labels.contains_key("quantile"),
                    "{line}"
                );
                let value: f64 = rest.strip_prefix(' ').expect("one space").parse().expect("a number");
                assert!(value.is_finite(), "{line}");
                assert!(
                    samples.insert(format!("{name} {labels:?}"), value).is_none(),
                    "{line} twice"
                );
            }
        }
        samples
    }

    #[test]
    fn a_busy_store_gives_a_page_that_keeps_every_rule_of_the_format() {
        let (_folder, store) = filled();
        let page = page(&store);
        let samples = check(&page);
        assert_eq!(samples["mcf_orders_detected_total {}"], 6.0);
        insta::assert_snapshot!(page);
    }

    #[test]
    fn what_is_not_known_is_left_out_of_the_page() {
        let (_folder, store) = store();
        let page = page(&store);
        check(&page);
        for name in [
            "mcf_success_ratio",
            "mcf_routing_average_seconds",
            "mcf_oldest_unrouted",
            "since_good_run",
            "quantile",
        ] {
            assert!(!page.contains(name), "{name}");
        }
        assert!(page.contains("mcf_orders_detected_total 0\n"));
    }

    #[test]
    fn hostile_operation_names_stay_inside_their_label() {
        let (_folder, store) = store();
        let mut metrics = Metrics::read(&store, &intervals(), now()).expect("metrics");
        metrics.api_calls.push(CallMetrics {
            vendor: "tiktok".into(),
            operation: "a\"} 1\nmcf_orders_failed 9\\".into(),
            calls: 1,
            errors: 0,
            unknown: 0,
            p50_ms: Some(180),
            p95_ms: Some(180),
            sum_ms: 180,
        });
        let samples = check(&exposition(&metrics));
        assert_eq!(samples["mcf_orders_failed {}"], 0.0, "H1");
    }
}
