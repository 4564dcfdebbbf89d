use chrono::TimeDelta;

use super::*;
use crate::domain::effect::tests_support::{details, steps};
use crate::domain::flag::Detail;
use crate::domain::ids::{CancelId, LineItemId, TiktokOrderId, TiktokSkuId};
use crate::domain::order::DeliveryType;
use crate::domain::order::tests_support::plain_order;
use crate::domain::shop::RejectReason;

const APPROVE: Effect = Effect::Ask(Ask::AnswerRequest(RequestAnswer::Approved));
const DECLINE: Effect = Effect::Ask(Ask::AnswerRequest(RequestAnswer::Declined));
const READ: Effect = Effect::Ask(Ask::ReadFulfillmentOrder);
const CANCEL: Effect = Effect::Ask(Ask::CancelFulfillmentOrder);

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
}

/// An order whose buyer asks to cancel it; Amazon has it.
struct Case {
    order: Order,
    is_read_whole: bool,
    state: State,
    id: FulfillmentOrderId,
    is_sent: bool,
    may_be_at_amazon: bool,
    is_dead: bool,
    cancel_asked_at: Option<DateTime<Utc>>,
    request: Option<Cancellation>,
    is_answered: bool,
    is_left_to_a_person: bool,
    has_open_request: bool,
    must_look: bool,
    is_declined_by_shipping: bool,
}

fn case(state: State) -> Case {
    Case {
        order: plain_order("576900000000000101"),
        is_read_whole: true,
        state,
        id: FulfillmentOrderId::new("TTS-1"),
        is_sent: !matches!(state, State::Detected | State::Waiting | State::Ready),
        may_be_at_amazon: true,
        is_dead: false,
        cancel_asked_at: None,
        request: Some(request(CancellationStatus::Pending)),
        is_answered: false,
        is_left_to_a_person: false,
        has_open_request: true,
        must_look: false,
        is_declined_by_shipping: false,
    }
}

fn request(status: CancellationStatus) -> Cancellation {
    Cancellation {
        id: CancelId::new("4"),
        order_id: TiktokOrderId::new("576900000000000101"),
        status,
        role: Some("BUYER".into()),
        reason: None,
        updated_at: Some(noon()),
        answer_by: None,
        line_items: Vec::new(),
        skus: Vec::new(),
    }
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Nobody asks: TikTok has cancelled the order by itself.
    fn by_tiktok(self) -> Self {
        self.with(|case| {
            case.request = None;
            case.has_open_request = false;
            case.order.status = OrderStatus::Cancelled;
        })
    }

    fn next(&self, progress: Progress) -> Vec<Effect> {
        self.next_at(progress, noon())
    }

    fn next_at(&self, progress: Progress, now: DateTime<Utc>) -> Vec<Effect> {
        let facts = Facts {
            order: &self.order,
            is_read_whole: self.is_read_whole,
            state: self.state,
            sent: self.is_sent.then_some(Sent {
                id: &self.id,
                may_be_at_amazon: self.may_be_at_amazon,
                is_dead: self.is_dead,
                cancel_asked_at: self.cancel_asked_at,
                shows_from: noon() + TimeDelta::minutes(15),
            }),
            request: self.request.as_ref().map(|shown| Request {
                shown,
                is_answered: self.is_answered,
                is_left_to_a_person: self.is_left_to_a_person,
            }),
            has_open_request: self.has_open_request,
            has_request: self.request.is_some(),
            must_look: self.must_look,
            is_declined_by_shipping: self.is_declined_by_shipping,
        };
        next(&facts, progress, &EligibilityRules::default(), now)
    }
}

