//! Looks names up, for a limited time. Who stays out of private networks does not connect to a name that leads into one, unless the
//! operator allows it (C30).
//!
//! The addresses that pass are the ones that are connected to, so that a name can't change its mind in between.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc::channel;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::error_chain::chain;
use crate::network::{is_forbidden, is_private};

/// Looks a name up.
type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// How long looking a name up may take: the system's own patience would outlast a run.
const PATIENCE: Duration = Duration::from_secs(8);

/// Where names may lead.
#[derive(Debug, Clone)]
enum Reach {
    /// Anywhere: the vendors, who prove themselves by their certificates.
    Anywhere,
    /// Out of private networks, but for these names.
    Outside { allowed: BTreeSet<String> },
}

/// Where names may lead, and how they are looked up.
#[derive(Debug, Clone)]
pub struct Names {
    reach: Reach,
    look_up: LookUp,
    patience: Duration,
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
    /// Lets every name lead anywhere.
    #[must_use]
    pub fn anywhere() -> Self {
        Self::reaching(Reach::Anywhere)
    }

    /// Lets `localhost` and `hosts` lead into a private network, and no others.
    #[must_use]
    pub fn allowing(hosts: impl IntoIterator<Item = String>) -> Self {
        let allowed = hosts.into_iter().chain(["localhost".to_owned()]).collect();
        Self::reaching(Reach::Outside { allowed })
    }

    fn reaching(reach: Reach) -> Self {
        Self {
            reach,
            look_up: |host| Ok((host, 0).to_socket_addrs()?.collect()),
            patience: PATIENCE,
        }
    }

    /// Returns the addresses of a name that may be connected to.
    ///
    /// # Errors
    /// When the name is not known in time, or leads where it must not.
    pub fn addresses(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        self.passing(host).map_err(io::Error::other)
    }

    fn passing(&self, host: &str) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
        let found = self.found(host)?;
        let Reach::Outside { allowed } = &self.reach else {
            return Ok(found);
        };
        let host = host.trim_end_matches('.').to_lowercase();
        let is_allowed = allowed.contains(&host);
        Ok(passing(host, found, is_allowed)?)
    }

    /// Looks up in a thread of its own: the system can't be told to stop, but who asked can stop waiting, and the program end.
    fn found(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let (tell, told) = channel();
        let (look_up, host) = (self.look_up, host.to_owned());
        std::thread::Builder::new().spawn(move || {
            // Who asked may have stopped waiting.
            let _ = tell.send(look_up(&host));
        })?;
        let nobody = |_| io::Error::new(io::ErrorKind::TimedOut, "its name is not found in time");
        told.recv_timeout(self.patience).map_err(nobody)?
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
        let names = self.clone();
        Box::pin(async move {
            let asked = name.as_str().to_owned();
            let passing = tokio::task::spawn_blocking(move || names.passing(&asked)).await??;
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
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

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

    /// Returns a port on which this machine answers once.
    fn ears() -> u16 {
        let ears = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = ears.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            let (mut stream, _) = ears.accept().expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        });
        port
    }

    /// Sends to `host` on a port where this machine answers, every name leading to this machine.
    fn sent_to(host: &str, allowed: &[&str]) -> Outcome {
        let port = ears();
        let names = Names {
            look_up: |_| Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]),
            ..Names::allowing(allowed.iter().map(|&host| host.to_owned()))
        };
        sent_by(names, &format!("http://{host}:{port}/"))
    }

    fn sent_by(names: Names, url: &str) -> Outcome {
        let policy = RetryPolicy {
            attempts_max: 1,
            backoff: Duration::ZERO,
        };
        let sender = Sender::new(
            Clock::system(),
            Limits::default(),
            policy,
            Arc::new(Stop::default()),
            Box::new(|_, _| {}),
            Box::new(|_| {}),
        );
        let sender = sender.kept_outside(names);
        sender.send(&Request {
            operation: &HOOK,
            url: url.parse().expect("an address"),
            headers: Vec::new(),
            body: None,
            order_id: None,
            note: |_| AnswerNote::default(),
            brings_secrets: false,
        })
    }

    #[test]
    fn a_name_that_nobody_answers_for_holds_neither_the_call_nor_the_end_of_the_program_r26() {
        let names = Names {
            look_up: |_| {
                std::thread::sleep(Duration::from_secs(60));
                Ok(Vec::new())
            },
            patience: Duration::from_millis(100),
            ..Names::anywhere()
        };
        let started = Instant::now();
        let sent = sent_by(names, "http://slow.example/");
        assert!(
            matches!(sent, Outcome::NotSent(SendError::Connect { .. })),
            "R26: {sent:?}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "R26: {:?}",
            started.elapsed()
        );
    }

    static ASKED: AtomicUsize = AtomicUsize::new(0);

    /// The name leads to this machine when it is asked first, and elsewhere ever after.
    fn changing_its_mind(_: &str) -> io::Result<Vec<SocketAddr>> {
        let first = ASKED.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if first { [127, 0, 0, 1] } else { [169, 254, 169, 254] };
        Ok(vec![SocketAddr::from((address, 0))])
    }

    #[test]
    fn c30_a_name_is_looked_up_once_and_what_was_checked_is_connected_to() {
        let names = Names {
            look_up: changing_its_mind,
            ..Names::allowing(["ops.example".to_owned()])
        };
        let sent = sent_by(names, &format!("http://ops.example:{}/", ears()));
        assert!(matches!(sent, Outcome::Answered(_)), "C30: {sent:?}");
        assert_eq!(ASKED.load(Ordering::SeqCst), 1, "C30: no second answer is asked for");
    }

    #[test]
    fn c30_a_name_that_is_a_number_is_judged_as_its_address() {
        for url in [
            "http://0x7f.1:9/",
            "http://2130706433:9/",
            "http://0177.0.0.1:9/",
            "http://127.1:9/",
        ] {
            let url: url::Url = url.parse().expect("an address");
            assert_eq!(
                url.host_str(),
                Some("127.0.0.1"),
                "C30: it is never asked of a name server"
            );
        }
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
