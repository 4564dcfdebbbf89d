//! E01 to E18: no order is missed, none is taken twice, and what is not ours is left alone.

use chrono::TimeDelta;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::test_shop::TestShop;

#[test]
fn e01_an_order_that_comes_again_is_one_row_and_one_create() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    assert_eq!(shop.good_poll().summary.counts["detected"], 1, "E01");
    shop.pass(TimeDelta::minutes(5));
    assert_eq!(shop.good_poll().summary.counts["detected"], 0, "E01");
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1), "E01");
}

#[test]
fn e05_a_gap_of_five_days_is_covered_in_slices() {
    let mut shop = TestShop::open();
    shop.good_poll();
    let before = shop.calls(Operation::SearchOrders);
    let begun = shop.now;
    shop.pass(TimeDelta::days(5));
    let ids: Vec<_> = (0..5).map(|_| shop.place(OrderKind::Plain)).collect();
    for (day, id) in (0..).zip(&ids) {
        shop.change(id, |order| {
            order.updated_at = begun + TimeDelta::days(day) + TimeDelta::minutes(1)
        });
    }
    assert_eq!(shop.good_poll().summary.counts["detected"], 5, "E05");
    // Six windows, the search for wishes to cancel, and three of the sweep.
    let searches = shop.calls(Operation::SearchOrders) - before;
    assert!((6..=10).contains(&searches), "E05: {searches} searches");
}

#[test]
fn e06_the_sweep_finds_what_the_list_missed_once_a_day() {
    let mut shop = TestShop::open();
    shop.good_poll();
    shop.pass(TimeDelta::hours(12));
    shop.good_poll();
    let missed = shop.place(OrderKind::Plain);
    shop.change(&missed, |order| order.updated_at -= TimeDelta::hours(6));
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert!(
        shop.store().order(&missed).expect("readable").is_none(),
        "E06: the list did not miss it"
    );
    shop.pass(TimeDelta::hours(12));
    shop.good_poll();
    assert_eq!(shop.state(&missed), State::Routed, "E06");
    let before = shop.calls(Operation::SearchOrders);
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert!(shop.calls(Operation::SearchOrders) - before <= 2, "E06: swept again");
}

#[test]
fn e06_the_sweep_reads_open_orders_by_id_and_sees_what_changed() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    let stale = shop.now;
    shop.change(&id, |order| {
        order.set_status("IN_TRANSIT", stale - TimeDelta::days(2));
    });
    shop.pass(TimeDelta::hours(25));
    shop.good_poll();
    assert!(shop.history(&id).contains("IN_TRANSIT"), "E06: {}", shop.history(&id));
}

#[test]
fn e06_the_sweep_looks_back_no_further_than_the_first_run() {
    let mut shop = TestShop::open();
    let old = shop.place(OrderKind::Plain);
    shop.change(&old, |order| order.updated_at -= TimeDelta::days(4));
    shop.good_poll();
    shop.pass(TimeDelta::hours(25));
    shop.good_poll();
    assert!(shop.store().order(&old).expect("readable").is_none(), "E06");
}

#[test]
fn e08_an_order_on_hold_is_stored_and_looked_at_when_the_hour_is_over() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::OnHold);
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Waiting, "E08");
    assert!(shop.flags(&id).is_empty(), "E08: an alert");
    shop.pass(TimeDelta::minutes(61));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E08");
}

