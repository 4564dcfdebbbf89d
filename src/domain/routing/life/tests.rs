mod cancellation;
mod preview;

use chrono::TimeDelta;

use super::super::samples::{LAMP, key, known, lamps, rules};
use super::*;
use crate::domain::flag::Detail;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::{AmazonSku, LineItemId};
use crate::domain::mapping::examples::row;
use crate::domain::mapping::{MappingRow, MappingSet};
use crate::domain::order::tests_support::{plain_order, plain_recipient};
use crate::domain::order::{FulfillmentType, OrderStatus, Recipient};
use crate::domain::routing::{DeadlineMode, PreviewRules};
use crate::domain::state::Step;
use crate::secret::Private;

/// An order of one lamp; there are five at Amazon.
struct Case {
    order: Order,
    state: State,
    detail: Option<&'static str>,
    flags: Vec<Flag>,
    asked_by: AskedBy,
    known: Known,
    rules: Rules,
}

fn case(state: State) -> Case {
    Case {
        order: plain_order("1"),
        state,
        detail: None,
        flags: Vec::new(),
        asked_by: AskedBy::Schedule,
        known: lamps(5),
        rules: rules(),
    }
}

impl Case {
    fn by_hand(self) -> Self {
        Self {
            asked_by: AskedBy::Person,
            ..self
        }
    }

    /// One that TikTok's own warehouse fulfills.
    fn not_ours(mut self) -> Self {
        self.order.fulfillment_type = Some(FulfillmentType::Tiktok);
        self
    }

    fn with_preview(mut self) -> Self {
        self.rules.preview = Some(PreviewRules {
            holds_unfulfillable: true,
            fee_share_max: 0,
        });
        self
    }

    fn next(&self, stage: Stage<'_>) -> Follows {
        let facts = Facts {
            order: &self.order,
            state: self.state,
            detail: self.detail,
            flags: &self.flags,
            asked_by: self.asked_by,
            generation: 1,
            known: &self.known,
            stage,
        };
        next(&facts, &self.rules, self.order.times.created_at + TimeDelta::hours(5))
    }

    fn turn(&self, cancellations: Cancellations<'_>) -> Follows {
        self.next(Stage::Turn {
            permit: Permit::Given,
            cancellations,
        })
    }

    fn planned(&self, decision: &Decision, shut: Option<Shut>) -> Follows {
        self.next(Stage::Planned { decision, shut })
    }

    fn looked_at(&self, planned: &Route, shut: Option<Shut>) -> Follows {
        self.next(Stage::LookedAt { planned, shut })
    }
}

/// The route of the plain order.
fn route() -> Route {
    let turn = case(State::Detected).turn(Cancellations::default());
    match turn.effects.into_iter().next_back() {
        Some(Effect::Plan(Decision::Route(route))) => *route,
        other => panic!("no route: {other:?}"),
    }
}

fn units() -> Units {
    Units::of(&route().draft)
}

fn conflict(detail: Detail) -> Flag {
    Flag::plain(detail, &plain_order("1").id)
}

fn wait(detail: &str) -> Decision {
    Decision::Wait {
        detail: detail.to_owned(),
        until: None,
    }
}

/// Where what is stored leads, and what the run shows; `None` where only a plan shows it.
fn stored(follows: &Follows) -> Option<(State, Option<State>)> {
    let stored = follows.effects.iter().find_map(|effect| match effect {
        Effect::Store(stored) => Some(stored.leads_to()),
        _ => None,
    })?;
    let shown = follows.effects.iter().find_map(|effect| match effect {
        Effect::Show(row) => Some(row.state),
        _ => None,
    });
    Some((stored, shown))
}

#[test]
fn an_order_that_may_go_takes_its_units_and_is_planned() {
    for state in [State::Detected, State::Waiting, State::Ready, State::Flagged] {
        let Follows {
            taken,
            given_back,
            effects,
        } = case(state).turn(Cancellations::default());
        assert_eq!((taken, given_back), (Some(units()), None), "{state}");
        assert!(
            matches!(&effects[..], [Effect::Plan(Decision::Route(_))]),
            "{state}: {effects:?}"
        );
    }
}

#[test]
fn what_may_not_be_sent_is_left_in_silence_and_told_to_a_person() {
    let id = FulfillmentOrderId::new("TTS-1");
    let permit = Permit::Refused {
        why: "Amazon has TTS-1 (accepted); it is not sent twice",
        fulfillment_order: Some(&id),
    };
    let turn = Stage::Turn {
        permit,
        cancellations: Cancellations::default(),
    };
    let mut case = case(State::Routed);
    case.flags = vec![conflict(Detail::AmazonIsShipping)];
    assert_eq!(case.next(turn), Follows::default());
    let effects = case.by_hand().next(turn).effects;
    let [Effect::Show(row)] = &effects[..] else {
        panic!("one row: {effects:?}");
    };
    assert_eq!((row.state, row.fulfillment_order.as_ref()), (State::Routed, Some(&id)));
    assert_eq!(row.explanation, ["Amazon has TTS-1 (accepted); it is not sent twice"]);
    assert_eq!(
        row.flags,
        [conflict(Detail::AmazonIsShipping)],
        "what it waits for stands"
    );
}

