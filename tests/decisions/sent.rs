//! What is sent, what a dry run says beforehand, and what the history says afterwards.

use std::time::Duration;

use chrono::TimeDelta;
use mcf_connector::amazon::operations::CREATE;
use mcf_connector::clock::Clock;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::state::State;
use mcf_connector::jobs;
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::tiktok::Line;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use mcf_connector::transport::pacing::Bucket;
use serde_json::{Value, json};

use super::test_shop::TestShop;

#[test]
fn a_dry_run_says_what_would_be_sent_and_by_which_rule_and_the_history_says_the_same_afterwards() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::ThreePack);
    let dry = shop.dry_poll();
    assert_eq!(shop.sandbox.log().mutating(), 0, "A10");
    assert!(
        shop.store().order(&id).expect("readable").is_none(),
        "A10: something was stored"
    );
    let [planned] = dry.summary.orders.as_slice() else {
        panic!("not one order: {:?}", dry.summary.orders);
    };
    assert_eq!(planned.state, State::Ready);
    let text = planned.explanation.join("; ");
    assert!(
        text.contains("3 × FBA-SOCK-1 for 1 unit(s), by seller_sku \"SOCK-3PK\""),
        "{text}"
    );
    assert!(text.contains("speed: Standard, by the settings"), "{text}");
    shop.good_poll();
    assert!(shop.history(&id).contains(&text), "{}", shop.history(&id));
    let world = shop.sandbox.world();
    let address = &world.tiktok.orders[id.as_str()].address;
    for personal in [&address.name, &address.line1, &address.city, &address.phone] {
        assert!(!text.contains(personal.as_str()), "{text}");
    }
}

#[test]
fn e36_the_last_look_takes_an_address_that_changed_and_the_history_says_so() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let moved = Fault::after(Disturbance::Patch {
        pointer: "/data/orders/0/recipient_address/address_line1".to_owned(),
        value: json!("7 elm st"),
    });
    shop.sandbox.world().faults.script(Operation::GetOrders, 2, 1, moved);
    shop.good_poll();
    assert_eq!(
        shop.created()[0]["destinationAddress"]["addressLine1"],
        "7 Elm St",
        "E36"
    );
    assert!(
        shop.history(&id)
            .contains("planned anew at the last look, since the address changed"),
        "E36: {}",
        shop.history(&id)
    );
}

#[test]
fn r10_what_is_cancelled_or_asked_to_be_between_the_decision_and_the_create_is_not_sent() {
    for (field, value, state) in [
        ("status", json!("CANCELLED"), State::Cancelled),
        ("is_buyer_request_cancel", json!(true), State::Waiting),
        ("status", json!("IN_TRANSIT"), State::NotEligible),
        ("status", json!("FROZEN"), State::Flagged),
    ] {
        let shop = TestShop::open();
        let (id, plain) = (shop.place(OrderKind::Plain), shop.place(OrderKind::ThreePack));
        let changed = Fault::after(Disturbance::Patch {
            pointer: format!("/data/orders/0/{field}"),
            value: value.clone(),
        });
        // The first call reads both to decide them; which of the two last looks comes first is open.
        let mut world = shop.sandbox.world();
        world.faults.script(Operation::GetOrders, 2, 2, changed);
        drop(world);
        shop.good_poll();
        assert_eq!(shop.creates(), 0, "R10: {field} {value}");
        for order in [&id, &plain] {
            assert_eq!(shop.state(order), state, "R10: {field} {value}");
        }
        // What was given back is there for the next order.
        let next = shop.place(OrderKind::Plain);
        shop.good_poll();
        assert_eq!(shop.state(&next), State::Routed, "R10");
    }
}

