//! The commands that are cut off, each in a shop that leads to it.

use std::path::Path;

use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use rusqlite::Connection;

use super::super::older::older;
use super::super::test_shop::{FIRST, TestShop, new_world};

pub struct Scene {
    pub name: &'static str,
    pub shop: fn() -> TestShop,
    pub command: &'static [&'static str],
    /// Where its database lies.
    pub database: &'static str,
    /// What it writes beside the database: whole or not there, and there once it says so.
    pub outputs: &'static [&'static str],
    /// Whether the orders of before must still be there.
    pub keeps_orders: bool,
    /// Which syncs are missed when they are left out: by the file that they make durable.
    pub needs: &'static [&'static str],
    /// What else must be so in every image that was opened, and whether the command has said that it is done.
    pub also: fn(&Path, bool) -> Vec<String>,
}

const PLAIN: Scene = Scene {
    name: "",
    shop: polled,
    command: &[],
    database: "mcf.db",
    outputs: &[],
    keeps_orders: true,
    needs: &[],
    also: |_, _| Vec::new(),
};

const MORE_MAPPINGS: &str = "seller_sku,amazon_sku\nMUG-01,FBA-MUG\n";

pub const SCENES: [Scene; 16] = [
    Scene {
        name: "poll",
        shop: || TestShop::of(&[OrderKind::Plain, OrderKind::TwoParcels]),
        command: &["poll"],
        needs: &["mcf.db-wal"],
        ..PLAIN
    },
    Scene {
        name: "route",
        shop: || TestShop::of(&[OrderKind::Plain]),
        command: &["route", FIRST],
        needs: &["mcf.db-wal"],
        ..PLAIN
    },
    Scene {
        name: "cancellation",
        shop: || {
            let mut shop = polled();
            shop.sandbox.world().request_cancel(FIRST);
            shop.pass(5, 0);
            shop
        },
        command: &["poll"],
        ..PLAIN
    },
    Scene {
        name: "sync-tracking",
        shop: || {
            let mut shop = TestShop::of(&[OrderKind::TwoParcels]);
            shop.poll();
            shop.pass(30, 3);
            shop
        },
        command: &["sync-tracking"],
        needs: &["mcf.db-wal"],
        ..PLAIN
    },
    Scene {
        name: "sync-inventory",
        command: &["sync-inventory"],
        ..PLAIN
    },
    Scene {
        name: "hold",
        command: &["orders", "hold", FIRST],
        needs: &["mcf.db-wal"],
        ..PLAIN
    },
    Scene {
        name: "pause",
        command: &["pause"],
        needs: &["mcf.db-wal"],
        ..PLAIN
    },
    Scene {
        name: "import",
        shop: || {
            let shop = polled();
            std::fs::write(shop.folder.path().join("more.csv"), MORE_MAPPINGS).expect("a file");
            shop
        },
        command: &["mappings", "import", "more.csv"],
        needs: &["mcf.db-wal"],
        ..PLAIN
    },
    Scene {
        name: "first import",
        shop: || {
            let shop = TestShop::bare(new_world());
            std::fs::write(shop.folder.path().join("first.csv"), MAPPINGS_CSV).expect("a file");
            shop
        },
        command: &["mappings", "import", "first.csv"],
        needs: &["mcf.db.new", "draft", "folder"],
        ..PLAIN
    },
    Scene {
        name: "init",
        shop: || TestShop::bare(new_world()),
        command: &["--config", "made/config.toml", "init"],
        database: "made/mcf.db",
        outputs: &["made/config.toml"],
        needs: &["draft", "folder"],
        ..PLAIN
    },
    Scene {
        name: "backup",
        command: &["backup", "copy.db"],
        outputs: &["copy.db", "copy.db.key"],
        needs: &["draft", "folder"],
        ..PLAIN
    },
    Scene {
        name: "restore",
        shop: || {
            let mut shop = polled();
            shop.mcf(&["backup", "copy.db"]).ends_with(0);
            shop.mcf(&["rekey"]).ends_with(0);
            shop.sandbox.world().place(OrderKind::Plain);
            shop.pass(5, 0);
            shop.poll();
            shop
        },
        command: &["restore", "copy.db", "--force"],
        keeps_orders: false,
        needs: &["draft", "folder"],
        also: a_kept_copy_opens,
        ..PLAIN
    },
    Scene {
        name: "rekey",
        command: &["rekey"],
        needs: &["draft", "folder", "mcf.db-wal"],
        ..PLAIN
    },
    Scene {
        name: "purge",
        shop: || {
            let mut shop = TestShop::of(&[OrderKind::Cancelled, OrderKind::Plain]);
            shop.poll();
            shop.pass(40 * 24 * 60, 0);
            shop
        },
        command: &["purge"],
        ..PLAIN
    },
    Scene {
        name: "upgrade",
        shop: || {
            let shop = TestShop::bare(new_world());
            older(&shop.database(), 0);
            shop
        },
        command: &["status"],
        also: a_copy_of_before_opens,
        needs: &["mcf.db.before.new"],
        ..PLAIN
    },
    Scene {
        name: "report",
        command: &["report", "--output", "report.html"],
        outputs: &["report.html"],
        needs: &["draft", "folder"],
        ..PLAIN
    },
];

fn polled() -> TestShop {
    let shop = TestShop::of(&[OrderKind::Plain, OrderKind::Unmapped]);
    shop.poll();
    shop
}

/// What a restore replaced can be put back, once it says that it has replaced it.
fn a_kept_copy_opens(folder: &Path, is_said: bool) -> Vec<String> {
    let copies = copies(folder, "mcf.db.before-restore-");
    if is_said && copies.is_empty() {
        return vec!["what was replaced is not kept".to_owned()];
    }
    copies
        .iter()
        .filter(|copy| !is_whole(copy))
        .map(|copy| format!("{copy} is damaged"))
        .collect()
}

/// What a database was before its upgrade lies beside it, whole.
fn a_copy_of_before_opens(folder: &Path, _: bool) -> Vec<String> {
    let copies = copies(folder, "mcf.db.before-0");
    if copies.iter().any(|copy| is_whole(copy)) {
        return Vec::new();
    }
    vec![format!("no copy of before the upgrade is whole: {copies:?}")]
}

fn copies(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with(prefix) && !name.ends_with(".key") && !name.ends_with("-wal") && !name.ends_with("-shm")
    });
    named.map(|entry| entry.path().display().to_string()).collect()
}

fn is_whole(path: &str) -> bool {
    let checked = Connection::open(path)
        .and_then(|connection| connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)));
    checked.is_ok_and(|found| found == "ok") && std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}
