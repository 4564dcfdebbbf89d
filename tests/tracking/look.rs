//! The look at TikTok before numbers are told: what was cancelled, shipped by hand or moved meanwhile is seen there.

use mcf_connector::sandbox::amazon::{Plan, ShipmentStatus};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::refusals::refuse_mark;
use super::stage::{Stage, amazon_id, count, one, plan};

const MARK: Operation = Operation::MarkPackageShipped;
const LOOK: Operation = Operation::GetOrders;
const NUMBER: &str = "1Z50V7420300000001";
const LAMP: &[(&str, u32)] = &[("FBA-LAMP-BLK", 1)];
const LAMPS: &[(&str, u32)] = &[("FBA-LAMP-BLK", 2)];

fn cancel_line(stage: &Stage, order: &str, position: usize) {
    stage.world(|world| {
        let line = &mut world.tiktok.order_mut(order).expect("an order").lines[position];
        line.display_status = "CANCELLED".to_owned();
    });
}

fn away() -> Fault {
    Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    })
}

#[test]
fn one_look_shows_fifty_orders_before_their_numbers_are_told() {
    let mut stage = Stage::new();
    let orders: Vec<String> = (0..12)
        .map(|_| stage.world(|world| world.place(OrderKind::Plain)))
        .collect();
    stage.poll();
    stage.steps(4);
    stage.minutes(15);
    stage.forget_log();
    assert_eq!(count(&stage.sync(), "pushed"), 12);
    assert_eq!((stage.calls(LOOK), stage.calls(MARK)), (1, 12));
    assert!(
        orders.iter().all(|order| stage.told(order) == stage.numbers(order)),
        "I7"
    );
}

#[test]
fn two_units_of_one_sku_and_one_cancelled_in_one_parcel_are_told_for_the_live_one_at_the_first_try_e134() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::SeveralUnits, Plan::default());
    let lines = stage.lines(&order);
    cancel_line(&stage, &order, 0);
    stage.forget_log();
    assert_eq!(count(&stage.sync(), "pushed"), 1, "E134");
    assert_eq!(
        (stage.calls(MARK), stage.log().effects(MARK)),
        (1, 1),
        "E134: the first try"
    );
    let [(_, _, units)] = &stage.at_tiktok(&order)[..] else {
        panic!("one parcel");
    };
    assert_eq!(units, &lines[1..], "E134");
    let flag = stage.flags(&order).remove(0);
    assert_eq!(
        (flag.reason().as_str(), flag.detail.as_str()),
        ("CANCELLATION_CONFLICT", "cancelled_unit_left"),
        "E134: not plain completed"
    );
    assert!(flag.message.contains("1 × "), "E134: {}", flag.message);
    assert!(
        flag.message.contains(&stage.numbers(&order)[0]),
        "E134: {}",
        flag.message
    );
    for _ in 0..2 {
        stage.minutes(30);
        stage.sync();
        stage.poll();
    }
    assert_eq!(stage.calls(MARK), 1, "E134: no loop");
    assert_eq!(stage.events("order.failed").len(), 1, "E134: told once");
}

#[test]
fn a_cancelled_unit_in_a_parcel_of_its_own_goes_to_a_person_and_the_live_parcel_is_told_e135_i15() {
    let mut stage = Stage::new();
    let boxes = plan(&[
        ("UPS", Some(NUMBER), Some(LAMPS)),
        ("UPS", Some("1Z50V7420300000002"), None),
    ]);
    let order = stage.shipped_with(OrderKind::SeveralUnits, boxes);
    cancel_line(&stage, &order, 2);
    stage.forget_log();
    for _ in 0..3 {
        stage.sync();
        stage.minutes(30);
    }
    assert_eq!(stage.told(&order), [NUMBER], "E135");
    assert_eq!(stage.calls(MARK), 1, "E135: the other number is not even tried");
    assert_eq!(stage.details(&order), ["cancelled_unit_left"], "E135");
    let message = stage.flags(&order).remove(0).message;
    assert!(message.contains("1Z50V7420300000002"), "E135, I15: {message}");
    assert_eq!(stage.events("order.failed").len(), 1, "E135: told once");
}

