//! Starting the real binary so that it can be killed, and the invariants I1 to I14 as far as database and log show them.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use mcf_connector::sandbox::World;
use rusqlite::Connection;

use super::invariants::breaches;
use super::test_shop::TestShop;
use crate::unhurried::unhurried;

/// Returns a command at the shop's instant, not yet started.
pub fn command(shop: &TestShop, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcf"));
    command
        .env_clear()
        .env("HOME", shop.folder.path())
        .env("MCF_NOW", shop.now.to_rfc3339())
        .current_dir(shop.folder.path())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Lets the vendors admit so many calls that only the program's own steps take time.
pub fn hurry(world: &mut World) {
    unhurried(world);
    for stock in world.amazon.stock.values_mut().filter(|stock| stock.fulfillable > 0) {
        stock.fulfillable = 100_000;
    }
}

/// Writes the shop's configuration anew, with TikTok's limit as high as it may be set.
pub fn hurry_config(shop: &TestShop) {
    let text = std::fs::read_to_string(shop.config()).expect("a file");
    let text = text.replacen("[tiktok]\n", "[tiktok]\nrequests_per_minute = 3000\n", 1);
    std::fs::write(shop.config(), text).expect("a file");
}

pub fn database(shop: &TestShop) -> Connection {
    Connection::open(shop.database()).expect("a database")
}

/// Returns what must never be so, whatever happened before.
pub fn violations(shop: &TestShop) -> Vec<String> {
    let mut found = damage(shop);
    found.extend(breaches(&shop.sandbox.world()));
    found
}

/// I9: the file is whole and nobody else can read it.
fn damage(shop: &TestShop) -> Vec<String> {
    let connection = database(shop);
    let mut found = Vec::new();
    let whole: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check");
    if whole != "ok" {
        found.push(format!("I9: {whole}"));
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check").expect("a check");
    if statement.query([]).expect("a check").next().expect("a check").is_some() {
        found.push("I9: a reference leads nowhere".to_owned());
    }
    for name in ["mcf.db", "mcf.db.key"] {
        let path = shop.folder.path().join(name);
        let mode = std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        if mode != 0o600 {
            found.push(format!("I9: {name} has the mode {mode:o}"));
        }
    }
    found
}

/// Returns the states of all orders.
pub fn states(shop: &TestShop) -> BTreeMap<String, String> {
    let connection = database(shop);
    let mut statement = connection.prepare("SELECT id, state FROM orders").expect("a query");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("rows")
}

/// Returns how many orders have which flag.
pub fn flags(shop: &TestShop) -> BTreeMap<String, u32> {
    let connection = database(shop);
    let mut statement = connection
        .prepare("SELECT detail, count(*) FROM flags GROUP BY detail")
        .expect("a query");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("rows")
}

/// I2 and the tracking on both sides: what must be so when all is over.
pub fn loose_ends(shop: &TestShop) -> Vec<String> {
    let states = states(shop);
    let world = shop.sandbox.world();
    let mut found = Vec::new();
    for id in world.tiktok.orders.keys().filter(|id| !states.contains_key(*id)) {
        found.push(format!("I2: {id} is lost"));
    }
    for (id, state) in &states {
        if !["completed", "flagged", "cancelled", "not_eligible"].contains(&state.as_str()) {
            found.push(format!("I2: {id} is left {state}"));
        }
        if state != "completed" {
            continue;
        }
        let ours: Vec<_> = world
            .amazon
            .orders
            .iter()
            .filter(|order| order.text("/displayableOrderId") == Some(id))
            .collect();
        let numbers: BTreeSet<&str> = ours
            .iter()
            .flat_map(|order| &order.shipments)
            .flat_map(|shipment| &shipment.parcels)
            .filter_map(|parcel| parcel.tracking_number.as_deref())
            .collect();
        let packages = world.tiktok.packages.values();
        let told: BTreeSet<&str> = packages
            .filter(|package| package.order_id == *id)
            .map(|package| package.tracking_number.as_str())
            .collect();
        if ours.len() != 1 || numbers != told {
            found.push(format!(
                "I7: {id}: {} orders, {numbers:?} at Amazon, {told:?} at TikTok",
                ours.len()
            ));
        }
    }
    found
}

/// Returns everything that a second run must leave as it is (I14).
fn contents(shop: &TestShop) -> Vec<String> {
    let connection = database(shop);
    let mut rows = Vec::new();
    for query in [
        "SELECT 'order', id, state, state_detail, '' FROM orders ORDER BY id",
        "SELECT 'flag', order_id, reason, detail, '' FROM flags ORDER BY order_id, reason, detail",
        "SELECT 'intent', id, outcome, attempts, amazon_status FROM fulfillment_orders ORDER BY id",
        "SELECT 'parcel', order_id, state, tracking_number, pushed_number FROM parcels ORDER BY id",
        "SELECT 'stock', sku_id, warehouse_id, quantity, '' FROM listing_stock ORDER BY sku_id, warehouse_id",
    ] {
        let mut statement = connection.prepare(query).expect("a query");
        let found = statement.query_map([], |row| {
            let cell = |index| row.get::<_, rusqlite::types::Value>(index);
            Ok(format!(
                "{:?} {:?} {:?} {:?} {:?}",
                cell(0)?,
                cell(1)?,
                cell(2)?,
                cell(3)?,
                cell(4)?
            ))
        });
        rows.extend(found.expect("rows").map(|row| row.expect("a row")));
    }
    rows
}

/// I14: everything once more changes nothing and sends no mutation.
pub fn replay(shop: &TestShop, found: &mut Vec<String>) {
    let (before, mutating) = (contents(shop), shop.log().mutating());
    for name in ["poll", "sync-tracking", "sync-inventory"] {
        shop.mcf(&[name]);
    }
    let after = contents(shop);
    for row in after.iter().filter(|row| !before.contains(row)) {
        found.push(format!("I14: {row}"));
    }
    if shop.log().mutating() > mutating {
        found.push("I14: a second run sent a mutation".to_owned());
    }
}
