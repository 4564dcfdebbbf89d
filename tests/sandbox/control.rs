//! The by-hand interface, the settings for a config file, and the life of the thread.

use std::collections::BTreeSet;

use mcf_connector::clock::Clock;
use mcf_connector::sandbox::scenario::{self, OrderKind};
use mcf_connector::sandbox::{Operation, Sandbox};
use serde_json::{Value, json};

use super::clients::{Amazon, create_request, demo, http, start};

fn call(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/sandbox/{path}", sandbox.tiktok_url());
    let request = http().request(method.parse().expect("a method"), url);
    let response = request.body(body.to_string()).send().expect("an answer");
    let status = response.status().as_u16();
    (
        status,
        serde_json::from_str(&response.text().expect("a body")).expect("JSON"),
    )
}

#[test]
fn an_operator_adds_orders_moves_the_world_and_looks_at_it() {
    let sandbox = start(scenario::shop(Clock::system()));
    let (_, added) = call(&sandbox, "POST", "orders", &json!({ "kind": "onHold" }));
    assert_eq!(added["orderId"], "576900000000000101");
    let (_, state) = call(&sandbox, "GET", "state", &json!({}));
    assert_eq!(state["tiktok"]["orders"][0]["status"], "ON_HOLD");
    let (_, state) = call(&sandbox, "POST", "advance", &json!({}));
    assert_eq!(state["tiktok"]["orders"][0]["status"], "AWAITING_SHIPMENT");
    let (_, asked) = call(&sandbox, "POST", "orders/576900000000000101/cancel-request", &json!({}));
    assert!(asked["cancelId"].is_string());
    call(
        &sandbox,
        "POST",
        "stock",
        &json!({ "sku": "FBA-PAD-GRY", "fulfillable": 1 }),
    );
    assert_eq!(sandbox.world().amazon.stock["FBA-PAD-GRY"].fulfillable, 1);
    assert_eq!(call(&sandbox, "POST", "orders", &json!({ "kind": "nonsense" })).0, 400);
    assert_eq!(call(&sandbox, "GET", "nothing", &json!({})).0, 400);
}

#[test]
fn faults_and_modes_can_be_set_by_hand_and_the_log_shows_no_body() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    let fault = json!({ "carriedOut": true, "disturbance": { "status": { "status": 500, "retryAfter": null } } });
    let wish = json!({ "operation": "createFulfillmentOrder", "fault": fault });
    assert_eq!(call(&sandbox, "POST", "faults", &wish).1["pending"], 1);
    assert_eq!(client.create(&create_request("TTS-1")).status, 500);
    assert_eq!(
        call(&sandbox, "POST", "settings", &json!({ "createMode": "keepFirst" })).0,
        200
    );
    assert_eq!(client.create(&create_request("TTS-1")).status, 200);
    let (_, log) = call(&sandbox, "GET", "log", &json!({}));
    let last = log["requests"]
        .as_array()
        .expect("requests")
        .last()
        .expect("one")
        .clone();
    assert_eq!(
        (&last["operation"], &last["mutating"], &last["effect"]),
        (&json!("createFulfillmentOrder"), &json!(true), &json!(false))
    );
    assert!(!log.to_string().contains("Larkspur"), "I10");
    let own_log = sandbox.log();
    let hashes: BTreeSet<&str> = own_log
        .of(Operation::CreateFulfillmentOrder)
        .map(|entry| entry.body_hash.as_str())
        .collect();
    assert_eq!(hashes.len(), 1, "I3: the same body twice");
}

#[test]
fn the_printed_config_names_both_addresses() {
    let sandbox = demo();
    let config: toml::Table = sandbox.config_toml().parse().expect("TOML");
    assert_eq!(
        config["tiktok"]["api_url"].as_str(),
        Some(sandbox.tiktok_url().as_str())
    );
    assert_eq!(
        config["amazon"]["auth_url"].as_str(),
        Some(sandbox.amazon_url().as_str())
    );
    assert_ne!(sandbox.tiktok_url(), sandbox.amazon_url());
}

#[test]
fn the_demo_has_one_order_of_each_kind_and_mappings_for_its_stock() {
    let world = scenario::demo(Clock::system());
    assert_eq!(world.tiktok.orders.len(), OrderKind::ALL.len());
    let mut reader = csv::Reader::from_reader(scenario::MAPPINGS_CSV.as_bytes());
    let column = reader
        .headers()
        .expect("a header")
        .iter()
        .position(|name| name == "amazon_sku")
        .expect("the column");
    for row in reader.records() {
        let row = row.expect("a row");
        assert!(world.amazon.stock.contains_key(&row[column]), "{row:?}");
    }
}

#[test]
fn a_dropped_sandbox_frees_its_ports() {
    let sandbox = demo();
    let address = sandbox.tiktok_url().replace("http://", "");
    drop(sandbox);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn the_world_moves_on_by_itself_where_it_is_set_so() {
    let mut world = scenario::shop(Clock::system());
    world.settings.advance_every = Some(std::time::Duration::from_millis(5));
    let order_id = world.place(OrderKind::OnHold);
    let sandbox = start(world);
    let started = std::time::Instant::now();
    while sandbox.world().tiktok.orders[&order_id].status == "ON_HOLD" {
        assert!(started.elapsed().as_secs() < 10, "nothing moves");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
