//! Lists that come in pages: pages that fail, that are empty, that come twice or for ever, and tokens that die.

use chrono::TimeDelta;
use mcf_connector::domain::state::State;
use mcf_connector::jobs;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::test_shop::TestShop;

/// Orders that changed before the hours by which windows overlap: whoever loses them does not see them again by chance.
fn place_long_ago(shop: &TestShop, count: usize) {
    for _ in 0..count {
        let id = shop.place(OrderKind::Delivered);
        shop.change(&id, |order| order.updated_at -= TimeDelta::hours(6));
    }
}

#[test]
fn e03_a_page_that_fails_leaves_the_cursor_and_the_next_run_reads_all() {
    let mut shop = TestShop::open();
    place_long_ago(&shop, 120);
    let lost = Fault::before(Disturbance::Status {
        status: 500,
        retry_after: None,
    });
    shop.sandbox.world().faults.script(Operation::SearchOrders, 4, 50, lost);
    assert!(shop.poll().trouble.is_some(), "E03: no page failed");
    shop.sandbox.world().faults.clear();
    shop.pass(TimeDelta::hours(30));
    shop.good_poll();
    assert_eq!(shop.count(State::NotEligible), 120, "E03");
}

#[test]
fn e04_e07_the_first_run_imports_all_that_wait_over_empty_pages_too() {
    let shop = TestShop::open();
    for _ in 0..140 {
        shop.place(OrderKind::Delivered);
    }
    assert!(shop.sandbox.world().settings.empty_pages, "E07");
    assert_eq!(shop.good_poll().summary.counts["detected"], 140, "E04, E07");
}

/// The token of the first page in the sandbox: a list whose second page has it shows the same orders once more.
pub const FIRST_PAGE: &str = "cGFnZTow+Zk/9Q==";

fn next_page_is(token: &str) -> Fault {
    Fault::after(Disturbance::Patch {
        pointer: "/data/next_page_token".to_owned(),
        value: json!(token),
    })
}

#[test]
fn r8_an_order_on_two_pages_is_one_row_one_decision_and_one_create() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let twice = || {
        // The order lies in the third window of a day.
        shop.sandbox
            .world()
            .faults
            .script(Operation::SearchOrders, 3, 1, next_page_is(FIRST_PAGE));
    };
    twice();
    let dry = shop.dry_poll();
    let log = shop.sandbox.log();
    let pages: Vec<_> = log.of(Operation::SearchOrders).map(|entry| entry.status).collect();
    assert_eq!(pages, [Some(200); 5], "R8: the second page was refused");
    assert_eq!(dry.summary.counts["detected"], 1, "R8");
    assert_eq!(dry.summary.orders.len(), 1, "R8: {:?}", dry.summary.orders);
    twice();
    let run = shop.good_poll();
    assert_eq!((run.summary.counts["detected"], run.summary.orders.len()), (1, 1), "R8");
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1), "R8");
    assert_eq!(shop.sandbox.world().faults.pending(), 0);
}

fn dead_token() -> Fault {
    Fault::before(Disturbance::Json {
        status: 400,
        body: json!({ "code": 36_009_004, "message": "page_token has expired", "request_id": "r" }),
    })
}

#[test]
fn r9_a_page_token_that_dies_starts_the_search_again_in_the_same_run() {
    let shop = TestShop::open();
    place_long_ago(&shop, 140);
    // Two empty days, then a page of a hundred, an empty one, and the rest.
    shop.sandbox
        .world()
        .faults
        .script(Operation::SearchOrders, 5, 1, dead_token());
    let run = shop.good_poll();
    assert_eq!(shop.sandbox.world().faults.pending(), 0, "R9: no token died");
    assert_eq!(run.summary.counts["detected"], 140, "R9");
    assert_eq!(shop.count(State::NotEligible), 140, "R9");
}

#[test]
fn r9_a_token_that_always_dies_ends_the_search_and_leaves_the_cursor() {
    let mut shop = TestShop::open();
    place_long_ago(&shop, 140);
    // Each new start has a first page and an empty one before the token dies again.
    for call in [5, 8, 11] {
        shop.sandbox
            .world()
            .faults
            .script(Operation::SearchOrders, call, 1, dead_token());
    }
    let run = shop.poll();
    assert!(run.trouble.is_some(), "R9: the search went on for ever");
    assert_eq!(shop.sandbox.world().faults.pending(), 0, "R9");
    shop.pass(TimeDelta::hours(30));
    shop.good_poll();
    assert_eq!(shop.count(State::NotEligible), 140, "R9: the cursor had moved");
}

