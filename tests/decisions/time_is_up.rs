//! A run ends before its next one is due: when its time is up it begins nothing new, says what it leaves open, and the next one
//! goes on.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mcf_connector::domain::state::State;
use mcf_connector::jobs::{Error, Finished};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::bench::Bench;

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
    let mut bench = Bench::open();
    let id = bench.place(OrderKind::Plain);
    bench.good_poll();
    let (another, calls) = (bench.place(OrderKind::Plain), bench.sandbox.log().entries().len());
    let finished = bench.poll_within(CALL);
    assert_says_what_is_open(&finished, "left open: 0 orders");
    assert_eq!(
        bench.sandbox.log().entries().len(),
        calls,
        "no call that could outlast the run"
    );
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert_eq!([bench.state(&id), bench.state(&another)], [State::Routed; 2], "I2");
}

#[test]
fn a_run_whose_time_is_up_finishes_what_is_in_hand_and_leaves_the_rest_to_the_next_run() {
    let mut bench = Bench::open();
    let ids: Vec<_> = (0..12).map(|_| bench.place(OrderKind::Plain)).collect();
    let slow = Fault::after(Disturbance::Stall { pause_ms: 1_500 });
    let create = Operation::CreateFulfillmentOrder;
    bench.sandbox.world().faults.script(create, 1, 12, slow);
    let (begun, time) = (Instant::now(), Duration::from_secs(2));
    let finished = bench.poll_within(CALL + time);
    assert!(begun.elapsed() < CALL, "nothing new is begun");
    let routed = ids.iter().filter(|id| bench.state(id) == State::Routed).count();
    assert!(routed < 12, "the time was too long for this test");
    assert_eq!(bench.creates(), routed, "what is in hand is finished");
    assert_says_what_is_open(&finished, &format!("left open: {} orders to decide", 12 - routed));
    bench.sandbox.world().faults.clear();
    bench.pass(TimeDelta::minutes(5));
    bench.good_poll();
    assert!(ids.iter().all(|id| bench.state(id) == State::Routed), "I2");
    assert_eq!(bench.sandbox.world().amazon.orders.len(), 12, "I1");
}
