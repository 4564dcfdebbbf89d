//! Requests and replies as plain values, so that the handlers know nothing of the HTTP library.

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::form_urlencoded;

/// A request that arrived whole.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The method in upper case.
    pub(super) method: String,
    /// The path as it was sent, still encoded: TikTok's signature is taken over it.
    pub(super) path: String,
    /// The decoded parts of the path.
    pub(super) segments: Vec<String>,
    /// The decoded query; an unencoded `+` is a blank, as at the vendors.
    pub(super) query: Vec<(String, String)>,
    /// Headers with lower-case names.
    pub(super) headers: Vec<(String, String)>,
    /// The exact body.
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Takes a request apart.
    pub(super) fn new(method: &str, path: &str, query: &str, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            segments: path
                .trim_start_matches('/')
                .split('/')
                .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
                .collect(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers,
            body,
        }
    }

    /// Returns the first value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// Returns a header by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Returns a decoded part of the path, or nothing to match with.
    pub(super) fn segment(&self, index: usize) -> &str {
        self.segments.get(index).map_or("", String::as_str)
    }

    /// Returns the body when it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns the method and the parts of the path, to be matched with.
    pub(super) fn route(&self) -> (&str, Vec<&str>) {
        (&self.method, self.segments.iter().map(String::as_str).collect())
    }
}

fn find<'pairs>(pairs: &'pairs [(String, String)], name: &str) -> Option<&'pairs str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// An answer before any fault.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// Headers beyond the content type.
    pub(super) headers: Vec<(String, String)>,
    /// The media type of the body.
    pub(super) content_type: &'static str,
    /// The body.
    pub(super) body: Vec<u8>,
    /// Whether the request changed something.
    pub(super) effect: bool,
}

impl Reply {
    /// Answers with JSON.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// Answers with a text of any media type.
    pub(super) fn text(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type,
            body: body.into().into_bytes(),
            effect: false,
        }
    }

    /// Notes whether something was changed.
    pub(super) fn with_effect(mut self, effect: bool) -> Self {
        self.effect = effect;
        self
    }

    /// Adds the vendor's time, as every answer bears it; without one, the header is there and says nothing.
    pub(super) fn dated(self, now: Option<DateTime<Utc>>) -> Self {
        let text = now.map(|now| now.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        self.with_header("date", text.unwrap_or_default())
    }

    /// Adds a header.
    pub(super) fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_in_a_query_is_a_blank_and_in_a_path_a_plus() {
        let request = Request::new("GET", "/a%20b/c+d", "token=x+y&other=x%2By", Vec::new(), Vec::new());
        assert_eq!(request.query("token"), Some("x y"));
        assert_eq!(request.query("other"), Some("x+y"));
        assert_eq!(request.route(), ("GET", vec!["a b", "c+d"]));
    }
}
