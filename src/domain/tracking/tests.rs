use chrono::TimeDelta;

use super::*;
use crate::domain::eligibility::EligibilityRules;
use crate::domain::ids::{DeliveryOptionId, LineItemId, ShippingProviderId, TiktokOrderId, WarehouseId};
use crate::domain::order::tests_support::{plain_line, plain_order};
use crate::domain::order::{LineItem, LineStatus, OrderStatus};
use crate::domain::tracking::carrier::CarrierRules;

const NUMBER: &str = "1Z50V7420300000001";
const OLD: &str = "1Z50V7420300000000";
const READ: Effect = Effect::Ask(Ask::ReadOrder);
const CARRIERS: Effect = Effect::Ask(Ask::Carriers);

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
}

/// A parcel of the units `a` and `b` that left an hour ago, whose number TikTok does not have.
struct Case {
    order: TiktokOrderId,
    market: &'static str,
    lines: Vec<LineItemId>,
    number: Option<&'static str>,
    given: Vec<&'static str>,
    told: Vec<&'static str>,
    may_be_told: bool,
    is_told: bool,
    shipped_at: Option<DateTime<Utc>>,
    carrier_code: &'static str,
    delivery_option: Option<DeliveryOptionId>,
    twins: Vec<Vec<LineItemId>>,
    seen: Option<Order>,
    read: Option<Order>,
    offer: Option<Offer>,
    warehouses: Vec<WarehouseId>,
    default_carrier: Option<String>,
}

fn case() -> Case {
    Case {
        order: TiktokOrderId::new("1"),
        market: "US",
        lines: ids(&["a", "b"]),
        number: Some(NUMBER),
        given: vec![OLD, NUMBER],
        told: Vec::new(),
        may_be_told: false,
        is_told: false,
        shipped_at: Some(noon() - TimeDelta::hours(1)),
        carrier_code: "UPS",
        delivery_option: Some(DeliveryOptionId::new("7")),
        twins: Vec::new(),
        seen: Some(order(&[("a", None), ("b", None)])),
        read: None,
        offer: Some(Ok(vec![ups()])),
        warehouses: Vec::new(),
        default_carrier: None,
    }
}

fn ids(lines: &[&str]) -> Vec<LineItemId> {
    lines.iter().map(|id| LineItemId::new(*id)).collect()
}

fn ups() -> ShippingProvider {
    ShippingProvider {
        id: ShippingProviderId::new("71"),
        name: "UPS".into(),
    }
}

/// Units with the number that TikTok has for each.
fn order(units: &[(&str, Option<&str>)]) -> Order {
    let line = |(id, number): &(&str, Option<&str>)| LineItem {
        tracking_number: number.map(str::to_owned),
        ..plain_line(id)
    };
    Order {
        line_items: units.iter().map(line).collect(),
        ..plain_order("1")
    }
}

/// The same where TikTok has cancelled `b`.
fn without_b() -> Order {
    let mut order = order(&[("a", None), ("b", None)]);
    order.line_items[1].status = LineStatus::Cancelled;
    order
}

/// Each unit in a parcel that TikTok made.
fn packed(mut order: Order, packages: &[&str]) -> Order {
    for (line, package) in order.line_items.iter_mut().zip(packages) {
        line.package_id = Some(PackageId::new(*package));
    }
    order
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// A number that TikTok took before, and that Amazon has replaced since.
    fn replaced(self, shown: Order) -> Self {
        self.with(|case| {
            case.told = vec![OLD];
            case.may_be_told = true;
            case.is_told = true;
            case.seen = Some(shown);
        })
    }

    fn next(&self, progress: &Progress) -> Vec<Effect> {
        let facts = Facts {
            order: &self.order,
            market: self.market,
            parcel: Parcel {
                units: self.units(&self.lines),
                number: self.number,
                given: self.given.clone(),
                may_be_told: self.may_be_told,
                is_told: self.is_told,
                shipped_at: self.shipped_at,
                carrier_code: self.carrier_code,
                carrier_name: None,
                delivery_option: self.delivery_option.as_ref(),
            },
            twins: self.twins.iter().map(|lines| self.units(lines)).collect(),
            seen: self.seen.as_ref(),
            read: self.read.as_ref(),
            offer: self.offer.as_ref(),
        };
        let eligibility = EligibilityRules {
            warehouses: self.warehouses.to_vec(),
            ..EligibilityRules::default()
        };
        let carriers = CarrierRules {
            overrides: Vec::new(),
            default: self.default_carrier.clone(),
        };
        let rules = Rules {
            eligibility: &eligibility,
            carriers: &carriers,
        };
        next(&facts, progress, &rules, noon())
    }

    fn units<'a>(&self, lines: &'a [LineItemId]) -> Units<'a> {
        Units {
            lines,
            told: self.told.clone(),
        }
    }

    /// What follows when TikTok answered, and shows this when it is read after that.
    fn after(mut self, call: Call, is_again: bool, answer: Answer, read: Order) -> Vec<Effect> {
        self.read = Some(read);
        self.next(&Progress::ReadAfter(telling(call, is_again), answer))
    }
}

