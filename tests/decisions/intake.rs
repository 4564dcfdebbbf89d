//! E01 to E18: no order is missed, none is taken twice, and what is not ours is left alone.

use chrono::TimeDelta;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::desk::Desk;

#[test]
fn e01_an_order_that_comes_again_is_one_row_and_one_create() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    assert_eq!(desk.good_poll().summary.counts["detected"], 1, "E01");
    desk.pass(TimeDelta::minutes(5));
    assert_eq!(desk.good_poll().summary.counts["detected"], 0, "E01");
    assert_eq!((desk.state(&id), desk.creates()), (State::Routed, 1), "E01");
}

#[test]
fn e05_a_gap_of_five_days_is_covered_in_slices() {
    let mut desk = Desk::open();
    desk.good_poll();
    let before = desk.calls(Operation::SearchOrders);
    let begun = desk.now;
    desk.pass(TimeDelta::days(5));
    let ids: Vec<_> = (0..5).map(|_| desk.place(OrderKind::Plain)).collect();
    for (day, id) in (0..).zip(&ids) {
        desk.change(id, |order| {
            order.updated_at = begun + TimeDelta::days(day) + TimeDelta::minutes(1)
        });
    }
    assert_eq!(desk.good_poll().summary.counts["detected"], 5, "E05");
    // Six windows, the search for wishes to cancel, and three of the sweep.
    let searches = desk.calls(Operation::SearchOrders) - before;
    assert!((6..=10).contains(&searches), "E05: {searches} searches");
}

#[test]
fn e06_the_sweep_finds_what_the_list_missed_once_a_day() {
    let mut desk = Desk::open();
    desk.good_poll();
    desk.pass(TimeDelta::hours(12));
    desk.good_poll();
    let missed = desk.place(OrderKind::Plain);
    desk.change(&missed, |order| order.updated_at -= TimeDelta::hours(6));
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert!(
        desk.store().order(&missed).expect("readable").is_none(),
        "E06: the list did not miss it"
    );
    desk.pass(TimeDelta::hours(12));
    desk.good_poll();
    assert_eq!(desk.state(&missed), State::Routed, "E06");
    let before = desk.calls(Operation::SearchOrders);
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert!(desk.calls(Operation::SearchOrders) - before <= 2, "E06: swept again");
}

#[test]
fn e06_the_sweep_reads_open_orders_by_id_and_sees_what_changed() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    desk.good_poll();
    let stale = desk.now;
    desk.change(&id, |order| {
        order.set_status("IN_TRANSIT", stale - TimeDelta::days(2));
    });
    desk.pass(TimeDelta::hours(25));
    desk.good_poll();
    assert!(desk.history(&id).contains("IN_TRANSIT"), "E06: {}", desk.history(&id));
}

#[test]
fn e06_the_sweep_looks_back_no_further_than_the_first_run() {
    let mut desk = Desk::open();
    let old = desk.place(OrderKind::Plain);
    desk.change(&old, |order| order.updated_at -= TimeDelta::days(4));
    desk.good_poll();
    desk.pass(TimeDelta::hours(25));
    desk.good_poll();
    assert!(desk.store().order(&old).expect("readable").is_none(), "E06");
}

#[test]
fn e08_an_order_on_hold_is_stored_and_looked_at_when_the_hour_is_over() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::OnHold);
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Waiting, "E08");
    assert!(desk.flags(&id).is_empty(), "E08: an alert");
    desk.pass(TimeDelta::minutes(61));
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Routed, "E08");
}

#[test]
fn e09_e10_e11_what_is_unpaid_on_its_way_or_shipped_by_tiktok_is_not_sent_and_says_why() {
    let desk = Desk::open();
    let unpaid = desk.place(OrderKind::Plain);
    desk.change(&unpaid, |order| order.status = "UNPAID".to_owned());
    let platform = desk.place(OrderKind::PlatformShipped);
    let mut shipped = vec![desk.place(OrderKind::Delivered)];
    for status in ["AWAITING_COLLECTION", "IN_TRANSIT", "COMPLETED"] {
        let id = desk.place(OrderKind::Plain);
        desk.change(&id, |order| order.status = status.to_owned());
        shipped.push(id);
    }
    desk.good_poll();
    let why = |detail: &str| Some(detail.to_owned());
    assert_eq!(desk.why(&unpaid), (State::Waiting, why("unpaid")), "E09");
    assert_eq!(
        desk.why(&platform),
        (State::NotEligible, why("shipped_by_tiktok")),
        "E11"
    );
    assert!(
        desk.history(&platform).contains("Seller Shipping"),
        "E11: no cure named"
    );
    for id in &shipped {
        assert_eq!(desk.why(id), (State::NotEligible, why("shipped_elsewhere")), "E10");
    }
    assert_eq!(desk.creates(), 0, "E09, E10, E11");
}

