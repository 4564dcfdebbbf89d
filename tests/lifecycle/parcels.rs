//! Tracking numbers on their way from Amazon to TikTok.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::test_shop::{FIRST, TestShop};

const MARK: Operation = Operation::MarkPackageShipped;

fn shipped(kind: OrderKind) -> TestShop {
    let mut shop = TestShop::of(&[kind]);
    shop.poll();
    shop.pass(60, 3);
    shop
}

#[test]
fn two_parcels_become_two_numbers_with_their_own_line_items_i7() {
    let mut shop = shipped(OrderKind::TwoParcels);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.log().effects(MARK), 2);
    {
        let world = shop.sandbox.world();
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
    assert_eq!(shop.state(FIRST), State::Completed);
    shop.pass(30, 0);
    assert_eq!(shop.mutating_in(&["sync-tracking"]), 0, "I14");
}

#[test]
fn a_number_whose_answer_is_lost_is_read_back_and_told_once_i7() {
    let mut shop = shipped(OrderKind::Plain);
    shop.sandbox.world().faults.next(MARK, Fault::after(Disturbance::Drop));
    let code = shop.mcf(&["sync-tracking"]).code;
    assert!(code == 0 || code == 4, "{code}");
    shop.pass(30, 0);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.log().effects(MARK), 1, "I7");
    assert_eq!(shop.state(FIRST), State::Completed);
}

#[test]
fn a_number_is_told_within_four_hours_when_three_runs_fail_i6() {
    let mut shop = shipped(OrderKind::Plain);
    for _ in 0..3 {
        let down = Disturbance::Status {
            status: 503,
            retry_after: None,
        };
        shop.sandbox.world().faults.next(MARK, Fault::before(down));
        shop.mcf(&["sync-tracking"]).ends_with(4);
        shop.pass(30, 0);
    }
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.log().effects(MARK), 1, "I6");
    assert_eq!(shop.state(FIRST), State::Completed);
}
