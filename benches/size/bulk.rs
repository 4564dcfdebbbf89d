//! What goes through many rows once: imports and exports, against what `sqlite3` does to the same rows, and the proof of the history.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::process::{once, run};
use crate::{heading, show};

/// A table of the same columns with the keys that `mcf mappings import` fills.
const SAME_KEYS: &str =
    "CREATE TABLE m (product, sku, seller_sku TEXT, amazon_sku TEXT, quantity, bundle, speed, safety, enabled);
    CREATE UNIQUE INDEX valid ON m (seller_sku, amazon_sku); CREATE INDEX by_sku ON m (amazon_sku);";

const HEADER: &str =
    "tiktok_product_id,tiktok_sku_id,seller_sku,amazon_sku,quantity,bundle,shipping_speed,safety_stock,enabled";

/// Prints their rows of the table.
pub fn rows(mcf: &str, folder: &Path, many: &Path) {
    heading("command", "sqlite3", "mcf");
    mappings(mcf, folder);
    let query = "SELECT id, state, kind, tiktok_status, detected_at, paid_at, ship_by, (SELECT group_concat(tracking_number) FROM parcels
        WHERE order_id = orders.id) FROM orders ORDER BY detected_at DESC, id";
    let theirs = once("sqlite3", many, &["-csv", "mcf.db", query]);
    show("orders export", &theirs, &once(mcf, many, &["orders", "export"]), 1.5);
    let proof = once(mcf, many, &["status", "--verify-audit"]);
    println!(
        "status --verify-audit: {:.1} s, {:.1} MB",
        proof.median / 1_000.0,
        proof.peak_megabytes
    );
}

fn mappings(mcf: &str, folder: &Path) {
    let rows: u64 = std::env::var("MAPPINGS").map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let side = folder.join("mappings");
    let _ = fs::remove_dir_all(&side);
    fs::create_dir_all(&side).expect("a folder");
    for (name, head) in [("mappings.csv", Some(HEADER)), ("rows.csv", None)] {
        let mut file = std::io::BufWriter::new(fs::File::create(side.join(name)).expect("a file"));
        head.map_or(Ok(()), |head| writeln!(file, "{head}")).expect("a head");
        for row in 0..rows {
            writeln!(file, ",,SELLER-{row:08},FBA-{row:08},1,,,,true").expect("a row");
        }
        file.flush().expect("written");
    }
    run("sqlite3", &side, &["other.db", SAME_KEYS]);
    run(mcf, &side, &["status"]);
    let theirs = once("sqlite3", &side, &["other.db", ".import --csv rows.csv m"]);
    let ours = once(mcf, &side, &["mappings", "import", "mappings.csv"]);
    show("mappings import", &theirs, &ours, 2.0);
    let query = "SELECT tiktok_product_id, tiktok_sku_id, seller_sku, amazon_sku, quantity, bundle, shipping_speed, safety_stock, enabled
        FROM mappings WHERE to_import IS NULL ORDER BY key_kind, key, amazon_sku";
    let theirs = once("sqlite3", &side, &["-csv", "mcf.db", query]);
    show(
        "mappings export",
        &theirs,
        &once(mcf, &side, &["mappings", "export"]),
        1.5,
    );
}