#[test]
fn what_is_not_sent_is_agreed_to_at_once_and_closed_when_tiktok_took_the_answer_e16() {
    for state in [State::Detected, State::Waiting, State::Ready] {
        let wished = case(state);
        assert_eq!(wished.next(Progress::Begun), [APPROVE], "{state}");
        let taken = wished.next(Progress::Answered(RequestAnswer::Approved, true));
        assert_eq!(steps(&taken), [Step::Cancel], "{state}");
        let refused = wished.next(Progress::Answered(RequestAnswer::Approved, false));
        assert_eq!(refused, [], "{state}");
    }
    let refused_at_amazon = case(State::Flagged).with(|case| case.may_be_at_amazon = false);
    assert_eq!(refused_at_amazon.next(Progress::Begun), [APPROVE]);
}

#[test]
fn what_an_older_copy_may_not_know_of_is_agreed_to_only_after_amazon_was_looked_at_e164() {
    let unknown = case(State::Waiting).with(|case| case.must_look = true);
    let look = [Effect::Ask(Ask::LookForOrder)];
    assert_eq!(unknown.next(Progress::Begun), look);
    assert_eq!(unknown.next(Progress::OrderRead), look);
    assert_eq!(unknown.next(Progress::NotThere), [APPROVE]);
    let unread = unknown.with(|case| case.is_read_whole = false);
    assert_eq!(unread.next(Progress::Begun), [Effect::Ask(Ask::ReadOrder)]);
}

#[test]
fn what_is_not_ours_to_send_or_not_known_whole_is_not_agreed_to_e130() {
    let collected = case(State::Waiting).with(|case| case.order.delivery_type = Some(DeliveryType::CollectionPoint));
    assert_eq!(collected.next(Progress::Begun), []);
    let unread = case(State::Waiting).with(|case| case.is_read_whole = false);
    assert_eq!(unread.next(Progress::Begun), [Effect::Ask(Ask::ReadOrder)]);
    assert_eq!(unread.next(Progress::OrderRead), [], "TikTok does not show it");
}

#[test]
fn a_part_of_an_order_that_is_not_sent_is_agreed_to_and_the_rest_goes_on() {
    let part = case(State::Waiting).with(name_part);
    assert_eq!(part.next(Progress::Begun), [APPROVE]);
    assert_eq!(part.next(Progress::Answered(RequestAnswer::Approved, true)), []);
}

fn name_part(case: &mut Case) {
    let mut other = case.order.line_items[0].clone();
    other.id = LineItemId::new("other");
    other.sku_id = TiktokSkuId::new("other");
    case.order.line_items.push(other);
    if let Some(request) = &mut case.request {
        request.line_items = vec![LineItemId::new("other")];
    }
}

#[test]
fn amazon_is_asked_once_the_wish_is_stored_and_read_before_it_is_asked_again_e17() {
    let routed = case(State::Routed).next(Progress::Begun);
    assert_eq!(steps(&routed), [Step::AskCancel]);
    assert_eq!(routed.last(), Some(&CANCEL));
    let died_in_between = case(State::Cancelling);
    assert_eq!(died_in_between.next(Progress::Begun), [READ]);
    assert_eq!(died_in_between.next(Progress::ReadBefore), [CANCEL]);
    let answered = case(State::Cancelling).with(|case| case.cancel_asked_at = Some(noon()));
    assert_eq!(answered.next(Progress::Begun), [READ]);
    assert_eq!(answered.next(Progress::ReadBefore), [asked()], "it is not asked again");
}

#[test]
fn a_run_goes_on_from_what_was_asked_and_ends_where_nothing_more_is_asked() {
    let asked = Progress::Asked(CancelAnswer::Unclear);
    let read_after = Progress::ReadAfter(CancelAnswer::Unclear);
    for progress in [Progress::Begun, Progress::OrderRead, Progress::ReadBefore] {
        assert_eq!(progress.read(), Progress::ReadBefore, "{progress:?}");
        assert_eq!(progress.without_question(), Progress::Stopped, "{progress:?}");
    }
    assert_eq!(asked.read(), read_after);
    assert_eq!(read_after.without_question(), Progress::Stopped);
    let answered = Progress::Answered(RequestAnswer::Declined, true);
    for progress in [asked, Progress::Stopped, answered] {
        assert_eq!(progress.without_question(), Progress::Over, "{progress:?}");
    }
}

