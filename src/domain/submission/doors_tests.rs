use super::super::samples::refusal;
use super::*;

/// An order that was never sent, as the schedule finds it.
const NEW: DoorFacts = DoorFacts {
    newest: None,
    generation: 0,
    is_dead: false,
    has_rest: false,
    absence: Absence::Short,
    has_body: true,
    is_undecided: true,
    body: Compared::Other,
    wanted: None,
    is_held: false,
    is_paused: false,
    asked_by: AskedBy::Schedule,
};

/// What is known when the newest create came to this.
const fn after(newest: Outcome) -> DoorFacts {
    DoorFacts {
        newest: Some(newest),
        generation: 3,
        ..NEW
    }
}

const REFUSED_THE_SAME: DoorFacts = DoorFacts {
    body: Compared::Same { has_stock_risen: false },
    ..after(Outcome::Refused)
};

/// An uncertain order of which Amazon has shown nothing for a grace time.
const MISSING: DoorFacts = DoorFacts {
    absence: Absence::Grace,
    wanted: Some(Wanted::AsSent),
    is_undecided: false,
    ..after(Outcome::Unknown)
};

const BY_HAND: AskedBy = AskedBy::Person;

fn door(facts: DoorFacts) -> Result<Door, Shut> {
    open(&facts).map(Pass::door)
}

/// Each door: the facts that open it, the generation of the id (the newest one is the third), and the body.
#[rustfmt::skip]
const DOORS: [(Door, DoorFacts, u32, BodyToSend); 11] = [
    (Door::First, NEW, 1, BodyToSend::Decided),
    (Door::NotCarriedOut, after(Outcome::NotSent), 3, BodyToSend::Decided),
    (Door::OtherBody, after(Outcome::Refused), 3, BodyToSend::Decided),
    (Door::RefusedByHand, DoorFacts { asked_by: BY_HAND, ..REFUSED_THE_SAME }, 3, BodyToSend::Decided),
    (Door::StockRose, DoorFacts { body: Compared::Same { has_stock_risen: true }, ..REFUSED_THE_SAME }, 3, BodyToSend::Decided),
    (Door::EndedAtAmazon, DoorFacts { is_dead: true, asked_by: BY_HAND, ..after(Outcome::Accepted) }, 4, BodyToSend::Decided),
    (Door::Rest, DoorFacts { has_rest: true, is_undecided: false, asked_by: BY_HAND, ..after(Outcome::Accepted) }, 4, BodyToSend::Decided),
    (Door::RestOnceMore, DoorFacts { has_rest: true, is_undecided: false, asked_by: BY_HAND, ..after(Outcome::NotSent) }, 3, BodyToSend::Decided),
    (Door::NeverShown, DoorFacts { absence: Absence::Grace, asked_by: BY_HAND, ..after(Outcome::Accepted) }, 3, BodyToSend::Decided),
    (Door::NothingThere, MISSING, 3, BodyToSend::Stored),
    (Door::GivenUp, DoorFacts { absence: Absence::TwoGraces, wanted: Some(Wanted::NotAsSent), ..MISSING }, 3, BodyToSend::Decided),
];

#[test]
fn each_door_opens_by_its_facts_under_its_id_and_with_its_body_i1_i3() {
    for (expected, facts, generation, body) in DOORS {
        let pass = open(&facts).unwrap_or_else(|shut| panic!("{expected:?}: {shut:?}"));
        assert_eq!((pass.door(), pass.generation()), (expected, generation), "I1");
        assert_eq!(pass.door().body(), body, "I3: {expected:?}");
        assert_eq!(pass.is_by_hand(), facts.asked_by == BY_HAND, "{expected:?}");
        assert_eq!(pass.is_repetition(), expected == Door::NothingThere, "I3: {expected:?}");
    }
    let named = DOORS.map(|(door, ..)| door).into_iter().chain([Door::WithinTheCall]);
    assert!(named.eq(Door::ALL), "every door has its row");
}

