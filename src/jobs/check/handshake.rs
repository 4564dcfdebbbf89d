//! A TLS handshake and nothing behind it: whether an endpoint's certificate is one that a delivery would accept.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, ClientConnection};
use rustls_platform_verifier::ConfigVerifierExt;

/// Shakes hands, by the authorities that this machine trusts. No byte of a request is sent.
pub(super) fn shake(mut stream: TcpStream, host: &str, patience: Duration) -> io::Result<()> {
    let name = ServerName::try_from(host.to_owned()).map_err(invalid)?;
    let config = ClientConfig::with_platform_verifier().map_err(invalid)?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(invalid)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let until = Instant::now() + patience;
    while connection.is_handshaking() {
        if Instant::now() > until {
            return Err(ErrorKind::TimedOut.into());
        }
        take_turn(&mut connection, &mut stream)?;
    }
    connection.send_close_notify();
    // It has proven itself: whether it still listens is its own affair.
    let _ = connection.write_tls(&mut stream);
    Ok(())
}

fn take_turn(connection: &mut ClientConnection, stream: &mut TcpStream) -> io::Result<()> {
    while connection.wants_write() {
        connection.write_tls(stream)?;
    }
    if connection.is_handshaking() && connection.wants_read() {
        if connection.read_tls(stream)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        connection
            .process_new_packets()
            .map_err(|error| io::Error::other(sentence(&error)))?;
    }
    Ok(())
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, error)
}

/// Returns what is wrong, in a person's words where it is about the certificate.
fn sentence(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(why) = error else {
        return format!("the TLS handshake failed: {error}");
    };
    match why {
        CertificateError::UnknownIssuer => "its certificate is signed by nobody that this machine trusts".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name".to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        other => format!("its certificate is not accepted: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_certificate_is_said_in_words() {
        let said = |why| sentence(&rustls::Error::InvalidCertificate(why));
        for (why, expected) in [
            (CertificateError::UnknownIssuer, "signed by nobody"),
            (CertificateError::Expired, "has expired"),
            (CertificateError::NotValidYet, "is not valid yet"),
            (CertificateError::NotValidForName, "is for another name"),
            (CertificateError::Revoked, "was revoked"),
            (CertificateError::BadSignature, "is not accepted"),
        ] {
            let text = said(why);
            assert!(text.contains(expected), "{text}");
        }
    }
}
