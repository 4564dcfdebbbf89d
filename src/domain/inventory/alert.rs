//! When low stock is told: once on the way down, once on the way up, with a distance in between so that a bounce is silent.

use crate::domain::event::Event;
use crate::domain::ids::AmazonSku;

/// Returns what the state of a SKU becomes, where it changes: `true` is low.
///
/// It is low at or under the threshold, and no longer only above the threshold and a fifth of it.
#[must_use]
pub fn changed(units: i64, threshold: i64, is_low: bool) -> Option<bool> {
    let is_now = if is_low {
        units.saturating_mul(5) <= threshold.saturating_mul(6)
    } else {
        units <= threshold
    };
    (is_now != is_low).then_some(is_now)
}

/// Returns the event of a SKU whose state changed.
#[must_use]
pub fn event(sku: &AmazonSku, is_low: bool, current_stock: i64, threshold: i64) -> Event {
    let sku = sku.clone();
    if is_low {
        Event::InventoryLow {
            sku,
            current_stock,
            threshold,
        }
    } else {
        Event::InventoryRecovered {
            sku,
            current_stock,
            threshold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounce_around_the_threshold_is_told_once() {
        let mut is_low = false;
        let mut told = Vec::new();
        for units in [11, 10, 11, 9, 12, 10, 13, 11, 10] {
            if let Some(change) = changed(units, 10, is_low) {
                is_low = change;
                told.push((units, change));
            }
        }
        assert_eq!(told, [(10, true), (13, false), (10, true)], "E60");
    }

    #[test]
    fn a_small_threshold_needs_one_unit_more_to_recover() {
        assert_eq!(changed(0, 0, false), Some(true));
        assert_eq!(changed(1, 0, true), Some(false));
        assert_eq!(changed(1, 1, true), None);
        assert_eq!(changed(2, 1, true), Some(false));
    }
}
