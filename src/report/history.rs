//! What happened to one order: changes of state, flags, notes, sends and API calls in one sequence.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::details::Details;
use super::text::View;
use crate::domain::event::instant;
use crate::domain::ids::TiktokOrderId;
use crate::store::{CallEntry, HistoryEntry, IntentRow, Result, Store};

/// Something that happened to the order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryLine {
    /// When.
    pub at: DateTime<Utc>,
    /// `state`, `flag`, `tiktok`, `amazon`, `operator`, `attempt`, `call`, …
    pub kind: String,
    /// What happened.
    pub text: String,
    /// What belongs to its kind.
    #[serde(flatten)]
    pub details: Details,
}

impl HistoryLine {
    pub(super) fn cells(&self, view: &View) -> Vec<String> {
        vec![
            view.moment(Some(self.at)),
            self.kind.clone(),
            format!("{}{}{}", self.details.step(), self.text, self.details.ending()),
        ]
    }
}

/// Reads everything that happened to an order, oldest first. Within one second the numbers of the calls decide.
pub(super) fn read(store: &Store, id: &TiktokOrderId, detected_at: DateTime<Utc>) -> Result<Vec<HistoryLine>> {
    let calls = store.call_rows(id)?.into_iter().map(|call| (call.id, call_line(call)));
    let history = store.history_rows(id)?.into_iter();
    let history = history.map(|entry| (entry.after_call, history_line(entry)));
    let attempts = store.intent_rows(id)?.into_iter();
    let attempts = attempts.map(|intent| (i64::MAX, attempt_line(intent)));
    let mut lines: Vec<(i64, HistoryLine)> = calls.chain(history).chain(attempts).collect();
    lines.sort_by_key(|(call, line)| (line.at, *call));
    let lines = lines.into_iter().map(|(_, line)| line);
    let dropped = dropped_line(store.calls_dropped(id)?, detected_at);
    Ok(dropped.into_iter().chain(lines).collect())
}

/// What `purge` left of the calls of an order that has long ended.
fn dropped_line(calls: u64, at: DateTime<Utc>) -> Option<HistoryLine> {
    (calls > 0).then(|| HistoryLine {
        at,
        kind: "call".to_owned(),
        text: format!("{calls} API calls up to its end were dropped by purge"),
        ..HistoryLine::default()
    })
}

fn history_line(entry: HistoryEntry) -> HistoryLine {
    HistoryLine {
        at: entry.at,
        kind: entry.kind,
        text: entry.text,
        details: Details {
            from: entry.from,
            to: entry.to,
            ..Details::default()
        },
    }
}

fn attempt_line(intent: IntentRow) -> HistoryLine {
    let sends = if intent.attempts == 1 { "send" } else { "sends" };
    HistoryLine {
        at: intent.attempted_at.unwrap_or(intent.intended_at),
        kind: "attempt".to_owned(),
        text: format!(
            "{} was committed at {}, {} {sends}, outcome: {}",
            intent.id,
            instant(intent.intended_at),
            intent.attempts,
            intent.outcome
        ),
        ..HistoryLine::default()
    }
}

fn call_line(call: CallEntry) -> HistoryLine {
    let details = Details {
        operation: Some(call.operation.clone()),
        http_status: call.status,
        code: call.code,
        request_id: call.request_id,
        duration_ms: i64::try_from(call.duration_ms).ok(),
        ..Details::default()
    };
    HistoryLine {
        at: call.at,
        kind: "call".to_owned(),
        text: format!("{} {}: {}", call.peer, call.operation, details.answer(&call.outcome)),
        details,
    }
}
