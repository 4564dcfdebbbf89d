//! `mcf check` proves: a fresh token, the warehouse as it is now.

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::Value;

use super::test_shop::{TestShop, new_world};

const WAREHOUSE: &str = "7068517275539719942";

fn check<'a>(document: &'a Value, name: &str) -> &'a Value {
    let checks = document["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["name"] == name);
    assert!(found.is_some(), "no {name}: {document}");
    found.expect("a check of this name")
}

#[test]
fn e162_a_mistyped_secret_fails_by_name_though_the_kept_tokens_are_good_and_these_stay() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    for (variable, part, name) in [
        ("TIKTOK_APP_SECRET", "tiktok", "tiktok.credentials"),
        ("AMAZON_CLIENT_SECRET", "amazon", "amazon.credentials"),
    ] {
        let wrong = [(variable, "0123456789abcdef0123456789abcdef01234567")];
        let document = shop.mcf_with(&wrong, &["check", part, "--json"]).ends_with(3).json();
        assert_eq!(check(&document, name)["outcome"], "failed", "E162: {document}");
        assert!(check(&document, name)["fix"].is_string(), "{document}");
        let failed = document["checks"].as_array().expect("checks").iter();
        assert_eq!(
            failed.filter(|check| check["outcome"] == "failed").count(),
            1,
            "once: {document}"
        );
    }
    shop.pass(5, 0);
    shop.poll();
    let document = shop.good(&["check", "tiktok"]);
    assert_eq!(check(&document, "tiktok.credentials")["outcome"], "ok", "{document}");
}

#[test]
fn e162_a_mistyped_refresh_token_in_the_configuration_does_not_cost_the_kept_pair() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.sandbox.world().tiktok.tokens.access_expires_at = shop.now;
    shop.poll();
    let wrong = [("TIKTOK_REFRESH_TOKEN", "TTP_mistyped")];
    let document = shop
        .mcf_with(&wrong, &["check", "tiktok", "--json"])
        .ends_with(3)
        .json();
    assert_eq!(
        check(&document, "tiktok.credentials")["outcome"],
        "failed",
        "{document}"
    );
    shop.pass(5, 0);
    shop.poll();
}

#[test]
fn e143_a_disabled_warehouse_fails_and_a_restricted_one_warns() {
    let shop = TestShop::through(new_world());
    let text = std::fs::read_to_string(shop.config()).expect("a file");
    let with_id = format!("{text}\n[inventory]\ntiktok_warehouse_id = \"{WAREHOUSE}\"\n");
    std::fs::write(shop.config(), with_id).expect("a file");
    for (status, outcome, code) in [
        ("ENABLED", "ok", 0),
        ("RESTRICTED", "warning", 0),
        ("DISABLED", "failed", 3),
        ("ON_THE_MOON", "warning", 0),
    ] {
        for warehouse in &mut shop.sandbox.world().tiktok.warehouses {
            if warehouse.id == WAREHOUSE {
                status.clone_into(&mut warehouse.effect_status);
            }
        }
        let ran = shop.mcf(&["check", "tiktok", "--json"]);
        let document = ran.ends_with(code).json();
        let found = check(&document, "tiktok.warehouse");
        assert_eq!(found["outcome"], outcome, "E143: {status}: {document}");
        assert!(found["message"].as_str().is_some_and(|text| text.contains(WAREHOUSE)));
    }
}

#[test]
fn each_line_of_check_begins_with_its_outcome() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let ran = shop.mcf(&["check", "tiktok"]).ends_with(0);
    assert!(!ran.stdout.is_empty());
    for line in ran.stdout.lines() {
        let is_outcome = ["ok ", "warning ", "failed "].iter().any(|word| line.starts_with(word));
        assert!(is_outcome, "{line:?}");
    }
}

#[test]
fn check_says_when_the_token_host_is_down_and_the_kept_pair_stays() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    shop.sandbox.world().faults.script(Operation::RefreshToken, 1, 6, down);
    let document = shop.mcf(&["check", "tiktok", "--json"]).ends_with(3).json();
    assert_eq!(check(&document, "tiktok.credentials")["outcome"], "failed");
    shop.pass(5, 0);
    shop.poll();
}
