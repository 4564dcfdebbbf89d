//! Buyers who change their mind, before and after Amazon has the order.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::road::{FIRST, Road};

fn ask(road: &Road) {
    road.sandbox.world().request_cancel(FIRST).expect("an order");
}

fn counts(road: &Road) -> (usize, usize, usize) {
    let log = road.log();
    (
        log.effects(Operation::CreateFulfillmentOrder),
        log.effects(Operation::CancelFulfillmentOrder),
        log.effects(Operation::ApproveCancellation),
    )
}

#[test]
fn a_wish_to_cancel_before_the_create_is_granted_and_nothing_is_sent_i13() {
    let mut road = Road::of(&[OrderKind::CancelRequested]);
    road.poll();
    road.pass(5, 0);
    road.poll();
    assert_eq!(counts(&road), (0, 0, 1));
    assert_eq!(road.state(FIRST), State::Cancelled);
    assert_eq!(road.mutating_in(&["poll"]), 0, "I14");
}

#[test]
fn a_wish_to_cancel_after_the_create_is_granted_once_amazon_has_cancelled_i13() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    ask(&road);
    road.pass(5, 0);
    road.poll();
    assert_eq!(counts(&road), (1, 1, 0), "I13: TikTok is answered after Amazon");
    assert_eq!(road.state(FIRST), State::Cancelling);
    road.pass(5, 1);
    road.poll();
    assert_eq!(counts(&road), (1, 1, 1));
    assert_eq!(road.state(FIRST), State::Cancelled);
    assert_eq!(road.mutating_in(&["poll"]), 0, "I14");
    assert_eq!(road.sandbox.world().tiktok.orders[FIRST].status, "CANCELLED");
}

#[test]
fn a_wish_to_cancel_that_comes_too_late_is_a_conflict_for_a_person() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    road.pass(30, 2);
    ask(&road);
    road.pass(5, 0);
    road.poll();
    let conflict = ("CANCELLATION_CONFLICT".to_owned(), "amazon_is_shipping".to_owned());
    assert_eq!(road.flags(FIRST), [conflict]);
    assert_eq!(counts(&road).2, 0, "TikTok is not promised what Amazon does not do");
    road.pass(60, 1);
    road.good(&["poll"]);
    road.good(&["sync-tracking"]);
    assert_eq!(counts(&road).0, 1);
}

#[test]
fn an_order_that_tiktok_cancels_for_want_of_tracking_is_stopped_at_amazon_at_once_and_told_e92() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    road.pass(5, 0);
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        world
            .tiktok
            .orders
            .get_mut(FIRST)
            .expect("the order")
            .cancel("SYSTEM", now);
    }
    road.poll();
    assert_eq!(counts(&road), (1, 1, 0), "E92: I13");
    road.pass(5, 1);
    road.poll();
    assert_eq!(road.state(FIRST), State::Cancelled, "E92");
    let log = road.good(&["log"]).to_string();
    assert!(log.contains("order.cancelled"), "E92: {log}");
    assert_eq!(road.mutating_in(&["poll"]), 0, "I14");
}

#[test]
fn a_dry_poll_shows_what_becomes_of_each_wish_to_cancel_and_the_true_one_does_it() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    ask(&road);
    let before = road.sandbox.world().place(OrderKind::CancelRequested);
    road.pass(5, 0);
    let states = |document: &serde_json::Value| -> Vec<(String, String)> {
        let orders = document["orders"].as_array().expect("orders").iter();
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        orders
            .map(|order| (text(&order["tiktokOrderId"]), text(&order["state"])))
            .collect()
    };
    let planned = states(&road.good(&["poll", "--dry-run"]));
    let expected = [(FIRST, "cancelling"), (before.as_str(), "cancelled")];
    assert_eq!(planned, expected.map(|(id, state)| (id.to_owned(), state.to_owned())));
    assert_eq!(counts(&road), (1, 0, 0), "A10");
    let mut done = states(&road.poll());
    done.sort();
    assert_eq!(done, planned);
    assert_eq!(counts(&road), (1, 1, 1));
}

#[test]
fn a_wish_to_cancel_an_order_that_is_not_ours_is_left_to_whoever_ships_it() {
    for kind in [OrderKind::PlatformShipped, OrderKind::Delivered] {
        let road = Road::of(&[kind]);
        ask(&road);
        for _ in 0..2 {
            road.poll();
            assert_eq!(road.state(FIRST), State::NotEligible, "{kind:?}");
        }
        assert_eq!(road.log().mutating(), 0, "{kind:?}");
    }
}

#[test]
fn a_wish_to_cancel_that_could_not_be_granted_keeps_its_order_back_though_the_order_does_not_bear_its_mark() {
    let mut road = Road::of(&[OrderKind::Plain]);
    ask(&road);
    let busy = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    {
        let mut world = road.sandbox.world();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        order
            .overrides
            .insert("is_buyer_request_cancel".to_owned(), false.into());
        world.faults.script(Operation::ApproveCancellation, 1, 50, busy.clone());
    }
    road.mcf(&["poll"]).ends_with(4);
    assert_eq!(road.state(FIRST), State::Waiting, "I13");
    road.sandbox.world().faults.clear();
    road.sandbox
        .world()
        .faults
        .script(Operation::SearchCancellations, 1, 50, busy);
    road.pass(5, 0);
    road.mcf(&["poll"]).ends_with(4);
    assert_eq!(
        counts(&road),
        (0, 0, 0),
        "what was known before the search failed holds still"
    );
    assert_eq!(road.state(FIRST), State::Waiting, "I13");
    road.sandbox.world().faults.clear();
    road.pass(5, 0);
    road.poll();
    assert_eq!(counts(&road), (0, 0, 1), "I13");
    assert_eq!(road.state(FIRST), State::Cancelled, "I13");
}

#[test]
fn the_operator_takes_note_of_a_loss_that_came_up_after_the_end_e90() {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    road.pass(30, 4);
    road.good(&["sync-tracking"]);
    assert_eq!(road.state(FIRST), State::Completed);
    road.mcf(&["orders", "dismiss", FIRST]).ends_with(3);
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        let order = world.tiktok.order_mut(FIRST).expect("the order");
        order.cancel("SYSTEM", now);
    }
    road.pass(5, 0);
    road.poll();
    let loss = ("CANCELLATION_CONFLICT".to_owned(), "parcel_under_way".to_owned());
    assert_eq!(road.flags(FIRST), [loss], "E90");
    road.good(&["orders", "dismiss", FIRST]);
    road.pass(5, 0);
    road.poll();
    assert_eq!(
        (road.state(FIRST), road.flags(FIRST)),
        (State::Dismissed, Vec::new()),
        "E90"
    );
}
