//! What is sent, what a dry run says beforehand, and what the history says afterwards.

use std::time::Duration;

use chrono::TimeDelta;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::state::State;
use mcf_connector::jobs;
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::tiktok::Line;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::desk::Desk;

#[test]
fn a_dry_run_says_what_would_be_sent_and_by_which_rule_and_the_history_says_the_same_afterwards() {
    let desk = Desk::open();
    let id = desk.place(OrderKind::ThreePack);
    let dry = desk.dry_poll();
    assert_eq!(desk.sandbox.log().mutating(), 0, "A10");
    assert!(
        desk.store().order(&id).expect("readable").is_none(),
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
    desk.good_poll();
    assert!(desk.history(&id).contains(&text), "{}", desk.history(&id));
    let world = desk.sandbox.world();
    let address = &world.tiktok.orders[id.as_str()].address;
    for personal in [&address.name, &address.line1, &address.city, &address.phone] {
        assert!(!text.contains(personal.as_str()), "{text}");
    }
}

#[test]
fn e36_the_last_look_takes_an_address_that_changed_and_the_history_says_so() {
    let desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let moved = Fault::after(Disturbance::Patch {
        pointer: "/data/orders/0/recipient_address/address_line1".to_owned(),
        value: json!("7 elm st"),
    });
    desk.sandbox.world().faults.script(Operation::GetOrders, 2, 1, moved);
    desk.good_poll();
    assert_eq!(
        desk.created()[0]["destinationAddress"]["addressLine1"],
        "7 Elm St",
        "E36"
    );
    assert!(
        desk.history(&id)
            .contains("planned anew at the last look, since the address changed"),
        "E36: {}",
        desk.history(&id)
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
        let desk = Desk::open();
        let (id, plain) = (desk.place(OrderKind::Plain), desk.place(OrderKind::ThreePack));
        let changed = Fault::after(Disturbance::Patch {
            pointer: format!("/data/orders/0/{field}"),
            value: value.clone(),
        });
        // The first call reads both to decide them; which of the two last looks comes first is open.
        let mut world = desk.sandbox.world();
        world.faults.script(Operation::GetOrders, 2, 2, changed);
        drop(world);
        desk.good_poll();
        assert_eq!(desk.creates(), 0, "R10: {field} {value}");
        for order in [&id, &plain] {
            assert_eq!(desk.state(order), state, "R10: {field} {value}");
        }
        // What was given back is there for the next order.
        let next = desk.place(OrderKind::Plain);
        desk.good_poll();
        assert_eq!(desk.state(&next), State::Routed, "R10");
    }
}

#[test]
fn e46_an_import_during_the_run_counts_for_the_orders_still_to_be_sent() {
    let desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1500 });
    desk.sandbox.world().faults.script(Operation::GetOrders, 2, 1, slow);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| desk.good_poll());
        while desk.calls(Operation::GetOrders) < 2 {
            assert!(!run.is_finished(), "E46: there was no last look");
            std::thread::sleep(Duration::from_millis(5));
        }
        desk.import(&MAPPINGS_CSV.replace("LAMP-BLK-01,FBA-LAMP-BLK,1", "LAMP-BLK-01,FBA-STAND-01,2"));
        run.join().expect("a run");
    });
    assert_eq!(desk.creates(), 1, "E46: {:?} {}", desk.flags(&id), desk.history(&id));
    let items = &desk.created()[0]["items"];
    assert_eq!(
        (&items[0]["sellerSku"], &items[0]["quantity"]),
        (&json!("FBA-STAND-01"), &json!(2)),
        "E46"
    );
    assert!(
        desk.history(&id).contains("since the items changed"),
        "E46: {}",
        desk.history(&id)
    );
}

#[test]
fn e38_an_unknown_sku_is_flagged_with_a_near_match_and_clears_by_itself_after_an_import() {
    let mut desk = Desk::open();
    desk.import(&MAPPINGS_CSV.replace("LAMP-BLK-01", "lamp-blk-01"));
    let id = desk.place(OrderKind::Plain);
    desk.good_poll();
    let flags = desk.flags(&id);
    assert_eq!(flags[0].reason, Reason::SkuNotMapped, "E38");
    assert!(
        flags[0].message.contains("did you mean \"lamp-blk-01\""),
        "E39: {}",
        flags[0].message
    );
    desk.import(MAPPINGS_CSV);
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Routed, "E38");
    assert!(desk.flags(&id).is_empty(), "E38");
}

