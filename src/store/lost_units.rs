//! Units that TikTok cancelled and that Amazon was sent all the same.

use super::engine::Row;
use super::kinds::update_kind;
use super::{Result, Store};
use crate::domain::fulfillment::FulfillmentStatus;
use crate::domain::ids::{FulfillmentOrderId, LineItemId, TiktokOrderId};
use crate::domain::part_cancellation::{CancelledUnit, Facts};

impl Store {
    /// Returns the orders under way of which TikTok cancelled a part, and not the whole.
    pub fn part_cancelled(&self) -> Result<Vec<Facts>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT orders.id AS order_id, sent.id AS sent_id, sent.amazon_status, coalesce(seller_sku, sku_id) AS sku,
                     (SELECT max(parcels.id) FROM parcel_lines JOIN parcels ON parcels.id = parcel_id
                         WHERE fulfillment_order_id = sent.id AND parcel_lines.line_item_id = line_items.id AND shipped_at IS NOT NULL) AS parcel,
                     (SELECT max(tracking_number) FROM parcel_lines JOIN parcels ON parcels.id = parcel_id
                         WHERE fulfillment_order_id = sent.id AND parcel_lines.line_item_id = line_items.id) AS number
                 FROM orders JOIN fulfillment_orders AS sent ON sent.order_id = orders.id AND outcome = 'accepted'
                 JOIN line_items ON line_items.order_id = orders.id AND line_items.status = 'CANCELLED'
                 WHERE life IN ('routed', 'shipped', 'cancelling') AND tiktok_status <> 'CANCELLED'
                   AND generation = (SELECT max(holds.generation) FROM fulfillment_orders AS holds
                       JOIN fulfillment_item_lines AS line ON line.fulfillment_order_id = holds.id
                       WHERE holds.order_id = orders.id AND holds.outcome = 'accepted' AND line.line_item_id = line_items.id)
                 ORDER BY orders.id, generation, line_items.id",
            )?;
            let rows = statement.query_map([], read_unit)?;
            let mut found: Vec<Facts> = Vec::new();
            for row in rows {
                let facts = row?;
                match found.last_mut() {
                    Some(last) if last.fulfillment_order == facts.fulfillment_order => last.units.extend(facts.units),
                    Some(_) | None => found.push(facts),
                }
            }
            Ok(found)
        })
    }

    /// Notes that TikTok's finished cancellation names these units: the list of orders may not show it yet.
    pub fn note_cancelled_units(&self, order: &TiktokOrderId, units: &[LineItemId]) -> Result<()> {
        self.write(|transaction| {
            for unit in units {
                transaction.execute(
                    "UPDATE line_items SET status = 'CANCELLED' WHERE order_id = ?1 AND id = ?2",
                    (order.as_str(), unit.as_str()),
                )?;
            }
            update_kind(transaction, order)
        })
    }
}

fn read_unit(row: &Row<'_>) -> rusqlite::Result<Facts> {
    let status: Option<String> = row.get("amazon_status")?;
    Ok(Facts {
        order: TiktokOrderId::new(row.get::<_, String>("order_id")?),
        fulfillment_order: FulfillmentOrderId::new(row.get::<_, String>("sent_id")?),
        amazon_status: status.map(|word| FulfillmentStatus::read(&word)),
        units: vec![CancelledUnit {
            sku: row.get("sku")?,
            has_left: row.get::<_, Option<i64>>("parcel")?.is_some(),
            number: row.get("number")?,
        }],
    })
}
