//! Orders that end at Amazon before all of them is shipped, and wishes to cancel that meet them.

use chrono::TimeDelta;
use mcf_connector::sandbox::amazon::OrderStatus;
use mcf_connector::sandbox::amazon::ShipmentStatus;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::stage::{Stage, amazon_id};

const CANCEL: Operation = Operation::CancelFulfillmentOrder;
const REQUESTS: Operation = Operation::SearchCancellations;

/// Two lamps have left, the bulbs never will.
fn part_ships(stage: &Stage, order: &str, status: OrderStatus) {
    stage.steps(2);
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(order)).expect("an order at Amazon");
        let (first, units) = (order.items[0].id.clone(), order.items[0].quantity);
        order.items[1].cancelled = order.items[1].quantity;
        order.shipments.truncate(1);
        order.shipments[0].status = ShipmentStatus::Shipped;
        order.shipments[0].shipping_at = now;
        order.shipments[0].parcels.truncate(1);
        order.shipments[0].parcels[0].contents = vec![(first, units)];
        order.set_status(status, now);
    });
}

fn flag(stage: &Stage, order: &str, detail: &str) -> String {
    let flags = stage.flags(order);
    let found = flags.iter().find(|flag| flag.detail.as_str() == detail);
    assert!(found.is_some(), "no {detail} in {flags:?}");
    found.map(|flag| flag.message.clone()).unwrap_or_default()
}

fn ask(stage: &Stage, order: &str) {
    stage.world(|world| world.request_cancel(order)).expect("an order");
}

#[test]
fn what_amazon_cancels_of_a_part_shipped_order_is_told_with_its_units() {
    for status in [
        OrderStatus::Cancelled,
        OrderStatus::Complete,
        OrderStatus::CompletePartialled,
        OrderStatus::Unfulfillable,
    ] {
        let mut stage = Stage::new();
        let order = stage.routed(OrderKind::SeveralUnits);
        part_ships(&stage, &order, status);
        stage.minutes(30);
        stage.sync();
        let told = flag(&stage, &order, "partly_shipped");
        assert!(told.contains("1 × FBA-BULB-4PK"), "E79, E89: {status:?}: {told}");
        assert!(!told.contains("FBA-LAMP"), "E79, E89: {status:?}: {told}");
        assert_eq!(
            stage.told(&order).len(),
            1,
            "E79: what left is told all the same: {status:?}"
        );
        assert_eq!(stage.events("order.failed").len(), 1, "E89: {status:?}");
        stage.minutes(30);
        stage.sync();
        stage.poll();
        assert_eq!(stage.events("order.failed").len(), 1, "E89: told once: {status:?}");
    }
}

#[test]
fn a_rest_that_amazon_ships_after_all_is_told_and_the_flag_clears_itself() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::SeveralUnits);
    part_ships(&stage, &order, OrderStatus::CompletePartialled);
    stage.minutes(30);
    stage.sync();
    flag(&stage, &order, "partly_shipped");
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
        order.items[1].cancelled = 0;
        let mut late = order.shipments[0].clone();
        late.id.push('2');
        late.shipping_at = now;
        late.parcels[0].number += 1;
        late.parcels[0].tracking_number = Some("TBA000000000999".to_owned());
        late.parcels[0].contents = vec![(order.items[1].id.clone(), order.items[1].quantity)];
        order.shipments.push(late);
        order.set_status(OrderStatus::Complete, now);
    });
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.told(&order).len(), 2, "E79: the number of the rest");
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E79: its cause went away");
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn an_unknown_status_is_forgotten_when_a_known_one_follows() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    stage.steps(2);
    let odd = Fault::after(Disturbance::Patch {
        pointer: "/payload/fulfillmentOrder/fulfillmentOrderStatus".to_owned(),
        value: json!("HOVERING"),
    });
    stage.world(|world| world.faults.next(Operation::GetFulfillmentOrder, odd));
    stage.minutes(5);
    stage.sync();
    assert_eq!(stage.details(&order), ["unknown_status"], "E15");
    stage.minutes(130);
    stage.sync();
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E15: its cause went away");
}

#[test]
fn a_complete_order_without_cancelled_units_needs_nobody() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::SeveralUnits, mcf_connector::sandbox::amazon::Plan::default());
    stage.sync();
    assert_eq!(stage.details(&order), Vec::<String>::new());
}