#[test]
fn e38_more_unknown_skus_than_one_run_compares_have_their_suggestions_after_the_next() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    desk.change(&id, |order| {
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
    let suggested = |desk: &Desk| {
        let flags = desk.flags(&id);
        assert_eq!((flags.len(), flags[0].reason), (1, Reason::SkuNotMapped), "E38");
        flags[0].message.matches("did you mean").count()
    };
    desk.good_poll();
    let first = suggested(&desk);
    assert!((1..70).contains(&first), "E38: {first}");
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    let second = suggested(&desk);
    assert!(second > first, "E38: {first}, then {second}");
    desk.pass(TimeDelta::minutes(5));
    assert!(desk.good_poll().summary.orders.is_empty(), "E38: told again");
    assert_eq!(suggested(&desk), second, "E38: what was found is kept");
    desk.import(&MAPPINGS_CSV.replace("LAMP-BLK-01", "LAMP-BLACK-NEW"));
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert!(
        !desk.flags(&id)[0].message.contains("LAMP-BLK-01"),
        "E38: a suggestion from mappings that are gone"
    );
}

#[test]
fn e45_a_sku_that_amazon_does_not_list_is_parked_and_the_others_go() {
    let desk = Desk::open();
    desk.import(&MAPPINGS_CSV.replace("SOCK-3PK,FBA-SOCK-1", "SOCK-3PK,FBA-GONE"));
    let (gone, plain) = (desk.place(OrderKind::ThreePack), desk.place(OrderKind::Plain));
    desk.good_poll();
    let flags = desk.flags(&gone);
    assert_eq!(
        (
            flags[0].reason,
            flags[0].detail.as_str(),
            flags[0].next_command.as_str()
        ),
        (Reason::InsufficientInventory, "stock_unknown", "mcf mappings check"),
        "E45"
    );
    assert_eq!((desk.state(&plain), desk.creates()), (State::Routed, 1), "E45");
}

#[test]
fn an_order_that_the_operator_holds_is_not_sent_by_a_run_that_is_under_way_nor_by_hand() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1000 });
    desk.sandbox.world().faults.script(Operation::GetOrders, 2, 1, slow);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| desk.good_poll());
        while desk.calls(Operation::GetOrders) < 2 {
            assert!(!run.is_finished(), "there was no last look");
            std::thread::sleep(Duration::from_millis(5));
        }
        desk.store().hold(&id, true, desk.now).expect("held");
        run.join().expect("a run");
    });
    assert_eq!(desk.creates(), 0, "sent in spite of the hold");
    desk.pass(TimeDelta::minutes(5));
    let reads = desk.calls(Operation::GetOrders);
    assert!(
        desk.good_poll().summary.orders.is_empty(),
        "decided in spite of the hold"
    );
    assert_eq!(desk.calls(Operation::GetOrders), reads, "a held order is not even read");
    let by_hand = jobs::route::run(&desk.session(false), &id, &jobs::route::Word::default());
    assert!(matches!(by_hand, Err(jobs::Error::Held(_))), "{by_hand:?}");
    assert_eq!(desk.creates(), 0, "a hold waits");
    desk.store().hold(&id, false, desk.now).expect("released");
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert_eq!((desk.state(&id), desk.creates()), (State::Routed, 1));
}

#[test]
fn a_held_order_that_tiktok_cancels_is_over_without_a_release() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::BadAddress);
    desk.good_poll();
    desk.store().hold(&id, true, desk.now).expect("held");
    desk.pass(TimeDelta::minutes(5));
    let now = desk.now;
    desk.change(&id, |order| order.cancel("BUYER", now));
    desk.good_poll();
    assert_eq!((desk.state(&id), desk.flags(&id)), (State::Cancelled, Vec::new()));
}

#[test]
fn e52_the_last_unit_goes_to_the_nearest_deadline_and_the_other_clears_when_stock_returns() {
    let mut desk = Desk::open();
    let later = desk.place(OrderKind::Plain);
    let sooner = desk.place(OrderKind::Plain);
    let soon = desk.now + TimeDelta::hours(5);
    desk.change(&sooner, |order| {
        order
            .overrides
            .insert("rts_sla_time".to_owned(), json!(soon.timestamp()));
    });
    desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    desk.good_poll();
    assert_eq!(
        (desk.state(&sooner), desk.state(&later)),
        (State::Routed, State::Flagged),
        "E52"
    );
    assert_eq!(desk.flags(&later)[0].reason, Reason::InsufficientInventory, "E52");
    desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 9);
    desk.pass(TimeDelta::hours(1));
    desk.good_poll();
    assert_eq!(desk.state(&later), State::Routed, "E52");
}

#[test]
fn e52_a_unit_that_was_promised_minutes_ago_is_not_promised_again_while_amazon_still_counts_it() {
    let mut desk = Desk::open();
    desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    let first = desk.place(OrderKind::Plain);
    desk.good_poll();
    assert_eq!(desk.state(&first), State::Routed, "E52");
    desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    desk.pass(TimeDelta::minutes(5));
    let second = desk.place(OrderKind::Plain);
    desk.good_poll();
    assert_eq!(
        (desk.state(&second), desk.creates()),
        (State::Flagged, 1),
        "E52: one unit, promised twice"
    );
    assert_eq!(desk.flags(&second)[0].reason, Reason::InsufficientInventory, "E52");
    desk.pass(TimeDelta::minutes(40));
    desk.good_poll();
    assert_eq!(desk.state(&second), State::Routed, "E52: it is another unit after all");
}

