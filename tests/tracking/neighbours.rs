//! One order in trouble never keeps the others waiting.

use mcf_connector::sandbox::amazon::Plan;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::refusals::refuse_mark;
use super::stage::{Stage, count};

fn routed(stage: &Stage, orders: usize) -> Vec<String> {
    let place = |_| stage.place_with(OrderKind::Plain, Plan::default());
    let ids: Vec<String> = (0..orders).map(place).collect();
    assert!(stage.poll().trouble.is_none());
    ids
}

/// Orders that have all left, the nearest deadline first.
fn shipped(stage: &mut Stage, orders: usize) -> Vec<String> {
    let ids = routed(stage, orders);
    stage.steps(4);
    stage.minutes(15);
    ids
}

/// Orders that are being packed and were read once.
fn being_packed(stage: &mut Stage, orders: usize) -> Vec<String> {
    let ids = routed(stage, orders);
    stage.steps(2);
    stage.minutes(30);
    stage.sync();
    ids
}

fn unavailable(stage: &Stage, operation: Operation, times: u32) {
    let fault = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    stage.world(|world| world.faults.script(operation, 1, times, fault));
}

#[test]
fn a_delivery_option_that_tiktok_refuses_flags_its_orders_and_no_others() {
    let mut stage = Stage::new();
    let mut orders: Vec<String> = (0..5)
        .map(|_| stage.place_with(OrderKind::Plain, Plan::default()))
        .collect();
    let good = orders.pop().expect("the last one");
    stage.world(|world| {
        for order in &orders {
            let order = world.tiktok.orders.get_mut(order).expect("an order");
            order.delivery_option_id = "7091146663229659999".to_owned();
        }
    });
    assert!(stage.poll().trouble.is_none());
    stage.steps(4);
    stage.minutes(15);
    let finished = stage.sync();
    assert_eq!(stage.told(&good).len(), 1);
    assert_eq!((count(&finished, "pushed"), count(&finished, "refused")), (1, 4));
    assert_eq!(
        stage.calls(Operation::GetShippingProviders),
        2,
        "each option is asked for once"
    );
    for order in &orders {
        assert_eq!(stage.details(order), ["carrier_unknown"]);
        assert!(stage.flags(order)[0].message.contains("7091146663229659999"));
    }
}

#[test]
fn parcels_that_came_to_nothing_go_last_in_the_next_run() {
    let mut stage = Stage::new();
    let orders = shipped(&mut stage, 5);
    refuse_mark(&stage, 36_009_003, 3);
    assert_eq!(count(&stage.try_sync(), "waiting"), 5, "three in a row end the telling");
    stage.world(|world| world.faults.clear());
    stage.forget_log();
    stage.minutes(30);
    stage.sync();
    let log = stage.log();
    let first: Vec<&String> = log
        .of(Operation::MarkPackageShipped)
        .take(2)
        .flat_map(|entry| &entry.ids)
        .filter(|id| orders.contains(id))
        .collect();
    assert_eq!(first, [&orders[3], &orders[4]]);
    assert!(orders.iter().all(|order| stage.told(order).len() == 1));
}

#[test]
fn an_order_that_can_not_be_read_does_not_use_up_the_share_of_the_others() {
    let mut stage = Stage::new();
    let orders = being_packed(&mut stage, 4);
    stage.forget_log();
    unavailable(&stage, Operation::GetFulfillmentOrder, 100_000);
    for _ in 0..4 {
        stage.minutes(30);
        assert!(stage.try_sync().trouble.is_some());
    }
    let log = stage.log();
    let mut read: Vec<&String> = log
        .of(Operation::GetFulfillmentOrder)
        .flat_map(|entry| &entry.ids)
        .collect();
    read.sort();
    read.dedup();
    assert_eq!(read.len(), orders.len(), "another one in each run");
}

#[test]
fn a_parcel_whose_marks_can_not_be_read_does_not_keep_the_others_from_being_read() {
    let mut stage = Stage::new();
    shipped(&mut stage, 3);
    stage.sync();
    stage.minutes(90);
    stage.forget_log();
    unavailable(&stage, Operation::GetPackage, 3);
    assert!(stage.try_sync().trouble.is_some());
    assert_eq!(
        stage.calls(Operation::GetPackage),
        5,
        "three tries of the first, one of each other"
    );
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.calls(Operation::GetPackage), 6);
}
