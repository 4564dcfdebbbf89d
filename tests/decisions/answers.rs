//! What becomes of orders that TikTok's answers show half, not at all, or otherwise than before.

use chrono::TimeDelta;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::jobs;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::pages::FIRST_PAGE;
use super::test_shop::TestShop;

fn orders_answer(data: &serde_json::Value) -> Fault {
    Fault::before(Disturbance::Json {
        status: 200,
        body: json!({ "code": 0, "data": data, "message": "Success", "request_id": "r" }),
    })
}

#[test]
fn e07_a_search_that_is_answered_without_a_list_ends_no_run_and_its_time_is_searched_again() {
    for silence in [
        json!({}),
        json!(null),
        json!({ "orders": null }),
        json!({ "total_count": 3 }),
    ] {
        let mut shop = TestShop::open();
        let hidden = shop.place(OrderKind::Plain);
        // Longer ago than windows overlap.
        shop.change(&hidden, |order| order.updated_at -= TimeDelta::hours(5));
        // All four windows of the first run.
        shop.sandbox
            .world()
            .faults
            .script(Operation::SearchOrders, 1, 4, orders_answer(&silence));
        shop.good_poll();
        assert_eq!(shop.sandbox.world().faults.pending(), 0);
        assert!(shop.store().order(&hidden).expect("readable").is_none(), "E07");
        shop.pass(TimeDelta::hours(20));
        shop.good_poll();
        assert_eq!(
            shop.state(&hidden),
            State::Routed,
            "I2: {silence} was taken for a proof that there is nothing"
        );
    }
}

#[test]
fn e07_after_a_silent_window_the_later_ones_are_read_and_a_page_that_leads_on_is_followed() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.sandbox
        .world()
        .faults
        .script(Operation::SearchOrders, 1, 1, orders_answer(&json!({})));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E07: the order lies in a later window");
    let leads_on = orders_answer(&json!({ "next_page_token": FIRST_PAGE, "total_count": 1 }));
    let later = shop.place(OrderKind::Plain);
    shop.sandbox.world().faults.next(Operation::SearchOrders, leads_on);
    shop.good_poll();
    assert_eq!(shop.state(&later), State::Routed, "E07");
    shop.pass(TimeDelta::hours(25));
    let before = shop.calls(Operation::SearchOrders);
    shop.good_poll();
    let searches = shop.calls(Operation::SearchOrders) - before;
    assert!(
        searches <= 8,
        "E07: a silence of long ago is still asked about: {searches}"
    );
}

#[test]
fn e07_cancellations_that_are_answered_without_a_list_are_none() {
    for silence in [json!({}), json!(null), json!({ "cancellations": null })] {
        let shop = TestShop::open();
        let id = shop.place(OrderKind::Plain);
        shop.sandbox
            .world()
            .faults
            .script(Operation::SearchCancellations, 1, 1, orders_answer(&silence));
        shop.good_poll();
        assert_eq!(shop.state(&id), State::Routed, "E07: {silence}");
    }
}

/// A search whose first order has another value in one field; its details are as they are.
fn search_shows(field: &str, value: serde_json::Value) -> Fault {
    Fault::after(Disturbance::Patch {
        pointer: format!("/data/orders/0/{field}"),
        value,
    })
}

#[test]
fn r5_an_order_whose_search_entry_cannot_be_used_is_decided_from_its_details() {
    for (field, value) in [
        ("line_items", json!(null)),
        ("line_items/0/product_id", json!(null)),
        ("update_time", json!(null)),
        ("create_time", json!("soon")),
        ("is_cod", json!("perhaps")),
    ] {
        let shop = TestShop::open();
        let id = shop.place(OrderKind::Plain);
        shop.sandbox
            .world()
            .faults
            .script(Operation::SearchOrders, 1, 4, search_shows(field, value));
        let run = shop.good_poll();
        assert_eq!(shop.sandbox.world().faults.pending(), 0, "{field}");
        assert_eq!(run.summary.counts["detected"], 1, "R5: {field}");
        assert_eq!(shop.state(&id), State::Routed, "R5: {field}");
    }
}

#[test]
fn r5_a_sent_order_whose_search_entry_cannot_be_used_is_read_by_id() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    shop.pass(TimeDelta::minutes(5));
    let now = shop.now;
    shop.change(&id, |order| order.set_status("AWAITING_COLLECTION", now));
    shop.sandbox
        .world()
        .faults
        .next(Operation::SearchOrders, search_shows("line_items", json!(null)));
    shop.good_poll();
    assert!(
        shop.history(&id).contains("to AWAITING_COLLECTION"),
        "R5: {}",
        shop.history(&id)
    );
}

