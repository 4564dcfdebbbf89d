//! Approval: every order waits for a person's word, and the word holds for what the person saw.

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::{FIRST, TestShop};

const SECOND: &str = "576900000000000102";

fn creates(shop: &TestShop) -> usize {
    shop.log().count(Operation::CreateFulfillmentOrder)
}

fn road_that_asks(kinds: &[OrderKind]) -> TestShop {
    let shop = TestShop::of(kinds);
    let config = std::fs::read_to_string(shop.config()).expect("a file");
    std::fs::write(shop.config(), format!("{config}\n[routing]\napproval = \"all\"\n")).expect("a file");
    shop
}

#[test]
fn an_order_waits_until_it_is_approved_and_goes_at_the_next_poll() {
    let mut shop = road_that_asks(&[OrderKind::Plain, OrderKind::Plain]);
    shop.poll();
    assert_eq!(creates(&shop), 0);
    let order = shop.good(&["status", FIRST]);
    assert_eq!(
        (&order["order"]["state"], &order["order"]["stateDetail"]),
        (&"waiting".into(), &"approval".into()),
        "{order}"
    );
    let status = shop.good(&["status"]);
    assert_eq!(status["attention"][0]["kind"], "approval", "{status}");
    assert_eq!(
        status["attention"][0]["nextCommand"],
        format!("mcf orders approve {FIRST}")
    );
    let dry = shop.good(&["orders", "approve", FIRST, "--dry-run"]);
    assert_eq!(dry["orders"][0]["changed"], false);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(creates(&shop), 0, "a dry run approves nothing");
    let said = shop.good(&["orders", "approve", FIRST, SECOND, "--because", "looked at both"]);
    assert_eq!(said["orders"][1]["changed"], true, "{said}");
    let again = shop.good(&["orders", "approve", FIRST]);
    assert_eq!(again["orders"][0]["changed"], false);
    assert_eq!(creates(&shop), 0, "approving sends nothing by itself");
    shop.poll();
    assert_eq!(creates(&shop), 2);
    let told = shop.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(told.contains("looked at both"), "the history says why: {told}");
    assert_eq!(shop.good(&["orders", "approve", FIRST])["orders"][0]["changed"], false);
}

#[test]
fn what_is_not_in_order_is_told_before_anybody_is_asked() {
    let shop = road_that_asks(&[OrderKind::Unmapped]);
    shop.poll();
    assert_eq!(shop.state(FIRST).to_string(), "flagged");
    assert_eq!(shop.flags(FIRST)[0].0, "SKU_NOT_MAPPED");
}

#[test]
fn to_route_an_order_by_hand_approves_it() {
    let shop = road_that_asks(&[OrderKind::Plain]);
    shop.good(&["route", FIRST, "--dry-run"]);
    shop.poll();
    assert_eq!(creates(&shop), 0);
    shop.good(&["route", FIRST, "--because", "a gift"]);
    assert_eq!(creates(&shop), 1);
    let told = shop.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(told.contains("approved") && told.contains("a gift"), "{told}");
}

#[test]
fn another_address_ends_an_approval() {
    let mut shop = road_that_asks(&[OrderKind::Plain]);
    shop.poll();
    shop.good(&["orders", "approve", FIRST]);
    {
        let mut world = shop.sandbox.world();
        let order = world.tiktok.orders.get_mut(FIRST).expect("the order");
        order.address.line1 = "7 Other TestShop".into();
    }
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(creates(&shop), 0, "somebody else's address was approved");
    assert_eq!(shop.state(FIRST).to_string(), "waiting");
    shop.good(&["orders", "approve", FIRST]);
    shop.poll();
    assert_eq!(creates(&shop), 1);
}

#[test]
fn an_order_that_is_not_known_is_told_with_3_and_the_others_are_approved() {
    let shop = road_that_asks(&[OrderKind::Plain]);
    shop.poll();
    shop.mcf(&["orders", "approve", "576900000000000999", FIRST])
        .ends_with(3);
    shop.poll();
    assert_eq!(creates(&shop), 1);
}
