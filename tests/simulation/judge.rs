//! What must never be so, and what must be so after a good run and in the end, over the vendors and the database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use mcf_connector::sandbox::amazon::ShipmentStatus;
use mcf_connector::sandbox::{Entry, Operation, World};
use rusqlite::Connection;
use rusqlite::types::FromSql;

use super::in_process::Command;
use super::invariants::{at_amazon, breaches, is_dead, numbers_of};
use super::shop::{Shop, Went};
use super::slips;

/// What the database knew before a command.
#[derive(Default)]
pub struct Known {
    states: BTreeMap<String, String>,
    histories: BTreeMap<String, i64>,
}

impl Known {
    pub fn has(&self, order: &str) -> bool {
        self.states.contains_key(order)
    }

    fn of(connection: &Connection) -> Self {
        let counted = "SELECT order_id, count(*) FROM history GROUP BY order_id";
        Self {
            states: pairs(connection, "SELECT id, state FROM orders").into_iter().collect(),
            histories: pairs(connection, counted).into_iter().collect(),
        }
    }
}

fn pairs<T: FromSql>(connection: &Connection, query: &str) -> Vec<(String, T)> {
    let mut statement = connection.prepare_cached(query).expect("a query");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("rows").collect::<rusqlite::Result<_>>().expect("rows")
}

pub fn texts(connection: &Connection, query: &str) -> Vec<String> {
    let mut statement = connection.prepare_cached(query).expect("a query");
    let rows = statement.query_map([], |row| row.get(0));
    rows.expect("rows").collect::<rusqlite::Result<_>>().expect("rows")
}

pub fn first(found: Vec<String>) -> Result<(), String> {
    found.into_iter().next().map_or(Ok(()), Err)
}

/// What is wrong about a mutating request that has just arrived, before anything is done about it.
pub fn at_the_door(database: &Path, world: &World, entry: &Entry, by_hand: bool) -> Vec<String> {
    if !entry.mutating {
        return Vec::new();
    }
    let connection = Connection::open(database).expect("a database");
    // Other orders of the same run are written meanwhile; what waits for this answer is not done by then.
    connection.busy_timeout(Duration::from_secs(4)).expect("a time-out");
    let mut found = Vec::new();
    if connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_err() {
        found.push(format!("I5: a transaction is open during {:?}", entry.operation));
    }
    match entry.operation {
        Some(Operation::CreateFulfillmentOrder) => found.extend(before_a_create(&connection, world, entry, by_hand)),
        Some(Operation::MarkPackageShipped) => {
            found.extend(entry.ids.iter().filter_map(|order| slips::is_not_ours(world, order)));
            found.extend(slips::cancelled_unit_in(world, entry));
        }
        Some(Operation::ApproveCancellation | Operation::RejectCancellation) => {
            let asked = world
                .tiktok
                .cancellations
                .iter()
                .filter(|asked| entry.path.contains(&asked.id));
            found.extend(asked.filter_map(|asked| slips::for_a_point_is(world, &asked.order_id)));
        }
        _ => (),
    }
    found
}

/// DESIGN 5.1, 5.5: the intent is there, the last look was made, and nothing speaks against it.
fn before_a_create(connection: &Connection, world: &World, entry: &Entry, by_hand: bool) -> Vec<String> {
    let Some(id) = entry.ids.iter().find(|id| id.starts_with("TTS-")) else {
        return vec!["I1: a create without an id of ours".to_owned()];
    };
    let mut found = Vec::new();
    let intent = connection.query_row(
        "SELECT order_id, outcome IN ('intended', 'unknown') FROM fulfillment_orders WHERE id = ?1",
        [id],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)),
    );
    let Ok((order, is_open)) = intent else {
        return vec![format!("I5: the intent of {id} is not committed")];
    };
    if !is_open {
        found.push(format!("I5: the intent of {id} is settled already"));
    }
    let by_a_person = "SELECT held OR state = 'dismissed' FROM orders WHERE id = ?1";
    let is_kept: bool = connection
        .query_row(by_a_person, [&order], |row| row.get(0))
        .expect("an order");
    if is_kept {
        found.push(format!("{order} is created though a person holds or dismissed it"));
    }
    let is_paused = "SELECT count(*) > 0 FROM facts WHERE name = 'pause'";
    if !by_hand && connection.query_row(is_paused, [], |row| row.get(0)).expect("a fact") {
        found.push(format!("{order} is created in a pause"));
    }
    found.extend(against_it(world, &order));
    found.extend(slips::is_not_ours(world, &order));
    if !was_looked_at(world, &order) {
        found.push(format!("I5: {order} is created without a last look"));
    }
    found
}

