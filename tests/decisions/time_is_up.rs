//! A run ends before its next one is due: when its time is up it begins nothing new, says what it leaves open, and the next one
//! goes on.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mcf_connector::domain::state::State;
use mcf_connector::jobs::{Error, Finished};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::test_shop::TestShop;

/// The longest that one call can take.
const CALL: Duration = Duration::from_secs(30);

fn assert_says_what_is_open(finished: &Finished, orders: &str) {
    assert!(
        matches!(finished.trouble, Some(Error::TimeIsUp)),
        "{:?}",
        finished.trouble
    );
    let notes = finished.summary.notes.join("; ");
    assert!(notes.contains(orders), "{notes}");
}

#[test]
fn a_run_without_time_for_a_call_makes_none_and_the_next_run_goes_on() {
    let mut shop = TestShop::open();
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    let (another, calls) = (shop.place(OrderKind::Plain), shop.sandbox.log().entries().len());
    let finished = shop.poll_within(CALL);
    assert_says_what_is_open(&finished, "left open: 0 orders");
    assert_eq!(
        shop.sandbox.log().entries().len(),
        calls,
        "no call that could outlast the run"
    );
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert_eq!([shop.state(&id), shop.state(&another)], [State::Routed; 2], "I2");
}

#[test]
fn a_run_whose_time_is_up_finishes_what_is_in_hand_and_leaves_the_rest_to_the_next_run() {
    let mut shop = TestShop::open();
    let ids: Vec<_> = (0..12).map(|_| shop.place(OrderKind::Plain)).collect();
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1_500 });
    let create = Operation::CreateFulfillmentOrder;
    shop.sandbox.world().faults.script(create, 1, 12, slow);
    let (begun, time) = (Instant::now(), Duration::from_secs(2));
    let finished = shop.poll_within(CALL + time);
    assert!(begun.elapsed() < CALL, "nothing new is begun");
    let routed = ids.iter().filter(|id| shop.state(id) == State::Routed).count();
    assert!(routed < 12, "the time was too long for this test");
    assert_eq!(shop.creates(), routed, "what is in hand is finished");
    assert_says_what_is_open(&finished, &format!("left open: {} orders to decide", 12 - routed));
    shop.sandbox.world().faults.clear();
    shop.pass(TimeDelta::minutes(5));
    shop.good_poll();
    assert!(ids.iter().all(|id| shop.state(id) == State::Routed), "I2");
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 12, "I1");
}
