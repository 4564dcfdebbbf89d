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
        let parcel: i64 = transaction.query_row(
            "INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, tracking_number,
                 shipped_at, found_at, state)
             VALUES (?1, 'TTS-' || ?1, 'S-' || ?2, 1, 'UPS', ?2, ?3, ?3, 'ready') RETURNING id",
            (order.as_str(), number, seconds(shipped_at)),
            |row| row.get(0),
        )?;
        transaction.execute(
            "INSERT INTO parcel_lines (parcel_id, line_item_id) VALUES (?1, ?2)",
            (parcel, line),
        )?;
        transaction.execute(
            "UPDATE parcels SET state = 'synced', provider_name = 'UPS', synced_at = ?2 WHERE id = ?1 AND CAST(?2 AS BIGINT) IS NOT NULL",
            (parcel, synced_at.map(seconds)),
        )?;
        Ok(())
    });
    stored.expect("a parcel");
}
