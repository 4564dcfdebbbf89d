//! Approval: every order waits for a person's word, and the word holds for what the person saw.

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::road::{FIRST, Road};

const SECOND: &str = "576900000000000102";

fn creates(road: &Road) -> usize {
    road.log().count(Operation::CreateFulfillmentOrder)
}

fn road_that_asks(kinds: &[OrderKind]) -> Road {
    let road = Road::of(kinds);
    let config = std::fs::read_to_string(road.config()).expect("a file");
    std::fs::write(road.config(), format!("{config}\n[routing]\napproval = \"all\"\n")).expect("a file");
    road
}

#[test]
fn an_order_waits_until_it_is_approved_and_goes_at_the_next_poll() {
    let mut road = road_that_asks(&[OrderKind::Plain, OrderKind::Plain]);
    road.poll();
    assert_eq!(creates(&road), 0);
    let order = road.good(&["status", FIRST]);
    assert_eq!(
        (&order["order"]["state"], &order["order"]["stateDetail"]),
        (&"waiting".into(), &"approval".into()),
        "{order}"
    );
    let status = road.good(&["status"]);
    assert_eq!(status["attention"][0]["kind"], "approval", "{status}");
    assert_eq!(
        status["attention"][0]["nextCommand"],
        format!("mcf orders approve {FIRST}")
    );
    let dry = road.good(&["orders", "approve", FIRST, "--dry-run"]);
    assert_eq!(dry["orders"][0]["changed"], false);
    road.pass(5, 0);
    road.poll();
    assert_eq!(creates(&road), 0, "a dry run approves nothing");
    let said = road.good(&["orders", "approve", FIRST, SECOND, "--because", "looked at both"]);
    assert_eq!(said["orders"][1]["changed"], true, "{said}");
    let again = road.good(&["orders", "approve", FIRST]);
    assert_eq!(again["orders"][0]["changed"], false);
    assert_eq!(creates(&road), 0, "approving sends nothing by itself");
    road.poll();
    assert_eq!(creates(&road), 2);
    let told = road.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(told.contains("looked at both"), "the history says why: {told}");
    assert_eq!(road.good(&["orders", "approve", FIRST])["orders"][0]["changed"], false);
}

#[test]
fn what_is_not_in_order_is_told_before_anybody_is_asked() {
    let road = road_that_asks(&[OrderKind::Unmapped]);
    road.poll();
    assert_eq!(road.state(FIRST).to_string(), "flagged");
    assert_eq!(road.flags(FIRST)[0].0, "SKU_NOT_MAPPED");
}

#[test]
fn to_route_an_order_by_hand_approves_it() {
    let road = road_that_asks(&[OrderKind::Plain]);
    road.good(&["route", FIRST, "--dry-run"]);
    road.poll();
    assert_eq!(creates(&road), 0);
    road.good(&["route", FIRST, "--because", "a gift"]);
    assert_eq!(creates(&road), 1);
    let told = road.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(told.contains("approved") && told.contains("a gift"), "{told}");
}

#[test]
fn another_address_ends_an_approval() {
    let mut road = road_that_asks(&[OrderKind::Plain]);
    road.poll();
    road.good(&["orders", "approve", FIRST]);
    {
        let mut world = road.sandbox.world();
        let order = world.tiktok.orders.get_mut(FIRST).expect("the order");
        order.address.line1 = "7 Other Road".into();
    }
    road.pass(5, 0);
    road.poll();
    assert_eq!(creates(&road), 0, "somebody else's address was approved");
    assert_eq!(road.state(FIRST).to_string(), "waiting");
    road.good(&["orders", "approve", FIRST]);
    road.poll();
    assert_eq!(creates(&road), 1);
}

#[test]
fn an_order_that_is_not_known_is_told_with_3_and_the_others_are_approved() {
    let road = road_that_asks(&[OrderKind::Plain]);
    road.poll();
    road.mcf(&["orders", "approve", "576900000000000999", FIRST])
        .ends_with(3);
    road.poll();
    assert_eq!(creates(&road), 1);
}
