//! TikTok's deadlines as the commands show them: what is at risk once Amazon has it, and what is late in part.

use std::io::Write;

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::sandbox::amazon::ShipmentStatus;
use mcf_connector::sandbox::scenario::{self, OrderKind};
use serde_json::json;

use super::events::events;
use super::test_shop::{FIRST, TestShop};

/// By when TikTok wants an order of Monday morning scanned: the end of Wednesday on the Pacific coast.
const DEADLINE: &str = "2026-01-08T07:59:59Z";

/// An order of Monday morning on the Pacific coast, which any speed ships in time.
fn road_with(kind: OrderKind, settings: &str) -> TestShop {
    let monday = "2026-01-05T18:00:00Z".parse().expect("an instant");
    let mut world = scenario::shop(Clock::starting_at(monday));
    world.place(kind);
    let shop = TestShop::through(world);
    let mut config = std::fs::File::options()
        .append(true)
        .open(shop.config())
        .expect("a file");
    config.write_all(settings.as_bytes()).expect("written");
    shop
}

/// So many hours after the deadline.
fn after_deadline(hours: i64) -> DateTime<Utc> {
    DEADLINE.parse::<DateTime<Utc>>().expect("an instant") + TimeDelta::hours(hours)
}

/// How many orders are at risk in `status` and in the metrics, and whether the order itself says so.
fn at_risk(shop: &TestShop) -> (u64, u64, bool) {
    let count = |document: &serde_json::Value| document.as_u64().expect("a number");
    let order = shop.good(&["status", FIRST]);
    (
        count(&shop.good(&["status"])["deadlines"]["atRisk"]),
        count(&shop.good(&["metrics"])["ordersAtRisk"]),
        order["order"]["deadlines"]["atRisk"].as_bool().expect("a boolean"),
    )
}

#[test]
fn an_order_that_amazon_plans_for_after_its_deadline_is_at_risk_everywhere_and_told_once_e149() {
    for (settings, late_by, in_time_by) in [("", 1, -1), ("\n[routing]\ndeadline_margin_hours = 2\n", -1, -3)] {
        let mut shop = road_with(OrderKind::Plain, settings);
        let plans = |shop: &TestShop, hours| {
            let mut world = shop.sandbox.world();
            let shipments = world.amazon.orders.iter_mut().flat_map(|order| &mut order.shipments);
            shipments.for_each(|shipment| shipment.shipping_at = after_deadline(hours));
        };
        shop.poll();
        assert_eq!(at_risk(&shop), (0, 0, false), "by the preview it is in time");
        shop.pass(60, 2);
        plans(&shop, late_by);
        for _ in 0..2 {
            shop.good(&["sync-tracking"]);
            assert_eq!(at_risk(&shop), (1, 1, true), "E149: {settings}");
            shop.pass(150, 0);
        }
        let told = events(&shop.database(), "order.at_risk");
        let planned = after_deadline(late_by).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        assert_eq!(
            told,
            [json!({
                "orderId": FIRST, "deadline": DEADLINE, "latestShip": planned, "shippingSpeed": "Standard"
            })],
            "E149: once"
        );
        plans(&shop, in_time_by);
        shop.good(&["sync-tracking"]);
        assert_eq!(at_risk(&shop), (0, 0, false), "E149: another plan, in time");
        assert_eq!(events(&shop.database(), "order.at_risk").len(), 1, "E149");
    }
}

#[test]
fn a_part_that_has_not_left_by_the_deadline_is_late_and_to_be_looked_at_e79() {
    let mut shop = road_with(OrderKind::SeveralUnits, "");
    shop.poll();
    shop.pass(60, 2);
    one_of_two_leaves(&shop);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.order(FIRST).state.as_str(), "shipped");
    let rows = |shop: &TestShop| {
        let status = shop.good(&["status"]);
        let rows = status["attention"].as_array().expect("rows").iter();
        let rows = rows.filter(|row| row.to_string().contains(FIRST)).cloned();
        (status["deadlines"]["late"].clone(), rows.collect::<Vec<_>>())
    };
    assert_eq!(rows(&shop), (json!(0), Vec::new()), "there is time");
    shop.now = after_deadline(1);
    let (late, rows) = rows(&shop);
    assert_eq!((late, rows.len()), (json!(1), 1), "E79: {rows:?}");
    assert!(rows[0].to_string().contains("deadline"), "E79: {rows:?}");
    shop.mcf(&["status", "--check"]).ends_with(3);
}

/// The lamps leave at once, the bulb is planned.
fn one_of_two_leaves(shop: &TestShop) {
    let mut world = shop.sandbox.world();
    let now = world.now();
    let order = world.amazon.orders.first_mut().expect("an order");
    let mut bulb = order.shipments[0].clone();
    bulb.id.push('2');
    bulb.parcels[0].number += 1;
    bulb.parcels[0].tracking_number = None;
    bulb.parcels[0].contents.remove(0);
    let lamps = &mut order.shipments[0];
    lamps.parcels[0].contents.truncate(1);
    lamps.status = ShipmentStatus::Shipped;
    lamps.shipping_at = now;
    order.shipments.push(bulb);
}
