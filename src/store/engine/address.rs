//! Where PostgreSQL is, written as libpq writes it, and how it is reached.
//!
//! TLS is always verified: by the authorities that this machine trusts, or by those of `sslrootcert`.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use postgres::config::{Config, Host, SslMode};
use postgres::{Client, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::ConfigVerifierExt;
use thiserror::Error;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long one host is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server and a schema on it.
#[derive(Clone)]
pub struct Address {
    config: Config,
    root: Option<PathBuf>,
    schema: String,
}

/// What is no address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Not what libpq takes.
    #[error("is no address of PostgreSQL: postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full")]
    Unreadable,
    /// No mode of libpq.
    #[error("has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full")]
    Mode,
    /// A schema is a word.
    #[error("is no name of a schema: small letters, digits and _, a letter first, at most 63")]
    Schema,
}

/// Tells whether a text means a server rather than a file.
fn is_address(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is none; the text, which may hold a password, is not in the error.
    pub fn read(url: &str, schema: &str) -> Result<Self, AddressError> {
        let is_letter = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        let is_word = schema.starts_with(is_letter)
            && schema
                .chars()
                .all(|letter| is_letter(letter) || letter.is_ascii_digit())
            && schema.len() <= 63;
        if !is_word || schema.starts_with("pg_") {
            return Err(AddressError::Schema);
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root, mut rest) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(mode_of(value)?),
                Some(("sslrootcert", value)) => root = Some(decoded(value)?),
                _ => rest.push(pair),
            }
        }
        let text = if rest.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{}", rest.join("&"))
        };
        let mut config: Config = text.parse().map_err(|_| AddressError::Unreadable)?;
        if !is_address(url) || config.get_hosts().is_empty() {
            return Err(AddressError::Unreadable);
        }
        config
            .ssl_mode(mode.unwrap_or_else(|| usual(&config)))
            .application_name("mcf");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        Ok(Self {
            config,
            root,
            schema: schema.to_owned(),
        })
    }

    /// Returns the schema of the shop.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        self.connect_by(&self.config)
    }

    /// Connects to a session that is set up by its first words. A pooler, which gives each transaction another session, refuses them
    /// or does not pass them on: what they set is not to be seen then.
    pub(super) fn connect_to_own(&self, words: &str) -> Result<Client, postgres::Error> {
        let mut config = self.config.clone();
        let given = self.config.get_options().unwrap_or_default();
        config.options(format!("{given} {words}").trim());
        self.connect_by(&config)
    }

    fn connect_by(&self, config: &Config) -> Result<Client, postgres::Error> {
        if config.get_ssl_mode() == SslMode::Disable {
            return config.connect(NoTls);
        }
        // A configuration that can't be made refuses every certificate, which is an error of the connection.
        let tls = tls(self.root.as_deref()).unwrap_or_else(|_| refusing());
        config.connect(MakeRustlsConnect::new(tls))
    }
}

/// Without a password.
impl fmt::Display for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        let database = self.config.get_dbname().unwrap_or_default();
        write!(to, "postgres://{}/{database} (schema {})", hosts.join(","), self.schema)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

fn mode_of(word: &str) -> Result<SslMode, AddressError> {
    Ok(match word {
        "disable" => SslMode::Disable,
        "allow" | "prefer" => SslMode::Prefer,
        "require" | "verify-ca" | "verify-full" => SslMode::Require,
        _ => return Err(AddressError::Mode),
    })
}

/// What never leaves the machine needs no TLS; all else has it.
fn usual(config: &Config) -> SslMode {
    let is_near = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    };
    if config.get_hosts().iter().all(is_near) {
        SslMode::Disable
    } else {
        SslMode::Require
    }
}

fn decoded(value: &str) -> Result<PathBuf, AddressError> {
    let text = percent_encoding::percent_decode_str(value).decode_utf8();
    text.map(|text| PathBuf::from(text.as_ref()))
        .map_err(|_| AddressError::Unreadable)
}

fn tls(root: Option<&Path>) -> Result<ClientConfig, Box<dyn std::error::Error>> {
    // Somebody else may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Some(root) = root else {
        return Ok(ClientConfig::with_platform_verifier()?);
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(root)? {
        roots.add(certificate?)?;
    }
    Ok(trusting(roots))
}

fn refusing() -> ClientConfig {
    trusting(RootCertStore::empty())
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder()
        .with_root_certificates(Arc::new(roots))
        .with_no_client_auth()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_libpq_reads_it_and_shown_without_its_password() {
        for (url, mode, shown) in [
            (
                "postgres://mcf:secret@127.0.0.1:5433/shop",
                SslMode::Disable,
                "postgres://127.0.0.1/shop (schema mcf)",
            ),
            (
                "postgresql://mcf@db.example.com/shop",
                SslMode::Require,
                "postgres://db.example.com/shop (schema mcf)",
            ),
            (
                "postgres://mcf@db.example.com/shop?sslmode=disable",
                SslMode::Disable,
                "postgres://db.example.com/shop (schema mcf)",
            ),
            (
                "postgres://mcf@a,b/shop?target_session_attrs=read-write&sslmode=verify-full&sslrootcert=/etc/ca%20x.pem",
                SslMode::Require,
                "postgres://a,b/shop (schema mcf)",
            ),
        ] {
            let address = Address::read(url, "mcf").expect(url);
            assert_eq!(address.config.get_ssl_mode(), mode, "{url}");
            assert_eq!(address.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_or_no_schema_is_refused() {
        for (url, schema, error) in [
            ("mysql://x/y", "mcf", AddressError::Unreadable),
            ("postgres://", "mcf", AddressError::Unreadable),
            ("postgres://h/d?sslmode=maybe", "mcf", AddressError::Mode),
            ("postgres://h/d?unknown=1", "mcf", AddressError::Unreadable),
            ("postgres://h/d", "Mcf; DROP", AddressError::Schema),
            ("postgres://h/d", "pg_catalog", AddressError::Schema),
            ("postgres://h/d", "", AddressError::Schema),
        ] {
            assert_eq!(Address::read(url, schema).expect_err(url), error, "{url} {schema}");
        }
    }
}
