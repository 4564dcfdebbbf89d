//! What once slipped through: databases that are lost, copied back or somebody else's, locks, lists that are late or lead in
//! circles, parcels under one number, units that are cancelled, ZIPs of two states, vendors that blurt out a token.

use std::collections::BTreeMap;
use std::fs;

use mcf_connector::sandbox::amazon::{Plan, PlannedParcel};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::tiktok::Package;
use mcf_connector::sandbox::{Disturbance, Entry, Fault, Operation, World};
use mcf_connector::store::Lock;
use rusqlite::Connection;
use serde_json::json;

use super::in_process::{self, Command};
use super::invariants::{at_amazon, is_dead};
use super::judge::{first, texts};
use super::script::Wreck;
use super::shop::Shop;

/// Orders of which something must be so in the end.
#[derive(Default)]
pub struct Marked {
    one_number: Vec<String>,
    on_a_border: Vec<String>,
    cut: Vec<String>,
    /// A vendor refused what it would have taken.
    is_refused_at_random: bool,
}

/// Runs a command that must end badly and without a request.
fn must_refuse(shop: &Shop, command: &Command, why: &str) -> Result<(), String> {
    let calls = shop.sandbox.log().entries().len();
    let ran = in_process::run(&shop.config(), shop.now, command);
    if ran.is_ok() {
        return Err(format!("{command:?} works though {why}"));
    }
    if shop.sandbox.log().entries().len() > calls {
        return Err(format!("{command:?} asks a vendor though {why}"));
    }
    Ok(())
}

/// The database and its key, byte by byte.
fn files(shop: &Shop) -> BTreeMap<String, Option<Vec<u8>>> {
    let beside = |suffix: &str| format!("{}{suffix}", shop.database().display());
    let names = ["", "-wal", ".key"].map(beside);
    names.map(|name| (name.clone(), fs::read(name).ok())).into()
}

/// E174: what is lost is not taken for a first start.
pub fn on_a_wreck(shop: &Shop, command: &Command, wreck: Wreck) -> Result<(), String> {
    let database = shop.database();
    // Nothing of it lies in the log when it is lost.
    shop.connection()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("folded");
    let whole = fs::read(&database).expect("a database");
    match wreck {
        Wreck::Newer => write_newer(shop),
        Wreck::Gone => fs::remove_file(&database).expect("removed"),
        Wreck::CutTo(length) => fs::OpenOptions::new()
            .write(true)
            .open(&database)
            .and_then(|file| file.set_len(length))
            .expect("cut"),
    }
    let rest = files(shop);
    let refused = must_refuse(shop, command, "its database is lost or newer").and_then(|()| {
        let is_same = files(shop) == rest;
        is_same
            .then_some(())
            .ok_or_else(|| format!("E174: {command:?} makes another database"))
    });
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", database.display()));
    }
    fs::write(&database, whole).expect("put back");
    fs::set_permissions(&database, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    refused
}

/// The version stands in the log alone, as after a kill.
fn write_newer(shop: &Shop) {
    let writer = shop.connection();
    writer.execute_batch("PRAGMA user_version = 9999").expect("written");
    let files = files(shop);
    drop(writer);
    for (path, bytes) in files {
        fs::write(path, bytes.expect("a file")).expect("as it was");
    }
}

/// E02: two runs of one work do not run beside each other.
pub fn beside(shop: &Shop, command: &Command) -> Result<(), String> {
    let _locks = Lock::take_all(&shop.database(), shop.now).expect("free");
    must_refuse(shop, command, "another process works")
}

/// E176: the database belongs to one seller. Before it has met one, anybody may begin.
pub fn for_another(shop: &Shop, command: &Command) -> Result<(), String> {
    let bound = "SELECT id FROM fulfillment_orders WHERE outcome = 'unknown'";
    if texts(&shop.connection(), bound).is_empty() {
        return Ok(());
    }
    let right = fs::read_to_string(shop.config()).expect("a file");
    let seller = shop.sandbox.world().amazon.seller_id.clone();
    fs::write(shop.config(), right.replace(&seller, "A9OTHERSELLER")).expect("written");
    let calls = shop.sandbox.log().entries().len();
    let ran = in_process::run(&shop.config(), shop.now, command);
    fs::write(shop.config(), right).expect("written");
    if ran.is_ok() || shop.sandbox.log().entries().len() > calls {
        return Err(format!("E176: {command:?} works for another seller"));
    }
    Ok(())
}

