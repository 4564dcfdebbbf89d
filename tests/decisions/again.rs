//! The last look before a second send: what TikTok no longer wants as it was sent does not go out again.

use chrono::TimeDelta;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::jobs;
use mcf_connector::sandbox::amazon::OrderStatus;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};

use super::test_shop::TestShop;

/// A shop with an order whose create was lost on its way; Amazon was looked at once, at once.
fn lost() -> (TestShop, TiktokOrderId) {
    let shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    strike(&shop, Fault::before(Disturbance::Drop));
    shop.poll();
    assert_eq!((shop.state(&id), shop.creates()), (State::Submitting, 1));
    (shop, id)
}

fn strike(shop: &TestShop, fault: Fault) {
    let mut world = shop.sandbox.world();
    world.faults.next(Operation::CreateFulfillmentOrder, fault);
}

/// The second look, a grace time after the first.
fn look_again(shop: &mut TestShop) {
    shop.pass(TimeDelta::minutes(20));
    shop.poll();
}

/// The end of the second grace time.
fn look_for_the_last_time(shop: &mut TestShop) {
    look_again(shop);
}

fn cancel(shop: &TestShop, id: &TiktokOrderId) {
    let now = shop.now;
    shop.change(id, |order| order.cancel("BUYER", now));
}

#[test]
fn an_order_that_tiktok_cancelled_meanwhile_is_not_sent_again_and_is_closed_r10_i13() {
    let (mut shop, id) = lost();
    cancel(&shop, &id);
    look_again(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Submitting, 1), "R10");
    look_for_the_last_time(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Cancelled, 1), "I13");
    assert_eq!(
        shop.calls(Operation::CancelFulfillmentOrder),
        0,
        "nothing was there to cancel"
    );
}

#[test]
fn an_order_whose_buyer_asks_to_cancel_is_not_sent_again_and_the_buyer_is_answered_e85() {
    let (mut shop, id) = lost();
    let now = shop.now;
    shop.sandbox.world().tiktok.request_cancel(id.as_str(), now);
    look_again(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Submitting, 1), "E85");
    look_for_the_last_time(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Cancelled, 1), "E85");
    assert_eq!(shop.calls(Operation::ApproveCancellation), 1, "E85");
}

#[test]
fn a_cancelled_order_that_shows_at_amazon_after_all_is_adopted_and_cancelled_there_i13() {
    let (mut shop, id) = {
        let shop = TestShop::open();
        let id = shop.place(OrderKind::Plain);
        shop.sandbox.world().settings.create_mode = CreateMode::HiddenAtFirst;
        shop.sandbox.world().settings.hidden_for = TimeDelta::minutes(25);
        strike(&shop, Fault::after(Disturbance::Drop));
        shop.poll();
        (shop, id)
    };
    cancel(&shop, &id);
    look_again(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Submitting, 1), "M4");
    look_for_the_last_time(&mut shop);
    assert_eq!(shop.creates(), 1, "I13");
    assert_eq!(
        shop.calls(Operation::CancelFulfillmentOrder),
        1,
        "I13: one cancel request"
    );
}

#[test]
fn a_changed_address_goes_out_under_the_same_id_only_after_a_second_grace_time_e36_i1() {
    let (mut shop, id) = lost();
    shop.change(&id, |order| order.address.line1 = "7 Elm St".to_owned());
    look_again(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Submitting, 1), "E36");
    look_for_the_last_time(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2), "E36");
    let [first, second] = shop.created().try_into().expect("two creates");
    assert_eq!(
        first["sellerFulfillmentOrderId"], second["sellerFulfillmentOrderId"],
        "I1"
    );
    assert_eq!(second["destinationAddress"]["addressLine1"], "7 Elm St", "E36");
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 1, "I1");
}

#[test]
fn what_tiktok_does_not_say_is_waited_for_and_then_the_same_bytes_go_out_i3() {
    let (mut shop, id) = lost();
    let name = shop.sandbox.world().tiktok.orders[id.as_str()].address.name.clone();
    shop.change(&id, |order| order.address.name = "J*** D**".to_owned());
    look_again(&mut shop);
    look_for_the_last_time(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Submitting, 1), "E22");
    shop.change(&id, |order| order.address.name = name);
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    shop.sandbox.world().faults.script(Operation::GetOrders, 1, 9, down);
    look_again(&mut shop);
    assert_eq!(
        (shop.state(&id), shop.creates()),
        (State::Submitting, 1),
        "no answer is no consent"
    );
    shop.sandbox.world().faults.clear();
    look_again(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2));
    let [first, second] = shop.created().try_into().expect("two creates");
    assert_eq!(first, second, "I3");
}

#[test]
fn an_order_that_the_operator_holds_is_not_sent_again() {
    let (mut shop, id) = lost();
    shop.store().hold(&id, true, "by hand", shop.now).expect("held");
    look_again(&mut shop);
    look_for_the_last_time(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Ready, 1));
    shop.store().hold(&id, false, "by hand", shop.now).expect("released");
    look_again(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2));
}

#[test]
fn a_unit_that_tiktok_cancelled_meanwhile_stays_out_of_what_is_sent_e48() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::SeveralUnits);
    strike(&shop, Fault::before(Disturbance::Drop));
    shop.poll();
    shop.change(&id, |order| order.lines[0].display_status = "CANCELLED".to_owned());
    look_again(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Submitting, 1), "E48");
    look_for_the_last_time(&mut shop);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2), "E48");
    let [first, second] = shop.created().try_into().expect("two creates");
    assert_ne!(first["items"], second["items"], "E48");
    assert_eq!(
        first["sellerFulfillmentOrderId"], second["sellerFulfillmentOrderId"],
        "I1"
    );
}

#[test]
fn an_order_that_shows_only_after_it_was_given_up_and_closed_is_told_i1() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.sandbox.world().settings.create_mode = CreateMode::HiddenAtFirst;
    shop.sandbox.world().settings.hidden_for = TimeDelta::minutes(100);
    strike(&shop, Fault::after(Disturbance::Drop));
    shop.poll();
    cancel(&shop, &id);
    look_again(&mut shop);
    look_for_the_last_time(&mut shop);
    assert_eq!((shop.state(&id), shop.flags(&id).len()), (State::Cancelled, 0));
    shop.pass(TimeDelta::hours(2));
    let now = shop.now;
    shop.sandbox.world().amazon.orders[0].set_status(OrderStatus::Processing, now);
    let run = jobs::tracking::run(&shop.session(false), None, &|_, _| {}).expect("a run");
    assert!(run.trouble.is_none(), "{:?}", run.trouble);
    let details: Vec<String> = shop
        .flags(&id)
        .into_iter()
        .map(|flag| flag.detail.to_string())
        .collect();
    assert_eq!(
        details,
        ["at_amazon_after_all"],
        "I1: beyond the grace time it is alarmed"
    );
    assert_eq!(shop.creates(), 1);
}
