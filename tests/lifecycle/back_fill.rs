//! `poll --since`: a time is read once more, and nothing known is doubled (E132).

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::{FIRST, TestShop};

fn cursor(shop: &TestShop) -> Option<chrono::DateTime<chrono::Utc>> {
    let store = mcf_connector::store::Store::open(&shop.database()).expect("a database");
    store.cursor("tiktok.orders").expect("readable")
}

#[test]
fn a_time_that_is_read_once_more_doubles_nothing_and_leaves_the_cursor_e132() {
    let mut shop = TestShop::of(&[OrderKind::Plain, OrderKind::Plain]);
    shop.poll();
    let (before, creates) = (cursor(&shop), shop.log().count(Operation::CreateFulfillmentOrder));
    assert!(before.is_some());
    shop.pass(60 * 24 * 7, 0);
    let said = shop.good(&["poll", "--since", "2026-01-05"]);
    assert_eq!(said["counts"]["detected"].as_u64().unwrap_or(0), 0, "E132: {said}");
    assert_eq!(cursor(&shop), before, "E132");
    assert_eq!(
        shop.log().count(Operation::CreateFulfillmentOrder),
        creates,
        "E132: nothing known is doubled"
    );
}

#[test]
fn what_the_cursor_has_passed_is_found_by_the_time_that_names_it_e132() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.pass(60 * 24 * 4, 0);
    shop.poll();
    assert_eq!(
        shop.log().count(Operation::CreateFulfillmentOrder),
        0,
        "older than the first look"
    );
    shop.good(&["poll", "--since", "2026-01-04", "--until", "2026-01-05", "--dry-run"]);
    assert_eq!(shop.log().count(Operation::CreateFulfillmentOrder), 0);
    let before = cursor(&shop);
    let said = shop.good(&["poll", "--since", "2026-01-04", "--until", "2026-01-05"]);
    assert_eq!(said["counts"]["detected"], 1, "{said}");
    assert_eq!(shop.state(FIRST).to_string(), "routed");
    assert_eq!(cursor(&shop), before);
}

#[test]
fn the_future_no_date_a_reversed_time_and_an_end_alone_are_usage_a3_e132() {
    let shop = TestShop::of(&[]);
    for line in [
        &["poll", "--since", "2026-01-06"][..],
        &["poll", "--since", "2026-01-05", "--until", "2026-01-04"],
        &["poll", "--until", "2026-01-05"],
        &["poll", "--since", "yesterday!"],
        &["poll", "--since", "2026-02-30"],
    ] {
        shop.mcf(line).ends_with(2);
    }
}