/// What TikTok has against a create.
fn against_it(world: &World, id: &str) -> Option<String> {
    let order = world.tiktok.orders.get(id)?;
    let is_asked = order.cancel_requested_at.is_some();
    (order.status != "AWAITING_SHIPMENT" || is_asked).then(|| {
        format!(
            "{id} is created though TikTok has it {}, cancellation asked: {is_asked}",
            order.status
        )
    })
}

/// TikTok was asked for this one order in the last minute: one look for many does not count.
fn was_looked_at(world: &World, order: &str) -> bool {
    let now = world.now();
    let newest = world.log.entries().iter().rev();
    let mut looks = newest
        .take_while(|entry| now - entry.at < TimeDelta::minutes(1))
        .filter(|entry| entry.operation == Some(Operation::GetOrders));
    looks.any(|look| look.ids == [order])
}

/// What must be so after every command, however it went.
pub fn after_each(shop: &Shop, before: &Known, lead: TimeDelta) -> Result<Known, String> {
    let connection = shop.connection();
    let after = Known::of(&connection);
    let world = shop.sandbox.world();
    let mut found = breaches(&world);
    found.retain(|breach| !breach.contains(slips::TYPED));
    for (id, state) in &before.states {
        match after.states.get(id) {
            None => found.push(format!("I2: {id} is gone from the database")),
            Some(now) if now != state && after.histories.get(id) == before.histories.get(id) => {
                found.push(format!("I11: {id} went from {state} to {now} without a word"));
            }
            Some(_) => (),
        }
    }
    for (id, state) in &after.states {
        found.extend(against_amazon(&world, id, state));
    }
    if lead.is_zero() {
        found.extend(in_the_future(&connection, shop.now.timestamp() + 180));
    }
    first(found).map(|()| after)
}

/// E138: what is restored comes back where Amazon has it, and not at its beginning.
pub fn after_restoring(shop: &Shop, order: &str) -> Result<(), String> {
    let wrong = format!(
        "SELECT 'E138: {order} is restored, and ' || state FROM orders LEFT JOIN fulfillment_orders ON order_id = orders.id
         WHERE orders.id = '{order}' AND (state = 'dismissed' OR state IN ('detected', 'waiting', 'ready') AND outcome = 'accepted')"
    );
    first(texts(&shop.connection(), &wrong))
}

/// I4: what the database says of an order is what Amazon has.
fn against_amazon(world: &World, id: &str, state: &str) -> Option<String> {
    let count = at_amazon(world, id).count();
    let is_alive = at_amazon(world, id).any(|order| !is_dead(order));
    match state {
        "routed" | "shipped" | "completed" if count == 0 => {
            Some(format!("I4: {id} is {state}, and Amazon has nothing of it"))
        }
        "cancelled" if is_alive => Some(format!("I4: {id} is cancelled, and Amazon goes on with it")),
        _ => None,
    }
}

/// I16: no stored time lies ahead, but for what is due then, or is a vendor's own.
fn in_the_future(connection: &Connection, latest: i64) -> Vec<String> {
    let columns = "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND columns.type = 'INTEGER'
            AND (columns.name = 'at' OR columns.name GLOB '*_at' OR columns.name GLOB '*_since')
            AND columns.name NOT IN ('next_attempt_at', 'release_at', 'due_at', 'access_expires_at', 'refresh_expires_at')
            AND (tables.name, columns.name) NOT IN (VALUES ('parcels', 'shipped_at'), ('shipments', 'shipped_at'),
                ('speeds', 'latest_ship_at'), ('speeds', 'arrives_at'))";
    let ahead = |(table, column): &(String, String)| {
        let query = format!("SELECT count(*) FROM {table} WHERE {column} > ?1");
        let count: i64 = connection
            .query_row(&query, [latest], |row| row.get(0))
            .expect("a count");
        (count > 0).then(|| format!("I16: {table}.{column} lies ahead"))
    };
    pairs(connection, columns).iter().filter_map(ahead).collect()
}

