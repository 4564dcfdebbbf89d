//! What goes to a vendor and what comes back, as values.

use std::time::{Duration, Instant};

use thiserror::Error;
use url::Url;

use super::names::KeptOut;
use super::obstacle::obstacle;
use super::record::AnswerNote;
use super::{Operation, Scrubber};

/// What a call may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest time from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// The largest answer, in bytes after transfer decoding.
    pub body_bytes_max: usize,
    /// When the run must be over. No call begins that could last beyond it.
    pub run_ends_at: Option<Instant>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            body_bytes_max: 16 * 1024 * 1024,
            run_ends_at: None,
        }
    }
}

/// A request that is complete: signed, encoded, byte for byte what leaves.
#[derive(Clone)]
pub struct Request {
    /// The kind of call.
    pub operation: &'static Operation,
    /// The whole address with its encoded query.
    pub url: Url,
    /// Headers as name and value.
    pub headers: Vec<(&'static str, String)>,
    /// The exact body.
    pub body: Option<Vec<u8>>,
    /// The TikTok order that it is made for, for the record.
    pub order_id: Option<String>,
    /// Reads the vendor's code and request id from an answer, for the record.
    pub note: fn(&Answer) -> AnswerNote,
    /// Whether a good answer gives a secret, such as a token. From all others those that we know are taken out.
    pub brings_secrets: bool,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns a header by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// How the sending of a request ended.
#[derive(Debug)]
pub enum Outcome {
    /// An answer came in full.
    Answered(Answer),
    /// The request did not leave; nothing was carried out.
    NotSent(SendError),
    /// The request left, at least in part, and no whole answer came back.
    Unknown(SendError),
}

impl Outcome {
    /// Takes our secrets out of an answer that has no business with them.
    pub(super) fn without_secrets(mut self, request: &Request, scrubber: &Scrubber) -> Self {
        if let Self::Answered(answer) = &mut self
            && !request.brings_secrets
        {
            scrubber.clean_body(&mut answer.body);
        }
        self
    }
}

/// Why no answer came.
#[derive(Debug, Error)]
pub enum SendError {
    /// The operator asked the run to stop.
    #[error("the run was asked to stop")]
    Stopping,
    /// The pacing would have to wait beyond the end of the run.
    #[error("the run ends before the next call is allowed")]
    RunEnds,
    /// The vendor asked for a wait of minutes, which is kept in the bucket of the operation.
    #[error("the vendor asked to wait; no call before {seconds} more seconds")]
    Deferred {
        /// The rest of the wait.
        seconds: u64,
    },
    /// What allows the call was made sure of too long ago, and does not hold any more: the process was suspended, or waited for its turn
    /// or for a token.
    #[error("the process stood still for too long before the call")]
    TooLate,
    /// The run was asked to stop while the request was under way, and no answer came in the time that was left.
    #[error("no answer came before the run stopped")]
    Abandoned,
    /// The machine gives no thread to send from.
    #[error("the machine gives no thread for the call")]
    NoThread {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The host's name leads where nothing may be sent.
    #[error(transparent)]
    KeptOut(KeptOut),
    /// No connection.
    #[error("{}", self.said_of(host))]
    Connect {
        /// The host.
        host: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The connection broke, or the time was up.
    #[error("{}", self.said_of(host))]
    Interrupted {
        /// The host.
        host: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer is larger than allowed.
    #[error("{}", self.said_of(host))]
    TooLarge {
        /// The host.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer trickled in too slowly.
    #[error("{}", self.said_of(host))]
    TooSlow {
        /// The host.
        host: String,
        /// The limit in seconds.
        seconds: u64,
    },
}

impl SendError {
    /// Says it of `whose` host it is, e.g. `TikTok can't be reached (open-api.tiktokglobalshop.com: the connection is refused)`.
    #[must_use]
    pub fn said_of(&self, whose: &str) -> String {
        match self {
            Self::Connect { host, source } => {
                format!("{whose} can't be reached{}", place(whose, host, obstacle(source)))
            }
            Self::Interrupted { host, source } => {
                let why = obstacle(source.as_ref());
                format!("{whose} gave no whole answer{}", place(whose, host, why))
            }
            Self::TooLarge { host, limit } => {
                let why = format!("more than {limit} bytes");
                format!("{whose} gave too large an answer{}", place(whose, host, Some(&why)))
            }
            Self::TooSlow { host, seconds } => {
                let why = format!("more than {seconds} seconds");
                format!("{whose} took too long to answer{}", place(whose, host, Some(&why)))
            }
            Self::Deferred { seconds } => format!("{whose} asked to wait: no call before {seconds} more seconds"),
            Self::KeptOut(kept_out) => format!("{whose} is not called: {kept_out}"),
            Self::Stopping | Self::RunEnds | Self::TooLate | Self::Abandoned | Self::NoThread { .. } => {
                format!("{whose} was not asked: {self}")
            }
        }
    }

    /// Tells whether the call was kept back here, so that another try in this run would not leave either: the run is over, or the call
    /// is not to be made.
    #[must_use]
    pub fn is_kept_back(&self) -> bool {
        match self {
            Self::Stopping
            | Self::RunEnds
            | Self::Deferred { .. }
            | Self::TooLate
            | Self::Abandoned
            | Self::KeptOut(_) => true,
            Self::NoThread { .. }
            | Self::Connect { .. }
            | Self::Interrupted { .. }
            | Self::TooLarge { .. }
            | Self::TooSlow { .. } => false,
        }
    }
}

/// Names the host, unless it is what is spoken of, and what stood in the way.
fn place(whose: &str, host: &str, why: Option<&str>) -> String {
    match (Some(host).filter(|host| *host != whose), why) {
        (Some(host), Some(why)) => format!(" ({host}: {why})"),
        (Some(only), None) | (None, Some(only)) => format!(" ({only})"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn an_answer_that_did_not_come_is_told_by_whose_it_is_its_host_and_what_stood_in_the_way() {
        let host = || "api.example".to_owned();
        let broken = |number| SendError::Interrupted {
            host: host(),
            source: Box::new(io::Error::from_raw_os_error(number)),
        };
        for (error, said, alone) in [
            (
                broken(104),
                "TikTok gave no whole answer (api.example: the connection broke)",
                "api.example gave no whole answer (the connection broke)",
            ),
            (
                broken(1),
                "TikTok gave no whole answer (api.example)",
                "api.example gave no whole answer",
            ),
            (
                SendError::TooSlow {
                    host: host(),
                    seconds: 30,
                },
                "TikTok took too long to answer (api.example: more than 30 seconds)",
                "api.example took too long to answer (more than 30 seconds)",
            ),
            (
                SendError::TooLarge { host: host(), limit: 9 },
                "TikTok gave too large an answer (api.example: more than 9 bytes)",
                "api.example gave too large an answer (more than 9 bytes)",
            ),
            (
                SendError::Stopping,
                "TikTok was not asked: the run was asked to stop",
                "the run was asked to stop",
            ),
            (
                SendError::KeptOut(KeptOut::Private { host: host() }),
                "TikTok is not called: api.example leads into a private network",
                "api.example leads into a private network",
            ),
        ] {
            assert_eq!(error.said_of("TikTok"), said);
            assert_eq!(error.to_string(), alone);
        }
    }
}
