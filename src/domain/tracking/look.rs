//! What TikTok's order says about a parcel whose number is to be told: told already, wanted, cancelled, moved away.

use crate::domain::eligibility::{EligibilityRules, is_elsewhere};
use crate::domain::ids::{LineItemId, PackageId, WarehouseId};
use crate::domain::order::{LineItem, LineStatus, Order, OrderStatus};
use crate::domain::tracking_number::is_same;

/// The units of a parcel.
#[derive(Debug, Clone)]
pub struct Units<'a> {
    /// Which of the TikTok order.
    pub lines: &'a [LineItemId],
    /// The numbers that TikTok took from us for them, or that were on their way when a run broke off.
    pub told: Vec<&'a str>,
}

/// What TikTok has for the units of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AtTiktok {
    /// This number.
    Ours(Option<PackageId>),
    /// A number that we told before.
    Older {
        /// Which.
        number: String,
        /// The parcel.
        package: Option<PackageId>,
        /// Whether the order is in several parcels there.
        is_split: bool,
    },
    /// A number that we did not tell.
    Another,
    /// This number stands for other units of the order, or for some of these only; TikTok takes no number twice in one order.
    TakenByOthers,
    /// No number, and the order lies in a warehouse that is none of ours.
    Elsewhere(WarehouseId),
    /// No number.
    Nothing,
    /// All units are cancelled.
    Cancelled,
}

/// Looks at the units of a parcel that is to have this number.
pub(super) fn look(order: &Order, units: &Units<'_>, number: &str, rules: &EligibilityRules) -> AtTiktok {
    let cancelled = cancelled_units(order, units.lines);
    if !units.lines.is_empty() && cancelled.len() == units.lines.len() {
        return AtTiktok::Cancelled;
    }
    let is_ours = |line: &&LineItem| units.lines.contains(&line.id) && !cancelled.contains(&line.id);
    let (ours, others): (Vec<_>, Vec<_>) = order.line_items.iter().partition(is_ours);
    let told: Vec<(&str, &LineItem)> = ours.iter().filter_map(|line| Some((number_of(line)?, *line))).collect();
    let Some((there, line)) = told.first() else {
        return untold(order, number, &others, rules);
    };
    if told.iter().any(|(other, _)| !is_same(other, there)) {
        return AtTiktok::Another;
    }
    if is_same(there, number) {
        return match told.len() == ours.len() {
            true => AtTiktok::Ours(line.package_id.clone()),
            false => AtTiktok::TakenByOthers,
        };
    }
    if units.told.iter().any(|known| is_same(known, there)) {
        AtTiktok::Older {
            number: (*there).to_owned(),
            package: line.package_id.clone(),
            is_split: is_split(order),
        }
    } else {
        AtTiktok::Another
    }
}

fn untold(order: &Order, number: &str, others: &[&LineItem], rules: &EligibilityRules) -> AtTiktok {
    let has_it = |line: &&LineItem| number_of(line).is_some_and(|there| is_same(there, number));
    match &order.warehouse_id {
        _ if others.iter().any(has_it) => AtTiktok::TakenByOthers,
        Some(warehouse) if is_elsewhere(order, rules) => AtTiktok::Elsewhere(warehouse.clone()),
        Some(_) | None => AtTiktok::Nothing,
    }
}

fn number_of(line: &LineItem) -> Option<&str> {
    line.tracking_number.as_deref().filter(|there| !there.is_empty())
}

/// Returns those of these units that TikTok has cancelled.
pub(super) fn cancelled_units(order: &Order, lines: &[LineItemId]) -> Vec<LineItemId> {
    let is_over = order.status == OrderStatus::Cancelled;
    let cancelled = order
        .line_items
        .iter()
        .filter(|line| is_over || line.status == LineStatus::Cancelled);
    cancelled
        .filter(|line| lines.contains(&line.id))
        .map(|line| line.id.clone())
        .collect()
}

