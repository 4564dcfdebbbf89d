//! Secrets of both vendors and a buyer's data in every field and every sentence of both: nothing of it leaves the process, nor lies
//! unsealed on the disk.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use mcf_connector::sandbox::amazon::{Plan, PlannedParcel};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation, World};
use serde_json::json;

use super::test_shop::{TestShop, new_world};

/// What is known about the buyer of every order.
const BUYER: [&str; 4] = ["Canarina Quill", "12 Canary Lane", "2065550147", "canarina@example.com"];

/// So many runs are enough to meet what goes wrong.
const RUNS_MAX: usize = 12;

/// Everything that an endpoint on loopback is told.
struct Endpoint {
    port: u16,
    told: Arc<Mutex<String>>,
}

impl Endpoint {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let told = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&told);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let request = whole(&mut stream);
                heard.lock().expect("a lock").push_str(&request);
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
            }
        });
        Self { port, told }
    }
}

/// Reads a request with its body.
fn whole(stream: &mut impl Read) -> String {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
        let length = text.to_lowercase().split("content-length: ").nth(1).and_then(|rest| {
            let digits = rest.split("\r\n").next()?;
            digits.trim().parse::<usize>().ok()
        });
        if body.zip(length).is_some_and(|(body, length)| body >= length) {
            return text;
        }
        match stream.read(&mut chunk) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            Ok(_) | Err(_) => return text,
        }
    }
}

/// Every secret that the vendors and we share.
fn secrets(world: &World) -> Vec<String> {
    let (shop, account) = (&world.tiktok, &world.amazon);
    let mut secrets = vec![
        shop.app_secret.clone(),
        shop.cipher.clone(),
        shop.tokens.access.clone(),
        shop.tokens.refresh.clone(),
        account.client_secret.clone(),
        account.refresh_token.clone(),
    ];
    secrets.extend(shop.tokens.retired.iter().cloned());
    secrets.extend(account.access_tokens.keys().cloned());
    secrets
}

/// What both vendors say to whatever they refuse, and call whatever has a name.
fn sentence(world: &World) -> String {
    format!("{} {}", BUYER.join(" "), secrets(world).join(" "))
}

/// A shop whose secrets have no look, whose names repeat secrets, and whose orders all go to the one buyer.
fn world() -> World {
    let mut world = new_world();
    world.amazon.client_secret = "quiet-harbour-lantern".to_owned();
    world.tiktok.app_secret = "kestrel-orbit-kettle".to_owned();
    let secret = world.amazon.client_secret.clone();
    for kind in OrderKind::ALL {
        world.place(kind);
    }
    for order in world.tiktok.orders.values_mut() {
        if !order.address.name.is_empty() {
            BUYER[0].clone_into(&mut order.address.name);
            BUYER[1].clone_into(&mut order.address.line1);
            order.address.phone = format!("(+1){}", BUYER[2]);
        }
        order.buyer_message = BUYER.join(" ");
        order.overrides.insert("buyer_email".to_owned(), json!(BUYER[3]));
        order
            .overrides
            .insert("delivery_option_name".to_owned(), json!(format!("Standard {secret}")));
        for line in &mut order.lines {
            line.product_name = format!(
                "{} {secret} Atzr|IwEBIPnobodys {}\u{1b}[31m",
                line.product_name, BUYER[3]
            );
        }
    }
    world.tiktok.name = format!("Shop {secret}");
    for warehouse in &mut world.tiktok.warehouses {
        warehouse.name = format!("Warehouse {secret} {}", BUYER[3]);
    }
    world
}

/// An order whose carrier nobody knows, and one whose SKU is a secret.
fn odd_orders(world: &mut World) {
    let secret = world.tiktok.app_secret.clone();
    let order = world.place(OrderKind::Plain);
    let parcel = PlannedParcel {
        carrier: format!("PIGEON {secret} {}\u{1b}[2J", BUYER[3]),
        tracking_number: Some("PP0000123".to_owned()),
        ..PlannedParcel::default()
    };
    let plan = Plan {
        parcels: vec![parcel],
        ..Plan::default()
    };
    world.amazon.plans.insert(order, plan);
    let order = world.place(OrderKind::Plain);
    for line in &mut world.tiktok.order_mut(&order).expect("an order").lines {
        line.seller_sku.clone_from(&secret);
    }
}

