//! What Amazon leaves out of an order: it is told, and goes once more by a person's word, under the next id (E79, E137).

use std::collections::BTreeSet;

use chrono::TimeDelta;
use mcf_connector::amazon::operations::CREATE;
use mcf_connector::clock::Clock;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use mcf_connector::store::Store;
use mcf_connector::transport::Bucket;

use super::road::{FIRST, Road};

fn creates(road: &Road) -> usize {
    road.log().count(Operation::CreateFulfillmentOrder)
}

/// How many units of each SKU Amazon has shipped, over all fulfillment orders.
fn shipped_units(road: &Road) -> Vec<(String, u32)> {
    let world = road.sandbox.world();
    let mut units = std::collections::BTreeMap::new();
    for order in &world.amazon.orders {
        let parcels = order.shipments.iter().flat_map(|shipment| &shipment.parcels);
        for (item, quantity) in parcels.flat_map(|parcel| &parcel.contents) {
            let sku = order
                .items
                .iter()
                .find(|one| one.id == *item)
                .map(|one| one.sku.clone());
            *units.entry(sku.unwrap_or_default()).or_default() += quantity;
        }
    }
    units.into_iter().collect()
}

#[test]
fn the_rest_goes_once_under_the_next_id_and_each_unit_gets_its_number_once_e79_e137() {
    let mut road = Road::partly_shipped();
    assert_eq!(road.state(FIRST), State::Shipped, "E79");
    let status = road.good(&["status", FIRST]);
    let flag = &status["order"]["flags"][0];
    assert_eq!(flag["detail"], "partly_shipped", "E79");
    assert_eq!(flag["nextCommand"], format!("mcf route {FIRST} --rest"), "E137");
    let plan = road.good(&["route", FIRST, "--rest", "--dry-run"]);
    assert_eq!(plan["orders"][0]["mcfOrderId"], format!("TTS-{FIRST}-2"), "{plan}");
    assert_eq!(creates(&road), 1, "a dry run sends nothing");
    let said = road.good(&["route", FIRST, "--rest", "--because", "back in stock"]);
    assert_eq!(said["counts"]["routed"], 1, "{said}");
    assert_eq!(creates(&road), 2);
    assert!(road.flags(FIRST).is_empty(), "it is under way");
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    road.poll();
    assert_eq!(creates(&road), 2, "E137: once");
    assert_eq!(
        road.amazon_ids(),
        [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")],
        "E137"
    );
    road.pass(60, 3);
    road.good(&["sync-tracking"]);
    assert_eq!(road.state(FIRST), State::Completed, "{:?}", road.flags(FIRST));
    let units = shipped_units(&road);
    assert_eq!(
        units.iter().map(|(_, units)| units).sum::<u32>(),
        3,
        "E137: what was ordered: {units:?}"
    );
    {
        let world = road.sandbox.world();
        let told: Vec<_> = world
            .tiktok
            .packages
            .values()
            .flat_map(|package| &package.line_ids)
            .collect();
        let lines: BTreeSet<_> = told.iter().collect();
        assert_eq!((told.len(), lines.len()), (3, 3), "each unit once");
    }
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    let told = road.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(told.contains("back in stock"), "{told}");
}

#[test]
fn while_amazon_works_on_it_or_a_person_set_it_aside_there_is_no_rest_to_send_e137_e138() {
    let mut road = Road::of(&[OrderKind::SeveralUnits]);
    road.poll();
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    road.pass(60, 2);
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&road), 1);
    let road = Road::partly_shipped();
    road.good(&["orders", "dismiss", FIRST]);
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    road.good(&["orders", "restore", FIRST]);
    road.good(&["orders", "hold", FIRST]);
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&road), 1);
}

