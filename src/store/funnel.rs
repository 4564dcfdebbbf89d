//! How far orders came, and how many came or failed when. Reads only.

use chrono::{DateTime, Utc};

use super::engine::Row;
use super::order_rows::read_state;
use super::overview::count;
use super::{Result, Store, seconds, time};
use crate::domain::funnel::{Reached, Stage};

/// What left and has no time at which TikTok took its number is not told; a further piece goes by the number of the first.
const REACHED: &str = "
    SELECT state, stage, count(*) AS orders FROM (
        SELECT state, CASE
            WHEN state = 'completed' THEN 4
            WHEN NOT EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND accepted_at IS NOT NULL) THEN 0
            WHEN NOT EXISTS (SELECT 1 FROM parcels WHERE order_id = orders.id AND shipped_at IS NOT NULL) THEN 1
            WHEN EXISTS (SELECT 1 FROM parcels WHERE order_id = orders.id AND shipped_at IS NOT NULL
                AND synced_at IS NULL AND parcels.state <> 'further_piece') THEN 2
            ELSE 3 END AS stage
        FROM orders WHERE detected_at >= ?1) AS orders_by_stage
    GROUP BY stage, state ORDER BY stage, state";

/// Orders of a quarter of an hour: days begin on one in every zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// When it began.
    pub at: DateTime<Utc>,
    /// All of them.
    pub all: u64,
    /// Those of them with which it went well since.
    pub well: u64,
}

impl Store {
    /// Counts the orders first seen since an instant by how far they came and where they stand.
    pub fn reached(&self, since: DateTime<Utc>) -> Result<Vec<Reached>> {
        self.rows(REACHED, [seconds(since)], |row| {
            let stage: u8 = row.get("stage")?;
            Ok(Reached {
                stage: Stage::ALL.get(usize::from(stage)).copied().unwrap_or(Stage::Detected),
                state: read_state(row, "state")?,
                orders: count(row, "orders")?,
            })
        })
    }

    /// Counts the orders by when they were first seen, oldest first, and those of them that Amazon has accepted since.
    pub fn orders_seen(&self, since: DateTime<Utc>) -> Result<Vec<Tally>> {
        self.rows(
            "SELECT detected_at / 900 * 900 AS at, count(*) AS orders,
                    sum(EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND accepted_at IS NOT NULL)) AS well
             FROM orders WHERE detected_at >= ?1 GROUP BY 1 ORDER BY 1",
            [seconds(since)],
            read_tally,
        )
    }

    /// Counts the orders by when they were first flagged since an instant, and those of them that are not flagged any more.
    pub fn orders_failed(&self, since: DateTime<Utc>) -> Result<Vec<Tally>> {
        self.rows(
            "SELECT first / 900 * 900 AS at, count(*) AS orders, sum(is_settled) AS well
             FROM (SELECT min(at) AS first, orders.state <> 'flagged' AS is_settled
                   FROM history JOIN orders ON orders.id = order_id
                   WHERE to_state = 'flagged' AND at >= ?1 GROUP BY order_id, orders.state) AS failures
             GROUP BY 1 ORDER BY 1",
            [seconds(since)],
            read_tally,
        )
    }
}

fn read_tally(row: &Row<'_>) -> rusqlite::Result<Tally> {
    Ok(Tally {
        at: time(row, "at")?,
        all: count(row, "orders")?,
        well: count(row, "well")?,
    })
}
