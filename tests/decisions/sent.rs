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

use super::bench::Bench;

#[test]
fn a_dry_run_says_what_would_be_sent_and_by_which_rule_and_the_history_says_the_same_afterwards() {
    let bench = Bench::open();
    let id = bench.place(OrderKind::ThreePack);
    let dry = bench.dry_poll();
    assert_eq!(bench.sandbox.log().mutating(), 0, "A10");
    assert!(
        bench.store().order(&id).expect("readable").is_none(),
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
    bench.good_poll();
    assert!(bench.history(&id).contains(&text), "{}", bench.history(&id));
    let world = bench.sandbox.world();
    let address = &world.tiktok.orders[id.as_str()].address;
    for personal in [&address.name, &address.line1, &address.city, &address.phone] {
        assert!(!text.contains(personal.as_str()), "{text}");
    }
}

#[test]
fn e36_the_last_look_takes_an_address_that_changed_and_the_history_says_so() {
    let bench = Bench::open();
    let id = bench.place(OrderKind::Plain);
    let moved = Fault::after(Disturbance::Patch {
        pointer: "/data/orders/0/recipient_address/address_line1".to_owned(),
        value: json!("7 elm st"),
    });
    bench.sandbox.world().faults.script(Operation::GetOrders, 2, 1, moved);
    bench.good_poll();
    assert_eq!(
        bench.created()[0]["destinationAddress"]["addressLine1"],
        "7 Elm St",
        "E36"
    );
    assert!(
        bench
            .history(&id)
            .contains("planned anew at the last look, since the address changed"),
        "E36: {}",
        bench.history(&id)
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
        let bench = Bench::open();
        let (id, plain) = (bench.place(OrderKind::Plain), bench.place(OrderKind::ThreePack));
        let changed = Fault::after(Disturbance::Patch {
            pointer: format!("/data/orders/0/{field}"),
            value: value.clone(),
        });
        // The first call reads both to decide them; which of the two last looks comes first is open.
        let mut world = bench.sandbox.world();
        world.faults.script(Operation::GetOrders, 2, 2, changed);
        drop(world);
        bench.good_poll();
        assert_eq!(bench.creates(), 0, "R10: {field} {value}");
        for order in [&id, &plain] {
            assert_eq!(bench.state(order), state, "R10: {field} {value}");
        }
        // What was given back is there for the next order.
        let next = bench.place(OrderKind::Plain);
        bench.good_poll();
        assert_eq!(bench.state(&next), State::Routed, "R10");
    }
}

#[test]
fn e46_an_import_during_the_run_counts_for_the_orders_still_to_be_sent() {
    let bench = Bench::open();
    let id = bench.place(OrderKind::Plain);
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1500 });
    bench.sandbox.world().faults.script(Operation::GetOrders, 2, 1, slow);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| bench.good_poll());
        while bench.calls(Operation::GetOrders) < 2 {
            assert!(!run.is_finished(), "E46: there was no last look");
            std::thread::sleep(Duration::from_millis(5));
        }
        bench.import(&MAPPINGS_CSV.replace("LAMP-BLK-01,FBA-LAMP-BLK,1", "LAMP-BLK-01,FBA-STAND-01,2"));
        run.join().expect("a run");
    });
    assert_eq!(bench.creates(), 1, "E46: {:?} {}", bench.flags(&id), bench.history(&id));
    let items = &bench.created()[0]["items"];
    assert_eq!(
        (&items[0]["sellerSku"], &items[0]["quantity"]),
        (&json!("FBA-STAND-01"), &json!(2)),
        "E46"
    );
    assert!(
        bench.history(&id).contains("since the items changed"),
        "E46: {}",
        bench.history(&id)
    );
}

#[test]
fn e38_an_unknown_sku_is_flagged_with_a_near_match_and_clears_by_itself_after_an_import() {
    let mut bench = Bench::open();
    bench.import(&MAPPINGS_CSV.replace("LAMP-BLK-01", "lamp-blk-01"));
    let id = bench.place(OrderKind::Plain);
    bench.good_poll();
    let flags = bench.flags(&id);
    assert_eq!(flags[0].reason(), Reason::SkuNotMapped, "E38");
    assert!(
        flags[0].message.contains("did you mean \"lamp-blk-01\""),
        "E39: {}",
        flags[0].message
    );
    bench.import(MAPPINGS_CSV);
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert_eq!(bench.state(&id), State::Routed, "E38");
    assert!(bench.flags(&id).is_empty(), "E38");
}

