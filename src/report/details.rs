//! What an order's history and the journal of all orders tell beside an entry's words, and how both name a call's answer.

use serde::Serialize;

/// What an entry says beside its words; what does not belong to its kind is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
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
    pub duration_ms: Option<i64>,
}

impl Details {
    /// The step that an entry stands for, before its words; empty where it is none.
    pub(super) fn step(&self) -> String {
        let states = self.from.as_ref().zip(self.to.as_ref());
        states.map_or_else(String::new, |(from, to)| format!("{from} → {to}: "))
    }

    /// How long a call took and its id at the vendor, behind its words; empty where it is none.
    pub(super) fn ending(&self) -> String {
        let took = self.duration_ms.map(|duration| format!(" ({duration} ms)"));
        let request = self.request_id.as_ref().map(|id| format!(" [{id}]"));
        [took, request].into_iter().flatten().collect()
    }

    /// What a call came to, where `outcome` is the stored one.
    pub(super) fn answer(&self, outcome: &str) -> String {
        match (self.http_status, self.code.as_deref()) {
            (Some(status), Some(code)) => format!("{status}, code {code}"),
            (Some(status), None) => status.to_string(),
            (None, _) if outcome == "not_sent" => "not sent".to_owned(),
            (None, _) => "no answer".to_owned(),
        }
    }
}
