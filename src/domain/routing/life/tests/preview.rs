//! What follows from Amazon's preview.

use super::*;
use crate::domain::fulfillment::Preview;
use crate::domain::routing::samples::{offer, previewed};

#[test]
fn the_preview_comes_before_the_order_is_ready_where_the_settings_want_it() {
    let case = case(State::Detected).with_preview();
    let asked = case.planned(&Decision::Route(Box::new(route())), None).effects;
    assert!(matches!(&asked[..], [Effect::Ask(Ask::Preview(_))]), "{asked:?}");
    let after = |case: &Case, is_fulfillable, round| {
        case.next(Stage::Previewed {
            route: &route(),
            previewed: &previewed(is_fulfillable),
            round,
        })
    };
    let good = after(&case, true, Round::First).effects;
    assert!(
        matches!(good.last(), Some(Effect::Ask(Ask::LastLook(route))) if route.explanation.len() > 4),
        "{good:?}"
    );
    let last = after(&case, true, Round::LastLook).effects;
    assert!(
        matches!(&last[..], [Effect::KeepSpeed(_), Effect::Ask(Ask::Create(_))]),
        "{last:?}"
    );
    for round in [Round::First, Round::LastLook] {
        let bad = after(&case, false, round);
        assert_eq!((&bad.given_back, &bad.taken), (&Some(units()), &None));
        assert_eq!(stored(&bad), Some((State::Flagged, Some(State::Flagged))));
    }
    let by_hand = after(&case.by_hand(), false, Round::LastLook).effects;
    assert!(
        matches!(&by_hand[..], [Effect::KeepSpeed(_), Effect::Ask(Ask::Create(_))]),
        "it is advisory"
    );
}

/// Late at its own speed, and in time at the next.
fn late_but_for_expedited(order: &Order) -> Previewed {
    let leaves = |speed, hours| Preview {
        latest_ship_at: order
            .deadlines
            .handed_over_by()
            .map(|due| due + TimeDelta::hours(hours)),
        ..offer(speed, true)
    };
    Previewed::Shown(vec![
        leaves(ShippingSpeed::Standard, 1),
        leaves(ShippingSpeed::Expedited, -1),
    ])
}

#[test]
fn another_speed_is_another_body_so_that_the_door_is_asked_anew_e148() {
    let mut case = case(State::Flagged).with_preview();
    case.rules.speed.deadline.mode = DeadlineMode::Upgrade;
    let previewed = late_but_for_expedited(&case.order);
    let previewed = Stage::Previewed {
        route: &route(),
        previewed: &previewed,
        round: Round::First,
    };
    let asked = case.next(previewed).effects;
    let [
        Effect::Ask(Ask::Door {
            route: faster,
            speed,
            round: Round::First,
        }),
    ] = &asked[..]
    else {
        panic!("the door: {asked:?}");
    };
    assert_eq!(faster.draft.speed, ShippingSpeed::Expedited, "E148");
    let at_the_door = |shut| {
        case.next(Stage::AtTheDoor {
            route: faster,
            speed,
            shut,
            round: Round::First,
        })
    };
    assert_eq!(
        at_the_door(Some(Shut::Refused)),
        Follows::gives_back(faster, Vec::new()),
        "Amazon refused this body"
    );
    assert!(matches!(
        at_the_door(None).effects.last(),
        Some(Effect::Ask(Ask::LastLook(_)))
    ));
    // The last look sees its own speed, which did not change.
    let last = case.looked_at(faster, None).effects;
    assert!(
        matches!(last.last(), Some(Effect::Ask(Ask::Create(sent))) if sent.draft.speed == ShippingSpeed::Expedited),
        "E148: {last:?}"
    );
    case.order.deadlines.scanned_by = Some(case.order.times.created_at + TimeDelta::days(9));
    let changed = case.looked_at(faster, None).effects;
    assert!(
        matches!(changed.last(), Some(Effect::Ask(Ask::Preview(route))) if route.explanation[0].contains("the deadline changed")),
        "judged anew: {changed:?}"
    );
}
