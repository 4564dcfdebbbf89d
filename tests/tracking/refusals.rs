//! What TikTok refuses, and answers that never come.

use mcf_connector::sandbox::amazon::Plan;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::tiktok::Package;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::stage::{Stage, count, one};

/// Lets TikTok refuse the next calls of Mark Package As Shipped.
pub fn refuse_mark(stage: &Stage, code: i64, times: u32) {
    let body = json!({ "code": code, "message": "refused by the test", "request_id": "20260303180000", "data": {} });
    let fault = Fault::before(Disturbance::Json { status: 200, body });
    stage.world(|world| world.faults.script(Operation::MarkPackageShipped, 1, times, fault));
}

#[test]
fn a_refused_number_is_flagged_once_and_not_sent_again_until_it_changes() {
    for code in [21_004_012, 21_011_022, 21_034_012, 21_011_026, 21_004_015] {
        let mut stage = Stage::new();
        let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("1Z50V7420300000001")));
        refuse_mark(&stage, code, 1);
        assert_eq!(count(&stage.sync(), "refused"), 1, "E102: {code}");
        for _ in 0..3 {
            stage.minutes(30);
            stage.sync();
        }
        assert_eq!(stage.calls(Operation::MarkPackageShipped), 1, "E102: {code}");
        assert_eq!(stage.details(&order), ["number_refused"], "E102");
        assert_eq!(stage.events("order.failed").len(), 1, "E102: told once");
        assert!(
            !stage.flags(&order)[0].message.contains("refused by the test"),
            "I10: TikTok's words are for the order alone"
        );
        let said = stage.said(&order);
        assert_eq!(said.as_deref(), Some("refused by the test"), "E102: TikTok's words");
        stage.replace_number(&order, "1Z50V7420300000002");
        stage.sync_one(&order);
        assert_eq!(
            stage.told(&order),
            ["1Z50V7420300000002"],
            "E102: another number is another try"
        );
        assert!(stage.flags(&order).is_empty());
    }
}

#[test]
fn a_person_may_have_a_refused_number_sent_again() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", None));
    refuse_mark(&stage, 21_011_022, 1);
    stage.sync();
    let command = stage.flags(&order).remove(0).next_command;
    assert_eq!(command, format!("mcf sync-tracking --order {order}"));
    let finished = stage.sync_one(&order);
    assert_eq!(count(&finished, "pushed"), 1);
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn trouble_that_passes_goes_on_with_the_next_run() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    refuse_mark(&stage, 36_009_003, 10);
    let finished = stage.try_sync();
    assert!(finished.trouble.is_some(), "E102");
    assert_eq!(count(&finished, "waiting"), 1);
    stage.world(|world| world.faults.clear());
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.told(&order).len(), 1, "E102");
    assert!(stage.flags(&order).is_empty());
}

#[test]
fn an_order_on_hold_waits_and_that_costs_no_attempt() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    refuse_mark(&stage, 21_011_044, 3);
    for _ in 0..3 {
        let finished = stage.sync();
        assert_eq!(count(&finished, "waiting"), 1);
        stage.minutes(31);
    }
    let attempts: Vec<i64> = stage.query("SELECT attempts FROM parcels WHERE order_id = ?1", &order);
    assert_eq!(attempts, [0]);
    stage.sync();
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn a_lost_answer_counts_as_success_when_tiktok_has_the_number() {
    for disturbance in [
        Disturbance::Drop,
        Disturbance::Truncate,
        Disturbance::Garbage,
        Disturbance::Html { status: 502 },
    ] {
        let mut stage = Stage::new();
        let order = stage.shipped_with(OrderKind::Plain, Plan::default());
        stage.world(|world| {
            world
                .faults
                .next(Operation::MarkPackageShipped, Fault::after(disturbance))
        });
        let finished = stage.sync();
        assert_eq!(count(&finished, "pushed"), 1, "E103");
        assert_eq!(stage.log().effects(Operation::MarkPackageShipped), 1, "E103");
        assert_eq!(stage.told(&order), stage.numbers(&order));
        assert_eq!(stage.state(&order), "completed");
    }
}

