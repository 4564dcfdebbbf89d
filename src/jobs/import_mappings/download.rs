//! Fetching a mapping file from an address that the operator typed. Nothing but a plain file counts: a redirect, a page for
//! people or any status but 200 is refused.

use std::time::Duration;

use thiserror::Error;
use url::{Host, Url};

use crate::network;
use crate::transport::retry::retry_after;
use crate::transport::{
    Answer, AnswerNote, Failure, KeptOut, Operation, Outcome, Peer, Rate, Repeat, Request, SendError, Sender,
};

const DOWNLOAD: Operation = Operation {
    peer: Peer::Download,
    name: "downloadMappings",
    method: "GET",
    path: "/{file}",
    rate: Rate {
        per_second: 1.0,
        burst: 1.0,
    },
    repeat: Repeat::Safe,
};

/// Why a file could not be fetched. Names the host at most.
#[derive(Debug, Error)]
pub enum DownloadError {
    /// Neither https nor loopback.
    #[error("the address must begin with https://")]
    Insecure,
    /// No whole answer came.
    #[error(transparent)]
    NoAnswer(SendError),
    /// Any status but 200.
    #[error("{host} answered with status {status}")]
    Status {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
        /// How long the host asks to wait.
        retry_after: Option<Duration>,
    },
    /// The file is elsewhere; it is for the operator to decide whether that place is to be trusted.
    #[error("{host} sends us on to {target}; redirects are not followed, use the final address")]
    Redirected {
        /// The host.
        host: String,
        /// The host that it names.
        target: String,
    },
    /// A page for people, usually a login.
    #[error("{host} answered with a web page, not a mapping file; check the address and whether it needs a login")]
    WebPage {
        /// The host.
        host: String,
    },
}

impl DownloadError {
    /// Tells whether the same address may work later without anybody doing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.failure().is_passing()
    }

    fn failure(&self) -> Failure {
        match self {
            Self::NoAnswer(SendError::Connect { .. } | SendError::NoThread { .. }) => Failure::NotSent,
            Self::NoAnswer(SendError::Interrupted { .. } | SendError::TooSlow { .. }) => Failure::Unclear(None),
            Self::Status {
                status: 429,
                retry_after,
                ..
            } => Failure::Throttled(*retry_after),
            Self::Status {
                status: 500..,
                retry_after,
                ..
            } => Failure::Unclear(*retry_after),
            Self::NoAnswer(_)
            | Self::Status { .. }
            | Self::Insecure
            | Self::Redirected { .. }
            | Self::WebPage { .. } => Failure::Final,
        }
    }
}

/// Returns the bytes behind an address.
pub(super) fn fetch(url: &Url, sender: &Sender) -> Result<Vec<u8>, DownloadError> {
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
        return Err(DownloadError::Insecure);
    }
    if url.host().is_some_and(|host| network::needs_leave(&host)) {
        let host = host(url);
        return Err(DownloadError::NoAnswer(SendError::KeptOut(KeptOut::Private { host })));
    }
    let request = Request {
        operation: &DOWNLOAD,
        url: url.clone(),
        headers: vec![("accept", "text/csv, application/json, text/plain, */*".to_owned())],
        body: None,
        order_id: None,
        note: |_| AnswerNote::default(),
        brings_secrets: false,
    };
    sender.repeat(&DOWNLOAD, DownloadError::failure, || match sender.send(&request) {
        Outcome::Answered(answer) => file_in(answer, url, sender),
        Outcome::NotSent(error) | Outcome::Unknown(error) => Err(DownloadError::NoAnswer(error)),
    })
}

fn file_in(answer: Answer, url: &Url, sender: &Sender) -> Result<Vec<u8>, DownloadError> {
    let host = host(url);
    let is_web_page = answer
        .header("content-type")
        .is_some_and(|kind| kind.trim_start().to_lowercase().starts_with("text/html"));
    match answer.status {
        200 if is_web_page => Err(DownloadError::WebPage { host }),
        200 => Ok(answer.body),
        300..400 => Err(DownloadError::Redirected {
            target: target(&answer, url),
            host,
        }),
        status => Err(DownloadError::Status {
            host,
            status,
            retry_after: answer
                .header("retry-after")
                .and_then(|text| retry_after(text, sender.clock().now())),
        }),
    }
}

fn target(answer: &Answer, url: &Url) -> String {
    let location = answer.header("location").and_then(|text| url.join(text).ok());
    location.as_ref().map_or_else(|| "an unnamed place".to_owned(), host)
}

/// Returns the host of an address, with its port where that is not the usual one.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}
