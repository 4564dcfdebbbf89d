//! The brake of `sync-inventory` as a person meets it: exit 3, the figures to look at, and `--force`.

use mcf_connector::sandbox::Operation;

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
    let mut road = sold_out();
    road.mcf(&["sync-inventory"]).ends_with(3);
    road.pass(1, 0);
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