/// E167, E168: Slack hears of a run in one message at most, of nothing idle, and of all that it is to hear, though it takes one message
/// a second.
pub fn after_telling(shop: &Shop, went: &Went) -> Result<(), String> {
    let heard = shop.slack.heard();
    if heard.len() > 1 {
        return Err(format!("E167: one run is {} messages", heard.len()));
    }
    let is_idle = |text: &&String| {
        ["The connector started", "The connector stopped"]
            .iter()
            .any(|word| text.contains(word))
    };
    if let Some(idle) = heard.iter().find(is_idle) {
        return Err(format!("E168: an idle word is told: {idle}"));
    }
    let waiting = texts(
        &shop.connection(),
        "SELECT endpoint FROM deliveries WHERE delivered_at IS NULL AND given_up_at IS NULL",
    );
    match went {
        Went::Well if !waiting.is_empty() => Err(format!("E167: {} events wait after a good run", waiting.len())),
        _ => Ok(()),
    }
}

/// What must be so when a command had nothing to complain of.
pub fn after_a_good_one(shop: &Shop, command: &Command, is_paused: bool) -> Result<(), String> {
    match command {
        Command::Poll => first(after_a_poll(shop, is_paused)),
        Command::SyncTracking => first(after_tracking(shop)),
        Command::SyncInventory | Command::Route(_) => Ok(()),
    }
}

/// Every order is known, and none that may go lies there.
fn after_a_poll(shop: &Shop, is_paused: bool) -> Vec<String> {
    let connection = shop.connection();
    let known: BTreeSet<String> = texts(&connection, "SELECT id FROM orders").into_iter().collect();
    let world = shop.sandbox.world();
    let missing = world.tiktok.orders.keys().filter(|id| !known.contains(*id));
    let mut found: Vec<String> = missing
        .map(|id| format!("I2: {id} is not known after a good poll"))
        .collect();
    if !is_paused {
        let left = texts(
            &connection,
            "SELECT id FROM orders WHERE state IN ('detected', 'ready') AND NOT held",
        );
        found.extend(left.iter().map(|id| format!("I2: {id} lies there after a good poll")));
    }
    found
}

/// Of what Amazon's list shows late, a sweep of orders by themselves hears within this time.
const SWEPT_WITHIN: TimeDelta = TimeDelta::hours(3);

/// Every number that Amazon has given is at TikTok, or a person was told why not.
fn after_tracking(shop: &Shop) -> Vec<String> {
    let connection = shop.connection();
    let query =
        "SELECT id FROM orders WHERE state IN ('cancelled', 'not_eligible') OR id IN (SELECT order_id FROM flags)
        OR id IN (SELECT order_id FROM acknowledged_flags) OR id IN (SELECT order_id FROM fulfillment_orders WHERE outcome <> 'accepted')";
    let excused: BTreeSet<String> = texts(&connection, query).into_iter().collect();
    // An older copy that came back knows nothing of the others before the next poll.
    let sent: BTreeSet<String> = texts(&connection, "SELECT order_id FROM fulfillment_orders")
        .into_iter()
        .collect();
    let world = shop.sandbox.world();
    let told: BTreeSet<(&str, &str)> = world
        .tiktok
        .packages
        .values()
        .map(|package| (package.order_id.as_str(), package.tracking_number.as_str()))
        .collect();
    let mut found = Vec::new();
    for order in &world.amazon.orders {
        let id = order.text("/displayableOrderId").unwrap_or_default();
        let left = order
            .shipments
            .iter()
            .any(|shipment| shipment.status == ShipmentStatus::Shipped);
        let is_ended = world
            .tiktok
            .orders
            .get(id)
            .is_none_or(|order| order.status == "CANCELLED");
        let is_listed_late = !world.settings.list_lag.is_zero() && world.now() - order.status_updated_at < SWEPT_WITHIN;
        let is_excused = is_ended || is_listed_late || excused.contains(id) || !sent.contains(id);
        if !left || is_excused || order.visible_from > world.now() {
            continue;
        }
        let late = numbers_of(order).filter(|number| !told.contains(&(id, number)));
        found.extend(late.map(|number| format!("I7: {number} of {id} is not told after a good sync-tracking")));
    }
    found
}