fn telling(call: Call, is_again: bool) -> Telling {
    Telling {
        number: NUMBER.to_owned(),
        call,
        carrier: ups(),
        is_again,
    }
}

fn tell(call: Call) -> Effect {
    Effect::Ask(Ask::Tell(telling(call, false)))
}

fn tell_again(call: Call) -> Effect {
    Effect::Ask(Ask::Tell(telling(call, true)))
}

/// The intent is stored right before the call.
fn begun(call: Call) -> [Effect; 2] {
    [Effect::Begin(NUMBER.to_owned(), ups()), tell(call)]
}

fn told(number: &str) -> Effect {
    Effect::Told {
        number: number.to_owned(),
        carrier: "UPS".to_owned(),
        answer: MarkedShipped {
            package_id: None,
            warning: None,
        },
    }
}

fn refused(refusal: Refusal) -> Answer {
    Answer::Refused(refusal, "no".to_owned())
}

fn put_off(why: &str) -> [Effect; 2] {
    [
        Effect::PutOff(Some(noon() + TimeDelta::minutes(30))),
        Effect::Wait(why.to_owned()),
    ]
}

/// Whether TikTok has seen the refused number, and what a person is told of it.
fn refusal(effects: &[Effect]) -> Option<(bool, &str)> {
    match effects.last() {
        Some(Effect::Refuse { number, flag }) => Some((number.is_some(), flag.detail.as_str())),
        _ => None,
    }
}

#[test]
fn a_number_is_told_with_its_carrier_after_a_look_that_shows_none() {
    assert_eq!(case().next(&Progress::Begun), [CARRIERS]);
    assert_eq!(case().next(&Progress::CarriersRead), begun(Call::Mark));
    let taken = MarkedShipped {
        package_id: Some(PackageId::new("P1")),
        warning: None,
    };
    let answer = Answer::Taken(taken.clone());
    let expected = Effect::Told {
        number: NUMBER.to_owned(),
        carrier: "UPS".to_owned(),
        answer: taken,
    };
    let progress = Progress::Asked(telling(Call::Mark, false), answer);
    assert_eq!(case().next(&progress), [expected]);
}

#[test]
fn what_amazon_did_not_give_or_tiktok_can_not_take_is_never_told() {
    let none = case().with(|case| case.number = None);
    assert!(matches!(none.next(&Progress::Begun)[..], [Effect::Wait(_)]), "E95");
    let foreign = case().with(|case| case.given = vec![OLD]);
    let effects = foreign.next(&Progress::Begun);
    assert_eq!(refusal(&effects), Some((false, "not_amazons_number")), "E108");
    let odd = case().with(|case| (case.number, case.given) = (Some("1Z?"), vec!["1Z?"]));
    let effects = odd.next(&Progress::Begun);
    assert_eq!(refusal(&effects), Some((false, "number_form")));
}

