//! An order that still needs a person is told again before its deadline.

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::sandbox::scenario::OrderKind;
use serde_json::Value;

use super::events::events;
use super::road::{FIRST, Road};

fn failures(road: &Road) -> Vec<Value> {
    events(&road.database(), "order.failed")
}

fn deadline(road: &Road) -> DateTime<Utc> {
    let due = road.good(&["status", FIRST])["order"]["deadlines"]["scannedBy"].clone();
    let due = due.as_str().expect("a deadline").parse::<DateTime<Utc>>();
    due.expect("an instant")
}

fn poll_before(road: &mut Road, due: DateTime<Utc>, hours: i64) {
    road.now = due - TimeDelta::hours(hours);
    road.pass(0, 0);
    road.mcf(&["poll"]).ends_with(0);
}

#[test]
fn an_order_that_still_needs_a_person_is_told_again_as_its_deadline_nears_and_once_for_each_step() {
    let mut road = Road::of(&[OrderKind::Unmapped]);
    road.poll();
    let due = deadline(&road);
    for (hours, told) in [(30, 1), (24, 2), (23, 2), (5, 2), (4, 3), (3, 3), (1, 3), (-1, 3)] {
        poll_before(&mut road, due, hours);
        assert_eq!(failures(&road).len(), told, "{hours} hours before");
    }
    let told = failures(&road);
    let fields = |event: &Value| ["orderId", "reason", "error"].map(|name| event[name].clone());
    assert_eq!(fields(&told[1]), fields(&told[0]));
    assert!(told[0]["deadline"].is_null(), "the first word is none of a deadline");
    assert_eq!(told[2]["deadline"], told[1]["deadline"]);
}

#[test]
fn who_is_dismissed_or_in_order_again_is_not_told_of_and_a_dry_run_tells_nothing() {
    let mut road = Road::of(&[OrderKind::Unmapped, OrderKind::BadAddress]);
    road.poll();
    let due = deadline(&road);
    let first = failures(&road).len();
    road.now = due - TimeDelta::hours(20);
    road.mcf(&["poll", "--dry-run"]).ends_with(0);
    assert_eq!(failures(&road).len(), first, "a dry run tells nothing");
    road.good(&["orders", "dismiss", FIRST]);
    let order = "576900000000000102";
    road.sandbox
        .world()
        .tiktok
        .order_mut(order)
        .expect("an order")
        .address
        .postal_code = "95110".to_owned();
    poll_before(&mut road, due, 20);
    assert_eq!(failures(&road).len(), first);
}
