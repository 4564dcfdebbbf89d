//! Sends requests and judges nothing but the sending itself.
//!
//! Owns the only HTTP clients of the program: TLS, time and size limits, pacing, the retry decision and one record per call.
//! Must never know what a vendor's answer means, follow a redirect, or keep a body, a query string or a token in a record or an error.

mod clients;
mod clock_lead;
mod exchange;
#[cfg(test)]
mod hostile_tests;
mod names;
mod obstacle;
pub mod pacing;
pub mod record;
mod request;
pub mod retry;
pub mod scrub;
pub mod sender;

pub use names::{KeptOut, Names};
pub use pacing::{Bucket, Rate};
pub use record::{AnswerNote, CallOutcome, CallRecord};
pub use request::{Answer, Limits, Outcome, Request, SendError};
pub use retry::{Decision, Failure, Remedy, Repeat, RetryPolicy};
pub use scrub::Scrubber;
pub use sender::Sender;

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Peer {
    /// TikTok Shop, its API and its token host.
    Tiktok,
    /// Amazon's Selling Partner API and Login with Amazon.
    Amazon,
    /// An endpoint of the operator.
    Webhook,
    /// A plain download, such as a mapping file.
    Download,
}

impl Peer {
    /// Returns the name used in records and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tiktok => "tiktok",
            Self::Amazon => "amazon",
            Self::Webhook => "webhook",
            Self::Download => "download",
        }
    }
}

/// One kind of call: what it is named in records, how often it may be made, whether it may be repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operation {
    /// Who is called.
    pub peer: Peer,
    /// The vendor's name of the operation, e.g. `createFulfillmentOrder`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path with placeholders, e.g. `/fulfillment/202309/orders/{order_id}/packages`; safe to print.
    pub path: &'static str,
    /// The published rate.
    pub rate: Rate,
    /// Whether it may be repeated blindly.
    pub repeat: Repeat,
}
