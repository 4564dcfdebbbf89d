//! What is sent back, with the headers that every answer bears.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::frame;

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
/// The form of Prometheus' text.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    kind: &'static str,
    body: String,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    fn new(status: u16, kind: &'static str, body: String) -> Self {
        Self {
            status,
            kind,
            body,
            headers: Vec::new(),
        }
    }

    /// A page.
    pub fn page(status: u16, html: String) -> Self {
        Self::new(status, HTML, html)
    }

    /// One line for a program.
    pub fn line(status: u16, text: &str) -> Self {
        Self::new(status, TEXT, format!("{text}\n"))
    }

    /// What Prometheus reads.
    pub fn exposition(text: String) -> Self {
        Self::new(200, EXPOSITION, text)
    }

    /// The way to another page of ours.
    pub fn to(address: &str) -> Self {
        Self::new(303, TEXT, String::new()).with("location", address.to_owned())
    }

    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Puts the answer into the form that is sent.
    pub fn sent(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.body)));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let always = [
            ("cache-control", "no-store"),
            ("content-security-policy", frame::policy()),
            ("content-type", self.kind),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "permissions-policy",
                "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            ),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ];
        let always = always.into_iter().map(|(name, value)| (name, value.to_owned()));
        for (name, value) in always.chain(self.headers) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
