//! An order that still needs a person is told again before its deadline.

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::sandbox::scenario::OrderKind;
use serde_json::Value;

use super::events::events;
use super::test_shop::{FIRST, TestShop};

fn failures(shop: &TestShop) -> Vec<Value> {
    events(&shop.database(), "order.failed")
}

fn deadline(shop: &TestShop) -> DateTime<Utc> {
    let due = shop.good(&["status", FIRST])["order"]["deadlines"]["scannedBy"].clone();
    let due = due.as_str().expect("a deadline").parse::<DateTime<Utc>>();
    due.expect("an instant")
}

fn poll_before(shop: &mut TestShop, due: DateTime<Utc>, hours: i64) {
    shop.now = due - TimeDelta::hours(hours);
    shop.pass(0, 0);
    shop.mcf(&["poll"]).ends_with(0);
}

#[test]
fn an_order_that_still_needs_a_person_is_told_again_as_its_deadline_nears_and_once_for_each_step() {
    let mut shop = TestShop::of(&[OrderKind::Unmapped]);
    shop.poll();
    let due = deadline(&shop);
    for (hours, told) in [(30, 1), (24, 2), (23, 2), (5, 2), (4, 3), (3, 3), (1, 3), (-1, 3)] {
        poll_before(&mut shop, due, hours);
        assert_eq!(failures(&shop).len(), told, "{hours} hours before");
    }
    let told = failures(&shop);
    let fields = |event: &Value| ["orderId", "reason", "error"].map(|name| event[name].clone());
    assert_eq!(fields(&told[1]), fields(&told[0]));
    assert!(told[0]["deadline"].is_null(), "the first word is none of a deadline");
    assert_eq!(told[2]["deadline"], told[1]["deadline"]);
}

#[test]
fn who_is_dismissed_or_in_order_again_is_not_told_of_and_a_dry_run_tells_nothing() {
    let mut shop = TestShop::of(&[OrderKind::Unmapped, OrderKind::BadAddress]);
    shop.poll();
    let due = deadline(&shop);
    let first = failures(&shop).len();
    shop.now = due - TimeDelta::hours(20);
    shop.mcf(&["poll", "--dry-run"]).ends_with(0);
    assert_eq!(failures(&shop).len(), first, "a dry run tells nothing");
    shop.good(&["orders", "dismiss", FIRST]);
    let order = "576900000000000102";
    shop.sandbox
        .world()
        .tiktok
        .order_mut(order)
        .expect("an order")
        .address
        .postal_code = "95110".to_owned();
    poll_before(&mut shop, due, 20);
    assert_eq!(failures(&shop).len(), first);
}
