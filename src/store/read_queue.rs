//! Which fulfillment orders are to be read: those whose status changed, and the share of a sweep over the others. Rows are light:
//! no draft is unsealed for an order that is not read.

use chrono::{DateTime, Utc};

use super::due::DUE;
use super::engine::{Row, Transaction};
use super::steps::write_history;
use super::{Result, Store, optional_time, seconds};
use crate::domain::fulfillment::FulfillmentOrderHead;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::tracking::to_read::OpenOrder;

/// `looked_at` of an order that is to be read before any other.
const AT_ONCE: i64 = 0;

/// When an order was last read, or tried. PostgreSQL takes no other name for it in an order by.
const READ_AT: &str = "CASE WHEN looked_at = 0 THEN 0 ELSE coalesce(max(looked_at, tried_at), looked_at, tried_at) END";

impl Store {
    /// Returns which orders of a page of Amazon's list are ours and must be read: their status is another one and means that
    /// something may have been packed. That goes for those that seemed to have ended, too.
    pub fn changed_among(&self, heads: &[FulfillmentOrderHead]) -> Result<Vec<FulfillmentOrderId>> {
        self.read(|connection| {
            let mut changed = Vec::new();
            for head in heads.iter().filter(|head| !head.status.is_early()) {
                let is_changed: bool = connection
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM fulfillment_orders JOIN orders ON orders.id = order_id
                         WHERE fulfillment_orders.id = ?1 AND outcome = 'accepted' AND CASE WHEN ended_at IS NULL
                             THEN amazon_status IS DISTINCT FROM ?2 OR (CAST(?3 AS BIGINT) IS NOT NULL AND status_updated_at IS DISTINCT FROM ?3)
                             ELSE amazon_status IS DISTINCT FROM ?2 AND life IN ('shipped', 'completed') END)",
                    )?
                    .query_row(
                        (
                            head.id.as_str(),
                            head.status.as_str(),
                            head.status_updated_at.map(seconds),
                        ),
                        |row| row.get(0),
                    )?;
                if is_changed {
                    changed.push(head.id.clone());
                }
            }
            Ok(changed)
        })
    }

    /// Notes what Amazon's list says about orders of ours: those that changed are read next, and the status of one that nothing
    /// was packed of needs no reading now.
    pub fn note_heads(&self, heads: &[FulfillmentOrderHead], now: DateTime<Utc>) -> Result<()> {
        let changed = self.changed_among(heads)?;
        let run = self.run_id();
        self.write(|transaction| {
            for id in &changed {
                transaction
                    .prepare_cached("UPDATE fulfillment_orders SET looked_at = ?2 WHERE id = ?1")?
                    .execute((id.as_str(), AT_ONCE))?;
            }
            for head in heads.iter().filter(|head| head.status.is_early()) {
                note_early(transaction, run, head, now)?;
            }
            Ok(())
        })
    }

    /// Returns the accepted orders that Amazon may still change: the changed ones first, then the longest unread. Those that Amazon
    /// only plans are among them: its list may show hours late that they have left.
    pub fn orders_to_sweep(&self) -> Result<Vec<OpenOrder>> {
        self.open_where(
            &format!(
                "fulfillment_orders.id IN (SELECT id FROM fulfillment_orders WHERE ended_at IS NULL
                     UNION ALL SELECT id FROM fulfillment_orders WHERE looked_at = 0)
                   AND ((ended_at IS NULL AND life IN ('routed', 'shipped', 'cancelling'))
                     OR (ended_at IS NOT NULL AND life IN ('shipped', 'completed')))
                 ORDER BY {READ_AT} IS DISTINCT FROM ?1, coalesce({READ_AT}, 0), {DUE}, fulfillment_orders.id"
            ),
            AT_ONCE,
        )
    }

    /// Returns the orders that have ended at Amazon and of which TikTok got a number since `since`, the longest unread first:
    /// Amazon may still replace a number.
    pub fn ended_orders(&self, since: DateTime<Utc>) -> Result<Vec<OpenOrder>> {
        self.open_where(
            &format!(
                "ended_at IS NOT NULL AND life IN ('shipped', 'completed')
                   AND fulfillment_orders.id IN (SELECT fulfillment_order_id FROM parcels WHERE synced_at > ?1)
                 ORDER BY coalesce({READ_AT}, 0), fulfillment_orders.id"
            ),
            seconds(since),
        )
    }

    /// Notes that reading an order came to nothing: the others are read before it is tried again.
    pub fn note_tried(&self, id: &FulfillmentOrderId, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            transaction
                .prepare_cached("UPDATE fulfillment_orders SET tried_at = ?2 WHERE id = ?1")?
                .execute((id.as_str(), seconds(now)))?;
            Ok(())
        })
    }

    fn open_where(&self, condition: &str, parameter: i64) -> Result<Vec<OpenOrder>> {
        let query = format!(
            "SELECT fulfillment_orders.id, due_at, {READ_AT} AS read_at
             FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE outcome = 'accepted' AND {condition}"
        );
        self.rows(&query, [parameter], read_open)
    }
}

fn note_early(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    head: &FulfillmentOrderHead,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "UPDATE fulfillment_orders SET amazon_status = ?2, status_updated_at = ?3
         WHERE id = ?1 AND outcome = 'accepted' AND ended_at IS NULL AND amazon_status IS DISTINCT FROM ?2 RETURNING order_id",
    )?;
    let updated_at = head.status_updated_at.map(seconds);
    let mut rows = statement.query((head.id.as_str(), head.status.as_str(), updated_at))?;
    if let Some(row) = rows.next()? {
        let order = TiktokOrderId::new(row.get::<_, String>(0)?);
        let text = format!("Amazon's status of {} is {}", head.id, head.status);
        write_history(transaction, run, &order, now, "amazon", &text)?;
    }
    Ok(())
}

fn read_open(row: &Row<'_>) -> rusqlite::Result<OpenOrder> {
    Ok(OpenOrder {
        id: FulfillmentOrderId::new(row.get::<_, String>("id")?),
        is_changed: row.get::<_, Option<i64>>("read_at")? == Some(AT_ONCE),
        looked_at: optional_time(row, "read_at")?,
        due_at: optional_time(row, "due_at")?,
    })
}
