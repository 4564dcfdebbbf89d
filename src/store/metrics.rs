//! Counts and durations for `mcf metrics` and the page. Reads only.
//!
//! Without a first instant they come from totals that triggers keep (`migrations/0022`) and that never fall; with one from the rows
//! themselves, as far back as these are kept.

use chrono::{DateTime, Utc};

use super::engine::{Row, params};
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
    /// How long they took, in milliseconds, shortest first.
    pub durations_ms: Vec<Durations>,
}

/// Durations up to one end. Seconds or milliseconds, as their list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durations {
    /// The longest that counts here.
    pub up_to: i64,
    /// How many there were.
    pub count: u64,
    /// Their sum.
    pub sum: i64,
    /// The longest that was measured.
    pub longest: i64,
}

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timed {
    /// Each order from paid to first accepted by Amazon.
    Routing,
    /// Each parcel from shipped by Amazon to its number taken by TikTok.
    Tracking,
}

impl Timed {
    fn as_str(self) -> &'static str {
        match self {
            Self::Routing => "routing",
            Self::Tracking => "tracking",
        }
    }
}

/// The order that waits longest to be routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldestOrder {
    /// The order.
    pub id: TiktokOrderId,
    /// When it was paid; where TikTok does not say, when it was first seen.
    pub since: DateTime<Utc>,
}

impl Store {
    /// Counts the orders for the metrics: all, or those first seen since an instant.
    pub fn order_tally(&self, since: Option<DateTime<Utc>>) -> Result<OrderTally> {
        let (detected, routed) = match since {
            None => (self.total("orders_detected")?, self.total("orders_routed")?),
            Some(since) => self.seen_since(since)?,
        };
        let (failed, failed_later, waiting) = self.failed(since)?;
        Ok(OrderTally {
            detected,
            routed,
            failed,
            succeeded: routed.saturating_sub(failed_later),
            waiting,
        })
    }

    fn total(&self, what: &str) -> Result<u64> {
        self.one("SELECT total FROM totals WHERE what = ?1", [what], |row| count(row, 0))
    }

    fn seen_since(&self, since: DateTime<Utc>) -> Result<(u64, u64)> {
        self.one(
            "SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND accepted_at IS NOT NULL)), 0)
             FROM orders WHERE detected_at >= ?1",
            [seconds(since)],
            |row| Ok((count(row, 0)?, count(row, 1)?)),
        )
    }

    /// The orders that have failed, those of them that Amazon had accepted before, and those that merely wait.
    fn failed(&self, since: Option<DateTime<Utc>>) -> Result<(u64, u64, u64)> {
        let waits = Detail::ALL.iter().filter(|detail| detail.merely_waits());
        let waits: Vec<String> = waits.map(|detail| format!("'{detail}'")).collect();
        let query = format!(
            "SELECT count(*),
                    coalesce(sum(EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND accepted_at IS NOT NULL)), 0),
                    coalesce(sum(state = 'flagged' AND EXISTS (SELECT 1 FROM flags WHERE order_id = orders.id)
                        AND NOT EXISTS (SELECT 1 FROM flags WHERE order_id = orders.id AND detail NOT IN ({}))), 0)
             FROM orders WHERE state IN ('flagged', 'dismissed') AND detected_at >= ?1
               AND (state = 'flagged' OR EXISTS (SELECT 1 FROM history WHERE order_id = orders.id AND to_state = 'flagged'))",
            waits.join(", ")
        );
        self.one(&query, [since.map_or(i64::MIN, seconds)], |row| {
            Ok((count(row, 0)?, count(row, 1)?, count(row, 2)?))
        })
    }

    /// Returns how long something took, in seconds, shortest first: ever, or where it ended since an instant.
    pub fn durations(&self, timed: Timed, since: Option<DateTime<Utc>>) -> Result<Vec<Durations>> {
        let what = timed.as_str();
        let read = |row: &Row<'_>| durations(row, 0);
        match since {
            None => self.rows(
                "SELECT up_to, total, sum, longest FROM latency_totals WHERE what = ?1 ORDER BY up_to",
                [what],
                read,
            ),
            Some(since) => self.rows(
                "SELECT up_to, count(*), sum(took), max(took) FROM latencies WHERE what = ?1 AND at >= ?2 GROUP BY up_to ORDER BY up_to",
                params![what, seconds(since)],
                read,
            ),
        }
    }

    /// Counts the parcels whose number TikTok took: ever, or since an instant.
    pub fn trackings_synced(&self, since: Option<DateTime<Utc>>) -> Result<u64> {
        match since {
            None => self.total("trackings_synced"),
            Some(since) => self.one(
                "SELECT count(*) FROM parcels WHERE synced_at >= ?1",
                [seconds(since)],
                |row| count(row, 0),
            ),
        }
    }

    /// Returns the calls of every operation: ever, or since an instant.
    pub fn call_tallies(&self, since: Option<DateTime<Utc>>) -> Result<Vec<CallTally>> {
        let read = |row: &Row<'_>| {
            Ok(CallTally {
                peer: row.get(0)?,
                operation: row.get(1)?,
                errors: count(row, 2)?,
                unknown: count(row, 3)?,
                durations_ms: vec![durations(row, 4)?],
            })
        };
        let rows = match since {
            None => self.rows(
                "SELECT peer, operation, errors, unknown, up_to_ms, total, sum_ms, longest_ms FROM call_totals
                 ORDER BY peer, operation, up_to_ms",
                [],
                read,
            ),
            Some(since) => self.rows(
                "SELECT peer, operation, sum(is_error), sum(is_unknown), up_to_ms, count(*), sum(duration_ms), max(duration_ms)
                 FROM call_figures WHERE at >= ?1 GROUP BY peer, operation, up_to_ms ORDER BY peer, operation, up_to_ms",
                [seconds(since)],
                read,
            ),
        };
        Ok(by_operation(rows?))
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
}

/// Joins the rows of each operation, which stand together.
fn by_operation(rows: Vec<CallTally>) -> Vec<CallTally> {
    let mut tallies: Vec<CallTally> = Vec::new();
    for row in rows {
        match tallies.last_mut() {
            Some(last) if last.peer == row.peer && last.operation == row.operation => {
                last.errors += row.errors;
                last.unknown += row.unknown;
                last.durations_ms.extend(row.durations_ms);
            }
            Some(_) | None => tallies.push(row),
        }
    }
    tallies
}

fn durations(row: &Row<'_>, from: usize) -> rusqlite::Result<Durations> {
    Ok(Durations {
        up_to: row.get(from)?,
        count: count(row, from + 1)?,
        sum: row.get(from + 2)?,
        longest: row.get(from + 3)?,
    })
}