#[test]
fn e38_more_unknown_skus_than_one_run_compares_have_their_suggestions_after_the_next() {
    let mut bench = Bench::open();
    let id = bench.place(OrderKind::Plain);
    bench.change(&id, |order| {
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
    let suggested = |bench: &Bench| {
        let flags = bench.flags(&id);
        assert_eq!((flags.len(), flags[0].reason()), (1, Reason::SkuNotMapped), "E38");
        flags[0].message.matches("did you mean").count()
    };
    bench.good_poll();
    let first = suggested(&bench);
    assert!((1..70).contains(&first), "E38: {first}");
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    let second = suggested(&bench);
    assert!(second > first, "E38: {first}, then {second}");
    bench.pass(TimeDelta::minutes(5));
    assert!(bench.good_poll().summary.orders.is_empty(), "E38: told again");
    assert_eq!(suggested(&bench), second, "E38: what was found is kept");
    bench.import(&MAPPINGS_CSV.replace("LAMP-BLK-01", "LAMP-BLACK-NEW"));
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert!(
        !bench.flags(&id)[0].message.contains("LAMP-BLK-01"),
        "E38: a suggestion from mappings that are gone"
    );
}

#[test]
fn e45_a_sku_that_amazon_does_not_list_is_parked_and_the_others_go() {
    let bench = Bench::open();
    bench.import(&MAPPINGS_CSV.replace("SOCK-3PK,FBA-SOCK-1", "SOCK-3PK,FBA-GONE"));
    let (gone, plain) = (bench.place(OrderKind::ThreePack), bench.place(OrderKind::Plain));
    bench.good_poll();
    let flags = bench.flags(&gone);
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
    assert_eq!((bench.state(&plain), bench.creates()), (State::Routed, 1), "E45");
}

#[test]
fn an_order_that_the_operator_holds_is_not_sent_by_a_run_that_is_under_way_nor_by_hand() {
    let mut bench = Bench::open();
    let id = bench.place(OrderKind::Plain);
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1000 });
    bench.sandbox.world().faults.script(Operation::GetOrders, 2, 1, slow);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| bench.good_poll());
        while bench.calls(Operation::GetOrders) < 2 {
            assert!(!run.is_finished(), "there was no last look");
            std::thread::sleep(Duration::from_millis(5));
        }
        bench.store().hold(&id, true, "by hand", bench.now).expect("held");
        run.join().expect("a run");
    });
    assert_eq!(bench.creates(), 0, "sent in spite of the hold");
    bench.pass(TimeDelta::minutes(5));
    let reads = bench.calls(Operation::GetOrders);
    assert!(
        bench.good_poll().summary.orders.is_empty(),
        "decided in spite of the hold"
    );
    assert_eq!(
        bench.calls(Operation::GetOrders),
        reads,
        "a held order is not even read"
    );
    let by_hand = jobs::route::run(&bench.session(false), &id, &jobs::route::Word::default());
    assert!(matches!(by_hand, Err(jobs::Error::Held(_))), "{by_hand:?}");
    assert_eq!(bench.creates(), 0, "a hold waits");
    bench.store().hold(&id, false, "by hand", bench.now).expect("released");
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 1));
}

#[test]
fn a_held_order_that_tiktok_cancels_is_over_without_a_release() {
    let mut bench = Bench::open();
    let id = bench.place(OrderKind::BadAddress);
    bench.good_poll();
    bench.store().hold(&id, true, "by hand", bench.now).expect("held");
    bench.pass(TimeDelta::minutes(5));
    let now = bench.now;
    bench.change(&id, |order| order.cancel("BUYER", now));
    bench.good_poll();
    assert_eq!((bench.state(&id), bench.flags(&id)), (State::Cancelled, Vec::new()));
}

#[test]
fn e52_the_last_unit_goes_to_the_nearest_deadline_and_the_other_clears_when_stock_returns() {
    let mut bench = Bench::open();
    let later = bench.place(OrderKind::Plain);
    let sooner = bench.place(OrderKind::Plain);
    let soon = bench.now + TimeDelta::hours(5);
    bench.change(&sooner, |order| {
        order
            .overrides
            .insert("rts_sla_time".to_owned(), json!(soon.timestamp()));
    });
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    bench.good_poll();
    assert_eq!(
        (bench.state(&sooner), bench.state(&later)),
        (State::Routed, State::Flagged),
        "E52"
    );
    assert_eq!(bench.flags(&later)[0].reason(), Reason::InsufficientInventory, "E52");
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 9);
    bench.pass(TimeDelta::hours(1));
    bench.good_poll();
    assert_eq!(bench.state(&later), State::Routed, "E52");
}

