//! Amazon's preview before the create, and the guard on fees.

use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::{Value, json};

use super::bench::Bench;

fn next_preview(bench: &Bench, pointer: &str, value: Value) {
    let pointer = format!("/payload/fulfillmentPreviews/0/{pointer}");
    let fault = Fault::after(Disturbance::Patch { pointer, value });
    bench
        .sandbox
        .world()
        .faults
        .next(Operation::GetFulfillmentPreview, fault);
}

#[test]
fn a_preview_is_asked_only_where_the_settings_want_it_and_its_figures_are_kept() {
    let bench = Bench::open();
    bench.place(OrderKind::Plain);
    bench.good_poll();
    assert_eq!(bench.calls(Operation::GetFulfillmentPreview), 0);
    let bench = Bench::with_settings("[routing]\npreview = true\n");
    let id = bench.place(OrderKind::Plain);
    bench.good_poll();
    assert_eq!((bench.calls(Operation::GetFulfillmentPreview), bench.creates()), (1, 1));
    let history = bench.history(&id);
    assert!(
        history.contains("preview: fees of 8.95 USD") && history.contains("preview: arrives by"),
        "{history}"
    );
}

#[test]
fn an_order_that_amazon_can_not_ship_is_flagged_with_its_reasons() {
    let bench = Bench::with_settings("[routing]\npreview = true\n");
    let id = bench.place(OrderKind::Plain);
    let preview = json!({
        "shippingSpeedCategory": "Standard", "isFulfillable": false, "orderUnfulfillableReasons": ["DeliverySLAUnavailable"],
    });
    let body = json!({ "payload": { "fulfillmentPreviews": [preview] } });
    let fault = Fault::before(Disturbance::Json { status: 200, body });
    bench
        .sandbox
        .world()
        .faults
        .next(Operation::GetFulfillmentPreview, fault);
    bench.good_poll();
    let flags = bench.flags(&id);
    assert_eq!(
        (flags[0].reason(), flags[0].detail.as_str()),
        (Reason::OrderNotSupported, "preview_unfulfillable")
    );
    assert!(flags[0].message.contains("DeliverySLAUnavailable"));
    assert_eq!(bench.creates(), 0);
}

#[test]
fn fees_beyond_the_limit_are_flagged_and_a_person_may_send_it_all_the_same() {
    let bench = Bench::with_settings("[routing]\nfee_share_max = 1\n");
    let id = bench.place(OrderKind::Plain);
    bench.good_poll();
    let flags = bench.flags(&id);
    assert_eq!((flags[0].detail.as_str(), bench.creates()), ("fee_too_high", 0));
    assert_eq!(flags[0].next_command, format!("mcf route {id}"));
    bench.route(&id);
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 1));
    assert!(
        bench
            .history(&id)
            .contains("by hand in spite of this: Amazon's fees of 8.95 USD"),
        "{}",
        bench.history(&id)
    );
}

#[test]
fn e75_a_preview_without_fees_is_unknown_and_not_free() {
    let bench = Bench::with_settings("[routing]\nfee_share_max = 90\n");
    let id = bench.place(OrderKind::Plain);
    next_preview(&bench, "estimatedFees", json!([]));
    bench.good_poll();
    assert_eq!(
        (bench.flags(&id)[0].detail.as_str(), bench.creates()),
        ("fee_unknown", 0),
        "E75"
    );
    bench.good_poll();
    assert_eq!(bench.state(&id), State::Routed, "E75: the fees came");
}

#[test]
fn a_preview_that_fails_sends_nothing_in_this_run() {
    let bench = Bench::with_settings("[routing]\npreview = true\n");
    let id = bench.place(OrderKind::Plain);
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    bench
        .sandbox
        .world()
        .faults
        .script(Operation::GetFulfillmentPreview, 1, 3, down);
    assert!(bench.poll().trouble.is_some());
    assert_eq!(bench.creates(), 0);
    bench.good_poll();
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 1));
}
