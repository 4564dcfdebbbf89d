//! Wishes to cancel that meet an odd or a missing answer: of Amazon, which is to stop, or of TikTok, which is to be told.

use mcf_connector::sandbox::amazon::Plan;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::tiktok::CancelStatus;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use super::stage::Stage;

const CANCEL: Operation = Operation::CancelFulfillmentOrder;
const APPROVE: Operation = Operation::ApproveCancellation;
const REJECT: Operation = Operation::RejectCancellation;

fn ask(stage: &Stage, order: &str) {
    stage.world(|world| world.request_cancel(order)).expect("an order");
}

fn answer(stage: &Stage, operation: Operation, fault: Fault) {
    stage.world(|world| world.faults.script(operation, 1, 99, fault));
}

fn amazon_says(status: u16, code: &str, message: &str) -> Fault {
    let body = json!({ "errors": [{ "code": code, "message": message, "details": "" }] });
    Fault::before(Disturbance::Json { status, body })
}

fn tiktok_says(code: i64) -> Fault {
    let body = json!({ "code": code, "message": "no", "request_id": "r" });
    Fault::before(Disturbance::Json { status: 200, body })
}

#[test]
fn a_cancel_whose_answer_is_lost_is_settled_by_the_read_that_follows_e91() {
    let web_page = Disturbance::Html { status: 200 };
    for lost in [Disturbance::Drop, web_page, Disturbance::Truncate] {
        let mut stage = Stage::new();
        let order = stage.routed(OrderKind::Plain);
        ask(&stage, &order);
        stage.world(|world| {
            world.settings.cancels_at_once = true;
            world.faults.next(CANCEL, Fault::after(lost.clone()));
        });
        stage.minutes(5);
        let run = stage.poll();
        assert!(run.trouble.is_none(), "E91: the read says all: {lost:?}");
        assert_eq!(run.summary.orders.len(), 1, "told once: {lost:?}");
        assert_eq!((stage.calls(CANCEL), stage.calls(APPROVE)), (1, 1), "E91: {lost:?}");
        assert_eq!(stage.state(&order), "cancelled", "E91: {lost:?}");
    }
}

#[test]
fn a_cancel_that_amazon_denies_is_told_once_and_asked_again_e69() {
    for (status, code) in [
        (403, "Unauthorized"),
        (404, "NotFound"),
        (405, "MethodNotAllowed"),
        (415, "UnsupportedMediaType"),
    ] {
        let mut stage = Stage::new();
        let order = stage.routed(OrderKind::Plain);
        ask(&stage, &order);
        answer(&stage, CANCEL, amazon_says(status, code, "no"));
        for _ in 0..2 {
            stage.minutes(20);
            assert!(stage.poll().trouble.is_some(), "{status}");
            assert_eq!(stage.details(&order), ["cancel_denied"], "E86: {status}");
            assert_eq!(stage.state(&order), "routed", "{status}");
        }
        assert_eq!(stage.events("order.failed").len(), 1, "{status}: told once");
        assert_eq!(stage.calls(REJECT), 0, "{status}: Amazon did not say that it ships");
        stage.world(|world| world.faults.clear());
        stage.minutes(5);
        assert!(stage.poll().trouble.is_none(), "{status}");
        assert_eq!(stage.state(&order), "cancelling", "{status}");
        assert_eq!(
            stage.details(&order),
            Vec::<String>::new(),
            "{status}: its cause went away"
        );
    }
}

#[test]
fn a_cancel_that_amazon_took_and_does_not_carry_out_is_told_after_hours_e88() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    ask(&stage, &order);
    stage.minutes(5);
    stage.poll();
    stage.minutes(110);
    stage.poll();
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E88: pending");
    stage.minutes(20);
    stage.poll();
    assert_eq!(stage.details(&order), ["cancel_not_confirmed"], "E88");
    assert_eq!(stage.calls(CANCEL), 1, "I13");
    stage.steps(1);
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.state(&order), "cancelled", "E88");
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E88");
}

#[test]
fn an_answer_that_tiktok_refuses_is_left_to_a_person_and_not_given_again() {
    for code in [25_001_003, 25_001_046, 25_007_006, 25_020_003, 25_020_005, 99_999_999] {
        let mut stage = Stage::new();
        stage.world(|world| world.tiktok.region = "GB".to_owned());
        let too_late = stage.routed(OrderKind::Plain);
        stage.steps(2);
        let stopped = stage.routed(OrderKind::ThreePack);
        let not_sent = stage.place_with(OrderKind::Plain, Plan::default());
        for order in [&too_late, &stopped, &not_sent] {
            ask(&stage, order);
        }
        answer(&stage, APPROVE, tiktok_says(code));
        answer(&stage, REJECT, tiktok_says(code));
        stage.world(|world| world.settings.cancels_at_once = true);
        let other = stage.place_with(OrderKind::SeveralUnits, Plan::default());
        stage.minutes(5);
        assert!(stage.poll().trouble.is_none(), "{code}: it is a flag");
        assert_eq!(stage.state(&other), "routed", "{code}: no other order waits for it");
        for _ in 0..2 {
            for order in [&stopped, &not_sent] {
                assert_eq!(stage.details(order), ["answer_refused"], "{code}");
            }
            assert!(
                stage.details(&too_late).contains(&"answer_refused".to_owned()),
                "{code}"
            );
            stage.minutes(5);
            stage.poll();
        }
        assert_eq!((stage.calls(APPROVE), stage.calls(REJECT)), (2, 1), "I14: {code}");
        assert_eq!(stage.calls(Operation::CreateFulfillmentOrder), 3, "I13: {code}");
        assert_eq!(stage.state(&not_sent), "flagged", "{code}");
        assert_eq!(stage.events("order.failed").len(), 4, "{code}: each told once");
    }
}

