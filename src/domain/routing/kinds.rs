//! Orders of a kind that the operator may want to see first: samples, and parcels in place of others.

use super::doubts::Accepted;
use crate::domain::flag::{Detail, Flag};
use crate::domain::kind::Kind;
use crate::domain::order::Order;

/// Which kinds of orders wait for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindRules {
    /// Samples for creators.
    pub are_samples_flagged: bool,
    /// Replacements and exchanges.
    pub are_replacements_flagged: bool,
}

/// Returns what keeps an order of its kind back, until a person accepts it.
pub(super) fn flagged_kind(order: &Order, rules: KindRules, accepted: &Accepted) -> Option<Flag> {
    let kind = order.kind();
    let (detail, setting) = match kind {
        Kind::Sample if rules.are_samples_flagged => (Detail::Sample, "samples"),
        Kind::Replacement | Kind::Exchange if rules.are_replacements_flagged => (Detail::Replacement, "replacements"),
        _ => return None,
    };
    if accepted
        .get(&order.id)
        .is_some_and(|accepted| accepted.contains(&detail))
    {
        return None;
    }
    let message = format!(
        "{}, and [routing] {setting} = \"flag\" keeps it for a person",
        described(order, kind)
    );
    Some(Flag::new(detail, message, &order.id))
}

fn described(order: &Order, kind: Kind) -> String {
    let (purpose, is_by_what) = (&order.purpose, |of: &Option<_>, word: &str| match of {
        Some(id) => format!("it {word} order {id}"),
        None => format!("it {word} another order"),
    });
    match kind {
        Kind::Exchange => is_by_what(&purpose.exchange_source_order_id, "exchanges the goods of"),
        Kind::Replacement => is_by_what(&purpose.replaced_order_id, "replaces"),
        _ if purpose.is_refundable_sample == Some(true) => "it is a refundable sample for a creator".to_owned(),
        _ => "it is a free sample for a creator".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::decision::{Decision, Rules, decide};
    use super::super::known::Units;
    use super::super::samples::{lamps, rules};
    use super::*;
    use crate::domain::flag::Reason;
    use crate::domain::ids::TiktokOrderId;
    use crate::domain::order::tests_support::plain_order;

    fn sample() -> Order {
        let mut order = plain_order("1");
        order.purpose.is_sample = Some(true);
        order
    }

    fn replacement() -> Order {
        let mut order = plain_order("2");
        order.purpose.is_replacement = Some(true);
        order.purpose.replaced_order_id = Some(TiktokOrderId::new("576900000000000007"));
        order
    }

    fn exchange() -> Order {
        let mut order = plain_order("3");
        order.purpose.is_exchange = Some(true);
        order
    }

    fn strict() -> Rules {
        Rules {
            kinds: KindRules {
                are_samples_flagged: true,
                are_replacements_flagged: true,
            },
            ..rules()
        }
    }

    fn decided(order: &Order, stock: i64, rules: &Rules) -> Decision {
        let now = order.times.created_at + chrono::TimeDelta::hours(5);
        decide(order, 1, &lamps(stock), &Units::default(), rules, now)
    }

    fn details(decision: &Decision) -> Vec<&str> {
        match decision {
            Decision::Flag(flags) => flags.iter().map(|flag| flag.detail.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn samples_replacements_and_exchanges_go_like_any_other_unless_the_operator_wants_to_see_them_e145_e146() {
        for order in [sample(), replacement(), exchange()] {
            assert!(
                matches!(decided(&order, 5, &rules()), Decision::Route(_)),
                "{}",
                order.kind()
            );
        }
        assert_eq!(details(&decided(&sample(), 5, &strict())), ["sample"], "E145");
        assert_eq!(details(&decided(&replacement(), 5, &strict())), ["replacement"], "E146");
        assert_eq!(details(&decided(&exchange(), 5, &strict())), ["replacement"], "E146");
        assert!(matches!(decided(&plain_order("9"), 5, &strict()), Decision::Route(_)));
    }

    #[test]
    fn the_flag_names_the_old_order_and_what_to_type_and_stands_beside_what_else_is_wrong_e145_e146() {
        let flag = flagged_kind(&replacement(), strict().kinds, &strict().accepted).expect("a flag");
        assert_eq!(flag.reason(), Reason::OrderNotSupported);
        assert_eq!(flag.next_command, "mcf route 2 --accept replacement", "E146");
        assert!(flag.message.starts_with("it replaces order 576900000000000007"), "E146");
        assert_eq!(
            details(&decided(&sample(), 0, &strict())),
            ["sample", "stock_too_low"],
            "E145: stock counts"
        );
    }

    #[test]
    fn a_person_overrules_it_for_one_order_e145() {
        let mut rules = strict();
        let accepted = rules.accepted.entry(sample().id).or_default();
        accepted.insert(Detail::Sample);
        assert!(matches!(decided(&sample(), 5, &rules), Decision::Route(_)), "E145");
        assert_eq!(details(&decided(&replacement(), 5, &rules)), ["replacement"]);
    }

    #[test]
    fn what_is_flagged_for_its_kind_says_which_and_instead_of_what_e145_e146() {
        let message = |order: &Order| {
            let flag = flagged_kind(order, strict().kinds, &strict().accepted).expect("a flag");
            flag.message
        };
        let mut refundable = sample();
        refundable.purpose.is_refundable_sample = Some(true);
        let mut of_another = exchange();
        of_another.purpose.exchange_source_order_id = Some(TiktokOrderId::new("577"));
        let mut without_source = replacement();
        without_source.purpose.replaced_order_id = None;
        for (order, words) in [
            (sample(), "it is a free sample for a creator,"),
            (refundable, "it is a refundable sample for a creator,"),
            (exchange(), "it exchanges the goods of another order,"),
            (of_another, "it exchanges the goods of order 577,"),
            (without_source, "it replaces another order,"),
        ] {
            assert!(message(&order).starts_with(words), "E145, E146: {}", message(&order));
        }
    }
}
