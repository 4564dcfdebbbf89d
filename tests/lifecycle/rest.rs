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

use super::test_shop::{FIRST, TestShop};

fn creates(shop: &TestShop) -> usize {
    shop.log().count(Operation::CreateFulfillmentOrder)
}

/// How many units of each SKU Amazon has shipped, over all fulfillment orders.
fn shipped_units(shop: &TestShop) -> Vec<(String, u32)> {
    let world = shop.sandbox.world();
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
    let mut shop = TestShop::partly_shipped();
    assert_eq!(shop.state(FIRST), State::Shipped, "E79");
    let status = shop.good(&["status", FIRST]);
    let flag = &status["order"]["flags"][0];
    assert_eq!(flag["detail"], "partly_shipped", "E79");
    assert_eq!(flag["nextCommand"], format!("mcf route {FIRST} --rest"), "E137");
    let plan = shop.good(&["route", FIRST, "--rest", "--dry-run"]);
    assert_eq!(plan["orders"][0]["mcfOrderId"], format!("TTS-{FIRST}-2"), "{plan}");
    assert_eq!(creates(&shop), 1, "a dry run sends nothing");
    let said = shop.good(&["route", FIRST, "--rest", "--because", "back in stock"]);
    assert_eq!(said["counts"]["routed"], 1, "{said}");
    assert_eq!(creates(&shop), 2);
    assert!(shop.flags(FIRST).is_empty(), "it is under way");
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    shop.poll();
    assert_eq!(creates(&shop), 2, "E137: once");
    assert_eq!(
        shop.amazon_ids(),
        [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")],
        "E137"
    );
    shop.pass(60, 3);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.state(FIRST), State::Completed, "{:?}", shop.flags(FIRST));
    let units = shipped_units(&shop);
    assert_eq!(
        units.iter().map(|(_, units)| units).sum::<u32>(),
        3,
        "E137: what was ordered: {units:?}"
    );
    {
        let world = shop.sandbox.world();
        let told: Vec<_> = world
            .tiktok
            .packages
            .values()
            .flat_map(|package| &package.line_ids)
            .collect();
        let lines: BTreeSet<_> = told.iter().collect();
        assert_eq!((told.len(), lines.len()), (3, 3), "each unit once");
    }
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    let told = shop.mcf(&["status", FIRST]).ends_with(0).stdout;
    assert!(told.contains("back in stock"), "{told}");
}

#[test]
fn while_amazon_works_on_it_or_a_person_set_it_aside_there_is_no_rest_to_send_e137_e138() {
    let mut shop = TestShop::of(&[OrderKind::SeveralUnits]);
    shop.poll();
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    shop.pass(60, 2);
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&shop), 1);
    let shop = TestShop::partly_shipped();
    shop.good(&["orders", "dismiss", FIRST]);
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    shop.good(&["orders", "restore", FIRST]);
    shop.good(&["orders", "hold", FIRST]);
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&shop), 1);
}

#[test]
fn a_rest_that_amazon_refuses_leaves_the_order_shipped_and_goes_under_the_same_id_later_e137() {
    let mut shop = TestShop::partly_shipped();
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 0);
    shop.sandbox.world().settings.stock_shortage = mcf_connector::sandbox::StockShortage::Refused;
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(shop.state(FIRST), State::Shipped);
    assert!(!shop.flags(FIRST).is_empty());
    let before = creates(&shop);
    shop.pass(10, 0);
    shop.poll();
    assert_eq!(creates(&shop), before, "nobody but a person sends a rest");
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 10);
    shop.good(&["route", FIRST, "--rest"]);
    assert!(shop.flags(FIRST).is_empty(), "what kept it back is over");
    let world = shop.sandbox.world();
    let ids: Vec<_> = world.amazon.orders.iter().map(|order| order.id.clone()).collect();
    assert_eq!(ids, [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")]);
}

#[test]
fn a_rest_whose_answer_is_lost_is_found_by_its_id_and_sent_once_e137() {
    for fault in [Fault::after(Disturbance::Drop), Fault::before(Disturbance::Drop)] {
        let mut shop = TestShop::partly_shipped();
        shop.sandbox
            .world()
            .faults
            .next(Operation::CreateFulfillmentOrder, fault);
        let code = shop.mcf(&["route", FIRST, "--rest"]).code;
        assert!(code == 0 || code == 4, "{code}");
        for _ in 0..4 {
            shop.pass(20, 0);
            shop.mcf(&["poll"]);
        }
        assert_eq!(shop.state(FIRST), State::Shipped);
        assert_eq!(shop.sandbox.world().amazon.orders.len(), 2, "I1");
        shop.pass(60, 3);
        shop.good(&["sync-tracking"]);
        assert_eq!(shop.state(FIRST), State::Completed);
        assert_eq!(shipped_units(&shop).iter().map(|(_, units)| units).sum::<u32>(), 3);
    }
}

/// Amazon forgets what it took of the rest.
fn forget_the_rest(shop: &TestShop) {
    let mut world = shop.sandbox.world();
    world.amazon.orders.retain(|order| !order.id.ends_with("-2"));
}

#[test]
fn a_rest_that_amazon_accepted_and_never_showed_is_told_and_goes_once_more_under_its_id_e137() {
    let mut shop = TestShop::partly_shipped();
    shop.good(&["route", FIRST, "--rest"]);
    forget_the_rest(&shop);
    shop.pass(10, 0);
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&shop), 2, "one look proves nothing");
    for _ in 0..2 {
        shop.pass(20, 0);
        shop.poll();
    }
    let flags = shop.order(FIRST).flags;
    assert_eq!(flags[0].detail.as_str(), "not_at_amazon", "{flags:?}");
    assert_eq!(flags[0].next_command, format!("mcf route {FIRST} --rest"), "E137");
    shop.mcf(&["route", FIRST]);
    let plan = shop.good(&["route", FIRST, "--rest", "--dry-run"]);
    assert_eq!(plan["orders"][0]["mcfOrderId"], format!("TTS-{FIRST}-2"), "{plan}");
    assert_eq!(
        creates(&shop),
        2,
        "a dry run sends nothing, and the order alone is not sent"
    );
    shop.good(&["route", FIRST, "--rest"]);
    assert_eq!(creates(&shop), 3);
    assert_eq!(
        shop.amazon_ids(),
        [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")],
        "E137: never a new id"
    );
    assert!(shop.flags(FIRST).is_empty(), "it is under way");
    shop.pass(60, 3);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.state(FIRST), State::Completed, "{:?}", shop.flags(FIRST));
    assert_eq!(
        shipped_units(&shop).iter().map(|(_, units)| units).sum::<u32>(),
        3,
        "E137"
    );
}