#[test]
fn e46_an_import_during_the_run_counts_for_the_orders_still_to_be_sent() {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1500 });
    shop.sandbox.world().faults.script(Operation::GetOrders, 2, 1, slow);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| shop.good_poll());
        while shop.calls(Operation::GetOrders) < 2 {
            assert!(!run.is_finished(), "E46: there was no last look");
            std::thread::sleep(Duration::from_millis(5));
        }
        shop.import(&MAPPINGS_CSV.replace("LAMP-BLK-01,FBA-LAMP-BLK,1", "LAMP-BLK-01,FBA-STAND-01,2"));
        run.join().expect("a run");
    });
    assert_eq!(shop.creates(), 1, "E46: {:?} {}", shop.flags(&id), shop.history(&id));
    let items = &shop.created()[0]["items"];
    assert_eq!(
        (&items[0]["sellerSku"], &items[0]["quantity"]),
        (&json!("FBA-STAND-01"), &json!(2)),
        "E46"
    );
    assert!(
        shop.history(&id).contains("since the items changed"),
        "E46: {}",
        shop.history(&id)
    );
}

#[test]
fn e38_an_unknown_sku_is_flagged_with_a_near_match_and_clears_by_itself_after_an_import() {
    let mut shop = TestShop::open();
    shop.import(&MAPPINGS_CSV.replace("LAMP-BLK-01", "lamp-blk-01"));
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    let flags = shop.flags(&id);
    assert_eq!(flags[0].reason(), Reason::SkuNotMapped, "E38");
    assert!(
        flags[0].message.contains("did you mean \"lamp-blk-01\""),
        "E39: {}",
        flags[0].message
    );
    shop.import(MAPPINGS_CSV);
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E38");
    assert!(shop.flags(&id).is_empty(), "E38");
}

#[test]
fn e38_more_unknown_skus_than_one_run_compares_have_their_suggestions_after_the_next() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.change(&id, |order| {
        let line = order.lines[0].clone();
        order.lines = (0..70)
            .map(|number| Line {
                id: format!("{}{number}", line.id),
                sku_id: format!("17295929697122{number:05}"),
                seller_sku: format!("LAMP-BLK-{:02}", number + 2),
                ..line.clone()
            })
            .collect();
    });
    let suggested = |shop: &TestShop| {
        let flags = shop.flags(&id);
        assert_eq!((flags.len(), flags[0].reason()), (1, Reason::SkuNotMapped), "E38");
        flags[0].message.matches("did you mean").count()
    };
    shop.good_poll();
    let first = suggested(&shop);
    assert!((1..70).contains(&first), "E38: {first}");
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    let second = suggested(&shop);
    assert!(second > first, "E38: {first}, then {second}");
    shop.pass(TimeDelta::minutes(5));
    assert!(shop.good_poll().summary.orders.is_empty(), "E38: told again");
    assert_eq!(suggested(&shop), second, "E38: what was found is kept");
    shop.import(&MAPPINGS_CSV.replace("LAMP-BLK-01", "LAMP-BLACK-NEW"));
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert!(
        !shop.flags(&id)[0].message.contains("LAMP-BLK-01"),
        "E38: a suggestion from mappings that are gone"
    );
}

#[test]
fn e45_a_sku_that_amazon_does_not_list_is_parked_and_the_others_go() {
    let shop = TestShop::open();
    shop.import(&MAPPINGS_CSV.replace("SOCK-3PK,FBA-SOCK-1", "SOCK-3PK,FBA-GONE"));
    let (gone, plain) = (shop.place(OrderKind::ThreePack), shop.place(OrderKind::Plain));
    shop.good_poll();
    let flags = shop.flags(&gone);
    assert_eq!(
        (
            flags[0].reason(),
            flags[0].detail.as_str(),
            flags[0].next_command.as_str()
        ),
        (
            Reason::InsufficientInventory,
            "stock_unknown",
            format!("mcf route {gone}").as_str()
        ),
        "E45"
    );
    assert_eq!((shop.state(&plain), shop.creates()), (State::Routed, 1), "E45");
}

