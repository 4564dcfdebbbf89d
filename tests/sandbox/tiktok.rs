//! TikTok's checks and states.

use chrono::TimeDelta;
use mcf_connector::clock::Clock;
use mcf_connector::sandbox::scenario::{self, OrderKind};
use mcf_connector::sandbox::{Operation, RateLimit, Sandbox, tiktok};
use serde_json::{Value, json};

use super::clients::{Tiktok, demo, start};

const SEARCH: &str = "/order/202309/orders/search";
const CANCELLATIONS: &str = "/return_refund/202309/cancellations";
const AMAZON_LOGISTICS: &str = "7248600717110282027";

fn one(kind: OrderKind) -> (Sandbox, Tiktok, String) {
    let mut world = scenario::shop(Clock::system());
    let order_id = world.place(kind);
    let sandbox = start(world);
    let client = Tiktok::new(&sandbox);
    (sandbox, client, order_id)
}

fn mark(client: &Tiktok, order_id: &str, number: &str, line_ids: &[&str]) -> super::clients::Answer {
    let body =
        json!({ "tracking_number": number, "shipping_provider_id": AMAZON_LOGISTICS, "order_line_item_ids": line_ids });
    client.post(&format!("/fulfillment/202309/orders/{order_id}/packages"), &[], &body)
}

