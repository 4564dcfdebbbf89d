//! The log: nothing unless it is asked for, ids as fields.

use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use crate::auth::Shop;
use crate::check::shop;

fn with_order() -> (Shop, String) {
    let shop = shop("");
    let order = shop
        .sandbox
        .world()
        .place(mcf_connector::sandbox::scenario::OrderKind::Plain);
    (shop, order)
}

#[test]
fn rust_log_is_obeyed_beside_v_and_ids_are_fields_of_a_line() {
    let (mut shop, order) = with_order();
    let ran = shop.place.run("poll --dry-run").ends(0);
    assert_eq!(ran.stderr, "", "nothing unless it is asked for");
    shop.place.set("RUST_LOG", "mcf_connector::jobs::summary=info");
    let ran = shop.place.run("poll").ends(0);
    let about = format!(" order_id={order} amazon_id=TTS-{order} state=routed");
    assert!(ran.stderr.lines().all(|line| line.contains(" INFO ")), "{ran:?}");
    assert!(
        ran.stderr.lines().any(|line| line.ends_with(&about)),
        "{about}: {ran:?}"
    );
    shop.place.set("RUST_LOG", "mcf_connector=debug");
    for line in ["poll", "poll --quiet --since 2026-01-01"] {
        let ran = shop.place.run(line).ends(0);
        let calls: Vec<&str> = ran.stderr.lines().filter(|line| line.contains(" DEBUG ")).collect();
        assert!(!calls.is_empty(), "{ran:?}");
        for call in calls {
            assert!(call.contains(" operation=") && call.contains(" request_id="), "{call}");
        }
    }
}

#[test]
fn a_refused_call_is_logged_with_its_operation_and_its_request() {
    let (shop, _) = with_order();
    let body = serde_json::json!({"code": 12_345_678, "message": "no", "request_id": "req-7"});
    let fault = Fault::before(Disturbance::Json { status: 200, body });
    shop.sandbox.world().faults.script(Operation::SearchOrders, 1, 9, fault);
    let ran = shop.place.run("poll -v");
    let line = ran.stderr.lines().find(|line| line.contains(" WARN "));
    let fields = " operation=getOrderList request_id=req-7";
    assert!(line.is_some_and(|line| line.ends_with(fields)), "{ran:?}");
}

#[test]
fn a_warning_that_ends_a_run_names_the_order_that_its_call_was_about() {
    let (shop, order) = with_order();
    let body = serde_json::json!({"errors": [{"code": "Unauthorized", "message": "no", "details": ""}]});
    let fault = Fault::before(Disturbance::Json { status: 403, body });
    let create = Operation::CreateFulfillmentOrder;
    shop.sandbox.world().faults.script(create, 1, 9, fault);
    let ran = shop.place.run("poll -v");
    let line = ran.stderr.lines().find(|line| line.contains(" WARN "));
    let fields = format!(" order_id={order} operation=createFulfillmentOrder");
    assert!(line.is_some_and(|line| line.contains(&fields)), "{ran:?}");
}