#[test]
fn e12_an_order_of_another_warehouse_is_not_ours() {
    let desk = Desk::with_settings("[inventory]\ntiktok_warehouse_id = '7068517275539720555'\n");
    let id = desk.place(OrderKind::Plain);
    desk.good_poll();
    assert_eq!(
        desk.why(&id),
        (State::NotEligible, Some("other_warehouse".to_owned())),
        "E12"
    );
}

#[test]
fn e13_a_gift_is_shipped_with_what_was_bought() {
    let desk = Desk::open();
    let id = desk.place(OrderKind::Gift);
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Routed, "E13");
    assert_eq!(desk.created()[0]["items"].as_array().map(Vec::len), Some(2), "E13");
}

#[test]
fn e13_a_sample_for_nothing_and_a_replacement_are_shipped() {
    let desk = Desk::open();
    let ids = ["is_sample_order", "is_replacement_order"].map(|field| {
        let id = desk.place(OrderKind::Plain);
        desk.change(&id, |order| {
            order.lines[0].price = "0".to_owned();
            order.overrides.insert(field.to_owned(), json!(true));
            order
                .overrides
                .insert("payment".to_owned(), json!({ "currency": "USD", "total_amount": "0" }));
        });
        id
    });
    desk.good_poll();
    assert!(ids.iter().all(|id| desk.state(id) == State::Routed), "E13");
}

#[test]
fn e48_of_an_order_that_is_partly_shipped_only_the_units_that_wait_go() {
    let desk = Desk::open();
    let id = desk.place(OrderKind::SeveralUnits);
    desk.change(&id, |order| {
        order.status = "PARTIALLY_SHIPPING".to_owned();
        order.lines[0].display_status = "IN_TRANSIT".to_owned();
        order.lines[1].display_status = "CANCELLED".to_owned();
    });
    desk.good_poll();
    let items = desk.created()[0]["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "E48: {items}");
    assert_eq!(
        (&items[0]["sellerSku"], &items[0]["quantity"]),
        (&json!("FBA-BULB-4PK"), &json!(1)),
        "E48"
    );
}

#[test]
fn e14_a_pre_order_waits_for_its_release() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let release = desk.now + TimeDelta::days(3);
    desk.change(&id, |order| {
        order.order_type = "PRE_ORDER".to_owned();
        order
            .overrides
            .insert("release_date".to_owned(), json!(release.timestamp()));
    });
    desk.good_poll();
    assert_eq!(
        desk.why(&id),
        (State::Waiting, Some("before_release".to_owned())),
        "E14"
    );
    desk.pass(TimeDelta::days(3) + TimeDelta::minutes(1));
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Routed, "E14");
}

#[test]
fn e15_a_status_never_seen_is_flagged_once_and_the_others_go_on() {
    let mut desk = Desk::open();
    let strange = desk.place(OrderKind::Plain);
    desk.change(&strange, |order| order.status = "FROZEN".to_owned());
    let plain = desk.place(OrderKind::Plain);
    desk.good_poll();
    let flags = desk.flags(&strange);
    assert_eq!((flags.len(), flags[0].reason), (1, Reason::OrderNotSupported), "E15");
    assert!(flags[0].message.contains("FROZEN"), "E15");
    assert_eq!(desk.state(&plain), State::Routed, "E15");
    desk.pass(TimeDelta::minutes(5));
    assert!(desk.good_poll().summary.orders.is_empty(), "E15: told again");
}

