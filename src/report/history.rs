//! What happened to one order: changes of state, flags, notes, sends and API calls in one sequence.

use chrono::{DateTime, Utc};
use serde::Serialize;

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
    /// The state before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The state after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The vendor's name of the operation that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The vendor's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The vendor's id of the request, which its support asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How long the call took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

impl HistoryLine {
    pub(super) fn cells(&self, view: &View) -> Vec<String> {
        let step = self
            .from
            .as_ref()
            .zip(self.to.as_ref())
            .map(|(from, to)| format!("{from} → {to}: "));
        let call = self.duration_ms.map(|duration| format!(" ({duration} ms)"));
        let request = self.request_id.as_ref().map(|id| format!(" [{id}]"));
        let text = [step, Some(self.text.clone()), call, request];
        vec![
            view.moment(Some(self.at)),
            self.kind.clone(),
            text.into_iter().flatten().collect(),
        ]
    }
}

/// Reads everything that happened to an order, oldest first. Within one second the numbers of the calls decide.
pub(super) fn read(store: &Store, id: &TiktokOrderId) -> Result<Vec<HistoryLine>> {
    let calls = store.call_rows(id)?.into_iter().map(|call| (call.id, call_line(call)));
    let history = store.history_rows(id)?.into_iter();
    let history = history.map(|entry| (entry.after_call, history_line(entry)));
    let attempts = store.intent_rows(id)?.into_iter();
    let attempts = attempts.map(|intent| (i64::MAX, attempt_line(intent)));
    let mut lines: Vec<(i64, HistoryLine)> = calls.chain(history).chain(attempts).collect();
    lines.sort_by_key(|(call, line)| (line.at, *call));
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

fn history_line(entry: HistoryEntry) -> HistoryLine {
    HistoryLine {
        at: entry.at,
        kind: entry.kind,
        text: entry.text,
        from: entry.from,
        to: entry.to,
        ..HistoryLine::default()
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
    let answer = match (call.status, call.code.as_deref()) {
        (Some(status), Some(code)) => format!("{status}, code {code}"),
        (Some(status), None) => status.to_string(),
        (None, _) if call.outcome == "not_sent" => "not sent".to_owned(),
        (None, _) => "no answer".to_owned(),
    };
    HistoryLine {
        at: call.at,
        kind: "call".to_owned(),
        text: format!("{} {}: {answer}", call.peer, call.operation),
        operation: Some(call.operation),
        http_status: call.status,
        code: call.code,
        request_id: call.request_id,
        duration_ms: Some(call.duration_ms),
        ..HistoryLine::default()
    }
}
