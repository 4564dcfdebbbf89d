//! TikTok's deadlines in the form of the JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::order::Deadlines;

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
}

impl From<&Deadlines> for DeadlineDetail {
    fn from(deadlines: &Deadlines) -> Self {
        Self {
            ship_by: deadlines.ship_by,
            scanned_by: deadlines.scanned_by,
            cancelled_unless_shipped_by: deadlines.cancelled_unless_shipped_by,
            cancelled_unless_scanned_by: deadlines.cancelled_unless_scanned_by,
        }
    }
}
