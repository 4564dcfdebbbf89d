//! What a dry run prints, that it changes nothing, and that the history says the same after the true run.

use std::collections::BTreeMap;

use mcf_connector::sandbox::scenario::OrderKind;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;

use super::test_shop::{FIRST, TestShop};

const UNMAPPED: &str = "576900000000000106";
const OUT_OF_STOCK: &str = "576900000000000108";
const CANCELLED: &str = "576900000000000110";
const PLATFORM_SHIPPED: &str = "576900000000000113";

/// What is kept to spare calls or to account for them; a dry run makes calls, too.
const NO_STATE: [&str; 8] = [
    "api_calls",
    "audit",
    "audit_end",
    "call_totals",
    "facts",
    "latest_time",
    "rate_buckets",
    "tokens",
];

/// What every run writes of itself, whether it had something to do or not.
const DIARY: [&str; 4] = ["deliveries", "endpoints", "events", "runs"];

/// Every row of the state, and the files beside the database.
#[derive(Debug, PartialEq)]
struct State {
    tables: BTreeMap<String, Vec<Vec<Cell>>>,
    files: BTreeMap<String, Vec<u8>>,
}

fn state(shop: &TestShop) -> State {
    let database = Connection::open(shop.database()).expect("a database");
    let mut names = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
        .expect("a query");
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .expect("names");
    let state = names.into_iter().filter(|name| !NO_STATE.contains(&name.as_str()));
    State {
        tables: state.map(|name| (name.clone(), rows(&database, &name))).collect(),
        files: files(shop),
    }
}

fn rows(database: &Connection, table: &str) -> Vec<Vec<Cell>> {
    let mut statement = database
        .prepare(&format!("SELECT * FROM {table} ORDER BY 1"))
        .expect("a query");
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|column| row.get(column)).collect());
    rows.and_then(Iterator::collect).expect("rows")
}

fn files(shop: &TestShop) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(shop.folder.path()).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            (name, path)
        })
        .filter(|(name, _)| {
            let is_database = name == "mcf.db" || name.ends_with("-wal") || name.ends_with("-shm");
            !is_database && !name.ends_with(".lock")
        })
        .map(|(name, path)| (name, std::fs::read(path).expect("a file")))
        .collect()
}

/// Runs a command, which must leave everything as it is.
fn without_effect(shop: &TestShop, arguments: &[&str], code: i32) -> String {
    let (before, sent) = (state(shop), shop.log().mutating());
    let ran = shop.mcf(arguments).ends_with(code);
    assert_eq!(shop.log().mutating(), sent, "A10: {arguments:?}");
    assert_eq!(state(shop), before, "A10: {arguments:?}");
    ran.stdout
}

fn json_without_effect(shop: &TestShop, arguments: &[&str], code: i32) -> Value {
    let with_json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&without_effect(shop, &with_json, code)).expect("one document")
}

/// What the history of an order says.
fn history(shop: &TestShop, id: &str) -> String {
    shop.mcf(&["status", id]).ends_with(0).stdout
}

#[test]
fn a_dry_poll_says_of_each_order_what_would_be_sent_and_why_and_the_history_says_it_afterwards() {
    let shop = TestShop::demo();
    let document = json_without_effect(&shop, &["poll", "--dry-run"], 0);
    let text = without_effect(&shop, &["poll", "--dry-run"], 0);
    let count = |name: &str| document["counts"][name].as_u64().unwrap_or_default();
    assert_eq!(
        (count("detected"), count("ready"), count("flagged"), count("routed")),
        (17, 9, 3, 0)
    );
    assert!(text.starts_with("poll (dry run): 17 detected, "), "{text}");
    assert!(text.contains(", 9 ready"), "{text}");
    let orders = document["orders"].as_array().expect("orders");
    assert_eq!(orders.len(), 17, "every order is explained");
    shop.poll();
    for order in orders {
        let id = order["tiktokOrderId"].as_str().expect("an id");
        let line = text
            .lines()
            .find(|line| line.starts_with(id))
            .expect("a line for each order");
        let flags = order["flags"].as_array().expect("flags").iter();
        let mut said: Vec<&str> = flags.filter_map(|flag| flag["message"].as_str()).collect();
        if said.is_empty() {
            said.push(order["explanation"].as_str().expect("why"));
        }
        for words in said {
            assert!(line.contains(words), "{words}: {line}");
            assert!(history(&shop, id).contains(words), "{id}: {words}");
        }
        if order["state"] == "ready" {
            assert_eq!(order["mcfOrderId"], format!("TTS-{id}"));
            assert!(line.contains(&format!("TTS-{id}")), "{line}");
        }
    }
}

