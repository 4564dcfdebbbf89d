//! How many calls a run makes.

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::stage::{Stage, count};

/// Runs four sweeps over `open` orders, of which `changed` have left, and compares the calls of the next run with the least.
fn counts_are_the_least(open: usize, changed: usize) {
    let mut stage = Stage::new();
    let orders: Vec<String> = (0..open)
        .map(|_| stage.world(|world| world.place(OrderKind::Plain)))
        .collect();
    assert!(stage.poll().trouble.is_none());
    stage.steps(2);
    stage.minutes(30);
    stage.sync();
    for _ in 0..4 {
        stage.minutes(30);
        stage.sync();
    }
    for order in orders.iter().step_by(open / changed).take(changed) {
        stage.ship(order);
    }
    stage.minutes(20);
    stage.forget_log();
    let finished = stage.sync();
    let share = (open - changed).div_ceil(4);
    assert_eq!(count(&finished, "pushed"), changed as u64);
    assert_eq!(stage.calls(Operation::GetFulfillmentOrder), changed + share);
    assert_eq!(stage.calls(Operation::MarkPackageShipped), changed);
    let looks = stage.calls(Operation::GetOrders);
    assert_eq!(
        looks,
        changed.div_ceil(50),
        "one look before the numbers of fifty orders"
    );
    let pages = stage.calls(Operation::ListAllFulfillmentOrders);
    // Every order has changed within the list's overlap of three hours; the sandbox gives an empty page after the first of several.
    let least = open.div_ceil(50);
    assert_eq!(pages, least + usize::from(least > 1), "list pages");
    let log = stage.log();
    // Once a day for each delivery option, and once an hour.
    let seldom = [Operation::GetShippingProviders, Operation::ExchangeToken];
    let counted = [
        Operation::GetFulfillmentOrder,
        Operation::MarkPackageShipped,
        Operation::GetOrders,
        Operation::ListAllFulfillmentOrders,
    ];
    let operations = log.entries().iter().filter_map(|entry| entry.operation);
    let others: Vec<_> = operations
        .filter(|operation| !counted.contains(operation) && !seldom.contains(operation))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn a_run_makes_the_least_calls() {
    counts_are_the_least(100, 10);
}

/// The figures of the promise; by name, because it takes minutes.
#[test]
#[ignore = "takes minutes; run it by name"]
fn a_run_over_five_thousand_open_orders_makes_the_least_calls() {
    counts_are_the_least(5_000, 50);
}

#[test]
fn every_open_order_is_read_every_two_hours_and_never_all_in_one_run() {
    let mut stage = Stage::new();
    (0..20).for_each(|_| stage.world(|world| drop(world.place(OrderKind::Plain))));
    stage.poll();
    stage.forget_log();
    for read in [20, 25] {
        stage.minutes(30);
        stage.sync();
        assert_eq!(
            stage.calls(Operation::GetFulfillmentOrder),
            read,
            "a new order is read once, then with the others: the list may show late that it has left (E127)"
        );
    }
    stage.steps(2);
    stage.minutes(30);
    stage.sync();
    for _ in 0..3 {
        stage.forget_log();
        for _ in 0..4 {
            let before = stage.calls(Operation::GetFulfillmentOrder);
            stage.minutes(30);
            stage.sync();
            assert_eq!(stage.calls(Operation::GetFulfillmentOrder) - before, 5, "spread evenly");
        }
        let log = stage.log();
        let mut read: Vec<&String> = log
            .of(Operation::GetFulfillmentOrder)
            .flat_map(|entry| &entry.ids)
            .collect();
        read.sort();
        read.dedup();
        assert_eq!(read.len(), 20, "each within two hours");
    }
}
