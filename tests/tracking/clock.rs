//! What is late, what may become late, and what TikTok counts.

use mcf_connector::sandbox::amazon::{Ending, Plan};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::stage::{Stage, amazon_id, count, one};

fn outage(stage: &Stage, operation: Operation) {
    let fault = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    stage.world(|world| world.faults.script(operation, 1, 100_000, fault));
}

#[test]
fn a_late_parcel_is_warned_of_at_two_hours_and_alarmed_at_three_and_four() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    // However long that took: the parcel leaves full half hours before each look.
    stage.minutes(0);
    stage.steps(4);
    outage(&stage, Operation::MarkPackageShipped);
    let mut told = Vec::new();
    for half_hours in 1..=12 {
        stage.minutes(30);
        let finished = stage.try_sync();
        told.push((half_hours, finished.summary.notes.len(), count(&finished, "overdue")));
    }
    let spoken: Vec<i32> = told
        .iter()
        .filter(|(_, notes, _)| *notes > 0)
        .map(|(at, _, _)| *at)
        .collect();
    assert_eq!(spoken, [4, 6, 8], "2 h, 3 h and 4 h, each once");
    assert_eq!(
        told.last().map(|(_, _, overdue)| *overdue),
        Some(1),
        "the summary goes on counting it"
    );
    let alarms = stage.events("tracking.overdue");
    assert_eq!(alarms.len(), 2, "E109: {alarms:?}");
    assert!(alarms[1].contains("\"hours\":4"), "E109");
    assert!(stage.history(&order).contains("2 hours ago"));
    stage.world(|world| world.faults.clear());
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn a_parcel_without_any_number_four_hours_after_it_left_raises_the_alarm() {
    let mut stage = Stage::new();
    let order = stage.routed_with(OrderKind::Plain, one("UPS", Some("")));
    stage.steps(4);
    for _ in 0..9 {
        stage.minutes(30);
        stage.sync();
    }
    let alarms = stage.events("tracking.overdue");
    assert_eq!(alarms.len(), 2, "E109");
    assert!(
        stage.history(&order).contains("Amazon gave no number"),
        "E109: both clocks"
    );
    assert!(alarms[0].contains("shippedAt"), "E109");
}

#[test]
fn the_clock_of_a_parcel_runs_although_amazon_does_not_say_when_it_left() {
    let mut stage = Stage::new();
    let order = stage.routed_with(OrderKind::Plain, one("UPS", Some("")));
    stage.steps(4);
    let no_date = Fault::after(Disturbance::Patch {
        pointer: "/payload/fulfillmentShipments/0/shippingDate".to_owned(),
        value: serde_json::Value::Null,
    });
    stage.world(|world| world.faults.script(Operation::GetFulfillmentOrder, 1, 100, no_date));
    stage.sync();
    assert_eq!(stage.state(&order), "shipped");
    for _ in 0..8 {
        stage.minutes(30);
        stage.sync();
    }
    assert_eq!(stage.events("tracking.overdue").len(), 2, "E109");
}

#[test]
fn the_clock_is_watched_and_known_numbers_go_out_while_amazon_is_away() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    outage(&stage, Operation::MarkPackageShipped);
    stage.try_sync();
    stage.world(|world| world.faults.clear());
    outage(&stage, Operation::ListAllFulfillmentOrders);
    outage(&stage, Operation::GetFulfillmentOrder);
    stage.minutes(180);
    let finished = stage.try_sync();
    assert!(finished.trouble.is_some());
    assert_eq!(stage.told(&order).len(), 1, "what is known is told");
}

#[test]
fn an_order_that_amazon_has_not_shipped_is_told_before_its_deadline_and_once() {
    let mut stage = Stage::new();
    let stays = Plan {
        ending: Ending::StaysInPlanning,
        ..Plan::default()
    };
    let order = stage.routed_with(OrderKind::Plain, stays);
    stage.steps(3);
    // Paid on Monday, two hours before the start; TikTok's deadline is the end of Wednesday by the Pacific clock, 62 hours on.
    let mut told_at = Vec::new();
    for half_hours in 1..=124 {
        stage.minutes(30);
        let finished = stage.sync();
        if finished.summary.notes.iter().any(|note| note.contains(&order)) {
            told_at.push(half_hours);
        }
    }
    assert_eq!(told_at, [100], "twelve hours before, once");
    let alerts = stage.events("error");
    assert_eq!(alerts.len(), 1);
    assert!(alerts[0].contains("Planning"), "{alerts:?}");
    assert!(stage.history(&order).contains("deadline: order"));
    assert!(
        stage.events("error.resolved").is_empty(),
        "E168: not while it stays there"
    );
    stage.world(|world| {
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
        order.plan = Plan::default();
    });
    stage.steps(4);
    for _ in 0..2 {
        stage.minutes(30);
        stage.sync();
    }
    let resolved = stage.events("error.resolved");
    assert_eq!(resolved.len(), 1, "E168: over once it has left: {resolved:?}");
    assert!(resolved[0].contains(&order));
}

#[test]
fn parcels_that_tiktok_counts_against_mcf_are_warned_of_from_the_third_on() {
    let mut stage = Stage::new();
    let mut warned = Vec::new();
    for counted in 1..=4 {
        let order = stage.shipped_with(OrderKind::Plain, Plan::default());
        stage.sync();
        stage.world(|world| {
            let packages = world.tiktok.packages.values_mut();
            packages
                .filter(|package| package.order_id == order)
                .for_each(|package| package.non_mcf = true);
        });
        stage.minutes(90);
        let finished = stage.sync();
        let note = format!("counts {counted} parcels");
        warned.push(finished.summary.notes.iter().any(|text| text.contains(&note)));
    }
    assert_eq!(warned, [false, false, true, true], "E108: three of five");
    assert_eq!(stage.events("error").len(), 2, "E108: once a parcel");
    assert_eq!(stage.calls(Operation::GetPackage), 4, "each parcel is read once");
}
