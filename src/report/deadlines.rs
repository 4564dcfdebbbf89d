//! TikTok's deadlines in the form of the JSON: those of one order with the speed that was chosen for them, and how many orders are due when.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::deadline::dispatch::Ahead;
use crate::domain::order::Money;
use crate::store::{OrderRow, SpeedRow};

/// TikTok's deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadlineDetail {
    /// Late when not marked shipped by then.
    pub ship_by: Option<DateTime<Utc>>,
    /// Late when not scanned by then.
    pub scanned_by: Option<DateTime<Utc>>,
    /// Cancelled by TikTok when not marked shipped by then.
    pub cancelled_unless_shipped_by: Option<DateTime<Utc>>,
    /// Cancelled by TikTok when not scanned by then.
    pub cancelled_unless_scanned_by: Option<DateTime<Utc>>,
    /// Whether Amazon says that it leaves after its deadline.
    pub at_risk: bool,
}

/// The speed of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpeedDetail {
    /// How fast.
    pub chosen: String,
    /// Why.
    pub because: String,
    /// When its last part leaves at the latest, by Amazon's preview.
    pub latest_ship: Option<DateTime<Utc>>,
    /// When it arrives at the latest, by Amazon's preview.
    pub arrives: Option<DateTime<Utc>>,
    /// What Amazon takes, by its preview.
    pub fees: Option<Money>,
}

impl From<&SpeedRow> for SpeedDetail {
    fn from(row: &SpeedRow) -> Self {
        Self {
            chosen: row.chosen.clone(),
            because: row.because.clone(),
            latest_ship: row.latest_ship_at,
            arrives: row.arrives_at,
            fees: row.fees.clone(),
        }
    }
}

impl From<&OrderRow> for DeadlineDetail {
    fn from(row: &OrderRow) -> Self {
        let deadlines = &row.deadlines;
        Self {
            ship_by: deadlines.ship_by,
            scanned_by: deadlines.scanned_by,
            cancelled_unless_shipped_by: deadlines.cancelled_unless_shipped_by,
            cancelled_unless_scanned_by: deadlines.cancelled_unless_scanned_by,
            at_risk: row.is_at_risk,
        }
    }
}

/// How many open orders are due when, by the days of the shop's region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadlineCounts {
    /// Past their deadline.
    pub late: u64,
    /// Due today; the late ones are not among them.
    pub due_today: u64,
    /// Due tomorrow.
    pub due_tomorrow: u64,
    /// In time so far, and to leave too late by Amazon's own plan.
    pub at_risk: u64,
}

impl From<Ahead> for DeadlineCounts {
    fn from(ahead: Ahead) -> Self {
        Self {
            late: ahead.late,
            due_today: ahead.today,
            due_tomorrow: ahead.tomorrow,
            at_risk: ahead.at_risk,
        }
    }
}

impl DeadlineCounts {
    /// Returns each count with its name for people.
    pub(super) fn cells(&self) -> Vec<Vec<String>> {
        let cells = [
            ("late", self.late),
            ("due today", self.due_today),
            ("due tomorrow", self.due_tomorrow),
            ("at risk", self.at_risk),
        ];
        cells
            .map(|(name, count)| vec![name.to_owned(), count.to_string()])
            .to_vec()
    }
}
