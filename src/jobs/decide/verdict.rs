//! A decision that sends nothing, as it is stored and shown.

use chrono::{DateTime, Utc};

use crate::domain::decision::Decision;
use crate::domain::eligibility::explain;
use crate::domain::flag::Flag;
use crate::domain::state::Step;

/// A decision that sends nothing, as it is stored.
pub(super) struct Verdict {
    pub(super) step: Step,
    pub(super) detail: Option<String>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) flags: Vec<Flag>,
    pub(super) text: String,
}

impl Verdict {
    /// Returns the verdict on an order that may go. What goes, and why, stands beside its intent.
    pub(super) fn passed() -> Self {
        Self {
            step: Step::Pass,
            detail: None,
            until: None,
            flags: Vec::new(),
            text: "address, mapping and stock are in order".to_owned(),
        }
    }

    /// `None` for a route, which is sent and not stored as it is.
    pub(super) fn of(decision: &Decision) -> Option<Self> {
        let plain = |step, detail: &str| Self {
            step,
            detail: Some(detail.to_owned()),
            until: None,
            flags: Vec::new(),
            text: explain(detail).to_owned(),
        };
        Some(match decision {
            Decision::Route(_) => return None,
            Decision::Wait { detail, until } => Self {
                until: *until,
                ..plain(Step::Wait, detail)
            },
            Decision::CancelRequested => plain(Step::Wait, "cancel_requested"),
            Decision::NotEligible(detail) => plain(Step::Exclude, detail),
            Decision::Cancelled => Self {
                detail: None,
                text: "cancelled at TikTok before anything was sent".to_owned(),
                ..plain(Step::Cancel, "")
            },
            Decision::Flag(flags) => Self {
                step: Step::Flag,
                detail: None,
                until: None,
                flags: flags.clone(),
                text: flags
                    .iter()
                    .map(|flag| flag.message.as_str())
                    .collect::<Vec<_>>()
                    .join("; "),
            },
        })
    }
}