#[test]
fn where_amazons_stock_is_not_known_nothing_goes_and_nothing_is_called_short_e51() {
    let mut case = case(State::Detected);
    case.known.is_stock_read = false;
    assert_eq!(case.turn(Cancellations::default()), Follows::default(), "E51");
    let follows = case.not_ours().turn(Cancellations::default());
    assert_eq!(
        follows,
        Follows::only(Effect::Plan(Decision::NotEligible("fulfilled_by_tiktok"))),
        "E51: that needs no stock"
    );
}

#[test]
fn an_order_that_was_set_aside_is_taken_up_by_a_persons_word_only() {
    assert_eq!(taken_up(State::NotEligible, AskedBy::Person), State::Detected);
    assert_eq!(taken_up(State::NotEligible, AskedBy::Schedule), State::NotEligible);
    assert_eq!(taken_up(State::Dismissed, AskedBy::Person), State::Dismissed);
    let Follows { taken, effects, .. } = case(State::NotEligible).by_hand().turn(Cancellations::default());
    let release = Effect::Release {
        from: State::NotEligible,
        why: "routed by hand",
    };
    assert_eq!((&effects[0], taken), (&release, Some(units())));
    assert!(matches!(effects[1], Effect::Plan(Decision::Route(_))), "{effects:?}");
}

#[test]
fn one_that_is_not_ours_for_the_same_reason_stays_aside_and_nothing_is_stored() {
    let mut case = case(State::NotEligible).not_ours().by_hand();
    case.detail = Some("fulfilled_by_tiktok");
    let effects = case.turn(Cancellations::default()).effects;
    assert!(
        matches!(&effects[..], [Effect::Show(row)] if row.state == State::NotEligible && row.detail.is_some()),
        "{effects:?}"
    );
    case.detail = Some("other_warehouse");
    let effects = case.turn(Cancellations::default()).effects;
    assert!(
        matches!(
            &effects[..],
            [Effect::Release { .. }, Effect::Plan(Decision::NotEligible(_))]
        ),
        "{effects:?}"
    );
}

#[test]
fn a_decision_is_stored_and_shown_when_it_is_news_i14() {
    let short = Flag::plain(Detail::StockTooLow, &plain_order("1").id);
    for (state, detail, flags, decision, leads_to, is_news) in [
        (State::Detected, None, vec![], wait("grace"), State::Waiting, true),
        (
            State::Waiting,
            Some("grace"),
            vec![],
            wait("grace"),
            State::Waiting,
            false,
        ),
        (
            State::Waiting,
            Some("on_hold"),
            vec![],
            wait("grace"),
            State::Waiting,
            true,
        ),
        (
            State::Flagged,
            None,
            vec![short.clone()],
            Decision::Flag(vec![short.clone()]),
            State::Flagged,
            false,
        ),
        (
            State::Flagged,
            None,
            vec![],
            Decision::Flag(vec![short.clone()]),
            State::Flagged,
            true,
        ),
        (
            State::Waiting,
            Some("cancel_requested"),
            vec![],
            Decision::CancelRequested,
            State::Waiting,
            false,
        ),
        (
            State::Ready,
            None,
            vec![],
            Decision::NotEligible("nothing_to_ship"),
            State::NotEligible,
            true,
        ),
        (
            State::Flagged,
            None,
            vec![short],
            Decision::Cancelled,
            State::Cancelled,
            true,
        ),
    ] {
        let case = Case {
            detail,
            flags,
            ..case(state)
        };
        let follows = case.planned(&decision, None);
        assert_eq!(
            stored(&follows),
            Some((leads_to, is_news.then_some(leads_to))),
            "I14: {state}, {decision:?}"
        );
        let [Effect::Store(stored), Effect::Show(row) | Effect::ShowInPlan(row)] = &follows.effects[..] else {
            panic!("stored, then shown once: {follows:?}");
        };
        assert_eq!((&row.detail, &row.flags), (&stored.detail, &stored.flags), "I14");
    }
}

#[test]
fn what_keeps_a_body_back_gives_its_units_to_others() {
    let decision = Decision::Route(Box::new(route()));
    let case = case(State::Detected);
    let refused = case.planned(&decision, Some(Shut::Refused));
    let given_back = Follows::gives_back(&route(), Vec::new());
    assert_eq!(refused, given_back, "nothing changed since the refusal");
    let paused = case.planned(&decision, Some(Shut::Paused));
    assert_eq!((&paused.given_back, &paused.taken), (&Some(units()), &None), "E141");
    assert_eq!(stored(&paused), Some((State::Waiting, Some(State::Waiting))), "E141");
    assert!(matches!(&paused.effects[0], Effect::Store(stored) if stored.detail.as_deref() == Some("paused")));
}