#[test]
fn r8_a_list_that_goes_round_in_circles_ends_and_stored_orders_are_still_decided() {
    let mut shop = TestShop::open();
    let ids: Vec<_> = (0..3).map(|_| shop.place(OrderKind::Plain)).collect();
    let same_token = Fault::after(Disturbance::Patch {
        pointer: "/data/next_page_token".to_owned(),
        value: json!("again"),
    });
    shop.sandbox
        .world()
        .faults
        .script(Operation::SearchOrders, 1, 1, same_token);
    let refused = Fault::before(Disturbance::Json {
        status: 200,
        body: json!({ "code": 0, "data": { "orders": [], "next_page_token": "again" }, "message": "Success", "request_id": "r" }),
    });
    shop.sandbox
        .world()
        .faults
        .script(Operation::SearchOrders, 1, 9, refused);
    shop.pass(TimeDelta::minutes(1));
    let finished = shop.poll();
    assert!(
        matches!(finished.trouble, Some(jobs::Error::PagesInCircle(_))),
        "R8: {:?}",
        finished.trouble
    );
    shop.sandbox.world().faults.clear();
    shop.good_poll();
    assert!(
        ids.iter().all(|id| shop.state(id) == State::Routed),
        "R8: nothing is lost"
    );
}

fn next_token_is(pointer: &str, token: &str) -> Fault {
    Fault::after(Disturbance::Patch {
        pointer: pointer.to_owned(),
        value: json!(token),
    })
}

/// Runs `work` while the first page of a list names a next page that the vendor has forgotten, and returns how many of its pages were
/// asked for.
fn with_a_dead_token<T>(shop: &TestShop, list: Operation, pointer: &str, work: impl FnOnce() -> T) -> (T, usize) {
    let before = shop.calls(list);
    shop.sandbox
        .world()
        .faults
        .script(list, 1, 1, next_token_is(pointer, "forgotten"));
    let result = work();
    assert_eq!(shop.sandbox.world().faults.pending(), 0, "R9: no token died");
    (result, shop.calls(list) - before)
}

#[test]
fn every_list_is_read_again_from_its_first_page_in_the_same_run_when_its_next_token_is_dead_r9() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::CancelRequested);
    let tiktok_token = "/data/next_page_token";
    let (run, pages) = with_a_dead_token(&shop, Operation::SearchCancellations, tiktok_token, || shop.poll());
    assert!(run.trouble.is_none(), "R9: {:?}", run.trouble);
    assert_eq!((shop.state(&id), pages), (State::Cancelled, 3), "R9");
    assert_eq!(
        shop.calls(Operation::ApproveCancellation),
        1,
        "R9: answered once for each reading"
    );

    let session = shop.session(false);
    let check = || jobs::check_mappings::check_listings(&session);
    let (unmapped, pages) = with_a_dead_token(&shop, Operation::SearchProducts, tiktok_token, check);
    let again = check().expect("listings");
    assert_eq!(
        (unmapped.expect("R9"), pages),
        (again, 3),
        "R9: listings are told twice"
    );

    let sent = shop.place(OrderKind::Plain);
    shop.good_poll();
    shop.pass(TimeDelta::minutes(5));
    let poll = || shop.poll();
    let (run, pages) = with_a_dead_token(&shop, Operation::ListAllFulfillmentOrders, "/payload/nextToken", poll);
    assert!(run.trouble.is_none(), "R9: {:?}", run.trouble);
    assert_eq!((shop.state(&sent), pages), (State::Routed, 3), "R9");
}

#[test]
fn e128_a_window_whose_page_leads_to_itself_does_not_keep_the_later_ones_from_being_read() {
    let mut shop = TestShop::open();
    let late = shop.place(OrderKind::Plain);
    // The first, empty window of a day shows its first page for ever.
    lead_in_circle(&shop);
    let run = shop.poll();
    assert_eq!(shop.sandbox.world().faults.pending(), 0, "E128: no page led to itself");
    assert!(
        matches!(run.trouble, Some(jobs::Error::PagesInCircle(_))),
        "E128: {:?}",
        run.trouble
    );
    assert_eq!((shop.state(&late), shop.creates()), (State::Routed, 1), "E128");
    let broken_from = shop.now - TimeDelta::hours(72);
    assert_eq!(
        cursor(&shop),
        Some(broken_from),
        "E128: the cursor left the broken window"
    );
    shop.pass(TimeDelta::hours(12));
    let other = shop.place(OrderKind::Plain);
    lead_in_circle(&shop);
    assert!(shop.poll().trouble.is_some(), "E128");
    assert_eq!(shop.state(&other), State::Routed, "E128: at every run");
    assert_eq!(cursor(&shop), Some(broken_from), "E128");
    shop.good_poll();
    assert!(cursor(&shop) > Some(broken_from), "E128: the window is whole again");
}

fn lead_in_circle(shop: &TestShop) {
    shop.sandbox
        .world()
        .faults
        .script(Operation::SearchOrders, 1, 2, next_page_is(FIRST_PAGE));
}

/// Up to when the search is known to have shown everything.
fn cursor(shop: &TestShop) -> Option<chrono::DateTime<chrono::Utc>> {
    shop.store().cursor("tiktok.orders").expect("readable")
}
