//! What happened to one order: its units, notes, sends and calls, for its report. Reads only.

use chrono::{DateTime, Utc};

use super::engine::Row;
use super::list;
use super::overview::count;
use super::{HistoryEntry, Result, Store, optional_time, time};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};

/// One unit of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// The unit.
    pub line_item_id: String,
    /// The listing.
    pub product_id: String,
    /// The variant.
    pub sku_id: String,
    /// The seller's SKU text at TikTok.
    pub seller_sku: Option<String>,
    /// The listing's name.
    pub product_name: Option<String>,
    /// TikTok's own word.
    pub status: String,
    /// The SKU that stands for it at Amazon, with units; several for a bundle.
    pub amazon_items: Vec<(String, u32)>,
}

/// A fulfillment order that was meant for Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Our id at Amazon.
    pub id: FulfillmentOrderId,
    /// How certain it is that Amazon has it.
    pub outcome: String,
    /// When it was committed.
    pub intended_at: DateTime<Utc>,
    /// Sends so far.
    pub attempts: u32,
    /// The last send.
    pub attempted_at: Option<DateTime<Utc>>,
}

/// One API call that was made for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEntry {
    /// Its number in the log of calls.
    pub id: i64,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// Who was called.
    pub peer: String,
    /// The vendor's name of the operation.
    pub operation: String,
    /// How the sending ended: `answered`, `not_sent`, `unknown`.
    pub outcome: String,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The vendor's own code.
    pub code: Option<String>,
    /// The vendor's id of the request.
    pub request_id: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Store {
    /// Returns the units of an order, with what stands for them at Amazon.
    pub fn item_rows(&self, order: &TiktokOrderId) -> Result<Vec<ItemRow>> {
        self.read(|connection| {
            let items = list(
                connection,
                "SELECT * FROM line_items WHERE order_id = ?1 ORDER BY position, id",
                [order.as_str()],
                read_item,
            )?;
            let of_line = "SELECT items.sku, items.per_line FROM fulfillment_item_lines AS lines
                 JOIN fulfillment_items AS items ON items.fulfillment_order_id = lines.fulfillment_order_id AND items.id = lines.item_id
                 WHERE lines.line_item_id = ?1 AND lines.fulfillment_order_id =
                       (SELECT id FROM fulfillment_orders WHERE order_id = ?2 ORDER BY generation DESC LIMIT 1)
                 ORDER BY items.position";
            items
                .into_iter()
                .map(|mut item: ItemRow| {
                    let key = (item.line_item_id.as_str(), order.as_str());
                    item.amazon_items = list(connection, of_line, key, |row| Ok((row.get(0)?, row.get(1)?)))?;
                    Ok(item)
                })
                .collect()
        })
    }

    /// Returns what was noted about an order, oldest first.
    pub fn history_rows(&self, order: &TiktokOrderId) -> Result<Vec<HistoryEntry>> {
        self.rows(
            "SELECT * FROM history WHERE order_id = ?1 ORDER BY id",
            [order.as_str()],
            |row| {
                Ok(HistoryEntry {
                    at: time(row, "at")?,
                    after_call: row.get("after_call")?,
                    kind: row.get("kind")?,
                    from: row.get("from_state")?,
                    to: row.get("to_state")?,
                    text: row.get("text")?,
                })
            },
        )
    }

    /// Returns the fulfillment orders that were meant for Amazon, oldest first.
    pub fn intent_rows(&self, order: &TiktokOrderId) -> Result<Vec<IntentRow>> {
        self.rows(
            "SELECT id, outcome, intended_at, attempts, attempted_at FROM fulfillment_orders WHERE order_id = ?1 ORDER BY generation",
            [order.as_str()],
            |row| {
                Ok(IntentRow {
                    id: FulfillmentOrderId::new(row.get::<_, String>("id")?),
                    outcome: row.get("outcome")?,
                    intended_at: time(row, "intended_at")?,
                    attempts: row.get("attempts")?,
                    attempted_at: optional_time(row, "attempted_at")?,
                })
            },
        )
    }

    /// Returns how many calls for an order `purge` has dropped since.
    pub fn calls_dropped(&self, order: &TiktokOrderId) -> Result<u64> {
        let query = "SELECT coalesce((SELECT calls FROM dropped_of_orders WHERE order_id = ?1), 0)";
        self.one(query, [order.as_str()], |row| count(row, 0))
    }

    /// Returns the API calls that were made for an order, oldest first.
    pub fn call_rows(&self, order: &TiktokOrderId) -> Result<Vec<CallEntry>> {
        self.rows(
            "SELECT * FROM api_calls WHERE order_id = ?1 ORDER BY id",
            [order.as_str()],
            |row| {
                Ok(CallEntry {
                    id: row.get("id")?,
                    at: time(row, "at")?,
                    peer: row.get("peer")?,
                    operation: row.get("operation")?,
                    outcome: row.get("outcome")?,
                    status: row.get("status")?,
                    code: row.get("code")?,
                    request_id: row.get("request_id")?,
                    duration_ms: count(row, "duration_ms")?,
                })
            },
        )
    }
}

fn read_item(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        line_item_id: row.get("id")?,
        product_id: row.get("product_id")?,
        sku_id: row.get("sku_id")?,
        seller_sku: row.get("seller_sku")?,
        product_name: row.get("product_name")?,
        status: row.get("status")?,
        amazon_items: Vec::new(),
    })
}