#[test]
fn e52_a_unit_that_was_promised_minutes_ago_is_not_promised_again_while_amazon_still_counts_it() {
    let mut bench = Bench::open();
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    let first = bench.place(OrderKind::Plain);
    bench.good_poll();
    assert_eq!(bench.state(&first), State::Routed, "E52");
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    bench.pass(TimeDelta::minutes(5));
    let second = bench.place(OrderKind::Plain);
    bench.good_poll();
    assert_eq!(
        (bench.state(&second), bench.creates()),
        (State::Flagged, 1),
        "E52: one unit, promised twice"
    );
    assert_eq!(bench.flags(&second)[0].reason(), Reason::InsufficientInventory, "E52");
    bench.pass(TimeDelta::minutes(40));
    bench.good_poll();
    assert_eq!(bench.state(&second), State::Routed, "E52: it is another unit after all");
}

#[test]
fn e52_a_figure_that_falls_and_jumps_back_while_amazon_has_not_counted_yet_promises_nothing_twice() {
    let mut bench = Bench::open();
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 2);
    let first = bench.place(OrderKind::Plain);
    bench.good_poll();
    assert_eq!(bench.state(&first), State::Routed, "E52");
    for said in [0, 2] {
        bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", said);
        bench.pass(TimeDelta::minutes(5));
        bench.good_poll();
    }
    let (second, third) = (bench.place(OrderKind::Plain), bench.place(OrderKind::Plain));
    bench.good_poll();
    assert_eq!(
        (bench.state(&second), bench.state(&third)),
        (State::Routed, State::Flagged),
        "E52"
    );
    assert_eq!(bench.creates(), 2, "E52: three orders for two units");
}

#[test]
fn e52_units_that_come_back_clear_the_flag_in_the_next_run_though_orders_keep_coming() {
    let mut bench = Bench::open();
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    let first = bench.place(OrderKind::Plain);
    bench.good_poll();
    let second = bench.place(OrderKind::Plain);
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert_eq!(
        (bench.state(&first), bench.state(&second)),
        (State::Routed, State::Flagged),
        "E52"
    );
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 50);
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert_eq!(bench.state(&second), State::Routed, "E52: hidden for half an hour");
    for _ in 0..4 {
        bench.pass(TimeDelta::minutes(20));
        let next = bench.place(OrderKind::Plain);
        bench.good_poll();
        assert_eq!(bench.state(&next), State::Routed, "E52: the promises hide the stock");
    }
}

#[test]
fn e22_a_masked_address_waits_and_is_read_again() {
    let mut bench = Bench::open();
    let id = bench.place(OrderKind::Plain);
    let name = bench.sandbox.world().tiktok.orders[id.as_str()].address.name.clone();
    bench.change(&id, |order| order.address.name = "J*** D**".to_owned());
    bench.good_poll();
    assert_eq!(bench.why(&id), (State::Waiting, Some("masked".to_owned())), "E22");
    bench.change(&id, |order| order.address.name = name);
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert_eq!(bench.state(&id), State::Routed, "E22");
}

#[test]
fn a_second_run_of_every_kind_of_order_changes_nothing_and_sends_nothing() {
    let mut bench = Bench::open();
    for kind in OrderKind::ALL {
        bench.place(kind);
    }
    bench.poll();
    let sent = bench.sandbox.log().mutating();
    bench.pass(TimeDelta::seconds(1));
    bench.poll();
    assert_eq!(bench.sandbox.log().mutating(), sent);
}

#[test]
fn e36_an_address_that_changes_after_the_create_is_told_while_amazon_may_still_be_stopped() {
    let mut bench = Bench::open();
    let (moved, stays) = (bench.place(OrderKind::Plain), bench.place(OrderKind::Plain));
    bench.change(&stays, |order| {
        order
            .overrides
            .insert("has_updated_recipient_address".to_owned(), json!(true));
    });
    bench.good_poll();
    bench.pass(TimeDelta::minutes(5));
    let now = bench.now;
    let before = bench.sandbox.world().tiktok.orders[moved.as_str()]
        .address
        .line1
        .clone();
    for id in [&moved, &stays] {
        bench.change(id, |order| order.updated_at = now);
    }
    bench.change(&moved, |order| order.address.line1 = "77 Elm Street".to_owned());
    bench.good_poll();
    let flags = bench.flags(&moved);
    assert_eq!(flags.len(), 1, "E36");
    assert_eq!(
        (flags[0].detail.as_str(), flags[0].next_command.as_str()),
        ("address_changed_after_create", format!("mcf route {moved}").as_str()),
        "E36"
    );
    assert!(!flags[0].message.contains("Elm"), "E119");
    assert!(bench.flags(&stays).is_empty(), "E36: the newest address was sent");
    assert_eq!(bench.creates(), 2, "E36");
    bench.pass(TimeDelta::minutes(5));
    bench.change(&moved, |order| order.address.line1 = before);
    bench.pass(TimeDelta::hours(25));
    bench.good_poll();
    assert!(
        !bench
            .flags(&moved)
            .iter()
            .any(|flag| flag.detail.as_str().starts_with("address")),
        "E36"
    );
}