#[test]
fn e09_e10_e11_what_is_unpaid_on_its_way_or_shipped_by_tiktok_is_not_sent_and_says_why() {
    let shop = TestShop::open();
    let unpaid = shop.place(OrderKind::Plain);
    shop.change(&unpaid, |order| order.status = "UNPAID".to_owned());
    let platform = shop.place(OrderKind::PlatformShipped);
    let mut shipped = vec![shop.place(OrderKind::Delivered)];
    for status in ["AWAITING_COLLECTION", "IN_TRANSIT", "COMPLETED"] {
        let id = shop.place(OrderKind::Plain);
        shop.change(&id, |order| order.status = status.to_owned());
        shipped.push(id);
    }
    shop.good_poll();
    let why = |detail: &str| Some(detail.to_owned());
    assert_eq!(shop.why(&unpaid), (State::Waiting, why("unpaid")), "E09");
    assert_eq!(
        shop.why(&platform),
        (State::NotEligible, why("shipped_by_tiktok")),
        "E11"
    );
    assert!(
        shop.history(&platform).contains("Seller Shipping"),
        "E11: no cure named"
    );
    for id in &shipped {
        assert_eq!(shop.why(id), (State::NotEligible, why("shipped_elsewhere")), "E10");
    }
    assert_eq!(shop.creates(), 0, "E09, E10, E11");
}

#[test]
fn e12_an_order_of_another_warehouse_is_not_ours() {
    let shop = TestShop::with_settings("[inventory]\ntiktok_warehouse_id = '7068517275539720555'\n");
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    assert_eq!(
        shop.why(&id),
        (State::NotEligible, Some("other_warehouse".to_owned())),
        "E12"
    );
}

#[test]
fn e13_a_gift_is_shipped_with_what_was_bought() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::Gift);
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E13");
    assert_eq!(shop.created()[0]["items"].as_array().map(Vec::len), Some(2), "E13");
}

#[test]
fn e13_a_sample_for_nothing_and_a_replacement_are_shipped() {
    let shop = TestShop::open();
    let ids = ["is_sample_order", "is_replacement_order"].map(|field| {
        let id = shop.place(OrderKind::Plain);
        shop.change(&id, |order| {
            order.lines[0].price = "0".to_owned();
            order.overrides.insert(field.to_owned(), json!(true));
            order
                .overrides
                .insert("payment".to_owned(), json!({ "currency": "USD", "total_amount": "0" }));
        });
        id
    });
    shop.good_poll();
    assert!(ids.iter().all(|id| shop.state(id) == State::Routed), "E13");
}

#[test]
fn e48_of_an_order_that_is_partly_shipped_only_the_units_that_wait_go() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::SeveralUnits);
    shop.change(&id, |order| {
        order.status = "PARTIALLY_SHIPPING".to_owned();
        order.lines[0].display_status = "IN_TRANSIT".to_owned();
        order.lines[1].display_status = "CANCELLED".to_owned();
    });
    shop.good_poll();
    let items = shop.created()[0]["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "E48: {items}");
    assert_eq!(
        (&items[0]["sellerSku"], &items[0]["quantity"]),
        (&json!("FBA-BULB-4PK"), &json!(1)),
        "E48"
    );
}

#[test]
fn e14_a_pre_order_waits_for_its_release() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let release = shop.now + TimeDelta::days(3);
    shop.change(&id, |order| {
        order.order_type = "PRE_ORDER".to_owned();
        order
            .overrides
            .insert("release_date".to_owned(), json!(release.timestamp()));
    });
    shop.good_poll();
    assert_eq!(
        shop.why(&id),
        (State::Waiting, Some("before_release".to_owned())),
        "E14"
    );
    shop.pass(TimeDelta::days(3) + TimeDelta::minutes(1));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E14");
}

#[test]
fn e15_a_status_never_seen_is_flagged_once_and_the_others_go_on() {
    let mut shop = TestShop::open();
    let strange = shop.place(OrderKind::Plain);
    shop.change(&strange, |order| order.status = "FROZEN".to_owned());
    let plain = shop.place(OrderKind::Plain);
    shop.good_poll();
    let flags = shop.flags(&strange);
    assert_eq!((flags.len(), flags[0].reason()), (1, Reason::OrderNotSupported), "E15");
    assert!(flags[0].message.contains("FROZEN"), "E15");
    assert_eq!(shop.state(&plain), State::Routed, "E15");
    shop.pass(TimeDelta::minutes(5));
    assert!(shop.good_poll().summary.orders.is_empty(), "E15: told again");
}