#[test]
fn only_a_call_that_surely_did_nothing_is_made_once_more_at_once_e67() {
    let error = || "createFulfillmentOrder: too many calls".to_owned();
    let again = Some(Door::WithinTheCall);
    assert_eq!(within_the_call(&Answer::NotCarriedOut(error())), again, "E67");
    assert_eq!(within_the_call(&Answer::Unclear(error())), None, "I4");
    assert_eq!(within_the_call(&Answer::Accepted), None);
    assert_eq!(within_the_call(&Answer::Refused(refusal())), None, "E68");
    for (wanted, asked_by, is_held, is_paused, may) in [
        (Some(Wanted::AsSent), AskedBy::Schedule, false, false, true),
        (Some(Wanted::AsSent), AskedBy::Schedule, true, false, false),
        (Some(Wanted::AsSent), AskedBy::Schedule, false, true, false),
        (Some(Wanted::AsSent), AskedBy::Person, false, true, true),
        (Some(Wanted::AsSent), AskedBy::Person, true, false, false),
        (Some(Wanted::NotAsSent), AskedBy::Person, false, false, false),
        (Some(Wanted::NotKnown), AskedBy::Person, false, false, false),
        (None, AskedBy::Person, false, false, false),
    ] {
        let meant = is_still_meant(wanted, asked_by, is_held, is_paused);
        assert_eq!(meant, may, "E129: {wanted:?} {asked_by:?} {is_held} {is_paused}");
    }
    assert_eq!(Door::WithinTheCall.body(), BodyToSend::Stored, "I3");
    assert_eq!(Door::WithinTheCall.generation(3), 3, "I1");
}

#[test]
fn what_nobody_may_have_at_amazon_is_shut_by_its_state_a_hold_and_a_pause_e141() {
    for (door, facts, ..) in DOORS.into_iter().take(6) {
        let shut_by = |facts: DoorFacts| open(&facts).err();
        let ended = DoorFacts {
            is_undecided: false,
            ..facts
        };
        assert_eq!(shut_by(ended), Some(Shut::Ended), "{door:?}");
        let held = DoorFacts { is_held: true, ..facts };
        assert_eq!(shut_by(held), Some(Shut::Held), "{door:?}");
        let paused = DoorFacts {
            is_paused: true,
            ..facts
        };
        let keeps_back = facts.asked_by == AskedBy::Schedule;
        assert_eq!(shut_by(paused), keeps_back.then_some(Shut::Paused), "E141: {door:?}");
    }
}

#[test]
fn a_hold_and_a_pause_that_come_later_keep_a_leave_back_e141() {
    for (asked_by, is_held, is_paused, shut) in [
        (AskedBy::Schedule, false, false, None),
        (AskedBy::Schedule, false, true, Some(Shut::Paused)),
        (AskedBy::Schedule, true, true, Some(Shut::Held)),
        (AskedBy::Person, false, true, None),
        (AskedBy::Person, true, false, Some(Shut::Held)),
    ] {
        let pass = open(&DoorFacts { asked_by, ..NEW }).expect("a leave");
        assert_eq!(pass.kept_back(is_held, is_paused), shut, "E141: {asked_by:?}");
    }
}

#[test]
fn a_refused_body_goes_again_only_by_hand_or_when_stock_has_risen_e68() {
    assert_eq!(door(REFUSED_THE_SAME), Err(Shut::Refused), "E68");
    let risen = DoorFacts {
        body: Compared::Same { has_stock_risen: true },
        asked_by: BY_HAND,
        ..REFUSED_THE_SAME
    };
    assert_eq!(door(risen), Ok(Door::RefusedByHand), "a person's word comes first");
}

#[test]
fn what_amazon_has_goes_out_once_more_only_by_a_person_i1() {
    let accepted = |is_dead, absence, asked_by| {
        door(DoorFacts {
            is_dead,
            absence,
            asked_by,
            ..after(Outcome::Accepted)
        })
    };
    for absence in [Absence::Short, Absence::Grace, Absence::TwoGraces] {
        for is_dead in [false, true] {
            let by_schedule = accepted(is_dead, absence, AskedBy::Schedule);
            assert_eq!(by_schedule, Err(Shut::AtAmazon), "I1: {is_dead} {absence:?}");
        }
    }
    assert_eq!(accepted(false, Absence::Short, BY_HAND), Err(Shut::AtAmazon), "I1");
    let both = accepted(true, Absence::TwoGraces, BY_HAND);
    assert_eq!(both, Ok(Door::NeverShown), "I1: the same id where Amazon shows nothing");
    let conflict = DoorFacts {
        is_dead: true,
        absence: Absence::TwoGraces,
        asked_by: BY_HAND,
        ..after(Outcome::Conflict)
    };
    assert_eq!(door(conflict), Err(Shut::OtherContents), "R29");
}

