//! The report of one order.

use super::*;
use crate::report::tests_support::{self, FLAGGED, SHIPPED, UNKNOWN, filled, now};

fn report(id: &str, with_address: bool) -> OrderReport {
    let (_folder, store) = filled();
    let report =
        OrderReport::read(&store, &TiktokOrderId::new(id), with_address, &Timing::default(), now()).expect("read");
    report.expect("the order")
}

#[test]
fn the_json_of_an_order_has_its_parcels_deadlines_and_whole_history() {
    insta::assert_snapshot!("shipped", crate::report::json(&report(SHIPPED, false)).expect("JSON"));
    insta::assert_snapshot!("flagged", crate::report::json(&report(FLAGGED, false)).expect("JSON"));
}

#[test]
fn people_read_why_an_order_stands_where_it_stands() {
    insta::assert_snapshot!("terminal", report(UNKNOWN, false).text(&tests_support::terminal()));
    insta::assert_snapshot!("pipe", report(FLAGGED, false).text(&View::pipe(now())));
}

#[test]
fn the_buyers_address_is_there_only_when_it_was_asked_for() {
    for canary in ["Dana Whitfield", "1842 Larkspur Ave", "2135550147", "95110"] {
        let without = report(SHIPPED, false);
        let shown = crate::report::json(&without).expect("JSON") + &without.text(&tests_support::terminal());
        assert!(!shown.contains(canary), "I10, E119: {canary}");
        let with = report(SHIPPED, true);
        assert!(crate::report::json(&with).expect("JSON").contains(canary));
        assert!(with.text(&tests_support::terminal()).contains(canary));
        assert!(!format!("{with:?}").contains(canary), "E119: {canary}");
    }
}

#[test]
fn an_order_that_was_never_seen_has_no_report() {
    let (_folder, store) = filled();
    let hostile = TiktokOrderId::new("'; DROP TABLE orders;--");
    assert_eq!(
        OrderReport::read(&store, &hostile, true, &Timing::default(), now()).expect("read"),
        None,
        "A4"
    );
}
