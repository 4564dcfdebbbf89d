//! Which figures reach TikTok, and which do not.

use chrono::TimeDelta;
use mcf_connector::jobs::Error;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use crate::test_shop::{BOX, GARAGE, LAMP, LAMP_WHITE, MCF, PAD, SOCKS, STAND, TestShop, count, notes};

#[test]
fn what_differs_is_written_once_and_a_second_run_writes_nothing() {
    let mut shop = TestShop::new();
    let run = shop.sync();
    assert!(run.finished.trouble.is_none(), "{run:?}");
    for (sku, units) in [
        (LAMP, 40),
        (LAMP_WHITE, 0),
        (SOCKS, 30),
        (BOX, 6),
        (PAD, 6),
        (STAND, 15),
    ] {
        assert_eq!(shop.shown(sku), units, "{sku}");
    }
    assert_eq!(count(&run, "written"), 4);
    shop.clear_log();
    let run = shop.sync();
    assert_eq!((shop.mutating(), count(&run, "written")), (0, 0));
    assert!(run.finished.summary.notes.is_empty(), "{}", notes(&run));
}

#[test]
fn a_dry_run_shows_both_sides_and_changes_nothing() {
    let shop = TestShop::new();
    let run = mcf_connector::jobs::sync_inventory::run(&shop.session(true), false, &|_, _| {}).expect("a run");
    assert_eq!(shop.mutating(), 0);
    assert!(shop.store.stock().expect("figures").is_empty());
    let socks = run.figures.iter().find(|figure| figure.sku.as_str() == SOCKS);
    let socks = socks.expect("the socks");
    assert_eq!(
        (socks.shown, socks.amazon, socks.wanted),
        (Some(12), Some(30), Some(30))
    );
    assert_eq!(socks.parts[0].holding.expect("a figure").fulfillable, 90);
}

#[test]
fn a_sku_that_amazon_does_not_name_is_unknown_and_stays() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.sandbox.world().amazon.stock.remove("FBA-LAMP-BLK");
    shop.clear_log();
    let run = shop.sync();
    assert_eq!((shop.mutating(), count(&run, "unknown")), (0, 1), "E51");
    assert_eq!(shop.shown(LAMP), 40, "E51");
    assert!(notes(&run).contains("FBA-LAMP-BLK had 40 1 h ago"), "{}", notes(&run));
}

#[test]
fn a_figure_of_last_week_is_told_with_its_age_and_not_written() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.sandbox.world().amazon.stock.remove("FBA-STAND-01");
    shop.pass(TimeDelta::days(6) + TimeDelta::hours(22));
    shop.clear_log();
    let run = shop.sync();
    assert_eq!(shop.mutating(), 0, "E55");
    assert!(notes(&run).contains("FBA-STAND-01 had 15 167 h ago"), "{}", notes(&run));
}

/// Lets Amazon's next answer be about one SKU, last changed at an instant.
fn answer_next(shop: &TestShop, units: u32, updated_at: &str) {
    let summaries = json!([{
        "sellerSku": "FBA-LAMP-BLK",
        "lastUpdatedTime": updated_at,
        "inventoryDetails": { "fulfillableQuantity": units },
    }]);
    let answer = Fault::after(Disturbance::Patch {
        pointer: "/payload/inventorySummaries".to_owned(),
        value: summaries,
    });
    let mut world = shop.sandbox.world();
    world.faults.next(Operation::GetInventorySummaries, answer);
}

#[test]
fn an_answer_of_amazon_that_is_older_than_the_one_before_is_no_delivery() {
    let mut shop = TestShop::new();
    for (units, updated_at, shown) in [
        (40, "2026-01-05T11:00:00Z", 40),
        (30, "2026-01-05T12:30:00Z", 30),
        (40, "2026-01-05T11:00:00Z", 30),
        (45, "2026-01-05T12:31:00Z", 45),
    ] {
        answer_next(&shop, units, updated_at);
        let run = shop.sync();
        assert_eq!(shop.shown(LAMP), shown, "I8: {run:?}");
    }
}

#[test]
fn one_unit_and_two_orders_and_a_stock_push_of_the_same_minute_agree() {
    let mut shop = TestShop::new();
    shop.set_stock(&[("FBA-LAMP-BLK", 1)]);
    for _ in 0..2 {
        shop.sandbox.world().place(OrderKind::Plain);
    }
    let polled = shop.poll();
    assert_eq!(polled.summary.counts["routed"], 1, "E52: {polled:?}");
    assert_eq!(polled.summary.counts["flagged"], 1, "E52: {polled:?}");
    shop.try_sync(false).expect("a run");
    assert_eq!(shop.shown(LAMP), 0, "E52");
}

#[test]
fn units_of_orders_in_their_hold_hour_are_sold_already() {
    let mut shop = TestShop::new();
    shop.sandbox.world().place(OrderKind::OnHold);
    shop.sandbox.world().place(OrderKind::BadAddress);
    shop.poll();
    let run = shop.try_sync(false).expect("a run");
    assert_eq!(shop.shown(LAMP), 38, "{run:?}");
}