#[test]
fn what_tiktok_did_not_show_waits_and_is_read_alone_when_there_is_no_time_left() {
    let unseen = |hours| {
        case().with(|case| {
            case.seen = None;
            case.shipped_at = Some(noon() - TimeDelta::hours(hours));
        })
    };
    assert!(matches!(unseen(2).next(&Progress::Begun)[..], [Effect::Wait(_)]));
    let planned = unseen(2).with(|case| case.shipped_at = None);
    assert!(
        matches!(planned.next(&Progress::Begun)[..], [Effect::Wait(_)]),
        "it has not left"
    );
    assert_eq!(unseen(3).next(&Progress::Begun), [CARRIERS], "E109");
    let crashed = unseen(3).with(|case| case.may_be_told = true);
    assert_eq!(crashed.next(&Progress::Begun), [READ], "E103: TikTok may have it");
    let there = crashed.with(|case| case.read = Some(order(&[("a", Some(NUMBER)), ("b", Some(NUMBER))])));
    assert_eq!(there.next(&Progress::ReadBefore), [told(NUMBER)], "E103");
    let nothing = there.with(|case| case.read = None);
    assert_eq!(
        nothing.next(&Progress::ReadBefore),
        [CARRIERS],
        "TikTok shows no such order"
    );
}

#[test]
fn what_tiktok_has_for_the_units_decides_before_anything_is_told() {
    let by_hand = Some("1ZHAND");
    for (units, expected, situation) in [
        (
            [("a", by_hand), ("b", None)],
            (true, "other_number_at_tiktok"),
            "E107: a person's",
        ),
        (
            [("a", Some(NUMBER)), ("b", None)],
            (true, "number_stands_for_other_units"),
            "E136",
        ),
    ] {
        let shown = case().with(|case| case.seen = Some(order(&units)));
        let effects = shown.next(&Progress::Begun);
        assert_eq!(refusal(&effects), Some(expected), "{situation}");
    }
    let ours = case().with(|case| case.seen = Some(order(&[("a", Some(NUMBER)), ("b", Some(NUMBER))])));
    assert_eq!(ours.next(&Progress::Begun), [told(NUMBER)], "E103");
    let moved = case().with(|case| case.warehouses = vec![WarehouseId::new("7000000000000000001")]);
    let effects = moved.next(&Progress::Begun);
    assert_eq!(
        refusal(&effects),
        Some((false, "moved_to_another_warehouse")),
        "E144: judged anew when it comes back"
    );
}

#[test]
fn cancelled_units_are_left_out_and_a_parcel_of_nothing_else_is_lost() {
    let part = case().with(|case| case.seen = Some(without_b()));
    let left_out = Effect::LeaveOut(ids(&["b"]));
    assert_eq!(part.next(&Progress::Begun), [left_out, CARRIERS], "E134");
    let all = part.with(|case| case.lines = ids(&["b"]));
    let effects = all.next(&Progress::Begun);
    assert_eq!(
        refusal(&effects),
        Some((true, "cancelled_unit_left")),
        "E135: `a` goes on"
    );
    let whole = all.with(|case| {
        case.seen = Some(Order {
            status: OrderStatus::Cancelled,
            ..without_b()
        });
    });
    let effects = whole.next(&Progress::Begun);
    assert_eq!(refusal(&effects), Some((true, "cancelled_at_tiktok")), "E90");
}

#[test]
fn the_market_says_which_call_tells_a_first_number_e106() {
    let packed = packed(order(&[("a", None), ("b", None)]), &["P1", "P1"]);
    let ship = Call::Ship(PackageId::new("P1"));
    for market in ["US", "GB", "UK", "ES", "IE", "IT", "DE", "FR", "JP"] {
        let there = case().with(|case| case.market = market);
        assert_eq!(there.next(&Progress::CarriersRead), begun(Call::Mark), "{market}");
    }
    let there = case().with(|case| (case.market, case.seen) = ("MX", Some(packed.clone())));
    assert_eq!(there.next(&Progress::CarriersRead), begun(ship.clone()), "E106");
    let unpacked = case().with(|case| case.market = "MX");
    assert_eq!(
        unpacked.next(&Progress::CarriersRead),
        put_off("TikTok has made no parcel for these units yet"),
        "E106: the order's id is no parcel's"
    );
    let unseen = case().with(|case| (case.market, case.seen) = ("MX", None));
    assert_eq!(unseen.next(&Progress::CarriersRead), [READ], "E106: looked up");
    let read = unseen.with(|case| case.read = Some(packed));
    assert_eq!(read.next(&Progress::ReadForParcel), begun(ship), "E106");
}

