//! The page, read strictly.

use std::collections::{BTreeMap, BTreeSet};

use super::super::tests_support::{filled, now, timing};
use super::*;
use crate::store::Store;
use crate::store::tests_support::store;

fn page(store: &Store) -> String {
    exposition(&Metrics::read(store, &timing(), None, now()).expect("metrics"), now())
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
            assert!(["counter", "gauge", "summary", "histogram"].contains(&word), "{word}");
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
                    && [format!("{family}_sum"), format!("{family}_count")].contains(&name.to_owned()))
                || (kind == "histogram"
                    && ["bucket", "sum", "count"]
                        .map(|end| format!("{family}_{end}"))
                        .contains(&name.to_owned()));
            assert_eq!(labels.contains_key("le"), name.ends_with("_bucket"), "{line}");
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
        "mcf_success_rate",
        "mcf_oldest_unrouted",
        "mcf_command_last_success",
        "quantile",
    ] {
        assert!(!page.contains(name), "{name}");
    }
    assert!(page.contains("mcf_orders_detected_total 0\n"));
}

#[test]
fn hostile_operation_names_stay_inside_their_label() {
    let (_folder, store) = store();
    let mut metrics = Metrics::read(&store, &timing(), None, now()).expect("metrics");
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
    let samples = check(&exposition(&metrics, now()));
    assert_eq!(samples["mcf_orders_failed {}"], 0.0, "H1");
}