#[test]
fn each_answer_of_amazon_has_its_consequence() {
    /// The answer, the steps, the flags, whether Amazon is read next, whether the run has a trouble.
    type Row<'a> = (CancelAnswer, &'a [Step], &'a [&'a str], bool, bool);
    let denied = |is_denied| CancelAnswer::NotCarriedOut { is_denied };
    let table: [Row<'_>; 7] = [
        (CancelAnswer::Taken, &[], &[], true, false),
        (CancelAnswer::AlreadyAsked, &[], &[], true, false),
        (CancelAnswer::Refused, &[], &[], true, false),
        (CancelAnswer::Unclear, &[], &[], true, false),
        (denied(false), &[Step::RefuseCancel], &[], false, true),
        (denied(true), &[Step::RefuseCancel], &["cancel_denied"], false, true),
        (CancelAnswer::NotFound, &[Step::RefuseCancel], &[], false, true),
    ];
    for (answer, taken, raised, is_read, is_trouble) in table {
        let effects = case(State::Cancelling).next(Progress::Asked(answer));
        assert_eq!(steps(&effects), taken, "{answer:?}");
        assert_eq!(details(&effects), raised, "{answer:?}");
        assert_eq!(effects.contains(&READ), is_read, "{answer:?}");
        assert_eq!(effects.contains(&Effect::Trouble), is_trouble, "{answer:?}");
        let is_answered = matches!(
            answer,
            CancelAnswer::Taken | CancelAnswer::AlreadyAsked | CancelAnswer::Refused
        );
        assert_eq!(effects.contains(&Effect::CancelAnswered), is_answered, "{answer:?}");
    }
    let late =
        case(State::Cancelling).next_at(Progress::Asked(CancelAnswer::NotFound), noon() + TimeDelta::minutes(15));
    assert_eq!(details(&late), ["cancel_denied"], "it should show by now");
}

#[test]
fn what_the_read_after_the_question_shows_settles_it() {
    let cancelling = |answer| case(State::Cancelling).next(Progress::ReadAfter(answer));
    assert_eq!(cancelling(CancelAnswer::Unclear), [Effect::Trouble]);
    assert_eq!(cancelling(CancelAnswer::Taken), [asked()]);
    assert_eq!(cancelling(CancelAnswer::AlreadyAsked), [asked()]);
    let refused = cancelling(CancelAnswer::Refused);
    assert_eq!(steps(&refused), [Step::RefuseCancel]);
    assert_eq!(details(&refused), ["amazon_is_shipping"]);
    assert_eq!(refused.last(), Some(&asked()));
    let cancelled = case(State::Cancelled).next(Progress::ReadAfter(CancelAnswer::Unclear));
    assert_eq!(cancelled, [asked()], "the read has brought the answer");
}

#[test]
fn the_buyer_is_answered_as_amazon_did_e18() {
    let at = |state| case(state).next(Progress::Stopped);
    assert_eq!(at(State::Cancelled), [APPROVE]);
    for state in [State::Routed, State::Shipped, State::Completed] {
        assert_eq!(at(state), [DECLINE], "{state}");
    }
    assert_eq!(at(State::Cancelling), [], "Amazon has not said");
    assert_eq!(at(State::Flagged), []);
    assert_eq!(
        case(State::Cancelled).next(Progress::Begun),
        [APPROVE],
        "a run died before it answered"
    );
    let declined = case(State::Routed).next(Progress::Answered(RequestAnswer::Declined, true));
    assert_eq!(declined, [Effect::Clear(&[Detail::AmazonIsShipping])]);
    let asked_before = case(State::Routed).with(|case| case.cancel_asked_at = Some(noon()));
    assert_eq!(asked_before.next(Progress::Begun), [DECLINE], "nothing is asked twice");
}