#[test]
fn a_refused_answer_is_forgotten_when_the_person_has_answered() {
    let mut stage = Stage::new();
    let order = stage.place_with(OrderKind::Plain, Plan::default());
    ask(&stage, &order);
    answer(&stage, APPROVE, tiktok_says(25_001_046));
    stage.poll();
    assert_eq!(stage.details(&order), ["answer_refused"], "E85");
    stage.world(|world| {
        let now = world.now();
        let request = &mut world.tiktok.cancellations[0];
        (request.status, request.updated_at) = (CancelStatus::Cancelled, now);
        world.tiktok.order_mut(&order).expect("an order").cancel_requested_at = None;
    });
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.state(&order), "routed", "the buyer wants it after all");
    assert_eq!(stage.details(&order), Vec::<String>::new());
}

#[test]
fn what_tiktok_cancels_after_the_number_was_told_is_a_loss_for_a_person_e90() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.sync();
    assert_eq!(stage.state(&order), "completed");
    stage.world(|world| {
        let now = world.now();
        world.tiktok.order_mut(&order).expect("an order").cancel("SYSTEM", now);
    });
    for _ in 0..2 {
        stage.minutes(5);
        assert!(stage.poll().trouble.is_none());
        assert_eq!(stage.details(&order), ["parcel_under_way"], "E90");
    }
    assert_eq!(stage.events("order.failed").len(), 1, "E90: told once");
    assert_eq!(stage.calls(CANCEL), 0, "E90: nothing is left to stop");
    assert_eq!(
        stage.flags(&order)[0].next_command,
        format!("mcf orders dismiss {order}")
    );
}

#[test]
fn a_wish_to_cancel_a_completed_order_is_declined_before_tiktok_agrees_by_itself_e87() {
    let mut stage = Stage::new();
    stage.world(|world| world.tiktok.region = "GB".to_owned());
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.sync();
    assert_eq!(stage.state(&order), "completed");
    ask(&stage, &order);
    stage.minutes(5);
    assert!(stage.poll().trouble.is_none());
    assert_eq!((stage.calls(REJECT), stage.calls(APPROVE)), (1, 0), "E87");
    assert_eq!(stage.state(&order), "completed");
    assert_eq!(stage.details(&order), Vec::<String>::new(), "E87: nobody is needed");
}

#[test]
fn what_a_person_was_told_of_a_wish_is_over_when_the_buyer_takes_it_back() {
    let mut stage = Stage::new();
    let (denied, in_part) = (stage.routed(OrderKind::Plain), stage.routed(OrderKind::TwoParcels));
    ask(&stage, &denied);
    ask(&stage, &in_part);
    stage.world(|world| world.tiktok.cancellations[1].line_ids.truncate(1));
    answer(&stage, CANCEL, amazon_says(403, "Unauthorized", "no"));
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.details(&denied), ["cancel_denied"]);
    assert_eq!(stage.details(&in_part), ["part_of_the_order"]);
    stage.world(|world| {
        let now = world.now();
        for request in &mut world.tiktok.cancellations {
            (request.status, request.updated_at) = (CancelStatus::Cancelled, now);
        }
        for order in [&denied, &in_part] {
            world.tiktok.order_mut(order).expect("an order").cancel_requested_at = None;
        }
    });
    stage.minutes(5);
    stage.poll();
    assert_eq!(
        [stage.details(&denied), stage.details(&in_part)],
        [const { Vec::<String>::new() }; 2]
    );
}

#[test]
fn who_asks_for_one_order_is_told_how_it_stands_where_nothing_is_to_be_done_e69() {
    let mut stage = Stage::new();
    let (denied, plain) = (stage.routed(OrderKind::Plain), stage.routed(OrderKind::Plain));
    let unsent = stage.world(|world| world.place(OrderKind::BadAddress));
    ask(&stage, &denied);
    answer(&stage, CANCEL, amazon_says(403, "Unauthorized", "no"));
    stage.minutes(5);
    stage.poll();
    for (order, flags, said) in [
        (&denied, vec!["cancel_denied"], "TikTok was told 0 of 0 parcels"),
        (&plain, vec![], "TikTok was told 0 of 0 parcels"),
        (&unsent, vec!["postal_code_missing"], "it was not sent to Amazon"),
    ] {
        let rows = stage.sync_one(order).summary.orders;
        let [row] = &rows[..] else { panic!("{rows:?}") };
        let details: Vec<&str> = row.flags.iter().map(|flag| flag.detail.as_str()).collect();
        assert_eq!((row.id.as_str(), details), (order.as_str(), flags), "E69");
        assert!(row.explanation[0].ends_with(said), "{row:?}");
    }
}
