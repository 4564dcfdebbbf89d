//! Each endpoint of the operator, by a connection alone, with its TLS handshake for https: only `mcf notify test` sends.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use url::Url;

use super::super::Session;
use super::{Check, Checks, handshake};
use crate::config::Webhook;
use crate::error_chain::causes;
use crate::network::address_of;
use crate::transport::Names;

const NAME: &str = "endpoint";

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn look(session: &Session, checks: &mut Checks) {
    for webhook in &session.settings.webhooks {
        let Ok(url) = webhook.url.expose().parse::<Url>() else {
            continue;
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        checks.push(judged(&host, connect(webhook, &url)));
    }
}

/// Connects as a delivery would, to a place where a delivery may go.
fn connect(webhook: &Webhook, url: &Url) -> io::Result<()> {
    let port = url.port_or_known_default().unwrap_or(443);
    let host = url.host().ok_or(io::ErrorKind::InvalidInput)?;
    let addresses = match address_of(&host) {
        Some(address) => vec![SocketAddr::new(address, port)],
        None => {
            let name = host.to_string();
            Names::allowing(webhook.allow_private.then(|| name.clone())).addresses(&name)?
        }
    };
    let stream = first_that_answers(addresses, port)?;
    match url.scheme() {
        "https" => handshake::shake(stream, host.to_string().trim_matches(['[', ']']), PATIENCE),
        _ => Ok(()),
    }
}

fn first_that_answers(addresses: Vec<SocketAddr>, port: u16) -> io::Result<TcpStream> {
    let mut outcome = Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    for mut address in addresses {
        address.set_port(port);
        outcome = TcpStream::connect_timeout(&address, PATIENCE);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn judged(host: &str, connected: io::Result<()>) -> Check {
    match connected {
        Ok(()) => Check::pass(NAME, format!("{host} can be connected to")),
        Err(error) => Check::fail(
            NAME,
            format!("{host} can't be connected to: {}", causes(&error)),
            "correct the url of the [[webhooks]], or start what listens there; then: mcf notify test",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    #[test]
    fn an_endpoint_that_refuses_the_connection_fails_by_its_host_alone() {
        assert_eq!(judged("hooks.example", Ok(())).outcome, Outcome::Passed);
        let check = judged("hooks.example", Err(io::ErrorKind::ConnectionRefused.into()));
        assert_eq!(check.outcome, Outcome::Failed);
        assert!(
            check.text.starts_with("hooks.example can't be connected to: "),
            "{check:?}"
        );
    }
}