#[test]
fn e16_ids_beyond_53_bits_as_numbers_and_times_in_milliseconds_are_read_exactly() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let number: u64 = id.as_str().parse().expect("a number");
    assert!(number > 1 << 53, "E16");
    let created = shop.now - TimeDelta::hours(3);
    shop.change(&id, |order| {
        order.overrides.insert("id".to_owned(), json!(number));
        order
            .overrides
            .insert("create_time".to_owned(), json!(created.timestamp_millis()));
        order.overrides.insert(
            "update_time".to_owned(),
            json!((created + TimeDelta::hours(1)).timestamp().to_string()),
        );
    });
    shop.good_poll();
    let stored = shop
        .store()
        .order(&id)
        .expect("readable")
        .expect("E16: known under its exact id");
    assert_eq!(stored.order.times.created_at, created, "E16");
    assert_eq!(shop.created()[0]["displayableOrderId"], id.as_str(), "E16");
}

#[test]
fn e17_orders_of_one_buyer_become_one_fulfillment_order_each() {
    let shop = TestShop::open();
    let ids = [shop.place(OrderKind::Plain), shop.place(OrderKind::Plain)];
    shop.good_poll();
    let mut sent: Vec<String> = shop
        .created()
        .iter()
        .map(|body| body["sellerFulfillmentOrderId"].to_string())
        .collect();
    sent.sort();
    assert_eq!(sent, ids.map(|id| format!("\"TTS-{id}\"")), "E17");
}

#[test]
fn e18_a_revoked_authorisation_stops_the_shop_with_one_error_of_credentials() {
    let shop = TestShop::open();
    shop.place(OrderKind::Plain);
    {
        let mut world = shop.sandbox.world();
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
    let trouble = shop.poll().trouble.expect("E18: no trouble");
    assert!(trouble.is_credentials(), "E18: {trouble}");
    assert_eq!(shop.creates(), 0, "E18");
}

#[test]
fn e18_a_consent_that_ends_between_two_calls_stops_the_run_and_the_orders_wait_for_the_next_one() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let (status, message) = (200, "r");
    let answer = |code: i64| Disturbance::Json {
        status,
        body: json!({ "code": code, "message": message, "request_id": "r" }),
    };
    {
        let mut world = shop.sandbox.world();
        world
            .faults
            .script(Operation::GetOrders, 1, 50, Fault::before(answer(105_002)));
        world
            .faults
            .script(Operation::RefreshToken, 1, 50, Fault::before(answer(36_004_004)));
    }
    let trouble = shop.poll().trouble.expect("E18: no trouble");
    assert!(
        trouble.is_credentials() && trouble.to_string().contains("must authorize the app again"),
        "E18: {trouble}"
    );
    assert_eq!(
        shop.calls(Operation::RefreshToken),
        1,
        "E18: a refused consent is not asked again"
    );
    assert_eq!((shop.state(&id), shop.creates()), (State::Detected, 0), "E18");
    shop.sandbox.world().faults.clear();
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E18: nothing is lost");
}

#[test]
fn e131_the_cancellation_of_a_collection_points_order_is_left_to_who_ships_it() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let point = |operation| {
        let fault = Fault::after(Disturbance::Patch {
            pointer: "/data/orders/0/delivery_type".to_owned(),
            value: json!("COLLECTION_POINT"),
        });
        shop.sandbox.world().faults.script(operation, 1, 100, fault);
    };
    point(Operation::SearchOrders);
    point(Operation::GetOrders);
    shop.good_poll();
    assert_eq!(shop.flags(&id)[0].detail.as_str(), "collection_point", "E131");
    shop.pass(TimeDelta::minutes(5));
    let now = shop.now;
    shop.sandbox.world().tiktok.request_cancel(id.as_str(), now);
    shop.good_poll();
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    let answers = shop.calls(Operation::ApproveCancellation) + shop.calls(Operation::RejectCancellation);
    assert_eq!((answers, shop.creates()), (0, 0), "E131");
    assert_eq!(shop.state(&id), State::Flagged, "E131");
}
