//! Which URLs may be called.

use url::{Host, Url};

use super::error::Problem;
use crate::network;

/// Names under which clouds serve the credentials of a machine.
const METADATA_NAMES: [&str; 4] = ["metadata", "metadata.google.internal", "metadata.goog", "instance-data"];

/// Reads the base URL of an API: `https`, or anything on loopback.
pub(super) fn base_url(text: &str) -> Result<Url, Problem> {
    let url = secure_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Problem::QueryInUrl);
    }
    Ok(url)
}

/// Reads the URL of a webhook, which must not reach the metadata service of the machine, nor a private network unless that is
/// allowed. What a name leads to is seen when it is connected to.
pub(super) fn webhook_url(text: &str, allow_private: bool) -> Result<Url, Problem> {
    let url = secure_url(text)?;
    let host = url.host().ok_or(Problem::NotAUrl)?;
    if is_forbidden(&host) {
        return Err(Problem::ForbiddenAddress);
    }
    if !allow_private && network::needs_leave(&host) {
        return Err(Problem::PrivateAddress);
    }
    Ok(url)
}

fn secure_url(text: &str) -> Result<Url, Problem> {
    let url = Url::parse(text).map_err(|_| Problem::NotAUrl)?;
    let host = url.host().ok_or(Problem::NotAUrl)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Problem::UserInUrl);
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&host) => {}
        _ => return Err(Problem::InsecureUrl),
    }
    Ok(url)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    }
}

fn is_forbidden(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => METADATA_NAMES.contains(&name.trim_end_matches('.')),
        Host::Ipv4(_) | Host::Ipv6(_) => network::address_of(host).is_some_and(network::is_forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c11_plain_http_is_for_loopback_only() {
        for text in [
            "http://127.0.0.1:8080",
            "http://localhost:1",
            "http://[::1]/",
            "https://open-api.tiktokglobalshop.com",
        ] {
            assert!(base_url(text).is_ok(), "{text}");
        }
        for text in [
            "http://sellingpartnerapi-na.amazon.com",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "ftp://127.0.0.1/",
            "http://10.0.0.1/",
        ] {
            assert_eq!(base_url(text), Err(Problem::InsecureUrl), "{text}");
        }
        for text in ["", "example.com", "/path", "https://", "mailto:a@b"] {
            assert_eq!(base_url(text), Err(Problem::NotAUrl), "{text}");
        }
        assert_eq!(base_url("https://example.com/?a=b"), Err(Problem::QueryInUrl));
    }

    #[test]
    fn c12_no_spelling_of_a_metadata_address_is_a_webhook() {
        for text in [
            "https://169.254.169.254/",
            "https://2852039166/latest",
            "https://0xa9fea9fe/",
            "https://[::ffff:169.254.169.254]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
            "https://metadata.google.internal./",
            "https://METADATA.google.internal/",
            "https://100.100.100.200/",
            "https://0.0.0.0/",
        ] {
            assert_eq!(webhook_url(text, false), Err(Problem::ForbiddenAddress), "{text}");
        }
        for text in [
            "https://hooks.slack.com/services/T0/B0/x",
            "https://localhost:8443/",
            "http://127.0.0.1:9/",
            "https://example.com/?token=1",
        ] {
            assert!(webhook_url(text, false).is_ok(), "{text}");
        }
    }

    #[test]
    fn c13_a_password_in_a_url_is_refused() {
        assert_eq!(
            webhook_url("https://user:pw@example.com/", false),
            Err(Problem::UserInUrl)
        );
        assert_eq!(base_url("https://user@example.com/"), Err(Problem::UserInUrl));
    }

    #[test]
    fn c30_a_webhook_in_a_private_network_must_be_meant() {
        for text in [
            "https://10.0.0.1/",
            "https://192.168.1.5:8443/x",
            "https://172.16.0.1/",
            "https://100.64.0.1/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:c0a8:105]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[2002:a00:1::]/",
            "https://0xa000001/",
            "http://[::ffff:127.0.0.1]:9/",
            "https://[64:ff9b::7f00:1]/",
        ] {
            assert_eq!(webhook_url(text, false), Err(Problem::PrivateAddress), "C30: {text}");
            assert!(webhook_url(text, true).is_ok(), "C30: {text}");
        }
        for text in [
            "http://127.0.0.1:9/",
            "http://localhost:9/",
            "https://[::1]/",
            "https://1.1.1.1/",
        ] {
            assert!(webhook_url(text, false).is_ok(), "C30: {text}");
        }
        assert_eq!(
            webhook_url("https://169.254.169.254/", true),
            Err(Problem::ForbiddenAddress),
            "C12"
        );
    }
}
