//! What looks like a mistake waits for a second reading or a person.

use chrono::TimeDelta;
use mcf_connector::jobs::Error;

use crate::test_shop::{BOX, KIT, LAMP, SOCKS, STAND, TestShop, count};

const ALL: [&str; 6] = [
    "FBA-LAMP-BLK",
    "FBA-LAMP-WHT",
    "FBA-BULB-4PK",
    "FBA-SOCK-1",
    "FBA-PAD-GRY",
    "FBA-STAND-01",
];

fn sold_out() -> TestShop {
    let mut shop = TestShop::new();
    shop.sync();
    shop.set_stock(&ALL.map(|sku| (sku, 0)));
    shop.clear_log();
    shop
}

#[test]
fn stock_that_is_gone_everywhere_at_once_is_not_written_before_it_is_read_twice() {
    let mut shop = sold_out();
    let alerts = shop.events("inventory.low").len();
    let run = shop.sync();
    assert!(matches!(run.finished.trouble, Some(Error::Braked(_))), "E57: {run:?}");
    assert_eq!((shop.mutating(), shop.shown(LAMP)), (0, 40), "E57");
    assert_eq!(shop.events("inventory.low").len(), alerts, "not told before it is sure");
    let run = shop.sync();
    assert!(run.finished.trouble.is_none(), "E57: {run:?}");
    assert_eq!((shop.shown(LAMP), shop.shown(STAND)), (0, 0), "E57");
}

#[test]
fn a_mistake_that_amazon_takes_back_was_never_written() {
    let mut shop = sold_out();
    shop.sync();
    shop.set_stock(&[
        ("FBA-LAMP-BLK", 40),
        ("FBA-BULB-4PK", 120),
        ("FBA-SOCK-1", 90),
        ("FBA-PAD-GRY", 8),
        ("FBA-STAND-01", 15),
    ]);
    let run = shop.sync();
    assert!(run.finished.trouble.is_none(), "{run:?}");
    assert_eq!((shop.mutating(), shop.shown(LAMP)), (0, 40), "E57");
    shop.set_stock(&ALL.map(|sku| (sku, 0)));
    let run = shop.sync();
    assert!(
        matches!(run.finished.trouble, Some(Error::Braked(_))),
        "an old reading confirms nothing: {run:?}"
    );
}

#[test]
fn a_person_may_write_it_at_once() {
    let shop = sold_out();
    let run = shop.try_sync(true).expect("a run");
    assert!(run.finished.trouble.is_none(), "{run:?}");
    assert_eq!((shop.shown(LAMP), shop.shown(BOX)), (0, 0));
}

#[test]
fn a_dry_run_says_that_the_brake_holds_and_confirms_nothing() {
    let mut shop = sold_out();
    for _ in 0..2 {
        let run = mcf_connector::jobs::sync_inventory::run(&shop.session(true), false, &|_, _| {}).expect("a run");
        assert!(matches!(run.finished.trouble, Some(Error::Braked(_))));
    }
    let run = shop.sync();
    assert!(matches!(run.finished.trouble, Some(Error::Braked(_))));
}

#[test]
fn an_empty_answer_for_all_skus_is_no_zero() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.sandbox.world().amazon.stock.clear();
    shop.clear_log();
    for _ in 0..3 {
        let run = shop.sync();
        assert_eq!((shop.mutating(), count(&run, "unknown")), (0, 7), "R24");
    }
    assert_eq!((shop.shown(LAMP), shop.shown(SOCKS)), (40, 30), "R24");
}

#[test]
fn a_bundle_that_is_left_alone_does_not_count_for_the_brake() {
    let mut shop = TestShop::new();
    shop.import("seller_sku,amazon_sku\nKIT-DESK,FBA-STAND-01\nLAMP-BLK-01,FBA-LAMP-BLK\n");
    shop.sync();
    shop.set_stock(&[("FBA-STAND-01", 0), ("FBA-LAMP-BLK", 0)]);
    let run = shop.sync();
    assert!(run.finished.trouble.is_none(), "one of one is no mistake: {run:?}");
    assert_eq!((shop.shown(LAMP), shop.shown(KIT)), (0, 20));
}

#[test]
fn a_figure_that_jumps_is_not_written_before_it_is_read_twice() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.set_stock(&[("FBA-STAND-01", 151), ("FBA-LAMP-BLK", 39)]);
    shop.clear_log();
    let run = shop.sync();
    let trouble = run.finished.trouble.expect("the brake");
    assert!(trouble.to_string().contains("from 15 to 151"), "{trouble}");
    assert_eq!((shop.mutating(), shop.shown(LAMP)), (0, 40), "nothing at all");
    shop.pass(TimeDelta::minutes(5));
    shop.set_stock(&[("FBA-STAND-01", 150)]);
    shop.sync();
    assert_eq!((shop.shown(STAND), shop.shown(LAMP)), (150, 39));
}
