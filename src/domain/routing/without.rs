//! Whether Amazon could do an order without what is asked of it beside the goods, where a preview shows that it can't do it with.

use super::preview::Previewed;
use crate::domain::feature::Feature;

/// Returns without which feature Amazon is to be asked once more, since it can't do the order with all of them: first without what
/// gives way. `None` where the preview shows that the order goes, shows nothing, or nothing is left to go without.
#[must_use]
pub fn ask_without(asked: &[Feature], previewed: &Previewed) -> Option<Feature> {
    if is_offered_at_any_speed(previewed) || matches!(previewed, Previewed::Failed(_) | Previewed::Lacks(_)) {
        return None;
    }
    let mut asked: Vec<Feature> = asked.to_vec();
    asked.sort_unstable_by_key(|feature| !feature.gives_way());
    asked.first().copied()
}

/// Tells whether Amazon shows that it can do the order at some speed.
#[must_use]
pub fn is_offered_at_any_speed(previewed: &Previewed) -> bool {
    matches!(previewed, Previewed::Shown(rows) if rows.iter().any(|row| row.is_fulfillable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::plain_order;
    use crate::domain::routing::decision::{Decision, decide};
    use crate::domain::routing::known::Units;
    use crate::domain::routing::samples::{lamps, previewed, rules};

    use Feature::{BlankBox, BlockAmzl};

    #[test]
    fn amazon_is_asked_again_without_what_it_may_lack_the_plain_box_first_e74_e152() {
        let refused = Previewed::Refused("InvalidInput".into());
        for (asked, answer, without) in [
            (&[BlockAmzl, BlankBox][..], previewed(false), Some(BlankBox)),
            (&[BlockAmzl], previewed(false), Some(BlockAmzl)),
            (&[BlankBox], refused, Some(BlankBox)),
            (&[BlockAmzl, BlankBox], previewed(true), None),
            (&[], previewed(false), None),
            (&[BlankBox], Previewed::Failed("no answer".into()), None),
        ] {
            assert_eq!(ask_without(asked, &answer), without, "E74, E152");
        }
    }

    #[test]
    fn a_route_without_a_feature_keeps_the_others() {
        let order = plain_order("1");
        let mut rules = rules();
        rules.features = vec![BlockAmzl, BlankBox];
        let now = order.times.created_at + chrono::TimeDelta::hours(5);
        let Decision::Route(route) = decide(&order, 1, &lamps(5), &Units::default(), &rules, now) else {
            panic!("it goes");
        };
        assert_eq!(route.without(BlankBox).draft.features, [BlockAmzl]);
    }
}
