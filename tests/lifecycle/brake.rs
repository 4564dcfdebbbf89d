//! The brake of `sync-inventory` as a person meets it: exit 3, the figures to look at, and `--force`.

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::{TestShop, new_world};

const SKUS: [&str; 6] = [
    "FBA-LAMP-BLK",
    "FBA-LAMP-WHT",
    "FBA-BULB-4PK",
    "FBA-SOCK-1",
    "FBA-PAD-GRY",
    "FBA-STAND-01",
];
const LAMP: &str = "1729592969712207013";
const WAREHOUSE: &str = "7068517275539719942";

/// Everything was in step, then all of Amazon's stock is gone.
fn sold_out() -> TestShop {
    let mut shop = TestShop::through(new_world());
    shop.good(&["sync-inventory"]);
    for sku in SKUS {
        shop.sandbox.world().amazon.set_stock(sku, 0);
    }
    shop.pass(60, 0);
    shop
}

fn shown(shop: &TestShop) -> Option<u32> {
    shop.sandbox.world().tiktok.stock(LAMP, WAREHOUSE)
}

fn writes(shop: &TestShop) -> usize {
    shop.log().count(Operation::UpdateInventory)
}

#[test]
fn e57_the_brake_ends_with_3_writes_nothing_and_names_the_way_on() {
    let shop = sold_out();
    let before = (writes(&shop), shown(&shop));
    for arguments in [&["sync-inventory", "--dry-run"][..], &["sync-inventory"]] {
        let ran = shop.mcf(arguments).ends_with(3);
        for words in [
            "second reading",
            "mcf sync-inventory --dry-run",
            "mcf sync-inventory --force",
        ] {
            assert!(ran.stderr.contains(words), "E57: {words}: {ran:?}");
        }
    }
    assert_eq!((writes(&shop), shown(&shop)), before, "E57");
    assert!(before.1.is_some_and(|units| units > 0), "E57: {before:?}");
}

#[test]
fn e57_the_braked_run_in_json_is_one_document_with_the_figures_and_the_exit_code() {
    let shop = sold_out();
    let document = shop.mcf(&["sync-inventory", "--json"]).ends_with(3).json();
    assert_eq!(document["error"]["exitCode"], 3, "{document}");
    assert_eq!(document["run"]["outcome"], "person_needed", "{document}");
    let figures = document["figures"].as_array().expect("figures");
    let lamp = figures
        .iter()
        .find(|figure| figure["tiktokSkuId"] == LAMP)
        .expect("the lamp");
    assert_eq!((&lamp["wanted"], &lamp["amazon"]), (&0.into(), &0.into()), "{lamp}");
    assert_eq!(lamp["shown"].as_u64(), shown(&shop).map(u64::from), "{lamp}");
}

#[test]
fn e57_a_person_writes_at_once_with_force_and_the_next_run_finds_nothing_to_do() {
    // No run has read the figures before: nothing but the person confirms them.
    let mut shop = sold_out();
    shop.good(&["sync-inventory", "--force", "--dry-run"]);
    assert_ne!(shown(&shop), Some(0), "A10");
    shop.good(&["sync-inventory", "--force"]);
    assert_eq!(shown(&shop), Some(0), "E57");
    let written = writes(&shop);
    shop.pass(60, 0);
    shop.good(&["sync-inventory"]);
    assert_eq!(writes(&shop), written, "I14");
}

#[test]
fn e57_the_second_reading_an_hour_later_is_written_without_a_person() {
    let mut shop = sold_out();
    shop.mcf(&["sync-inventory"]).ends_with(3);
    shop.pass(60, 0);
    shop.good(&["sync-inventory"]);
    assert_eq!(shown(&shop), Some(0), "E57");
}

/// The fall was held back; five minutes later `poll` reads once more.
#[test]
fn e154_a_fall_that_nothing_explains_gets_its_second_reading_by_the_next_poll_and_no_other_poll_reads_stock() {
    let mut shop = sold_out();
    shop.good(&["poll"]);
    let asked = shop.log().count(Operation::GetInventorySummaries);
    shop.mcf(&["sync-inventory"]).ends_with(3);
    assert_eq!(shop.log().count(Operation::GetInventorySummaries), asked + 1);
    shop.pass(5, 0);
    shop.good(&["poll"]);
    assert_eq!(shown(&shop), Some(0), "E154");
    let (written, asked) = (writes(&shop), shop.log().count(Operation::GetInventorySummaries));
    shop.pass(5, 0);
    shop.good(&["poll"]);
    assert_eq!(
        (writes(&shop), shop.log().count(Operation::GetInventorySummaries)),
        (written, asked),
        "E154: none is due"
    );
}

