//! Which units of the TikTok order travel in which parcel: chosen once, oldest first, before anything is told.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::intents::item_units;
use super::super::steps::write_history;
use super::super::{Intent, Result, Store};
use super::StoredParcel;
use crate::domain::ids::{FulfillmentItemId, FulfillmentOrderId, LineItemId, TiktokOrderId};
use crate::domain::parcel::{FoundParcel, choose_units};
use crate::store::engine::{Connection, OptionalExtension, Transaction};

impl Store {
    /// Takes units out of a parcel, and of those that bear its number, that TikTok has cancelled since.
    pub fn leave_out(&self, parcel: &StoredParcel, cancelled: &[LineItemId], now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            for line in cancelled {
                transaction.execute(
                    "UPDATE parcel_lines SET is_left_out = 1
                     WHERE line_item_id = ?2 AND parcel_id IN (SELECT id FROM parcels WHERE order_id = ?1)",
                    (parcel.order.as_str(), line.as_str()),
                )?;
            }
            let text = format!("{} cancelled units are left out of a parcel", cancelled.len());
            write_history(transaction, run, &parcel.order, now, "tracking", &text)
        })
    }

    /// Gathers all units of a parcel's products in it, because TikTok takes one number for all units of a product. Parcels that
    /// are left without units hold further pieces: their numbers are only noted.
    pub fn gather_units(&self, parcel: &StoredParcel, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            let same_products = "SELECT id FROM line_items WHERE order_id = ?2 AND status NOT IN ('CANCELLED', 'CANCEL')
                 AND sku_id IN (SELECT sku_id FROM line_items JOIN parcel_lines ON line_item_id = line_items.id
                     WHERE order_id = ?2 AND parcel_id = ?1)";
            let order = parcel.order.as_str();
            transaction.execute(
                &format!(
                    "DELETE FROM parcel_lines WHERE is_left_out = 0 AND line_item_id IN ({same_products})
                       AND parcel_id IN (SELECT id FROM parcels WHERE order_id = ?2 AND id <> ?1 AND state IN ('waiting', 'ready'))"
                ),
                (parcel.id, order),
            )?;
            transaction.execute(
                &format!(
                    "INSERT INTO parcel_lines (parcel_id, line_item_id) SELECT ?1, id FROM ({same_products})
                     WHERE id NOT IN (SELECT line_item_id FROM parcel_lines JOIN parcels ON parcels.id = parcel_id WHERE order_id = ?2)"
                ),
                (parcel.id, order),
            )?;
            transaction.execute(
                "UPDATE parcels SET state = 'further_piece' WHERE order_id = ?1 AND state IN ('waiting', 'ready')
                   AND EXISTS (SELECT 1 FROM parcel_items WHERE parcel_id = parcels.id)
                   AND NOT EXISTS (SELECT 1 FROM parcel_lines WHERE parcel_id = parcels.id AND is_left_out = 0)",
                [order],
            )?;
            let text = "TikTok takes one number for all units of a product; the numbers of further boxes are only noted here";
            write_history(transaction, run, &parcel.order, now, "tracking", text)
        })
    }
}

impl Store {
    /// Returns the units of an order that a parcel stands for.
    pub fn travelled_units(&self, order: &TiktokOrderId) -> Result<BTreeSet<LineItemId>> {
        self.read(|connection| taken_lines(connection, order))
    }
}

/// Gives the units of a parcel back whose contents Amazon has changed before anything was told of it: they are chosen anew.
pub(super) fn release_changed(transaction: &Transaction<'_>, intent: &Intent, parcel: &FoundParcel) -> Result<()> {
    let untold: Option<i64> = transaction
        .query_row(
            "SELECT id FROM parcels WHERE fulfillment_order_id = ?1 AND shipment_id = ?2 AND package_number = ?3
               AND pushed_number IS NULL",
            (intent.id.as_str(), &parcel.shipment_id, parcel.package_number),
            |row| row.get(0),
        )
        .optional()?;
    let Some(id) = untold.filter(|_| !parcel.contents.is_empty()) else {
        return Ok(());
    };
    let mut statement = transaction
        .prepare_cached("SELECT item_id, quantity FROM parcel_items WHERE parcel_id = ?1 ORDER BY item_id")?;
    let known: Vec<(FulfillmentItemId, u32)> = statement
        .query_map([id], |row| {
            Ok((FulfillmentItemId::new(row.get::<_, String>(0)?), row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if !known.is_empty() && known != parcel.contents {
        transaction.execute("DELETE FROM parcel_items WHERE parcel_id = ?1", [id])?;
        transaction.execute("DELETE FROM parcel_lines WHERE parcel_id = ?1", [id])?;
        transaction.execute("UPDATE parcels SET state = 'waiting' WHERE id = ?1", [id])?;
    }
    Ok(())
}

/// Chooses the units once, as soon as the contents are known; the choice never changes once something was told.
pub(super) fn choose_lines(
    transaction: &Transaction<'_>,
    intent: &Intent,
    id: i64,
    parcel: &FoundParcel,
) -> Result<()> {
    let is_chosen: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM parcel_items WHERE parcel_id = ?1)",
        [id],
        |row| row.get(0),
    )?;
    if is_chosen || parcel.contents.is_empty() {
        return Ok(());
    }
    let units = item_units(transaction, &intent.id)?;
    let taken = taken_lines(transaction, &intent.order)?;
    let covered: Vec<(FulfillmentItemId, u32)> = covered_units(transaction, &intent.id)?;
    let covered_of = |item: &FulfillmentItemId| {
        covered
            .iter()
            .find(|(known, _)| known == item)
            .map_or(0, |(_, units)| *units)
    };
    let lines = choose_units(&parcel.contents, &units, covered_of, &taken);
    for (item, quantity) in &parcel.contents {
        transaction.execute(
            "INSERT INTO parcel_items (parcel_id, item_id, quantity) VALUES (?1, ?2, ?3)
             ON CONFLICT (parcel_id, item_id) DO UPDATE SET quantity = parcel_items.quantity + excluded.quantity",
            (id, item.as_str(), quantity),
        )?;
    }
    for line in lines {
        transaction.execute(
            "INSERT INTO parcel_lines (parcel_id, line_item_id) VALUES (?1, ?2)",
            (id, line.as_str()),
        )?;
    }
    Ok(())
}

fn covered_units(connection: &Connection, id: &FulfillmentOrderId) -> Result<Vec<(FulfillmentItemId, u32)>> {
    let mut statement = connection.prepare_cached(
        "SELECT item_id, sum(quantity) FROM parcel_items JOIN parcels ON parcels.id = parcel_id
         WHERE fulfillment_order_id = ?1 GROUP BY item_id",
    )?;
    let rows = statement.query_map([id.as_str()], |row| {
        Ok((FulfillmentItemId::new(row.get::<_, String>(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn taken_lines(connection: &Connection, order: &TiktokOrderId) -> Result<BTreeSet<LineItemId>> {
    let mut statement = connection.prepare_cached(
        "SELECT line_item_id FROM parcel_lines JOIN parcels ON parcels.id = parcel_id WHERE order_id = ?1",
    )?;
    let rows = statement.query_map([order.as_str()], |row| row.get::<_, String>(0).map(LineItemId::new))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
