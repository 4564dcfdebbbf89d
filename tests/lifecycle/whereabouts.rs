//! Parcels that do not reach their buyer are seen, recorded, told and listed; nothing is sent anew (E84, E121).

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::test_shop::{FIRST, TestShop};

/// An order whose parcel left and was told four days ago, and what Amazon says of its package.
fn under_way(word: &str) -> TestShop {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(60, 3);
    shop.good(&["sync-tracking"]);
    say(&shop, word);
    shop.pass(60 * 24 * 4, 0);
    shop
}

fn say(shop: &TestShop, word: &str) {
    let mut world = shop.sandbox.world();
    let parcels = world.amazon.orders.iter().flat_map(|order| &order.shipments);
    let numbers: Vec<u32> = parcels
        .flat_map(|shipment| &shipment.parcels)
        .map(|parcel| parcel.number)
        .collect();
    for number in numbers {
        world.amazon.whereabouts.insert(number, word.to_owned());
    }
}

#[test]
fn a_parcel_that_is_lost_or_comes_back_is_told_once_and_nothing_is_sent_anew_e84_e121() {
    for (word, detail) in [
        ("UNDELIVERABLE", "parcel_undeliverable"),
        ("RETURNED", "parcel_comes_back"),
    ] {
        let mut shop = under_way(word);
        shop.good(&["sync-tracking"]);
        assert_eq!(shop.flags(FIRST)[0].1, detail, "E84, E121");
        let status = shop.good(&["status", FIRST]);
        assert_eq!(status["order"]["parcels"][0]["whereabouts"], word, "listed: {status}");
        let asked = shop.log().count(Operation::GetPackageTrackingDetails);
        shop.pass(60 * 25, 0);
        shop.good(&["sync-tracking"]);
        shop.poll();
        assert_eq!(
            shop.log().count(Operation::GetPackageTrackingDetails),
            asked,
            "its way is over"
        );
        assert_eq!(
            shop.log().count(Operation::CreateFulfillmentOrder),
            1,
            "E84: no new order"
        );
    }
}

#[test]
fn units_that_amazon_takes_back_are_told_once_and_nothing_is_sent_or_labelled_e121() {
    let mut shop = TestShop::of(&[OrderKind::SeveralUnits]);
    shop.poll();
    shop.pass(60, 3);
    let item = shop.sandbox.world().amazon.orders[0].items[0].id.clone();
    let row = json!({ "sellerReturnItemId": "R1", "sellerFulfillmentOrderItemId": item, "status": "New" });
    for rows in [json!("none"), json!([{}, 7]), json!([row, row, {}])] {
        let pointer = "/payload/returnItems".to_owned();
        let fault = Fault::after(Disturbance::Patch { pointer, value: rows });
        shop.sandbox.world().faults.next(Operation::GetFulfillmentOrder, fault);
        shop.good(&["sync-tracking"]);
        shop.pass(60 * 13, 0);
    }
    assert_eq!(shop.state(FIRST), State::Completed, "E121: where it stands stays");
    let flags = shop.order(FIRST).flags;
    assert_eq!(flags[0].detail.as_str(), "items_returned", "E121: {flags:?}");
    assert!(flags[0].message.ends_with(": 2 × FBA-LAMP-BLK"), "E121: {flags:?}");
    let before = shop.log().mutating();
    shop.good(&["sync-tracking"]);
    shop.poll();
    assert_eq!(shop.log().mutating(), before, "E121: nothing is sent or labelled");
    shop.good(&["orders", "dismiss", FIRST]);
    assert!(shop.flags(FIRST).is_empty(), "E121: a person took note");
}

#[test]
fn a_parcel_that_is_late_is_asked_for_once_a_day_until_it_arrives_e84() {
    let mut shop = under_way("DELAYED");
    shop.good(&["sync-tracking"]);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.log().count(Operation::GetPackageTrackingDetails), 1, "once a day");
    assert_eq!(shop.flags(FIRST)[0].1, "parcel_delayed", "E84");
    say(&shop, "DELIVERED");
    shop.pass(60 * 25, 0);
    shop.good(&["sync-tracking"]);
    assert!(shop.flags(FIRST).is_empty(), "E84: it is over");
}
