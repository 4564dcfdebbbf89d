//! How much the database grows by an order that has ended, with its history, calls and events, and what is left of it after a purge.

#[path = "../../benches/size/chain.rs"]
mod chain;
#[path = "../../benches/size/grow.rs"]
mod grow;

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use super::test_shop::{TestShop, new_world};
use grow::{Added, grow};

const ORDERS: u64 = 3_000;

/// The bytes that an order of the demo takes: at its end, with its buyer, and once all is purged that may be.
const AT_ITS_END: u64 = 7_100;
const PURGED: u64 = 4_850;

fn size(database: &Path) -> u64 {
    let connection = Connection::open(database).expect("a database");
    connection
        .execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("vacuumed");
    let query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let size: i64 = connection.query_row(query, [], |row| row.get(0)).expect("a size");
    size.unsigned_abs()
}

#[test]
fn an_order_that_has_ended_takes_no_more_than_it_may_and_its_history_stays_whole() {
    let shop = TestShop::bare(new_world());
    shop.mcf(&["demo", "--keep", "played"]).ends_with(0);
    let folder = shop.database().parent().expect("a folder").join("played");
    let database = folder.join("mcf.db");
    let before = size(&database);
    grow(&database, &Added::Ended(ORDERS.cast_signed()));
    let each = |size: u64| (size - before) / ORDERS;
    let at_the_end = each(size(&database));
    assert!(at_the_end <= AT_ITS_END, "{at_the_end} bytes an order");
    grow(&database, &Added::Open(4));
    let config = folder.join("config.toml").display().to_string();
    let told = |arguments: &[&str]| -> Value {
        let arguments = [&["--config", &config, "--json"], arguments].concat();
        let later = [("MCF_NOW", "2027-06-01T00:00:00Z")];
        shop.mcf_with(&later, &arguments).ends_with(0).json()
    };
    let proof = told(&["status", "--verify-audit"]);
    assert!(proof["audit"]["calls"].as_u64() >= Some(8 * ORDERS), "{proof}");
    told(&["purge"]);
    let purged = each(size(&database).max(before));
    assert!(purged <= PURGED, "{purged} bytes an order after its purge");
    let proof = told(&["status", "--verify-audit"]);
    assert!(proof["audit"]["droppedCalls"].as_u64() >= Some(8 * ORDERS), "{proof}");
    let order = told(&["status", "577000000000000000"]);
    assert_eq!(
        order["history"][0]["text"],
        "8 API calls up to its end were dropped by purge"
    );
}
