//! What is asked of Amazon for an order beside its goods, and what follows where a preview shows that Amazon can't do it.

use crate::domain::feature::{Feature, RefusedFeatures};
use crate::domain::ids::TiktokOrderId;

/// Returns what is asked for an order: what the settings want, but for what Amazon refused it and it goes without.
pub(super) fn asked_of(id: &TiktokOrderId, wished: &[Feature], refused: &RefusedFeatures) -> Vec<Feature> {
    let refused = refused.get(id);
    let is_given_up =
        |feature: &Feature| feature.gives_way() && refused.is_some_and(|refused| refused.contains(feature));
    wished.iter().copied().filter(|feature| !is_given_up(feature)).collect()
}

/// Says what is asked for and what was given up, for the history.
pub(super) fn explain_features(asked: &[Feature], wished: &[Feature]) -> Vec<String> {
    let explain = |feature: &Feature| match asked.contains(feature) {
        true => format!("asked of Amazon: {feature}"),
        false => feature.given_up().to_owned(),
    };
    wished.iter().map(explain).collect()
}

#[cfg(test)]
mod tests {
    use super::super::decision::{Decision, decide};
    use super::super::known::Units;
    use super::super::samples::{lamps, rules};
    use super::*;
    use crate::domain::order::tests_support::plain_order;

    use Feature::{BlankBox, BlockAmzl};

    #[test]
    fn what_gave_way_for_an_order_is_not_asked_again_and_what_blocks_is_e74_e152() {
        let order = plain_order("1");
        let mut rules = rules();
        rules.features = vec![BlockAmzl, BlankBox];
        let refused = rules.refused_features.entry(order.id.clone()).or_default();
        refused.extend([BlockAmzl, BlankBox]);
        assert_eq!(
            asked_of(&order.id, &rules.features, &rules.refused_features),
            [BlockAmzl],
            "E74, E152"
        );
        let now = order.times.created_at + chrono::TimeDelta::hours(5);
        let Decision::Route(route) = decide(&order, 1, &lamps(5), &Units::default(), &rules, now) else {
            panic!("it goes");
        };
        assert_eq!(route.draft.features, [BlockAmzl], "E152");
        let told = route.explanation.join("; ");
        assert!(
            told.contains("asked of Amazon: BLOCK_AMZL") && told.contains("it goes branded"),
            "E74: {told}"
        );
    }
}