/// E158: what was done is said, and nobody is told that another run did nothing.
pub fn beside_a_reader(shop: &Shop, purge: impl FnOnce() -> i32) -> Result<(), String> {
    let reader = shop.connection();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")
        .expect("a moment");
    let buyers = || {
        texts(
            &shop.connection(),
            "SELECT id FROM orders WHERE recipient_sealed IS NOT NULL",
        )
        .len()
    };
    let before = buyers();
    let code = purge();
    let gone = before - buyers();
    match (gone, code) {
        (0, 0) | (_, 6) => Ok(()),
        _ => Err(format!(
            "E158: a purge beside a reader erases {gone} buyers and ends with {code}"
        )),
    }
}

/// E136: both shipments bear one number.
pub fn with_one_number(shop: &Shop, marked: &mut Marked) -> String {
    let mut world = shop.sandbox.world();
    let id = world.place(OrderKind::SeveralUnits);
    let number = format!("1Z50V74203{}", &id[id.len() - 8..]);
    let parcel = |contents| PlannedParcel {
        carrier: "UPS".to_owned(),
        tracking_number: Some(number.clone()),
        amazon_tracking_number: None,
        contents,
    };
    let lamps = vec![("FBA-LAMP-BLK".to_owned(), 2)];
    let plan = Plan {
        parcels: vec![parcel(Some(lamps)), parcel(None)],
        ..Plan::default()
    };
    world.amazon.plans.insert(id.clone(), plan);
    marked.one_number.push(id.clone());
    id
}

/// D23: the post office of this ZIP serves two states.
pub fn on_a_border(shop: &Shop, marked: &mut Marked) -> String {
    let mut world = shop.sandbox.world();
    let id = world.place(OrderKind::Plain);
    let address = &mut world.tiktok.order_mut(&id).expect("an order").address;
    address.city = "Fort Campbell".to_owned();
    address.state = "Tennessee".to_owned();
    address.state_code = "TN".to_owned();
    address.postal_code = "42223".to_owned();
    marked.on_a_border.push(id.clone());
    id
}

/// The detail of the flag of an address whose ZIP no table has in its state.
pub const DOUBT: &str = "postal_code_state_mismatch";

/// D24: the buyer lives there, whatever the table says.
pub fn in_doubt(shop: &Shop) -> String {
    let mut world = shop.sandbox.world();
    let id = world.place(OrderKind::Plain);
    let address = &mut world.tiktok.order_mut(&id).expect("an order").address;
    address.postal_code = "42262".to_owned();
    id
}

pub fn is_in_doubt(shop: &Shop, order: &str) -> bool {
    let query = format!("SELECT order_id FROM flags WHERE order_id = '{order}' AND detail = '{DOUBT}'");
    !texts(&shop.connection(), &query).is_empty()
}

/// E131: somebody else ships it to a point.
pub fn for_a_point(shop: &Shop) -> String {
    let mut world = shop.sandbox.world();
    let id = world.place(OrderKind::Plain);
    let order = world.tiktok.order_mut(&id).expect("an order");
    order
        .overrides
        .insert("delivery_type".to_owned(), json!("COLLECTION_POINT"));
    id
}

/// A warehouse that is not in the configuration.
pub const ELSEWHERE: &str = "7068517275539729999";

/// How a number begins that a person types.
pub const TYPED: &str = "1ZTYPEDBYHAND";

