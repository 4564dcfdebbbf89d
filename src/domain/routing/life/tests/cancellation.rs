//! What a wish to cancel does to an order that would go.

use super::*;
use crate::domain::cancellation::Conflict;
use crate::domain::ids::CancelId;
use crate::domain::shop::{Cancellation, CancellationStatus};

fn request() -> Cancellation {
    Cancellation {
        id: CancelId::new("4"),
        order_id: plain_order("1").id,
        status: CancellationStatus::Pending,
        role: Some("BUYER".into()),
        reason: None,
        updated_at: None,
        answer_by: None,
        line_items: Vec::new(),
        skus: Vec::new(),
    }
}

fn conflicts() -> (Conflict, Conflict) {
    let why = || "of some kind".to_owned();
    (Conflict::Unreadable(why()), Conflict::AnswerRefused(why()))
}

fn flag_of(conflict: &Conflict) -> Flag {
    conflict.flag(&plain_order("1").id)
}

#[test]
fn a_wish_to_cancel_keeps_an_order_back_e85() {
    let (request, (doubt, refused)) = (request(), conflicts());
    let open = Cancellations {
        request: Some(&request),
        ..Cancellations::default()
    };
    let kept = Cancellations {
        is_kept_open: true,
        ..Cancellations::default()
    };
    let unclear = Cancellations {
        conflict: Some(&doubt),
        ..open
    };
    let left_to_a_person = Cancellations {
        conflict: Some(&refused),
        ..open
    };
    for (cancellations, decision) in [
        (open, Decision::CancelRequested),
        (kept, Decision::CancelRequested),
        (unclear, Decision::Flag(vec![flag_of(&doubt)])),
        (left_to_a_person, Decision::Flag(vec![flag_of(&refused)])),
    ] {
        let follows = case(State::Detected).turn(cancellations);
        assert_eq!(
            follows,
            Follows::only(Effect::Plan(decision)),
            "E85: no units are taken"
        );
    }
}

#[test]
fn a_person_who_must_answer_the_buyer_hears_of_it_whatever_else_is_decided() {
    let (doubt, refused) = conflicts();
    let short = Flag::plain(Detail::StockTooLow, &plain_order("1").id);
    let heeded = |conflict, decision| {
        let cancellations = Cancellations {
            conflict: Some(conflict),
            ..Cancellations::default()
        };
        cancellations.heed(&plain_order("1").id, decision)
    };
    for (decision, with_doubt, with_refusal) in [
        (wait("grace"), wait("grace"), Decision::Flag(vec![flag_of(&refused)])),
        (
            Decision::CancelRequested,
            Decision::CancelRequested,
            Decision::Flag(vec![flag_of(&refused)]),
        ),
        (
            Decision::Flag(vec![short.clone()]),
            Decision::Flag(vec![short.clone()]),
            Decision::Flag(vec![short.clone(), flag_of(&refused)]),
        ),
        (Decision::Cancelled, Decision::Cancelled, Decision::Cancelled),
        (
            Decision::NotEligible("nothing_to_ship"),
            Decision::NotEligible("nothing_to_ship"),
            Decision::NotEligible("nothing_to_ship"),
        ),
    ] {
        assert_eq!(heeded(&doubt, decision.clone()), with_doubt);
        assert_eq!(heeded(&refused, decision), with_refusal);
    }
}

#[test]
fn where_nobody_is_answered_what_would_be_granted_is_shown_as_cancelled_a10() {
    let whole = request();
    let part = Cancellation {
        line_items: vec![LineItemId::new("9")],
        ..request()
    };
    let granted = |case: &Case, request, is_nobody_answered| {
        let follows = case.turn(Cancellations {
            request: Some(request),
            is_nobody_answered,
            ..Cancellations::default()
        });
        matches!(&follows.effects[..], [Effect::Show(row)] if row.state == State::Cancelled)
    };
    let case = case(State::Detected);
    assert!(granted(&case, &whole, true), "A10");
    assert!(!granted(&case, &whole, false), "this run answered what it could");
    assert!(!granted(&case, &part, true), "a part of it stays");
    assert!(!granted(&case.not_ours(), &whole, true), "not ours to grant");
}
