//! What stood between this machine and a host, in words for a person: what the HTTP client says of it is for those who look deeper.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::error_chain::chain;

/// What a cause is called by those who make it, in lower case, and what it is called here. The first that fits decides.
const NAMES: [(&str, &str); 4] = [
    ("dns error", "its name is not known here"),
    ("failed to lookup address", "its name is not known here"),
    ("before message completed", "the connection broke"),
    (
        "no ca certificates",
        "this machine names no authority that it trusts: install its package ca-certificates",
    ),
];

/// Returns what kept a call from being answered; `None` where nothing behind the error says it.
pub(super) fn obstacle(error: &(dyn Error + 'static)) -> Option<&'static str> {
    chain(error).find_map(|cause| named(cause).or_else(|| of_system(cause)))
}

fn named(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    let text = cause.to_string().to_lowercase();
    let name = NAMES.iter().find(|(name, _)| text.contains(name));
    name.map(|(_, words)| *words).or_else(|| behind(cause))
}

/// An error that the system's kind of error carries is none of its causes.
fn behind(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    let carried = cause.downcast_ref::<io::Error>()?.get_ref()?;
    match carried.downcast_ref() {
        Some(error) => Some(insecure(error)),
        None => obstacle(carried),
    }
}

fn insecure(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => "its certificate is out of date, or this machine's clock is wrong",
        rustls::Error::InvalidCertificate(_) => "its certificate is not one that this machine trusts",
        _ => "no secure connection could be agreed on",
    }
}

fn of_system(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    if cause.downcast_ref().is_some_and(reqwest::Error::is_timeout) {
        return Some("no answer in time");
    }
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionRefused => Some("the connection is refused"),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkDown => {
            Some("no network leads there")
        }
        io::ErrorKind::TimedOut => Some("no answer in time"),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some("the connection broke"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_host_from_being_reached_has_plain_words() {
        let system = |number| io::Error::from_raw_os_error(number);
        let certificate = |error| io::Error::other(rustls::Error::InvalidCertificate(error));
        for (error, words) in [
            (system(111), Some("the connection is refused")),
            (system(101), Some("no network leads there")),
            (system(113), Some("no network leads there")),
            (system(110), Some("no answer in time")),
            (system(104), Some("the connection broke")),
            (system(13), None),
            (
                io::Error::other("failed to lookup address information: Name or service not known"),
                Some("its name is not known here"),
            ),
            (
                certificate(CertificateError::UnknownIssuer),
                Some("its certificate is not one that this machine trusts"),
            ),
            (
                certificate(CertificateError::Expired),
                Some("its certificate is out of date, or this machine's clock is wrong"),
            ),
            (
                io::Error::other(rustls::Error::HandshakeNotComplete),
                Some("no secure connection could be agreed on"),
            ),
            (
                io::Error::other("unexpected error: No CA certificates were loaded from the system"),
                Some("this machine names no authority that it trusts: install its package ca-certificates"),
            ),
            (
                io::Error::other(io::Error::from_raw_os_error(111)),
                Some("the connection is refused"),
            ),
        ] {
            assert_eq!(obstacle(&error), words, "{error:?}");
        }
    }
}