#[test]
fn the_plan_names_amazons_skus_with_their_quantities_the_rule_of_each_and_the_speed_and_is_what_is_sent() {
    let shop = TestShop::of(&[OrderKind::MappedBundle]);
    let plan = json_without_effect(&shop, &["route", FIRST, "--dry-run"], 0);
    assert_eq!(
        (&plan["run"]["dryRun"], &plan["counts"]["ready"]),
        (&true.into(), &1.into())
    );
    let explanation = plan["orders"][0]["explanation"].as_str().expect("why").to_owned();
    for words in [
        "1 × FBA-PAD-GRY for 1 unit(s), by seller_sku \"BOX-COZY\"",
        "2 × FBA-SOCK-1 for 1 unit(s), by seller_sku \"BOX-COZY\"",
        "speed: Standard, by the settings",
    ] {
        assert!(explanation.contains(words), "{words}: {explanation}");
    }
    let items = serde_json::json!([
        { "amazonSku": "FBA-PAD-GRY", "quantity": 1 },
        { "amazonSku": "FBA-SOCK-1", "quantity": 2 },
    ]);
    let planned = &plan["orders"][0]["plan"];
    assert_eq!(
        (&planned["shippingSpeed"], &planned["items"]),
        (&"Standard".into(), &items)
    );
    let text = without_effect(&shop, &["route", FIRST, "--dry-run"], 0);
    assert!(
        text.starts_with("route (dry run): 1 ready") && text.contains(&explanation),
        "{text}"
    );
    shop.good(&["route", FIRST]);
    assert!(
        history(&shop, FIRST).contains(&format!("ready → submitting: {explanation}")),
        "{}",
        history(&shop, FIRST)
    );
    let world = shop.sandbox.world();
    let sent = world.amazon.order(&format!("TTS-{FIRST}")).expect("an order");
    for item in &sent.items {
        let planned = format!("{} × {} for", item.quantity, item.sku);
        assert!(explanation.contains(&planned), "{planned}: {explanation}");
    }
    let address = &world.tiktok.orders[FIRST].address;
    for personal in [&address.name, &address.line1, &address.city, &address.phone] {
        assert!(!text.contains(personal.as_str()), "I10: {text}");
    }
}

#[test]
fn a_dry_route_of_what_may_not_go_says_why_with_exit_3_wherever_the_order_stands() {
    let shop = TestShop::demo();
    let refused = |id: &str, words: &str| {
        let text = without_effect(&shop, &["route", id, "--dry-run"], 3);
        assert!(text.contains(words), "{words}: {text}");
        let document = json_without_effect(&shop, &["route", id, "--dry-run"], 3);
        assert_eq!(document["orders"][0]["tiktokOrderId"], id, "{document}");
        assert_eq!(document["error"]["exitCode"], 3, "{document}");
        text
    };
    for is_known in [false, true] {
        if is_known {
            shop.poll();
        }
        assert!(refused(UNMAPPED, "SKU_NOT_MAPPED").contains("mcf mappings missing"));
        refused(OUT_OF_STOCK, "INSUFFICIENT_INVENTORY");
        refused(PLATFORM_SHIPPED, "TikTok ships it with its own label");
        refused(CANCELLED, "cancelled");
    }
    shop.good(&["orders", "dismiss", UNMAPPED]);
    for arguments in [&["route", UNMAPPED][..], &["route", UNMAPPED, "--dry-run"]] {
        let dismissed = shop.mcf(arguments).ends_with(3).stderr;
        assert!(
            dismissed.contains(&format!("mcf orders restore {UNMAPPED}")),
            "E138: {dismissed}"
        );
    }
    let sent = without_effect(&shop, &["route", FIRST, "--dry-run"], 0);
    assert!(sent.contains("it is not sent twice"), "{sent}");
    let nobodys = json_without_effect(&shop, &["route", "576900000000000999", "--dry-run"], 3);
    assert_eq!(
        (&nobodys["run"]["outcome"], &nobodys["error"]["exitCode"]),
        (&"person_needed".into(), &3.into())
    );
}