/// What must be so when all is over: every order has ended or a person knows of it, and both vendors have the same.
pub fn in_the_end(shop: &Shop) -> Result<(), String> {
    let connection = shop.connection();
    let mut found = after_a_poll(shop, false);
    found.extend(after_tracking(shop));
    found.extend(open(&connection).iter().map(|left| format!("I2: {left}")));
    let whole: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check");
    if whole != "ok" {
        found.push(format!("I9: {whole}"));
    }
    found.extend(shown_too_high(&shop.sandbox.world()));
    first(found)
}

/// TikTok's SKU, Amazon's, and how many units of it one is, by the demo's table.
const SHOWN: [(&str, &str, u32); 5] = [
    ("LAMP-BLK-01", "FBA-LAMP-BLK", 1),
    ("SOCK-3PK", "FBA-SOCK-1", 3),
    ("PAD-GRY", "FBA-PAD-GRY", 1),
    ("STAND-01", "FBA-STAND-01", 1),
    ("LAMP-WHT-01", "FBA-LAMP-WHT", 1),
];

pub fn nothing_is_shown_too_high(shop: &Shop) -> Result<(), String> {
    first(shown_too_high(&shop.sandbox.world()))
}

/// Stock is never shown beyond what Amazon has.
fn shown_too_high(world: &World) -> Vec<String> {
    let skus = world.tiktok.products.iter().flat_map(|product| &product.skus);
    let mut found = Vec::new();
    for sku in skus {
        let Some((_, amazon, units)) = SHOWN.iter().find(|(seller, ..)| *seller == sku.seller_sku) else {
            continue;
        };
        let real = world.amazon.stock.get(*amazon).map_or(0, |stock| stock.fulfillable) / units;
        let shown = mcf_connector::sandbox::scenario::MCF_WAREHOUSES
            .iter()
            .filter_map(|warehouse| sku.stock.get(*warehouse))
            .max();
        if shown.is_some_and(|shown| *shown > real) {
            found.push(format!(
                "{} is shown as {shown:?}, and Amazon has {real}",
                sku.seller_sku
            ));
        }
    }
    found
}

/// Returns the orders that have not ended and that no person knows of.
fn open(connection: &Connection) -> Vec<String> {
    let query = "SELECT id || ' is left ' || state || ' ' || ifnull(state_detail, '') FROM orders
        WHERE state NOT IN ('completed', 'cancelled', 'not_eligible', 'dismissed', 'flagged')
            AND id NOT IN (SELECT order_id FROM flags)";
    texts(connection, query)
}

pub fn is_quiet(shop: &Shop) -> bool {
    open(&shop.connection()).is_empty()
}

/// What happened to every order, and what was asked of the vendors.
pub fn history(shop: &Shop) -> Vec<String> {
    let query =
        "SELECT datetime(at, 'unixepoch') || ' ' || order_id || ' ' || kind || ': ' || text FROM history ORDER BY id";
    let mut lines = texts(&shop.connection(), query);
    let log = shop.sandbox.log();
    lines.extend(log.entries().iter().map(|entry| {
        let operation = entry.operation.map(|operation| format!("{operation:?}"));
        format!("{} {operation:?} {:?} {:?}", entry.at, entry.ids, entry.status)
    }));
    lines
}

pub fn is_paused(shop: &Shop) -> bool {
    !texts(&shop.connection(), "SELECT name FROM facts WHERE name = 'pause'").is_empty()
}

pub fn any_is_held(shop: &Shop) -> bool {
    !texts(&shop.connection(), "SELECT id FROM orders WHERE held").is_empty()
}

/// What a second run must leave as it is.
pub fn contents(shop: &Shop) -> Vec<String> {
    let connection = shop.connection();
    let queries = [
        "SELECT 'order ' || id || state || ifnull(state_detail, '') FROM orders",
        "SELECT 'flag ' || order_id || reason || detail FROM flags",
        "SELECT 'intent ' || id || outcome || attempts FROM fulfillment_orders",
        "SELECT 'parcel ' || order_id || state || ifnull(tracking_number, '') || ifnull(pushed_number, '') FROM parcels",
        "SELECT 'stock ' || sku_id || warehouse_id || quantity FROM listing_stock",
    ];
    queries.iter().flat_map(|query| texts(&connection, query)).collect()
}

/// What a program would do that loses the newest order.
pub fn forget_one(shop: &Shop) {
    let connection = shop.connection();
    connection
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             DELETE FROM orders WHERE id = (SELECT max(id) FROM orders)",
        )
        .expect("forgotten");
}
