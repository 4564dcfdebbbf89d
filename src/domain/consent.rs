//! What the operator brings back from a vendor's consent page: a code, the whole redirect address, or (Amazon) a refresh token; and
//! what a refused code was refused for.

pub mod scopes;
pub mod state;

use std::fmt;

use percent_encoding::percent_decode_str;
use thiserror::Error;

use crate::secret::Secret;

/// As long as anything of a consent page will ever be.
const LENGTH_MAX: usize = 8 * 1024;

/// The fewest characters of a code that stands alone. A word that somebody typed is shorter.
const CODE_LENGTH_MIN: usize = 6;

/// What was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pasted {
    /// The code of a consent.
    Code(Code),
    /// Amazon's refresh token itself.
    RefreshToken(Secret),
}

/// The code of a consent, with what stood beside it in the redirect address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code, good once.
    pub code: Secret,
    /// The state, where the address bears one.
    pub state: Option<String>,
    /// The seller who agreed, where Amazon's address names it.
    pub seller: Option<String>,
}

/// Why nothing can be done with what was pasted. What it was is not repeated: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Junk {
    /// Nothing.
    #[error("nothing was given")]
    Nothing,
    /// An address without a code.
    #[error("this address has no {0} in it: it must be the one that the browser was sent to after you agreed")]
    NoCode(&'static str),
    /// The seller said no.
    #[error("the seller did not agree: the address says so")]
    Denied,
    /// A secret of another kind.
    #[error("this is {0}, not a code")]
    OtherSecret(&'static str),
    /// Something else.
    #[error("this is neither a code nor the address that the browser was sent to")]
    Neither,
}

/// Reads a code of TikTok, or the address that the browser was sent to.
///
/// # Errors
/// When it is neither.
pub fn read_tiktok(text: &str) -> Result<Pasted, Junk> {
    let text = trimmed(text)?;
    match query_of(text) {
        Some(query) => from_query(query, "code"),
        None => alone(text),
    }
}

/// Reads a refresh token of Amazon, a code, or the address that the browser was sent to.
///
/// # Errors
/// When it is none of these.
pub fn read_amazon(text: &str) -> Result<Pasted, Junk> {
    let text = trimmed(text)?;
    if text.starts_with("Atzr|") && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Pasted::RefreshToken(Secret::new(text)));
    }
    let others = [
        ("Atza|", "an access token"),
        ("amzn1.oa2-cs", "the client secret"),
        ("amzn1.application-oa2-client", "the client id"),
        ("amzn1.sp.solution", "the application id"),
    ];
    if let Some((_, what)) = others.iter().find(|(start, _)| text.starts_with(start)) {
        return Err(Junk::OtherSecret(what));
    }
    match query_of(text) {
        Some(query) => from_query(query, "spapi_oauth_code"),
        None => alone(text),
    }
}

/// Takes off what a mail or a shell put around it.
fn trimmed(text: &str) -> Result<&str, Junk> {
    let text = text.trim().trim_matches(['"', '\'', '<', '>', '`']).trim();
    match text.len() {
        0 => Err(Junk::Nothing),
        1..=LENGTH_MAX => Ok(text),
        _ => Err(Junk::Neither),
    }
}

/// Returns the query of an address, or of the end of one.
fn query_of(text: &str) -> Option<&str> {
    let is_address = text.contains("://") || text.contains('?') || text.contains("code=") || text.contains("error=");
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    is_address.then(|| query.split('#').next().unwrap_or_default())
}

fn from_query(query: &str, name: &'static str) -> Result<Pasted, Junk> {
    let pairs: Vec<(&str, String)> = query.split('&').filter_map(pair).collect();
    let value = |wanted: &str| {
        let mut values = pairs.iter().filter(|(key, _)| *key == wanted);
        values.next().map(|(_, value)| value.clone())
    };
    if value("error").is_some() {
        return Err(Junk::Denied);
    }
    let is_one = pairs.iter().filter(|(key, _)| *key == name).count() == 1;
    let code = value(name).filter(|code| is_one && is_code(code));
    Ok(Pasted::Code(Code {
        code: Secret::new(code.ok_or(Junk::NoCode(name))?),
        state: value("state").filter(|state| !state.is_empty()),
        seller: value("selling_partner_id").filter(|seller| !seller.is_empty()),
    }))
}

/// A plus is a plus: no code has a blank in it.
fn pair(text: &str) -> Option<(&str, String)> {
    let (key, value) = text.split_once('=')?;
    Some((key, percent_decode_str(value).decode_utf8().ok()?.into_owned()))
}

/// A code that stands alone looks like one: no sentence, no plain word.
fn alone(text: &str) -> Result<Pasted, Junk> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| Junk::Neither)?;
    let is_word = decoded.bytes().all(|byte| byte.is_ascii_lowercase());
    if decoded.len() < CODE_LENGTH_MIN || is_word || !is_code(&decoded) {
        return Err(Junk::Neither);
    }
    Ok(Pasted::Code(Code {
        code: Secret::new(decoded),
        state: None,
        seller: None,
    }))
}

fn is_code(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=|:".contains(&byte);
    !text.is_empty() && text != "null" && text.bytes().all(is_sign)
}

/// Why a vendor refused a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is too old.
    Expired,
    /// It was used before.
    Used,
    /// It was issued for another app.
    Foreign,
    /// The vendor does not say which.
    Unclear,
}

