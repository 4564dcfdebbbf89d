//! Tracking numbers on their way from Amazon to TikTok.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::road::{FIRST, Road};

const MARK: Operation = Operation::MarkPackageShipped;

fn shipped(kind: OrderKind) -> Road {
    let mut road = Road::of(&[kind]);
    road.poll();
    road.pass(60, 3);
    road
}

#[test]
fn two_parcels_become_two_numbers_with_their_own_line_items_i7() {
    let mut road = shipped(OrderKind::TwoParcels);
    road.good(&["sync-tracking"]);
    assert_eq!(road.log().effects(MARK), 2);
    {
        let world = road.sandbox.world();
        let sent = &world.amazon.orders[0].shipments[0].parcels;
        let told: Vec<_> = world.tiktok.packages.values().collect();
        for parcel in sent {
            let number = parcel.tracking_number.as_deref().expect("a number");
            let package = told
                .iter()
                .find(|package| package.tracking_number == number)
                .expect("told");
            assert_eq!(package.line_ids.len(), 1, "{package:?}");
            assert!(!package.non_mcf);
        }
        let lines: std::collections::BTreeSet<_> = told.iter().flat_map(|package| &package.line_ids).collect();
        assert_eq!(lines.len(), 2, "each unit in its own parcel");
    }
    assert_eq!(road.state(FIRST), State::Completed);
    road.pass(30, 0);
    assert_eq!(road.mutating_in(&["sync-tracking"]), 0, "I14");
}

#[test]
fn a_number_whose_answer_is_lost_is_read_back_and_told_once_i7() {
    let mut road = shipped(OrderKind::Plain);
    road.sandbox.world().faults.next(MARK, Fault::after(Disturbance::Drop));
    let code = road.mcf(&["sync-tracking"]).code;
    assert!(code == 0 || code == 4, "{code}");
    road.pass(30, 0);
    road.good(&["sync-tracking"]);
    assert_eq!(road.log().effects(MARK), 1, "I7");
    assert_eq!(road.state(FIRST), State::Completed);
}

#[test]
fn a_number_is_told_within_four_hours_when_three_runs_fail_i6() {
    let mut road = shipped(OrderKind::Plain);
    for _ in 0..3 {
        let down = Disturbance::Status {
            status: 503,
            retry_after: None,
        };
        road.sandbox.world().faults.next(MARK, Fault::before(down));
        road.mcf(&["sync-tracking"]).ends_with(4);
        road.pass(30, 0);
    }
    road.good(&["sync-tracking"]);
    assert_eq!(road.log().effects(MARK), 1, "I6");
    assert_eq!(road.state(FIRST), State::Completed);
}
