//! `route` of orders that have gone already.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::amazon::{OrderStatus, ShipmentStatus};
use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::{FIRST, TestShop};

#[test]
fn an_order_that_was_sent_shows_its_id_at_amazon_and_is_not_sent_twice() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    for _ in 0..2 {
        let document = shop.good(&["route", FIRST]);
        assert_eq!(
            document["orders"][0]["mcfOrderId"],
            format!("TTS-{FIRST}"),
            "{document}"
        );
    }
    assert_eq!(shop.log().effects(Operation::CreateFulfillmentOrder), 1);
}

#[test]
fn an_order_of_which_a_part_left_and_the_rest_will_not_is_refused_by_route_with_a_sentence() {
    let mut shop = TestShop::of(&[OrderKind::SeveralUnits]);
    shop.poll();
    shop.pass(10, 2);
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        let order = &mut world.amazon.orders[0];
        order.items[1].cancelled = order.items[1].quantity;
        let contents = vec![(order.items[0].id.clone(), order.items[0].quantity)];
        order.shipments[0].status = ShipmentStatus::Shipped;
        order.shipments[0].parcels[0].contents = contents;
        order.set_status(OrderStatus::Cancelled, now);
    }
    shop.good(&["sync-tracking"]);
    let refused = shop.mcf(&["route", FIRST, "--json"]).ends_with(3).json();
    assert_eq!(refused["orders"][0]["flags"][0]["detail"], "partly_shipped", "E89");
    let why = refused["orders"][0]["explanation"].to_string();
    assert!(why.contains("nothing is sent any more"), "E89: {why}");
    assert_eq!(shop.log().effects(Operation::CreateFulfillmentOrder), 1, "E89");
}

#[test]
fn an_order_that_is_not_ours_is_refused_by_route_each_time_and_its_history_does_not_grow() {
    let shop = TestShop::of(&[OrderKind::PlatformShipped]);
    shop.poll();
    let told = shop.mcf(&["status", FIRST, "--json"]).json()["history"].clone();
    for _ in 0..2 {
        let refused = shop.mcf(&["route", FIRST, "--json"]).ends_with(3).json();
        assert_eq!(refused["orders"][0]["state"], "not_eligible", "{refused}");
        assert_eq!(refused["orders"][0]["detail"], "shipped_by_tiktok", "{refused}");
        let why = refused["orders"][0]["explanation"].to_string();
        assert!(why.contains("TikTok ships it"), "{why}");
    }
    let is_call = |row: &&serde_json::Value| row["kind"] == "call";
    let history = shop.mcf(&["status", FIRST, "--json"]).json()["history"].clone();
    let others = |rows: &serde_json::Value| -> Vec<serde_json::Value> {
        let rows = rows.as_array().expect("rows");
        rows.iter().filter(|row| !is_call(row)).cloned().collect()
    };
    assert_eq!(others(&history), others(&told), "I14");
}

#[test]
fn an_order_that_amazon_has_stays_dismissed_when_it_is_routed_by_hand() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.good(&["orders", "dismiss", FIRST]);
    let refused = shop.mcf(&["route", FIRST, "--json"]).ends_with(3).json();
    let help = refused["error"]["help"].to_string();
    assert!(help.contains(&format!("mcf orders restore {FIRST}")), "E138: {refused}");
    assert_eq!(shop.state(FIRST), State::Dismissed);
    assert_eq!(shop.log().effects(Operation::CreateFulfillmentOrder), 1);
}

#[test]
fn a_doubt_of_a_table_is_accepted_by_a_person_and_another_detail_is_refused_a19_d24() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    shop.sandbox
        .world()
        .tiktok
        .order_mut(FIRST)
        .expect("an order")
        .address
        .postal_code = "42262".to_owned();
    shop.poll();
    let ran = shop.mcf(&["route", FIRST, "--accept", "po_box"]).ends_with(3);
    assert!(ran.stderr.contains("postal_code_state_mismatch"), "A19: {ran:?}");
    shop.mcf(&[
        "route",
        FIRST,
        "--accept",
        "postal_code_state_mismatch",
        "--because",
        "the buyer says so",
    ])
    .ends_with(0);
    assert_eq!(shop.state(FIRST), State::Routed, "D24");
    let history = shop.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(history.contains("the buyer says so"), "D24: {history}");
}

#[test]
fn who_routes_an_order_and_why_stands_in_its_history_without_any_doubt_too() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let line = ["route", FIRST, "--because", "the buyer is in a hurry"];
    shop.mcf(&line).ends_with(0);
    let history = shop.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(history.contains("the buyer is in a hurry"), "{history}");
}