#[test]
fn an_order_that_was_shipped_by_hand_meanwhile_is_seen_before_and_not_by_refusal_e107() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some(NUMBER)));
    let line = stage.lines(&order).remove(0);
    stage.world(|world| {
        let now = world.now();
        let entry = world.tiktok.order_mut(&order).expect("an order");
        entry.lines[0].package_id = Some("1153900000000077777".to_owned());
        entry.lines[0].display_status = "AWAITING_COLLECTION".to_owned();
        entry.set_status("AWAITING_COLLECTION", now);
        let package = mcf_connector::sandbox::tiktok::Package {
            id: "1153900000000077777".to_owned(),
            order_id: order.clone(),
            line_ids: vec![line],
            tracking_number: "1ZTYPEDBYHAND00001".to_owned(),
            provider_id: "7117859084333745966".to_owned(),
            shipped_at: now,
            corrected: false,
            non_mcf: true,
        };
        world.tiktok.packages.insert(package.id.clone(), package);
    });
    stage.forget_log();
    for _ in 0..2 {
        stage.sync();
        stage.minutes(30);
    }
    assert_eq!(stage.calls(MARK), 0, "E107");
    assert_eq!(stage.details(&order), ["other_number_at_tiktok"], "E107, I15");
}

#[test]
fn a_number_is_kept_back_while_tiktok_has_the_order_in_another_warehouse_e144() {
    let ours = {
        let stage = Stage::new();
        let order = stage.place_with(OrderKind::Plain, Plan::default());
        stage.world(|world| world.tiktok.orders[&order].warehouse_id.clone())
    };
    let mut stage = Stage::with(&format!("[inventory]\ntiktok_warehouse_ids = [\"{ours}\"]\n"));
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some(NUMBER)));
    let move_to = |stage: &Stage, warehouse: &str| {
        stage.world(|world| {
            world.tiktok.order_mut(&order).expect("an order").warehouse_id = warehouse.to_owned();
        });
    };
    move_to(&stage, "7068517275539729999");
    stage.forget_log();
    for _ in 0..2 {
        assert_eq!(count(&stage.sync(), "refused"), 1, "E144");
        stage.minutes(30);
    }
    assert_eq!(stage.calls(MARK), 0, "E144");
    let flag = stage.flags(&order).remove(0);
    assert_eq!(flag.detail.as_str(), "moved_to_another_warehouse", "E144");
    assert!(flag.message.contains(NUMBER), "E144, I15: {}", flag.message);
    assert_eq!(stage.events("order.failed").len(), 1, "E144: told once");
    move_to(&stage, &ours);
    stage.sync();
    assert_eq!(stage.told(&order), [NUMBER], "E144: moved back");
    assert!(stage.flags(&order).is_empty(), "E144");
}

#[test]
fn while_tiktok_shows_nothing_a_number_waits_and_goes_unseen_before_it_is_late() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some(NUMBER)));
    stage.world(|world| world.faults.script(LOOK, 1, 10_000, away()));
    let finished = stage.try_sync();
    assert!(finished.trouble.is_some(), "the outage is told");
    assert_eq!((stage.calls(MARK), count(&finished, "waiting")), (0, 1));
    stage.minutes(30);
    stage.try_sync();
    assert_eq!(stage.calls(MARK), 0);
    stage.minutes(150);
    stage.try_sync();
    assert_eq!(stage.told(&order), [NUMBER], "within four hours whatever the look says");
}

#[test]
fn two_shipments_with_one_number_are_one_mark_call_with_all_their_units_e136() {
    let mut stage = Stage::new();
    let boxes = plan(&[("UPS", Some(NUMBER), Some(LAMPS)), ("UPS", Some(NUMBER), None)]);
    let order = stage.shipped_with(OrderKind::SeveralUnits, boxes);
    stage.forget_log();
    stage.sync();
    assert_eq!(stage.calls(MARK), 1, "E136");
    let [(number, _, units)] = &stage.at_tiktok(&order)[..] else {
        panic!("one parcel: {:?}", stage.at_tiktok(&order));
    };
    let mut units = units.clone();
    units.sort();
    assert_eq!((number.as_str(), units), (NUMBER, stage.lines(&order)), "E136");
    assert_eq!(stage.state(&order), "completed", "E136");
    assert!(stage.flags(&order).is_empty(), "E136");
    assert_eq!(stage.events("tracking.synced").len(), 1, "E136: one number, told once");
}

