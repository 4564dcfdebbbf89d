//! Counts and durations for `mcf metrics` and the page. Reads only.

use chrono::{DateTime, Utc};

use super::overview::count;
use super::{Result, Store, instant, seconds};
use crate::domain::flag::{Detail, Reason};
use crate::domain::ids::TiktokOrderId;

/// How many orders came how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderTally {
    /// All that were ever seen, not eligible ones included.
    pub detected: u64,
    /// Those that Amazon ever accepted.
    pub routed: u64,
    /// Those that are flagged now, and those that the operator dismissed after they had been flagged.
    pub failed: u64,
    /// Those of the flagged ones that merely wait: no flag of theirs says more.
    pub waiting: u64,
    /// Those that Amazon accepted and that have not failed.
    pub succeeded: u64,
}

/// The calls of one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallTally {
    /// Who was called.
    pub peer: String,
    /// The vendor's name of the operation.
    pub operation: String,
    /// Calls that did not end well: not sent, an HTTP status of 400 and above, or TikTok's own code other than 0.
    pub errors: u64,
    /// Calls of which nobody knows whether they were carried out.
    pub unknown: u64,
    /// The duration of every call in milliseconds, shortest first.
    pub durations_ms: Vec<i64>,
}

/// The order that waits longest to be routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldestOrder {
    /// The order.
    pub id: TiktokOrderId,
    /// When it was paid; where TikTok does not say, when it was first seen.
    pub since: DateTime<Utc>,
}

/// The orders of one day in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTally {
    /// E.g. `2026-01-05`.
    pub day: String,
    /// Orders first seen on that day.
    pub detected: u64,
    /// Those of them that Amazon has accepted since.
    pub routed: u64,
}

impl Store {
    /// Counts the orders for the metrics.
    pub fn order_tally(&self) -> Result<OrderTally> {
        let waits = Detail::ALL.iter().filter(|detail| detail.merely_waits());
        let waits: Vec<String> = waits.map(|detail| format!("'{detail}'")).collect();
        let query = format!(
            "WITH judged AS (
                 SELECT EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND accepted_at IS NOT NULL) AS routed,
                        state = 'flagged' OR (state = 'dismissed'
                            AND EXISTS (SELECT 1 FROM history WHERE order_id = orders.id AND to_state = 'flagged')) AS failed,
                        state = 'flagged' AND EXISTS (SELECT 1 FROM flags WHERE order_id = orders.id)
                            AND NOT EXISTS (SELECT 1 FROM flags WHERE order_id = orders.id AND detail NOT IN ({})) AS waits
                 FROM orders)
             SELECT count(*), coalesce(sum(routed), 0), coalesce(sum(failed), 0), coalesce(sum(routed AND NOT failed), 0), coalesce(sum(waits), 0) FROM judged",
            waits.join(", ")
        );
        let rows = self.rows(&query, [], |row| {
            Ok(OrderTally {
                detected: count(row, 0)?,
                routed: count(row, 1)?,
                failed: count(row, 2)?,
                succeeded: count(row, 3)?,
                waiting: count(row, 4)?,
            })
        })?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// Returns the seconds from paid to first accepted of every routed order, shortest first.
    pub fn routing_seconds(&self) -> Result<Vec<i64>> {
        self.rows(
            "SELECT max(0, min(accepted_at) - paid_at) AS took FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE accepted_at IS NOT NULL AND paid_at IS NOT NULL GROUP BY order_id ORDER BY took",
            [],
            |row| row.get(0),
        )
    }

    /// Returns the seconds from shipped to synced of every parcel that has both, shortest first.
    pub fn tracking_seconds(&self) -> Result<Vec<i64>> {
        self.rows(
            "SELECT max(0, synced_at - shipped_at) AS took FROM parcels
             WHERE synced_at IS NOT NULL AND shipped_at IS NOT NULL ORDER BY took",
            [],
            |row| row.get(0),
        )
    }

    /// Counts the parcels whose number TikTok has.
    pub fn trackings_synced(&self) -> Result<u64> {
        let rows = self.rows("SELECT count(*) FROM parcels WHERE synced_at IS NOT NULL", [], |row| {
            count(row, 0)
        })?;
        Ok(rows.into_iter().next().unwrap_or(0))
    }

    /// Returns the calls of every operation.
    pub fn call_tallies(&self) -> Result<Vec<CallTally>> {
        let calls: Vec<(String, String, bool, bool, i64)> = self.rows(
            "SELECT peer, operation, outcome = 'unknown',
                    outcome = 'not_sent' OR coalesce(status, 0) >= 400
                        OR (peer = 'tiktok' AND outcome = 'answered' AND coalesce(code, '0') <> '0'),
                    duration_ms
             FROM api_calls ORDER BY peer, operation, duration_ms",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )?;
        let mut tallies: Vec<CallTally> = Vec::new();
        for (peer, operation, is_unknown, is_error, duration) in calls {
            if tallies
                .last()
                .is_none_or(|last| last.peer != peer || last.operation != operation)
            {
                tallies.push(CallTally {
                    peer,
                    operation,
                    ..CallTally::default()
                });
            }
            if let Some(tally) = tallies.last_mut() {
                tally.unknown += u64::from(is_unknown);
                tally.errors += u64::from(is_error);
                tally.durations_ms.push(duration);
            }
        }
        Ok(tallies)
    }

    /// Returns the paid order that waits longest for Amazon to accept it.
    pub fn oldest_unrouted(&self) -> Result<Option<OldestOrder>> {
        let rows = self.rows(
            "SELECT id, coalesce(paid_at, detected_at) AS since FROM orders
             WHERE state IN ('detected', 'waiting', 'ready', 'submitting', 'flagged') AND tiktok_status NOT IN ('UNPAID', 'CANCELLED')
               AND NOT EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND outcome = 'accepted')
             ORDER BY since, id LIMIT 1",
            [],
            |row| {
                Ok(OldestOrder {
                    id: TiktokOrderId::new(row.get::<_, String>(0)?),
                    since: instant(row.get(1)?),
                })
            },
        )?;
        Ok(rows.into_iter().next())
    }

    /// Counts the flags that hold now, for every reason.
    pub fn flag_counts(&self) -> Result<Vec<(Reason, u64)>> {
        let found: Vec<(String, u64)> = self.rows("SELECT reason, count(*) FROM flags GROUP BY reason", [], |row| {
            Ok((row.get(0)?, count(row, 1)?))
        })?;
        let count = |reason: Reason| found.iter().find(|(word, _)| word == reason.as_str());
        Ok(Reason::ALL
            .into_iter()
            .map(|reason| (reason, count(reason).map_or(0, |(_, count)| *count)))
            .collect())
    }

    /// Counts the orders of each day since `since`, oldest first. Days without orders are left out.
    pub fn orders_per_day(&self, since: DateTime<Utc>) -> Result<Vec<DayTally>> {
        self.rows(
            "SELECT date(detected_at, 'unixepoch') AS day, count(*),
                    sum(EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND accepted_at IS NOT NULL))
             FROM orders WHERE detected_at >= ?1 GROUP BY day ORDER BY day",
            [seconds(since)],
            |row| {
                Ok(DayTally {
                    day: row.get(0)?,
                    detected: count(row, 1)?,
                    routed: count(row, 2)?,
                })
            },
        )
    }
}