#[test]
fn a_wish_to_cancel_a_part_shipped_order_is_a_conflict_and_gets_its_answer() {
    for region in ["US", "GB"] {
        let mut stage = Stage::new();
        stage.world(|world| world.tiktok.region = region.to_owned());
        let order = stage.routed(OrderKind::SeveralUnits);
        ask(&stage, &order);
        part_ships(&stage, &order, OrderStatus::Cancelled);
        stage.minutes(5);
        stage.poll();
        flag(&stage, &order, "partly_shipped");
        assert_eq!(stage.state(&order), "shipped", "E89: {region}");
        if region == "US" {
            flag(&stage, &order, "amazon_is_shipping");
            stage.pass(TimeDelta::minutes(22 * 60 + 56));
            stage.poll();
        }
        let reason = stage.world(|world| world.tiktok.cancellations[0].reject_reason.clone());
        assert!(reason.is_some_and(|reason| reason.contains("packed")), "E89: {region}");
        assert_eq!(stage.calls(Operation::ApproveCancellation), 0, "E89: {region}");
    }
}

#[test]
fn an_order_that_is_partly_completed_while_it_is_to_be_cancelled_is_too_late() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::SeveralUnits);
    ask(&stage, &order);
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.state(&order), "cancelling");
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
        order.cancel_requested = false;
        order.set_status(OrderStatus::CompletePartialled, now);
    });
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.state(&order), "routed", "E89: it stays cancelling for ever");
    flag(&stage, &order, "amazon_is_shipping");
    flag(&stage, &order, "partly_shipped");
}

#[test]
fn what_is_dead_at_amazon_and_cancelled_at_tiktok_is_over() {
    for status in [OrderStatus::Invalid, OrderStatus::Unfulfillable, OrderStatus::Cancelled] {
        let mut stage = Stage::new();
        let order = stage.routed(OrderKind::Plain);
        stage.minutes(5);
        stage.world(|world| {
            let now = world.now();
            let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
            order.set_status(status, now);
        });
        stage.minutes(5);
        stage.sync();
        assert_eq!(stage.state(&order), "flagged", "{status:?}");
        stage.poll();
        assert_eq!(stage.state(&order), "flagged", "TikTok still waits for it: {status:?}");
        stage.world(|world| {
            let now = world.now();
            let order = world.tiktok.order_mut(&order).expect("an order");
            order
                .lines
                .iter_mut()
                .for_each(|line| line.display_status = "CANCELLED".to_owned());
            order.set_status("CANCELLED", now);
        });
        stage.minutes(5);
        stage.poll();
        assert_eq!(stage.state(&order), "cancelled", "{status:?}");
        assert_eq!(stage.details(&order), Vec::<String>::new(), "{status:?}");
        assert_eq!(stage.calls(CANCEL), 0, "{status:?}");
    }
}

fn patched(field: &str, value: serde_json::Value) -> Fault {
    Fault::after(Disturbance::Patch {
        pointer: format!("/data/cancellations/0/{field}"),
        value,
    })
}

#[test]
fn a_request_that_cannot_be_read_keeps_an_order_back_that_was_not_sent() {
    for (field, value) in [
        ("cancel_status", json!(null)),
        ("cancel_status", json!("CANCELLATION_REQUEST_FROZEN")),
        ("cancel_id", json!({})),
        ("cancel_line_items", json!("all")),
    ] {
        let mut stage = Stage::new();
        let order = stage.place_with(OrderKind::Plain, mcf_connector::sandbox::amazon::Plan::default());
        ask(&stage, &order);
        stage.world(|world| {
            world.tiktok.order_mut(&order).expect("an order").cancel_requested_at = None;
            world.faults.next(REQUESTS, patched(field, value.clone()));
        });
        assert!(stage.poll().trouble.is_none());
        assert_eq!(stage.details(&order), ["request_unreadable"], "E85: {field} {value}");
        assert_eq!(
            stage.calls(Operation::CreateFulfillmentOrder),
            0,
            "E85: {field} {value}"
        );
        stage.minutes(5);
        stage.poll();
        assert_eq!(stage.state(&order), "cancelled", "E85: {field} {value}");
        assert_eq!(stage.calls(Operation::CreateFulfillmentOrder), 0, "E85");
    }
}

#[test]
fn a_request_that_cannot_be_read_is_told_once_of_an_order_that_was_sent() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    ask(&stage, &order);
    let odd = patched("cancel_status", json!("CANCELLATION_REQUEST_FROZEN"));
    stage.world(|world| world.faults.script(REQUESTS, 1, 2, odd));
    for _ in 0..2 {
        stage.minutes(5);
        stage.poll();
        assert_eq!(stage.details(&order), ["request_unreadable"], "E86, E15");
    }
    assert_eq!(stage.events("order.failed").len(), 1, "E15: told once");
    assert_eq!(stage.calls(CANCEL), 0, "E86: nobody knows what it says");
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.calls(CANCEL), 1, "E86");
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E86: it can be read now");
}