#[test]
fn a_replaced_number_takes_the_one_correction_e101_e104() {
    let one = packed(order(&[("a", Some(OLD)), ("b", Some(OLD))]), &["P1", "P1"]);
    let mut two = packed(
        order(&[("a", Some(OLD)), ("b", Some(OLD)), ("c", None)]),
        &["P1", "P1", "P2"],
    );
    let replaced = case().replaced(one.clone());
    assert_eq!(replaced.next(&Progress::Begun), [CARRIERS], "E101");
    assert_eq!(
        replaced.next(&Progress::CarriersRead),
        begun(Call::CorrectOrder),
        "E104"
    );
    let split = case().replaced(two.clone());
    let correction = Call::CorrectParcel(PackageId::new("P1"));
    assert_eq!(split.next(&Progress::CarriersRead), begun(correction), "E104");
    two.line_items[2].status = LineStatus::Cancelled;
    let left = case().replaced(two);
    assert_eq!(
        left.next(&Progress::CarriersRead),
        begun(Call::CorrectOrder),
        "no live unit is elsewhere"
    );
    let lost_commit = case().replaced(one).with(|case| case.is_told = false);
    let effects = lost_commit.next(&Progress::Begun);
    assert!(
        matches!(&effects[..], [Effect::Told { number, .. }, CARRIERS] if number == OLD),
        "E103: the older one is noted first"
    );
}

#[test]
fn the_units_of_all_parcels_with_one_number_go_in_one_call_e136() {
    let twins = case().with(|case| {
        case.twins = vec![ids(&["c"]), ids(&["d", "e"]), ids(&["f"])];
        case.seen = Some({
            let mut order = order(&[
                ("a", None),
                ("b", None),
                ("c", None),
                ("d", None),
                ("e", None),
                ("f", Some("1ZHAND")),
            ]);
            order.line_items[4].status = LineStatus::Cancelled;
            order
        });
    });
    let [begin, ask] = begun(Call::Mark);
    let expected = [
        Effect::Join(ids(&["c"])),
        Effect::LeaveOut(ids(&["e"])),
        Effect::Join(ids(&["d"])),
        begin,
        ask,
    ];
    assert_eq!(
        twins.next(&Progress::CarriersRead),
        expected,
        "E136; `f` has a person's number"
    );
}

#[test]
fn a_carrier_is_never_guessed_e99() {
    let pigeon = || case().with(|case| case.carrier_code = "PIGEON");
    let effects = pigeon().next(&Progress::CarriersRead);
    assert_eq!(refusal(&effects), Some((false, "carrier_unknown")), "E99");
    let Some(Effect::Refuse { flag, .. }) = effects.last() else {
        panic!("E99: not refused");
    };
    let why = "Amazon's carrier \"PIGEON\" is none that TikTok offers (UPS); set it under [tracking.carriers]";
    assert_eq!(flag.message, why, "E99");
    let with_default = pigeon().with(|case| case.default_carrier = Some("UPS".into()));
    let effects = with_default.next(&Progress::CarriersRead);
    assert!(
        matches!(&effects[..], [Effect::StandsIn { code, .. }, Effect::Begin(..), _] if code == "PIGEON"),
        "E99: {effects:?}"
    );
    let nothing_listed = case().with(|case| case.offer = Some(Err("no such option".into())));
    let Some(Effect::Refuse { flag, .. }) = nothing_listed.next(&Progress::CarriersRead).pop() else {
        panic!("E99: not refused");
    };
    assert_eq!(
        flag.message,
        "TikTok lists no carriers for delivery option 7: no such option"
    );
    let no_option = case().with(|case| case.delivery_option = None);
    let effects = no_option.next(&Progress::Begun);
    assert_eq!(refusal(&effects), Some((false, "carrier_unknown")));
}