#[test]
fn an_order_that_the_operator_holds_is_not_sent_by_a_run_that_is_under_way_nor_by_hand() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1000 });
    shop.sandbox.world().faults.script(Operation::GetOrders, 2, 1, slow);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| shop.good_poll());
        while shop.calls(Operation::GetOrders) < 2 {
            assert!(!run.is_finished(), "there was no last look");
            std::thread::sleep(Duration::from_millis(5));
        }
        shop.store().hold(&id, true, "by hand", shop.now).expect("held");
        run.join().expect("a run");
    });
    assert_eq!(shop.creates(), 0, "sent in spite of the hold");
    shop.pass(TimeDelta::minutes(5));
    let reads = shop.calls(Operation::GetOrders);
    assert!(
        shop.good_poll().summary.orders.is_empty(),
        "decided in spite of the hold"
    );
    assert_eq!(shop.calls(Operation::GetOrders), reads, "a held order is not even read");
    let by_hand = jobs::route::run(&shop.session(false), &id, &jobs::route::Word::default());
    assert!(matches!(by_hand, Err(jobs::Error::Held(_))), "{by_hand:?}");
    assert_eq!(shop.creates(), 0, "a hold waits");
    shop.store().hold(&id, false, "by hand", shop.now).expect("released");
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1));
}

#[test]
fn a_held_order_that_tiktok_cancels_is_over_without_a_release() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::BadAddress);
    shop.good_poll();
    shop.store().hold(&id, true, "by hand", shop.now).expect("held");
    shop.pass(TimeDelta::minutes(5));
    let now = shop.now;
    shop.change(&id, |order| order.cancel("BUYER", now));
    shop.good_poll();
    assert_eq!((shop.state(&id), shop.flags(&id)), (State::Cancelled, Vec::new()));
}

#[test]
fn e52_the_last_unit_goes_to_the_nearest_deadline_and_the_other_clears_when_stock_returns() {
    let mut shop = TestShop::open();
    let later = shop.place(OrderKind::Plain);
    let sooner = shop.place(OrderKind::Plain);
    let soon = shop.now + TimeDelta::hours(5);
    shop.change(&sooner, |order| {
        order
            .overrides
            .insert("rts_sla_time".to_owned(), json!(soon.timestamp()));
    });
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    shop.good_poll();
    assert_eq!(
        (shop.state(&sooner), shop.state(&later)),
        (State::Routed, State::Flagged),
        "E52"
    );
    assert_eq!(shop.flags(&later)[0].reason(), Reason::InsufficientInventory, "E52");
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 9);
    shop.pass(TimeDelta::hours(1));
    shop.good_poll();
    assert_eq!(shop.state(&later), State::Routed, "E52");
}

#[test]
fn e52_a_unit_that_was_promised_minutes_ago_is_not_promised_again_while_amazon_still_counts_it() {
    let mut shop = TestShop::open();
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    let first = shop.place(OrderKind::Plain);
    shop.good_poll();
    assert_eq!(shop.state(&first), State::Routed, "E52");
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    shop.pass(TimeDelta::minutes(5));
    let second = shop.place(OrderKind::Plain);
    shop.good_poll();
    assert_eq!(
        (shop.state(&second), shop.creates()),
        (State::Flagged, 1),
        "E52: one unit, promised twice"
    );
    assert_eq!(shop.flags(&second)[0].reason(), Reason::InsufficientInventory, "E52");
    shop.pass(TimeDelta::minutes(40));
    shop.good_poll();
    assert_eq!(shop.state(&second), State::Routed, "E52: it is another unit after all");
}

#[test]
fn e52_a_figure_that_falls_and_jumps_back_while_amazon_has_not_counted_yet_promises_nothing_twice() {
    let mut shop = TestShop::open();
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 2);
    let first = shop.place(OrderKind::Plain);
    shop.good_poll();
    assert_eq!(shop.state(&first), State::Routed, "E52");
    for said in [0, 2] {
        shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", said);
        shop.pass(TimeDelta::minutes(5));
        shop.good_poll();
    }
    let (second, third) = (shop.place(OrderKind::Plain), shop.place(OrderKind::Plain));
    shop.good_poll();
    assert_eq!(
        (shop.state(&second), shop.state(&third)),
        (State::Routed, State::Flagged),
        "E52"
    );
    assert_eq!(shop.creates(), 2, "E52: three orders for two units");
}