/// E107: a person ships the whole order at TikTok before its number is told.
pub fn ship_by_hand(shop: &Shop, id: &str) {
    let mut world = shop.sandbox.world();
    let now = world.now();
    let Some(order) = world.tiktok.order_mut(id) else {
        return;
    };
    let is_untouched = order.lines.iter().all(|line| line.package_id.is_none());
    if order.status != "AWAITING_SHIPMENT" || order.cancel_requested_at.is_some() || !is_untouched {
        return;
    }
    let package = Package {
        id: format!("11539000000{}", &id[id.len() - 8..]),
        order_id: id.to_owned(),
        line_ids: order.live_lines().map(|line| line.id.clone()).collect(),
        tracking_number: format!("{TYPED}{}", &id[id.len() - 5..]),
        provider_id: "7117859084333745966".to_owned(),
        shipped_at: now,
        corrected: false,
        non_mcf: true,
    };
    let live = order.lines.iter_mut().filter(|line| line.display_status != "CANCELLED");
    for line in live {
        line.package_id = Some(package.id.clone());
        line.display_status = "AWAITING_COLLECTION".to_owned();
    }
    order.set_status("AWAITING_COLLECTION", now);
    world.tiktok.packages.insert(package.id.clone(), package);
}

fn is_by_hand(world: &World, order: &str) -> bool {
    let mut packages = world.tiktok.packages.values();
    packages.any(|package| package.order_id == order && package.tracking_number.starts_with(TYPED))
}

/// What speaks against a change at either vendor: TikTok's order is not ours to ship, or not any more.
pub fn is_not_ours(world: &World, order: &str) -> Option<String> {
    if let Some(point) = for_a_point_is(world, order) {
        return Some(point);
    }
    let at_tiktok = world.tiktok.orders.get(order)?;
    if is_by_hand(world, order) {
        return Some(format!("E107: {order} was shipped by hand, and is sent or told"));
    }
    (at_tiktok.warehouse_id == ELSEWHERE).then(|| format!("E144: {order} lies elsewhere, and is sent or told"))
}

/// Neither its order nor its cancellation is ours.
pub fn for_a_point_is(world: &World, order: &str) -> Option<String> {
    let at_tiktok = world.tiktok.orders.get(order)?;
    // Of what is cancelled already nobody takes anything.
    let is_for_a_point = at_tiktok.overrides.contains_key("delivery_type") && at_tiktok.status != "CANCELLED";
    is_for_a_point.then(|| format!("E131: {order} is for a collection point, and it or its cancellation is answered"))
}

/// E133: TikTok cancels one of several units, after Amazon was asked to send them all.
pub fn cancel_a_unit(shop: &Shop, id: &str, marked: &mut Marked) {
    let mut world = shop.sandbox.world();
    let now = world.now();
    let is_at_amazon = at_amazon(&world, id).any(|order| !is_dead(order) && order.shipments.is_empty());
    let Some(order) = world.tiktok.order_mut(id) else {
        return;
    };
    let is_open = order.status == "AWAITING_SHIPMENT" && order.cancel_requested_at.is_none();
    if !is_open || !is_at_amazon || order.live_lines().count() < 2 || marked.cut.iter().any(|cut| cut == id) {
        return;
    }
    let line = order.lines.last_mut().expect("a line");
    line.display_status = "CANCELLED".to_owned();
    let unit = line.id.clone();
    order.updated_at = now;
    world.tiktok.seller_cancels(id, unit, now);
    marked.cut.push(id.to_owned());
}

/// E128: a search whose next page is its first.
pub fn in_circles(world: &mut World, times: u32) {
    const FIRST_PAGE: &str = "cGFnZTow+Zk/9Q==";
    let circle = Fault::after(Disturbance::Patch {
        pointer: "/data/next_page_token".to_owned(),
        value: json!(FIRST_PAGE),
    });
    world.faults.script(Operation::SearchOrders, 1, times, circle);
}

/// H7, R32: a vendor's own words repeat what was never theirs, and where a buyer lives.
pub fn blurt(shop: &Shop, marked: &mut Marked) {
    marked.is_refused_at_random = true;
    let mut world = shop.sandbox.world();
    let token = world.amazon.refresh_token.clone();
    let street = world
        .tiktok
        .orders
        .values()
        .next_back()
        .map(|order| order.address.line1.clone());
    let street = street.unwrap_or_default();
    let message = format!("refused: {token} for {street}");
    let body = json!({"code": 21_022_003, "data": null, "message": message, "request_id": street});
    let blurted = Fault::before(Disturbance::Json { status: 400, body });
    for operation in [
        Operation::MarkPackageShipped,
        Operation::UpdateInventory,
        Operation::SearchOrders,
    ] {
        world.faults.script(operation, 1, 1, blurted.clone());
    }
}

