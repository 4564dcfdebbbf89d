//! What happens to an order at Amazon after its create: stuck, cancelled, taken back, resubmitted.

use chrono::TimeDelta;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::amazon::{Ending, Plan};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::tiktok::CancelStatus;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::bench::violations;
use super::road::{FIRST, Road, shop};

const CANCEL: Operation = Operation::CancelFulfillmentOrder;

fn routed() -> Road {
    let mut road = Road::of(&[OrderKind::Plain]);
    road.poll();
    road.pass(1, 0);
    road
}

fn details(road: &Road) -> Vec<String> {
    road.flags(FIRST).into_iter().map(|(_, detail)| detail).collect()
}

#[test]
fn an_order_that_stays_in_planning_is_told_after_a_day_and_the_flag_clears_itself_e77() {
    let mut world = shop();
    let id = world.place(OrderKind::Plain);
    let stays = Plan {
        ending: Ending::StaysInPlanning,
        ..Plan::default()
    };
    world.amazon.plans.insert(id, stays);
    let mut road = Road::through(world);
    road.poll();
    road.pass(23 * 60, 2);
    road.good(&["sync-tracking"]);
    assert_eq!(details(&road), Vec::<String>::new());
    road.pass(25 * 60, 0);
    road.poll();
    assert_eq!(details(&road), ["stuck_in_planning"], "E77");
    road.sandbox.world().amazon.orders[0].plan.ending = Ending::Ships;
    road.pass(60, 2);
    road.good(&["sync-tracking"]);
    assert_eq!(details(&road), Vec::<String>::new(), "E77: the cause is gone");
    assert_eq!(road.state(FIRST), State::Completed);
}

#[test]
fn where_the_market_has_it_a_request_that_comes_too_late_is_declined_as_packed_e87() {
    let mut world = shop();
    world.tiktok.region = "GB".to_owned();
    world.place(OrderKind::Plain);
    let mut road = Road::through(world);
    road.poll();
    road.pass(10, 2);
    road.sandbox.world().request_cancel(FIRST);
    road.poll();
    let reason = road.sandbox.world().tiktok.cancellations[0].reject_reason.clone();
    assert!(reason.is_some_and(|reason| reason.contains("packed")), "E87");
    assert_eq!(details(&road), Vec::<String>::new(), "nobody is needed");
    road.pass(5, 0);
    assert_eq!(road.mutating_in(&["poll"]), 0, "I13, I14");
    assert_eq!(road.log().count(CANCEL), 1, "I13");
}

#[test]
fn a_cancel_whose_answer_is_lost_is_read_and_not_asked_again_e91() {
    let mut road = routed();
    road.sandbox
        .world()
        .faults
        .next(CANCEL, Fault::after(Disturbance::Drop));
    road.sandbox.world().request_cancel(FIRST);
    road.mcf(&["poll"]).ends_with(4);
    assert_eq!(road.state(FIRST), State::Cancelling, "E88");
    road.pass(5, 1);
    road.poll();
    assert_eq!(road.state(FIRST), State::Cancelled, "E91");
    assert_eq!(road.log().count(CANCEL), 1, "I13");
    assert_eq!(
        road.sandbox.world().tiktok.cancellations[0].status,
        CancelStatus::Success,
        "E88: accepted once Amazon said so"
    );
}

#[test]
fn a_second_request_while_amazon_still_cancels_changes_nothing_e91() {
    let mut road = routed();
    road.sandbox
        .world()
        .faults
        .next(CANCEL, Fault::after(Disturbance::Drop));
    road.sandbox.world().request_cancel(FIRST);
    road.mcf(&["poll"]).ends_with(4);
    for _ in 0..3 {
        road.pass(5, 0);
        road.poll();
        assert_eq!(road.state(FIRST), State::Cancelling, "E88");
    }
    assert_eq!((road.log().count(CANCEL), road.log().effects(CANCEL)), (2, 1), "E91");
    assert_eq!(details(&road), Vec::<String>::new(), "nobody is needed");
    road.pass(5, 1);
    road.poll();
    assert_eq!(road.state(FIRST), State::Cancelled);
}

#[test]
fn a_cancel_that_never_arrived_is_asked_again_in_the_next_run_i13() {
    let mut road = routed();
    road.sandbox
        .world()
        .faults
        .next(CANCEL, Fault::before(Disturbance::Drop));
    road.sandbox.world().request_cancel(FIRST);
    road.mcf(&["poll"]).ends_with(4);
    assert_eq!((road.state(FIRST), road.log().effects(CANCEL)), (State::Cancelling, 0));
    road.pass(5, 0);
    road.poll();
    assert_eq!(road.log().effects(CANCEL), 1, "I13: asked as soon as Amazon was read");
    road.pass(5, 0);
    road.poll();
    assert_eq!(road.log().count(CANCEL), 2, "I13: not asked again once it was answered");
    road.pass(5, 1);
    road.poll();
    assert_eq!(road.state(FIRST), State::Cancelled);
    assert_eq!(violations(&road), Vec::<String>::new());
}

#[test]
fn a_cancel_that_never_left_is_asked_in_the_next_run_i13() {
    let mut road = routed();
    let throttled = Disturbance::Status {
        status: 429,
        retry_after: Some("900".to_owned()),
    };
    road.sandbox.world().faults.next(CANCEL, Fault::before(throttled));
    road.sandbox.world().request_cancel(FIRST);
    road.mcf(&["poll"]).ends_with(4);
    assert_eq!(road.state(FIRST), State::Routed);
    road.pass(5, 0);
    road.mcf(&["poll"]).ends_with(4);
    assert_eq!(road.log().count(CANCEL), 1, "R13: Amazon asked to wait for 15 minutes");
    road.pass(12, 0);
    road.poll();
    assert_eq!(road.log().effects(CANCEL), 1, "I13");
}

#[test]
fn a_cancellation_that_is_taken_back_too_late_goes_on_under_the_next_id_when_routed_by_hand_e85() {
    let mut road = routed();
    road.sandbox.world().request_cancel(FIRST);
    road.poll();
    assert_eq!(road.state(FIRST), State::Cancelling);
    {
        let mut world = road.sandbox.world();
        world.tiktok.cancellations[0].status = CancelStatus::Cancelled;
        world.tiktok.order_mut(FIRST).expect("an order").cancel_requested_at = None;
    }
    road.pass(5, 1);
    road.poll();
    assert_eq!(details(&road), ["request_withdrawn"]);
    assert_eq!(
        road.sandbox.world().amazon.orders.len(),
        1,
        "nothing is sent again by itself"
    );
    road.good(&["route", FIRST]);
    assert_eq!(road.state(FIRST), State::Routed);
    assert_eq!(road.amazon_ids(), [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")]);
    road.pass(30, 3);
    road.good(&["sync-tracking"]);
    road.now += TimeDelta::minutes(30);
    road.good(&["sync-tracking"]);
    assert_eq!(road.state(FIRST), State::Completed, "the second id's parcel is told");
    assert_eq!(violations(&road), Vec::<String>::new());
    assert_eq!(road.sandbox.world().tiktok.packages.len(), 1);
}
