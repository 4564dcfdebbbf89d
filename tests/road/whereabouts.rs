//! Parcels that do not reach their buyer are seen, recorded, told and listed; nothing is sent anew (E84, E121).

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

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