#[test]
fn e52_a_figure_that_falls_and_jumps_back_while_amazon_has_not_counted_yet_promises_nothing_twice() {
    let mut desk = Desk::open();
    desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 2);
    let first = desk.place(OrderKind::Plain);
    desk.good_poll();
    assert_eq!(desk.state(&first), State::Routed, "E52");
    for said in [0, 2] {
        desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", said);
        desk.pass(TimeDelta::minutes(5));
        desk.good_poll();
    }
    let (second, third) = (desk.place(OrderKind::Plain), desk.place(OrderKind::Plain));
    desk.good_poll();
    assert_eq!(
        (desk.state(&second), desk.state(&third)),
        (State::Routed, State::Flagged),
        "E52"
    );
    assert_eq!(desk.creates(), 2, "E52: three orders for two units");
}

#[test]
fn e52_units_that_come_back_clear_the_flag_in_the_next_run_though_orders_keep_coming() {
    let mut desk = Desk::open();
    desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    let first = desk.place(OrderKind::Plain);
    desk.good_poll();
    let second = desk.place(OrderKind::Plain);
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert_eq!(
        (desk.state(&first), desk.state(&second)),
        (State::Routed, State::Flagged),
        "E52"
    );
    desk.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 50);
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert_eq!(desk.state(&second), State::Routed, "E52: hidden for half an hour");
    for _ in 0..4 {
        desk.pass(TimeDelta::minutes(20));
        let next = desk.place(OrderKind::Plain);
        desk.good_poll();
        assert_eq!(desk.state(&next), State::Routed, "E52: the promises hide the stock");
    }
}

#[test]
fn e22_a_masked_address_waits_and_is_read_again() {
    let mut desk = Desk::open();
    let id = desk.place(OrderKind::Plain);
    let name = desk.sandbox.world().tiktok.orders[id.as_str()].address.name.clone();
    desk.change(&id, |order| order.address.name = "J*** D**".to_owned());
    desk.good_poll();
    assert_eq!(desk.why(&id), (State::Waiting, Some("masked".to_owned())), "E22");
    desk.change(&id, |order| order.address.name = name);
    desk.pass(TimeDelta::minutes(5));
    desk.good_poll();
    assert_eq!(desk.state(&id), State::Routed, "E22");
}

#[test]
fn a_second_run_of_every_kind_of_order_changes_nothing_and_sends_nothing() {
    let mut desk = Desk::open();
    for kind in OrderKind::ALL {
        desk.place(kind);
    }
    desk.poll();
    let sent = desk.sandbox.log().mutating();
    desk.pass(TimeDelta::seconds(1));
    desk.poll();
    assert_eq!(desk.sandbox.log().mutating(), sent);
}

#[test]
fn e36_an_address_that_changes_after_the_create_is_told_while_amazon_may_still_be_stopped() {
    let mut desk = Desk::open();
    let (moved, stays) = (desk.place(OrderKind::Plain), desk.place(OrderKind::Plain));
    desk.change(&stays, |order| {
        order
            .overrides
            .insert("has_updated_recipient_address".to_owned(), json!(true));
    });
    desk.good_poll();
    desk.pass(TimeDelta::minutes(5));
    let now = desk.now;
    let before = desk.sandbox.world().tiktok.orders[moved.as_str()].address.line1.clone();
    for id in [&moved, &stays] {
        desk.change(id, |order| order.updated_at = now);
    }
    desk.change(&moved, |order| order.address.line1 = "77 Elm Street".to_owned());
    desk.good_poll();
    let flags = desk.flags(&moved);
    assert_eq!(flags.len(), 1, "E36");
    assert_eq!(
        (flags[0].detail.as_str(), flags[0].next_command.as_str()),
        ("address_changed_after_create", format!("mcf route {moved}").as_str()),
        "E36"
    );
    assert!(!flags[0].message.contains("Elm"), "E119");
    assert!(desk.flags(&stays).is_empty(), "E36: the newest address was sent");
    assert_eq!(desk.creates(), 2, "E36");
    desk.pass(TimeDelta::minutes(5));
    desk.change(&moved, |order| order.address.line1 = before);
    desk.pass(TimeDelta::hours(25));
    desk.good_poll();
    assert!(
        !desk.flags(&moved).iter().any(|flag| flag.detail.starts_with("address")),
        "E36"
    );
}