#[test]
fn e52_units_that_come_back_clear_the_flag_in_the_next_run_though_orders_keep_coming() {
    let mut shop = TestShop::open();
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    let first = shop.place(OrderKind::Plain);
    shop.good_poll();
    let second = shop.place(OrderKind::Plain);
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!(
        (shop.state(&first), shop.state(&second)),
        (State::Routed, State::Flagged),
        "E52"
    );
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 50);
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!(shop.state(&second), State::Routed, "E52: hidden for half an hour");
    for _ in 0..4 {
        shop.pass(TimeDelta::minutes(20));
        let next = shop.place(OrderKind::Plain);
        shop.good_poll();
        assert_eq!(shop.state(&next), State::Routed, "E52: the promises hide the stock");
    }
}

#[test]
fn e22_a_masked_address_waits_and_is_read_again() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    let name = shop.sandbox.world().tiktok.orders[id.as_str()].address.name.clone();
    shop.change(&id, |order| order.address.name = "J*** D**".to_owned());
    shop.good_poll();
    assert_eq!(shop.why(&id), (State::Waiting, Some("masked".to_owned())), "E22");
    shop.change(&id, |order| order.address.name = name);
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E22");
}

#[test]
fn a_second_run_of_every_kind_of_order_changes_nothing_and_sends_nothing() {
    let mut shop = TestShop::open();
    for kind in OrderKind::ALL {
        shop.place(kind);
    }
    shop.poll();
    let sent = shop.sandbox.log().mutating();
    shop.pass(TimeDelta::seconds(1));
    shop.poll();
    assert_eq!(shop.sandbox.log().mutating(), sent);
}

#[test]
fn e36_an_address_that_changes_after_the_create_is_told_while_amazon_may_still_be_stopped() {
    let mut shop = TestShop::open();
    let (moved, stays) = (shop.place(OrderKind::Plain), shop.place(OrderKind::Plain));
    shop.change(&stays, |order| {
        order
            .overrides
            .insert("has_updated_recipient_address".to_owned(), json!(true));
    });
    shop.good_poll();
    shop.pass(TimeDelta::minutes(5));
    let now = shop.now;
    let before = shop.sandbox.world().tiktok.orders[moved.as_str()].address.line1.clone();
    for id in [&moved, &stays] {
        shop.change(id, |order| order.updated_at = now);
    }
    shop.change(&moved, |order| order.address.line1 = "77 Elm Street".to_owned());
    shop.good_poll();
    let flags = shop.flags(&moved);
    assert_eq!(flags.len(), 1, "E36");
    assert_eq!(
        (flags[0].detail.as_str(), flags[0].next_command.as_str()),
        ("address_changed_after_create", format!("mcf route {moved}").as_str()),
        "E36"
    );
    assert!(!flags[0].message.contains("Elm"), "E119");
    assert!(shop.flags(&stays).is_empty(), "E36: the newest address was sent");
    assert_eq!(shop.creates(), 2, "E36");
    shop.pass(TimeDelta::minutes(5));
    shop.change(&moved, |order| order.address.line1 = before);
    shop.pass(TimeDelta::hours(25));
    shop.good_poll();
    assert!(
        !shop
            .flags(&moved)
            .iter()
            .any(|flag| flag.detail.as_str().starts_with("address")),
        "E36"
    );
}

/// One create in three seconds, and none is left over.
fn slow_down(shop: &TestShop) {
    let slow = Bucket {
        tokens: 0.0,
        per_second: 0.33,
        burst: 1.0,
        updated_at: shop.now,
    };
    let clock = Clock::starting_at(shop.now);
    shop.store()
        .with_bucket(&CREATE, CREATE.rate, clock, &mut |bucket| *bucket = slow)
        .expect("kept");
}