#[test]
fn what_amazon_left_out_goes_by_a_person_s_word_and_never_beside_what_is_uncertain_e137() {
    let left_out = |newest, asked_by, is_held| {
        door(DoorFacts {
            has_rest: true,
            is_undecided: false,
            is_paused: true,
            asked_by,
            is_held,
            ..after(newest)
        })
    };
    assert_eq!(left_out(Outcome::Accepted, BY_HAND, false), Ok(Door::Rest), "E137");
    assert_eq!(
        left_out(Outcome::Refused, BY_HAND, false),
        Ok(Door::RestOnceMore),
        "E137"
    );
    for newest in [Outcome::Accepted, Outcome::NotSent, Outcome::Refused] {
        assert_eq!(left_out(newest, AskedBy::Schedule, false), Err(Shut::AtAmazon), "E137");
        assert_eq!(left_out(newest, BY_HAND, true), Err(Shut::Held), "E137");
    }
    for newest in [Outcome::Intended, Outcome::Unknown] {
        assert_eq!(left_out(newest, BY_HAND, false), Err(Shut::NotCertain), "I4");
    }
    assert_eq!(
        left_out(Outcome::Conflict, BY_HAND, false),
        Err(Shut::OtherContents),
        "R29"
    );
}

#[test]
#[rustfmt::skip]
fn an_uncertain_order_goes_again_only_after_a_grace_time_and_as_tiktok_wants_it_i4_r10() {
    let (short, grace, two) = (Absence::Short, Absence::Grace, Absence::TwoGraces);
    let (as_sent, otherwise, unsaid) = (Some(Wanted::AsSent), Some(Wanted::NotAsSent), Some(Wanted::NotKnown));
    let (send, give_up) = (Ok(Door::NothingThere), Ok(Door::GivenUp));
    // Absence, TikTok's word, then what follows: as it is; held, or asked to be cancelled; paused; with its bytes erased.
    let table = [
        (short, as_sent, [Err(Shut::NotCertain); 4]),
        (short, otherwise, [Err(Shut::NotCertain); 4]),
        (short, unsaid, [Err(Shut::NotCertain); 4]),
        (short, None, [Err(Shut::NotCertain); 4]),
        (grace, as_sent, [send, Err(Shut::NotWanted), Err(Shut::Paused), Err(Shut::NotConfirmed)]),
        (grace, otherwise, [Err(Shut::NotWanted); 4]),
        (grace, unsaid, [Err(Shut::NotConfirmed), Err(Shut::NotWanted), Err(Shut::NotConfirmed), Err(Shut::NotConfirmed)]),
        (grace, None, [Err(Shut::NotConfirmed); 4]),
        (two, as_sent, [send, give_up, Err(Shut::Paused), Err(Shut::NotConfirmed)]),
        (two, otherwise, [give_up; 4]),
        (two, unsaid, [Err(Shut::NotConfirmed), give_up, Err(Shut::NotConfirmed), Err(Shut::NotConfirmed)]),
        (two, None, [Err(Shut::NotConfirmed); 4]),
    ];
    for newest in [Outcome::Intended, Outcome::Unknown] {
        for (absence, wanted, [as_it_is, held, paused, erased]) in table {
            let facts = DoorFacts { newest: Some(newest), absence, wanted, ..MISSING };
            let about = format!("I4: {newest:?} {absence:?} {wanted:?}");
            assert_eq!(door(facts), as_it_is, "{about}");
            assert_eq!(door(DoorFacts { is_held: true, ..facts }), held, "R10: {about}");
            assert_eq!(door(DoorFacts { is_paused: true, ..facts }), paused, "E141: {about}");
            assert_eq!(door(DoorFacts { has_body: false, ..facts }), erased, "{about}");
            let by_hand = DoorFacts { is_paused: true, asked_by: BY_HAND, ..facts };
            assert_eq!(door(by_hand), as_it_is, "E141: a person sees the pause: {about}");
        }
    }
}