#[test]
fn a_rest_that_amazon_refuses_leaves_the_order_shipped_and_goes_under_the_same_id_later_e137() {
    let mut road = Road::partly_shipped();
    road.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 0);
    road.sandbox.world().settings.stock_shortage = mcf_connector::sandbox::StockShortage::Refused;
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(road.state(FIRST), State::Shipped);
    assert!(!road.flags(FIRST).is_empty());
    let before = creates(&road);
    road.pass(10, 0);
    road.poll();
    assert_eq!(creates(&road), before, "nobody but a person sends a rest");
    road.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 10);
    road.good(&["route", FIRST, "--rest"]);
    assert!(road.flags(FIRST).is_empty(), "what kept it back is over");
    let world = road.sandbox.world();
    let ids: Vec<_> = world.amazon.orders.iter().map(|order| order.id.clone()).collect();
    assert_eq!(ids, [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")]);
}

#[test]
fn a_rest_whose_answer_is_lost_is_found_by_its_id_and_sent_once_e137() {
    for fault in [Fault::after(Disturbance::Drop), Fault::before(Disturbance::Drop)] {
        let mut road = Road::partly_shipped();
        road.sandbox
            .world()
            .faults
            .next(Operation::CreateFulfillmentOrder, fault);
        let code = road.mcf(&["route", FIRST, "--rest"]).code;
        assert!(code == 0 || code == 4, "{code}");
        for _ in 0..4 {
            road.pass(20, 0);
            road.mcf(&["poll"]);
        }
        assert_eq!(road.state(FIRST), State::Shipped);
        assert_eq!(road.sandbox.world().amazon.orders.len(), 2, "I1");
        road.pass(60, 3);
        road.good(&["sync-tracking"]);
        assert_eq!(road.state(FIRST), State::Completed);
        assert_eq!(shipped_units(&road).iter().map(|(_, units)| units).sum::<u32>(), 3);
    }
}

/// Amazon forgets what it took of the rest.
fn forget_the_rest(road: &Road) {
    let mut world = road.sandbox.world();
    world.amazon.orders.retain(|order| !order.id.ends_with("-2"));
}

#[test]
fn a_rest_that_amazon_accepted_and_never_showed_is_told_and_goes_once_more_under_its_id_e137() {
    let mut road = Road::partly_shipped();
    road.good(&["route", FIRST, "--rest"]);
    forget_the_rest(&road);
    road.pass(10, 0);
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&road), 2, "one look proves nothing");
    for _ in 0..2 {
        road.pass(20, 0);
        road.poll();
    }
    let flags = road.order(FIRST).flags;
    assert_eq!(flags[0].detail.as_str(), "not_at_amazon", "{flags:?}");
    assert_eq!(flags[0].next_command, format!("mcf route {FIRST} --rest"), "E137");
    road.mcf(&["route", FIRST]);
    let plan = road.good(&["route", FIRST, "--rest", "--dry-run"]);
    assert_eq!(plan["orders"][0]["mcfOrderId"], format!("TTS-{FIRST}-2"), "{plan}");
    assert_eq!(
        creates(&road),
        2,
        "a dry run sends nothing, and the order alone is not sent"
    );
    road.good(&["route", FIRST, "--rest"]);
    assert_eq!(creates(&road), 3);
    assert_eq!(
        road.amazon_ids(),
        [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")],
        "E137: never a new id"
    );
    assert!(road.flags(FIRST).is_empty(), "it is under way");
    road.pass(60, 3);
    road.good(&["sync-tracking"]);
    assert_eq!(road.state(FIRST), State::Completed, "{:?}", road.flags(FIRST));
    assert_eq!(
        shipped_units(&road).iter().map(|(_, units)| units).sum::<u32>(),
        3,
        "E137"
    );
}

#[test]
fn a_rest_that_amazon_shows_after_all_is_not_sent_again_e137() {
    let mut road = Road::partly_shipped();
    road.good(&["route", FIRST, "--rest"]);
    let kept = road.sandbox.world().amazon.orders.clone();
    forget_the_rest(&road);
    for _ in 0..3 {
        road.pass(20, 0);
        road.poll();
    }
    assert_eq!(road.order(FIRST).flags[0].detail.as_str(), "not_at_amazon");
    road.sandbox.world().amazon.orders = kept;
    road.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&road), 2, "E137: the look right before shows it");
    assert!(road.flags(FIRST).is_empty(), "{:?}", road.flags(FIRST));
}

#[test]
fn a_new_address_is_told_while_a_rest_is_under_way_and_not_after_it_e36_e137() {
    let mut road = Road::partly_shipped();
    let moves = |road: &Road, street: &str| {
        let mut world = road.sandbox.world();
        let now = world.now();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        order.address.line1 = street.to_owned();
        order.updated_at = now;
    };
    let has_moved = |road: &Road| {
        let mut flags = road.order(FIRST).flags.into_iter();
        flags.find(|flag| flag.detail.as_str() == "address_changed_after_create")
    };
    road.pass(10, 0);
    moves(&road, "9 Elm St");
    road.poll();
    assert_eq!(
        has_moved(&road),
        None,
        "what left can't be stopped, and the rest goes to the new address"
    );
    road.good(&["route", FIRST, "--rest"]);
    road.pass(10, 0);
    moves(&road, "10 Oak St");
    road.poll();
    let flag = has_moved(&road).expect("E36: told");
    assert_eq!(flag.next_command, format!("mcf route {FIRST} --rest"), "E137");
    moves(&road, "9 Elm St");
    road.pass(10, 0);
    road.poll();
    assert_eq!(has_moved(&road), None, "it is as it was sent");
}

#[test]
fn a_dry_run_of_a_rest_goes_by_what_amazon_shows_now_and_keeps_nothing_of_it_e137() {
    let road = Road::partly_shipped_and_not_read();
    let plan = road.good(&["route", FIRST, "--rest", "--dry-run"]);
    assert_eq!(plan["orders"][0]["mcfOrderId"], format!("TTS-{FIRST}-2"), "{plan}");
    assert_eq!(
        (road.state(FIRST), creates(&road)),
        (State::Routed, 1),
        "nothing is kept"
    );
    let said = road.good(&["route", FIRST, "--rest"]);
    assert_eq!(said["counts"]["routed"], 1, "{said}");
    assert_eq!((road.state(FIRST), creates(&road)), (State::Shipped, 2));
}

#[test]
fn where_the_rate_binds_the_look_before_a_rest_is_fresh_e129() {
    let road = Road::partly_shipped();
    // One create in three seconds, and none is left over.
    let slow = Bucket {
        tokens: 0.0,
        per_second: 0.33,
        burst: 1.0,
        updated_at: road.now,
    };
    let store = Store::open(&road.database()).expect("a database");
    let clock = Clock::starting_at(road.now);
    store
        .with_bucket(&CREATE, CREATE.rate, clock, &mut |bucket| *bucket = slow)
        .expect("kept");
    drop(store);
    road.good(&["route", FIRST, "--rest"]);
    let log = road.log();
    let at = |operation| log.of(operation).map(|entry| entry.at).max().expect("one");
    let age = at(Operation::CreateFulfillmentOrder) - at(Operation::GetOrders);
    assert!(age < TimeDelta::seconds(2), "E129: it was looked at {age} before");
}
