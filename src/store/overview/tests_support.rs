//! Rows that the tests of the reports need and that no job writes in a unit test.

use super::*;

/// Writes a stock figure.
pub(crate) fn insert_stock(store: &Store, sku: &str, units: Option<i64>, is_low: bool, read_at: DateTime<Utc>) {
    let stored = store.write(|transaction| {
        transaction.execute(
            "INSERT INTO stock_figures (sku, fulfillable, remaining, read_at, is_low) VALUES (?1, ?2, ?2, ?3, ?4)",
            (sku, units, seconds(read_at), is_low),
        )?;
        Ok(())
    });
    stored.expect("a stock figure");
}

/// Writes a parcel of the first fulfillment order of an order, carrying one unit.
pub(crate) fn insert_parcel(
    store: &Store,
    order: &TiktokOrderId,
    number: &str,
    line: &str,
    shipped_at: DateTime<Utc>,
    synced_at: Option<DateTime<Utc>>,
) {
    let stored = store.write(|transaction| {
        transaction.execute(
            "INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, tracking_number,
                 shipped_at, found_at, state, provider_name, synced_at)
             VALUES (?1, 'TTS-' || ?1, 'S-' || ?2, 1, 'UPS', ?2, ?3, ?3, CASE WHEN ?4 IS NULL THEN 'ready' ELSE 'synced' END,
                 CASE WHEN ?4 IS NULL THEN NULL ELSE 'UPS' END, ?4)",
            (order.as_str(), number, seconds(shipped_at), synced_at.map(seconds)),
        )?;
        transaction.execute(
            "INSERT INTO parcel_lines (parcel_id, line_item_id) VALUES (?1, ?2)",
            (transaction.last_insert_rowid(), line),
        )?;
        Ok(())
    });
    stored.expect("a parcel");
}
