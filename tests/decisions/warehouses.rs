//! Warehouses that TikTok switches off, and orders that move from one to another.

use chrono::TimeDelta;
use mcf_connector::domain::flag::Detail;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::jobs::route;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::bench::Bench;

const OURS: &str = "[inventory]\ntiktok_warehouse_ids = ['7068517275539719942', '7068517275539729999']\n";
const FIRST: &str = "7068517275539719942";
const SECOND: &str = "7068517275539729999";
const GARAGE: &str = "7068517275539720555";

/// The shop with a second warehouse of Amazon's.
fn bench() -> Bench {
    let bench = Bench::with_settings(OURS);
    {
        let mut world = bench.sandbox.world();
        let mut second = world.tiktok.warehouses[0].clone();
        second.id = SECOND.to_owned();
        second.is_default = false;
        world.tiktok.warehouses.push(second);
    }
    bench
}

fn set(bench: &Bench, id: &str, status: &str) {
    let mut world = bench.sandbox.world();
    let mut warehouses = world.tiktok.warehouses.iter_mut();
    let warehouse = warehouses.find(|warehouse| warehouse.id == id);
    status.clone_into(&mut warehouse.expect("a warehouse").effect_status);
}

/// Moves an order as TikTok does: its update time tells nothing of it.
fn move_to(bench: &Bench, id: &TiktokOrderId, warehouse: &str) {
    bench.change(id, |order| warehouse.clone_into(&mut order.warehouse_id));
}

#[test]
fn orders_of_each_of_our_warehouses_go_and_those_of_a_fourth_place_do_not_e142() {
    let bench = bench();
    let ids: Vec<TiktokOrderId> = (0..3).map(|_| bench.place(OrderKind::Plain)).collect();
    move_to(&bench, &ids[1], SECOND);
    move_to(&bench, &ids[2], GARAGE);
    bench.good_poll();
    assert_eq!(
        (bench.state(&ids[0]), bench.state(&ids[1])),
        (State::Routed, State::Routed),
        "E142"
    );
    let why = (State::NotEligible, Some("other_warehouse".to_owned()));
    assert_eq!(bench.why(&ids[2]), why, "E142");
    assert_eq!(
        bench.calls(Operation::GetWarehouses),
        1,
        "once a run, not for each order"
    );
}

#[test]
fn a_dry_run_goes_by_how_the_warehouses_stand_now_and_keeps_nothing_of_it_e143() {
    let bench = bench();
    bench.good_poll();
    for (status, is_flagged) in [("DISABLED", true), ("ENABLED", false)] {
        set(&bench, FIRST, status);
        let id = bench.place(OrderKind::Plain);
        let dry = bench.route_by(&id, &route::Word::default(), true).summary;
        let would_be = dry.orders[0].flags.iter().map(|flag| flag.detail);
        let expected = is_flagged.then_some(Detail::WarehouseDisabled);
        assert_eq!(would_be.collect::<Vec<_>>(), Vec::from_iter(expected), "E143: {status}");
        assert!(bench.events("warehouse.disabled").is_empty(), "a dry run tells nobody");
        // Seen by a poll, the state of the warehouse would be known without a look.
        let seen = bench.dry_poll().summary;
        assert_eq!(seen.counts.contains_key("flagged"), is_flagged, "E143: {status}");
    }
}

#[test]
fn the_new_orders_of_a_disabled_warehouse_wait_until_it_is_back_or_a_person_accepts_e123_e143() {
    let bench = bench();
    set(&bench, SECOND, "DISABLED");
    let (here, there, urgent) = (
        bench.place(OrderKind::Plain),
        bench.place(OrderKind::Plain),
        bench.place(OrderKind::Plain),
    );
    move_to(&bench, &there, SECOND);
    move_to(&bench, &urgent, SECOND);
    bench.good_poll();
    assert_eq!(bench.state(&here), State::Routed, "E143: its own warehouse is fine");
    assert_eq!(bench.flags(&there)[0].detail, Detail::WarehouseDisabled, "E123");
    let word = route::Word {
        accept: vec!["warehouse_disabled".to_owned()],
        ..route::Word::default()
    };
    route::run(&bench.session(false), &urgent, &word).expect("a run");
    assert_eq!(bench.state(&urgent), State::Routed, "E143");
    set(&bench, SECOND, "RESTRICTED");
    bench.good_poll();
    assert_eq!(bench.state(&there), State::Routed, "E143: a restricted one goes on");
    assert_eq!(bench.creates(), 3, "I1");
}

#[test]
fn an_order_that_moves_into_our_warehouse_is_created_within_six_hours_e144() {
    let mut bench = bench();
    let id = bench.place(OrderKind::Plain);
    move_to(&bench, &id, GARAGE);
    bench.good_poll();
    assert_eq!(bench.state(&id), State::NotEligible, "E144");
    bench.pass(TimeDelta::hours(4));
    bench.good_poll();
    let reads = bench.calls(Operation::GetOrders);
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert_eq!(bench.calls(Operation::GetOrders), reads, "it is not read in every run");
    move_to(&bench, &id, SECOND);
    bench.pass(TimeDelta::hours(5));
    bench.good_poll();
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 1), "E144");
    assert!(
        bench.history(&id).contains(&format!("to {SECOND}")),
        "E144: {}",
        bench.history(&id)
    );
}

#[test]
fn where_tiktok_does_not_show_its_warehouses_they_count_as_they_stood_and_the_run_goes_on_e143() {
    let bench = bench();
    set(&bench, FIRST, "DISABLED");
    let id = bench.place(OrderKind::Plain);
    bench.good_poll();
    assert_eq!(bench.flags(&id)[0].detail, Detail::WarehouseDisabled, "E143");
    bench.sandbox.world().tiktok.warehouses.clear();
    bench.good_poll();
    assert_eq!(
        bench.flags(&id)[0].detail,
        Detail::WarehouseDisabled,
        "E143: silence is no recovery"
    );
    assert_eq!(bench.creates(), 0);
}