#[test]
fn an_answer_is_believed_only_where_it_is_clear_e102_e103() {
    let after = |answer| case().next(&Progress::Asked(telling(Call::Mark, false), answer));
    assert_eq!(
        after(Answer::NotNow("held".into())),
        put_off("held"),
        "E93: no attempt is counted"
    );
    let not_sent = [Effect::PutOff(None), Effect::Trouble];
    assert_eq!(after(Answer::NotCarriedOut), not_sent);
    for answer in [
        Answer::Unclear,
        Answer::WrongState("packed".into()),
        refused(Refusal::Number),
    ] {
        assert_eq!(after(answer.clone()), [READ], "{answer:?}");
    }
}

#[test]
fn what_is_read_after_an_answer_says_what_it_was_worth() {
    let (bare, taken) = (
        order(&[("a", None), ("b", None)]),
        order(&[("a", Some(NUMBER)), ("b", Some(NUMBER))]),
    );
    let wrong_state = Answer::WrongState("packed".into());
    for answer in [Answer::Unclear, refused(Refusal::Number), wrong_state.clone()] {
        let effects = case().after(Call::Mark, false, answer, taken.clone());
        assert_eq!(effects, [told(NUMBER)], "E103: it was a success");
    }
    let unclear = case().after(Call::Mark, false, Answer::Unclear, bare.clone());
    assert_eq!(unclear, [Effect::Trouble], "E103: the next run looks first");
    let later = case().after(Call::Mark, false, wrong_state, bare.clone());
    assert_eq!(later, put_off("packed"));
    for (refused_for, detail) in [
        (Refusal::Number, "number_refused"),
        (Refusal::NotOurs, "not_shipped_by_seller"),
        (Refusal::CorrectionClosed, "correction_closed"),
    ] {
        let effects = case().after(Call::Mark, false, refused(refused_for), bare.clone());
        assert_eq!(refusal(&effects), Some((true, detail)), "E102: not sent in a loop");
    }
}

#[test]
fn it_is_told_once_more_only_after_the_units_or_the_call_have_changed() {
    let bare = || order(&[("a", None), ("b", None)]);
    let left_out = || Effect::LeaveOut(ids(&["b"]));
    let changed = case().after(Call::Mark, false, refused(Refusal::Number), without_b());
    assert_eq!(changed, [left_out(), tell_again(Call::Mark)], "E134");
    let second = case().after(Call::Mark, true, refused(Refusal::Number), without_b());
    assert_eq!((&second[0], second.len()), (&left_out(), 2), "E134: not a third time");
    assert_eq!(refusal(&second), Some((true, "number_refused")));

    let gathered = case().after(Call::Mark, false, refused(Refusal::UnitsOfOneSku), bare());
    assert_eq!(gathered, [Effect::TakeAllUnits, tell_again(Call::Mark)], "E105");
    let second = case().after(Call::Mark, true, refused(Refusal::UnitsOfOneSku), bare());
    assert_eq!(refusal(&second), Some((true, "number_refused")), "E105");

    let older = || order(&[("a", Some(OLD)), ("b", Some(OLD))]);
    let replaced = || case().replaced(older());
    let corrected = replaced().after(Call::Mark, false, refused(Refusal::Number), older());
    assert_eq!(corrected, [tell_again(Call::CorrectOrder)], "E104");
    let closed = replaced().after(Call::CorrectOrder, false, refused(Refusal::CorrectionClosed), older());
    assert_eq!(refusal(&closed), Some((true, "correction_closed")), "E104: once");
}

#[test]
fn a_refused_usps_number_names_the_setting_that_helps_e100() {
    let mut telling = telling(Call::Mark, false);
    telling.carrier.name = "USPS".into();
    let read = case().with(|case| case.read = case.seen.clone());
    let effects = read.next(&Progress::ReadAfter(telling, refused(Refusal::Number)));
    let [Effect::Refuse { flag, .. }] = &effects[..] else {
        panic!("E100: {effects:?}");
    };
    assert!(flag.message.contains("use_aftn = true"), "E100: {}", flag.message);
}
