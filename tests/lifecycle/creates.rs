//! Exactly once: whatever Amazon does with a create, one order is accepted, and what is not certain is looked up before anything
//! is sent again.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};

use super::test_shop::{FIRST, TestShop, new_world};

const CREATE: Operation = Operation::CreateFulfillmentOrder;

fn shop(mode: CreateMode) -> TestShop {
    let mut world = new_world();
    world.settings.create_mode = mode;
    world.settings.hidden_for = chrono::TimeDelta::minutes(3);
    world.place(OrderKind::Plain);
    TestShop::through(world)
}

fn strike(shop: &TestShop, fault: Fault) {
    shop.sandbox.world().faults.next(CREATE, fault);
}

/// Polls now and again for more than an hour; a run may tell with 4 that a vendor was unclear.
fn poll_for_an_hour(shop: &mut TestShop) {
    for minutes in [0, 5, 20, 40] {
        shop.pass(minutes, 0);
        let code = shop.mcf(&["poll"]).code;
        assert!(code == 0 || code == 4, "I12: {code}");
    }
}

/// Every create named the same id with the same bytes, and one was accepted.
fn assert_one(shop: &TestShop) {
    let log = shop.log();
    let bodies: std::collections::BTreeSet<&str> = log.of(CREATE).map(|entry| entry.body_hash.as_str()).collect();
    assert_eq!(bodies.len(), 1, "I3");
    assert_eq!(log.effects(CREATE), 1, "I1");
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 1, "I1");
    assert_eq!(shop.sandbox.world().faults.pending(), 0, "the fault struck");
}

/// The modes in which a healthy create ends well.
const ORDERLY: [CreateMode; 6] = [
    CreateMode::RefuseSecond,
    CreateMode::KeepFirst,
    CreateMode::CreateAgain,
    CreateMode::HiddenAtFirst,
    CreateMode::AcceptedThenNormal,
    CreateMode::AnswersOtherId,
];

#[test]
fn in_every_mode_one_create_makes_one_order_m1_to_m4_m6_m7() {
    for mode in ORDERLY {
        let mut shop = shop(mode);
        poll_for_an_hour(&mut shop);
        assert_one(&shop);
        assert_eq!(shop.log().count(CREATE), 1, "{mode:?}");
        assert_eq!(shop.state(FIRST), State::Routed, "{mode:?}");
    }
}

#[test]
fn an_answer_that_is_lost_after_the_effect_is_found_by_our_id_in_every_mode_r18() {
    for mode in ORDERLY {
        assert_found_by_id(mode, Disturbance::Drop);
    }
}

#[test]
fn an_answer_that_is_cut_garbled_or_an_error_after_the_effect_is_looked_up_r1_r2_r18() {
    for disturbance in [
        Disturbance::Truncate,
        Disturbance::Garbage,
        Disturbance::Html { status: 502 },
        Disturbance::Status {
            status: 500,
            retry_after: None,
        },
    ] {
        assert_found_by_id(CreateMode::RefuseSecond, disturbance);
    }
}

fn assert_found_by_id(mode: CreateMode, disturbance: Disturbance) {
    let mut shop = shop(mode);
    strike(&shop, Fault::after(disturbance.clone()));
    poll_for_an_hour(&mut shop);
    assert_one(&shop);
    assert_eq!(shop.log().count(CREATE), 1, "{mode:?} {disturbance:?}");
    assert_eq!(shop.state(FIRST), State::Routed, "{mode:?} {disturbance:?}");
}

#[test]
fn a_create_that_never_arrived_is_sent_again_only_after_two_looks_a_grace_time_apart_i4() {
    for mode in ORDERLY {
        let mut shop = shop(mode);
        strike(&shop, Fault::before(Disturbance::Drop));
        shop.mcf(&["poll"]).ends_with(4);
        assert_eq!(shop.state(FIRST), State::Submitting, "{mode:?}");
        shop.pass(10, 0);
        let ran = shop.mcf(&["poll"]);
        assert_eq!(shop.log().count(CREATE), 1, "I4: {mode:?}");
        ran.ends_with(4);
        shop.pass(10, 0);
        shop.mcf(&["poll"]).ends_with(0);
        assert_eq!(shop.log().count(CREATE), 2, "{mode:?}");
        poll_for_an_hour(&mut shop);
        assert_one(&shop);
        assert_eq!(shop.state(FIRST), State::Routed, "{mode:?}");
    }
}

