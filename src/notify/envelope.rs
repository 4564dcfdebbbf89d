//! The message as it leaves: body, id, time and signature.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::signature::{NotAKey, sign};
use super::{Endpoint, Format, slack};
use crate::domain::event::instant;
use crate::store::StoredEvent;
use crate::transport::{AnswerNote, Operation, Peer, Rate, Repeat, Request};

/// Endpoints are paced by the limits of a run, not by a bucket.
static DELIVER: Operation = Operation {
    peer: Peer::Webhook,
    name: "deliverEvent",
    method: "POST",
    path: "(endpoint)",
    rate: Rate {
        per_second: 10.0,
        burst: 100.0,
    },
    repeat: Repeat::Safe,
};

/// Builds the request that tells an endpoint of events: one as JSON, any number as one message to Slack. `now` is the time of this
/// try; the id of the same events is the same for every try.
///
/// # Errors
/// When the endpoint's key can't be used.
pub(super) fn request(endpoint: &Endpoint, events: &[&StoredEvent], now: DateTime<Utc>) -> Result<Request, NotAKey> {
    let body = body(endpoint.format, events);
    let id = events.first().map(|event| event.message_id()).unwrap_or_default();
    let timestamp = now.timestamp();
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        (
            "user-agent",
            concat!("mcf-connector/", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        ("webhook-id", id.clone()),
        ("webhook-timestamp", timestamp.to_string()),
    ];
    if let Some(key) = &endpoint.key {
        headers.push(("webhook-signature", sign(key, &id, timestamp, &body)?));
    }
    Ok(Request {
        operation: &DELIVER,
        url: endpoint.url.clone(),
        headers,
        body: Some(body),
        order_id: None,
        note: |_| AnswerNote::default(),
        brings_secrets: false,
    })
}

fn body(format: Format, events: &[&StoredEvent]) -> Vec<u8> {
    match (format, events) {
        (Format::Json, [event, ..]) => {
            json!({"type": event.kind, "timestamp": instant(event.at), "data": event.data})
        }
        (Format::Json, []) => json!({}),
        (Format::Slack, [event]) => json!({"text": slack::text(event)}),
        (Format::Slack, events) => json!({"text": slack::digest(events)}),
    }
    .to_string()
    .into_bytes()
}
