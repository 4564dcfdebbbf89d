//! The counters and latencies, as JSON and as text.

use super::super::tests_support::{FLAGGED, WAITING, filled, now, terminal, timing};
use super::*;
use crate::domain::flag::{Detail, Flag};
use crate::domain::state::{State, Step};
use crate::store::tests_support::store;

fn metrics(store: &Store) -> Metrics {
    Metrics::read(store, &timing(), now()).expect("metrics")
}

#[test]
fn the_json_and_the_text_of_a_busy_store() {
    let (_folder, store) = filled();
    insta::assert_snapshot!("json", super::super::json(&metrics(&store)).expect("JSON"));
    insta::assert_snapshot!("terminal", metrics(&store).text(&terminal()));
    insta::assert_snapshot!("pipe", metrics(&store).text(&View::pipe(now())));
}

#[test]
fn nothing_decided_is_null_and_not_zero() {
    let (_folder, store) = store();
    let metrics = serde_json::to_value(metrics(&store)).expect("JSON");
    for name in [
        "successRate",
        "averageRoutingTime",
        "trackingWithinFourHours",
        "oldestUnroutedOrder",
    ] {
        assert_eq!(metrics.get(name), Some(&serde_json::Value::Null), "{name}");
    }
    assert_eq!(metrics["ordersDetected"], 0);
    assert_eq!(metrics["routingTime"]["p50"], serde_json::Value::Null);
}

#[test]
fn a_dismissed_order_counts_as_failed_only_when_it_had_been_flagged() {
    let (_folder, store) = filled();
    let dismiss = |id: &str, from: State| {
        let why = "by the operator";
        store
            .step(&TiktokOrderId::new(id), from, Step::Dismiss, why, None, now())
            .expect("dismissed");
    };
    dismiss(FLAGGED, State::Flagged);
    assert_eq!(metrics(&store).orders_failed, 2);
    dismiss(WAITING, State::Waiting);
    assert_eq!(metrics(&store).orders_failed, 2);
    assert_eq!(metrics(&store).success_rate, Some(0.5));
}

#[test]
fn an_order_that_merely_waits_counts_on_neither_side_of_the_success_rate() {
    for (details, rate) in [
        (&[Detail::StockTooLow][..], 2.0 / 3.0),
        (&[Detail::Sample, Detail::RefusedForStock], 2.0 / 3.0),
        (&[Detail::StockTooLow, Detail::CityMissing], 0.5),
    ] {
        let (_folder, store) = filled();
        let before = metrics(&store).success_rate;
        assert_eq!(before, Some(0.5), "two of four");
        let id = TiktokOrderId::new(FLAGGED);
        for flag in store.flags(&id).expect("flags") {
            store.clear_flag(&id, flag.detail, now()).expect("cleared");
        }
        for detail in details {
            store
                .raise_flag(&id, &Flag::plain(*detail, &id), now())
                .expect("raised");
        }
        assert_eq!(metrics(&store).success_rate, Some(rate), "{details:?}");
    }
}

#[test]
fn a_percentile_is_a_value_that_was_measured() {
    let hundred: Vec<i64> = (1..=100).collect();
    assert_eq!(percentile(&hundred, 50), Some(50));
    assert_eq!(percentile(&hundred, 95), Some(95));
    assert_eq!(percentile(&[7], 95), Some(7));
    assert_eq!(percentile(&[1, 2], 50), Some(1));
    assert_eq!(percentile(&[], 50), None);
}

#[test]
fn a_parcel_without_a_number_counts_against_the_four_hours_once_they_are_over() {
    let four_hours = 4 * 3_600;
    assert_eq!(in_time(&[60, four_hours, four_hours + 1], 0), Some(2.0 / 3.0), "E109");
    assert_eq!(in_time(&[60], 1), Some(0.5), "E109");
    assert_eq!(in_time(&[], 0), None);
}
