//! Multiplies an order that the demo finished, in SQL, whatever the tables are: a column is an id, a time or kept as it is. A million
//! orders take a minute or two.

use std::path::Path;

use mcf_connector::store::vault::{Place, Vault};
use rusqlite::{Connection, params};

use super::chain::chain_anew;

/// What each column of a copied row becomes: `n.id` is the new order's id, `n.i` its number, `n.back` how far it is moved back.
fn copied(table: &str, column: &str, is_row_number: bool) -> String {
    match (table, column) {
        ("orders", "id") | (_, "order_id") => "n.id".to_owned(),
        ("fulfillment_orders", "id") | (_, "fulfillment_order_id") => "'TTS-' || n.id".to_owned(),
        // What was due lately is counted by the next poll, what was due before that by none.
        ("orders", "counted_in") => {
            "CASE WHEN coalesce(t.scanned_by, t.ship_by) - n.back < unixepoch() - 32 * 86400 THEN 0 END".to_owned()
        }
        ("parcels", "id") | (_, "parcel_id") => "n.i".to_owned(),
        ("line_items", "id") | (_, "line_item_id") => format!("n.id || substr(t.{column}, -1)"),
        (_, "tracking_number" | "pushed_number" | "number") => "'TBA' || substr(n.id, 4)".to_owned(),
        _ if is_row_number => "NULL".to_owned(),
        _ => format!(
            "CASE WHEN typeof(t.{column}) = 'integer' AND t.{column} BETWEEN 1600000000 AND 4000000000 THEN t.{column} - n.back ELSE t.{column} END"
        ),
    }
}

/// Which orders are added to a database.
pub enum Added {
    /// So many that ended, a minute apart.
    Ended(i64),
    /// So many that are open: half of them at Amazon, half flagged.
    Open(i64),
}

/// Adds orders to a copy of the demo's database, its counters and its chain with them.
pub fn grow(database: &Path, added: &Added) {
    let connection = Connection::open(database).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA foreign_keys = off; PRAGMA cache_size = -400000;
             CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, id TEXT, back INTEGER);",
        )
        .expect("settings");
    let triggers = without_triggers(&connection);
    connection.execute_batch("BEGIN").expect("a transaction");
    match added {
        Added::Ended(orders) => {
            multiply(&connection, "completed", 577_000_000_000_000_000, *orders);
        }
        Added::Open(orders) => {
            let flagged = multiply(&connection, "flagged", 578_000_000_000_000_000, orders / 2);
            seal_anew(&connection, database, &flagged);
            let routed = multiply(&connection, "completed", 579_000_000_000_000_000, orders - orders / 2);
            seal_anew(&connection, database, &routed);
            connection.execute_batch(OPENED).expect("open orders");
        }
    }
    connection.execute_batch(COUNTED).expect("counters");
    chain_anew(&connection, database);
    connection.execute_batch("COMMIT").expect("committed");
    connection.execute_batch(&triggers.join(";")).expect("the triggers");
    connection
        .execute_batch("PRAGMA journal_mode = wal")
        .expect("as it was");
}

/// What was finished waits at Amazon again.
const OPENED: &str = "
    UPDATE orders SET state = 'routed' WHERE id >= '579';
    UPDATE fulfillment_orders SET ended_at = NULL, amazon_status = 'Processing' WHERE order_id >= '579';
    DELETE FROM parcels WHERE order_id >= '579';
    DELETE FROM parcel_items WHERE parcel_id NOT IN (SELECT id FROM parcels);
    DELETE FROM parcel_lines WHERE parcel_id NOT IN (SELECT id FROM parcels);
    DELETE FROM parcel_numbers WHERE parcel_id NOT IN (SELECT id FROM parcels);";

const COUNTED: &str = "
    DELETE FROM order_counts;
    INSERT INTO order_counts SELECT state, kind, count(*) FROM orders GROUP BY state, kind;
    DELETE FROM sold_counts;
    INSERT INTO sold_counts SELECT hour, sku, sum(quantity) FROM sold_items GROUP BY hour, sku;
    DELETE FROM latency_totals;
    INSERT INTO latency_totals SELECT what, up_to, count(*), sum(took), max(took) FROM latencies GROUP BY what, up_to;
    DELETE FROM call_totals;
    INSERT INTO call_totals SELECT peer, operation, up_to_ms, count(*), sum(is_error), sum(is_unknown), sum(duration_ms), max(duration_ms)
        FROM call_figures GROUP BY peer, operation, up_to_ms;";

