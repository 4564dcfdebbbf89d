use super::super::samples::{at, noon, refusal, sent};
use super::*;
use crate::domain::flag::Reason;

const RULES: Rules = Rules {
    grace: Duration::from_secs(15 * 60),
};

/// What is known of a committed order, as the schedule finds it a moment after its intent.
fn facts(stage: Stage) -> Facts {
    Facts {
        id: sent().id,
        order: sent().displayable_id,
        generation: 1,
        intended_at: noon(),
        draft: Some(sent()),
        has_body: true,
        missing_since: None,
        asked_by: AskedBy::Schedule,
        stage,
        looked: None,
        asked: None,
    }
}

/// The leave for an order that was never sent, and the one to repeat the create of an uncertain one.
fn passes() -> (Pass, Pass) {
    let new = DoorFacts {
        newest: None,
        is_undecided: true,
        ..at_the_door(&facts(Stage::Uncertain), Absence::Short, WANTED)
    };
    let missing = at_the_door(&facts(Stage::Uncertain), Absence::Grace, WANTED);
    (open(&new).expect("a leave"), open(&missing).expect("a leave"))
}

const WANTED: Asked = Asked {
    wanted: Some(Wanted::AsSent),
    is_held: false,
    is_paused: false,
};

fn failed(is_denied: bool) -> Look {
    Look::Failed {
        error: "503".into(),
        is_denied,
    }
}

fn looks() -> [Look; 6] {
    [
        Look::FoundEqual,
        Look::FoundDifferent,
        Look::FoundEmpty,
        Look::NotFound,
        failed(false),
        failed(true),
    ]
}

fn looked(look: Look, minutes: i64) -> Option<Looked> {
    Some(Looked { look, at: at(minutes) })
}

/// What follows at a minute.
fn at_minute(minutes: i64, facts: &Facts) -> Vec<Effect> {
    next(facts, &RULES, at(minutes).local)
}

fn accept() -> Vec<Effect> {
    vec![Effect::Accept("found at Amazon under our id, with our contents")]
}

fn contradict() -> Vec<Effect> {
    vec![Effect::Contradict(other_contents(&sent().id, &sent().displayable_id))]
}

fn stays(since: Option<i64>, why: &str) -> Effect {
    Effect::StayUncertain {
        missing_since: since.map(at),
        why: why.into(),
    }
}

fn shows_nothing(since: i64) -> Effect {
    let why = format!("Amazon shows nothing under TTS-1 since {}", at(since).local);
    stays(Some(since), &why)
}

const FAILED: &str = "the look at Amazon failed: 503";
const NOT_KNOWN: &str = "the outcome is not known";

#[test]
fn a_claimed_order_is_sent_at_once_unless_amazon_may_have_it_already_e164() {
    let (pass, _) = passes();
    let claimed = |must_look| facts(Stage::Claimed { pass, must_look });
    assert_eq!(at_minute(0, &claimed(false)), [Effect::Create(pass)]);
    assert_eq!(at_minute(0, &claimed(true)), [Effect::AskAmazon], "E164");
    let expected = [
        accept(),
        contradict(),
        vec![stays(None, NOT_KNOWN)],
        vec![Effect::Create(pass)],
        vec![stays(None, FAILED)],
        vec![stays(None, FAILED)],
    ];
    for (look, effects) in looks().into_iter().zip(expected) {
        let about = format!("E164: {look:?}");
        let facts = Facts {
            looked: looked(look, 0),
            ..claimed(true)
        };
        assert_eq!(at_minute(0, &facts), effects, "{about}");
    }
}

#[test]
fn an_uncertain_order_is_read_before_anything_else_i4() {
    let facts = Facts {
        missing_since: Some(at(0)),
        ..facts(Stage::Uncertain)
    };
    assert_eq!(at_minute(900, &facts), [Effect::AskAmazon], "I4");
}

#[test]
fn what_a_look_at_an_uncertain_order_means_e62_e64() {
    let expected = [
        accept(),
        contradict(),
        vec![stays(None, NOT_KNOWN)],
        vec![shows_nothing(0)],
        vec![stays(Some(0), FAILED)],
        vec![stays(Some(0), FAILED)],
    ];
    for (look, effects) in looks().into_iter().zip(expected) {
        let about = format!("E62/E64: {look:?}");
        let facts = Facts {
            missing_since: Some(at(0)),
            looked: looked(look, 14),
            ..facts(Stage::Uncertain)
        };
        assert_eq!(at_minute(14, &facts), effects, "{about}");
    }
    let first = Facts {
        looked: looked(Look::NotFound, 9),
        ..facts(Stage::Uncertain)
    };
    assert_eq!(at_minute(9, &first), [shows_nothing(9)], "E62: the first look");
}

