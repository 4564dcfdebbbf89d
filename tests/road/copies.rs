//! Databases that are not the last one, or not this account's.

use chrono::TimeDelta;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};

use super::road::{FIRST, Road};

const COPY: &str = "copy.db";

fn creates(road: &Road) -> usize {
    road.log().effects(Operation::CreateFulfillmentOrder)
}

fn looks(road: &Road) -> usize {
    road.log().count(Operation::GetFulfillmentOrder)
}

#[test]
fn an_older_copy_that_is_restored_sends_nothing_twice_to_a_vendor_that_would_take_it_e164_i1() {
    let mut road = Road::of(&[]);
    road.sandbox.world().settings.create_mode = CreateMode::CreateAgain;
    road.poll();
    road.mcf(&["backup", COPY]).ends_with(0);
    road.sandbox.world().place(OrderKind::Plain);
    road.pass(5, 0);
    road.poll();
    assert_eq!(creates(&road), 1);
    road.pass(5, 0);
    road.mcf(&["restore", COPY, "--force"]).ends_with(0);
    let before = looks(&road);
    road.poll();
    assert!(looks(&road) > before, "E164: Amazon was not read");
    assert_eq!((creates(&road), road.state(FIRST)), (1, State::Routed), "E164");
    assert_eq!(road.mutating_in(&["poll"]), 0, "I14");
}

/// The database knows all that was sent since its first poll, three hours before the copy; only the restore itself tells that the copy
/// does not.
#[test]
fn an_order_that_came_after_the_copy_was_made_is_looked_for_after_its_restore_e164_i1() {
    let mut road = Road::of(&[]);
    road.sandbox.world().settings.create_mode = CreateMode::CreateAgain;
    for _ in 0..4 {
        road.poll();
        road.pass(45, 0);
    }
    road.mcf(&["backup", COPY]).ends_with(0);
    road.sandbox.world().place(OrderKind::Plain);
    road.poll();
    assert_eq!(creates(&road), 1);
    road.pass(5, 0);
    road.mcf(&["restore", COPY, "--force"]).ends_with(0);
    road.poll();
    assert_eq!((creates(&road), road.state(FIRST)), (1, State::Routed), "E164");
}

#[test]
fn an_older_copy_put_in_place_by_hand_and_a_new_file_send_nothing_twice_e164() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.sandbox.world().settings.create_mode = CreateMode::CreateAgain;
    road.poll();
    let lost = |road: &Road| {
        for suffix in ["", "-wal", "-shm", ".key"] {
            let _ = std::fs::remove_file(road.folder.path().join(format!("mcf.db{suffix}")));
        }
        road.import(mcf_connector::sandbox::scenario::MAPPINGS_CSV);
    };
    lost(&road);
    road.pass(5, 0);
    road.poll();
    assert_eq!(
        (creates(&road), road.state(FIRST)),
        (1, State::Routed),
        "a new file after a loss"
    );
}

#[test]
fn a_database_of_another_account_or_marketplace_is_refused_while_an_order_is_uncertain_e176() {
    let mut road = Road::of(&[OrderKind::Plain]);
    let lost = Fault::after(Disturbance::Status {
        status: 500,
        retry_after: None,
    });
    let fault = |operation, fault| road.sandbox.world().faults.script(operation, 1, 50, fault);
    fault(Operation::CreateFulfillmentOrder, lost.clone());
    fault(Operation::GetFulfillmentOrder, lost);
    road.mcf(&["poll"]).ends_with(4);
    road.sandbox.world().faults.clear();
    let right = std::fs::read_to_string(road.config()).expect("a file");
    let marketplace = road.sandbox.world().amazon.marketplace_id.clone();
    let seller = road.sandbox.world().amazon.seller_id.clone();
    for (own, other) in [(marketplace, "A2EUQ1WTGCTBG2"), (seller, "A9OTHERSELLER")] {
        std::fs::write(road.config(), right.replace(&own, other)).expect("written");
        road.pass(30, 0);
        let calls = road.log().entries().len();
        let ran = road.mcf(&["poll"]).ends_with(6);
        assert!(
            ran.stderr.contains(&own) && ran.stderr.contains("--db"),
            "E176: {ran:?}"
        );
        assert_eq!(road.log().entries().len(), calls, "E176: a vendor was asked");
        road.mcf(&["status"]).ends_with(0);
    }
    std::fs::write(road.config(), right).expect("written");
    road.mcf(&["poll"]).ends_with(4);
    road.pass(30, 0);
    road.poll();
    assert_eq!((creates(&road), road.state(FIRST)), (1, State::Routed), "E176");
}

#[test]
fn the_poll_after_a_long_reader_finishes_what_the_log_kept_open_and_until_then_ends_well_e158() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    let reader = rusqlite::Connection::open(road.database()).expect("a reader");
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM orders")
        .expect("begun");
    road.mcf(&["rekey"]).ends_with(6);
    road.pass(5, 0);
    road.poll();
    assert!(has_held_log(&road), "E158");
    drop(reader);
    road.pass(5, 0);
    road.poll();
    assert!(!has_held_log(&road), "E158");
}

fn has_held_log(road: &Road) -> bool {
    let status = road.good(&["status"]);
    let rows = status["attention"].as_array().expect("rows");
    rows.iter().any(|row| row["kind"] == "log")
}

#[test]
fn a_purge_by_a_clock_that_the_last_run_saw_ahead_erases_nothing_early_and_one_after_a_pause_does() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    road.pass(30, 5);
    road.good(&["sync-tracking"]);
    road.pass(30, 5);
    road.good(&["sync-tracking"]);
    let ahead = |minutes: i64| (road.now + TimeDelta::days(40) + TimeDelta::minutes(minutes)).to_rfc3339();
    road.mcf_with(&[("MCF_NOW", &ahead(0))], &["poll"]).ends_with(0);
    let purged = |shown: &str| {
        let ran = road.mcf_with(&[("MCF_NOW", shown)], &["purge", "--json"]);
        ran.ends_with(0).json()["orders"].clone()
    };
    assert_eq!(purged(&ahead(5)), 0, "the vendors told the time five minutes ago");
    let now = road.now.to_rfc3339();
    road.mcf_with(&[("MCF_NOW", &now)], &["poll"]).ends_with(0);
    assert_eq!(purged(&ahead(5)), 1, "the clock is right, and the shop was paused");
}
