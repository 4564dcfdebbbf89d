//! TikTok's request signature and the check of its webhooks (TikTok page "Sign your API request", webhook configuration guide).
//!
//! Pure text and bytes. What is signed is what leaves: decoded query values, the real path, the body byte for byte.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

use crate::secret::Secret;

/// Everything but RFC 3986's unreserved characters: a `+` that stays plain is read as a space and breaks the signature.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The query keys that are never signed.
const UNSIGNED: [&str; 2] = ["sign", "access_token"];

/// What a signature is taken over.
pub(super) struct Signed<'a> {
    /// The path without host and query, ids filled in.
    pub path: &'a str,
    /// The query with decoded values, in any order.
    pub query: &'a [(&'a str, &'a str)],
    /// The exact body.
    pub body: Option<&'a [u8]>,
    /// The media type with its parameters. The body of `multipart/form-data` is not signed.
    pub content_type: &'a str,
}

impl Signed<'_> {
    /// Returns the signature: 64 lower-case hexadecimal digits.
    pub fn sign(&self, app_secret: &Secret) -> String {
        let secret = app_secret.expose().as_bytes();
        let mut message = secret.to_vec();
        message.extend_from_slice(self.path.trim_end_matches('/').as_bytes());
        for (key, value) in self.sorted_query() {
            message.extend_from_slice(key.as_bytes());
            message.extend_from_slice(value.as_bytes());
        }
        message.extend_from_slice(self.signed_body());
        message.extend_from_slice(secret);
        hexadecimal(&mac(secret, &[&message]).finalize().into_bytes())
    }

    fn sorted_query(&self) -> Vec<(&str, &str)> {
        let signed = |(key, _): &&(&str, &str)| !UNSIGNED.contains(key);
        let mut query: Vec<_> = self.query.iter().filter(signed).copied().collect();
        query.sort_unstable();
        query
    }

    fn signed_body(&self) -> &[u8] {
        let media_type = self.content_type.split(';').next().unwrap_or_default().trim();
        match self.body {
            Some(body) if !media_type.eq_ignore_ascii_case("multipart/form-data") => body,
            Some(_) | None => &[],
        }
    }
}

/// Writes a query string whose decoded values are exactly the given ones.
pub(super) fn encode_query(query: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, ENCODED).to_string();
    let pairs: Vec<String> = query
        .iter()
        .map(|(key, value)| format!("{}={}", encode(key), encode(value)))
        .collect();
    pairs.join("&")
}

/// Tells whether a webhook of TikTok Shop is genuine: its `Authorization` header is the signature of exactly this body.
///
/// The comparison takes the same time wherever the texts differ.
#[must_use]
pub fn verify_webhook(app_key: &str, app_secret: &Secret, raw_body: &[u8], authorization: &str) -> bool {
    let Some(claimed) = from_hexadecimal(authorization) else {
        return false;
    };
    mac(app_secret.expose().as_bytes(), &[app_key.as_bytes(), raw_body])
        .verify_slice(&claimed)
        .is_ok()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC takes keys of every length; the block-size key is the only way that cannot fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    for part in parts {
        mac.update(part);
    }
    mac
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const VECTORS: &str = include_str!("../../fixtures/tiktok/signature_vectors.json");
    const WEBHOOKS: &str = include_str!("../../fixtures/tiktok/webhook_vectors.json");

    fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
        vector[key].as_str().unwrap_or_default()
    }

    #[test]
    fn every_known_signature_and_wire_query_is_reproduced() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).expect("the fixture is JSON");
        assert_eq!(vectors.len(), 17);
        for vector in &vectors {
            let given = vector["query"].as_object().expect("a query");
            let query: Vec<(&str, &str)> = given
                .iter()
                .map(|(key, _)| (key.as_str(), text(&vector["query"], key)))
                .collect();
            let signature = Signed {
                path: text(vector, "path"),
                query: &query,
                body: vector["body"].as_str().map(str::as_bytes),
                content_type: text(vector, "content_type"),
            }
            .sign(&Secret::new(text(vector, "app_secret")));
            assert_eq!(signature, text(vector, "sign"), "{}", text(vector, "name"));
            let mut wire: Vec<_> = query.into_iter().filter(|(key, _)| !UNSIGNED.contains(key)).collect();
            wire.push(("sign", &signature));
            wire.sort_unstable();
            let mut expected: Vec<&str> = text(vector, "wire_query").split('&').collect();
            expected.sort_unstable();
            assert_eq!(encode_query(&wire), expected.join("&"), "{}", text(vector, "name"));
        }
    }

    #[test]
    fn a_slash_at_the_end_of_the_path_is_not_signed() {
        let sign = |path| {
            Signed {
                path,
                query: &[("foo", "bar")],
                body: None,
                content_type: "application/json",
            }
            .sign(&Secret::new("app_secret"))
        };
        assert_eq!(sign("/test-api/"), sign("/test-api"));
    }

    #[test]
    fn webhooks_are_genuine_only_with_their_own_signature() {
        let vectors: Vec<Value> = serde_json::from_str(WEBHOOKS).expect("the fixture is JSON");
        assert_eq!(vectors.len(), 4);
        for vector in &vectors {
            let secret = Secret::new(text(vector, "app_secret"));
            let genuine = |body: &str, authorization: &str| {
                verify_webhook(text(vector, "app_key"), &secret, body.as_bytes(), authorization)
            };
            let (body, authorization) = (text(vector, "raw_body"), text(vector, "authorization"));
            assert!(genuine(body, authorization), "{}", text(vector, "name"));
            assert!(!genuine(&format!("{body} "), authorization));
            let shifted: String = authorization.chars().rev().collect();
            for forged in [
                "",
                "zz",
                "5",
                &authorization[..62],
                &format!("Bearer {authorization}"),
                &shifted,
            ] {
                assert!(!genuine(body, forged), "{forged}");
            }
        }
    }
}
