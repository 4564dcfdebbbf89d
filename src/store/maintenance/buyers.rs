//! Whose buyer is forgotten, and when.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::{Result, Store, list, optional_time, seconds, time};
use super::erase;
use crate::domain::fulfillment::PackageStatus;
use crate::domain::ids::TiktokOrderId;
use crate::domain::retention::{Ended, Way};
use crate::domain::state::State;
use crate::store::engine::{Connection, Row, Transaction, named_params};

/// Orders of which something is still sealed; partial indexes name just these.
const WITH_BUYER: &str = "SELECT id FROM orders WHERE recipient_sealed IS NOT NULL OR tiktok_words_sealed IS NOT NULL
    UNION SELECT order_id FROM fulfillment_orders
        WHERE body_sealed IS NOT NULL OR draft_sealed IS NOT NULL OR words_sealed IS NOT NULL";

impl Store {
    /// Returns the orders whose flags still stand and whose buyer is forgotten within this time, with when, the next one first.
    pub fn evidence_that_goes(
        &self,
        retention: TimeDelta,
        within: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Vec<(DateTime<Utc>, TiktokOrderId)>> {
        self.read(|connection| {
            let flagged = "orders.id IN (SELECT order_id FROM flags)";
            let mut over = over(connection, flagged, now + within - retention, now)?;
            over.iter_mut().for_each(|(at, _)| *at += retention);
            over.sort();
            Ok(over)
        })
    }
}

/// Forgets the buyers of orders that are over since before this instant.
pub(super) fn erase_ended(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    before: DateTime<Utc>,
    most: usize,
    now: DateTime<Utc>,
) -> Result<usize> {
    let mut erased = 0;
    for (_, order) in over(transaction, "TRUE", before, now)?.into_iter().take(most) {
        let why = "buyer data erased after its retention";
        erased += usize::from(erase(transaction, run, &order, why, now)?);
    }
    Ok(erased)
}

/// Returns the orders with a buyer that are over since before this instant, with since when.
fn over(
    connection: &Connection,
    condition: &str,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, TiktokOrderId)>> {
    let ended: Vec<String> = State::ALL
        .into_iter()
        .filter(|state| state.has_ended())
        .map(|state| format!("'{state}'"))
        .collect();
    let query = format!(
        "SELECT orders.id, state_since, CASE WHEN tiktok_status IN ('DELIVERED', 'COMPLETED') THEN orders.updated_at END AS delivered_at,
             whereabouts, whereabouts_at, shipped_at
         FROM orders LEFT JOIN parcels ON parcels.order_id = orders.id
         WHERE orders.id IN ({WITH_BUYER}) AND state_since < :before AND {condition}
             AND (life IN ({0}) OR (orders.state = 'dismissed' AND life NOT IN ('submitting', 'routed', 'shipped', 'cancelling')))
         ORDER BY orders.id",
        ended.join(", ")
    );
    let rows = list(connection, &query, named_params! {":before": seconds(before)}, read)?;
    let mut orders: Vec<(TiktokOrderId, Ended)> = Vec::new();
    for (id, ended) in rows {
        match orders.last_mut() {
            Some((last, known)) if *last == id => known.ways.extend(ended.ways),
            _ => orders.push((id, ended)),
        }
    }
    let over = orders.into_iter().map(|(id, ended)| (ended.over_since(now), id));
    Ok(over.filter(|(at, _)| *at < before).collect())
}

fn read(row: &Row<'_>) -> rusqlite::Result<(TiktokOrderId, Ended)> {
    let status: Option<String> = row.get("whereabouts")?;
    let way = Way {
        status: status.as_deref().map(PackageStatus::read),
        asked_at: optional_time(row, "whereabouts_at")?,
        shipped_at: optional_time(row, "shipped_at")?,
    };
    let ended = Ended {
        at: time(row, "state_since")?,
        delivered_at: optional_time(row, "delivered_at")?,
        ways: vec![way],
    };
    Ok((TiktokOrderId::new(row.get::<_, String>("id")?), ended))
}