/// One create in three seconds, and none is left over.
fn slow_down(bench: &Bench) {
    let slow = Bucket {
        tokens: 0.0,
        per_second: 0.33,
        burst: 1.0,
        updated_at: bench.now,
    };
    let clock = Clock::starting_at(bench.now);
    bench
        .store()
        .with_bucket(&CREATE, CREATE.rate, clock, &mut |bucket| *bucket = slow)
        .expect("kept");
}

/// Fails where the last look before one of the newest creates was not right before it.
fn assert_looks_are_fresh(bench: &Bench, creates: usize) {
    let log = bench.sandbox.log();
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
    let bench = Bench::open();
    for _ in 0..4 {
        bench.place(OrderKind::Plain);
    }
    slow_down(&bench);
    bench.good_poll();
    assert_eq!(bench.creates(), 4, "E129");
    assert_looks_are_fresh(&bench, 4);
}

#[test]
fn where_the_rate_binds_the_look_before_a_repeat_is_fresh_too_e129() {
    let mut bench = Bench::open();
    bench.place(OrderKind::Plain);
    let lost = Fault::before(Disturbance::Drop);
    bench
        .sandbox
        .world()
        .faults
        .next(Operation::CreateFulfillmentOrder, lost);
    bench.poll();
    bench.pass(TimeDelta::minutes(20));
    slow_down(&bench);
    bench.good_poll();
    assert_eq!(bench.creates(), 2, "E129: nothing of it was there");
    assert_looks_are_fresh(&bench, 1);
}

#[test]
fn a_create_that_amazon_makes_wait_leaves_only_after_another_look_e129() {
    let bench = Bench::open();
    bench.place(OrderKind::Plain);
    let wait = Disturbance::Status {
        status: 429,
        retry_after: Some("3".to_owned()),
    };
    bench
        .sandbox
        .world()
        .faults
        .next(Operation::CreateFulfillmentOrder, Fault::before(wait));
    bench.good_poll();
    assert_eq!(bench.creates(), 2, "E129: made to wait, then taken");
    assert_looks_are_fresh(&bench, 2);
}

/// Amazon refuses the token of the next create, and its token host is slow to give another.
fn refuse_the_token_of_the_create(bench: &Bench) {
    let body = json!({"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied.",
        "details": "The access token you provided has expired."}]});
    let expired = Disturbance::Json { status: 403, body };
    let slow = Disturbance::Stall { pause_ms: 3_000 };
    let mut world = bench.sandbox.world();
    let calls = [
        (Operation::CreateFulfillmentOrder, expired),
        (Operation::ExchangeToken, slow),
    ];
    for (operation, disturbance) in calls {
        world.faults.next(operation, Fault::before(disturbance));
    }
}

#[test]
fn a_create_that_waits_for_a_new_token_leaves_only_after_another_look_e129() {
    let mut bench = Bench::open();
    bench.good_poll();
    bench.place(OrderKind::Plain);
    bench.pass(TimeDelta::minutes(5));
    refuse_the_token_of_the_create(&bench);
    bench.good_poll();
    assert_eq!(bench.creates(), 2, "E129: refused for its token, then taken");
    assert_looks_are_fresh(&bench, 2);
}

#[test]
fn an_order_that_is_cancelled_while_amazon_makes_its_create_wait_is_not_sent_e129() {
    let bench = Bench::open();
    let order = bench.place(OrderKind::Plain);
    let wait = Disturbance::Status {
        status: 429,
        retry_after: Some("4".to_owned()),
    };
    bench
        .sandbox
        .world()
        .faults
        .next(Operation::CreateFulfillmentOrder, Fault::before(wait));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while bench.creates() == 0 {
                std::thread::sleep(Duration::from_millis(20));
            }
            let mut world = bench.sandbox.world();
            let now = world.now();
            let placed = world.tiktok.orders.get_mut(order.as_str()).expect("the order");
            placed.cancel("BUYER", now);
        });
        bench.poll();
    });
    assert_eq!(bench.creates(), 1, "E129: only the one that Amazon did not take");
}