#[test]
fn e16_ids_beyond_53_bits_as_numbers_and_times_in_milliseconds_are_read_exactly() {
    let desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let number: u64 = id.as_str().parse().expect("a number");
    assert!(number > 1 << 53, "E16");
    let created = desk.now - TimeDelta::hours(3);
    desk.change(&id, |order| {
        order.overrides.insert("id".to_owned(), json!(number));
        order
            .overrides
            .insert("create_time".to_owned(), json!(created.timestamp_millis()));
        order.overrides.insert(
            "update_time".to_owned(),
            json!((created + TimeDelta::hours(1)).timestamp().to_string()),
        );
    });
    desk.good_poll();
    let stored = desk
        .store()
        .order(&id)
        .expect("readable")
        .expect("E16: known under its exact id");
    assert_eq!(stored.order.times.created_at, created, "E16");
    assert_eq!(desk.created()[0]["displayableOrderId"], id.as_str(), "E16");
}

#[test]
fn e17_orders_of_one_buyer_become_one_fulfillment_order_each() {
    let desk = Desk::open();
    let ids = [desk.place(OrderKind::Plain), desk.place(OrderKind::Plain)];
    desk.good_poll();
    let mut sent: Vec<String> = desk
        .created()
        .iter()
        .map(|body| body["sellerFulfillmentOrderId"].to_string())
        .collect();
    sent.sort();
    assert_eq!(sent, ids.map(|id| format!("\"TTS-{id}\"")), "E17");
}

#[test]
fn e18_a_revoked_authorisation_stops_the_shop_with_one_error_of_credentials() {
    let desk = Desk::open();
    desk.place(OrderKind::Plain);
    {
        let mut world = desk.sandbox.world();
        world.faults.script(
            Operation::GetOrders,
            1,
            50,
            Fault::before(Disturbance::Json {
                status: 200,
                body: json!({ "code": 36_004_004, "message": "authorization is revoked", "request_id": "r" }),
            }),
        );
    }
    let trouble = desk.poll().trouble.expect("E18: no trouble");
    assert!(trouble.is_credentials(), "E18: {trouble}");
    assert_eq!(desk.creates(), 0, "E18");
}

#[test]
fn e18_a_consent_that_ends_between_two_calls_stops_the_run_and_the_orders_wait_for_the_next_one() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let (status, message) = (200, "r");
    let answer = |code: i64| Disturbance::Json {
        status,
        body: json!({ "code": code, "message": message, "request_id": "r" }),
    };
    {
        let mut world = desk.sandbox.world();
        world
            .faults
            .script(Operation::GetOrders, 1, 50, Fault::before(answer(105_002)));
        world
            .faults
            .script(Operation::RefreshToken, 1, 50, Fault::before(answer(36_004_004)));
    }
    let trouble = desk.poll().trouble.expect("E18: no trouble");
    assert!(
        trouble.is_credentials() && trouble.to_string().contains("must authorize the app again"),
        "E18: {trouble}"
    );
    assert_eq!(
        desk.calls(Operation::RefreshToken),
        1,
        "E18: a refused consent is not asked again"
    );
    assert_eq!((desk.state(&id), desk.creates()), (State::Detected, 0), "E18");
    desk.sandbox.world().faults.clear();
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Routed, "E18: nothing is lost");
}

#[test]
fn e131_the_cancellation_of_a_collection_points_order_is_left_to_who_ships_it() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let point = |operation| {
        let fault = Fault::after(Disturbance::Patch {
            pointer: "/data/orders/0/delivery_type".to_owned(),
            value: json!("COLLECTION_POINT"),
        });
        desk.sandbox.world().faults.script(operation, 1, 100, fault);
    };
    point(Operation::SearchOrders);
    point(Operation::GetOrders);
    desk.good_poll();
    assert_eq!(desk.flags(&id)[0].detail, "collection_point", "E131");
    desk.pass(TimeDelta::minutes(5));
    let now = desk.now;
    desk.sandbox.world().tiktok.request_cancel(id.as_str(), now);
    desk.good_poll();
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    let answers = desk.calls(Operation::ApproveCancellation) + desk.calls(Operation::RejectCancellation);
    assert_eq!((answers, desk.creates()), (0, 0), "E131");
    assert_eq!(desk.state(&id), State::Flagged, "E131");
}
