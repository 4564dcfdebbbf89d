//! What TikTok does not take.

use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use crate::test_shop::{KIT, LAMP, LAMP_WHITE, SOCKS, STAND, TestShop, count, notes};

fn refuse(shop: &TestShop, sku: &str, code: i64) {
    let mut world = shop.sandbox.world();
    let mut skus = world.tiktok.products.iter_mut().flat_map(|product| &mut product.skus);
    skus.find(|known| known.id == sku).expect("the variant").refusal = Some((code, "refused".to_owned()));
}

#[test]
fn a_write_that_tiktok_forgets_is_seen_and_done_again() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.set_stock(&[("FBA-LAMP-BLK", 33)]);
    shop.sandbox.world().settings.stock_updates_forgotten = 1;
    let run = shop.sync();
    assert_eq!(count(&run, "notTaken"), 1, "E58");
    assert!(
        notes(&run).contains("accepted 33 and still shows 40"),
        "{}",
        notes(&run)
    );
    let run = shop.sync();
    assert_eq!((shop.shown(LAMP), count(&run, "notTaken")), (33, 0), "E58");
}

#[test]
fn a_refused_zero_is_an_alarm_and_never_a_one() {
    let mut shop = TestShop::new();
    shop.sandbox.world().settings.zero_stock_refused = true;
    for _ in 0..2 {
        let run = shop.sync();
        assert_eq!(count(&run, "zeroRefused"), 1);
        assert!(notes(&run).contains("products/deactivate"), "{}", notes(&run));
    }
    assert_eq!(shop.shown(LAMP_WHITE), 5);
    let alarms = shop.events("error");
    assert_eq!(alarms.len(), 1, "told once: {alarms:?}");
    let away = Disturbance::Status {
        status: 503,
        retry_after: None,
    };
    refuse_calls(&shop, away, 20);
    shop.sync();
    shop.sandbox.world().faults.clear();
    shop.sync();
    assert_eq!(
        shop.events("error").len(),
        1,
        "E168: a run in between saw nothing of it"
    );
    assert!(shop.events("error.resolved").is_empty(), "E168");
    let written = serde_json::to_string(&shop.updates()).expect("JSON");
    assert!(!written.contains("\"quantity\":1,") && !written.contains("\"quantity\":1}"));
    assert_eq!(shop.sandbox.log().count(Operation::DeactivateProducts), 0);
    shop.sandbox.world().settings.zero_stock_refused = false;
    for _ in 0..2 {
        shop.sync();
    }
    assert_eq!(shop.shown(LAMP_WHITE), 0);
    assert_eq!(shop.events("error.resolved").len(), 1, "E168: TikTok took the zero");
}

#[test]
fn a_promotion_locks_one_variant_and_its_neighbour_is_written() {
    let mut shop = TestShop::new();
    shop.set_stock(&[("FBA-LAMP-BLK", 33)]);
    refuse(&shop, LAMP, 12_052_393);
    let run = shop.sync();
    assert_eq!((shop.shown(LAMP), shop.shown(LAMP_WHITE)), (40, 0));
    assert_eq!(count(&run, "refused"), 1);
    assert!(notes(&run).contains("promotion"), "{}", notes(&run));
    assert!(run.finished.trouble.is_none());
}

/// Lets TikTok refuse the next stock updates as a whole, without naming a variant.
fn refuse_calls(shop: &TestShop, disturbance: Disturbance, times: u32) {
    let mut world = shop.sandbox.world();
    world
        .faults
        .script(Operation::UpdateInventory, 1, times, Fault::before(disturbance));
}

#[test]
fn a_call_that_tiktok_refuses_for_one_variant_is_made_again_for_each_alone() {
    for code in [12_052_393, 12_345_678] {
        let mut shop = TestShop::new();
        shop.set_stock(&[("FBA-LAMP-BLK", 33)]);
        refuse(&shop, LAMP, code);
        let body = json!({ "code": code, "message": "locked", "request_id": "r", "data": {} });
        refuse_calls(&shop, Disturbance::Json { status: 200, body }, 1);
        let run = shop.sync();
        assert_eq!((shop.shown(LAMP), shop.shown(LAMP_WHITE)), (40, 0), "{code}");
        assert_eq!(count(&run, "refused"), 1, "{code}: {}", notes(&run));
        assert!(run.finished.trouble.is_none(), "{code}");
    }
}

#[test]
fn a_refusal_inside_an_accepted_answer_that_names_no_variant_is_not_taken_for_success() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.set_stock(&[("FBA-STAND-01", 14)]);
    let body = json!({
        "code": 0, "message": "Success", "request_id": "r",
        "data": { "errors": [{ "code": 12_052_990, "message": "Check failed" }] },
    });
    refuse_calls(&shop, Disturbance::Json { status: 200, body }, 1);
    let run = shop.sync();
    assert_eq!(
        (count(&run, "written"), count(&run, "refused")),
        (0, 1),
        "{}",
        notes(&run)
    );
    assert!(notes(&run).contains(STAND), "{}", notes(&run));
    shop.sync();
    assert_eq!(shop.shown(STAND), 14);
}

#[test]
fn while_tiktok_does_not_answer_it_is_left_alone_and_the_next_run_writes() {
    let mut shop = TestShop::new();
    let unavailable = Disturbance::Status {
        status: 503,
        retry_after: None,
    };
    refuse_calls(&shop, unavailable, 100);
    let run = shop.sync();
    assert!(run.finished.trouble.is_some());
    assert_eq!(shop.sandbox.log().count(Operation::UpdateInventory), 3);
    shop.sandbox.world().faults.clear();
    assert_eq!(count(&shop.sync(), "written"), 4);
}

#[test]
fn a_deactivated_product_is_told_and_the_others_are_written() {
    let mut shop = TestShop::new();
    {
        let mut world = shop.sandbox.world();
        let mut products = world.tiktok.products.iter_mut();
        let lamp = products.find(|product| product.skus.iter().any(|sku| sku.id == LAMP));
        lamp.expect("the lamp").status = "SELLER_DEACTIVATED".to_owned();
    }
    let run = shop.sync();
    assert!(notes(&run).contains("deactivated"), "{}", notes(&run));
    assert_eq!((shop.shown(LAMP_WHITE), shop.shown(SOCKS)), (5, 30));
    assert!(run.finished.trouble.is_none(), "{run:?}");
}

#[test]
fn a_bundle_at_tiktok_is_left_alone_once_tiktok_says_so() {
    let mut shop = TestShop::new();
    shop.import("seller_sku,amazon_sku\nKIT-DESK,FBA-STAND-01\n");
    let run = shop.sync();
    assert!(notes(&run).contains("bundle"), "{}", notes(&run));
    shop.clear_log();
    let run = shop.sync();
    assert_eq!((shop.mutating(), shop.shown(KIT)), (0, 20));
    assert_eq!(notes(&run), "");
}