/// An uncertain order of which two looks so many minutes apart found nothing.
fn missing(minutes: i64) -> Facts {
    Facts {
        missing_since: Some(at(0)),
        looked: looked(Look::NotFound, minutes),
        ..facts(Stage::Uncertain)
    }
}

#[test]
fn tiktok_is_asked_before_a_second_send_r10() {
    assert_eq!(at_minute(15, &missing(15)), [Effect::AskTiktok], "R10");
    let shown = Facts {
        looked: looked(Look::FoundEqual, 15),
        ..missing(15)
    };
    assert_eq!(at_minute(15, &shown), accept(), "I4");
    let failing = Facts {
        looked: looked(failed(false), 15),
        ..missing(15)
    };
    assert_eq!(at_minute(15, &failing), [stays(Some(0), FAILED)], "I4");
}

#[test]
fn a_second_send_is_what_tiktok_and_the_operator_still_want_e62_r10_e141() {
    let (_, again) = passes();
    let asked = |wanted, is_held, is_paused| Asked {
        wanted,
        is_held,
        is_paused,
    };
    let unwanted = stays(
        Some(0),
        "not sent again, because TikTok wants it otherwise by now; it is looked for",
    );
    let paused = stays(
        Some(0),
        "not sent again, because new orders are paused; it is looked for",
    );
    let unconfirmed = stays(Some(0), "not sent again, because TikTok did not confirm it");
    let give_up = Effect::GiveUp(
        "Amazon showed nothing of it for two grace times, and TikTok wants it otherwise by now: it is decided anew",
    );
    for (minutes, asked, effect) in [
        (15, WANTED, Effect::Create(again)),
        (15, asked(Some(Wanted::NotAsSent), false, false), unwanted.clone()),
        (15, asked(Some(Wanted::AsSent), true, false), unwanted),
        (30, asked(Some(Wanted::NotAsSent), false, false), give_up),
        (90, asked(Some(Wanted::AsSent), false, true), paused),
        (90, asked(Some(Wanted::NotKnown), false, false), unconfirmed.clone()),
        (90, asked(None, true, false), unconfirmed),
    ] {
        let facts = Facts {
            asked: Some(asked),
            ..missing(minutes)
        };
        assert_eq!(at_minute(minutes, &facts), [effect], "{minutes} {asked:?}");
    }
}

#[test]
fn a_person_repeats_in_a_pause_and_under_the_same_id_e141_i1() {
    let facts = Facts {
        generation: 2,
        asked_by: AskedBy::Person,
        asked: Some(Asked {
            is_paused: true,
            ..WANTED
        }),
        ..missing(15)
    };
    let [Effect::Create(pass)] = at_minute(15, &facts)[..] else {
        panic!("E141: a create");
    };
    assert_eq!(pass.generation(), 2, "I1");
    let erased = Facts {
        has_body: false,
        ..facts
    };
    let effects = at_minute(15, &erased);
    let why = "not sent again, because TikTok did not confirm it";
    assert_eq!(effects, [stays(Some(0), why)], "I3: no other body goes out");
}

fn answered(pass: Pass, answer: Answer, look: Option<Look>) -> Facts {
    Facts {
        missing_since: Some(at(0)),
        looked: look.and_then(|look| looked(look, 20)),
        ..facts(Stage::Answered { pass, answer })
    }
}

#[test]
fn an_answer_that_is_clear_is_noted_e67() {
    let (first, again) = passes();
    for pass in [first, again] {
        let effects = at_minute(20, &answered(pass, Answer::Accepted, None));
        assert_eq!(effects, [Effect::Accept("Amazon accepted the order")]);
    }
    let not_carried_out = |pass| at_minute(20, &answered(pass, Answer::NotCarriedOut("429".into()), None));
    assert_eq!(not_carried_out(first), [Effect::NotSent("429".into())], "E67");
    let effects = not_carried_out(again);
    assert_eq!(
        effects,
        [stays(Some(0), "429")],
        "E67: the send before it may have arrived"
    );
}

#[test]
fn after_an_unclear_answer_amazon_is_read_and_nothing_is_sent_e62() {
    let (first, again) = passes();
    for pass in [first, again] {
        let unclear = |look| at_minute(20, &answered(pass, Answer::Unclear("reset".into()), look));
        assert_eq!(unclear(None), [stays(None, "reset"), Effect::AskAmazon], "E62");
        let expected = [
            accept(),
            contradict(),
            vec![stays(None, NOT_KNOWN)],
            vec![shows_nothing(20)],
            vec![stays(None, FAILED)],
            vec![stays(None, FAILED)],
        ];
        for (look, effects) in looks().into_iter().zip(expected) {
            let about = format!("E62: {look:?}");
            assert_eq!(unclear(Some(look)), effects, "{about}");
        }
    }
}