#[test]
fn where_shipping_declines_by_itself_a_request_is_declined_an_hour_before_tiktok_agrees_e87() {
    let american = |minutes: i64, change: fn(&mut Cancellation)| {
        let mut shipped = case(State::Shipped).with(|case| case.is_declined_by_shipping = true);
        shipped.request.as_mut().map(change).expect("a request");
        shipped.next_at(Progress::Stopped, noon() + TimeDelta::minutes(minutes))
    };
    let named: fn(&mut Cancellation) = |request| request.answer_by = Some(noon() + TimeDelta::hours(10));
    assert_eq!(american(9 * 60 - 1, named), []);
    assert_eq!(american(9 * 60, named), [DECLINE]);
    let silent: fn(&mut Cancellation) = |request| request.updated_at = Some(noon());
    assert_eq!(american(23 * 60 - 1, silent), []);
    assert_eq!(american(23 * 60, silent), [DECLINE]);
    let timeless: fn(&mut Cancellation) = |request| request.updated_at = None;
    assert_eq!(american(48 * 60, timeless), []);
}

#[test]
fn what_has_left_or_ended_badly_is_told_and_not_asked_for() {
    for state in [State::Shipped, State::Completed, State::Flagged] {
        let effects = case(state).next(Progress::Begun);
        assert_eq!(details(&effects), ["amazon_is_shipping"], "{state}");
        assert!(effects.contains(&Effect::CancelAnswered), "{state}");
    }
    let dead = case(State::Routed).with(|case| case.is_dead = true);
    assert_eq!(dead.next(Progress::Begun), [], "its end is not stored yet");
    let shipped_in_part = case(State::Shipped).with(|case| case.is_dead = true);
    assert_eq!(details(&shipped_in_part.next(Progress::Begun)), ["amazon_is_shipping"]);
}

#[test]
fn a_part_of_what_amazon_has_is_left_to_a_person_e88() {
    for state in [State::Routed, State::Cancelling, State::Shipped, State::Completed] {
        let part = case(state).with(name_part);
        assert_eq!(details(&part.next(Progress::Begun)), ["part_of_the_order"], "{state}");
        assert_eq!(part.next(Progress::Stopped), [], "{state}: it is not declined");
    }
}

#[test]
fn a_request_that_is_answered_or_left_to_a_person_is_let_be() {
    for state in State::ALL {
        let answered = case(state).with(|case| case.is_answered = true);
        assert_eq!(answered.next(Progress::Begun), [], "{state}");
        let left = case(state).with(|case| case.is_left_to_a_person = true);
        assert_eq!(left.next(Progress::Begun), [], "{state}");
        assert_eq!(left.next(Progress::Stopped), [], "{state}");
    }
    for state in [State::Submitting, State::Dismissed, State::NotEligible] {
        assert_eq!(case(state).next(Progress::Begun), [], "{state}");
    }
}

#[test]
fn a_request_that_is_over_takes_its_flags_along_unless_another_is_open() {
    let over = |status, has_open_request| {
        let ended = case(State::Routed).with(|case| {
            case.request = Some(request(status));
            case.has_open_request = has_open_request;
        });
        ended.next(Progress::Begun)
    };
    let withdrawn = over(CancellationStatus::Withdrawn, false);
    let gone: &[Detail] = &[Detail::AmazonIsShipping, Detail::CancelDenied, Detail::PartOfTheOrder];
    assert_eq!(withdrawn, [Effect::Clear(gone)]);
    let done: &[Detail] = &[Detail::PartOfTheOrder];
    assert_eq!(over(CancellationStatus::Success, false), [Effect::Clear(done)]);
    assert_eq!(over(CancellationStatus::Complete, false), [Effect::Clear(done)]);
    assert_eq!(over(CancellationStatus::Other("NEW".into()), false), []);
    assert_eq!(over(CancellationStatus::Withdrawn, true), []);
    let ended = case(State::Routed).with(|case| case.request = Some(request(CancellationStatus::Withdrawn)));
    assert_eq!(ended.next(Progress::Stopped), [], "nobody is declined who does not ask");
}

