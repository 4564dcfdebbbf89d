//! The choice of a speed, in the situations that are known and against every small world.

use super::*;
use crate::domain::fulfillment::PreviewFee;
use crate::domain::fulfillment::ShippingSpeed::{Expedited, Priority, Standard};

/// By when the carrier must have it, and when TikTok cancels it, in hours.
const DUE: i64 = 48;
const CANCELLED: i64 = 96;

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400 + hours * 3600, 0).expect("a valid instant")
}

/// Leaves after so many hours, for so many dollars.
fn offer(speed: ShippingSpeed, leaves: Option<i64>, dollars: Option<u32>) -> Preview {
    let fee = |dollars: u32| PreviewFee {
        name: "FBAPerUnitFulfillmentFee".into(),
        amount: dollars.to_string(),
        currency: "USD".into(),
    };
    Preview {
        speed,
        is_fulfillable: true,
        fees: dollars.map(fee).into_iter().collect(),
        latest_ship_at: leaves.map(at),
        latest_arrival_at: None,
        unfulfillable_reasons: Vec::new(),
    }
}

fn refused(speed: ShippingSpeed) -> Preview {
    Preview {
        is_fulfillable: false,
        ..offer(speed, Some(1), Some(1))
    }
}

fn needs(own: &ShippingSpeed) -> SpeedNeeds<'_> {
    SpeedNeeds {
        own,
        is_named: false,
        deadline: Some(at(DUE)),
        cancelled_by: Some(at(CANCELLED)),
        may_be_late: false,
    }
}

fn rules(mode: DeadlineMode) -> DeadlineRules {
    DeadlineRules {
        mode,
        ..DeadlineRules::default()
    }
}

fn chosen(needs: &SpeedNeeds<'_>, previews: &[Preview], rules: &DeadlineRules) -> Choice {
    choose(needs, previews, rules, |_| true)
}

fn goes(speed: ShippingSpeed, why: Why) -> Choice {
    Choice::Goes(speed, why)
}

#[test]
fn an_order_that_would_be_late_takes_the_cheapest_speed_that_is_in_time_e148() {
    let previews = [
        offer(Standard, Some(60), Some(9)),
        offer(Expedited, Some(30), Some(12)),
        offer(Priority, Some(10), Some(19)),
    ];
    let upgrade = rules(DeadlineMode::Upgrade);
    assert_eq!(
        chosen(&needs(&Standard), &previews, &upgrade),
        goes(Expedited, Why::Faster),
        "E148"
    );
    for mode in [DeadlineMode::Off, DeadlineMode::Warn] {
        assert_eq!(
            chosen(&needs(&Standard), &previews, &rules(mode)),
            goes(Standard, Why::Late),
            "E148"
        );
    }
    let margin = DeadlineRules {
        margin: TimeDelta::hours(20),
        ..upgrade
    };
    assert_eq!(
        chosen(&needs(&Standard), &previews, &margin),
        goes(Priority, Why::Faster),
        "the margin counts"
    );
}

#[test]
fn a_date_at_the_deadline_is_in_time_and_a_second_later_is_not() {
    let own = |seconds| {
        let mut own = offer(Standard, Some(DUE), None);
        own.latest_ship_at = own.latest_ship_at.map(|at| at + TimeDelta::seconds(seconds));
        chosen(&needs(&Standard), &[own], &rules(DeadlineMode::Warn))
    };
    assert_eq!(own(0), goes(Standard, Why::InTime));
    assert_eq!(own(1), goes(Standard, Why::Late));
}

#[test]
fn what_is_not_known_is_neither_in_time_nor_late_e150() {
    let flag = DeadlineRules {
        too_late: TooLate::Flag,
        ..rules(DeadlineMode::Upgrade)
    };
    let needs = needs(&Standard);
    assert_eq!(
        chosen(&needs, &[], &flag),
        goes(Standard, Why::NotKnown),
        "E150: no row at all"
    );
    let blind = [offer(Standard, None, None), offer(Expedited, None, None)];
    assert_eq!(
        chosen(&needs, &blind, &flag),
        goes(Standard, Why::NotKnown),
        "E150: no dates"
    );
    let all_refused = [refused(Standard), refused(Expedited)];
    assert_eq!(
        chosen(&needs, &all_refused, &flag),
        goes(Standard, Why::NotKnown),
        "advisory"
    );
    let unbound = SpeedNeeds {
        deadline: None,
        ..needs
    };
    let late = [offer(Standard, Some(900), None)];
    assert_eq!(
        chosen(&unbound, &late, &flag),
        goes(Standard, Why::NoDeadline),
        "E150: no deadline"
    );
}

