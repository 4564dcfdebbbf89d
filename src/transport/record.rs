//! The record of one call: who, what, when, how it ended. It holds nothing that must not be read.

use std::fmt;

use chrono::{DateTime, Utc};

use super::Operation;
use crate::secret::Private;

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
    /// The vendor's sentence on what it did not do. It may repeat a buyer's address: it is kept sealed with its one order or not at all.
    pub said: Option<Private<String>>,
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

/// What came of it; its ids are fields of a log line.
impl fmt::Display for CallRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation { peer, name, .. } = self.operation;
        write!(formatter, "{} {name}: ", peer.as_str())?;
        match self.status {
            Some(status) => write!(formatter, "{status}")?,
            None => formatter.write_str(self.outcome.as_str())?,
        }
        if let Some(code) = &self.note.code {
            write!(formatter, ", code {code}")?;
        }
        write!(formatter, " ({} ms)", self.duration_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Peer, Rate, Repeat};
    use super::*;

    const OPERATION: Operation = Operation {
        peer: Peer::Tiktok,
        name: "getOrderDetail",
        method: "GET",
        path: "/order/202309/orders",
        rate: Rate {
            per_second: 10.0,
            burst: 10.0,
        },
        repeat: Repeat::Safe,
    };

    #[test]
    fn a_call_is_named_in_one_line() {
        let mut record = CallRecord {
            operation: &OPERATION,
            order_id: Some("576900000000000101".into()),
            at: DateTime::default(),
            duration_ms: 12,
            outcome: CallOutcome::Answered,
            status: Some(200),
            note: AnswerNote {
                code: Some("0".into()),
                request_id: Some("2026".into()),
                said: Some(Private::new("12 Larkspur Lane".into())),
            },
        };
        assert_eq!(record.to_string(), "tiktok getOrderDetail: 200, code 0 (12 ms)");
        (record.status, record.outcome, record.note) = (None, CallOutcome::Unknown, AnswerNote::default());
        assert_eq!(record.to_string(), "tiktok getOrderDetail: unknown (12 ms)");
    }
}