#[test]
fn e154_a_second_reading_that_says_something_else_is_told_and_waits_for_a_person_or_the_next_sync() {
    let mut shop = sold_out();
    shop.mcf(&["sync-inventory"]).ends_with(3);
    let written = writes(&shop);
    // Another mistake: what fell is back, and what is back is a hundredfold.
    for sku in SKUS {
        shop.sandbox.world().amazon.set_stock(sku, 9_000);
    }
    shop.pass(5, 0);
    let ran = shop.mcf(&["poll"]).ends_with(3);
    assert!(ran.stderr.contains("mcf sync-inventory --force"), "E154: {ran:?}");
    assert_eq!(writes(&shop), written, "E154");
    shop.pass(5, 0);
    shop.good(&["poll"]);
    assert_eq!(writes(&shop), written, "E154: told once");
}

/// Two listings of one product, and a live show that sells the last two units.
fn live() -> TestShop {
    let mut shop = TestShop::bare(new_world());
    shop.import("seller_sku,amazon_sku\nLAMP-BLK-01,FBA-LAMP-BLK\nSTAND-01,FBA-LAMP-BLK\n");
    shop.sandbox.world().amazon.set_stock(SKUS[0], 2);
    shop.good(&["sync-inventory", "--force"]);
    assert_eq!(shown(&shop), Some(2), "the figure before");
    shop.pass(5, 0);
    for _ in 0..2 {
        shop.sandbox.world().place(OrderKind::Plain);
    }
    shop
}

#[test]
fn e154_a_fall_that_our_own_orders_explain_is_written_at_once() {
    let mut shop = live();
    shop.good(&["poll"]);
    assert_eq!(shop.log().effects(Operation::CreateFulfillmentOrder), 2);
    shop.pass(60, 0);
    shop.sandbox.world().amazon.set_stock(SKUS[0], 0);
    shop.good(&["sync-inventory"]);
    assert_eq!(shown(&shop), Some(0), "E154");
}

#[test]
fn e154_the_same_fall_without_sales_waits_for_a_second_reading() {
    let mut shop = live();
    shop.pass(60, 0);
    shop.sandbox.world().amazon.set_stock(SKUS[0], 0);
    shop.mcf(&["sync-inventory"]).ends_with(3);
    assert_eq!(shown(&shop), Some(2), "E154");
}

#[test]
fn e156_every_figure_unknown_is_told_and_is_no_silent_nothing() {
    let mut shop = TestShop::through(new_world());
    shop.good(&["sync-inventory"]);
    shop.sandbox.world().amazon.stock.clear();
    shop.pass(60, 0);
    let written = writes(&shop);
    let ran = shop.mcf(&["sync-inventory"]).ends_with(4);
    assert!(ran.stderr.contains("no figure"), "E156: {ran:?}");
    assert_eq!(writes(&shop), written, "E156");
}

#[test]
fn e155_an_answer_for_far_fewer_skus_than_before_holds_the_whole_push_back() {
    let mut shop = TestShop::through(new_world());
    shop.good(&["sync-inventory"]);
    {
        let mut world = shop.sandbox.world();
        world.amazon.stock.retain(|sku, _| sku == SKUS[0]);
        world.amazon.set_stock(SKUS[0], 39);
    }
    shop.pass(60, 0);
    let written = writes(&shop);
    let ran = shop.mcf(&["sync-inventory"]).ends_with(3);
    assert!(ran.stderr.contains("1 of 6"), "E155: {ran:?}");
    assert_eq!((writes(&shop), shown(&shop)), (written, Some(40)), "E155");
    shop.pass(5, 0);
    shop.good(&["poll"]);
    assert_eq!(shown(&shop), Some(39), "E155: said twice");
    assert_eq!(writes(&shop), written + 1, "E155: nothing for the missing");
}
