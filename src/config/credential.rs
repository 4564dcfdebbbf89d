//! What every credential must be: in one piece and real. Must never put one into an error.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::Problem;

/// The least length of a signing secret before base64 (Standard Webhooks, "Signature scheme").
const SIGNING_BYTES_MIN: usize = 24;

const DATA_KEY_BYTES: usize = 32;

/// Words that templates have where a credential belongs.
const PLACEHOLDERS: [&str; 9] = [
    "changeme",
    "change-me",
    "change_me",
    "replaceme",
    "replace-me",
    "replace_me",
    "placeholder",
    "todo",
    "fixme",
];

/// Returns the names under which a service manager may pass secrets on: those of their variables, in small letters.
#[must_use]
pub fn names(webhooks: usize) -> Vec<String> {
    let fixed = [
        "tiktok_app_secret",
        "tiktok_access_token",
        "tiktok_refresh_token",
        "amazon_client_secret",
        "amazon_refresh_token",
        "mcf_data_key",
        "mcf_store_url",
    ];
    let of_webhook = |number| ["url", "secret"].map(|key| format!("webhook_{number}_{key}"));
    let of_webhooks = (1..=webhooks).flat_map(of_webhook);
    fixed.into_iter().map(str::to_owned).chain(of_webhooks).collect()
}

/// Returns a credential without the white space around it, such as the line break that an editor adds to a file.
pub(super) fn checked(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    if text.chars().any(char::is_whitespace) {
        return Err(Problem::InnerWhitespace);
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::ControlCharacters);
    }
    if is_placeholder(text) {
        return Err(Problem::Placeholder);
    }
    Ok(text.to_owned())
}

fn is_placeholder(text: &str) -> bool {
    let text = text.to_lowercase();
    let is_filler = text
        .chars()
        .all(|letter| matches!(letter, 'x' | '.' | '…' | '*' | '-' | '_'));
    let is_bracketed = text.starts_with('<') && text.ends_with('>');
    let is_yours = ["your_", "your-"].iter().any(|start| text.starts_with(start));
    is_filler || is_bracketed || is_yours || PLACEHOLDERS.contains(&text.as_str())
}

/// Returns the key bytes of a Standard Webhooks secret: base64 after `whsec_`.
///
/// # Errors
/// When the prefix is missing, the rest is not base64, or it holds fewer than 24 bytes.
pub fn signing_key(secret: &str) -> Result<Vec<u8>, Problem> {
    let encoded = secret.strip_prefix("whsec_").ok_or(Problem::SigningSecretUnreadable)?;
    let key = STANDARD.decode(encoded).map_err(|_| Problem::SigningSecretUnreadable)?;
    if key.len() < SIGNING_BYTES_MIN {
        return Err(Problem::SigningSecretShort { min: SIGNING_BYTES_MIN });
    }
    Ok(key)
}

/// Checks that a text is what a key file holds: 32 bytes in base64, in each line one, each with its number or the only one.
pub(super) fn data_key(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let is_key = |line: &str| {
        let key = line.split_once(' ').map_or(line, |(_, key)| key);
        STANDARD
            .decode(key.trim())
            .is_ok_and(|bytes| bytes.len() == DATA_KEY_BYTES)
    };
    match !text.is_empty() && text.lines().all(is_key) {
        true => Ok(text.to_owned()),
        false => Err(Problem::NotADataKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c8_a_line_break_at_the_end_is_trimmed_and_a_space_inside_is_refused() {
        assert_eq!(checked("abc\n"), Ok("abc".to_owned()));
        assert_eq!(checked("abc \r\n"), Ok("abc".to_owned()));
        assert_eq!(checked("a bc"), Err(Problem::InnerWhitespace));
        assert_eq!(checked("a\nbc"), Err(Problem::InnerWhitespace));
        assert_eq!(checked("a\u{a0}bc"), Err(Problem::InnerWhitespace));
        assert_eq!(checked("a\u{0}bc"), Err(Problem::ControlCharacters));
    }

    #[test]
    fn c9_placeholders_are_refused_and_short_test_secrets_are_not() {
        for text in [
            "changeme",
            "ChangeMe",
            "xxx",
            "XXXXXXXX",
            "...",
            "…",
            "<secret>",
            "your_app_secret",
            "TODO",
        ] {
            assert_eq!(checked(text), Err(Problem::Placeholder), "{text}");
        }
        for text in ["secret", "test", "Atzr|IwEBIx", "a.b-c_d"] {
            assert_eq!(checked(text), Ok(text.to_owned()));
        }
    }

    #[test]
    fn c14_a_signing_secret_is_whsec_and_base64_of_twenty_four_bytes() {
        let encoded = |length| format!("whsec_{}", STANDARD.encode(vec![7; length]));
        assert_eq!(signing_key(&encoded(24)).map(|key| key.len()), Ok(24));
        assert_eq!(signing_key(&encoded(23)), Err(Problem::SigningSecretShort { min: 24 }));
        for text in ["whsec_%%%", "whsec_abc", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_…"] {
            assert_eq!(signing_key(text), Err(Problem::SigningSecretUnreadable), "{text}");
        }
    }
}