#[test]
fn one_mark_call_whose_answer_is_lost_tells_both_shipments_e136_e103() {
    let mut stage = Stage::new();
    let boxes = plan(&[("UPS", Some(NUMBER), Some(LAMPS)), ("UPS", Some(NUMBER), None)]);
    let order = stage.shipped_with(OrderKind::SeveralUnits, boxes);
    stage.world(|world| world.faults.next(MARK, Fault::after(Disturbance::Drop)));
    stage.sync();
    assert_eq!(
        (stage.calls(MARK), stage.state(&order)),
        (1, "completed".to_owned()),
        "E136, E103"
    );
}

#[test]
fn a_cancelled_unit_is_left_out_of_the_one_call_of_two_shipments_e136() {
    let mut stage = Stage::new();
    let boxes = plan(&[("UPS", Some(NUMBER), Some(LAMP)), ("UPS", Some(NUMBER), None)]);
    let order = stage.shipped_with(OrderKind::SeveralUnits, boxes);
    let lines = stage.lines(&order);
    cancel_line(&stage, &order, 1);
    stage.forget_log();
    stage.sync();
    assert_eq!(stage.calls(MARK), 1, "E136");
    let mut units = stage.at_tiktok(&order).remove(0).2;
    units.sort();
    assert_eq!(units, [lines[0].clone(), lines[2].clone()], "E136, E134");
}

#[test]
fn a_second_shipment_with_the_number_of_the_first_an_hour_later_is_flagged_without_a_loop_e136() {
    let mut stage = Stage::new();
    let boxes = plan(&[("UPS", Some(NUMBER), Some(LAMPS)), ("UPS", Some(NUMBER), None)]);
    let order = stage.routed_with(OrderKind::SeveralUnits, boxes);
    stage.steps(2);
    let late = stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
        let shipment = &mut order.shipments[0];
        let mut late = shipment.clone();
        late.id.push('2');
        shipment.status = ShipmentStatus::Shipped;
        shipment.shipping_at = now;
        late.parcels = shipment.parcels.split_off(1);
        late
    });
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.told(&order), [NUMBER], "E136");
    stage.minutes(60);
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
        let mut late = late;
        late.status = ShipmentStatus::Shipped;
        late.shipping_at = now;
        order.shipments.push(late);
        order.set_status(mcf_connector::sandbox::amazon::OrderStatus::Complete, now);
    });
    for _ in 0..4 {
        stage.sync();
        stage.minutes(30);
    }
    assert_eq!(stage.calls(MARK), 1, "E136: TikTok takes no number twice in one order");
    assert_eq!(stage.details(&order), ["number_stands_for_other_units"], "E136");
    assert_eq!(stage.events("order.failed").len(), 1, "E136: told once");
    let bulb = stage.lines(&order).remove(2);
    stage.world(|world| {
        let package = world.tiktok.packages.values_mut().next().expect("a package");
        package.line_ids.push(bulb.clone());
        let id = package.id.clone();
        let line = &mut world.tiktok.order_mut(&order).expect("an order").lines[2];
        line.package_id = Some(id);
        line.display_status = "AWAITING_COLLECTION".to_owned();
    });
    let command = stage.flags(&order).remove(0).next_command;
    assert_eq!(command, format!("mcf sync-tracking --order {order}"), "E136");
    assert_eq!(
        count(&stage.sync_one(&order), "pushed"),
        1,
        "E136: the advised command works"
    );
    assert!(stage.flags(&order).is_empty(), "E136");
    assert_eq!(stage.state(&order), "completed", "E136");
}

#[test]
fn a_refusal_after_a_good_look_is_still_read_back_e102() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some(NUMBER)));
    refuse_mark(&stage, 21_011_022, 1);
    stage.forget_log();
    stage.sync();
    assert_eq!(stage.calls(LOOK), 2, "E102");
    assert_eq!(stage.details(&order), ["number_refused"], "E102");
}
