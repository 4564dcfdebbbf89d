//! What a program left in the queue of its events, read beside it.

use std::path::Path;

use serde_json::Value;

/// The data of all events of a kind, oldest first.
pub fn events(database: &Path, kind: &str) -> Vec<Value> {
    let database = rusqlite::Connection::open(database).expect("the database");
    let mut statement = database
        .prepare("SELECT data FROM events WHERE kind = ?1 ORDER BY id")
        .expect("a query");
    let rows = statement
        .query_map([kind], |row| row.get::<_, String>(0))
        .expect("rows");
    rows.map(|data| serde_json::from_str(&data.expect("a row")).expect("JSON"))
        .collect()
}
