//! What arrived: one entry per request, in the order of arrival.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::http::{Reply, Request};
use super::{Operation, Vendor};

/// One request.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its number of arrival, from 1, over both vendors.
    pub arrival: u64,
    /// When it arrived, by the sandbox's clock.
    pub at: DateTime<Utc>,
    /// Where it arrived.
    pub vendor: Vendor,
    /// The operation, or none where no route matched.
    pub operation: Option<Operation>,
    /// The HTTP method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The orders, parcels, SKUs or products that the request names.
    pub ids: Vec<String>,
    /// SHA-256 of the body in hexadecimal digits.
    pub body_hash: String,
    /// The body, for tests. Never part of `GET /sandbox/log`.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// Whether the operation is meant to change something.
    pub mutating: bool,
    /// Whether something was changed.
    pub effect: bool,
    /// Whether the body ended too soon; such a request is never carried out.
    pub truncated: bool,
    /// Whether a fault of the script disturbed it.
    pub struck: bool,
    /// The status of the answer, or none where a fault closed the connection instead.
    pub status: Option<u16>,
}

/// All requests so far.
#[derive(Debug, Clone, Default)]
pub struct Log {
    entries: Vec<Entry>,
}

impl Log {
    /// Returns the entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns how often an operation was called.
    #[must_use]
    pub fn count(&self, operation: Operation) -> usize {
        self.of(operation).count()
    }

    /// Returns how often an operation changed something.
    #[must_use]
    pub fn effects(&self, operation: Operation) -> usize {
        self.of(operation).filter(|entry| entry.effect).count()
    }

    /// Returns how many requests a fault of the script disturbed.
    #[must_use]
    pub fn struck(&self) -> usize {
        self.entries.iter().filter(|entry| entry.struck).count()
    }

    /// Returns how many requests meant to change something, whether they did or not.
    #[must_use]
    pub fn mutating(&self) -> usize {
        self.entries.iter().filter(|entry| entry.mutating).count()
    }

    /// Iterates over the calls of one operation, oldest first.
    pub fn of(&self, operation: Operation) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.operation == Some(operation))
    }

    /// Forgets all entries; the numbers of arrival go on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }
}

impl Entry {
    /// Notes a request and its answer; `reply` is none where the client gets no answer.
    pub(super) fn of(arrival: u64, at: DateTime<Utc>, vendor: Vendor, request: &Request) -> Self {
        Self {
            arrival,
            at,
            vendor,
            operation: None,
            method: request.method.clone(),
            path: request.path.clone(),
            ids: Vec::new(),
            body_hash: hash(&request.body),
            body: request.body.clone(),
            mutating: false,
            effect: false,
            truncated: false,
            struck: false,
            status: None,
        }
    }

    /// Adds which operation it was.
    pub(super) fn with_operation(mut self, operation: Option<Operation>, request: &Request) -> Self {
        self.operation = operation;
        self.mutating = operation.is_some_and(Operation::is_mutating);
        self.ids = named_ids(request);
        self
    }

    /// Adds what came of it.
    pub(super) fn with_reply(mut self, reply: &Reply, answered: bool) -> Self {
        self.effect = reply.effect;
        self.status = answered.then_some(reply.status);
        self
    }
}

/// Returns the ids that a request names: long numbers and order ids in the path, `ids` in the query, our id in the body.
fn named_ids(request: &Request) -> Vec<String> {
    let path = request.segments.iter().skip(3);
    let words = [
        "search",
        "orders",
        "packages",
        "shops",
        "summaries",
        "preview",
        "cancel",
    ];
    let from_path =
        path.filter(|part| part.bytes().any(|byte| byte.is_ascii_digit()) && !words.contains(&part.as_str()));
    let from_query = ["ids", "sellerSkus", "sellerSku", "packageNumber"]
        .into_iter()
        .filter_map(|name| request.query(name))
        .flat_map(|list| list.split(',').map(str::to_owned));
    let body = request.json();
    let from_body = body
        .iter()
        .filter_map(|body| body.get("sellerFulfillmentOrderId")?.as_str().map(str::to_owned));
    from_path.cloned().chain(from_query).chain(from_body).collect()
}

fn hash(body: &[u8]) -> String {
    hexadecimal(&Sha256::digest(body))
}

/// Writes bytes as lower-case hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
