//! What is known when orders are decided: the mappings, near matches of what they lack, and the units that may be promised.

use std::collections::BTreeMap;

use crate::domain::fulfillment::{Draft, DraftItem};
use crate::domain::ids::{AmazonSku, SellerSku};
use crate::domain::mapping::MappingSet;

/// What is known when orders are decided.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The mappings that the orders may ask for.
    pub mappings: MappingSet,
    /// Mapped seller SKUs that a person may have meant where the mappings lack one. For sentences only.
    pub suggestions: BTreeMap<SellerSku, Vec<String>>,
    /// The units that may be promised.
    pub stock: Stock,
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

    /// Takes the units of a draft off.
    pub fn take(&mut self, draft: &Draft) {
        for (sku, quantity) in needed(&draft.items) {
            if let Some(units) = self.units.get_mut(&sku) {
                *units -= quantity;
            }
        }
    }

    /// Gives back what a route took, when it turns out that it is not sent.
    pub fn give_back(&mut self, draft: &Draft) {
        for (sku, quantity) in needed(&draft.items) {
            if let Some(units) = self.units.get_mut(&sku) {
                *units += quantity;
            }
        }
    }
}

fn needed(items: &[DraftItem]) -> BTreeMap<AmazonSku, i64> {
    let mut needed = BTreeMap::new();
    for item in items {
        *needed.entry(item.sku.clone()).or_default() += i64::from(item.quantity);
    }
    needed
}
