//! A clock that is wrong for one run, and a list that is late: neither delays a number, neither sends an order twice.

use chrono::TimeDelta;
use mcf_connector::jobs::Finished;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::stage::Stage;

/// Returns how many stored times lie in the future, or were judged by. A rate bucket mends itself with its next call.
fn in_the_future(stage: &Stage) -> i64 {
    let query = "SELECT (SELECT count(*) FROM cursors WHERE at > ?1)
        + (SELECT count(*) FROM fulfillment_orders WHERE looked_at > ?1 OR accepted_at > ?1 OR tried_at > ?1)
        + (SELECT count(*) FROM orders WHERE state_since > ?1)
        + (SELECT count(*) FROM flags)";
    let latest = stage.now.timestamp() + 60;
    stage
        .database()
        .query_row(query, [latest], |row| row.get(0))
        .expect("a count")
}

/// Runs `sync-tracking` every half hour for four hours.
fn four_hours_on(stage: &mut Stage) {
    for _ in 0..8 {
        stage.minutes(30);
        stage.sync();
    }
}

/// One run with a clock that is ahead; then it is right, and Amazon ships.
fn one_run_ahead(lead: TimeDelta, run: fn(&Stage) -> Finished) {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    stage.minutes(30);
    stage.sync();
    stage.minutes(5);
    stage.lead = lead;
    let finished = run(&stage);
    assert!(finished.trouble.is_none(), "{lead}: {:?}", finished.trouble);
    assert_eq!(in_the_future(&stage), 0, "I16, {lead}");
    stage.lead = TimeDelta::zero();
    stage.minutes(5);
    stage.steps(4);
    four_hours_on(&mut stage);
    assert_eq!(stage.told(&order).len(), 1, "I6, {lead}");
    assert_eq!(stage.details(&order), Vec::<String>::new(), "{lead}");
}

const LEADS: [TimeDelta; 4] = [
    TimeDelta::hours(2),
    TimeDelta::days(1),
    TimeDelta::days(40),
    TimeDelta::days(200),
];

#[test]
fn one_sync_tracking_with_a_clock_that_is_ahead_costs_no_later_one_e124() {
    for lead in LEADS {
        one_run_ahead(lead, Stage::try_sync);
    }
}

#[test]
fn one_poll_with_a_clock_that_is_ahead_costs_no_later_run_e125() {
    for lead in LEADS {
        one_run_ahead(lead, Stage::poll);
    }
}

#[test]
fn where_amazon_tells_no_time_its_newest_change_bounds_the_cursor_e124() {
    let mut stage = Stage::new();
    stage.world(|world| world.settings.tells_time = false);
    stage.routed(OrderKind::Plain);
    stage.minutes(30);
    stage.lead = TimeDelta::days(40);
    stage.try_sync();
    let query = "SELECT count(*) FROM cursors WHERE at > unixepoch(?1)";
    let ahead: Vec<i64> = stage.query(query, &stage.now.to_rfc3339());
    assert_eq!(ahead, [0]);
}

#[test]
fn a_shipment_that_amazons_list_shows_a_day_late_is_told_within_four_hours_e127() {
    for hours in [2, 24] {
        let mut stage = Stage::new();
        stage.world(|world| world.settings.list_lag = TimeDelta::hours(hours));
        let order = stage.routed(OrderKind::Plain);
        stage.minutes(30);
        stage.sync();
        stage.minutes(5);
        stage.steps(4);
        four_hours_on(&mut stage);
        assert_eq!(stage.told(&order).len(), 1, "{hours}");
    }
}

/// The last row is the one that TikTok takes: it refuses a clock that is further behind, and one that is ahead is pulled back.
#[test]
fn a_create_that_was_lost_is_not_sent_again_because_a_clock_jumped_e126() {
    let (right, minutes) = (TimeDelta::zero(), TimeDelta::minutes);
    for (first, jump) in [
        (right, -TimeDelta::hours(1)),
        (right, minutes(20)),
        (right, minutes(-20)),
        (minutes(-4), right),
    ] {
        let mut stage = Stage::with("unknown_grace_minutes = 3\n");
        let order = stage.world(|world| world.place(OrderKind::Plain));
        let lost = Fault::before(Disturbance::Drop);
        stage.world(|world| world.faults.next(Operation::CreateFulfillmentOrder, lost));
        stage.lead = first;
        stage.poll();
        let creates = |stage: &Stage| stage.calls(Operation::CreateFulfillmentOrder);
        assert_eq!(creates(&stage), 1);
        for lead in [jump, first, jump, first] {
            stage.lead = lead;
            stage.poll();
            assert_eq!(creates(&stage), 1, "I4, {first} to {lead}");
        }
        stage.lead = right;
        stage.minutes(4);
        stage.poll();
        assert_eq!((creates(&stage), stage.state(&order)), (2, "routed".to_owned()));
    }
}

/// TikTok takes a clock that is four minutes behind, so that nothing but the grace stands between the two sends.
#[test]
fn a_create_that_was_lost_while_the_clock_was_behind_is_not_sent_again_when_it_is_right_e126() {
    let mut stage = Stage::with("unknown_grace_minutes = 1\n");
    let order = stage.world(|world| world.place(OrderKind::Plain));
    let lost = Fault::before(Disturbance::Drop);
    stage.world(|world| world.faults.next(Operation::CreateFulfillmentOrder, lost));
    stage.lead = -TimeDelta::minutes(4);
    stage.poll();
    stage.lead = TimeDelta::zero();
    stage.poll();
    assert_eq!(stage.calls(Operation::CreateFulfillmentOrder), 1, "I4");
    stage.minutes(2);
    stage.poll();
    let creates = stage.calls(Operation::CreateFulfillmentOrder);
    assert_eq!((creates, stage.state(&order)), (2, "routed".to_owned()));
}