fn tiktok_says(code: i64, sentence: &str) -> Fault {
    let body = json!({ "code": code, "message": sentence, "request_id": sentence, "data": {} });
    Fault::before(Disturbance::Json { status: 200, body })
}

fn amazon_says(status: u16, code: &str, sentence: &str) -> Fault {
    let errors = json!([{ "code": code, "message": sentence, "details": sentence }]);
    let body = json!({ "errors": errors, "error": code, "error_description": sentence, "request_id": sentence });
    Fault::before(Disturbance::Json { status, body })
}

/// Runs a command that may end as it likes and returns all that it printed.
fn heard(shop: &TestShop, arguments: &[&str]) -> String {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["-vv"]).collect();
    let ran = shop.mcf_with(&[("RUST_LOG", "trace")], &arguments);
    assert_ne!(ran.code, 2, "{arguments:?}: {ran:?}");
    ran.stdout + &ran.stderr
}

/// Lets calls go wrong, one after another, and runs a command until all were met and once more.
fn struck(shop: &mut TestShop, faults: Vec<(Operation, Fault)>, arguments: &[&str]) -> String {
    for (operation, fault) in faults {
        let is_repeated = matches!(fault.disturbance, Disturbance::Json { status: 500.., .. });
        let times = if is_repeated { 3 } else { 1 };
        let mut world = shop.sandbox.world();
        world.faults.script(operation, 1, times, fault);
    }
    let mut said = String::new();
    let mut runs_left = RUNS_MAX;
    let mut is_last = false;
    while !is_last {
        assert!(runs_left > 0, "{arguments:?}: not all faults were met");
        runs_left -= 1;
        is_last = shop.sandbox.world().faults.pending() == 0;
        said += &heard(shop, arguments);
        shop.pass(31, 0);
    }
    said
}

fn assert_silent(what: &str, text: &[u8], canaries: &[String]) {
    for canary in canaries {
        let found = text.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(
            !found,
            "I10, E119: {canary} in {what}: {}",
            String::from_utf8_lossy(text)
        );
    }
}

/// Tells all events to the endpoint, in both forms.
fn tell(shop: &TestShop, endpoint: &Endpoint) {
    let mut config = std::fs::read_to_string(shop.config()).expect("a config");
    let secret = "secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n";
    for (format, secret) in [("json", secret), ("slack", "")] {
        let url = format!("http://127.0.0.1:{}/{format}", endpoint.port);
        config += &format!("\n[[webhooks]]\nurl = {url:?}\nevents = [\"*\"]\nformat = {format:?}\n{secret}");
    }
    std::fs::write(shop.config(), config).expect("written");
}

