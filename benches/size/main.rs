//! What whole commands cost with 1,000 and with many stored orders, side by side: `cargo bench --bench size`.
//!
//! Makes its own databases from an order that the demo finished (`ORDERS=1000000` of them, a minute apart), runs the release build against
//! them in turn and prints medians, ratios and peak memory beside their goals. Idle runs ask a sandbox on loopback that has no orders; for
//! the looks 2,000 open orders are added. See `benches/README.md`.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a figure that can't be taken ends the measurement"
)]

mod bulk;
mod chain;
mod grow;
mod page;
mod process;
mod routing;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use grow::{Added, grow};
use process::{Figures, Served, measure, run};

/// The program that is measured: the one that was built with this, or `MCF`.
static MCF: LazyLock<String> =
    LazyLock::new(|| std::env::var("MCF").unwrap_or_else(|_| env!("CARGO_BIN_EXE_mcf").to_owned()));
const FEW: i64 = 1_000;
const OPEN: i64 = 2_000;
const ROUNDS: usize = 5;

/// How many times as long a run with nothing to do may take with many orders as with few.
const IDLE: [(&[&str], f64); 3] = [(&["poll"], 1.2), (&["sync-tracking"], 1.2), (&["sync-inventory"], 1.2)];

/// The same of looks, with 2,000 orders open among the many.
const LOOKS: [(&[&str], f64); 8] = [
    (&["status"], 2.0),
    (&["status", "--check"], 2.0),
    (&["metrics"], 2.0),
    (&["orders", "list", "--limit", "100"], 2.0),
    (&["orders", "list", "--state", "completed", "--limit", "100"], 2.0),
    (&["orders", "list", "--find", "577000000000504"], f64::INFINITY),
    (&["report", "--yes", "--output", "report.html"], 2.0),
    (&["status", "577000000000504500"], 2.0),
];

fn main() {
    let folder = std::env::var("SIZE_FOLDER")
        .map_or_else(|_| Path::new(env!("CARGO_TARGET_TMPDIR")).join("size"), PathBuf::from);
    let many = std::env::var("ORDERS").map_or(1_000_000, |orders| orders.parse().expect("a number of orders"));
    let template = template(&folder);
    let vendors = Served::start(&MCF, &folder);
    against_true(&folder);
    let [few, many] = [FEW, many].map(|orders| database(&folder, &template, orders));
    heading("command", "few", "many");
    for folder in [&few, &many] {
        run("sqlite3", folder, &["mcf.db", LONG_TOLD]);
    }
    table(&IDLE, &few, &many);
    drop(vendors);
    for folder in [&few, &many] {
        run("sqlite3", folder, &["mcf.db", TOLD_LATELY]);
    }
    grow(&many.join("mcf.db"), &Added::Open(OPEN));
    table(&LOOKS, &few, &many);
    page::views(&MCF, &few, &many);
    bulk::rows(&MCF, &folder, &many);
    routing::new_orders(&MCF, &folder);
    page::readers(&MCF, &folder);
}

fn table(goals: &[(&[&str], f64)], few: &Path, many: &Path) {
    for (arguments, goal) in goals {
        let [few, many] = measure(ROUNDS, [(&MCF, few), (&MCF, many)], arguments);
        show(&arguments.join(" "), &few, &many, *goal);
    }
}

/// Plays the demo once and keeps its database.
fn template(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).expect("a folder");
    let _ = std::fs::remove_dir_all(folder.join("mcf-demo"));
    run(&MCF, folder, &["demo", "--keep"]);
    folder.join("mcf-demo")
}

/// Returns the folder of a database with so many orders that ended, made anew each time: a schema may have changed.
fn database(folder: &Path, template: &Path, ended: i64) -> PathBuf {
    let grown = folder.join(format!("orders-{ended}"));
    let _ = std::fs::remove_dir_all(&grown);
    std::fs::create_dir_all(&grown).expect("a folder");
    for file in ["mcf.db", "mcf.db.key"] {
        std::fs::copy(template.join(file), grown.join(file)).expect("a copy");
    }
    let file = grown.join("mcf.db");
    let size = |file: &Path| std::fs::metadata(file).expect("a file").len();
    let (before, start) = (size(&file), std::time::Instant::now());
    grow(&file, &Added::Ended(ended));
    println!(
        "{ended} orders in {:.0} s, {} bytes each",
        start.elapsed().as_secs_f64(),
        (size(&file) - before) / ended.unsigned_abs()
    );
    run("sqlite3", &grown, &["mcf.db", LONG_OVER]);
    grown
}

/// What a shop's own runs have done since to the orders that ended.
const LONG_OVER: &str = "UPDATE orders SET tiktok_status = 'COMPLETED', recipient_sealed = NULL WHERE state = 'completed';
    UPDATE line_items SET status = 'COMPLETED' WHERE order_id IN (SELECT id FROM orders WHERE state = 'completed');
    UPDATE parcels SET tags_read_at = synced_at, is_counted_non_mcf = 0, whereabouts = 'DELIVERED', whereabouts_at = synced_at + 80000
        WHERE synced_at IS NOT NULL;";

/// An order whose number TikTok got lately is read again, for Amazon may replace it: a run that has nothing to do has no such order.
const LONG_TOLD: &str = "UPDATE parcels SET synced_at = synced_at - 60 * 86400 WHERE synced_at IS NOT NULL";
const TOLD_LATELY: &str = "UPDATE parcels SET synced_at = synced_at + 60 * 86400 WHERE synced_at IS NOT NULL";

fn against_true(folder: &Path) {
    let empty = folder.join("empty");
    let _ = std::fs::remove_dir_all(&empty);
    std::fs::create_dir_all(&empty).expect("a folder");
    run(&MCF, &empty, &["status"]);
    heading("command", "/bin/true", "mcf");
    for (arguments, goal) in [(["--version"], 3.0), (["status"], 6.0)] {
        let [nothing, ours] = measure(51, [("/bin/true", &empty), (&MCF, &empty)], &arguments);
        show(arguments[0], &nothing, &ours, goal);
    }
}

/// The head of a table whose rows [`show`] prints.
pub fn heading(what: &str, few: &str, many: &str) {
    println!(
        "{what:52} {few:>11} {many:>11} {:>7} {:>6} {:>8}",
        "ratio", "goal", "peak"
    );
}

/// Prints one row: how long both took, how many times as long the second one did, and its peak memory.
pub fn show(what: &str, few: &Figures, many: &Figures, goal: f64) {
    let ratio = many.median / few.median;
    let verdict = if ratio <= goal { "" } else { "  above its goal" };
    println!(
        "{what:52} {:>8.1} ms {:>8.1} ms {ratio:>7.2} {goal:>6.1} {:>5.1} MB{verdict}",
        few.median, many.median, many.peak_megabytes
    );
}
