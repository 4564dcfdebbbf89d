//! `poll --since`: a time is read once more, and nothing known is doubled (E132).

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::road::{FIRST, Road};

fn cursor(road: &Road) -> Option<chrono::DateTime<chrono::Utc>> {
    let store = mcf_connector::store::Store::open(&road.database()).expect("a database");
    store.cursor("tiktok.orders").expect("readable")
}

#[test]
fn a_time_that_is_read_once_more_doubles_nothing_and_leaves_the_cursor_e132() {
    let mut road = Road::of(&[OrderKind::Plain, OrderKind::Plain]);
    road.poll();
    let (before, creates) = (cursor(&road), road.log().count(Operation::CreateFulfillmentOrder));
    assert!(before.is_some());
    road.pass(60 * 24 * 7, 0);
    let said = road.good(&["poll", "--since", "2026-01-05"]);
    assert_eq!(said["counts"]["detected"].as_u64().unwrap_or(0), 0, "E132: {said}");
    assert_eq!(cursor(&road), before, "E132");
    assert_eq!(
        road.log().count(Operation::CreateFulfillmentOrder),
        creates,
        "E132: nothing known is doubled"
    );
}

#[test]
fn what_the_cursor_has_passed_is_found_by_the_time_that_names_it_e132() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.pass(60 * 24 * 4, 0);
    road.poll();
    assert_eq!(
        road.log().count(Operation::CreateFulfillmentOrder),
        0,
        "older than the first look"
    );
    road.good(&["poll", "--since", "2026-01-04", "--until", "2026-01-05", "--dry-run"]);
    assert_eq!(road.log().count(Operation::CreateFulfillmentOrder), 0);
    let before = cursor(&road);
    let said = road.good(&["poll", "--since", "2026-01-04", "--until", "2026-01-05"]);
    assert_eq!(said["counts"]["detected"], 1, "{said}");
    assert_eq!(road.state(FIRST).to_string(), "routed");
    assert_eq!(cursor(&road), before);
}

#[test]
fn the_future_no_date_a_reversed_time_and_an_end_alone_are_usage_a3_e132() {
    let road = Road::of(&[]);
    for line in [
        &["poll", "--since", "2026-01-06"][..],
        &["poll", "--since", "2026-01-05", "--until", "2026-01-04"],
        &["poll", "--until", "2026-01-05"],
        &["poll", "--since", "yesterday!"],
        &["poll", "--since", "2026-02-30"],
    ] {
        road.mcf(line).ends_with(2);
    }
}