#[test]
fn what_tiktok_or_the_seller_cancels_is_stopped_and_nobody_is_answered() {
    let seller = case(State::Routed).with(|case| {
        if let Some(request) = &mut case.request {
            request.role = Some("Seller".into());
        }
    });
    assert_eq!(steps(&seller.next(Progress::Begun)), [Step::AskCancel]);
    assert_eq!(seller.next(Progress::Stopped), []);
    let not_sent = seller.with(|case| (case.state, case.is_sent) = (State::Waiting, false));
    assert_eq!(not_sent.next(Progress::Begun), [], "a seller is not granted a wish");
    assert_eq!(
        steps(&case(State::Routed).by_tiktok().next(Progress::Begun)),
        [Step::AskCancel]
    );
    assert_eq!(case(State::Routed).by_tiktok().next(Progress::Stopped), []);
    assert_eq!(
        case(State::Waiting).by_tiktok().next(Progress::Begun),
        [],
        "nothing was sent"
    );
}

#[test]
fn what_tiktok_cancelled_although_it_is_under_way_is_told_e20() {
    let refused = case(State::Routed)
        .by_tiktok()
        .with(|case| case.cancel_asked_at = Some(noon()));
    assert_eq!(details(&refused.next(Progress::Begun)), ["parcel_under_way"]);
    let next_command = |state| {
        let effects = case(state).by_tiktok().next(Progress::Begun);
        let flag = effects.into_iter().find_map(|effect| match effect {
            Effect::Raise(flag) => Some(flag.next_command),
            _ => None,
        });
        flag.expect("a flag")
    };
    assert_eq!(next_command(State::Shipped), "mcf orders dismiss 576900000000000101");
    assert_eq!(next_command(State::Completed), "mcf orders dismiss 576900000000000101");
}

#[test]
fn it_is_looked_at_until_a_person_has_heard_of_it_when_both_sides_are_through_e20() {
    for (state, is_heard) in [(State::Shipped, false), (State::Completed, true)] {
        let by_tiktok = case(state).by_tiktok().next(Progress::Begun);
        assert_eq!(by_tiktok.contains(&Effect::LossTold), is_heard, "E20: {state}");
        let by_buyer = case(state).next(Progress::Begun);
        assert!(!by_buyer.contains(&Effect::LossTold), "E20: {state}");
    }
}

#[test]
fn a_flagged_order_of_which_nothing_is_left_is_closed() {
    let closed = case(State::Flagged).by_tiktok().with(|case| case.is_dead = true);
    assert_eq!(steps(&closed.next(Progress::Begun)), [Step::Cancel]);
    let refused = case(State::Flagged)
        .by_tiktok()
        .with(|case| case.may_be_at_amazon = false);
    assert_eq!(steps(&refused.next(Progress::Begun)), [Step::Cancel]);
    assert_eq!(
        case(State::Flagged).by_tiktok().next(Progress::Begun),
        [],
        "Amazon may ship it"
    );
    let marked = case(State::Flagged).with(|case| {
        case.request = None;
        case.is_dead = true;
    });
    assert_eq!(marked.next(Progress::Begun), [], "TikTok has not cancelled it");
}

/// A buyer's open wish that Amazon was asked about at noon.
fn wish<'a>(order: &'a TiktokOrderId, fulfillment_order: &'a FulfillmentOrderId) -> CancelFacts<'a> {
    CancelFacts {
        order,
        fulfillment_order,
        state: State::Cancelling,
        is_cancelled_at_tiktok: false,
        is_marked: false,
        has_open_request: true,
        has_request: true,
        asked_at: Some(noon()),
    }
}