#[test]
fn the_grace_time_between_the_two_looks_is_the_operators_i4() {
    let mut shop = shop(CreateMode::RefuseSecond);
    let text = std::fs::read_to_string(shop.config()).expect("a file");
    let text = text.replace("[retry]\n", "[retry]\nunknown_grace_minutes = 45\n");
    std::fs::write(shop.config(), text).expect("a file");
    strike(&shop, Fault::before(Disturbance::Drop));
    for minutes in [0, 20, 20] {
        shop.pass(minutes, 0);
        shop.mcf(&["poll"]).ends_with(4);
        assert_eq!(shop.log().count(CREATE), 1, "I4");
    }
    shop.pass(10, 0);
    shop.mcf(&["poll"]).ends_with(0);
    assert_one(&shop);
}

#[test]
fn an_order_that_stays_hidden_beyond_the_grace_time_is_adopted_when_it_shows_m4() {
    let mut shop = shop(CreateMode::HiddenAtFirst);
    shop.sandbox.world().settings.hidden_for = chrono::TimeDelta::minutes(50);
    strike(&shop, Fault::after(Disturbance::Drop));
    for minutes in [0, 20, 20] {
        shop.pass(minutes, 0);
        shop.mcf(&["poll"]).ends_with(4);
        assert_eq!(
            shop.state(FIRST),
            State::Submitting,
            "I12: nothing is called failed or done"
        );
    }
    shop.pass(20, 0);
    shop.mcf(&["poll"]).ends_with(0);
    assert_one(&shop);
    assert_eq!(shop.state(FIRST), State::Routed);
}

#[test]
fn an_order_that_turns_out_invalid_is_flagged_r19_m5() {
    let mut shop = shop(CreateMode::AcceptedThenInvalid);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Routed);
    shop.pass(10, 1);
    let run = shop.good(&["sync-tracking"]);
    assert_eq!(run["orders"][0]["flags"][0]["detail"], "invalid", "{run}");
    assert_eq!(shop.state(FIRST), State::Flagged);
    assert_eq!(shop.flags(FIRST), [("MCF_API_ERROR".to_owned(), "invalid".to_owned())]);
    poll_for_an_hour(&mut shop);
    assert_one(&shop);
}

fn assert_conflict(shop: &TestShop) {
    let conflict = ("MCF_API_ERROR".to_owned(), "duplicate_id_other_contents".to_owned());
    assert_eq!(shop.flags(FIRST), [conflict], "R29");
    assert_eq!(shop.state(FIRST), State::Flagged, "R29");
    assert_eq!(
        shop.log().count(Operation::CancelFulfillmentOrder),
        0,
        "R29: it may be somebody's"
    );
}

#[test]
fn other_contents_under_our_id_are_flagged_and_never_touched_r29_m8() {
    let mut shop = shop(CreateMode::ShowsOtherItems);
    strike(&shop, Fault::after(Disturbance::Drop));
    poll_for_an_hour(&mut shop);
    assert_one(&shop);
    assert_conflict(&shop);
}

#[test]
fn other_contents_that_show_only_later_are_flagged_and_no_parcel_is_told_r29_m8() {
    let mut shop = shop(CreateMode::ShowsOtherItems);
    shop.poll();
    shop.pass(60, 3);
    shop.good(&["sync-tracking"]);
    poll_for_an_hour(&mut shop);
    shop.good(&["sync-tracking"]);
    assert_one(&shop);
    assert_conflict(&shop);
    assert_eq!(shop.log().count(Operation::MarkPackageShipped), 0, "I7");
}

#[test]
fn two_runs_at_once_create_once_e02() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| shop.mcf(&["poll"]).code)).collect();
        runs.into_iter().map(|run| run.join().expect("a run")).collect()
    });
    assert!(codes.iter().all(|code| [0, 75].contains(code)), "A11: {codes:?}");
    assert!(codes.contains(&0), "{codes:?}");
    assert_one(&shop);
}
