//! Signatures after Standard Webhooks 1.0: made for what leaves, checked for what an endpoint saved.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use crate::secret::{Private, Secret};

/// How far the time of a message may be from now, as the standard recommends.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

const PREFIX: &str = "whsec_";
const VERSION: &str = "v1,";

/// A signing secret that can't be used. It never shows the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signing secret is not `whsec_` followed by base64")]
pub struct NotAKey;

/// The key inside a `whsec_` secret.
#[derive(Debug, Clone)]
pub struct SigningKey(Private<Vec<u8>>);

impl SigningKey {
    /// Reads a secret, with or without its prefix.
    ///
    /// # Errors
    /// When it is empty or not base64.
    pub fn read(secret: &Secret) -> Result<Self, NotAKey> {
        let text = secret.expose().trim();
        let bytes = STANDARD
            .decode(text.strip_prefix(PREFIX).unwrap_or(text))
            .map_err(|_| NotAKey)?;
        if bytes.is_empty() {
            return Err(NotAKey);
        }
        Ok(Self(Private::new(bytes)))
    }

    fn over(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<Hmac<Sha256>, NotAKey> {
        let mut code = Hmac::<Sha256>::new_from_slice(self.0.expose()).map_err(|_| NotAKey)?;
        code.update(format!("{id}.{timestamp}.").as_bytes());
        code.update(body);
        Ok(code)
    }
}

/// Returns the value of `webhook-signature` for a message. `timestamp` is the Unix time of this try.
///
/// # Errors
/// When the key can't be used.
pub fn sign(key: &SigningKey, id: &str, timestamp: i64, body: &[u8]) -> Result<String, NotAKey> {
    let code = key.over(id, timestamp, body)?.finalize().into_bytes();
    Ok(format!("{VERSION}{}", STANDARD.encode(code)))
}

/// Why a received request is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// A header is not there.
    #[error("the request has no {0} header")]
    Missing(&'static str),
    /// The time is not a number of seconds.
    #[error("the webhook-timestamp header is not a Unix time")]
    NotATime,
    /// The message is old, or from the future.
    #[error("the message was sent at {sent_at}, more than {} seconds from now", tolerance.num_seconds())]
    Stale {
        /// When it was sent.
        sent_at: DateTime<Utc>,
        /// What is allowed.
        tolerance: TimeDelta,
    },
    /// No signature fits: another secret, or the message was changed.
    #[error("no signature of the request fits this secret and body")]
    WrongSignature,
    /// The secret can't be used.
    #[error(transparent)]
    NotAKey(#[from] NotAKey),
}

/// A request as an endpoint received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`: one signature or several, separated by spaces.
    pub signatures: &'a str,
    /// The exact body.
    pub body: &'a [u8],
}

impl<'a> SignedRequest<'a> {
    /// Reads a saved request: a request line if there is one, header lines, an empty line, the body byte for byte.
    ///
    /// A `content-length` header ends the body, so that a line break which an editor added does no harm.
    ///
    /// # Errors
    /// When one of the three headers is missing.
    pub fn read(saved: &'a [u8]) -> Result<Self, Refused> {
        let (head, body) = split(saved);
        let head = std::str::from_utf8(head).unwrap_or_default();
        let header = |name: &'static str| find(head, name).ok_or(Refused::Missing(name));
        let length = find(head, "content-length").and_then(|length| length.parse().ok());
        Ok(Self {
            id: header("webhook-id")?,
            timestamp: header("webhook-timestamp")?,
            signatures: header("webhook-signature")?,
            body: length.and_then(|length| body.get(..length)).unwrap_or(body),
        })
    }

    /// Checks the time and the signatures; comparing takes the same time whatever differs.
    ///
    /// # Errors
    /// When the message is too far from `now`, or no signature fits.
    pub fn verify(&self, key: &SigningKey, now: DateTime<Utc>, tolerance: TimeDelta) -> Result<(), Refused> {
        let timestamp: i64 = self.timestamp.parse().map_err(|_| Refused::NotATime)?;
        let sent_at = DateTime::from_timestamp(timestamp, 0).ok_or(Refused::NotATime)?;
        if (now - sent_at).abs() > tolerance {
            return Err(Refused::Stale { sent_at, tolerance });
        }
        for signature in self.signatures.split_ascii_whitespace() {
            let Some(code) = signature
                .strip_prefix(VERSION)
                .and_then(|code| STANDARD.decode(code).ok())
            else {
                continue;
            };
            if key.over(self.id, timestamp, self.body)?.verify_slice(&code).is_ok() {
                return Ok(());
            }
        }
        Err(Refused::WrongSignature)
    }
}

fn split(saved: &[u8]) -> (&[u8], &[u8]) {
    let mut line_start = 0;
    while let Some(length) = saved[line_start..].iter().position(|byte| *byte == b'\n') {
        let line = &saved[line_start..line_start + length];
        if line.is_empty() || line == b"\r" {
            return (&saved[..line_start], &saved[line_start + length + 1..]);
        }
        line_start += length + 1;
    }
    (saved, &[])
}

fn find<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn key() -> SigningKey {
        SigningKey::read(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).expect("a key")
    }

