//! Orders of a warehouse that TikTok has switched off: a number from it may be refused, so that a person decides.

use super::doubts::Accepted;
use crate::domain::flag::{Detail, Flag};
use crate::domain::order::Order;
use crate::domain::warehouse::{Standings, is_disabled};

/// Returns what keeps an order of a disabled warehouse back, until the warehouse is back or a person accepts it.
pub(super) fn flagged_warehouse(order: &Order, warehouses: &Standings, accepted: &Accepted) -> Option<Flag> {
    let id = order.warehouse_id.as_ref().filter(|id| is_disabled(warehouses, id))?;
    let detail = Detail::WarehouseDisabled;
    let accepted = accepted.get(&order.id);
    if accepted.is_some_and(|accepted| accepted.contains(&detail)) {
        return None;
    }
    let name = warehouses.get(id).map_or("", |standing| standing.name.as_str());
    let message = format!("TikTok has disabled its warehouse {name} ({id}), and may refuse the tracking number");
    Some(Flag::new(detail, message, &order.id))
}

#[cfg(test)]
mod tests {
    use super::super::decision::{Decision, Rules, decide};
    use super::super::known::Units;
    use super::super::samples::{lamps, rules};
    use super::*;
    use crate::domain::ids::WarehouseId;
    use crate::domain::order::tests_support::plain_order;
    use crate::domain::warehouse::Standing;

    /// The rules while TikTok says this of the order's warehouse.
    fn while_it_is(status: &str) -> Rules {
        let id = plain_order("1").warehouse_id.expect("a warehouse");
        let standing = Standing {
            name: "Amazon MCF".into(),
            status: status.into(),
        };
        Rules {
            warehouses: Standings::from([(id, standing)]),
            ..rules()
        }
    }

    fn decided(order: &Order, rules: &Rules) -> Decision {
        let now = order.times.created_at + chrono::TimeDelta::hours(5);
        decide(order, 1, &lamps(5), &Units::default(), rules, now)
    }

    #[test]
    fn a_new_order_of_a_disabled_warehouse_waits_for_a_person_and_one_of_a_restricted_goes_e143() {
        let order = plain_order("1");
        for (status, is_sent) in [("ENABLED", true), ("RESTRICTED", true), ("DISABLED", false)] {
            let decision = decided(&order, &while_it_is(status));
            assert_eq!(matches!(decision, Decision::Route(_)), is_sent, "E143: {status}");
        }
        let Decision::Flag(flags) = decided(&order, &while_it_is("DISABLED")) else {
            panic!("flagged");
        };
        assert_eq!(flags[0].detail, Detail::WarehouseDisabled, "E123");
        assert_eq!(flags[0].next_command, "mcf route 1 --accept warehouse_disabled", "E123");
    }

    #[test]
    fn a_person_overrules_it_and_orders_of_other_warehouses_do_not_mind_e143() {
        let mut rules = while_it_is("DISABLED");
        let mut other = plain_order("2");
        other.warehouse_id = Some(WarehouseId::new("9"));
        assert!(matches!(decided(&other, &rules), Decision::Route(_)), "E143");
        let accepted = rules.accepted.entry(plain_order("1").id).or_default();
        accepted.insert(Detail::WarehouseDisabled);
        assert!(matches!(decided(&plain_order("1"), &rules), Decision::Route(_)), "E143");
    }

    #[test]
    fn a_word_for_one_warehouse_does_not_hold_in_the_last_look_at_an_order_of_another_e123() {
        let mut rules = while_it_is("DISABLED");
        let before = plain_order("1");
        let accepted = rules.accepted.entry(before.id.clone()).or_default();
        accepted.insert(Detail::WarehouseDisabled);
        let in_warehouse = |id: Option<&str>| Order {
            warehouse_id: id.map(WarehouseId::new),
            ..before.clone()
        };
        let other = rules.warehouses.values().next().expect("a warehouse").clone();
        rules.warehouses.insert(WarehouseId::new("9"), other);
        for (after, is_sent) in [
            (before.clone(), true),
            (in_warehouse(None), true),
            (in_warehouse(Some("9")), false),
        ] {
            let last = rules.at_last_look(&before, &after);
            let decision = decided(&after, &last);
            assert_eq!(
                matches!(decision, Decision::Route(_)),
                is_sent,
                "E123: {:?}",
                after.warehouse_id
            );
        }
    }
}
