//! Buyers who change their mind, before and after Amazon has the order.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

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
fn an_order_that_tiktok_cancels_by_itself_is_stopped_at_amazon_i13() {
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
    assert_eq!(counts(&road), (1, 1, 0));
    road.pass(5, 1);
    road.poll();
    assert_eq!(road.state(FIRST), State::Cancelled);
    assert_eq!(road.mutating_in(&["poll"]), 0, "I14");
}