#[test]
fn what_amazon_cancelled_ends_or_asks_a_person() {
    let (order, id) = (TiktokOrderId::new("5"), FulfillmentOrderId::new("TTS-5"));
    let wish = wish(&order, &id);
    assert_eq!(steps(&wish.carried_out()), [Step::Cancel]);
    let by_tiktok = CancelFacts {
        is_cancelled_at_tiktok: true,
        has_open_request: false,
        ..wish
    };
    assert_eq!(steps(&by_tiktok.carried_out()), [Step::Cancel]);
    let withdrawn = CancelFacts {
        has_open_request: false,
        ..wish
    };
    assert_eq!(details(&withdrawn.carried_out()), ["request_withdrawn"]);
    assert_eq!(steps(&withdrawn.carried_out()), [Step::Flag]);
    let marked = CancelFacts {
        is_marked: true,
        has_request: false,
        ..withdrawn
    };
    assert_eq!(details(&marked.carried_out()), ["answer_at_tiktok"]);
    let answered = CancelFacts {
        is_marked: true,
        ..withdrawn
    };
    assert_eq!(details(&answered.carried_out()), ["request_withdrawn"]);
}

#[test]
fn a_silence_of_two_hours_after_the_question_is_told() {
    let (order, id) = (TiktokOrderId::new("5"), FulfillmentOrderId::new("TTS-5"));
    let wish = wish(&order, &id);
    let at = |wish: &CancelFacts<'_>, minutes| wish.unanswered(noon() + TimeDelta::minutes(minutes));
    assert_eq!(at(&wish, 119), []);
    assert_eq!(details(&at(&wish, 120)), ["cancel_not_confirmed"]);
    assert_eq!(at(&CancelFacts { asked_at: None, ..wish }, 500), []);
    let routed = CancelFacts {
        state: State::Routed,
        ..wish
    };
    assert_eq!(at(&routed, 500), []);
}

#[test]
fn what_can_t_be_read_or_is_the_sellers_is_a_conflict() {
    let (unreadable, seller) = (TiktokOrderId::new("7"), TiktokOrderId::new("8"));
    let mut requests = vec![
        request(CancellationStatus::read("A\u{1b}NEW")),
        request(CancellationStatus::Pending),
        request(CancellationStatus::Pending),
    ];
    requests[1].order_id = seller.clone();
    requests[1].role = Some("seller".into());
    requests[2].order_id = TiktokOrderId::new("9");
    let found = conflicts(&requests, [(&unreadable, "status")].into_iter());
    let flag = |id: &str| Some(found.get(&TiktokOrderId::new(id))?.flag(&TiktokOrderId::new(id)));
    let detail = |id: &str| flag(id).map(|flag| flag.detail.as_str());
    assert_eq!(detail("576900000000000101"), Some("request_unreadable"));
    assert_eq!(detail("7"), Some("request_unreadable"));
    assert_eq!(detail("8"), Some("seller_cancels"));
    assert_eq!(detail("9"), None, "a buyer's wish is no conflict");
    assert!(flag("576900000000000101").is_some_and(|flag| !flag.message.contains('\u{1b}')));
    let told = |conflict: &Conflict| {
        let states = State::ALL.into_iter().filter(|state| conflict.is_told(*state));
        states.collect::<Vec<_>>()
    };
    let under_way = [State::Submitting, State::Routed, State::Shipped, State::Cancelling];
    assert_eq!(told(&found[&unreadable]), under_way);
    assert_eq!(told(&found[&seller]), []);
}

#[test]
fn a_request_is_declined_for_a_reason_that_is_true_e87() {
    let reason = |name: &str, text: &str| RejectReason {
        name: name.into(),
        text: Some(text.into()),
    };
    let address = reason(
        "seller_reject_apply_unable_to_change_address",
        "The address can't be changed",
    );
    let packed = reason(
        "ecom_reverse_reject_cancel_reason_product_packed",
        "Product has been packed",
    );
    let shipped = reason("order_manage_reject_7", "The order has been Shipped");
    let fallback = "seller_reject_apply_product_has_been_packed";
    assert_eq!(reason_to_decline(&[]), fallback);
    assert_eq!(reason_to_decline(std::slice::from_ref(&address)), fallback);
    assert_eq!(
        reason_to_decline(&[address.clone(), shipped.clone(), packed.clone()]),
        packed.name
    );
    assert_eq!(reason_to_decline(&[address, shipped.clone()]), shipped.name);
}