#[test]
fn when_even_the_reading_back_fails_the_next_run_reads_before_it_tells() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.world(|world| {
        world
            .faults
            .next(Operation::MarkPackageShipped, Fault::after(Disturbance::Drop));
        world
            .faults
            .script(Operation::GetOrders, 2, 3, Fault::before(Disturbance::Drop));
    });
    assert!(stage.try_sync().trouble.is_some(), "E103");
    stage.minutes(30);
    stage.forget_log();
    let finished = stage.sync();
    assert_eq!(count(&finished, "pushed"), 1, "E103");
    assert_eq!(
        stage.calls(Operation::MarkPackageShipped),
        0,
        "E103: nothing is told twice"
    );
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn a_request_that_was_lost_is_made_again() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.world(|world| {
        world
            .faults
            .script(Operation::MarkPackageShipped, 1, 9, Fault::before(Disturbance::Drop))
    });
    assert!(stage.try_sync().trouble.is_some());
    stage.world(|world| world.faults.clear());
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.told(&order), stage.numbers(&order));
}

#[test]
fn after_three_failures_in_a_row_tiktok_is_left_alone_for_this_run() {
    let mut stage = Stage::new();
    for _ in 0..6 {
        stage.routed(OrderKind::Plain);
    }
    stage.steps(4);
    stage.minutes(15);
    stage.world(|world| {
        let outage = Fault::before(Disturbance::Status {
            status: 503,
            retry_after: None,
        });
        world.faults.script(Operation::MarkPackageShipped, 1, 1000, outage);
    });
    let finished = stage.try_sync();
    assert_eq!(count(&finished, "waiting"), 6);
    assert_eq!(stage.calls(Operation::MarkPackageShipped), 3);
    stage.world(|world| world.faults.clear());
    stage.minutes(30);
    assert_eq!(count(&stage.sync(), "pushed"), 6);
}

/// Lets TikTok make a parcel without a number, as it does in these markets.
fn give_package(stage: &Stage, order: &str, id: &str) {
    stage.world(|world| {
        let now = world.now();
        let entry = world.tiktok.order_mut(order).expect("an order");
        entry.lines[0].package_id = Some(id.to_owned());
        let package = Package {
            id: id.to_owned(),
            order_id: order.to_owned(),
            line_ids: vec![entry.lines[0].id.clone()],
            tracking_number: String::new(),
            provider_id: String::new(),
            shipped_at: now,
            corrected: false,
            non_mcf: false,
        };
        world.tiktok.packages.insert(id.to_owned(), package);
    });
}

#[test]
fn a_market_with_ship_package_waits_for_tiktoks_parcel_and_never_names_the_order_in_its_place() {
    let mut stage = Stage::new();
    stage.world(|world| world.tiktok.region = "MX".to_owned());
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.forget_log();
    let finished = stage.sync();
    assert_eq!(count(&finished, "waiting"), 1, "E106");
    assert_eq!(stage.log().mutating(), 0, "E106");
    let attempts: Vec<i64> = stage.query("SELECT attempts FROM parcels WHERE order_id = ?1", &order);
    assert_eq!(attempts, [0], "E106");
    give_package(&stage, &order, "1153900000000099999");
    stage.minutes(31);
    stage.try_sync();
    let log = stage.log();
    let shipped = log
        .entries()
        .iter()
        .find(|entry| entry.method == "POST" && entry.path.contains("1153900000000099999"));
    let paths: Vec<_> = log.entries().iter().map(|entry| &entry.path).collect();
    assert!(shipped.is_some(), "E106: Ship Package names TikTok's parcel: {paths:?}");
    assert!(
        log.entries()
            .iter()
            .all(|entry| !(entry.method == "POST" && entry.path.contains(&order))),
        "E106"
    );
}
