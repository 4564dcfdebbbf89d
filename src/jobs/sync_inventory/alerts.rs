//! Low stock, told once on the way down and once on the way up.

use crate::domain::inventory::alert;
use crate::domain::mapping::MappingSet;
use crate::jobs::{Error, Session};

/// Compares what is left of each mapped SKU with its threshold, and returns how many are low.
pub(super) fn alert(session: &Session, mappings: &MappingSet) -> Result<usize, Error> {
    let (now, mut low) = (session.now(), 0);
    for (sku, figure) in session.store.stock()? {
        let is_mapped = mappings.rows().any(|row| row.enabled && row.amazon_sku == sku);
        let Some(units) = figure.remaining.filter(|_| is_mapped) else {
            continue;
        };
        let threshold = i64::from(session.settings.inventory.threshold(&sku));
        let changed = alert::changed(units, threshold, figure.is_low);
        low += usize::from(changed.unwrap_or(figure.is_low));
        if let Some(is_low) = changed {
            let event = alert::event(&sku, is_low, units, threshold);
            session.store.tell_stock(&sku, is_low, &event, now)?;
        }
    }
    Ok(low)
}
