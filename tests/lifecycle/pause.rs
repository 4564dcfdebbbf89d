//! `mcf pause`: nothing new goes to Amazon, everything else goes on, and it ends by itself (E141).

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::test_shop::{FIRST, TestShop};

fn creates(shop: &TestShop) -> usize {
    shop.log().count(Operation::CreateFulfillmentOrder)
}

#[test]
fn a_pause_until_an_hour_keeps_new_orders_back_and_ends_by_itself_e141() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    let until = (shop.now + chrono::TimeDelta::hours(10)).to_rfc3339();
    let said = shop.good(&["pause", "--until", &until, "--because", "stocktaking"]);
    assert_eq!(said["paused"]["because"], "stocktaking");
    shop.poll();
    assert_eq!(creates(&shop), 0, "no new order goes");
    let order = shop.good(&["status", FIRST]);
    assert_eq!(order["order"]["state"], "waiting");
    let status = shop.good(&["status"]);
    assert_eq!(status["paused"]["because"], "stocktaking", "{status}");
    let check = shop.mcf(&["status", "--check"]).ends_with(3);
    assert!(
        check.stdout.contains("paused") && check.stdout.contains("mcf resume"),
        "{check:?}"
    );
    shop.good(&["sync-tracking"]);
    shop.good(&["sync-inventory"]);
    shop.pass(601, 0);
    assert!(shop.good(&["status"])["paused"].is_null());
    shop.poll();
    assert_eq!(creates(&shop), 1, "it goes on by itself");
}

#[test]
fn a_pause_without_an_end_lasts_until_resume_and_a_person_may_route_meanwhile_e141() {
    let mut shop = TestShop::of(&[OrderKind::Plain, OrderKind::Plain]);
    shop.good(&["pause"]);
    shop.pass(60 * 24, 0);
    shop.poll();
    assert_eq!(creates(&shop), 0);
    shop.good(&["route", FIRST]);
    assert_eq!(creates(&shop), 1, "route goes all the same");
    shop.poll();
    assert_eq!(creates(&shop), 1);
    assert_eq!(shop.good(&["resume"])["changed"], true);
    shop.poll();
    assert_eq!(creates(&shop), 2);
    assert_eq!(shop.good(&["resume"])["changed"], false, "once more changes nothing");
}

#[test]
fn a_pause_keeps_repeats_of_uncertain_orders_back_and_they_are_read_all_the_same_e141() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    let lost = Fault::before(Disturbance::Drop);
    shop.sandbox
        .world()
        .faults
        .script(Operation::CreateFulfillmentOrder, 1, 1, lost);
    shop.mcf(&["poll"]).ends_with(4);
    assert_eq!(creates(&shop), 1);
    shop.good(&["pause"]);
    for _ in 0..6 {
        shop.pass(20, 0);
        shop.mcf(&["poll"]);
    }
    assert_eq!(creates(&shop), 1, "nothing is sent again");
    assert!(
        shop.log().count(Operation::GetFulfillmentOrder) >= 6,
        "it is looked for"
    );
    shop.good(&["resume"]);
    shop.pass(20, 0);
    shop.poll();
    assert_eq!(creates(&shop), 2);
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 1);
}

#[test]
fn a_paused_order_that_the_buyer_cancels_is_closed_e141() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.good(&["pause"]);
    shop.poll();
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        world
            .tiktok
            .orders
            .get_mut(FIRST)
            .expect("the order")
            .cancel("BUYER", now);
    }
    shop.pass(10, 0);
    shop.poll();
    assert_eq!(shop.state(FIRST).to_string(), "cancelled");
    assert_eq!(creates(&shop), 0);
}

#[test]
fn the_past_and_nonsense_are_usage_and_a_dry_run_pauses_nothing_e141() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    for until in ["2026-01-05T07:59:59Z", "tomorrow", "25:00"] {
        shop.mcf(&["pause", "--until", until]).ends_with(2);
    }
    shop.mcf(&["pause", "--until", "18:00", "--dry-run"]).ends_with(0);
    shop.mcf(&["resume", "--dry-run"]).ends_with(0);
    assert!(shop.good(&["status"])["paused"].is_null());
    let said = shop.mcf_with(&[("TZ", "America/New_York")], &["pause", "--until", "18:00", "--json"]);
    assert_eq!(said.ends_with(0).json()["paused"]["until"], "2026-01-05T23:00:00Z");
}