/// Every command, with both vendors refusing each call at least once in so many words.
fn whole_road(shop: &mut TestShop) -> String {
    use Operation as O;
    let says = sentence(&shop.sandbox.world());
    let tiktok = |operation: Operation, code: i64| (operation, tiktok_says(code, &says));
    let amazon = |operation: Operation, status: u16, code: &str| (operation, amazon_says(status, code, &says));
    let faults = vec![
        amazon(O::ExchangeToken, 400, "invalid_grant"),
        tiktok(O::SearchOrders, 36_009_004),
        tiktok(O::GetOrders, 12_345_678),
        tiktok(O::SearchCancellations, 12_345_678),
        amazon(O::GetInventorySummaries, 400, "InvalidInput"),
        amazon(O::CreateFulfillmentOrder, 400, "InvalidInput"),
        amazon(O::CreateFulfillmentOrder, 400, &says),
        amazon(O::CreateFulfillmentOrder, 503, "InternalFailure"),
        amazon(O::GetFulfillmentOrder, 403, "Unauthorized"),
    ];
    let mut said = struck(shop, faults, &["poll"]);
    let id = shop.sandbox.world().place(OrderKind::Plain);
    let faults = vec![
        tiktok(O::GetOrders, 12_345_678),
        amazon(O::CreateFulfillmentOrder, 400, "InvalidInput"),
    ];
    said += &struck(shop, faults, &["route", &id]);
    shop.pass(30, 5);
    let faults = vec![
        amazon(O::ListAllFulfillmentOrders, 400, "InvalidInput"),
        amazon(O::GetFulfillmentOrder, 500, "InternalFailure"),
        tiktok(O::GetOrders, 12_345_678),
        tiktok(O::GetShippingProviders, 12_345_678),
        tiktok(O::MarkPackageShipped, 21_011_022),
        tiktok(O::GetPackage, 12_345_678),
    ];
    said += &struck(shop, faults, &["sync-tracking"]);
    let faults = vec![
        tiktok(O::GetWarehouses, 12_345_678),
        tiktok(O::SearchInventory, 12_345_678),
        tiktok(O::UpdateInventory, 12_052_393),
    ];
    said += &struck(shop, faults, &["sync-inventory"]);
    let faults = vec![tiktok(O::RefreshToken, 36_004_004), tiktok(O::GetShops, 36_009_003)];
    said += &struck(shop, faults, &["check"]);
    for line in [
        "mappings check",
        "mappings missing",
        "mappings suggest",
        "mappings export --output table.csv",
        "orders list",
        "orders list --json",
        "orders list --group",
        "orders export --output orders.csv",
        "log --since 2026-01-01",
        "log --since 2026-01-01 --json",
        "notify test",
        "notify flush",
        "check host",
        "status",
        "status --check",
        "status --json",
        "metrics --format prometheus",
        "metrics --json",
        "report --output report.html",
        "backup copy.db",
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        said += &heard(shop, &arguments);
    }
    said
}

/// Fails where a file of the folder holds what none but the configuration may.
fn assert_silent_disk(shop: &TestShop, canaries: &[String]) {
    for entry in std::fs::read_dir(shop.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() && path != shop.config() {
            let bytes = std::fs::read(&path).expect("a file");
            assert_silent(&path.display().to_string(), &bytes, canaries);
        }
    }
}

#[test]
fn nothing_of_a_buyer_or_a_secret_leaves_the_process_or_lies_unsealed_on_the_disk() {
    let mut world = world();
    odd_orders(&mut world);
    let mut shop = TestShop::through(world);
    let endpoint = Endpoint::open();
    tell(&shop, &endpoint);
    let said = whole_road(&mut shop);
    let mut secrets = secrets(&shop.sandbox.world());
    secrets.push("Atzr|IwEBIPnobodys".to_owned());
    let canaries: Vec<String> = BUYER.map(str::to_owned).into_iter().chain(secrets.clone()).collect();
    let told = endpoint.told.lock().expect("a lock").clone();
    assert!(told.contains("/json") && told.contains("/slack"), "both were told");
    assert_silent("what was printed", said.as_bytes(), &canaries);
    assert_silent("what the endpoints were told", told.as_bytes(), &canaries);
    assert!(!said.contains('\u{1b}'), "H1: nothing that a terminal could obey");
    assert_silent_disk(&shop, &canaries);
    let shown = said_of_one_order(&shop, &secrets);
    assert!(
        shown.iter().all(|orders| *orders > 0),
        "R32: {shown:?} orders show what Amazon and TikTok said"
    );
    shop.pass(60 * 24 * 60, 0);
    assert_silent("purge", heard(&shop, &["purge"]).as_bytes(), &canaries);
    assert_silent_disk(&shop, &canaries);
}

/// Looks at each order by itself: there, what a vendor said may repeat the address, and never a secret. Returns how many show a sentence
/// of Amazon's and of TikTok's.
fn said_of_one_order(shop: &TestShop, secrets: &[String]) -> [usize; 2] {
    let ids: Vec<String> = shop.sandbox.world().tiktok.orders.keys().cloned().collect();
    let mut shown = [0, 0];
    for id in ids {
        let ran = shop.mcf(&["status", &id, "--json"]);
        let text = ran.stdout.clone() + &ran.stderr;
        assert_silent(&format!("status {id}"), text.as_bytes(), secrets);
        let document = ran.json();
        for (count, key) in shown.iter_mut().zip(["amazonSaid", "tiktokSaid"]) {
            let said = document["order"][key].as_str().unwrap_or_default();
            *count += usize::from(said.contains(BUYER[1]) && said.contains("[secret]"));
        }
    }
    shown
}