#[test]
fn a_speed_that_amazon_does_not_offer_is_told_or_replaced_by_a_faster_one_e73() {
    let previews = [refused(Standard), offer(Expedited, Some(60), Some(12))];
    for mode in [DeadlineMode::Off, DeadlineMode::Warn] {
        let told = chosen(&needs(&Standard), &previews, &rules(mode));
        assert_eq!(told, Choice::NotOffered(Some(Expedited)), "E73");
    }
    let upgrade = rules(DeadlineMode::Upgrade);
    assert_eq!(
        chosen(&needs(&Standard), &previews, &upgrade),
        goes(Expedited, Why::Offered),
        "E73"
    );
    let without_row = [offer(Standard, Some(1), None), offer(Expedited, Some(1), None)];
    let told = chosen(&needs(&Priority), &without_row, &upgrade);
    assert_eq!(told, Choice::NotOffered(Some(Standard)), "E73: never slower");
}

#[test]
fn where_nothing_is_in_time_it_goes_or_is_flagged_and_a_person_overrules_e151() {
    let previews = [offer(Standard, Some(60), Some(9)), offer(Expedited, Some(50), Some(12))];
    let send = rules(DeadlineMode::Upgrade);
    let flag = DeadlineRules {
        too_late: TooLate::Flag,
        ..send.clone()
    };
    let late = needs(&Standard);
    assert_eq!(chosen(&late, &previews, &send), goes(Standard, Why::Late), "E151");
    assert_eq!(chosen(&late, &previews, &flag), Choice::TooLate, "E151");
    let accepted = SpeedNeeds {
        may_be_late: true,
        ..late
    };
    assert_eq!(
        chosen(&accepted, &previews, &flag),
        goes(Standard, Why::Late),
        "E151: --accept"
    );
    let named = SpeedNeeds { is_named: true, ..late };
    assert_eq!(
        chosen(&named, &previews, &flag),
        goes(Standard, Why::Late),
        "E151: --speed"
    );
    let cancelled = [
        offer(Standard, Some(100), Some(9)),
        offer(Expedited, Some(90), Some(12)),
    ];
    assert_eq!(
        chosen(&late, &cancelled, &send),
        goes(Expedited, Why::BeforeItIsCancelled)
    );
}

#[test]
fn without_fees_the_slowest_that_is_in_time_goes_and_what_costs_too_much_does_not() {
    let upgrade = rules(DeadlineMode::Upgrade);
    let needs = needs(&Standard);
    let previews = |expedited, priority| {
        [
            offer(Standard, Some(60), Some(9)),
            offer(Expedited, Some(30), expedited),
            offer(Priority, Some(10), priority),
        ]
    };
    assert_eq!(
        chosen(&needs, &previews(Some(12), Some(11)), &upgrade),
        goes(Priority, Why::Faster)
    );
    assert_eq!(
        chosen(&needs, &previews(None, Some(11)), &upgrade),
        goes(Expedited, Why::Faster)
    );
    let within = |preview: &Preview| preview.speed != Expedited;
    let choice = choose(&needs, &previews(Some(10), Some(11)), &upgrade, within);
    assert_eq!(choice, goes(Priority, Why::Faster));
}

