//! The same commands of a shop of 1,000 orders on both engines, side by side: what the way to a server costs.

use std::time::Instant;

use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};

use super::postgres::fresh_schema;
use super::test_shop::{TestShop, new_world};

const ORDERS: usize = 1_000;

fn shop() -> TestShop {
    let mut world = new_world();
    for stock in world.amazon.stock.values_mut() {
        stock.fulfillable = 100_000;
    }
    (0..ORDERS).for_each(|_| drop(world.place(OrderKind::Plain)));
    let shop = TestShop::bare(world);
    std::fs::write(shop.folder.path().join("mappings.csv"), MAPPINGS_CSV).expect("a file");
    let text = std::fs::read_to_string(shop.config()).expect("a file");
    let text = text.replacen("[tiktok]\n", "[tiktok]\nrequests_per_minute = 6000\n", 1);
    std::fs::write(shop.config(), text).expect("a file");
    shop
}

/// Types the commands of a day and returns how many seconds each took.
fn day(shop: &mut TestShop) -> Vec<(&'static str, f64)> {
    let mut figures = Vec::new();
    let mut types = |shop: &TestShop, line: &'static str| {
        let arguments: Vec<&str> = line.split(' ').collect();
        let begun = Instant::now();
        shop.mcf(&arguments).ends_with(0);
        figures.push((line, begun.elapsed().as_secs_f64()));
    };
    types(shop, "mappings import mappings.csv");
    for line in ["poll", "poll --quiet", "status"] {
        types(shop, line);
        shop.pass(65, 0);
    }
    types(shop, "poll");
    shop.pass(65, 3);
    for line in [
        "sync-tracking",
        "sync-tracking --quiet",
        "sync-inventory",
        "sync-inventory --quiet",
        "poll --quiet",
        "status",
        "orders list",
        "log --json",
        "status --verify-audit",
        "backup copy.db",
    ] {
        types(shop, line);
        shop.pass(1, 0);
    }
    figures
}

#[test]
#[ignore = "takes minutes: cargo test --release --test lifecycle -- --ignored --nocapture a_thousand_orders_on_both_engines"]
fn a_thousand_orders_on_both_engines() {
    let Some((url, schema)) = fresh_schema() else { return };
    let (mut file, mut server) = (shop(), shop());
    server.lies_on(&url, &schema);
    let pairs = day(&mut file).into_iter().zip(day(&mut server));
    println!(
        "{:<30} {:>9} {:>11} {:>6}",
        "command", "SQLite s", "PostgreSQL s", "ratio"
    );
    for ((line, file), (_, server)) in pairs {
        println!("{line:<30} {file:>9.2} {server:>11.2} {:>6.2}", server / file);
    }
}
