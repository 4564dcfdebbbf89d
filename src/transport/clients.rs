//! The HTTP clients of one sender, each made when the first address of its kind is called: to read the authorities that this machine
//! trusts takes as long as all else of a small run, and a plain address needs none of them.

use std::sync::{Arc, OnceLock};

use reqwest::blocking::{Client, ClientBuilder};
use url::Url;

use super::names::Names;
use super::request::Limits;

/// Where a connection takes longer than this part of a call's time, nothing was sent yet, and the caller hears so.
const CONNECTING: (u32, u32) = (4, 5);

pub(super) struct Clients {
    plain: OnceLock<Client>,
    secure: OnceLock<Client>,
    limits: Limits,
    names: Arc<Names>,
}

impl Clients {
    pub fn new(limits: Limits, names: Names) -> Self {
        // A second run in one process (the demo, tests) finds the provider installed: that is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            plain: OnceLock::new(),
            secure: OnceLock::new(),
            limits,
            names: Arc::new(names),
        }
    }

    /// Returns the client for an address of this kind.
    ///
    /// # Errors
    /// When the TLS set-up of the machine is unusable, or it gives no thread.
    pub fn able_to_call(&self, address: &Url) -> reqwest::Result<Client> {
        let is_plain = address.scheme() == "http";
        let kept = if is_plain { &self.plain } else { &self.secure };
        if let Some(client) = kept.get() {
            return Ok(client.clone());
        }
        let builder = self.builder();
        let builder = if is_plain { builder.tls_certs_only([]) } else { builder };
        let made = builder.build()?;
        Ok(kept.get_or_init(|| made).clone())
    }

    fn builder(&self) -> ClientBuilder {
        let (part, whole) = CONNECTING;
        Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .dns_resolver(Arc::clone(&self.names))
            .connect_timeout(self.limits.timeout * part / whole)
            .timeout(self.limits.timeout)
    }
}
