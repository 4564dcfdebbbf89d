//! Tokens that die, vendors that are down, runs that meet.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use mcf_connector::store::Lock;

use super::road::{FIRST, Road, assert_no_file_holds};

fn down() -> Fault {
    Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    })
}

#[test]
fn an_expired_tiktok_token_is_renewed_once_and_the_run_goes_on() {
    let mut road = Road::of(&[OrderKind::Plain]);
    let soon = road.now;
    road.sandbox.world().tiktok.tokens.access_expires_at = soon;
    road.pass(1, 0);
    road.poll();
    assert_eq!(road.log().count(Operation::RefreshToken), 1, "105002");
    assert_eq!(road.state(FIRST), State::Routed);
    road.pass(5, 0);
    road.poll();
    assert_eq!(road.log().count(Operation::RefreshToken), 1, "the new pair is kept");
}

#[test]
fn an_expired_amazon_token_is_renewed_and_the_run_goes_on() {
    let mut road = Road::of(&[OrderKind::Plain, OrderKind::ThreePack]);
    road.poll();
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        world.amazon.expire_access_tokens(now);
    }
    road.pass(5, 0);
    road.good(&["sync-tracking"]);
    assert_eq!(road.log().count(Operation::ExchangeToken), 2);
}

#[test]
fn a_wrong_secret_at_amazon_ends_with_5_and_loses_no_order() {
    let mut road = Road::of(&[OrderKind::Plain]);
    let right = road.sandbox.world().amazon.client_secret.clone();
    road.sandbox.world().amazon.client_secret = "another".to_owned();
    let ran = road.mcf(&["poll"]).ends_with(5);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(&right), "I10");
    let document = road.mcf(&["poll", "--json"]).ends_with(5).json();
    assert_eq!(document["error"]["exitCode"], 5);
    road.sandbox.world().amazon.client_secret = right;
    road.pass(5, 0);
    road.poll();
    assert_eq!(road.state(FIRST), State::Routed, "R16");
}

#[test]
fn a_vendor_that_is_down_ends_with_4_and_the_next_run_goes_on() {
    for operation in [
        Operation::SearchOrders,
        Operation::GetOrders,
        Operation::ExchangeToken,
        Operation::GetInventorySummaries,
    ] {
        let mut road = Road::of(&[OrderKind::Plain]);
        road.sandbox.world().faults.script(operation, 1, 3, down());
        let document = road.mcf(&["poll", "--json"]).ends_with(4).json();
        assert_eq!(document["error"]["exitCode"], 4, "{operation:?}");
        assert_eq!(road.log().count(Operation::CreateFulfillmentOrder), 0, "{operation:?}");
        road.sandbox.world().faults.clear();
        road.pass(5, 0);
        road.poll();
        assert_eq!(
            (road.state(FIRST), road.flags(FIRST)),
            (State::Routed, Vec::new()),
            "{operation:?}"
        );
        assert_eq!(
            road.log().effects(Operation::CreateFulfillmentOrder),
            1,
            "I1: {operation:?}"
        );
    }
}

#[test]
fn a_run_that_meets_another_ends_with_75_and_does_nothing_a11() {
    let road = Road::of(&[OrderKind::Plain]);
    for (work, command) in [
        ("orders", "poll"),
        ("tracking", "sync-tracking"),
        ("inventory", "sync-inventory"),
    ] {
        let held = Lock::take(&road.database(), work, road.now).expect("a free lock");
        let document = road.mcf(&[command, "--json"]).ends_with(75).json();
        assert_eq!(document["error"]["exitCode"], 75);
        drop(held);
    }
    assert!(road.log().entries().is_empty());
    road.poll();
}

#[test]
fn dry_runs_send_nothing_that_changes_anything_and_store_nothing_a10() {
    let mut road = Road::demo();
    std::fs::write(
        road.folder.path().join("more.csv"),
        "seller_sku,amazon_sku\nMUG-NEW-01,FBA-MUG\n",
    )
    .expect("a file");
    for command in [
        &["mappings", "import", "more.csv", "--dry-run"][..],
        &["poll", "--dry-run"],
        &["route", FIRST, "--dry-run"],
        &["sync-inventory", "--dry-run"],
        &["sync-tracking", "--dry-run"],
    ] {
        assert_eq!(road.mutating_in(command), 0, "A10: {command:?}");
    }
    road.poll();
    road.pass(60, 3);
    for command in [
        &["poll", "--dry-run"][..],
        &["sync-inventory", "--dry-run"],
        &["sync-tracking", "--dry-run"],
    ] {
        assert_eq!(road.mutating_in(command), 0, "A10: {command:?}");
    }
    assert_eq!(road.state(FIRST), State::Routed, "A10: nothing is stored");
    assert_eq!(
        road.state("576900000000000106"),
        State::Flagged,
        "A10: no mapping is stored"
    );
    assert_eq!(road.good(&["sync-tracking"])["counts"]["pushed"], 10);
}

#[test]
fn no_file_but_the_configuration_holds_a_name_an_address_or_a_token_i10() {
    let road = Road::demo();
    road.poll();
    std::fs::remove_file(road.config()).expect("the configuration");
    let private = ["Larkspur", "Whitfield", "TTP_sandbox", "Atza|", "Atzr|", "2135550147"];
    assert_no_file_holds(road.folder.path(), &private);
}