    fn sent_at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_614_265_330, 0).expect("a valid instant")
    }

    fn request(signatures: &str) -> SignedRequest<'_> {
        SignedRequest {
            id: ID,
            timestamp: "1614265330",
            signatures,
            body: BODY,
        }
    }

    fn check(request: &SignedRequest<'_>) -> Result<(), Refused> {
        request.verify(&key(), sent_at(), TOLERANCE)
    }

    #[test]
    fn the_published_example_of_the_standard_is_reproduced() {
        assert_eq!(sign(&key(), ID, 1_614_265_330, BODY).expect("signed"), SIGNATURE);
        assert_eq!(check(&request(SIGNATURE)), Ok(()));
    }

    #[test]
    fn one_fitting_signature_among_several_is_enough() {
        let several = format!("v1,AAAA v1a,g0hM9SsE v2,x nonsense {SIGNATURE}");
        assert_eq!(check(&request(&several)), Ok(()));
    }

    #[test]
    fn a_changed_message_another_secret_or_version_is_refused() {
        let wrong = Err(Refused::WrongSignature);
        let changed = SignedRequest {
            body: b"{}",
            ..request(SIGNATURE)
        };
        assert_eq!(check(&changed), wrong);
        let renamed = SignedRequest {
            id: "msg_1",
            ..request(SIGNATURE)
        };
        assert_eq!(check(&renamed), wrong);
        assert_eq!(check(&request(&SIGNATURE.replace("v1,", "v2,"))), wrong);
        assert_eq!(check(&request("")), wrong);
        let other = SigningKey::read(&Secret::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).expect("a key");
        assert_eq!(request(SIGNATURE).verify(&other, sent_at(), TOLERANCE), wrong);
    }

    #[test]
    fn a_message_is_believed_for_five_minutes_in_both_directions() {
        let at = |seconds| request(SIGNATURE).verify(&key(), sent_at() + TimeDelta::seconds(seconds), TOLERANCE);
        assert_eq!(at(300), Ok(()));
        assert_eq!(at(-300), Ok(()));
        assert!(matches!(at(301), Err(Refused::Stale { .. })));
        assert!(matches!(at(-301), Err(Refused::Stale { .. })));
        let late = SignedRequest {
            timestamp: "soon",
            ..request(SIGNATURE)
        };
        assert_eq!(check(&late), Err(Refused::NotATime));
        let far = SignedRequest {
            timestamp: "9223372036854775807",
            ..request(SIGNATURE)
        };
        assert_eq!(check(&far), Err(Refused::NotATime), "H9");
    }

    #[test]
    fn a_saved_request_is_read_with_both_kinds_of_line_ends() {
        for end in ["\n", "\r\n"] {
            let mut saved = [
                "POST /hook HTTP/1.1",
                "Host: ops.example",
                &format!("Webhook-Id: {ID}"),
                "Webhook-Timestamp: 1614265330",
                &format!("Webhook-Signature: {SIGNATURE}"),
                "Content-Length: 20",
                "",
                "",
            ]
            .join(end)
            .into_bytes();
            saved.extend_from_slice(BODY);
            saved.push(b'\n');
            let request = SignedRequest::read(&saved).expect("a request");
            assert_eq!(check(&request), Ok(()));
        }
        assert_eq!(
            SignedRequest::read(b"webhook-id: 1\n\n{}"),
            Err(Refused::Missing("webhook-timestamp"))
        );
    }

    #[test]
    fn a_secret_that_is_no_base64_is_refused_without_being_shown() {
        for text in ["whsec_", "", "whsec_not base64!"] {
            let error = SigningKey::read(&Secret::new(text)).expect_err("refused");
            assert!(!error.to_string().contains("not base64!"), "I10");
        }
        assert!(!format!("{:?}", key()).contains("MfKQ"), "I10");
    }
}
