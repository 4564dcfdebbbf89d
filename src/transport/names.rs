//! Looks names up for who stays out of private networks: a name that leads into one is not connected to, unless the operator
//! allows it (C30).
//!
//! The addresses that pass are the ones that are connected to, so that a name can't change its mind in between.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::error_chain::chain;
use crate::network::{is_forbidden, is_private};

/// Looks a name up.
type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// Which names may lead into a private network: `localhost` and those that the operator allows.
#[derive(Debug, Clone)]
pub struct Names {
    allowed: BTreeSet<String>,
    look_up: LookUp,
}

/// A name leads where it must not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeptOut {
    /// Into a private network, this machine's own among them.
    #[error("{host} leads into a private network")]
    Private {
        /// The host.
        host: String,
    },
    /// To where a machine's credentials are served, or nowhere.
    #[error("{host} leads to a link-local, metadata or unspecified address")]
    Forbidden {
        /// The host.
        host: String,
    },
}

impl Names {
    /// Lets `hosts` lead into a private network, and no others.
    #[must_use]
    pub fn allowing(hosts: impl IntoIterator<Item = String>) -> Self {
        Self {
            allowed: hosts.into_iter().chain(["localhost".to_owned()]).collect(),
            look_up: |host| Ok((host, 0).to_socket_addrs()?.collect()),
        }
    }

    /// Returns the addresses of a name that may be connected to.
    ///
    /// # Errors
    /// When the name is not known, or leads where it must not.
    pub fn addresses(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let host = host.trim_end_matches('.').to_lowercase();
        let found = (self.look_up)(&host)?;
        let is_allowed = self.allowed.contains(&host);
        passing(host, found, is_allowed).map_err(io::Error::other)
    }
}

impl KeptOut {
    /// Finds it among the causes of an error of the HTTP client.
    pub(super) fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        chain(error).find_map(|error| error.downcast_ref())
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().trim_end_matches('.').to_lowercase();
        let (is_allowed, look_up) = (self.allowed.contains(&host), self.look_up);
        Box::pin(async move {
            let asked = name.as_str().to_owned();
            let found = tokio::task::spawn_blocking(move || look_up(&asked)).await??;
            let passing = passing(host, found, is_allowed)?;
            Ok(Box::new(passing.into_iter()) as Addrs)
        })
    }
}

fn passing(host: String, found: Vec<SocketAddr>, is_allowed: bool) -> Result<Vec<SocketAddr>, KeptOut> {
    if found.iter().any(|address| is_forbidden(address.ip())) {
        return Err(KeptOut::Forbidden { host });
    }
    if !is_allowed && found.iter().any(|address| is_private(address.ip())) {
        return Err(KeptOut::Private { host });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::stop::Stop;
    use crate::transport::{
        AnswerNote, Limits, Operation, Outcome, Peer, Rate, Repeat, Request, RetryPolicy, SendError, Sender,
    };

    const HOOK: Operation = Operation {
        peer: Peer::Webhook,
        name: "hook",
        method: "GET",
        path: "/",
        rate: Rate {
            per_second: 1.0,
            burst: 1.0,
        },
        repeat: Repeat::Safe,
    };

    #[test]
    fn c30_a_name_passes_only_with_public_addresses_unless_it_is_allowed() {
        let judged = |addresses: &[&str], is_allowed| {
            let found = addresses
                .iter()
                .map(|text| SocketAddr::new(text.parse().expect("an address"), 0));
            passing("ops.example".to_owned(), found.collect(), is_allowed).map(|kept| kept.len())
        };
        let host = "ops.example".to_owned();
        let refused = Err(KeptOut::Private { host: host.clone() });
        assert_eq!(judged(&["1.1.1.1"], false), Ok(1), "C30");
        assert_eq!(judged(&["127.0.0.1"], false), refused, "C30");
        assert_eq!(
            judged(&["1.1.1.1", "::ffff:10.0.0.1"], false),
            refused,
            "C30: one of several"
        );
        assert_eq!(judged(&["10.0.0.1"], true), Ok(1), "C30");
        let forbidden = Err(KeptOut::Forbidden { host });
        assert_eq!(
            judged(&["169.254.169.254"], true),
            forbidden,
            "C12: never a machine's credentials"
        );
    }

    /// Sends to `host` on a port where this machine answers, every name leading to this machine.
    fn sent_to(host: &str, allowed: &[&str]) -> Outcome {
        let ears = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = ears.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            let (mut stream, _) = ears.accept().expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        });
        let names = Names {
            look_up: |_| Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]),
            ..Names::allowing(allowed.iter().map(|&host| host.to_owned()))
        };
        let policy = RetryPolicy {
            attempts_max: 1,
            backoff: std::time::Duration::ZERO,
        };
        let sender = Sender::new(
            Clock::system(),
            Limits::default(),
            policy,
            Arc::new(Stop::default()),
            Box::new(|_, _| {}),
            Box::new(|_| {}),
        );
        let sender = sender.and_then(|sender| sender.kept_outside(names)).expect("a sender");
        sender.send(&Request {
            operation: &HOOK,
            url: format!("http://{host}:{port}/").parse().expect("an address"),
            headers: Vec::new(),
            body: None,
            order_id: None,
            note: |_| AnswerNote::default(),
            brings_secrets: false,
        })
    }

    #[test]
    fn c30_a_name_that_leads_to_this_machine_is_not_connected_to_unless_it_is_allowed() {
        for (host, allowed) in [
            ("127.0.0.1", &[][..]),
            ("localhost", &[]),
            ("ops.example", &["ops.example"]),
        ] {
            let sent = sent_to(host, allowed);
            assert!(matches!(sent, Outcome::Answered(_)), "C30: {host}: {sent:?}");
        }
        for host in ["ops.example", "x.localhost", "localhost.example"] {
            let sent = sent_to(host, &["other.example"]);
            let Outcome::NotSent(error @ SendError::KeptOut(_)) = sent else {
                panic!("C30: {host}: {sent:?}");
            };
            assert_eq!(error.to_string(), format!("{host} leads into a private network"), "C30");
        }
    }
}