#[test]
fn what_is_not_known_opens_no_door() {
    for newest in std::iter::once(None).chain(Outcome::ALL.map(Some)) {
        let facts = DoorFacts::new(newest, 3, BY_HAND);
        assert!(open(&facts).is_err(), "{newest:?}");
    }
    let undecided = DoorFacts {
        is_undecided: true,
        ..DoorFacts::new(None, 0, AskedBy::Schedule)
    };
    assert_eq!(door(undecided), Ok(Door::First), "neither held nor paused");
    let ended = DoorFacts {
        is_undecided: true,
        ..DoorFacts::new(Some(Outcome::Accepted), 3, BY_HAND)
    };
    assert_eq!(door(ended), Err(Shut::AtAmazon), "not said to be dead");
    let erased = DoorFacts {
        absence: Absence::Grace,
        wanted: Some(Wanted::AsSent),
        ..DoorFacts::new(Some(Outcome::Unknown), 3, BY_HAND)
    };
    assert_eq!(door(erased), Err(Shut::NotConfirmed), "no bytes to repeat");
}

/// Every combination of facts.
fn all() -> Vec<DoorFacts> {
    let newest = std::iter::once(None).chain(Outcome::ALL.map(Some));
    let mut all: Vec<DoorFacts> = newest
        .map(|newest| DoorFacts {
            newest,
            generation: 3,
            ..NEW
        })
        .collect();
    let mut vary = |change: &dyn Fn(DoorFacts) -> Vec<DoorFacts>| {
        all = all.iter().copied().flat_map(change).collect();
    };
    let (no, same) = ([false, true], |has_stock_risen| Compared::Same { has_stock_risen });
    let wanted = [
        None,
        Some(Wanted::AsSent),
        Some(Wanted::NotAsSent),
        Some(Wanted::NotKnown),
    ];
    vary(&|facts| no.map(|is_dead| DoorFacts { is_dead, ..facts }).into());
    vary(&|facts| no.map(|has_rest| DoorFacts { has_rest, ..facts }).into());
    vary(&|facts| no.map(|has_body| DoorFacts { has_body, ..facts }).into());
    vary(&|facts| no.map(|is_undecided| DoorFacts { is_undecided, ..facts }).into());
    vary(&|facts| no.map(|is_held| DoorFacts { is_held, ..facts }).into());
    vary(&|facts| no.map(|is_paused| DoorFacts { is_paused, ..facts }).into());
    vary(&|facts| wanted.map(|wanted| DoorFacts { wanted, ..facts }).into());
    vary(&|facts| {
        [AskedBy::Schedule, BY_HAND]
            .map(|asked_by| DoorFacts { asked_by, ..facts })
            .into()
    });
    vary(&|facts| {
        [Compared::Other, same(false), same(true)]
            .map(|body| DoorFacts { body, ..facts })
            .into()
    });
    let absences = [Absence::Short, Absence::Grace, Absence::TwoGraces];
    vary(&|facts| absences.map(|absence| DoorFacts { absence, ..facts }).into());
    all
}

#[test]
fn no_combination_of_facts_makes_a_second_order_of_one_i1() {
    for facts in all() {
        let Ok(pass) = open(&facts) else { continue };
        let may_be_there = facts.newest.is_some_and(Outcome::may_be_at_amazon);
        let is_next_id = facts.newest.is_some() && pass.generation() != facts.generation;
        if is_next_id {
            assert!(
                facts.newest == Some(Outcome::Accepted) && (facts.is_dead || facts.has_rest),
                "I1: {facts:?}"
            );
        }
        if may_be_there && !is_next_id {
            assert!(facts.absence >= Absence::Grace, "I4: {facts:?}");
        }
        if facts.newest.is_some_and(Outcome::is_open) && pass.door().body() == BodyToSend::Decided {
            assert_eq!(facts.absence, Absence::TwoGraces, "I3: {facts:?}");
        }
        if facts.newest == Some(Outcome::Accepted) {
            assert!(pass.is_by_hand(), "I1: {facts:?}");
        }
        let nothing_leaves = matches!(pass.door(), Door::GivenUp | Door::NeverShown);
        let is_kept_back = facts.is_held || facts.is_paused && !pass.is_by_hand();
        assert!(!is_kept_back || nothing_leaves, "E141: {facts:?}");
    }
}
