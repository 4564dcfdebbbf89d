//! The brake of `sync-inventory` as a person meets it: exit 3, the figures to look at, and `--force`.

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::road::{Road, shop};

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
fn sold_out() -> Road {
    let mut road = Road::through(shop());
    road.good(&["sync-inventory"]);
    for sku in SKUS {
        road.sandbox.world().amazon.set_stock(sku, 0);
    }
    road.pass(60, 0);
    road
}

fn shown(road: &Road) -> Option<u32> {
    road.sandbox.world().tiktok.stock(LAMP, WAREHOUSE)
}

fn writes(road: &Road) -> usize {
    road.log().count(Operation::UpdateInventory)
}

#[test]
fn e57_the_brake_ends_with_3_writes_nothing_and_names_the_way_on() {
    let road = sold_out();
    let before = (writes(&road), shown(&road));
    for arguments in [&["sync-inventory", "--dry-run"][..], &["sync-inventory"]] {
        let ran = road.mcf(arguments).ends_with(3);
        for words in [
            "second reading",
            "mcf sync-inventory --dry-run",
            "mcf sync-inventory --force",
        ] {
            assert!(ran.stderr.contains(words), "E57: {words}: {ran:?}");
        }
    }
    assert_eq!((writes(&road), shown(&road)), before, "E57");
    assert!(before.1.is_some_and(|units| units > 0), "E57: {before:?}");
}

#[test]
fn e57_the_braked_run_in_json_is_one_document_with_the_figures_and_the_exit_code() {
    let road = sold_out();
    let document = road.mcf(&["sync-inventory", "--json"]).ends_with(3).json();
    assert_eq!(document["error"]["exitCode"], 3, "{document}");
    assert_eq!(document["run"]["outcome"], "person_needed", "{document}");
    let figures = document["figures"].as_array().expect("figures");
    let lamp = figures
        .iter()
        .find(|figure| figure["tiktokSkuId"] == LAMP)
        .expect("the lamp");
    assert_eq!((&lamp["wanted"], &lamp["amazon"]), (&0.into(), &0.into()), "{lamp}");
    assert_eq!(lamp["shown"].as_u64(), shown(&road).map(u64::from), "{lamp}");
}

#[test]
fn e57_a_person_writes_at_once_with_force_and_the_next_run_finds_nothing_to_do() {
    // No run has read the figures before: nothing but the person confirms them.
    let mut road = sold_out();
    road.good(&["sync-inventory", "--force", "--dry-run"]);
    assert_ne!(shown(&road), Some(0), "A10");
    road.good(&["sync-inventory", "--force"]);
    assert_eq!(shown(&road), Some(0), "E57");
    let written = writes(&road);
    road.pass(60, 0);
    road.good(&["sync-inventory"]);
    assert_eq!(writes(&road), written, "I14");
}

#[test]
fn e57_the_second_reading_an_hour_later_is_written_without_a_person() {
    let mut road = sold_out();
    road.mcf(&["sync-inventory"]).ends_with(3);
    road.pass(60, 0);
    road.good(&["sync-inventory"]);
    assert_eq!(shown(&road), Some(0), "E57");
}

/// The fall was held back; five minutes later `poll` reads once more.
#[test]
fn e154_a_fall_that_nothing_explains_gets_its_second_reading_by_the_next_poll_and_no_other_poll_reads_stock() {
    let mut road = sold_out();
    road.good(&["poll"]);
    let asked = road.log().count(Operation::GetInventorySummaries);
    road.mcf(&["sync-inventory"]).ends_with(3);
    assert_eq!(road.log().count(Operation::GetInventorySummaries), asked + 1);
    road.pass(5, 0);
    road.good(&["poll"]);
    assert_eq!(shown(&road), Some(0), "E154");
    let (written, asked) = (writes(&road), road.log().count(Operation::GetInventorySummaries));
    road.pass(5, 0);
    road.good(&["poll"]);
    assert_eq!(
        (writes(&road), road.log().count(Operation::GetInventorySummaries)),
        (written, asked),
        "E154: none is due"
    );
}

#[test]
fn e154_a_second_reading_that_says_something_else_is_told_and_waits_for_a_person_or_the_next_sync() {
    let mut road = sold_out();
    road.mcf(&["sync-inventory"]).ends_with(3);
    let written = writes(&road);
    // Another mistake: what fell is back, and what is back is a hundredfold.
    for sku in SKUS {
        road.sandbox.world().amazon.set_stock(sku, 9_000);
    }
    road.pass(5, 0);
    let ran = road.mcf(&["poll"]).ends_with(3);
    assert!(ran.stderr.contains("mcf sync-inventory --force"), "E154: {ran:?}");
    assert_eq!(writes(&road), written, "E154");
    road.pass(5, 0);
    road.good(&["poll"]);
    assert_eq!(writes(&road), written, "E154: told once");
}

/// Two listings of one product, and a live show that sells the last two units.
fn live() -> Road {
    let mut road = Road::bare(shop());
    road.import("seller_sku,amazon_sku\nLAMP-BLK-01,FBA-LAMP-BLK\nSTAND-01,FBA-LAMP-BLK\n");
    road.sandbox.world().amazon.set_stock(SKUS[0], 2);
    road.good(&["sync-inventory", "--force"]);
    assert_eq!(shown(&road), Some(2), "the figure before");
    road.pass(5, 0);
    for _ in 0..2 {
        road.sandbox.world().place(OrderKind::Plain);
    }
    road
}

#[test]
fn e154_a_fall_that_our_own_orders_explain_is_written_at_once() {
    let mut road = live();
    road.good(&["poll"]);
    assert_eq!(road.log().effects(Operation::CreateFulfillmentOrder), 2);
    road.pass(60, 0);
    road.sandbox.world().amazon.set_stock(SKUS[0], 0);
    road.good(&["sync-inventory"]);
    assert_eq!(shown(&road), Some(0), "E154");
}

#[test]
fn e154_the_same_fall_without_sales_waits_for_a_second_reading() {
    let mut road = live();
    road.pass(60, 0);
    road.sandbox.world().amazon.set_stock(SKUS[0], 0);
    road.mcf(&["sync-inventory"]).ends_with(3);
    assert_eq!(shown(&road), Some(2), "E154");
}

#[test]
fn e156_every_figure_unknown_is_told_and_is_no_silent_nothing() {
    let mut road = Road::through(shop());
    road.good(&["sync-inventory"]);
    road.sandbox.world().amazon.stock.clear();
    road.pass(60, 0);
    let written = writes(&road);
    let ran = road.mcf(&["sync-inventory"]).ends_with(4);
    assert!(ran.stderr.contains("no figure"), "E156: {ran:?}");
    assert_eq!(writes(&road), written, "E156");
}

#[test]
fn e155_an_answer_for_far_fewer_skus_than_before_holds_the_whole_push_back() {
    let mut road = Road::through(shop());
    road.good(&["sync-inventory"]);
    {
        let mut world = road.sandbox.world();
        world.amazon.stock.retain(|sku, _| sku == SKUS[0]);
        world.amazon.set_stock(SKUS[0], 39);
    }
    road.pass(60, 0);
    let written = writes(&road);
    let ran = road.mcf(&["sync-inventory"]).ends_with(3);
    assert!(ran.stderr.contains("1 of 6"), "E155: {ran:?}");
    assert_eq!((writes(&road), shown(&road)), (written, Some(40)), "E155");
    road.pass(5, 0);
    road.good(&["poll"]);
    assert_eq!(shown(&road), Some(39), "E155: said twice");
    assert_eq!(writes(&road), written + 1, "E155: nothing for the missing");
}