#[test]
fn what_is_in_transfer_or_reserved_is_not_for_sale() {
    let mut shop = TestShop::new();
    {
        let mut world = shop.sandbox.world();
        let lamp = world.amazon.stock.get_mut("FBA-LAMP-BLK").expect("the lamp");
        (lamp.fulfillable, lamp.reserved) = (5, 25);
    }
    shop.sync();
    assert_eq!(shop.shown(LAMP), 5, "E54");
    assert_eq!(shop.shown(LAMP_WHITE), 0, "E53: six are in transfer");
}

#[test]
fn an_answer_with_other_names_is_unreadable_and_no_zero() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.clear_log();
    for (pointer, value) in [
        ("/payload", json!({ "summaries": [] })),
        (
            "/payload/inventorySummaries",
            json!([{ "sku": "FBA-LAMP-BLK", "quantity": 0 }]),
        ),
    ] {
        let fault = Fault {
            carried_out: true,
            disturbance: Disturbance::Patch {
                pointer: pointer.to_owned(),
                value,
            },
        };
        shop.sandbox
            .world()
            .faults
            .next(Operation::GetInventorySummaries, fault);
        shop.pass(TimeDelta::hours(1));
        match shop.try_sync(false) {
            Ok(run) => assert_eq!(count(&run, "unknown"), 7, "E56"),
            Err(error) => assert!(matches!(error, Error::Amazon(_)), "E56: {error}"),
        }
    }
    assert_eq!((shop.mutating(), shop.shown(LAMP)), (0, 40), "E56");
}

#[test]
fn a_safety_stock_larger_than_the_stock_shows_nothing() {
    let mut shop = TestShop::new();
    shop.import("seller_sku,amazon_sku,safety_stock\nPAD-GRY,FBA-PAD-GRY,50\nSTAND-01,FBA-STAND-01,5\n");
    shop.sync();
    assert_eq!((shop.shown(PAD), shop.shown(STAND)), (0, 10), "E59");
}

#[test]
fn listings_that_share_a_part_fall_together() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.set_stock(&[("FBA-SOCK-1", 9)]);
    shop.sync();
    assert_eq!((shop.shown(SOCKS), shop.shown(BOX)), (3, 4), "E61");
}

#[test]
fn a_mapped_variant_that_tiktok_does_not_show_is_told() {
    let mut shop = TestShop::new();
    shop.import("tiktok_sku_id,amazon_sku\n1729592969712299999,FBA-LAMP-BLK\n");
    shop.clear_log();
    let run = shop.sync();
    assert!(notes(&run).contains("no stock for"), "E51: {}", notes(&run));
    assert!(notes(&run).contains("1729592969712299999"), "E51: {}", notes(&run));
    assert_eq!(shop.mutating(), 0);
}

/// Lets TikTok refuse readings of its figures because of a variant that it does not know.
fn refuse_readings(shop: &TestShop, times: u32) {
    let body = json!({ "code": 12_052_036, "message": "The SKU does not exist.", "request_id": "r", "data": {} });
    let refused = Fault::before(Disturbance::Json { status: 200, body });
    let mut world = shop.sandbox.world();
    world.faults.script(Operation::SearchInventory, 1, times, refused);
}

#[test]
fn a_variant_that_tiktok_does_not_know_does_not_keep_the_others_from_being_read() {
    let mut shop = TestShop::new();
    refuse_readings(&shop, 1);
    assert_eq!(count(&shop.sync(), "written"), 4);
    shop.clear_log();
    refuse_readings(&shop, 100);
    let run = shop.sync();
    assert!(notes(&run).contains("no stock for"), "{}", notes(&run));
    assert_eq!((shop.mutating(), shop.shown(LAMP)), (0, 40), "E51");
}

#[test]
fn listings_whose_pages_go_round_in_circles_end_the_run_and_nothing_is_written() {
    let mut shop = TestShop::new();
    for token in ["A", "B", "A"] {
        let body = json!({
            "code": 0, "message": "Success", "request_id": "r",
            "data": { "products": [], "next_page_token": token, "total_count": 3 },
        });
        let page = Fault::before(Disturbance::Json { status: 200, body });
        shop.sandbox.world().faults.next(Operation::SearchProducts, page);
    }
    shop.pass(TimeDelta::hours(1));
    let error = shop.try_sync(false).expect_err("no end");
    assert!(matches!(error, Error::PagesInCircle(_)), "{error}");
    assert_eq!(shop.mutating(), 0, "R8");
}

#[test]
fn a_warehouse_on_holiday_is_kept_equal_too() {
    let mut shop = TestShop::new();
    {
        let mut world = shop.sandbox.world();
        let ours = world.tiktok.warehouses.iter_mut().find(|warehouse| warehouse.id == MCF);
        ours.expect("the warehouse").effect_status = "RESTRICTED".to_owned();
    }
    let run = shop.sync();
    assert_eq!(count(&run, "written"), 4);
}

