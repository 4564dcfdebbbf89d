//! Warehouses that TikTok switches off, and orders that move from one to another.

use chrono::TimeDelta;
use mcf_connector::domain::flag::Detail;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::jobs::route;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::TestShop;

const OURS: &str = "[inventory]\ntiktok_warehouse_ids = ['7068517275539719942', '7068517275539729999']\n";
const FIRST: &str = "7068517275539719942";
const SECOND: &str = "7068517275539729999";
const GARAGE: &str = "7068517275539720555";

/// The shop with a second warehouse of Amazon's.
fn shop() -> TestShop {
    let shop = TestShop::with_settings(OURS);
    {
        let mut world = shop.sandbox.world();
        let mut second = world.tiktok.warehouses[0].clone();
        second.id = SECOND.to_owned();
        second.is_default = false;
        world.tiktok.warehouses.push(second);
    }
    shop
}

fn set(shop: &TestShop, id: &str, status: &str) {
    let mut world = shop.sandbox.world();
    let mut warehouses = world.tiktok.warehouses.iter_mut();
    let warehouse = warehouses.find(|warehouse| warehouse.id == id);
    status.clone_into(&mut warehouse.expect("a warehouse").effect_status);
}

/// Moves an order as TikTok does: its update time tells nothing of it.
fn move_to(shop: &TestShop, id: &TiktokOrderId, warehouse: &str) {
    shop.change(id, |order| warehouse.clone_into(&mut order.warehouse_id));
}

#[test]
fn orders_of_each_of_our_warehouses_go_and_those_of_a_fourth_place_do_not_e142() {
    let shop = shop();
    let ids: Vec<TiktokOrderId> = (0..3).map(|_| shop.place(OrderKind::Plain)).collect();
    move_to(&shop, &ids[1], SECOND);
    move_to(&shop, &ids[2], GARAGE);
    shop.good_poll();
    assert_eq!(
        (shop.state(&ids[0]), shop.state(&ids[1])),
        (State::Routed, State::Routed),
        "E142"
    );
    let why = (State::NotEligible, Some("other_warehouse".to_owned()));
    assert_eq!(shop.why(&ids[2]), why, "E142");
    assert_eq!(
        shop.calls(Operation::GetWarehouses),
        1,
        "once a run, not for each order"
    );
}

#[test]
fn a_dry_run_goes_by_how_the_warehouses_stand_now_and_keeps_nothing_of_it_e143() {
    let shop = shop();
    shop.good_poll();
    for (status, is_flagged) in [("DISABLED", true), ("ENABLED", false)] {
        set(&shop, FIRST, status);
        let id = shop.place(OrderKind::Plain);
        let dry = shop.route_by(&id, &route::Word::default(), true).summary;
        let would_be = dry.orders[0].flags.iter().map(|flag| flag.detail);
        let expected = is_flagged.then_some(Detail::WarehouseDisabled);
        assert_eq!(would_be.collect::<Vec<_>>(), Vec::from_iter(expected), "E143: {status}");
        assert!(shop.events("warehouse.disabled").is_empty(), "a dry run tells nobody");
        // Seen by a poll, the state of the warehouse would be known without a look.
        let seen = shop.dry_poll().summary;
        assert_eq!(seen.counts.contains_key("flagged"), is_flagged, "E143: {status}");
    }
}

#[test]
fn the_new_orders_of_a_disabled_warehouse_wait_until_it_is_back_or_a_person_accepts_e123_e143() {
    let shop = shop();
    set(&shop, SECOND, "DISABLED");
    let (here, there, urgent) = (
        shop.place(OrderKind::Plain),
        shop.place(OrderKind::Plain),
        shop.place(OrderKind::Plain),
    );
    move_to(&shop, &there, SECOND);
    move_to(&shop, &urgent, SECOND);
    shop.good_poll();
    assert_eq!(shop.state(&here), State::Routed, "E143: its own warehouse is fine");
    assert_eq!(shop.flags(&there)[0].detail, Detail::WarehouseDisabled, "E123");
    let word = route::Word {
        accept: vec!["warehouse_disabled".to_owned()],
        ..route::Word::default()
    };
    route::run(&shop.session(false), &urgent, &word).expect("a run");
    assert_eq!(shop.state(&urgent), State::Routed, "E143");
    set(&shop, SECOND, "RESTRICTED");
    shop.good_poll();
    assert_eq!(shop.state(&there), State::Routed, "E143: a restricted one goes on");
    assert_eq!(shop.creates(), 3, "I1");
}

#[test]
fn an_order_that_moves_into_our_warehouse_is_created_within_six_hours_e144() {
    let mut shop = shop();
    let id = shop.place(OrderKind::Plain);
    move_to(&shop, &id, GARAGE);
    shop.good_poll();
    assert_eq!(shop.state(&id), State::NotEligible, "E144");
    shop.pass(TimeDelta::hours(4));
    shop.good_poll();
    let reads = shop.calls(Operation::GetOrders);
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!(shop.calls(Operation::GetOrders), reads, "it is not read in every run");
    move_to(&shop, &id, SECOND);
    shop.pass(TimeDelta::hours(5));
    shop.good_poll();
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1), "E144");
    assert!(
        shop.history(&id).contains(&format!("to {SECOND}")),
        "E144: {}",
        shop.history(&id)
    );
}

#[test]
fn where_tiktok_does_not_show_its_warehouses_they_count_as_they_stood_and_the_run_goes_on_e143() {
    let shop = shop();
    set(&shop, FIRST, "DISABLED");
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    assert_eq!(shop.flags(&id)[0].detail, Detail::WarehouseDisabled, "E143");
    shop.sandbox.world().tiktok.warehouses.clear();
    shop.good_poll();
    assert_eq!(
        shop.flags(&id)[0].detail,
        Detail::WarehouseDisabled,
        "E143: silence is no recovery"
    );
    assert_eq!(shop.creates(), 0);
}
