//! The record of one call: who, what, when, how it ended. It holds nothing that must not be read.

use chrono::{DateTime, Utc};

use super::Operation;

/// How a call ended, as far as the sending goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// An answer came, good or bad.
    Answered,
    /// Nothing was carried out: the request did not leave.
    NotSent,
    /// Nobody knows whether it was carried out.
    Unknown,
}

impl CallOutcome {
    /// Returns the word kept in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }
}

/// What a vendor's answer says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerNote {
    /// The vendor's own code, e.g. `0`, `105002`, `InvalidInput`.
    pub code: Option<String>,
    /// The vendor's id of the request, which its support asks for.
    pub request_id: Option<String>,
}

/// One call, for the log that `mcf status <ORDER_ID>` and `mcf metrics` read.
#[derive(Debug, Clone)]
pub struct CallRecord {
    /// The kind of call.
    pub operation: &'static Operation,
    /// The TikTok order that it was made for, where there is one.
    pub order_id: Option<String>,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds; pacing is not counted.
    pub duration_ms: u64,
    /// How the sending ended.
    pub outcome: CallOutcome,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The vendor's code and request id.
    pub note: AnswerNote,
}
