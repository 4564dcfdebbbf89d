//! Events to the operator's endpoints: what each one wants, how it is signed, when it is tried again.
//!
//! Messages follow Standard Webhooks; Slack's incoming webhooks get one sentence instead. The events themselves are written by
//! the store in the transaction of their cause, so that a delivery may be repeated after a crash, but no event is lost.
//! Must never fail a run, print an endpoint's whole address (its path or query may be a password), or tell anything about a buyer.

pub mod deliver;
pub mod envelope;
pub mod signature;
pub mod slack;

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};
use url::Url;

use crate::secret::Secret;

pub use deliver::{
    DeliveryLimits, DeliverySummary, NotTaken, beat, deliver, flush, register, send_limits, test_endpoint, waiting,
};
pub use signature::{NotAKey, Refused, SignedRequest, SigningKey, sign};

/// How an endpoint wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The event as JSON, for programs.
    Json,
    /// One sentence in Slack's `text`, for people.
    Slack,
}

/// One address of the operator that wants to hear of events.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    key: Option<SigningKey>,
    events: Vec<String>,
    format: Format,
    is_private: bool,
    has_heartbeat: bool,
}

impl Endpoint {
    /// Makes an endpoint. `events` holds `*`, whole types (`order.failed`) or families (`order.*`); without a secret nothing is signed.
    ///
    /// # Errors
    /// When the secret is not a Standard Webhooks signing secret.
    pub fn new(url: Url, secret: Option<&Secret>, events: Vec<String>, format: Format) -> Result<Self, NotAKey> {
        Ok(Self {
            url,
            key: secret.map(SigningKey::read).transpose()?,
            events,
            format,
            is_private: false,
            has_heartbeat: false,
        })
    }

    /// Lets the endpoint lie in a private network.
    #[must_use]
    pub fn in_private_network(self, is_private: bool) -> Self {
        Self { is_private, ..self }
    }

    /// Makes it get one request after each good poll.
    #[must_use]
    pub fn with_heartbeat(self, has_heartbeat: bool) -> Self {
        Self { has_heartbeat, ..self }
    }

    /// Returns the host, where it may lie in a private network.
    #[must_use]
    pub fn private_host(&self) -> Option<String> {
        let host = self.url.host_str().filter(|_| self.is_private)?;
        Some(host.trim_end_matches('.').to_lowercase())
    }

    /// Returns the name that is stored and shown: the host and eight hexadecimal digits of a hash over address and format.
    ///
    /// Addresses that differ only in path or query get different names, and neither can be read from the name.
    #[must_use]
    pub fn name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let hash = Sha256::digest(format!("{:?} {}", self.format, self.url));
        let digits: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{host}{port}#{digits}")
    }

    /// Tells whether the endpoint wants events of this type.
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        self.events.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some("") => true,
            Some(family) => family.ends_with('.') && kind.starts_with(family),
            None => pattern == kind,
        })
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name())
    }
}