impl Fault {
    /// Reads it out of the vendor's sentence. One that names several causes names none.
    #[must_use]
    pub fn read(sentence: &str) -> Self {
        let sentence = sentence.to_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
        let found = [
            (Self::Expired, names(&["expire", "too old", "timed out"])),
            (Self::Used, names(&["used", "redeemed", "consumed", "already"])),
            (
                Self::Foreign,
                names(&[
                    "belong",
                    "another app",
                    "other app",
                    "app_key",
                    "app key",
                    "not match",
                    "mismatch",
                ]),
            ),
        ];
        let mut found = found.into_iter().filter(|(_, is_named)| *is_named);
        match (found.next(), found.next()) {
            (Some((fault, _)), None) if !names(&["invalid or", " or invalid"]) => fault,
            _ => Self::Unclear,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Expired => "the code is too old",
            Self::Used => "the code was used before, and each is good once",
            Self::Foreign => "the code was given for another app than the configured one",
            Self::Unclear => "the code is refused: it is too old, was used before, or was given for another app",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(read: Result<Pasted, Junk>) -> Result<(String, Option<String>), Junk> {
        match read? {
            Pasted::Code(code) => Ok((code.code.expose().to_owned(), code.state)),
            Pasted::RefreshToken(token) => Ok((token.expose().to_owned(), None)),
        }
    }

    #[test]
    fn a_code_or_the_whole_address_is_read_however_it_was_copied() {
        let with_state = Ok(("TTP_a+b/c".to_owned(), Some("s-1".to_owned())));
        for text in [
            "https://shop.example/back?app_key=1&code=TTP_a%2Bb%2Fc&locale=en&state=s-1&shop_region=US",
            "https://shop.example/back?code=TTP_a+b/c&state=s-1#top",
            "  'https://shop.example/?state=s-1&code=TTP_a%2Bb%2Fc' \n",
            "?code=TTP_a%2bb%2fc&state=s-1",
            "code=TTP_a%2Bb%2Fc&state=s-1",
        ] {
            assert_eq!(code(read_tiktok(text)), with_state, "{text}");
        }
        assert_eq!(
            code(read_tiktok("TTP_12")),
            Ok(("TTP_12".to_owned(), None)),
            "the shortest"
        );
        assert!(code(read_tiktok(&"T".repeat(4000))).is_ok(), "a long one");
        for text in ["TTP_a+b/c", "TTP_a%2Bb%2Fc\n", "\"TTP_a+b/c\""] {
            assert_eq!(code(read_tiktok(text)), Ok(("TTP_a+b/c".to_owned(), None)), "{text}");
        }
        let amazon = "https://shop.example/?state=s-1&spapi_oauth_code=ANDMxqpCmq&selling_partner_id=A3FH";
        let Ok(Pasted::Code(read)) = read_amazon(amazon) else {
            panic!("a code: {:?}", read_amazon(amazon));
        };
        assert_eq!(
            (read.code.expose(), read.seller.as_deref()),
            ("ANDMxqpCmq", Some("A3FH"))
        );
        let token = Ok(("Atzr|IwEBIJ".to_owned(), None));
        assert_eq!(code(read_amazon(" Atzr|IwEBIJ\n")), token);
    }

    #[test]
    fn what_is_no_code_is_told_apart_and_never_repeated() {
        for (text, junk) in [
            ("", Junk::Nothing),
            (" \n", Junk::Nothing),
            ("hello world", Junk::Neither),
            ("nonsense", Junk::Neither),
            ("abc", Junk::Neither),
            ("TTP_1", Junk::Neither),
            ("TTP_\u{1b}[31m", Junk::Neither),
            ("%ff%ff%ff%ff", Junk::Neither),
            ("https://shop.example/back", Junk::NoCode("code")),
            ("https://shop.example/back?code=&state=1", Junk::NoCode("code")),
            ("https://shop.example/back?code=a%20b", Junk::NoCode("code")),
            ("https://shop.example/back?code=TTP_1&code=TTP_2", Junk::NoCode("code")),
            ("https://shop.example/back?code=null&error=auth_denied", Junk::Denied),
        ] {
            assert_eq!(code(read_tiktok(text)), Err(junk), "{text:?}");
        }
        let long = "x".repeat(LENGTH_MAX + 1);
        assert_eq!(code(read_tiktok(&long)), Err(Junk::Neither));
        for (text, junk) in [
            ("Atza|IwEBIJ", Junk::OtherSecret("an access token")),
            ("amzn1.oa2-cs.v1.1", Junk::OtherSecret("the client secret")),
            ("https://shop.example/?code=1", Junk::NoCode("spapi_oauth_code")),
            ("Atzr|a b", Junk::Neither),
        ] {
            assert_eq!(code(read_amazon(text)), Err(junk), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_is_named_only_where_the_vendor_names_one_cause() {
        for (sentence, fault) in [
            ("auth code is expired", Fault::Expired),
            ("Authorization code has already been used", Fault::Used),
            ("auth code does not belong to this app_key", Fault::Foreign),
            ("auth code is invalid or expired", Fault::Unclear),
            ("auth_code expired or used", Fault::Unclear),
            ("bad request", Fault::Unclear),
            ("", Fault::Unclear),
        ] {
            assert_eq!(Fault::read(sentence), fault, "{sentence}");
            assert!(fault.to_string().starts_with("the code "), "{fault:?}");
        }
    }
}