/// E134: what is cancelled is told in no parcel.
pub fn cancelled_unit_in(world: &World, entry: &Entry) -> Option<String> {
    let units = world.tiktok.orders.values().flat_map(|order| &order.lines);
    let mut cancelled = units.filter(|unit| unit.display_status == "CANCELLED");
    let body = String::from_utf8_lossy(&entry.body);
    let told = cancelled.find(|unit| body.contains(&format!("\"{}\"", unit.id)))?;
    Some(format!("E134: unit {} is cancelled, and told as shipped", told.id))
}

/// E133: a poll tells of a cancelled unit while Amazon may still be stopped.
pub fn after_a_poll(shop: &Shop, marked: &Marked) -> Result<(), String> {
    let connection = shop.connection();
    let untold = marked.cut.iter().filter(|id| !is_cut_told(&connection, id));
    first(
        untold
            .map(|id| format!("E133: a unit of {id} is cancelled, and the poll says nothing"))
            .collect(),
    )
}

/// Whether a person hears of the unit, or that Amazon has something else of the order than was sent; or nothing goes on, as far as this
/// database knows, which may be an older copy.
fn is_cut_told(connection: &Connection, id: &str) -> bool {
    let query = format!(
        "SELECT order_id FROM history WHERE order_id = '{id}' AND kind = 'flag'
            AND (text LIKE '%cancel%' OR text LIKE '%other contents%')
         UNION ALL SELECT id FROM orders WHERE id = '{id}' AND state IN ('dismissed', 'cancelling', 'cancelled', 'not_eligible')"
    );
    !texts(connection, &query).is_empty()
}

/// What must be so of these orders when all is over.
pub fn in_the_end(shop: &Shop, marked: &Marked) -> Result<(), String> {
    let connection = shop.connection();
    let world = shop.sandbox.world();
    let is_over = |id: &str| {
        world
            .tiktok
            .orders
            .get(id)
            .is_none_or(|order| order.status == "CANCELLED")
    };
    let said = |id: &str, condition: &str| {
        let query = format!("SELECT text FROM history WHERE order_id = '{id}' AND kind = 'flag' AND {condition}");
        !texts(&connection, &query).is_empty()
    };
    let mut found = Vec::new();
    for id in marked
        .one_number
        .iter()
        .filter(|id| !is_over(id) && is_not_ours(&world, id).is_none())
    {
        if !marked.is_refused_at_random && said(id, "text LIKE '%TRACKING_REJECTED%'") {
            found.push(format!("E136: TikTok refuses the number of {id}"));
        }
    }
    for id in &marked.on_a_border {
        if said(id, &format!("text LIKE '%{DOUBT}%'")) {
            found.push(format!("D23: the address of {id} is refused"));
        }
    }
    for id in marked.cut.iter().filter(|id| !is_over(id)) {
        if !is_cut_told(&connection, id) {
            found.push(format!("E133: nobody is told that a unit of {id} was cancelled"));
        }
    }
    found.extend(secrets_in_the_open(shop, &world));
    first(found)
}

/// I10: no token and no buyer lies readable in the database or its log.
fn secrets_in_the_open(shop: &Shop, world: &World) -> Vec<String> {
    let tokens = [
        &world.amazon.refresh_token,
        &world.tiktok.tokens.access,
        &world.tiktok.tokens.refresh,
    ];
    let streets = world.tiktok.orders.values().map(|order| &order.address.line1);
    let secrets: Vec<&String> = tokens
        .into_iter()
        .chain(streets)
        .filter(|secret| !secret.is_empty())
        .collect();
    let mut found = Vec::new();
    for suffix in ["", "-wal"] {
        let bytes = fs::read(format!("{}{suffix}", shop.database().display())).unwrap_or_default();
        let lies_there = |secret: &&&String| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        let count = secrets.iter().filter(lies_there).count();
        found.extend((count > 0).then(|| format!("I10: {count} tokens or streets lie readable in mcf.db{suffix}")));
    }
    found
}
