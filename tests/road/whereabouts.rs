//! Parcels that do not reach their buyer are seen, recorded, told and listed; nothing is sent anew (E84, E121).

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::road::{FIRST, Road};

/// An order whose parcel left and was told four days ago, and what Amazon says of its package.
fn under_way(word: &str) -> Road {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    road.pass(60, 3);
    road.good(&["sync-tracking"]);
    say(&road, word);
    road.pass(60 * 24 * 4, 0);
    road
}

fn say(road: &Road, word: &str) {
    let mut world = road.sandbox.world();
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
        let mut road = under_way(word);
        road.good(&["sync-tracking"]);
        assert_eq!(road.flags(FIRST)[0].1, detail, "E84, E121");
        let status = road.good(&["status", FIRST]);
        assert_eq!(status["order"]["parcels"][0]["whereabouts"], word, "listed: {status}");
        let asked = road.log().count(Operation::GetPackageTrackingDetails);
        road.pass(60 * 25, 0);
        road.good(&["sync-tracking"]);
        road.poll();
        assert_eq!(
            road.log().count(Operation::GetPackageTrackingDetails),
            asked,
            "its way is over"
        );
        assert_eq!(
            road.log().count(Operation::CreateFulfillmentOrder),
            1,
            "E84: no new order"
        );
    }
}

#[test]
fn units_that_amazon_takes_back_are_told_once_and_nothing_is_sent_or_labelled_e121() {
    let mut road = Road::of(&[OrderKind::SeveralUnits]);
    road.poll();
    road.pass(60, 3);
    let item = road.sandbox.world().amazon.orders[0].items[0].id.clone();
    let row = json!({ "sellerReturnItemId": "R1", "sellerFulfillmentOrderItemId": item, "status": "New" });
    for rows in [json!("none"), json!([{}, 7]), json!([row, row, {}])] {
        let pointer = "/payload/returnItems".to_owned();
        let fault = Fault::after(Disturbance::Patch { pointer, value: rows });
        road.sandbox.world().faults.next(Operation::GetFulfillmentOrder, fault);
        road.good(&["sync-tracking"]);
        road.pass(60 * 13, 0);
    }
    assert_eq!(road.state(FIRST), State::Completed, "E121: where it stands stays");
    let flags = road.order(FIRST).flags;
    assert_eq!(flags[0].detail.as_str(), "items_returned", "E121: {flags:?}");
    assert!(flags[0].message.ends_with(": 2 × FBA-LAMP-BLK"), "E121: {flags:?}");
    let before = road.log().mutating();
    road.good(&["sync-tracking"]);
    road.poll();
    assert_eq!(road.log().mutating(), before, "E121: nothing is sent or labelled");
    road.good(&["orders", "dismiss", FIRST]);
    assert!(road.flags(FIRST).is_empty(), "E121: a person took note");
}

#[test]
fn a_parcel_that_is_late_is_asked_for_once_a_day_until_it_arrives_e84() {
    let mut road = under_way("DELAYED");
    road.good(&["sync-tracking"]);
    road.good(&["sync-tracking"]);
    assert_eq!(road.log().count(Operation::GetPackageTrackingDetails), 1, "once a day");
    assert_eq!(road.flags(FIRST)[0].1, "parcel_delayed", "E84");
    say(&road, "DELIVERED");
    road.pass(60 * 25, 0);
    road.good(&["sync-tracking"]);
    assert!(road.flags(FIRST).is_empty(), "E84: it is over");
}
