//! What is to be known before orders are decided: which of their units need a mapping, and which texts no mapping names.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::eligibility::{Eligibility, EligibilityRules, judge};
use crate::domain::ids::SellerSku;
use crate::domain::mapping::{MappingSet, Resolution, resolve};
use crate::domain::order::{LineItem, LineStatus, Order};

/// Returns the units that await shipment: cancelled ones and those already shipped elsewhere stay out.
pub(super) fn to_ship(order: &Order) -> impl Iterator<Item = &LineItem> {
    order
        .line_items
        .iter()
        .filter(|line| line.status == LineStatus::AwaitingShipment)
}

/// Returns the units of the orders whose time has come; the others need neither mapping nor stock.
#[must_use]
pub fn lines_to_send<'a>(
    orders: impl Iterator<Item = &'a Order>,
    rules: &EligibilityRules,
    now: DateTime<Utc>,
) -> Vec<&'a LineItem> {
    let may_go = |order: &&Order| judge(order, rules, now) == Eligibility::Route;
    orders.filter(may_go).flat_map(|order| &order.line_items).collect()
}

/// Returns the seller SKUs of units to be sent that no mapping names.
#[must_use]
pub fn unmapped_texts(lines: &[&LineItem], mappings: &MappingSet) -> BTreeSet<SellerSku> {
    let unmapped = |line: &&LineItem| match resolve(line, mappings) {
        Resolution::NotMapped(missing) => missing.into_iter().filter_map(|missing| missing.seller_sku).collect(),
        Resolution::Mapped(_) | Resolution::Disabled(_) | Resolution::UnusableQuantity(_) => Vec::new(),
    };
    let waiting = lines.iter().filter(|line| line.status == LineStatus::AwaitingShipment);
    waiting.flat_map(unmapped).collect()
}
