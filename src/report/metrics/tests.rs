//! The counters and latencies, as JSON and as text.

use chrono::TimeDelta;

use super::super::tests_support::{FLAGGED, WAITING, filled, now, terminal, timing};
use super::*;
use crate::domain::flag::{Detail, Flag};
use crate::domain::state::{State, Step};
use crate::store::tests_support::store;

fn metrics(store: &Store) -> Metrics {
    Metrics::read(store, &timing(), None, now()).expect("metrics")
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
            .step(&TiktokOrderId::new(id), from, Step::Dismiss, why, now())
            .expect("dismissed");
    };
    dismiss(FLAGGED, State::Flagged);
    assert_eq!(metrics(&store).orders_failed, 2);
    dismiss(WAITING, State::Waiting);
    assert_eq!(metrics(&store).orders_failed, 2);
    assert_eq!(metrics(&store).success_rate, Some(0.5));
}

/// Each value as the only one that is counted up to it.
fn each(values: impl IntoIterator<Item = i64>) -> Vec<Durations> {
    let one = |value| Durations {
        up_to: value,
        count: 1,
        sum: value,
        longest: value,
    };
    values.into_iter().map(one).collect()
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
    let hundred = each(1..=100);
    assert_eq!(percentile(&hundred, 50), Some(50));
    assert_eq!(percentile(&hundred, 95), Some(95));
    assert_eq!(percentile(&each([7]), 95), Some(7));
    assert_eq!(percentile(&each([1, 2]), 50), Some(1));
    assert_eq!(percentile(&[], 50), None);
}

#[test]
fn times_that_are_counted_together_give_the_longest_of_them() {
    let together = Durations {
        up_to: 60,
        count: 3,
        sum: 90,
        longest: 50,
    };
    let times = Latency::of([vec![together], each([120])].concat());
    assert_eq!(
        (times.count, times.sum, times.p50, times.p95, times.max),
        (4, 210, Some(50), Some(120), Some(120))
    );
    assert_eq!((times.within(59), times.within(60), times.within(120)), (0, 3, 4));
}

#[test]
fn a_parcel_without_a_number_counts_against_the_four_hours_once_they_are_over() {
    let four_hours = 4 * 3_600;
    let times = |values: &[i64]| Latency::of(each(values.iter().copied()));
    assert_eq!(
        in_time(&times(&[60, four_hours, four_hours + 1]), 0),
        Some(2.0 / 3.0),
        "E109"
    );
    assert_eq!(in_time(&times(&[60]), 1), Some(0.5), "E109");
    assert_eq!(in_time(&times(&[]), 0), None);
}

#[test]
fn what_a_purge_drops_stays_counted() {
    let (_folder, store) = filled();
    let before = metrics(&store);
    assert!(
        before.api_calls.iter().any(|call| call.calls > 0),
        "the sample has calls"
    );
    store
        .purge(TimeDelta::zero(), now() + TimeDelta::days(200))
        .expect("purged");
    let after = metrics(&store);
    assert_eq!(after.api_calls, before.api_calls);
    assert_eq!(after.trackings_synced, before.trackings_synced);
    assert_eq!(after.routing_time, before.routing_time);
}

#[test]
fn since_an_instant_only_what_was_seen_ended_and_called_since_is_counted() {
    let (_folder, store) = filled();
    let all = metrics(&store);
    let since = |at| Metrics::read(&store, &timing(), Some(at), now()).expect("metrics");
    let mut from_the_first_day = since(DateTime::UNIX_EPOCH);
    from_the_first_day.since = None;
    assert_eq!(from_the_first_day, all, "rows and totals say the same");
    let none = since(now() + TimeDelta::days(1));
    assert_eq!(
        (
            none.orders_detected,
            none.orders_routed,
            none.trackings_synced,
            none.routing_time.count
        ),
        (0, 0, 0, 0)
    );
    assert!(none.api_calls.is_empty() && none.orders_by_kind.is_empty());
    assert_eq!(none.orders_late, all.orders_late, "what holds now holds now");
}
