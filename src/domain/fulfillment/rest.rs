//! What Amazon left out of an order that has ended there, and which units at TikTok that is.
//!
//! Only what Amazon itself calls cancelled or unfulfillable counts, never more than no shipment of its holds: the rest and what was
//! sent are what was ordered. Units that TikTok no longer wants stay out. The order is flagged `partly_shipped`, and only a person's word
//! sends them.

use std::collections::BTreeSet;

use super::{FulfillmentItem, FulfillmentOrder, FulfillmentStatus, ShipmentStatus};
use crate::domain::ids::{AmazonSku, LineItemId};
use crate::domain::order::{LineStatus, Order};
use crate::domain::parcel::ItemUnits;

/// What is known of an order of which a part may be left.
#[derive(Debug, Clone, Copy)]
pub struct RestFacts<'a> {
    /// The newest fulfillment order that Amazon took, as it shows it now.
    pub found: &'a FulfillmentOrder,
    /// Which units at TikTok its items stand for.
    pub units: &'a [ItemUnits],
    /// The units at TikTok that parcels of any generation stand for.
    pub travelled: &'a BTreeSet<LineItemId>,
    /// The order, as TikTok shows it now.
    pub order: &'a Order,
}

/// One item that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestItem {
    /// What it is.
    pub sku: AmazonSku,
    /// Units at Amazon, 1 or more.
    pub quantity: u32,
    /// The units at TikTok.
    pub units: ItemUnits,
}

/// Why nothing goes out once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRest {
    /// Amazon still works on it.
    AtWork(FulfillmentStatus),
    /// Amazon calls nothing of it cancelled or unfulfillable, or TikTok wants none of that.
    Nothing,
}

/// Returns what Amazon left out and TikTok still wants.
///
/// # Errors
/// Why there is nothing to send.
pub fn rest(facts: &RestFacts<'_>) -> Result<Vec<RestItem>, NoRest> {
    if is_at_work(facts.found) {
        return Err(NoRest::AtWork(facts.found.status.clone()));
    }
    let items = facts.found.items.iter();
    let left: Vec<RestItem> = items.filter_map(|item| facts.of_item(item)).collect();
    match left.is_empty() {
        true => Err(NoRest::Nothing),
        false => Ok(left),
    }
}

/// Tells whether Amazon says of an order that has ended which units it leaves out.
#[must_use]
pub fn names_a_rest(found: &FulfillmentOrder) -> bool {
    !is_at_work(found) && found.items.iter().any(|item| left_out(found, item) > 0)
}

/// A shipment that is only planned may leave yet, unless the whole order is cancelled.
fn is_at_work(found: &FulfillmentOrder) -> bool {
    let is_open = |status: &ShipmentStatus| matches!(status, ShipmentStatus::Pending | ShipmentStatus::Other(_));
    match found.status {
        FulfillmentStatus::Cancelled => false,
        FulfillmentStatus::Complete
        | FulfillmentStatus::CompletePartialled
        | FulfillmentStatus::Unfulfillable
        | FulfillmentStatus::Invalid => found.shipments.iter().any(|shipment| is_open(&shipment.status)),
        FulfillmentStatus::New
        | FulfillmentStatus::Received
        | FulfillmentStatus::Planning
        | FulfillmentStatus::Processing
        | FulfillmentStatus::Other(_) => true,
    }
}

/// Returns the units of an item that Amazon leaves out. Of an order that it ended as a whole, that is what no shipment holds; where one
/// does not say what is in it, only its own figures count.
fn left_out(found: &FulfillmentOrder, item: &FulfillmentItem) -> u32 {
    let left = found
        .shipments
        .iter()
        .filter(|one| one.status == ShipmentStatus::Shipped);
    let (mut shipped, mut is_known) = (0_u32, true);
    for shipment in left {
        is_known &= !shipment.items.is_empty();
        let units = shipment.items.iter().filter(|held| held.id == item.id);
        shipped = units.fold(shipped, |sum, held| sum.saturating_add(held.quantity));
    }
    let (cancelled, unfulfillable) = (item.cancelled.unwrap_or(0), item.unfulfillable.unwrap_or(0));
    let said = match found.status.is_dead() && is_known {
        true => item.quantity,
        false => cancelled.saturating_add(unfulfillable),
    };
    said.min(item.quantity.saturating_sub(shipped))
}

impl RestFacts<'_> {
    /// Whole units at TikTok that nothing travels of come last. Before them stand those of which a parcel holds a part already: what
    /// they lack goes, too, and their number is told once.
    fn of_item(&self, item: &FulfillmentItem) -> Option<RestItem> {
        let of_item = self.units.iter().find(|units| units.item == item.id)?;
        let per_line = of_item.per_line.max(1);
        let left = left_out(self.found, item);
        let (begun, free) = self.by_travel(of_item, (item.quantity - left).div_ceil(per_line) as usize);
        let free_pieces = per_line.saturating_mul(count(&free)).min(left);
        let wanted: Vec<LineItemId> = free.into_iter().filter(|line| self.awaits_shipment(line)).collect();
        let begun: Vec<LineItemId> = begun.into_iter().filter(|line| self.is_live(line)).collect();
        let lacking = (left - free_pieces).min(per_line.saturating_mul(count(&begun)));
        let whole = per_line.saturating_mul(count(&wanted)).min(free_pieces);
        let quantity = whole.saturating_add(lacking);
        if quantity == 0 {
            return None;
        }
        let incomplete = lacking.div_ceil(per_line) as usize;
        let lines = begun
            .iter()
            .rev()
            .take(incomplete)
            .rev()
            .cloned()
            .chain(wanted)
            .collect();
        Some(RestItem {
            sku: item.sku.clone(),
            quantity,
            units: ItemUnits {
                item: item.id.clone(),
                lines,
                per_line: of_item.per_line,
            },
        })
    }

    /// Parts the units of an item into those that travel, at least so many, the oldest first, and the others.
    fn by_travel(&self, of_item: &ItemUnits, at_least: usize) -> (Vec<LineItemId>, Vec<LineItemId>) {
        let lines = of_item.lines.iter().cloned();
        let (mut begun, mut free): (Vec<_>, Vec<_>) = lines.partition(|line| self.travelled.contains(line));
        let more = at_least.saturating_sub(begun.len()).min(free.len());
        begun.extend(free.drain(..more));
        (begun, free)
    }

    fn status(&self, line: &LineItemId) -> Option<&LineStatus> {
        let mut lines = self.order.line_items.iter();
        lines.find(|one| one.id == *line).map(|one| &one.status)
    }

    fn awaits_shipment(&self, line: &LineItemId) -> bool {
        self.status(line) == Some(&LineStatus::AwaitingShipment)
    }

    fn is_live(&self, line: &LineItemId) -> bool {
        self.status(line).is_some_and(|status| *status != LineStatus::Cancelled)
    }
}

fn count(lines: &[LineItemId]) -> u32 {
    u32::try_from(lines.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
