//! What is known when orders are decided: the mappings, near matches of what they lack, and the units that may be promised.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fulfillment::Draft;
use crate::domain::ids::{AmazonSku, SellerSku};
use crate::domain::mapping::MappingSet;

/// What is known when orders are decided.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The mappings that the orders may ask for.
    pub mappings: MappingSet,
    /// Mapped seller SKUs that a person may have meant where the mappings lack one. For sentences only.
    pub suggestions: BTreeMap<SellerSku, Vec<String>>,
    /// Seller SKUs without a mapping that are SKUs at Amazon, letter by letter. For the command that maps them only.
    pub namesakes: BTreeSet<AmazonSku>,
    /// The units that may be promised.
    pub stock: Stock,
    /// Whether Amazon's figures could be read. If not, nothing is sent and nothing is called short.
    pub is_stock_read: bool,
}

/// Units that may still be promised. A SKU that is not in it is unknown, which is neither zero nor enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock {
    units: BTreeMap<AmazonSku, i64>,
    in_transfer: BTreeMap<AmazonSku, i64>,
}

impl Stock {
    /// Notes the units that may be promised of a SKU.
    pub fn set(&mut self, sku: AmazonSku, units: i64) {
        self.units.insert(sku, units.max(0));
    }

    /// Notes the units of a SKU that are on their way between fulfillment centers. They can't be promised; people are told of them.
    pub fn set_in_transfer(&mut self, sku: AmazonSku, units: i64) {
        self.in_transfer.insert(sku, units);
    }

    /// Returns the units that may be promised; `None` when they are not known.
    #[must_use]
    pub fn of(&self, sku: &AmazonSku) -> Option<i64> {
        self.units.get(sku).copied()
    }

    /// Returns the units between fulfillment centers, where there are some.
    pub(super) fn in_transfer(&self, sku: &AmazonSku) -> Option<i64> {
        self.in_transfer.get(sku).copied().filter(|units| *units > 0)
    }

    /// Takes units off.
    pub fn take(&mut self, units: &Units) {
        self.change(units, -1);
    }

    /// Gives back what a route took, when it turns out that it is not sent.
    pub fn give_back(&mut self, units: &Units) {
        self.change(units, 1);
    }

    fn change(&mut self, units: &Units, sign: i64) {
        for (sku, quantity) in &units.0 {
            if let Some(known) = self.units.get_mut(sku) {
                *known += sign * quantity;
            }
        }
    }
}

/// The units of each SKU that one fulfillment order takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units(BTreeMap<AmazonSku, i64>);

impl Units {
    /// Adds up the units of a draft.
    #[must_use]
    pub fn of(draft: &Draft) -> Self {
        let mut units = Self::default();
        for item in &draft.items {
            *units.0.entry(item.sku.clone()).or_default() += i64::from(item.quantity);
        }
        units
    }

    /// Returns the units of one SKU.
    pub(super) fn of_sku(&self, sku: &AmazonSku) -> i64 {
        self.0.get(sku).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lamp() -> AmazonSku {
        AmazonSku::new("AMZ-LAMP")
    }

    #[test]
    fn what_an_order_takes_is_gone_until_it_is_given_back_and_nothing_unknown_becomes_known() {
        let units = Units(BTreeMap::from([(lamp(), 2), (AmazonSku::new("AMZ-OTHER"), 1)]));
        let mut stock = Stock::default();
        stock.set(lamp(), 5);
        stock.take(&units);
        assert_eq!(stock.of(&lamp()), Some(3), "E52");
        stock.give_back(&units);
        assert_eq!(stock.of(&lamp()), Some(5));
        assert_eq!(stock.of(&AmazonSku::new("AMZ-OTHER")), None, "E51");
    }

    #[test]
    fn people_hear_of_units_in_transfer_only_where_there_are_some_e53() {
        let mut stock = Stock::default();
        for (units, told) in [(-1, None), (0, None), (1, Some(1))] {
            stock.set_in_transfer(lamp(), units);
            assert_eq!(stock.in_transfer(&lamp()), told, "E53: {units}");
        }
    }
}
