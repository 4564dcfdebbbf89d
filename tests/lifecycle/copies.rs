//! Databases that are not the last one, or not this account's.

use chrono::TimeDelta;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};

use super::test_shop::{FIRST, TestShop};

const COPY: &str = "copy.db";

fn creates(shop: &TestShop) -> usize {
    shop.log().effects(Operation::CreateFulfillmentOrder)
}

fn looks(shop: &TestShop) -> usize {
    shop.log().count(Operation::GetFulfillmentOrder)
}

/// A copy is made, then an order comes and is sent.
fn copied_before_its_order(shop: &mut TestShop) {
    shop.poll();
    shop.mcf(&["backup", COPY]).ends_with(0);
    shop.sandbox.world().place(OrderKind::Plain);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(creates(shop), 1);
}

#[test]
fn an_older_copy_that_is_restored_sends_nothing_twice_to_a_vendor_that_would_take_it_e164_i1() {
    let mut shop = TestShop::of(&[]);
    shop.sandbox.world().settings.create_mode = CreateMode::CreateAgain;
    copied_before_its_order(&mut shop);
    shop.pass(5, 0);
    shop.mcf(&["restore", COPY, "--force"]).ends_with(0);
    let before = looks(&shop);
    shop.poll();
    assert!(looks(&shop) > before, "E164: Amazon was not read");
    assert_eq!((creates(&shop), shop.state(FIRST)), (1, State::Routed), "E164");
    assert_eq!(shop.mutating_in(&["poll"]), 0, "I14");
}

/// The database knows all that was sent since its first poll, three hours before the copy; only the restore itself tells that the copy
/// does not.
#[test]
fn an_order_that_came_after_the_copy_was_made_is_looked_for_after_its_restore_e164_i1() {
    let mut shop = TestShop::of(&[]);
    shop.sandbox.world().settings.create_mode = CreateMode::CreateAgain;
    for _ in 0..4 {
        shop.poll();
        shop.pass(45, 0);
    }
    shop.mcf(&["backup", COPY]).ends_with(0);
    shop.sandbox.world().place(OrderKind::Plain);
    shop.poll();
    assert_eq!(creates(&shop), 1);
    shop.pass(5, 0);
    shop.mcf(&["restore", COPY, "--force"]).ends_with(0);
    shop.poll();
    assert_eq!((creates(&shop), shop.state(FIRST)), (1, State::Routed), "E164");
}

#[test]
fn an_older_copy_put_in_place_by_hand_and_a_new_file_send_nothing_twice_e164() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.sandbox.world().settings.create_mode = CreateMode::CreateAgain;
    shop.poll();
    let lost = |shop: &TestShop| {
        for suffix in ["", "-wal", "-shm", ".key", ".lock"] {
            let _ = std::fs::remove_file(shop.folder.path().join(format!("mcf.db{suffix}")));
        }
        shop.import(mcf_connector::sandbox::scenario::MAPPINGS_CSV);
    };
    lost(&shop);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(
        (creates(&shop), shop.state(FIRST)),
        (1, State::Routed),
        "a new file after a loss"
    );
}

#[test]
fn a_database_of_another_account_or_marketplace_is_refused_while_an_order_is_uncertain_e176() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    let lost = Fault::after(Disturbance::Status {
        status: 500,
        retry_after: None,
    });
    let fault = |operation, fault| shop.sandbox.world().faults.script(operation, 1, 50, fault);
    fault(Operation::CreateFulfillmentOrder, lost.clone());
    fault(Operation::GetFulfillmentOrder, lost);
    shop.mcf(&["poll"]).ends_with(4);
    shop.sandbox.world().faults.clear();
    let right = std::fs::read_to_string(shop.config()).expect("a file");
    let marketplace = shop.sandbox.world().amazon.marketplace_id.clone();
    let seller = shop.sandbox.world().amazon.seller_id.clone();
    for (own, other) in [(marketplace, "A2EUQ1WTGCTBG2"), (seller, "A9OTHERSELLER")] {
        std::fs::write(shop.config(), right.replace(&own, other)).expect("written");
        shop.pass(30, 0);
        let calls = shop.log().entries().len();
        let ran = shop.mcf(&["poll"]).ends_with(6);
        assert!(
            ran.stderr.contains(&own) && ran.stderr.contains("--db"),
            "E176: {ran:?}"
        );
        assert_eq!(shop.log().entries().len(), calls, "E176: a vendor was asked");
        shop.mcf(&["status"]).ends_with(0);
    }
    std::fs::write(shop.config(), right).expect("written");
    shop.mcf(&["poll"]).ends_with(4);
    shop.pass(30, 0);
    shop.poll();
    assert_eq!((creates(&shop), shop.state(FIRST)), (1, State::Routed), "E176");
}