#[test]
fn a_refusal_is_believed_once_a_look_found_no_earlier_send_r18() {
    let (first, again) = passes();
    let refused = |pass, look| at_minute(20, &answered(pass, Answer::Refused(refusal()), look));
    let refuse = || {
        let flag = refusal().flag(&sent().displayable_id, Some(&sent()));
        let words = refusal().words.expect("words");
        vec![Effect::KeepWords(words), Effect::Refuse(flag)]
    };
    assert_eq!(refused(first, None), refuse());
    assert_eq!(refused(again, None), [Effect::AskAmazon], "R18");
    let then = |effect| [vec![effect], refuse()].concat();
    let expected = [
        accept(),
        contradict(),
        then(stays(None, NOT_KNOWN)),
        then(shows_nothing(20)),
        vec![stays(None, FAILED)],
        vec![stays(None, FAILED)],
    ];
    for (look, effects) in looks().into_iter().zip(expected) {
        let about = format!("R18: {look:?}");
        assert_eq!(refused(again, Some(look)), effects, "{about}");
    }
}

#[test]
fn only_a_refusal_for_stock_keeps_figures_and_only_words_that_were_said_are_kept() {
    let (pass, _) = passes();
    let refused = |what, words: bool, draft| {
        let refusal = Refusal {
            what,
            words: refusal().words.filter(|_| words),
            ..refusal()
        };
        let facts = Facts {
            draft,
            ..answered(pass, Answer::Refused(refusal), None)
        };
        let (mut has_words, mut skus) = (false, Vec::new());
        for effect in at_minute(20, &facts) {
            match effect {
                Effect::KeepWords(_) => has_words = true,
                Effect::KeepFigures(of) => skus = of,
                other => assert!(matches!(other, Effect::Refuse(_)), "{other:?}"),
            }
        }
        (has_words, skus)
    };
    assert_eq!(
        refused(Refused::Stock, true, Some(sent())),
        (true, vec![AmazonSku::new("AMZ-LAMP")])
    );
    assert_eq!(refused(Refused::Stock, false, None), (false, vec![]));
    for other in [Refused::Sku, Refused::Address, Refused::Other] {
        assert_eq!(refused(other, false, Some(sent())), (false, vec![]));
    }
}

#[test]
fn what_stays_uncertain_or_unreadable_for_hours_is_told_to_a_person_e69() {
    let told = |minutes, look| {
        let facts = Facts {
            looked: looked(look, minutes),
            ..facts(Stage::Uncertain)
        };
        let told = at_minute(minutes, &facts)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Raise(flag) => Some(flag.detail),
                _ => None,
            });
        told.collect::<Vec<_>>()
    };
    for look in [Look::FoundEmpty, Look::NotFound, failed(false)] {
        assert_eq!(told(119, look.clone()), []);
        assert_eq!(told(120, look), [Detail::OutcomeUnknown]);
    }
    assert_eq!(told(119, failed(true)), []);
    assert_eq!(
        told(120, failed(true)),
        [Detail::OutcomeUnknown, Detail::ReadDenied],
        "E69"
    );
    let kept_back = Facts {
        asked: Some(Asked { wanted: None, ..WANTED }),
        ..missing(120)
    };
    let effects = at_minute(120, &kept_back);
    assert!(matches!(effects[..], [Effect::StayUncertain { .. }, Effect::Raise(_)]));
}

#[test]
fn each_flag_names_the_order_and_the_next_command() {
    let (id, order) = (sent().id, sent().displayable_id);
    let (before, now) = (noon(), at(120).local);
    let unknown = outcome_unknown(&id, &order, before, now).expect("told");
    let denied = read_denied(&id, &order, before, now).expect("told");
    let other = other_contents(&id, &order);
    for (flag, detail, command) in [
        (unknown, "outcome_unknown", "mcf route 1"),
        (denied, "read_denied", "mcf route 1"),
        (other, "duplicate_id_other_contents", "mcf orders dismiss 1"),
    ] {
        assert_eq!((flag.detail.as_str(), flag.next_command.as_str()), (detail, command));
        assert_eq!(flag.reason(), Reason::McfApiError);
        assert!(flag.message.contains("TTS-1"), "{}", flag.message);
    }
}
