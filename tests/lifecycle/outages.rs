//! Tokens that die, vendors that are down, runs that meet.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use mcf_connector::store::Lock;

use super::test_shop::{FIRST, TestShop, assert_no_file_holds};

fn down() -> Fault {
    Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    })
}

#[test]
fn an_expired_tiktok_token_is_renewed_once_and_the_run_goes_on() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    let soon = shop.now;
    shop.sandbox.world().tiktok.tokens.access_expires_at = soon;
    shop.pass(1, 0);
    shop.poll();
    assert_eq!(shop.log().count(Operation::RefreshToken), 1, "105002");
    assert_eq!(shop.state(FIRST), State::Routed);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(shop.log().count(Operation::RefreshToken), 1, "the new pair is kept");
}

#[test]
fn a_pair_that_comes_without_its_end_is_kept_since_the_old_one_is_gone() {
    for end in [
        serde_json::json!(0),
        serde_json::json!(604_800),
        serde_json::Value::Null,
    ] {
        let mut shop = TestShop::of(&[OrderKind::Plain]);
        {
            let mut world = shop.sandbox.world();
            let now = world.now();
            world.tiktok.tokens.access_expires_at = now;
            let pointer = "/data/access_token_expire_in".to_owned();
            let value = end.clone();
            let odd = Fault::after(Disturbance::Patch { pointer, value });
            world.faults.script(Operation::RefreshToken, 1, 9, odd);
        }
        for _ in 0..2 {
            shop.pass(5, 0);
            shop.poll();
            assert_eq!(shop.log().count(Operation::RefreshToken), 1, "{end}");
        }
        assert_eq!(shop.state(FIRST), State::Routed, "{end}");
    }
}

#[test]
fn a_token_that_can_not_be_renewed_ahead_of_its_end_is_tried_once_a_run_i11() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.sandbox
        .world()
        .faults
        .script(Operation::RefreshToken, 1, 999, down());
    shop.pass(6 * 24 * 60 + 12 * 60, 0);
    shop.poll();
    assert_eq!(
        shop.log().count(Operation::RefreshToken),
        3,
        "I11: the tries of one renewal"
    );
}

#[test]
fn an_expired_amazon_token_is_renewed_and_the_run_goes_on() {
    let mut shop = TestShop::of(&[OrderKind::Plain, OrderKind::ThreePack]);
    shop.poll();
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        world.amazon.expire_access_tokens(now);
    }
    shop.pass(5, 0);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.log().count(Operation::ExchangeToken), 2);
}

#[test]
fn a_wrong_secret_at_amazon_ends_with_5_and_loses_no_order() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    let right = shop.sandbox.world().amazon.client_secret.clone();
    shop.sandbox.world().amazon.client_secret = "another".to_owned();
    let ran = shop.mcf(&["poll"]).ends_with(5);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(&right), "I10");
    let document = shop.mcf(&["poll", "--json"]).ends_with(5).json();
    assert_eq!(document["error"]["exitCode"], 5);
    shop.sandbox.world().amazon.client_secret = right;
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Routed, "R16");
}

#[test]
fn a_wrong_address_of_amazon_ends_with_6_and_the_setting_and_burns_no_order() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    let body = serde_json::json!({ "errors": [{ "code": "MissingAuthenticationToken", "message": "Missing Authentication Token" }] });
    let answer = Fault::before(Disturbance::Json { status: 403, body });
    shop.sandbox
        .world()
        .faults
        .next(Operation::CreateFulfillmentOrder, answer);
    let ran = shop.mcf(&["poll"]).ends_with(6);
    assert!(ran.stderr.contains("amazon.api_url"), "{ran:?}");
    assert_eq!((shop.state(FIRST), shop.flags(FIRST)), (State::Ready, Vec::new()));
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Routed);
}

#[test]
fn e18_a_consent_that_is_withdrawn_ends_with_5_one_alert_and_the_way_to_renew_it() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        world.tiktok.tokens.access_expires_at = now;
        world.tiktok.tokens.refresh_expires_at = now;
        let refused = Disturbance::Json {
            status: 200,
            body: serde_json::json!({ "code": 36_004_004, "message": "authorization is revoked", "request_id": "r" }),
        };
        world
            .faults
            .script(Operation::RefreshToken, 1, 9, Fault::before(refused));
    }
    shop.pass(1, 0);
    let ran = shop.mcf(&["poll"]).ends_with(5);
    for words in [
        "must authorize the app again",
        "authorise the app again",
        "tiktok.refresh_token",
        "mcf check tiktok",
    ] {
        assert!(ran.stderr.contains(words), "E18: {words}: {ran:?}");
    }
    let database = rusqlite::Connection::open(shop.database()).expect("a database");
    let alerts: i64 = database
        .query_row("SELECT count(*) FROM events WHERE kind = 'error'", [], |row| row.get(0))
        .expect("a number");
    assert_eq!(alerts, 1, "E18");
    assert_eq!(shop.log().count(Operation::CreateFulfillmentOrder), 0, "E18");
    shop.mcf(&["status"]).ends_with(0);
}

#[test]
fn a_vendor_that_is_down_ends_with_4_and_the_next_run_goes_on() {
    for operation in [
        Operation::SearchOrders,
        Operation::GetOrders,
        Operation::ExchangeToken,
        Operation::GetInventorySummaries,
    ] {
        let mut shop = TestShop::of(&[OrderKind::Plain]);
        shop.sandbox.world().faults.script(operation, 1, 3, down());
        let document = shop.mcf(&["poll", "--json"]).ends_with(4).json();
        assert_eq!(document["error"]["exitCode"], 4, "{operation:?}");
        assert_eq!(shop.log().count(Operation::CreateFulfillmentOrder), 0, "{operation:?}");
        shop.sandbox.world().faults.clear();
        shop.pass(5, 0);
        shop.poll();
        assert_eq!(
            (shop.state(FIRST), shop.flags(FIRST)),
            (State::Routed, Vec::new()),
            "{operation:?}"
        );
        assert_eq!(
            shop.log().effects(Operation::CreateFulfillmentOrder),
            1,
            "I1: {operation:?}"
        );
    }
}

#[test]
fn a_run_that_meets_another_ends_with_75_and_does_nothing_a11() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    for (work, command) in [
        ("orders", "poll"),
        ("tracking", "sync-tracking"),
        ("inventory", "sync-inventory"),
    ] {
        let held = Lock::take(&shop.database(), work, shop.now).expect("a free lock");
        let document = shop.mcf(&[command, "--json"]).ends_with(75).json();
        assert_eq!(document["error"]["exitCode"], 75);
        drop(held);
    }
    assert!(shop.log().entries().is_empty());
    shop.poll();
}

#[test]
fn no_file_but_the_configuration_holds_a_name_an_address_or_a_token_i10() {
    let shop = TestShop::demo();
    shop.poll();
    std::fs::remove_file(shop.config()).expect("the configuration");
    let private = ["Larkspur", "Whitfield", "TTP_sandbox", "Atza|", "Atzr|", "2135550147"];
    assert_no_file_holds(shop.folder.path(), &private);
}