fn set_status(shop: &TestShop, status: &str) {
    let mut world = shop.sandbox.world();
    let ours = world.tiktok.warehouses.iter_mut().find(|warehouse| warehouse.id == MCF);
    status.clone_into(&mut ours.expect("the warehouse").effect_status);
}

#[test]
fn nothing_is_written_to_a_disabled_warehouse_which_is_told_once_and_once_more_when_it_is_back_e123_e143() {
    let mut shop = TestShop::new();
    set_status(&shop, "DISABLED");
    shop.settings.inventory.tiktok_warehouse_ids = vec![mcf_connector::domain::ids::WarehouseId::new(MCF)];
    shop.sync();
    let run = shop.sync();
    assert_eq!((count(&run, "written"), shop.mutating()), (0, 0), "E123");
    assert!(notes(&run).contains("has disabled warehouse"), "E123: {}", notes(&run));
    let told = shop.events("warehouse.disabled");
    assert_eq!(told.len(), 1, "E143: one event a disabling");
    assert_eq!(told[0]["warehouseId"], MCF, "E143");
    shop.pass(TimeDelta::hours(3));
    set_status(&shop, "ENABLED");
    shop.sync();
    let run = shop.sync();
    assert_eq!(shop.events("error.resolved").len(), 1, "E143: one word on its recovery");
    assert!(shop.mutating() > 0 && count(&run, "compared") > 0, "E143");
    shop.pass(TimeDelta::hours(3));
    set_status(&shop, "DISABLED");
    shop.sync();
    assert_eq!(
        shop.events("warehouse.disabled").len(),
        2,
        "E143: it is another disabling"
    );
}

#[test]
fn stock_in_our_second_warehouse_is_left_alone_and_told_e142() {
    let mut shop = TestShop::new();
    let ours = [MCF, GARAGE].map(mcf_connector::domain::ids::WarehouseId::new);
    shop.settings.inventory.tiktok_warehouse_ids = ours.to_vec();
    let run = shop.sync();
    let told = format!("warehouse {GARAGE} shows 18 units of 1 mapped variants");
    assert!(notes(&run).contains(&told), "E142: {}", notes(&run));
    let garage = shop.sandbox.world().tiktok.stock(LAMP, GARAGE);
    assert_eq!(garage, Some(18), "E142");
}

#[test]
fn another_warehouse_is_repeated_and_only_ours_changes() {
    let mut shop = TestShop::new();
    shop.set_stock(&[("FBA-LAMP-BLK", 33)]);
    shop.sync();
    let lamp = shop.updates().into_iter().find_map(|body| {
        let skus = body["skus"].as_array()?.clone();
        skus.into_iter().find(|sku| sku["id"] == LAMP)
    });
    let mut named: Vec<(String, u64)> = lamp.expect("the lamp")["inventory"]
        .as_array()
        .expect("warehouses")
        .iter()
        .map(|entry| {
            let id = entry["warehouse_id"].as_str().expect("an id").to_owned();
            (id, entry["quantity"].as_u64().expect("units"))
        })
        .collect();
    named.sort();
    assert_eq!(named, [(MCF.to_owned(), 33), (GARAGE.to_owned(), 18)], "E122");
}

#[test]
fn low_stock_is_told_once_and_so_is_its_recovery() {
    let mut shop = TestShop::new();
    for units in [11, 10, 11, 9, 12, 13, 10] {
        shop.set_stock(&[("FBA-STAND-01", units)]);
        shop.sync();
    }
    let of_stand = |kind: &str| {
        let events = shop.events(kind).into_iter();
        let stands = events.filter(|data| data["sku"] == "FBA-STAND-01");
        stands
            .map(|data| data["currentStock"].as_i64().expect("units"))
            .collect::<Vec<_>>()
    };
    assert_eq!(of_stand("inventory.low"), [10, 10], "E60");
    assert_eq!(of_stand("inventory.recovered"), [13], "E60");
}

#[test]
fn a_sku_has_its_own_threshold() {
    let mut shop = TestShop::new();
    let stand = mcf_connector::domain::ids::AmazonSku::new("FBA-STAND-01");
    shop.settings.inventory.thresholds.insert(stand, 15);
    shop.sync();
    let low = shop.events("inventory.low");
    let stand = low.iter().find(|data| data["sku"] == "FBA-STAND-01");
    assert_eq!(stand.expect("an alert")["threshold"], 15);
}

#[test]
fn a_figure_beyond_belief_is_left_as_it_is_and_a_large_one_is_cut_to_what_tiktok_shows() {
    let mut shop = TestShop::new();
    shop.sync();
    shop.settings.inventory.brake_factor = 1_000_000;
    shop.set_stock(&[("FBA-LAMP-BLK", 1 << 31), ("FBA-STAND-01", 500_000)]);
    let run = shop.sync();
    assert_eq!((shop.shown(LAMP), shop.shown(STAND)), (40, 99_999), "R23");
    assert_eq!(count(&run, "unknown"), 1, "R23");
}
