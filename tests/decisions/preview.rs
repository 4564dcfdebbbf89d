//! Amazon's preview before the create, and the guard on fees.

use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::{Value, json};

use super::desk::Desk;

fn next_preview(desk: &Desk, pointer: &str, value: Value) {
    let pointer = format!("/payload/fulfillmentPreviews/0/{pointer}");
    let fault = Fault::after(Disturbance::Patch { pointer, value });
    desk.sandbox
        .world()
        .faults
        .next(Operation::GetFulfillmentPreview, fault);
}

#[test]
fn a_preview_is_asked_only_where_the_settings_want_it_and_its_figures_are_kept() {
    let desk = Desk::open();
    desk.place(OrderKind::Plain);
    desk.good_poll();
    assert_eq!(desk.calls(Operation::GetFulfillmentPreview), 0);
    let desk = Desk::with_settings("[routing]\npreview = true\n");
    let id = desk.place(OrderKind::Plain);
    desk.good_poll();
    assert_eq!((desk.calls(Operation::GetFulfillmentPreview), desk.creates()), (1, 1));
    let history = desk.history(&id);
    assert!(
        history.contains("preview: fees of 8.95 USD") && history.contains("preview: arrives by"),
        "{history}"
    );
}

#[test]
fn an_order_that_amazon_can_not_ship_is_flagged_with_its_reasons() {
    let desk = Desk::with_settings("[routing]\npreview = true\n");
    let id = desk.place(OrderKind::Plain);
    let preview = json!({
        "shippingSpeedCategory": "Standard", "isFulfillable": false, "orderUnfulfillableReasons": ["DeliverySLAUnavailable"],
    });
    let body = json!({ "payload": { "fulfillmentPreviews": [preview] } });
    let fault = Fault::before(Disturbance::Json { status: 200, body });
    desk.sandbox
        .world()
        .faults
        .next(Operation::GetFulfillmentPreview, fault);
    desk.good_poll();
    let flags = desk.flags(&id);
    assert_eq!(
        (flags[0].reason, flags[0].detail.as_str()),
        (Reason::OrderNotSupported, "preview_unfulfillable")
    );
    assert!(flags[0].message.contains("DeliverySLAUnavailable"));
    assert_eq!(desk.creates(), 0);
}

#[test]
fn fees_beyond_the_limit_are_flagged_and_a_person_may_send_it_all_the_same() {
    let desk = Desk::with_settings("[routing]\nfee_share_max = 1\n");
    let id = desk.place(OrderKind::Plain);
    desk.good_poll();
    let flags = desk.flags(&id);
    assert_eq!((flags[0].detail.as_str(), desk.creates()), ("fee_too_high", 0));
    assert_eq!(flags[0].next_command, format!("mcf route {id}"));
    desk.route(&id);
    assert_eq!((desk.state(&id), desk.creates()), (State::Routed, 1));
    assert!(
        desk.history(&id)
            .contains("by hand in spite of this: Amazon's fees of 8.95 USD"),
        "{}",
        desk.history(&id)
    );
}

#[test]
fn e75_a_preview_without_fees_is_unknown_and_not_free() {
    let desk = Desk::with_settings("[routing]\nfee_share_max = 90\n");
    let id = desk.place(OrderKind::Plain);
    next_preview(&desk, "estimatedFees", json!([]));
    desk.good_poll();
    assert_eq!(
        (desk.flags(&id)[0].detail.as_str(), desk.creates()),
        ("fee_unknown", 0),
        "E75"
    );
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Routed, "E75: the fees came");
}

#[test]
fn a_preview_that_fails_sends_nothing_in_this_run() {
    let desk = Desk::with_settings("[routing]\npreview = true\n");
    let id = desk.place(OrderKind::Plain);
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    desk.sandbox
        .world()
        .faults
        .script(Operation::GetFulfillmentPreview, 1, 3, down);
    assert!(desk.poll().trouble.is_some());
    assert_eq!(desk.creates(), 0);
    desk.good_poll();
    assert_eq!((desk.state(&id), desk.creates()), (State::Routed, 1));
}