fn without_triggers(connection: &Connection) -> Vec<String> {
    let triggers = texts(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name",
    );
    let sources = texts(
        connection,
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name",
    );
    for trigger in triggers {
        connection
            .execute_batch(&format!("DROP TRIGGER {trigger}"))
            .expect("a trigger less");
    }
    sources
}

fn multiply(connection: &Connection, state: &str, first: i64, orders: i64) -> String {
    let chosen = "SELECT id FROM orders WHERE state = ?1 AND (?1 <> 'completed' OR
        (SELECT count(*) FROM parcels WHERE order_id = orders.id) = 1) ORDER BY id LIMIT 1";
    let order: String = connection
        .query_row(chosen, [state], |row| row.get(0))
        .expect("an order");
    connection.execute_batch("DELETE FROM n").expect("emptied");
    for number in 0..orders {
        let values = params![
            number + first / 1_000_000_000,
            (first + number * 1_009).to_string(),
            (orders - number) * 60
        ];
        connection
            .prepare_cached("INSERT INTO n VALUES (?1, ?2, ?3)")
            .and_then(|mut insert| insert.execute(values))
            .expect("a number");
    }
    for table in texts(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    ) {
        copy(connection, &table, &order);
    }
    order
}

fn copy(connection: &Connection, table: &str, order: &str) {
    let columns: Vec<(String, bool)> = connection
        .prepare(&format!(
            "SELECT name, type = 'INTEGER' AND pk = 1 FROM pragma_table_info('{table}')"
        ))
        .and_then(|mut list| list.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .expect("columns");
    let has = |wanted: &str| columns.iter().any(|(name, _)| name == wanted);
    let of_order = match table {
        "orders" => "t.id = ?1",
        _ if has("order_id") => "t.order_id = ?1",
        _ if has("fulfillment_order_id") => {
            "t.fulfillment_order_id IN (SELECT id FROM fulfillment_orders WHERE order_id = ?1)"
        }
        _ if has("parcel_id") => "t.parcel_id IN (SELECT id FROM parcels WHERE order_id = ?1)",
        _ => return,
    };
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|(name, is_key)| copied(table, name, *is_key))
        .collect();
    let insert = format!(
        "INSERT INTO {table} ({}) SELECT {} FROM n CROSS JOIN (SELECT * FROM {table} AS t WHERE {of_order}) AS t ORDER BY n.i",
        names.join(", "),
        values.join(", ")
    );
    let done = connection.execute(&insert, [order]);
    assert!(done.is_ok(), "{table}: {done:?}");
}

/// What is opened of an open order is sealed for its own row; of those that ended nothing is opened.
fn seal_anew(connection: &Connection, database: &Path, original: &str) {
    let vault = Vault::beside(database, false).expect("the key");
    for (table, column, row) in [
        ("orders", "recipient_sealed", ""),
        ("fulfillment_orders", "body_sealed", "TTS-"),
        ("fulfillment_orders", "draft_sealed", "TTS-"),
    ] {
        let sealed = format!("SELECT {column} FROM {table} WHERE id = ?1");
        let first = format!("{row}{original}");
        let found: Option<Option<Vec<u8>>> = connection.query_row(&sealed, [&first], |row| row.get(0)).ok();
        let Some(sealed) = found.flatten() else { continue };
        let plain = vault.open(&sealed, Place::new(table, column, &first)).expect("opened");
        let update = format!("UPDATE {table} SET {column} = ?2 WHERE id = ?1");
        for copy in texts(connection, &format!("SELECT '{row}' || id FROM n")) {
            let sealed = vault.seal(&plain, Place::new(table, column, &copy)).expect("sealed");
            connection.execute(&update, params![copy, sealed]).expect("kept");
        }
    }
}

fn texts(connection: &Connection, query: &str) -> Vec<String> {
    connection
        .prepare(query)
        .and_then(|mut list| list.query_map([], |row| row.get(0))?.collect())
        .expect("texts")
}
