//! What may be promised of each Amazon SKU.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::StockFigure;
use crate::domain::ids::AmazonSku;
use crate::domain::mapping::MappingSet;

/// From here on a figure is an overflow of somebody's counter, not stock.
pub(super) const BEYOND_BELIEF: i64 = i32::MAX as i64;

/// What may be promised of one Amazon SKU, and what is taken off before, all in Amazon's units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// What Amazon can ship now; never negative.
    pub fulfillable: i64,
    /// Units of it that TikTok has sold and that Amazon may still count as free.
    pub promised: i64,
    /// Units that are never offered.
    pub safety_stock: u32,
    /// Units on their way between fulfillment centers, for people. `None` where Amazon does not say.
    pub in_transfer: Option<i64>,
}

/// The holdings whose figures are known and young enough. An absent one is unknown, never zero.
pub type Holdings = BTreeMap<AmazonSku, Holding>;

impl Holding {
    /// Returns the units that may yet be promised: never negative, never above Amazon's figure.
    #[must_use]
    pub fn promisable(&self) -> i64 {
        self.left().max(0)
    }

    /// Returns what is left, and how much is missing where it is negative.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.fulfillable
            .saturating_sub(self.promised.max(0))
            .saturating_sub(i64::from(self.safety_stock))
    }

    /// Takes units off that are sold already.
    pub fn promise(&mut self, units: i64) {
        self.promised = self.promised.saturating_add(units);
    }
}

/// Returns the holdings behind Amazon's figures. What lies in fulfillment orders whose outcome is open stays taken off however
/// old it is, and so does what our ledger says; the larger one counts, since they are the same units.
#[must_use]
pub fn holdings(
    figures: &BTreeMap<AmazonSku, StockFigure>,
    being_submitted: &BTreeMap<AmazonSku, i64>,
    safety_stock: &BTreeMap<AmazonSku, u32>,
    age_max: TimeDelta,
    now: DateTime<Utc>,
) -> Holdings {
    let holding = |(sku, figure): (&AmazonSku, &StockFigure)| {
        if now - figure.read_at > age_max {
            return None;
        }
        let fulfillable = figure.fulfillable.filter(|units| *units < BEYOND_BELIEF)?.max(0);
        let in_ledger = fulfillable.saturating_sub(figure.remaining?);
        let open = being_submitted.get(sku).copied().unwrap_or_default();
        let holding = Holding {
            fulfillable,
            promised: in_ledger.max(open).max(0),
            safety_stock: safety_stock.get(sku).copied().unwrap_or_default(),
            in_transfer: figure.in_transfer,
        };
        Some((sku.clone(), holding))
    };
    figures.iter().filter_map(holding).collect()
}

/// Returns the safety stock of each Amazon SKU: the largest that an enabled row names, and `default` for rows that name none.
#[must_use]
pub fn safety_stock(mappings: &MappingSet, default: u32) -> BTreeMap<AmazonSku, u32> {
    let mut safety: BTreeMap<AmazonSku, u32> = BTreeMap::new();
    for row in mappings.rows().filter(|row| row.enabled) {
        let most = safety.entry(row.amazon_sku.clone()).or_default();
        *most = row.safety_stock.unwrap_or(default).max(*most);
    }
    safety
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Inbound;
    use crate::domain::mapping::examples::{row, sku};

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn figure(fulfillable: i64, remaining: i64) -> StockFigure {
        StockFigure {
            fulfillable: Some(fulfillable),
            remaining: Some(remaining),
            in_transfer: None,
            inbound: Inbound::default(),
            read_at: noon(),
            updated_at: None,
            is_low: false,
        }
    }

    fn of(figure: StockFigure, being_submitted: i64, safety: u32, now: DateTime<Utc>) -> Option<i64> {
        let lamp = AmazonSku::new("LAMP");
        let found = holdings(
            &BTreeMap::from([(lamp.clone(), figure)]),
            &BTreeMap::from([(lamp.clone(), being_submitted)]),
            &BTreeMap::from([(lamp.clone(), safety)]),
            TimeDelta::days(1),
            now,
        );
        found.get(&lamp).map(Holding::promisable)
    }

    #[test]
    fn the_ledger_and_open_outcomes_are_the_same_units_and_count_once() {
        assert_eq!(of(figure(10, 7), 0, 0, noon()), Some(7));
        assert_eq!(of(figure(10, 7), 2, 0, noon()), Some(7));
        assert_eq!(
            of(figure(10, 10), 2, 0, noon()),
            Some(8),
            "an old promise that is not settled"
        );
        assert_eq!(of(figure(10, 7), 3, 4, noon()), Some(3));
    }

    #[test]
    fn a_safety_stock_larger_than_the_stock_leaves_nothing_and_never_less() {
        assert_eq!(of(figure(2, 2), 0, 5, noon()), Some(0), "E59");
    }

    #[test]
    fn a_figure_that_is_negative_is_nothing_and_one_beyond_belief_is_unknown() {
        assert_eq!(of(figure(-3, 0), 0, 0, noon()), Some(0), "R23");
        assert_eq!(of(figure(1 << 31, 1 << 31), 0, 0, noon()), None, "R23");
    }

    #[test]
    fn an_absent_or_old_figure_is_unknown_and_not_zero() {
        let absent = StockFigure {
            fulfillable: None,
            remaining: None,
            ..figure(0, 0)
        };
        assert_eq!(of(absent, 0, 0, noon()), None, "E51");
        assert_eq!(of(figure(2, 2), 0, 0, noon() + TimeDelta::days(7)), None, "E55");
    }

    #[test]
    fn only_what_is_fulfillable_counts_and_not_what_is_in_transfer() {
        let moving = StockFigure {
            in_transfer: Some(20),
            ..figure(0, 0)
        };
        assert_eq!(of(moving, 0, 0, noon()), Some(0), "E53, E54");
    }

    #[test]
    fn of_several_rows_the_largest_safety_stock_holds_and_disabled_rows_do_not_count() {
        let mut careful = row(sku("1"), "LAMP");
        careful.safety_stock = Some(9);
        careful.enabled = false;
        let mut own = row(sku("2"), "LAMP");
        own.safety_stock = Some(1);
        let set = MappingSet::from_rows([careful, own, row(sku("3"), "LAMP")]).expect("a valid set");
        assert_eq!(safety_stock(&set, 4), BTreeMap::from([(AmazonSku::new("LAMP"), 4)]));
    }
}
