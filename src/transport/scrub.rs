//! One scrubber for everything that comes from outside and is kept, shown or sent on: it knows every secret of both vendors and of
//! the operator's endpoints, and what secrets look like that it was never told of.
//!
//! A sentence that it has cleaned holds no secret but may still hold a buyer's address: it belongs to its one order, sealed.

use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use crate::secret::Secret;

/// What stands in the place of a secret.
const SECRET: &str = "[secret]";
/// What stands in the place of an e-mail address or a phone number.
const PRIVATE: &str = "[private]";

/// The longest sentence that is kept, in characters.
pub const SENTENCE_LENGTH_MAX: usize = 300;
/// The longest code or id that is kept, in characters.
pub const WORD_LENGTH_MAX: usize = 64;
/// A shorter secret would take ordinary words out of every sentence.
const SECRET_LENGTH_MIN: usize = 4;
/// A shorter secret would take ordinary words out of names and ids, which decide.
const SECRET_LENGTH_MIN_IN_BODY: usize = 12;
/// A run of letters and digits this long is an opaque value: no word, no id of a vendor.
const OPAQUE_LENGTH_MIN: usize = 32;
/// The shortest value with a secret's beginning that is taken for one.
const MARKED_LENGTH_MIN: usize = 12;
/// Phone numbers have so many digits; ids of orders and SKUs have more, codes fewer.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;

/// Parts of a value that only a secret has, in lower case.
const MARKS: [&str; 6] = ["atza|", "atzr|", "atza%7c", "atzr%7c", "amzn1.oa2-cs", "whsec_"];
/// How TikTok's tokens and shop ciphers begin.
const BEGINNINGS: [&str; 3] = ["TTP_", "ROW_", "GCP_"];
/// Names whose value is a secret, without `_` and `-`.
const NAMES: [&str; 16] = [
    "accesstoken",
    "refreshtoken",
    "sign",
    "signature",
    "appsecret",
    "clientsecret",
    "authcode",
    "authorizationcode",
    "shopcipher",
    "cipher",
    "bearer",
    "password",
    "secret",
    "token",
    "xttsaccesstoken",
    "xamzaccesstoken",
];

/// Cleans texts. Clones know the same secrets.
#[derive(Debug, Clone, Default)]
pub struct Scrubber(Arc<RwLock<Vec<String>>>);

impl Scrubber {
    /// Learns a secret, so that no text passes that repeats it.
    pub fn know(&self, secret: &Secret) {
        let plain = secret.expose().trim();
        if plain.len() < SECRET_LENGTH_MIN {
            return;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for form in [plain.to_owned(), encoded] {
            if !known.contains(&form) {
                known.push(form);
            }
        }
        // What holds another one goes first, so that nothing of it is left over.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// Makes one line of a vendor's sentence: no secret, no e-mail or phone number, no control character, not endless.
    #[must_use]
    pub fn sentence(&self, text: &str) -> String {
        // Far more than is kept, so that a text without an end costs nothing.
        let beginning: String = text.chars().take(20 * SENTENCE_LENGTH_MAX).collect();
        let unknown = without_looks(&self.without_known(one_line(&beginning)));
        unknown.chars().take(SENTENCE_LENGTH_MAX).collect()
    }

    /// Returns a code or an id of a request as it stands, or nothing where it is not one: letters, digits, `-`, `_`, `.` and `:`, at
    /// most 64, and no secret.
    #[must_use]
    pub fn word(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let is_clean = is_word(text) && self.without_known(text.to_owned()) == text && !has_secret_look(text);
        is_clean.then(|| text.to_owned())
    }

    /// Returns a vendor's id of a request: letters, digits, `-` and `_`. Each has a digit, and names of people and streets have none.
    #[must_use]
    pub fn request_id(&self, text: &str) -> Option<String> {
        let is_id = |id: &str| id.bytes().any(|byte| byte.is_ascii_digit()) && !id.contains(['.', ':']);
        self.word(text).filter(|id| is_id(id))
    }

    /// Takes the secrets that we know out of the body of an answer, plain or written in escapes: what is read of it (names, ids, words)
    /// goes everywhere. Short ones stay, for they may be ordinary words.
    pub fn clean_body(&self, body: &mut Vec<u8>) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let long: Vec<&str> = known
            .iter()
            .map(String::as_str)
            .filter(|secret| secret.len() >= SECRET_LENGTH_MIN_IN_BODY)
            .collect();
        let holds = |text: &[u8]| long.iter().any(|secret| position(text, secret.as_bytes()).is_some());
        let may_hide = !long.is_empty() && body.contains(&b'\\');
        if may_hide
            && let Ok(value) = serde_json::from_slice::<Value>(body)
            && any_text(&value, &|text| holds(text.as_bytes()))
        {
            *body = value.to_string().into_bytes();
        }
        for secret in long {
            while let Some(start) = position(body, secret.as_bytes()) {
                body.splice(start..start + secret.len(), SECRET.bytes());
            }
        }
    }

    fn without_known(&self, mut text: String) -> String {
        for secret in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if text.contains(secret) {
                text = text.replace(secret, SECRET);
            }
        }
        text
    }
}

