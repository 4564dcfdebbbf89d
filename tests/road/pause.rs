//! `mcf pause`: nothing new goes to Amazon, everything else goes on, and it ends by itself (E141).

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::road::{FIRST, Road};

fn creates(road: &Road) -> usize {
    road.log().count(Operation::CreateFulfillmentOrder)
}

#[test]
fn a_pause_until_an_hour_keeps_new_orders_back_and_ends_by_itself_e141() {
    let mut road = Road::of(&[OrderKind::Plain]);
    let until = (road.now + chrono::TimeDelta::hours(10)).to_rfc3339();
    let said = road.good(&["pause", "--until", &until, "--because", "stocktaking"]);
    assert_eq!(said["paused"]["because"], "stocktaking");
    road.poll();
    assert_eq!(creates(&road), 0, "no new order goes");
    let order = road.good(&["status", FIRST]);
    assert_eq!(order["order"]["state"], "waiting");
    let status = road.good(&["status"]);
    assert_eq!(status["paused"]["because"], "stocktaking", "{status}");
    let check = road.mcf(&["status", "--check"]).ends_with(3);
    assert!(
        check.stdout.contains("paused") && check.stdout.contains("mcf resume"),
        "{check:?}"
    );
    road.good(&["sync-tracking"]);
    road.good(&["sync-inventory"]);
    road.pass(601, 0);
    assert!(road.good(&["status"])["paused"].is_null());
    road.poll();
    assert_eq!(creates(&road), 1, "it goes on by itself");
}

#[test]
fn a_pause_without_an_end_lasts_until_resume_and_a_person_may_route_meanwhile_e141() {
    let mut road = Road::of(&[OrderKind::Plain, OrderKind::Plain]);
    road.good(&["pause"]);
    road.pass(60 * 24, 0);
    road.poll();
    assert_eq!(creates(&road), 0);
    road.good(&["route", FIRST]);
    assert_eq!(creates(&road), 1, "route goes all the same");
    road.poll();
    assert_eq!(creates(&road), 1);
    assert_eq!(road.good(&["resume"])["changed"], true);
    road.poll();
    assert_eq!(creates(&road), 2);
    assert_eq!(road.good(&["resume"])["changed"], false, "once more changes nothing");
}

#[test]
fn a_pause_keeps_repeats_of_uncertain_orders_back_and_they_are_read_all_the_same_e141() {
    let mut road = Road::of(&[OrderKind::Plain]);
    let lost = Fault::before(Disturbance::Drop);
    road.sandbox
        .world()
        .faults
        .script(Operation::CreateFulfillmentOrder, 1, 1, lost);
    road.mcf(&["poll"]).ends_with(4);
    assert_eq!(creates(&road), 1);
    road.good(&["pause"]);
    for _ in 0..6 {
        road.pass(20, 0);
        road.mcf(&["poll"]);
    }
    assert_eq!(creates(&road), 1, "nothing is sent again");
    assert!(
        road.log().count(Operation::GetFulfillmentOrder) >= 6,
        "it is looked for"
    );
    road.good(&["resume"]);
    road.pass(20, 0);
    road.poll();
    assert_eq!(creates(&road), 2);
    assert_eq!(road.sandbox.world().amazon.orders.len(), 1);
}

#[test]
fn a_paused_order_that_the_buyer_cancels_is_closed_e141() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.good(&["pause"]);
    road.poll();
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        world
            .tiktok
            .orders
            .get_mut(FIRST)
            .expect("the order")
            .cancel("BUYER", now);
    }
    road.pass(10, 0);
    road.poll();
    assert_eq!(road.state(FIRST).to_string(), "cancelled");
    assert_eq!(creates(&road), 0);
}

#[test]
fn the_past_and_nonsense_are_usage_and_a_dry_run_pauses_nothing_e141() {
    let road = Road::of(&[OrderKind::Plain]);
    for until in ["2026-01-05T07:59:59Z", "tomorrow", "25:00"] {
        road.mcf(&["pause", "--until", until]).ends_with(2);
    }
    road.mcf(&["pause", "--until", "18:00", "--dry-run"]).ends_with(0);
    road.mcf(&["resume", "--dry-run"]).ends_with(0);
    assert!(road.good(&["status"])["paused"].is_null());
    let said = road.mcf_with(&[("TZ", "America/New_York")], &["pause", "--until", "18:00", "--json"]);
    assert_eq!(said.ends_with(0).json()["paused"]["until"], "2026-01-05T23:00:00Z");
}
