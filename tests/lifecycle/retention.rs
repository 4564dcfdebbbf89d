//! How long buyers are remembered, and what is said before they are forgotten (E120).

use mcf_connector::sandbox::scenario::OrderKind;
use rusqlite::Connection;
use serde_json::Value;

use super::test_shop::{FIRST, TestShop};

const DAY: i64 = 24 * 60;

/// An order whose parcel left and was told, and of which Amazon says this four days later.
fn sent(word: &str) -> TestShop {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(60, 3);
    shop.good(&["sync-tracking"]);
    {
        let mut world = shop.sandbox.world();
        let orders = world.amazon.orders.iter();
        let parcels = orders
            .flat_map(|order| &order.shipments)
            .flat_map(|shipment| &shipment.parcels);
        let numbers: Vec<u32> = parcels.map(|parcel| parcel.number).collect();
        for number in numbers {
            world.amazon.whereabouts.insert(number, word.to_owned());
        }
    }
    shop.pass(DAY * 4, 0);
    shop.good(&["sync-tracking"]);
    shop
}

fn buyers(shop: &TestShop) -> i64 {
    let database = Connection::open(shop.database()).expect("a database");
    let query =
        "SELECT (SELECT count(recipient_sealed) FROM orders) + (SELECT count(body_sealed) FROM fulfillment_orders)";
    database.query_row(query, [], |row| row.get(0)).expect("a number")
}

fn notes(ran: &Value) -> String {
    ran["notes"].to_string()
}

#[test]
fn a_poll_forgets_the_buyers_whose_retention_is_over_and_says_so_once_e120() {
    let mut shop = sent("DELIVERED");
    shop.pass(DAY * 24, 0);
    assert!(!notes(&shop.poll()).contains("erased"));
    assert_eq!(
        buyers(&shop),
        1,
        "25 days after delivery, not before; what was sent goes when all of it is told"
    );
    shop.pass(DAY * 2, 0);
    let dry = shop.good(&["poll", "--dry-run"]);
    assert!(
        !notes(&dry).contains("erased") && buyers(&shop) == 1,
        "a dry run: {dry}"
    );
    let ran = shop.poll();
    assert!(
        notes(&ran).contains("erased the buyers of 1 orders, 25 days after"),
        "{ran}"
    );
    assert_eq!(buyers(&shop), 0);
    assert!(!notes(&shop.poll()).contains("erased"), "a word only if something was");
    shop.mcf(&["status", "--verify-audit"]).ends_with(0);
}

#[test]
fn a_claim_is_named_before_its_evidence_goes() {
    let mut shop = sent("UNDELIVERABLE");
    let evidence = |shop: &TestShop| -> Option<Value> {
        let status = shop.good(&["status"]);
        let rows = status["attention"].as_array().expect("rows").clone();
        rows.into_iter().find(|row| row["kind"] == "evidence")
    };
    assert_eq!(evidence(&shop), None);
    shop.pass(DAY * 21, 0);
    let row = evidence(&shop).expect("a row");
    assert_eq!((&row["orders"], &row["example"]), (&1.into(), &FIRST.into()), "{row}");
    let command = row["nextCommand"].as_str().expect("a command");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let saved = shop.mcf(&words).ends_with(0);
    assert!(saved.stdout.contains("\"address\""), "{saved:?}");
    shop.good(&["orders", "dismiss", FIRST, "--because", "claimed"]);
    assert_eq!(evidence(&shop), None, "it is settled");
}