/// Makes one line of a name that a vendor gave: no control character, no token, no e-mail address, not endless. Digits stay, for names
/// of goods have them.
#[must_use]
pub fn name(text: &str) -> String {
    let line = one_line(text);
    without_values(&line, has_secret_look)
        .chars()
        .take(SENTENCE_LENGTH_MAX)
        .collect()
}

/// Makes one line of a text: what could play tricks on a terminal becomes a blank.
#[must_use]
pub fn one_line(text: &str) -> String {
    let visible = text.replace(is_odd, " ");
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Tells whether `is_it` is so of any text or name in a document.
fn any_text(value: &Value, is_it: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_it(text),
        Value::Array(list) => list.iter().any(|value| any_text(value, is_it)),
        Value::Object(fields) => fields.iter().any(|(name, value)| is_it(name) || any_text(value, is_it)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (1..=WORD_LENGTH_MAX).contains(&text.len()) && text.bytes().all(is_plain)
}

/// Tells whether a letter has no place in one line: control characters and those that turn or hide text.
fn is_odd(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Takes out what looks like a secret, an e-mail address or a phone number.
fn without_looks(text: &str) -> String {
    without_phones(&without_values(text, |value| {
        has_secret_look(value) || is_opaque(value)
    }))
}

/// Takes out what is a secret by itself or by the name before it, and e-mail addresses.
fn without_values(text: &str, is_secret: impl Fn(&str) -> bool) -> String {
    let mut kept = String::new();
    let mut is_value = false;
    for piece in text.split_inclusive(is_border) {
        let (value, border) = match piece
            .char_indices()
            .next_back()
            .filter(|(_, letter)| is_border(*letter))
        {
            Some((end, _)) => piece.split_at(end),
            None => (piece, ""),
        };
        if value.is_empty() {
            kept.push_str(border);
            continue;
        }
        let is_name = names_a_secret(value);
        kept.push_str(match value {
            _ if is_value && !is_name => SECRET,
            value if is_secret(value) => SECRET,
            value if value.contains('@') => PRIVATE,
            value => value,
        });
        kept.push_str(border);
        is_value = is_name && is_followed_by_its_value(value, border);
    }
    kept
}

fn is_border(letter: char) -> bool {
    letter.is_whitespace() || "\"'`,;=&?()[]{}<>:".contains(letter)
}

fn names_a_secret(text: &str) -> bool {
    let plain = text.to_lowercase().replace(['_', '-'], "");
    NAMES.contains(&plain.as_str())
}

/// `sign=…`, `"token": …`, `Bearer …`; a word such as `token` in the middle of a sentence has no value.
fn is_followed_by_its_value(name: &str, border: &str) -> bool {
    border != " " || name.eq_ignore_ascii_case("bearer")
}

fn has_secret_look(text: &str) -> bool {
    let lower = text.to_lowercase();
    let begins = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning));
    MARKS.iter().any(|mark| lower.contains(mark)) || (begins && text.len() >= MARKED_LENGTH_MIN)
}

/// A secret's hexadecimal digits, a signature, a token without a mark.
fn is_opaque(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/_-.~|%".contains(&byte);
    let has_both =
        text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    text.len() >= OPAQUE_LENGTH_MIN && text.bytes().all(is_part) && has_both
}

fn without_phones(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_digit() || " +-().".contains(letter);
    let mut kept = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit() || letter == '+') {
        let (before, run) = rest.split_at(start);
        let run = &run[..run.find(|letter| !is_part(letter)).unwrap_or(run.len())];
        let number = run.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let number = if number.is_empty() { "+" } else { number };
        rest = &rest[start + number.len()..];
        kept.push_str(before);
        // Digits inside of a word are a number of a parcel or a SKU.
        let is_alone = !kept.ends_with(char::is_alphanumeric) && !rest.starts_with(char::is_alphanumeric);
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let is_phone = is_alone && PHONE_DIGITS.contains(&digits);
        kept.push_str(if is_phone { PRIVATE } else { number });
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        let scrubber = Scrubber::default();
        scrubber.know(&Secret::new("s3cr3t-app"));
        scrubber.know(&Secret::new("our|own token"));
        scrubber.know(&Secret::new(""));
        scrubber.sentence(text)
    }

    #[test]
    fn every_secret_of_ours_and_every_look_of_one_is_taken_out_of_a_sentence() {
        for secret in [
            "s3cr3t-app",
            "our%7Cown+token",
            "Atza|IwEBIPcanary",
            "Atzr|IwEBIPcanary",
            "Atzr%7CIwEBIPcanary",
            "amzn1.oa2-cs.v1.canary",
            "whsec_MfKQcanary",
            "TTP_canary0123456",
            "ROW_Zx9kQwAAAADcanary",
            "GCP_canary_0123456",
            "0123456789abcdef0123456789abcdef01234567",
            "dana.canary@example.com",
            "+1 (206) 555-0100",
            "206-555-0100",
            "2065550100",
        ] {
            for text in [
                format!("refused {secret}."),
                format!("({secret})"),
                format!("x=\"{secret}\", y"),
            ] {
                let clean = cleaned(&text);
                assert!(
                    !clean.contains(secret) && !clean.contains("canary"),
                    "H7, E119: {text} gave {clean}"
                );
            }
        }
        for text in [
            "GET /x?app_key=1&access_token=canary&sign=canary&shop_cipher=canary",
            "{\"refresh_token\": \"canary\"}",
            "app_secret=canary auth_code=canary",
            "Authorization: Bearer canary",
            "x-amz-access-token: canary",
        ] {
            assert!(!cleaned(text).contains("canary"), "H7: {text} gave {}", cleaned(text));
        }
    }

    #[test]
    fn ordinary_sentences_and_ids_stay_as_they_are() {
        for text in [
            "The tracking number 1Z999AA10123456784 is refused for order 576461413038785752.",
            "Invalid timestamp. It must be within 5 minutes",
            "The access token is expired, code 105002",
            "TTP_short stays",
            "param body.tracking_number is missing; see packages 1, 2 and 3 (of 4) - at 12.5%",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn a_sentence_can_play_no_tricks_on_a_terminal_and_is_not_endless() {
        assert_eq!(cleaned("a\u{1b}]0;pwn\u{7}\nnext \u{202e}x"), "a ]0;pwn next x", "D20");
        assert_eq!(cleaned(&"a".repeat(1_000_000)).len(), SENTENCE_LENGTH_MAX, "H2");
    }

    #[test]
    fn a_name_keeps_its_words_and_digits_and_loses_what_is_no_name() {
        for text in [
            "Desk lamp",
            "Premium-Cotton-T-Shirt-2024-Edition-Black-XL",
            "EAN 4006381333931 (12 pack)",
            "灯 & Lampe",
        ] {
            assert_eq!(name(text), text);
        }
        for (text, kept) in [
            ("Lamp\u{1b}[31m\nexit 0\u{202e}", "Lamp [31m exit 0"),
            ("Lamp Atza|IwEBIPcanary", "Lamp [secret]"),
            ("Lamp, token=canary", "Lamp, token=[secret]"),
            ("Lamp dana.canary@example.com", "Lamp [private]"),
        ] {
            assert_eq!(name(text), kept, "H1");
        }
    }

    #[test]
    fn an_answer_repeats_no_secret_in_whatever_form_and_stays_the_same_otherwise() {
        let scrubber = Scrubber::default();
        scrubber.know(&Secret::new("Atzr|canary/refresh"));
        scrubber.know(&Secret::new("lamp"));
        for (body, clean) in [
            (r#"{"name":"a Atzr|canary/refresh b"}"#, r#"{"name":"a [secret] b"}"#),
            (r#"{"name":"Atzr\u007ccanary\/refresh"}"#, r#"{"name":"[secret]"}"#),
            (r#"{"name":"Atzr%7Ccanary%2Frefresh"}"#, r#"{"name":"[secret]"}"#),
            ("<p>Atzr|canary/refresh</p>", "<p>[secret]</p>"),
            (
                r#"{"name":"desk lamp","id":5769,"note":"a\/b"}"#,
                r#"{"name":"desk lamp","id":5769,"note":"a\/b"}"#,
            ),
        ] {
            let mut read = body.as_bytes().to_vec();
            scrubber.clean_body(&mut read);
            assert_eq!(String::from_utf8_lossy(&read), clean, "R31");
        }
    }

    #[test]
    fn a_request_id_is_one_word_with_a_digit_and_no_secret_or_it_is_nothing() {
        let scrubber = Scrubber::default();
        scrubber.know(&Secret::new("s3cr3t-app"));
        for id in [
            "202203070749000101890810281E8C70B7",
            "5b1c9a1e-6c0f-4e6e-8f4b-1d2c3b4a5f60",
            "req-1",
        ] {
            assert_eq!(scrubber.request_id(id).as_deref(), Some(id));
        }
        for text in [
            "",
            "Dana Larkspur 12",
            "DanaLarkspur",
            "12\u{1b}[2J",
            "s3cr3t-app",
            "TTP_canary0123456",
            "1 2",
            "12.Canary.Lane",
            &"1".repeat(65),
        ] {
            assert_eq!(scrubber.request_id(text), None, "{text}");
        }
    }
}