fn line_ids(client: &Tiktok, order_id: &str) -> Vec<String> {
    let order = client.order(order_id);
    let lines = order["line_items"].as_array().expect("lines").iter();
    lines
        .map(|line| line["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn a_request_is_refused_for_each_wrong_part() {
    let sandbox = demo();
    let good = || Tiktok::new(&sandbox);
    let search = |client: &Tiktok| {
        let answer = client.post(SEARCH, &[("page_size", "10")], &json!({}));
        (answer.status, answer.code())
    };
    let mut client = good();
    assert_eq!(search(&client), (200, 0));
    client.spoil_sign = true;
    assert_eq!(search(&client), (401, 106_001));
    for seconds_off in [-310, 40] {
        let mut client = good();
        client.seconds_off = seconds_off;
        assert_eq!(search(&client), (400, 36_009_004), "E111/R28");
    }
    let mut client = good();
    client.token = Some("TTP_somebody_elses".into());
    assert_eq!(search(&client).1, 36_009_004);
    client = good();
    client.cipher = None;
    assert_eq!(search(&client).1, 106_013);
    client.cipher = Some("ROW_b71RfwAAAAAq0tNc3zLwV8dYkE5uJm2H".into());
    assert_eq!(search(&client).1, 101_000);
    assert_eq!(good().get("/order/199901/orders", &[]).status, 404);
}

#[test]
fn the_cipher_is_refused_where_shops_are_looked_up() {
    let sandbox = demo();
    let mut client = Tiktok::new(&sandbox);
    assert_eq!(client.get("/authorization/202309/shops", &[]).code(), 36_009_004);
    client.cipher = None;
    let answer = client.get("/authorization/202309/shops", &[]);
    assert_eq!(answer.body["data"]["shops"][0]["region"], "US");
}

#[test]
fn an_expired_token_is_told_and_a_refresh_kills_the_old_pair() {
    let sandbox = demo();
    let mut client = Tiktok::new(&sandbox);
    let refresh_token = sandbox.world().tiktok.tokens.refresh.clone();
    {
        let mut world = sandbox.world();
        world.tiktok.tokens.access_expires_at = world.now() - TimeDelta::seconds(1);
    }
    let expired = client.get("/logistics/202309/warehouses", &[]);
    assert_eq!((expired.status, expired.code()), (401, 105_002), "E112");
    let fresh = client.refresh(&refresh_token).body;
    assert_ne!(fresh["data"]["refresh_token"], Value::String(refresh_token.clone()));
    client.token = fresh["data"]["access_token"].as_str().map(str::to_owned);
    assert_eq!(client.get("/logistics/202309/warehouses", &[]).code(), 0);
    assert_eq!(client.refresh(&refresh_token).code(), 36_004_004);
    sandbox.world().settings.refresh_grace = TimeDelta::minutes(5);
    assert_eq!(client.refresh(&refresh_token).code(), 0);
}

#[test]
fn a_listing_comes_newest_first_in_pages_with_an_empty_one() {
    let sandbox = demo();
    let client = Tiktok::new(&sandbox);
    let (mut token, mut sizes, mut seen) = (String::new(), Vec::new(), Vec::new());
    loop {
        let query = [
            ("page_size", "7"),
            ("sort_field", "update_time"),
            ("sort_order", "ASC"),
            ("page_token", token.as_str()),
        ];
        let query = if token.is_empty() { &query[..3] } else { &query };
        let data = client.post(SEARCH, query, &json!({ "update_time_ge": 1 })).body["data"].clone();
        let orders = data["orders"].as_array().expect("orders").clone();
        sizes.push(orders.len());
        seen.extend(orders.into_iter().map(|order| order["update_time"].as_i64()));
        token = data["next_page_token"].as_str().expect("a token").to_owned();
        if token.is_empty() {
            break;
        }
        assert!(token.contains('+') && token.contains('/') && token.contains('='));
    }
    assert_eq!(sizes, [7, 0, 7, 3], "E07");
    assert!(seen.is_sorted());
    assert_eq!(
        client
            .post(SEARCH, &[("page_size", "7"), ("page_token", "x y")], &json!({}))
            .code(),
        36_009_004
    );
    assert_eq!(
        client.post(SEARCH, &[("page_size", "101")], &json!({})).code(),
        36_009_004
    );
    assert_eq!(
        client
            .post(SEARCH, &[("page_size", "9")], &json!({ "updated_since": 1 }))
            .code(),
        36_009_004
    );
    let newest = client.post(SEARCH, &[("page_size", "1")], &json!({})).body["data"]["orders"][0].clone();
    assert_eq!(
        newest["status"], "ON_HOLD",
        "the default order is create_time, newest first"
    );
}

#[test]
fn only_the_detail_shows_the_parts_of_a_bundle() {
    let (_sandbox, client, order_id) = one(OrderKind::Bundle);
    let listed = client.post(SEARCH, &[("page_size", "10")], &json!({}));
    assert_eq!(
        listed.body["data"]["orders"][0]["line_items"][0].get("combined_listing_skus"),
        None
    );
    let order = client.order(&order_id);
    assert_eq!(order["line_items"][0]["combined_listing_skus"][1]["sku_count"], 2);
    let many = vec![order_id.as_str(); 51].join(",");
    assert_eq!(client.get("/order/202507/orders", &[("ids", &many)]).code(), 36_009_004);
    assert_eq!(client.get("/order/202507/orders", &[("ids", "1")]).code(), 21_008_111);
}

#[test]
fn addresses_are_empty_on_hold_and_masked_where_tiktok_ships() {
    let (sandbox, client, order_id) = one(OrderKind::OnHold);
    let held = client.order(&order_id);
    assert_eq!(
        (&held["status"], &held["recipient_address"]["name"]),
        (&json!("ON_HOLD"), &json!("")),
        "E08"
    );
    assert_eq!(held["recipient_address"]["district_info"], json!([]));
    assert_eq!(mark(&client, &order_id, "TBA305900000101", &[]).code(), 21_011_044);
    sandbox.world().advance();
    let freed = client.order(&order_id);
    assert_eq!(freed["recipient_address"]["postal_code"], "95110");
    let (_sandbox, client, order_id) = one(OrderKind::PlatformShipped);
    assert_eq!(client.order(&order_id)["recipient_address"]["name"], "D*** W***", "E22");
    assert_eq!(
        mark(&client, &order_id, "TBA305900000101", &[]).code(),
        21_008_025,
        "E11"
    );
}

#[test]
fn parcels_are_marked_line_by_line_and_only_once() {
    let (sandbox, client, order_id) = one(OrderKind::TwoParcels);
    let lines = line_ids(&client, &order_id);
    let (first, second) = (lines[0].as_str(), lines[1].as_str());
    assert_eq!(mark(&client, &order_id, "TBA305900000101", &[]).code(), 21_011_048);
    assert_eq!(mark(&client, &order_id, "TBA", &[first]).code(), 21_004_012);
    assert_eq!(
        mark(&client, &order_id, "TBA 305900000101", &[first]).code(),
        21_004_012
    );
    assert_eq!(mark(&client, &order_id, "TBA305900000101", &["1"]).code(), 21_011_029);
    assert_eq!(mark(&client, &order_id, "TBA305900000101", &[first]).code(), 0, "E82");
    assert_eq!(client.order(&order_id)["status"], "PARTIALLY_SHIPPING");
    assert_eq!(
        mark(&client, &order_id, "TBA305900000101", &[first]).code(),
        21_011_006,
        "E103"
    );
    assert_eq!(
        mark(&client, &order_id, "TBA305900000101", &[second]).code(),
        21_011_025
    );
    let warned = mark(&client, &order_id, "1Z50V7420354708051", &[second]);
    assert!(
        warned.body["data"]["warning"]["message"]
            .as_str()
            .expect("a warning")
            .contains("UPS")
    );
    assert_eq!(client.order(&order_id)["status"], "AWAITING_COLLECTION");
    assert_eq!(
        mark(&client, &order_id, "TBA305900000102", &[second]).code(),
        21_008_099
    );
    assert_eq!(sandbox.log().effects(Operation::MarkPackageShipped), 2);
}

#[test]
fn a_number_is_corrected_once_and_within_three_days() {
    let (sandbox, client, order_id) = one(OrderKind::Plain);
    let path = format!("/fulfillment/202309/orders/{order_id}/shipping_info/update");
    let update = |number: &str| {
        let body = json!({ "tracking_number": number, "shipping_provider_id": AMAZON_LOGISTICS });
        client.post(&path, &[], &body).code()
    };
    assert_eq!(update("TBA305900000102"), 21_011_043);
    assert_eq!(mark(&client, &order_id, "TBA305900000101", &[]).code(), 0);
    for package in sandbox.world().tiktok.packages.values_mut() {
        package.shipped_at -= TimeDelta::hours(73);
    }
    assert_eq!(update("TBA305900000102"), 21_011_049);
    for package in sandbox.world().tiktok.packages.values_mut() {
        package.shipped_at += TimeDelta::hours(73);
    }
    assert_eq!(
        (update("TBA305900000101"), update("TBA305900000103")),
        (0, 21_011_051),
        "E101"
    );
}

#[test]
fn shipping_silently_rejects_what_the_buyer_asked_for() {
    let (_sandbox, client, order_id) = one(OrderKind::CancelRequested);
    assert_eq!(client.order(&order_id)["is_buyer_request_cancel"], true);
    assert_eq!(mark(&client, &order_id, "TBA305900000101", &[]).code(), 0);
    let found = client.post(
        &format!("{CANCELLATIONS}/search"),
        &[],
        &json!({ "order_ids": [order_id] }),
    );
    assert_eq!(
        found.body["data"]["cancellations"][0]["cancel_status"],
        "CANCELLATION_REQUEST_CANCELLED"
    );
}

#[test]
fn a_request_to_cancel_is_answered_once() {
    let (_sandbox, client, order_id) = one(OrderKind::CancelRequested);
    let found = client.post(&format!("{CANCELLATIONS}/search"), &[("page_size", "10")], &json!({}));
    let cancel_id = found.body["data"]["cancellations"][0]["cancel_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let answer = |action: &str, body: &Value| {
        client
            .post(&format!("{CANCELLATIONS}/{cancel_id}/{action}"), &[], body)
            .code()
    };
    assert_eq!(answer("reject", &json!({})), 36_009_004);
    assert_eq!(answer("reject", &json!({ "reject_reason": "no" })), 25_001_014);
    assert_eq!(answer("approve", &json!({ "x": 1 })), 0, "E86");
    assert_eq!(client.order(&order_id)["status"], "CANCELLED");
    assert_eq!(answer("approve", &json!({ "x": 1 })), 25_020_010, "E91");
    let reasons = client.get(
        "/return_refund/202309/reject_reasons",
        &[("return_or_cancel_id", &cancel_id)],
    );
    assert_eq!(
        reasons.body["data"]["reasons"][0]["name"],
        "seller_reject_apply_product_has_been_packed"
    );
}

#[test]
fn an_unanswered_request_is_agreed_to_after_a_day() {
    let (sandbox, client, order_id) = one(OrderKind::CancelRequested);
    for cancellation in &mut sandbox.world().tiktok.cancellations {
        cancellation.created_at -= TimeDelta::hours(25);
    }
    assert_eq!(client.order(&order_id)["status"], "CANCELLED", "E90");
}

#[test]
fn stock_updates_name_all_warehouses_and_fail_sku_by_sku() {
    let sandbox = demo();
    let client = Tiktok::new(&sandbox);
    let (mcf, garage) = ("7068517275539719942", "7068517275539720555");
    let (black, white) = ("1729592969712207013", "1729592969712207014");
    let update = |inventory: Value| {
        let sku = |id: &str, inventory: &Value| json!({ "id": id, "inventory": inventory });
        let white_stock = json!([{ "warehouse_id": mcf, "quantity": 3 }]);
        let body = json!({ "skus": [sku(black, &inventory), sku(white, &white_stock)] });
        let answer = client.post(
            "/product/202309/products/1729592969712207008/inventory/update",
            &[],
            &body,
        );
        assert_eq!(answer.code(), 0);
        answer.body["data"]["errors"][0]["detail"]["extra_errors"][0]["code"].as_i64()
    };
    assert_eq!(
        update(json!([{ "warehouse_id": mcf, "quantity": 7 }])),
        Some(12_019_028)
    );
    assert_eq!(
        sandbox.world().tiktok.stock(white, mcf),
        Some(3),
        "the other SKU went through"
    );
    let both = |garage_quantity: i64, quantity: i64| json!([{ "warehouse_id": mcf, "quantity": quantity }, { "warehouse_id": garage, "quantity": garage_quantity }]);
    assert_eq!(update(both(5, 7)), Some(12_052_531));
    assert_eq!(update(both(18, -1)), Some(12_019_024));
    assert_eq!(update(both(18, 7)), None, "E122");
    let read = client.post("/product/202309/inventory/search", &[], &json!({ "sku_ids": [black] }));
    assert_eq!(
        read.body["data"]["inventory"][0]["skus"][0]["warehouse_inventory"][0]["available_quantity"],
        7
    );
    sandbox.world().settings.stock_updates_forgotten = 1;
    assert_eq!(update(both(18, 9)), None);
    assert_eq!(sandbox.world().tiktok.stock(black, mcf), Some(7), "E58");
}

#[test]
fn too_many_calls_are_refused_per_operation() {
    let sandbox = demo();
    let client = Tiktok::new(&sandbox);
    let limit = RateLimit {
        per_second: 0.001,
        burst: 2.0,
    };
    sandbox.world().rates.set(Operation::GetWarehouses, limit);
    let statuses: Vec<u16> = (0..3)
        .map(|_| client.get("/logistics/202309/warehouses", &[]).status)
        .collect();
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(client.get("/logistics/202309/warehouses", &[]).code(), 36_009_002);
    let other = format!(
        "/logistics/202309/delivery_options/{}/shipping_providers",
        "7091146663229654785"
    );
    assert_eq!(client.get(&other, &[]).code(), 0);
}

#[test]
fn five_foreign_numbers_switch_the_mcf_warehouse_off() {
    let mut world = scenario::shop(Clock::system());
    let orders: Vec<String> = (0..5).map(|_| world.place(OrderKind::Plain)).collect();
    let sandbox = start(world);
    let client = Tiktok::new(&sandbox);
    for (order_id, number) in orders.iter().zip(10..) {
        assert_eq!(
            mark(&client, order_id, &format!("TBA9999999999{number}"), &[]).code(),
            0
        );
    }
    let warehouses = &sandbox.world().tiktok.warehouses;
    let switched_off: Vec<&tiktok::Warehouse> = warehouses.iter().filter(|entry| entry.is_mcf).collect();
    assert_eq!(switched_off[0].effect_status, "DISABLED", "E123");
}
