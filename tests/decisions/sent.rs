//! What is sent, what a dry run says beforehand, and what the history says afterwards.

use std::time::Duration;

use chrono::TimeDelta;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
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
