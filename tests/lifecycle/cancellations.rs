//! Buyers who change their mind, before and after Amazon has the order.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::test_shop::{FIRST, TestShop};

fn ask(shop: &TestShop) {
    shop.sandbox.world().request_cancel(FIRST).expect("an order");
}

fn counts(shop: &TestShop) -> (usize, usize, usize) {
    let log = shop.log();
    (
        log.effects(Operation::CreateFulfillmentOrder),
        log.effects(Operation::CancelFulfillmentOrder),
        log.effects(Operation::ApproveCancellation),
    )
}

#[test]
fn a_wish_to_cancel_before_the_create_is_granted_and_nothing_is_sent_i13() {
    let mut shop = TestShop::of(&[OrderKind::CancelRequested]);
    shop.poll();
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(counts(&shop), (0, 0, 1));
    assert_eq!(shop.state(FIRST), State::Cancelled);
    assert_eq!(shop.mutating_in(&["poll"]), 0, "I14");
}

#[test]
fn a_wish_to_cancel_after_the_create_is_granted_once_amazon_has_cancelled_i13() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    ask(&shop);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(counts(&shop), (1, 1, 0), "I13: TikTok is answered after Amazon");
    assert_eq!(shop.state(FIRST), State::Cancelling);
    shop.pass(5, 1);
    shop.poll();
    assert_eq!(counts(&shop), (1, 1, 1));
    assert_eq!(shop.state(FIRST), State::Cancelled);
    assert_eq!(shop.mutating_in(&["poll"]), 0, "I14");
    assert_eq!(shop.sandbox.world().tiktok.orders[FIRST].status, "CANCELLED");
}

#[test]
fn a_wish_to_cancel_that_comes_too_late_is_a_conflict_for_a_person() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(30, 2);
    ask(&shop);
    shop.pass(5, 0);
    shop.poll();
    let conflict = ("CANCELLATION_CONFLICT".to_owned(), "amazon_is_shipping".to_owned());
    assert_eq!(shop.flags(FIRST), [conflict]);
    assert_eq!(counts(&shop).2, 0, "TikTok is not promised what Amazon does not do");
    shop.pass(60, 1);
    shop.good(&["poll"]);
    shop.good(&["sync-tracking"]);
    assert_eq!(counts(&shop).0, 1);
}

#[test]
fn an_order_that_tiktok_cancels_for_want_of_tracking_is_stopped_at_amazon_at_once_and_told_e92() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(5, 0);
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        world
            .tiktok
            .orders
            .get_mut(FIRST)
            .expect("the order")
            .cancel("SYSTEM", now);
    }
    shop.poll();
    assert_eq!(counts(&shop), (1, 1, 0), "E92: I13");
    shop.pass(5, 1);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Cancelled, "E92");
    let log = shop.good(&["log"]).to_string();
    assert!(log.contains("order.cancelled"), "E92: {log}");
    assert_eq!(shop.mutating_in(&["poll"]), 0, "I14");
}

#[test]
fn a_dry_poll_shows_what_becomes_of_each_wish_to_cancel_and_the_true_one_does_it() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    ask(&shop);
    let before = shop.sandbox.world().place(OrderKind::CancelRequested);
    shop.pass(5, 0);
    let states = |document: &serde_json::Value| -> Vec<(String, String)> {
        let orders = document["orders"].as_array().expect("orders").iter();
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        orders
            .map(|order| (text(&order["tiktokOrderId"]), text(&order["state"])))
            .collect()
    };
    let planned = states(&shop.good(&["poll", "--dry-run"]));
    let expected = [(FIRST, "cancelling"), (before.as_str(), "cancelled")];
    assert_eq!(planned, expected.map(|(id, state)| (id.to_owned(), state.to_owned())));
    assert_eq!(counts(&shop), (1, 0, 0), "A10");
    let mut done = states(&shop.poll());
    done.sort();
    assert_eq!(done, planned);
    assert_eq!(counts(&shop), (1, 1, 1));
}

#[test]
fn a_wish_to_cancel_an_order_that_is_not_ours_is_left_to_whoever_ships_it() {
    for kind in [OrderKind::PlatformShipped, OrderKind::Delivered] {
        let shop = TestShop::of(&[kind]);
        ask(&shop);
        for _ in 0..2 {
            shop.poll();
            assert_eq!(shop.state(FIRST), State::NotEligible, "{kind:?}");
        }
        assert_eq!(shop.log().mutating(), 0, "{kind:?}");
    }
}

#[test]
fn a_wish_to_cancel_that_could_not_be_granted_keeps_its_order_back_though_the_order_does_not_bear_its_mark() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    ask(&shop);
    let busy = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    {
        let mut world = shop.sandbox.world();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        order
            .overrides
            .insert("is_buyer_request_cancel".to_owned(), false.into());
        world.faults.script(Operation::ApproveCancellation, 1, 50, busy.clone());
    }
    shop.mcf(&["poll"]).ends_with(4);
    assert_eq!(shop.state(FIRST), State::Waiting, "I13");
    shop.sandbox.world().faults.clear();
    shop.sandbox
        .world()
        .faults
        .script(Operation::SearchCancellations, 1, 50, busy);
    shop.pass(5, 0);
    shop.mcf(&["poll"]).ends_with(4);
    assert_eq!(
        counts(&shop),
        (0, 0, 0),
        "what was known before the search failed holds still"
    );
    assert_eq!(shop.state(FIRST), State::Waiting, "I13");
    shop.sandbox.world().faults.clear();
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(counts(&shop), (0, 0, 1), "I13");
    assert_eq!(shop.state(FIRST), State::Cancelled, "I13");
}

#[test]
fn the_operator_takes_note_of_a_loss_that_came_up_after_the_end_e90() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(30, 4);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.state(FIRST), State::Completed);
    shop.mcf(&["orders", "dismiss", FIRST]).ends_with(3);
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        let order = world.tiktok.order_mut(FIRST).expect("the order");
        order.cancel("SYSTEM", now);
    }
    shop.pass(5, 0);
    shop.poll();
    let loss = ("CANCELLATION_CONFLICT".to_owned(), "parcel_under_way".to_owned());
    assert_eq!(shop.flags(FIRST), [loss], "E90");
    shop.good(&["orders", "dismiss", FIRST]);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(
        (shop.state(FIRST), shop.flags(FIRST)),
        (State::Dismissed, Vec::new()),
        "E90"
    );
}