#[test]
fn r5_an_order_that_cannot_be_read_at_all_is_flagged_once_and_routed_when_it_can() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let plain = shop.place(OrderKind::Plain);
    shop.change(&id, |order| {
        order.overrides.insert("is_cod".to_owned(), json!("perhaps"));
    });
    let run = shop.good_poll();
    assert_eq!(run.summary.counts["detected"], 2, "I2");
    assert_eq!(shop.state(&plain), State::Routed, "R5: it stops the others");
    assert_eq!(shop.state(&id), State::Flagged, "I2, R5");
    let flags = shop.flags(&id);
    assert_eq!(
        (flags[0].reason(), flags[0].detail.as_str()),
        (Reason::TiktokApiError, "unreadable"),
        "R5"
    );
    assert!(flags[0].message.contains("is_cod"), "R5: {}", flags[0].message);
    assert_eq!(flags[0].next_command, format!("mcf route {id}"));
    shop.pass(TimeDelta::minutes(5));
    assert!(shop.good_poll().summary.orders.is_empty(), "R5: told again");
    let routed = shop.route(&id);
    assert_eq!(routed.summary.orders[0].state, State::Flagged, "route tells the truth");
    assert_eq!(routed.summary.orders[0].flags, flags, "route tells the truth");
    shop.change(&id, |order| {
        order.overrides.clear();
    });
    shop.good_poll();
    assert_eq!(
        shop.state(&id),
        State::Routed,
        "a flag whose cause goes away clears itself"
    );
    assert!(shop.flags(&id).is_empty());
}

#[test]
fn r5_route_of_an_unreadable_order_that_was_never_seen_says_that_it_is_unreadable() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.change(&id, |order| {
        order.overrides.insert("status".to_owned(), json!(null));
    });
    let routed = shop.route(&id);
    assert_eq!(routed.summary.orders[0].flags[0].detail.as_str(), "unreadable", "R5");
    assert_eq!(shop.state(&id), State::Flagged, "R5");
    let unknown = jobs::route::run(
        &shop.session(false),
        &TiktokOrderId::new("577000000000000999"),
        &jobs::route::Word::default(),
    );
    assert!(matches!(unknown, Err(jobs::Error::OrderNotFound(_))), "{unknown:?}");
}

fn leaves_out() -> Fault {
    orders_answer(&json!({ "orders": [] }))
}

#[test]
fn an_order_that_the_details_leave_out_is_flagged_and_the_others_go_on() {
    let shop = TestShop::open();
    let (left_out, plain) = (shop.place(OrderKind::Plain), shop.place(OrderKind::Plain));
    let one = Fault::after(Disturbance::Patch {
        pointer: "/data/orders/0/id".to_owned(),
        value: json!("577000000000000999"),
    });
    shop.sandbox.world().faults.next(Operation::GetOrders, one);
    shop.good_poll();
    let states = [shop.state(&left_out), shop.state(&plain)];
    assert!(
        states.contains(&State::Routed) && states.contains(&State::Flagged),
        "{states:?}"
    );
    let flagged = if states[0] == State::Flagged { &left_out } else { &plain };
    assert_eq!(shop.flags(flagged)[0].detail.as_str(), "not_shown");
    shop.good_poll();
    assert_eq!(
        (shop.count(State::Routed), shop.creates()),
        (2, 2),
        "it goes when it is shown"
    );
}

#[test]
fn details_that_show_none_of_several_orders_are_asked_for_one_by_one() {
    for silence in [json!({}), json!(null), json!({ "orders": [] })] {
        let shop = TestShop::open();
        shop.place(OrderKind::Plain);
        shop.place(OrderKind::Plain);
        shop.sandbox
            .world()
            .faults
            .next(Operation::GetOrders, orders_answer(&silence));
        shop.good_poll();
        assert_eq!(shop.count(State::Routed), 2, "E07: {silence}");
    }
}

#[test]
fn an_order_that_is_not_shown_at_the_last_look_is_flagged_not_sent_and_the_run_has_no_trouble() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.sandbox
        .world()
        .faults
        .script(Operation::GetOrders, 2, 1, leaves_out());
    shop.good_poll();
    assert_eq!((shop.state(&id), shop.creates()), (State::Flagged, 0), "R10");
    assert_eq!(
        (shop.flags(&id)[0].reason(), shop.flags(&id)[0].detail.as_str()),
        (Reason::TiktokApiError, "not_shown"),
        "R10"
    );
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "R10");
}