/// Fails where the last look before one of the newest creates was not right before it.
fn assert_looks_are_fresh(shop: &TestShop, creates: usize) {
    let log = shop.sandbox.log();
    let all: Vec<_> = log.of(Operation::CreateFulfillmentOrder).collect();
    let newest = &all[all.len() - creates..];
    for create in newest {
        let body: Value = serde_json::from_slice(&create.body).expect("JSON");
        let order = body["displayableOrderId"].as_str().expect("an id").to_owned();
        let looks = log.of(Operation::GetOrders);
        let looks = looks.filter(|look| look.at <= create.at && look.ids.contains(&order));
        let age = create.at - looks.map(|look| look.at).max().expect("it was looked at");
        assert!(age < TimeDelta::seconds(2), "E129: {order} was looked at {age} before");
    }
}

#[test]
fn where_the_rate_binds_each_last_look_is_fresh_when_its_create_leaves_e129() {
    let shop = TestShop::open();
    for _ in 0..4 {
        shop.place(OrderKind::Plain);
    }
    slow_down(&shop);
    shop.good_poll();
    assert_eq!(shop.creates(), 4, "E129");
    assert_looks_are_fresh(&shop, 4);
}

#[test]
fn where_the_rate_binds_the_look_before_a_repeat_is_fresh_too_e129() {
    let mut shop = TestShop::open();
    shop.place(OrderKind::Plain);
    let lost = Fault::before(Disturbance::Drop);
    shop.sandbox
        .world()
        .faults
        .next(Operation::CreateFulfillmentOrder, lost);
    shop.poll();
    shop.pass(TimeDelta::minutes(20));
    slow_down(&shop);
    shop.good_poll();
    assert_eq!(shop.creates(), 2, "E129: nothing of it was there");
    assert_looks_are_fresh(&shop, 1);
}

#[test]
fn a_create_that_amazon_makes_wait_leaves_only_after_another_look_e129() {
    let shop = TestShop::open();
    shop.place(OrderKind::Plain);
    let wait = Disturbance::Status {
        status: 429,
        retry_after: Some("3".to_owned()),
    };
    shop.sandbox
        .world()
        .faults
        .next(Operation::CreateFulfillmentOrder, Fault::before(wait));
    shop.good_poll();
    assert_eq!(shop.creates(), 2, "E129: made to wait, then taken");
    assert_looks_are_fresh(&shop, 2);
}

/// Amazon refuses the token of the first create, and its token host is slow to give another.
fn refuse_the_token_of_the_create(shop: &TestShop) {
    let body = json!({"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied.",
        "details": "The access token you provided has expired."}]});
    let expired = Fault::before(Disturbance::Json { status: 403, body });
    let slow = Fault::before(Disturbance::Stall { pause_ms: 3_000 });
    let mut world = shop.sandbox.world();
    world.faults.next(Operation::CreateFulfillmentOrder, expired);
    world.faults.script(Operation::ExchangeToken, 2, 1, slow);
}

#[test]
fn a_create_that_waits_for_a_new_token_leaves_only_after_another_look_e129() {
    let shop = TestShop::open();
    shop.place(OrderKind::Plain);
    refuse_the_token_of_the_create(&shop);
    shop.good_poll();
    assert_eq!(shop.creates(), 2, "E129: refused for its token, then taken");
    assert_looks_are_fresh(&shop, 2);
}

#[test]
fn an_order_that_is_cancelled_while_amazon_makes_its_create_wait_is_not_sent_e129() {
    let shop = TestShop::open();
    let order = shop.place(OrderKind::Plain);
    let wait = Disturbance::Status {
        status: 429,
        retry_after: Some("4".to_owned()),
    };
    shop.sandbox
        .world()
        .faults
        .next(Operation::CreateFulfillmentOrder, Fault::before(wait));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while shop.creates() == 0 {
                std::thread::sleep(Duration::from_millis(20));
            }
            let mut world = shop.sandbox.world();
            let now = world.now();
            let placed = world.tiktok.orders.get_mut(order.as_str()).expect("the order");
            placed.cancel("BUYER", now);
        });
        shop.poll();
    });
    assert_eq!(shop.creates(), 1, "E129: only the one that Amazon did not take");
}