/// The same rule, said by trying every speed: the best of all that may be taken.
fn exhaustive(needs: &SpeedNeeds<'_>, previews: &[Preview], rules: &DeadlineRules) -> Option<ShippingSpeed> {
    let row = |speed: &ShippingSpeed| previews.iter().find(|one| one.speed == *speed && one.is_fulfillable);
    let leaves = |speed: &ShippingSpeed| row(speed).and_then(|one| one.latest_ship_at);
    let is_any_offered = ShippingSpeed::ALL.iter().any(|speed| row(speed).is_some());
    let may_take = |speed: &ShippingSpeed| match (speed.rank()).cmp(&needs.own.rank()) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => row(speed).is_some() || !is_any_offered,
        std::cmp::Ordering::Greater => {
            row(speed).is_some()
                && rules.mode == DeadlineMode::Upgrade
                && !needs.is_named
                && speed.rank() <= rules.fastest.rank()
        }
    };
    let grade = |speed: &ShippingSpeed| match (leaves(speed), needs.deadline) {
        (_, None) => 0,
        (Some(at), Some(due)) if at <= due => 0,
        _ => 1,
    };
    // Better is smaller: in time, then what TikTok does not cancel, then its own, then the price.
    let allowed: Vec<&ShippingSpeed> = ShippingSpeed::ALL.iter().filter(|speed| may_take(speed)).collect();
    let best_grade = allowed.iter().map(|speed| grade(speed)).min()?;
    let graded: Vec<&ShippingSpeed> = allowed.into_iter().filter(|speed| grade(speed) == best_grade).collect();
    let has_own = graded.contains(&needs.own);
    let own_at = leaves(needs.own);
    let survives = |speed: &ShippingSpeed| leaves(speed).zip(needs.cancelled_by).is_some_and(|(at, end)| at <= end);
    let own_dies = own_at.zip(needs.cancelled_by).is_some_and(|(at, end)| at > end);
    let saved: Vec<&ShippingSpeed> = graded.iter().copied().filter(|speed| survives(speed)).collect();
    let pool = match (best_grade, has_own) {
        (0, true) => vec![needs.own],
        (1, true) if own_dies && !saved.is_empty() => saved,
        (1, true) => vec![needs.own],
        (1, false) if !saved.is_empty() => saved,
        _ => graded,
    };
    let fees = |speed: &ShippingSpeed| {
        row(speed)
            .and_then(|one| one.fees.first())
            .map(|fee| fee.amount.parse::<u32>().expect("a number"))
    };
    let are_known = pool.iter().all(|speed| fees(speed).is_some());
    let price = |speed: &&ShippingSpeed| (fees(speed).filter(|_| are_known), speed.rank());
    let best = pool.into_iter().min_by_key(price)?;
    let is_late = leaves(best).zip(needs.deadline).is_some_and(|(at, due)| at > due);
    let is_asked = rules.mode == DeadlineMode::Upgrade && rules.too_late == TooLate::Flag;
    let needs_a_person = is_late && is_asked && !needs.is_named && !needs.may_be_late;
    (!needs_a_person).then(|| best.clone())
}

/// Every state that one speed can have in a preview; `None` is no row.
fn states(speed: &ShippingSpeed) -> Vec<Option<Preview>> {
    let mut states = vec![None, Some(refused(speed.clone()))];
    for leaves in [None, Some(40), Some(72), Some(120)] {
        for dollars in [None, Some(1), Some(5)] {
            states.push(Some(offer(speed.clone(), leaves, dollars)));
        }
    }
    states
}

fn worlds() -> Vec<Vec<Preview>> {
    let mut worlds = vec![Vec::new()];
    for speed in ShippingSpeed::ALL {
        let with = |world: Vec<Preview>| {
            let states = states(&speed).into_iter();
            states.map(move |state| world.iter().cloned().chain(state).collect())
        };
        worlds = worlds.into_iter().flat_map(with).collect();
    }
    worlds
}

fn every_rule() -> Vec<DeadlineRules> {
    let mut all = Vec::new();
    for mode in [DeadlineMode::Warn, DeadlineMode::Upgrade] {
        for fastest in ShippingSpeed::ALL {
            for too_late in [TooLate::Send, TooLate::Flag] {
                all.push(DeadlineRules {
                    mode,
                    fastest: fastest.clone(),
                    too_late,
                    margin: TimeDelta::zero(),
                });
            }
        }
    }
    all
}

#[test]
fn the_choice_equals_an_exhaustive_one_in_every_small_world() {
    let (worlds, rules) = (worlds(), every_rule());
    assert_eq!(worlds.len(), 14_usize.pow(3));
    for previews in &worlds {
        for own in &ShippingSpeed::ALL {
            let unbound = SpeedNeeds {
                deadline: None,
                ..needs(own)
            };
            for needs in [needs(own), unbound] {
                for rules in &rules {
                    let choice = chosen(&needs, previews, rules);
                    let speed = match &choice {
                        Choice::Goes(speed, _) => Some(speed.clone()),
                        Choice::NotOffered(_) | Choice::TooLate => None,
                    };
                    assert_eq!(
                        speed,
                        exhaustive(&needs, previews, rules),
                        "{needs:?} {rules:?} {previews:?} {choice:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_order_that_leaves_in_the_very_second_of_its_cancellation_is_not_made_faster() {
    let saves = |leaves| {
        let previews = [
            offer(Standard, Some(leaves), Some(5)),
            offer(Expedited, Some(72), Some(9)),
        ];
        chosen(&needs(&Standard), &previews, &rules(DeadlineMode::Upgrade))
    };
    assert_eq!(saves(CANCELLED), goes(Standard, Why::Late));
    assert_eq!(saves(CANCELLED + 1), goes(Expedited, Why::BeforeItIsCancelled));
}