#[test]
fn an_order_that_ended_or_is_held_is_refused_by_route_with_a_sentence() {
    let shop = TestShop::demo();
    shop.poll();
    let ended = shop.mcf(&["route", CANCELLED]).ends_with(3);
    assert!(ended.stdout.contains("it is cancelled; nothing is sent"), "{ended:?}");
    shop.good(&["orders", "hold", OUT_OF_STOCK]);
    for arguments in [&["route", OUT_OF_STOCK][..], &["route", OUT_OF_STOCK, "--dry-run"]] {
        let held = shop.mcf(arguments).ends_with(3);
        assert!(
            held.stderr.contains("held by the operator")
                && held.stderr.contains(&format!("mcf orders release {OUT_OF_STOCK}")),
            "{held:?}"
        );
    }
}

/// A world in which every command has something to do.
fn eventful() -> TestShop {
    let mut shop = TestShop::demo();
    let config = std::fs::read_to_string(shop.config()).expect("a configuration");
    // Nobody listens there: what is to be told stays queued.
    let webhook = "\n[[webhooks]]\nurl = \"http://127.0.0.1:9/\"\nevents = [\"order.*\"]\n";
    std::fs::write(shop.config(), config + webhook).expect("written");
    let write = |name: &str, text: &str| std::fs::write(shop.folder.path().join(name), text).expect("a file");
    write("more.csv", "seller_sku,amazon_sku\nMUG-NEW-01,FBA-MUG\n");
    write("less.csv", "seller_sku,amazon_sku\nLAMP-BLK-01,FBA-LAMP-BLK\n");
    shop.poll();
    shop.good(&["backup", "earlier.db"]);
    shop.pass(60, 3);
    shop
}

/// Makes the cancelled order so old that its buyer is to be forgotten.
fn age(shop: &TestShop) {
    let database = Connection::open(shop.database()).expect("a database");
    database
        .execute(
            "UPDATE orders SET state_since = state_since - 100 * 86400 WHERE id = ?1",
            [CANCELLED],
        )
        .expect("an order of old");
}

#[test]
fn a10_no_dry_run_of_any_mutating_command_changes_anything_and_each_true_one_does() {
    let shop = eventful();
    let on_hold = "576900000000000109";
    for line in [
        "poll",
        &format!("route {on_hold}"),
        "sync-tracking",
        "sync-inventory",
        "sync-inventory --force",
        "mappings import more.csv",
        "mappings import less.csv --replace",
        "mappings rollback",
        &format!("orders hold {on_hold}"),
        &format!("orders release {on_hold}"),
        &format!("orders dismiss {UNMAPPED}"),
        &format!("orders restore {UNMAPPED}"),
        &format!("orders dismiss {UNMAPPED}"),
        &format!("orders erase {UNMAPPED}"),
        "notify flush",
        "purge",
        "rekey",
        "backup copy.db",
        "restore earlier.db --force",
        "init --force",
    ] {
        if line == "purge" {
            // Not before: a poll forgets buyers, too.
            age(&shop);
        }
        let words: Vec<&str> = line.split(' ').collect();
        let dry: Vec<&str> = words.iter().copied().chain(["--dry-run"]).collect();
        let (mut before, sent) = (state(&shop), shop.log().mutating());
        let document = {
            let with_json: Vec<&str> = dry.iter().copied().chain(["--json"]).collect();
            let ran = shop.mcf(&with_json);
            assert!([0, 3].contains(&ran.code), "{line}: {ran:?}");
            ran.json()
        };
        let is_dry = [&document["dryRun"], &document["run"]["dryRun"]];
        assert!(is_dry.contains(&&Value::Bool(true)), "A10: {line}: {document}");
        let text = shop.mcf(&dry);
        assert!(!text.stdout.is_empty(), "A10: {line} prints no plan: {text:?}");
        assert_eq!(shop.log().mutating(), sent, "A10: {line}");
        assert!(state(&shop) == before, "A10: {line} changed something");
        let ran = shop.mcf(&words);
        assert!([0, 3].contains(&ran.code), "{line}: {ran:?}");
        let mut after = state(&shop);
        if line != "notify flush" {
            for table in DIARY {
                before.tables.remove(table);
                after.tables.remove(table);
            }
        }
        // The second of two equal commands finds it done.
        assert!(
            after != before || shop.log().mutating() != sent || line == "sync-inventory --force",
            "A10: {line} had nothing to do, so that its dry run proves nothing"
        );
    }
}