#[test]
fn a_rest_that_amazon_shows_after_all_is_not_sent_again_e137() {
    let mut shop = TestShop::partly_shipped();
    shop.good(&["route", FIRST, "--rest"]);
    let kept = shop.sandbox.world().amazon.orders.clone();
    forget_the_rest(&shop);
    for _ in 0..3 {
        shop.pass(20, 0);
        shop.poll();
    }
    assert_eq!(shop.order(FIRST).flags[0].detail.as_str(), "not_at_amazon");
    shop.sandbox.world().amazon.orders = kept;
    shop.mcf(&["route", FIRST, "--rest"]).ends_with(3);
    assert_eq!(creates(&shop), 2, "E137: the look right before shows it");
    assert!(shop.flags(FIRST).is_empty(), "{:?}", shop.flags(FIRST));
}

#[test]
fn a_new_address_is_told_while_a_rest_is_under_way_and_not_after_it_e36_e137() {
    let mut shop = TestShop::partly_shipped();
    let moves = |shop: &TestShop, street: &str| {
        let mut world = shop.sandbox.world();
        let now = world.now();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        order.address.line1 = street.to_owned();
        order.updated_at = now;
    };
    let has_moved = |shop: &TestShop| {
        let mut flags = shop.order(FIRST).flags.into_iter();
        flags.find(|flag| flag.detail.as_str() == "address_changed_after_create")
    };
    shop.pass(10, 0);
    moves(&shop, "9 Elm St");
    shop.poll();
    assert_eq!(
        has_moved(&shop),
        None,
        "what left can't be stopped, and the rest goes to the new address"
    );
    shop.good(&["route", FIRST, "--rest"]);
    shop.pass(10, 0);
    moves(&shop, "10 Oak St");
    shop.poll();
    let flag = has_moved(&shop).expect("E36: told");
    assert_eq!(flag.next_command, format!("mcf route {FIRST} --rest"), "E137");
    moves(&shop, "9 Elm St");
    shop.pass(10, 0);
    shop.poll();
    assert_eq!(has_moved(&shop), None, "it is as it was sent");
}

#[test]
fn a_dry_run_of_a_rest_goes_by_what_amazon_shows_now_and_keeps_nothing_of_it_e137() {
    let shop = TestShop::partly_shipped_and_not_read();
    let plan = shop.good(&["route", FIRST, "--rest", "--dry-run"]);
    assert_eq!(plan["orders"][0]["mcfOrderId"], format!("TTS-{FIRST}-2"), "{plan}");
    assert_eq!(
        (shop.state(FIRST), creates(&shop)),
        (State::Routed, 1),
        "nothing is kept"
    );
    let said = shop.good(&["route", FIRST, "--rest"]);
    assert_eq!(said["counts"]["routed"], 1, "{said}");
    assert_eq!((shop.state(FIRST), creates(&shop)), (State::Shipped, 2));
}

#[test]
fn where_the_rate_binds_the_look_before_a_rest_is_fresh_e129() {
    let shop = TestShop::partly_shipped();
    // One create in three seconds, and none is left over.
    let slow = Bucket {
        tokens: 0.0,
        per_second: 0.33,
        burst: 1.0,
        updated_at: shop.now,
    };
    let store = Store::open(&shop.database()).expect("a database");
    let clock = Clock::starting_at(shop.now);
    store
        .with_bucket(&CREATE, CREATE.rate, clock, &mut |bucket| *bucket = slow)
        .expect("kept");
    drop(store);
    shop.good(&["route", FIRST, "--rest"]);
    let log = shop.log();
    let at = |operation| log.of(operation).map(|entry| entry.at).max().expect("one");
    let age = at(Operation::CreateFulfillmentOrder) - at(Operation::GetOrders);
    assert!(age < TimeDelta::seconds(2), "E129: it was looked at {age} before");
}