#[test]
fn e10_to_e12_what_was_not_ours_is_decided_anew_when_tiktok_says_something_else() {
    let mut shop = TestShop::with_settings("[inventory]\ntiktok_warehouse_id = '7068517275539719942'\n");
    let [warehouse, label, whose, lines] = [(); 4].map(|()| shop.place(OrderKind::Plain));
    shop.change(&warehouse, |order| {
        order.warehouse_id = "7068517275539720555".to_owned()
    });
    shop.change(&label, |order| order.shipping_type = "TIKTOK".to_owned());
    shop.change(&whose, |order| {
        order.fulfillment_type = "FULFILLMENT_BY_TIKTOK".to_owned()
    });
    shop.change(&lines, |order| order.lines[0].display_status = "COMPLETED".to_owned());
    shop.good_poll();
    let all = [&warehouse, &label, &whose, &lines];
    for id in all {
        assert_eq!(shop.state(id), State::NotEligible, "{:?}", shop.why(id));
    }
    shop.pass(TimeDelta::minutes(5));
    assert!(
        shop.good_poll().summary.orders.is_empty(),
        "what is the same is not decided again"
    );
    shop.pass(TimeDelta::minutes(5));
    let now = shop.now;
    shop.change(&warehouse, |order| {
        order.warehouse_id = "7068517275539719942".to_owned()
    });
    shop.change(&label, |order| order.shipping_type = "SELLER".to_owned());
    shop.change(&whose, |order| {
        order.fulfillment_type = "FULFILLMENT_BY_SELLER".to_owned()
    });
    shop.change(&lines, |order| {
        order.lines[0].display_status = "AWAITING_SHIPMENT".to_owned()
    });
    for id in all {
        shop.change(id, |order| order.updated_at = now);
    }
    shop.good_poll();
    for id in all {
        assert_eq!(shop.state(id), State::Routed, "I2, E10 to E12: {:?}", shop.why(id));
    }
}

#[test]
fn e09_units_that_are_shown_unpaid_after_the_payment_go_when_they_are_paid() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.change(&id, |order| order.lines[0].display_status = "UNPAID".to_owned());
    shop.good_poll();
    assert_eq!(shop.why(&id), (State::Waiting, Some("units_unpaid".to_owned())), "E09");
    shop.pass(TimeDelta::minutes(5));
    shop.change(&id, |order| {
        order.lines[0].display_status = "AWAITING_SHIPMENT".to_owned()
    });
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E09");
}

#[test]
fn an_order_over_which_tiktok_fails_does_not_stop_the_others_and_goes_when_it_can() {
    let mut shop = TestShop::open();
    let ids: Vec<_> = (0..3).map(|_| shop.place(OrderKind::Plain)).collect();
    let failure = || {
        Fault::before(Disturbance::Json {
            status: 500,
            body: json!({ "code": 36_009_003, "message": "Internal error", "request_id": "r" }),
        })
    };
    // Three tries of all three orders, then three of the first one alone.
    shop.sandbox
        .world()
        .faults
        .script(Operation::GetOrders, 1, 6, failure());
    shop.good_poll();
    assert_eq!(shop.sandbox.world().faults.pending(), 0);
    let states: Vec<State> = ids.iter().map(|id| shop.state(id)).collect();
    assert_eq!(states, [State::Flagged, State::Routed, State::Routed]);
    assert_eq!(shop.flags(&ids[0])[0].detail.as_str(), "not_shown");
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!((shop.state(&ids[0]), shop.creates()), (State::Routed, 3));
}

#[test]
fn a_tiktok_that_fails_over_every_order_flags_none_of_them() {
    let shop = TestShop::open();
    let ids: Vec<_> = (0..3).map(|_| shop.place(OrderKind::Plain)).collect();
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    shop.sandbox.world().faults.script(Operation::GetOrders, 1, 50, down);
    assert!(shop.poll().trouble.is_some());
    assert!(
        ids.iter().all(|id| shop.flags(id).is_empty()),
        "a failure of TikTok's is no order's"
    );
    assert_eq!(
        shop.calls(Operation::GetOrders),
        9,
        "three tries of all, and of two alone"
    );
}