/// Several parcels, or units that are in none yet.
fn is_split(order: &Order) -> bool {
    let mut packages: Vec<_> = order.live_lines().map(|line| line.package_id.as_ref()).collect();
    packages.sort_unstable();
    packages.dedup();
    packages.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::{plain_line, plain_order};

    const NUMBER: &str = "1Z50V7420300000001";

    fn rules(warehouse: Option<&str>) -> EligibilityRules {
        EligibilityRules {
            warehouses: warehouse.into_iter().map(WarehouseId::new).collect(),
            ..EligibilityRules::default()
        }
    }

    /// An order of units with their status and number.
    fn order(units: &[(&str, LineStatus, Option<&str>)]) -> Order {
        let line = |(id, status, number): &(&str, LineStatus, Option<&str>)| LineItem {
            status: status.clone(),
            tracking_number: number.map(str::to_owned),
            ..plain_line(id)
        };
        Order {
            line_items: units.iter().map(line).collect(),
            ..plain_order("1")
        }
    }

    fn seen(order: &Order, lines: &[&str]) -> AtTiktok {
        let lines: Vec<LineItemId> = lines.iter().map(|id| LineItemId::new(*id)).collect();
        let units = Units {
            lines: &lines,
            told: vec!["1ZOLD"],
        };
        look(order, &units, NUMBER, &rules(None))
    }

    #[test]
    fn what_tiktok_shows_of_the_units_says_what_is_told() {
        use LineStatus::{AwaitingShipment as Open, Cancelled as Gone};
        let number = Some(NUMBER);
        let blank = Some("1z50v742 0300000001");
        for (units, expected, situation) in [
            (
                vec![("a", Open, None), ("b", Open, None)],
                AtTiktok::Nothing,
                "nobody told it",
            ),
            (
                vec![("a", Open, None), ("b", Gone, None)],
                AtTiktok::Nothing,
                "E134: the live unit is told",
            ),
            (vec![("a", Gone, None), ("b", Gone, None)], AtTiktok::Cancelled, "E135"),
            (
                vec![("a", Open, number), ("b", Open, number)],
                AtTiktok::Ours(None),
                "E103",
            ),
            (
                vec![("a", Open, blank), ("b", Gone, None)],
                AtTiktok::Ours(None),
                "E187",
            ),
            (
                vec![("a", Open, number), ("b", Open, None)],
                AtTiktok::TakenByOthers,
                "E136: the rest is flagged",
            ),
            (
                vec![("a", Open, Some("1ZHAND")), ("b", Open, None)],
                AtTiktok::Another,
                "E107",
            ),
            (
                vec![("a", Open, number), ("b", Open, Some("1ZHAND"))],
                AtTiktok::Another,
                "E107",
            ),
        ] {
            assert_eq!(seen(&order(&units), &["a", "b"]), expected, "{situation}");
        }
    }

    #[test]
    fn a_number_that_other_units_of_the_order_have_is_not_told_again_e136() {
        use LineStatus::AwaitingShipment as Open;
        let shipped = order(&[("a", Open, Some(NUMBER)), ("b", Open, None)]);
        assert_eq!(seen(&shipped, &["b"]), AtTiktok::TakenByOthers, "E136");
        assert_eq!(seen(&shipped, &["a"]), AtTiktok::Ours(None), "E136");
    }

    #[test]
    fn an_order_that_is_cancelled_whole_has_no_live_unit_whatever_its_units_say() {
        let mut gone = order(&[("a", LineStatus::AwaitingShipment, None)]);
        gone.status = OrderStatus::Cancelled;
        assert_eq!(seen(&gone, &["a"]), AtTiktok::Cancelled);
    }

    #[test]
    fn an_order_of_another_warehouse_keeps_its_number_back_unless_tiktok_has_it_e144() {
        let lines = [LineItemId::new("a")];
        let units = Units {
            lines: &lines,
            told: Vec::new(),
        };
        let at = |number, ours| {
            look(
                &order(&[("a", LineStatus::AwaitingShipment, number)]),
                &units,
                NUMBER,
                &rules(ours),
            )
        };
        let elsewhere = AtTiktok::Elsewhere(WarehouseId::new("7068517275539719942"));
        assert_eq!(at(None, Some("7000000000000000001")), elsewhere, "E144");
        assert_eq!(at(None, Some("7068517275539719942")), AtTiktok::Nothing, "E144");
        assert_eq!(at(None, None), AtTiktok::Nothing, "all orders of the shop are ours");
        assert_eq!(at(Some(NUMBER), Some("7000000000000000001")), AtTiktok::Ours(None));
    }
}