#[test]
fn a_request_that_names_variants_and_no_units_means_all_of_them() {
    let stage = Stage::new();
    let order = stage.place_with(OrderKind::Plain, mcf_connector::sandbox::amazon::Plan::default());
    ask(&stage, &order);
    let without = patched("cancel_line_items/0/order_line_item_id", json!(null));
    stage.world(|world| world.faults.next(REQUESTS, without));
    stage.poll();
    assert_eq!(stage.state(&order), "cancelled", "E85");
    assert_eq!(stage.calls(Operation::ApproveCancellation), 1, "E85");
}

#[test]
fn without_the_scope_for_requests_the_orders_own_mark_stops_amazon() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    let refused = Fault::before(Disturbance::Json {
        status: 200,
        body: json!({ "code": 105_005, "message": "access denied", "request_id": "r" }),
    });
    stage.world(|world| world.faults.script(REQUESTS, 1, 50, refused));
    ask(&stage, &order);
    stage.pass(TimeDelta::hours(3));
    stage.poll();
    assert_eq!(stage.calls(CANCEL), 1, "E86");
    stage.steps(1);
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.details(&order), ["answer_at_tiktok"], "E86");
    assert_eq!(stage.calls(Operation::ApproveCancellation), 0);
    stage.world(|world| {
        let now = world.now();
        let order = world.tiktok.order_mut(&order).expect("an order");
        order.set_status("CANCELLED", now);
    });
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.state(&order), "cancelled", "E86");
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E86");
}

#[test]
fn in_the_us_a_request_that_comes_too_late_is_declined_before_tiktok_agrees_by_itself() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    stage.steps(2);
    ask(&stage, &order);
    let declined = |stage: &Stage| stage.world(|world| world.tiktok.cancellations[0].reject_reason.clone());
    for minutes in [5, 22 * 60 + 50] {
        stage.minutes(minutes);
        stage.poll();
        assert_eq!(stage.details(&order), ["amazon_is_shipping"], "E87");
        assert_eq!(
            declined(&stage),
            None,
            "E87: marking it as shipped rejects it by itself"
        );
    }
    stage.minutes(6);
    stage.poll();
    assert!(declined(&stage).is_some_and(|reason| reason.contains("packed")), "E87");
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E87: nobody is needed");
}

#[test]
fn where_the_reasons_to_decline_cannot_be_read_it_is_declined_as_packed() {
    let mut stage = Stage::new();
    stage.world(|world| world.tiktok.region = "GB".to_owned());
    let order = stage.routed(OrderKind::Plain);
    stage.steps(2);
    ask(&stage, &order);
    let other = Fault::before(Disturbance::Json {
        status: 200,
        body: json!({ "code": 0, "message": "Success", "request_id": "r", "data": { "reject_reasons": [] } }),
    });
    stage.world(|world| world.faults.next(Operation::GetRejectReasons, other));
    stage.minutes(5);
    assert!(stage.poll().trouble.is_none(), "E87");
    let reason = stage.world(|world| world.tiktok.cancellations[0].reject_reason.clone());
    assert!(reason.is_some_and(|reason| reason.contains("packed")), "E87");
}

#[test]
fn what_the_seller_cancels_stops_amazon_and_is_not_answered_like_a_buyers_wish() {
    let mut stage = Stage::new();
    let sent = stage.routed(OrderKind::Plain);
    let not_sent = stage.place_with(OrderKind::Plain, mcf_connector::sandbox::amazon::Plan::default());
    for order in [&sent, &not_sent] {
        ask(&stage, order);
    }
    stage.world(|world| {
        for request in &mut world.tiktok.cancellations {
            request.role = "SELLER".to_owned();
        }
        world.tiktok.order_mut(&not_sent).expect("an order").cancel_requested_at = None;
    });
    stage.minutes(5);
    stage.poll();
    assert_eq!((stage.calls(CANCEL), stage.state(&sent).as_str()), (1, "cancelling"));
    assert_eq!(stage.details(&not_sent), ["seller_cancels"], "it is not sent meanwhile");
    let busy = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    stage.world(|world| world.faults.script(Operation::SearchCancellations, 1, 50, busy));
    stage.minutes(5);
    stage.poll();
    assert_eq!(
        stage.details(&not_sent),
        ["seller_cancels"],
        "nor while TikTok shows no cancellations"
    );
    stage.world(|world| world.faults.clear());
    stage.steps(1);
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.state(&sent), "cancelled");
    assert_eq!(
        stage.calls(Operation::ApproveCancellation),
        0,
        "only the buyer's wish is granted"
    );
}
