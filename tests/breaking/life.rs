//! What happens to an order at Amazon after its create: stuck, cancelled, taken back, resubmitted.

use chrono::TimeDelta;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::amazon::{Ending, Plan};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::tiktok::CancelStatus;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::common::violations;
use super::test_shop::{FIRST, TestShop, new_world};

const CANCEL: Operation = Operation::CancelFulfillmentOrder;

fn routed() -> TestShop {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(1, 0);
    shop
}

fn details(shop: &TestShop) -> Vec<String> {
    shop.flags(FIRST).into_iter().map(|(_, detail)| detail).collect()
}

#[test]
fn an_order_that_stays_in_planning_is_told_after_a_day_and_the_flag_clears_itself_e77() {
    let mut world = new_world();
    let id = world.place(OrderKind::Plain);
    let stays = Plan {
        ending: Ending::StaysInPlanning,
        ..Plan::default()
    };
    world.amazon.plans.insert(id, stays);
    let mut shop = TestShop::through(world);
    shop.poll();
    shop.pass(23 * 60, 2);
    shop.good(&["sync-tracking"]);
    assert_eq!(details(&shop), Vec::<String>::new());
    shop.pass(25 * 60, 0);
    shop.poll();
    assert_eq!(details(&shop), ["stuck_in_planning"], "E77");
    shop.sandbox.world().amazon.orders[0].plan.ending = Ending::Ships;
    shop.pass(60, 2);
    shop.good(&["sync-tracking"]);
    assert_eq!(details(&shop), Vec::<String>::new(), "E77: the cause is gone");
    assert_eq!(shop.state(FIRST), State::Completed);
}

#[test]
fn where_the_market_has_it_a_request_that_comes_too_late_is_declined_as_packed_e87() {
    let mut world = new_world();
    world.tiktok.region = "GB".to_owned();
    world.place(OrderKind::Plain);
    let mut shop = TestShop::through(world);
    shop.poll();
    shop.pass(10, 2);
    shop.sandbox.world().request_cancel(FIRST);
    shop.poll();
    let reason = shop.sandbox.world().tiktok.cancellations[0].reject_reason.clone();
    assert!(reason.is_some_and(|reason| reason.contains("packed")), "E87");
    assert_eq!(details(&shop), Vec::<String>::new(), "nobody is needed");
    shop.pass(5, 0);
    assert_eq!(shop.mutating_in(&["poll"]), 0, "I13, I14");
    assert_eq!(shop.log().count(CANCEL), 1, "I13");
}

#[test]
fn a_cancel_whose_answer_is_lost_is_read_and_not_asked_again_e91() {
    let mut shop = routed();
    shop.sandbox
        .world()
        .faults
        .next(CANCEL, Fault::after(Disturbance::Drop));
    shop.sandbox.world().request_cancel(FIRST);
    shop.mcf(&["poll"]).ends_with(4);
    assert_eq!(shop.state(FIRST), State::Cancelling, "E88");
    shop.pass(5, 1);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Cancelled, "E91");
    assert_eq!(shop.log().count(CANCEL), 1, "I13");
    assert_eq!(
        shop.sandbox.world().tiktok.cancellations[0].status,
        CancelStatus::Success,
        "E88: accepted once Amazon said so"
    );
}

#[test]
fn a_second_request_while_amazon_still_cancels_changes_nothing_e91() {
    let mut shop = routed();
    shop.sandbox
        .world()
        .faults
        .next(CANCEL, Fault::after(Disturbance::Drop));
    shop.sandbox.world().request_cancel(FIRST);
    shop.mcf(&["poll"]).ends_with(4);
    for _ in 0..3 {
        shop.pass(5, 0);
        shop.poll();
        assert_eq!(shop.state(FIRST), State::Cancelling, "E88");
    }
    assert_eq!((shop.log().count(CANCEL), shop.log().effects(CANCEL)), (2, 1), "E91");
    assert_eq!(details(&shop), Vec::<String>::new(), "nobody is needed");
    shop.pass(5, 1);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Cancelled);
}

#[test]
fn a_cancel_that_never_arrived_is_asked_again_in_the_next_run_i13() {
    let mut shop = routed();
    shop.sandbox
        .world()
        .faults
        .next(CANCEL, Fault::before(Disturbance::Drop));
    shop.sandbox.world().request_cancel(FIRST);
    shop.mcf(&["poll"]).ends_with(4);
    assert_eq!((shop.state(FIRST), shop.log().effects(CANCEL)), (State::Cancelling, 0));
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(shop.log().effects(CANCEL), 1, "I13: asked as soon as Amazon was read");
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(shop.log().count(CANCEL), 2, "I13: not asked again once it was answered");
    shop.pass(5, 1);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Cancelled);
    assert_eq!(violations(&shop), Vec::<String>::new());
}

#[test]
fn a_cancel_that_never_left_is_asked_in_the_next_run_i13() {
    let mut shop = routed();
    let throttled = Disturbance::Status {
        status: 429,
        retry_after: Some("900".to_owned()),
    };
    shop.sandbox.world().faults.next(CANCEL, Fault::before(throttled));
    shop.sandbox.world().request_cancel(FIRST);
    shop.mcf(&["poll"]).ends_with(4);
    assert_eq!(shop.state(FIRST), State::Routed);
    shop.pass(5, 0);
    shop.mcf(&["poll"]).ends_with(4);
    assert_eq!(shop.log().count(CANCEL), 1, "R13: Amazon asked to wait for 15 minutes");
    shop.pass(12, 0);
    shop.poll();
    assert_eq!(shop.log().effects(CANCEL), 1, "I13");
}

#[test]
fn a_cancellation_that_is_taken_back_too_late_goes_on_under_the_next_id_when_routed_by_hand_e85() {
    let mut shop = routed();
    shop.sandbox.world().request_cancel(FIRST);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Cancelling);
    {
        let mut world = shop.sandbox.world();
        world.tiktok.cancellations[0].status = CancelStatus::Cancelled;
        world.tiktok.order_mut(FIRST).expect("an order").cancel_requested_at = None;
    }
    shop.pass(5, 1);
    shop.poll();
    assert_eq!(details(&shop), ["request_withdrawn"]);
    assert_eq!(
        shop.sandbox.world().amazon.orders.len(),
        1,
        "nothing is sent again by itself"
    );
    shop.good(&["route", FIRST]);
    assert_eq!(shop.state(FIRST), State::Routed);
    assert_eq!(shop.amazon_ids(), [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")]);
    shop.pass(30, 3);
    shop.good(&["sync-tracking"]);
    shop.now += TimeDelta::minutes(30);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.state(FIRST), State::Completed, "the second id's parcel is told");
    assert_eq!(violations(&shop), Vec::<String>::new());
    assert_eq!(shop.sandbox.world().tiktok.packages.len(), 1);
}