#[test]
fn the_poll_after_a_long_reader_finishes_what_the_log_kept_open_and_until_then_ends_well_e158() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    let reader = rusqlite::Connection::open(shop.database()).expect("a reader");
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM orders")
        .expect("begun");
    shop.mcf(&["rekey"]).ends_with(6);
    shop.pass(5, 0);
    shop.poll();
    assert!(has_held_log(&shop), "E158");
    drop(reader);
    shop.pass(5, 0);
    shop.poll();
    assert!(!has_held_log(&shop), "E158");
}

fn has_held_log(shop: &TestShop) -> bool {
    let status = shop.good(&["status"]);
    let rows = status["attention"].as_array().expect("rows");
    rows.iter().any(|row| row["kind"] == "log")
}

#[test]
fn a_purge_by_a_clock_that_the_last_run_saw_ahead_erases_nothing_early_and_one_after_a_pause_does() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(30, 5);
    shop.good(&["sync-tracking"]);
    shop.pass(30, 5);
    shop.good(&["sync-tracking"]);
    let ahead = |minutes: i64| (shop.now + TimeDelta::days(40) + TimeDelta::minutes(minutes)).to_rfc3339();
    shop.mcf_with(&[("MCF_NOW", &ahead(0))], &["poll"]).ends_with(0);
    let purged = |shown: &str| {
        let ran = shop.mcf_with(&[("MCF_NOW", shown)], &["purge", "--json"]);
        ran.ends_with(0).json()["orders"].clone()
    };
    assert_eq!(purged(&ahead(5)), 0, "the vendors told the time five minutes ago");
    let now = shop.now.to_rfc3339();
    shop.mcf_with(&[("MCF_NOW", &now)], &["poll"]).ends_with(0);
    assert_eq!(purged(&ahead(5)), 1, "the clock is right, and the shop was paused");
}

/// The copy knows nothing of what Amazon has: the buyer is not told that nothing goes.
#[test]
fn a_wish_to_cancel_what_an_older_copy_does_not_know_of_is_left_to_a_person_e164() {
    let mut shop = TestShop::of(&[]);
    copied_before_its_order(&mut shop);
    shop.sandbox.world().request_cancel(FIRST);
    shop.pass(5, 0);
    shop.mcf(&["restore", COPY, "--force"]).ends_with(0);
    for _ in 0..2 {
        shop.poll();
        let approved = shop.log().effects(Operation::ApproveCancellation);
        assert_eq!(approved, 0, "E164: it is granted although Amazon goes on");
        assert_eq!(shop.flags(FIRST)[0].1, "answer_refused", "E164");
        shop.pass(10, 0);
    }
    let told = shop.good(&["status", FIRST])["order"]["flags"][0]["message"].to_string();
    assert!(told.contains("Amazon has it as TTS-"), "{told}");
    assert_eq!(shop.mutating_in(&["poll"]), 0, "I14");
}

#[test]
fn a_wish_to_cancel_what_amazon_does_not_have_is_granted_after_a_look_e164() {
    let shop = TestShop::of(&[OrderKind::CancelRequested]);
    let before = looks(&shop);
    shop.poll();
    assert_eq!(looks(&shop), before + 1, "E164: it is older than the database");
    assert_eq!(shop.state(FIRST), State::Cancelled);
}