#[test]
fn a_route_is_stored_as_ready_before_the_last_look_and_only_a_plan_shows_it() {
    let effects = case(State::Flagged)
        .planned(&Decision::Route(Box::new(route())), None)
        .effects;
    let [
        Effect::KeepSpeed(speed),
        Effect::Store(passed),
        Effect::ShowInPlan(row),
        Effect::Ask(Ask::LastLook(_)),
    ] = &effects[..]
    else {
        panic!("stored, then asked: {effects:?}");
    };
    assert_eq!(speed.because, "asked for by the settings");
    assert_eq!((passed.leads_to(), passed.flags.len()), (State::Ready, 0));
    assert_eq!(row.fulfillment_order, Some(route().draft.id));
    assert_eq!(row.explanation, route().explanation);
    assert!(row.draft.is_some());
}

#[test]
fn what_is_the_same_in_the_last_look_goes_as_it_was_planned_r10() {
    let mut case = case(State::Detected);
    // Its own unit is not anyone's: the last one goes to it.
    case.known.stock.set(AmazonSku::new("AMZ-LAMP"), 0);
    let mut planned = route();
    planned.explanation.push("as planned".into());
    let follows = case.looked_at(&planned, None);
    let [Effect::Ask(Ask::Create(route))] = &follows.effects[..] else {
        panic!("created: {follows:?}");
    };
    let own = Some(units());
    assert_eq!((&follows.given_back, &follows.taken), (&own, &own), "E52");
    assert_eq!(**route, planned, "R10");
}

#[test]
fn what_changed_by_the_last_look_is_decided_anew_and_says_so_e36() {
    let mut case = case(State::Detected);
    case.order.recipient = Private::new(Recipient {
        lines: ["7 Elm St".into(), String::new(), String::new(), String::new()],
        ..plain_recipient()
    });
    let created = case.looked_at(&route(), None).effects;
    assert!(
        matches!(created.last(), Some(Effect::Ask(Ask::Create(route)))
            if route.explanation[0] == "planned anew at the last look, since the address changed"),
        "E36: {created:?}"
    );
    let previewed = case.with_preview().looked_at(&route(), None).effects;
    assert!(
        matches!(previewed.last(), Some(Effect::Ask(Ask::Preview(_)))),
        "E36: {previewed:?}"
    );
}

#[test]
fn a_speed_that_the_last_look_brings_is_kept_where_amazon_is_not_asked_about_it() {
    let fast = MappingRow {
        shipping_speed: Some(ShippingSpeed::Priority),
        ..row(key(LAMP), "AMZ-LAMP")
    };
    let case = Case {
        known: known(MappingSet::from_rows([fast]).expect("a valid set"), lamps(5).stock),
        ..case(State::Detected)
    };
    let effects = case.looked_at(&route(), None).effects;
    let [Effect::KeepSpeed(kept), Effect::Ask(Ask::Create(sent))] = &effects[..] else {
        panic!("kept, then created: {effects:?}");
    };
    assert_eq!(sent.draft.speed, ShippingSpeed::Priority);
    assert_eq!(
        (&kept.speed, kept.because.as_str()),
        (&ShippingSpeed::Priority, "asked for by a mapping")
    );
}

#[test]
fn a_larger_pack_in_the_last_look_needs_its_units_anew_e46() {
    let pack = MappingRow {
        quantity: 3,
        ..row(key(LAMP), "AMZ-LAMP")
    };
    let packs = |left| {
        let mappings = MappingSet::from_rows([pack.clone()]).expect("a valid set");
        Case {
            known: known(mappings, lamps(left).stock),
            ..case(State::Detected)
        }
    };
    let enough = packs(2).looked_at(&route(), None).effects;
    assert!(
        matches!(enough.last(), Some(Effect::Ask(Ask::Create(_)))),
        "E46: {enough:?}"
    );
    let short = packs(1).looked_at(&route(), None);
    assert_eq!((&short.given_back, &short.taken), (&Some(units()), &None), "E46");
    assert_eq!(stored(&short), Some((State::Flagged, Some(State::Flagged))), "E46");
}

#[test]
fn a_cancelled_order_is_not_sent_after_the_last_look_i13() {
    let mut case = case(State::Detected);
    case.order.status = OrderStatus::Cancelled;
    let cancelled = case.looked_at(&route(), None);
    assert_eq!(
        (&cancelled.given_back, &cancelled.taken),
        (&Some(units()), &None),
        "I13"
    );
    assert_eq!(
        stored(&cancelled),
        Some((State::Cancelled, Some(State::Cancelled))),
        "I13"
    );
    case.order.status = OrderStatus::AwaitingShipment;
    case.order.cancel_requested = true;
    let asked_for = case.looked_at(&route(), None);
    assert_eq!(stored(&asked_for), Some((State::Waiting, Some(State::Waiting))), "I13");
}

#[test]
fn a_hold_or_a_pause_that_comes_in_between_keeps_it_back_e141() {
    let case = case(State::Waiting);
    let held = case.looked_at(&route(), Some(Shut::Held));
    assert_eq!(held, Follows::gives_back(&route(), Vec::new()));
    let paused = case.looked_at(&route(), Some(Shut::Paused));
    assert!(
        matches!(&paused.effects[0], Effect::Store(stored) if stored.from == State::Ready && stored.step == Step::Wait),
        "E141: {paused:?}"
    );
}
