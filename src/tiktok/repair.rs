//! Replaces letters that are none in a JSON text: invalid UTF-8 and halves of surrogate pairs.
//!
//! The replacement is U+FFFD, which no address or SKU check lets pass: what was broken stays visible, and stays one order's
//! matter.

/// The length of `\uXXXX`.
const ESCAPE: usize = 6;

/// Returns the body with U+FFFD in place of everything that is not a letter.
pub(super) fn broken_letters(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('\\') {
        repaired.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = escape_length(rest);
        let is_broken = length == ESCAPE && escaped_unit(rest).is_some_and(|unit| (0xd800..0xe000).contains(&unit));
        repaired.push_str(if is_broken { "\\ufffd" } else { &rest[..length] });
        rest = &rest[length..];
    }
    repaired.push_str(rest);
    repaired
}

/// Returns how many bytes the escape at the beginning takes: a whole surrogate pair counts as one.
fn escape_length(text: &str) -> usize {
    match escaped_unit(text) {
        Some(high) if (0xd800..0xdc00).contains(&high) => match escaped_unit(&text[ESCAPE..]) {
            Some(low) if (0xdc00..0xe000).contains(&low) => 2 * ESCAPE,
            Some(_) | None => ESCAPE,
        },
        Some(_) => ESCAPE,
        None => text.chars().take(2).map(char::len_utf8).sum(),
    }
}

fn escaped_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_and_invalid_bytes_are_replaced_and_all_else_is_kept() {
        for (given, repaired) in [
            (r#"{"a":"\ud83d"}"#, r#"{"a":"\ufffd"}"#),
            (r#"{"a":"\ude00\ud83dx"}"#, r#"{"a":"\ufffd\ufffdx"}"#),
            (r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\ud83d\ude00"}"#),
            (r#"{"a":"\\ud83d \n é"}"#, r#"{"a":"\\ud83d \n é"}"#),
            ("\\", "\\"),
            ("\\ué", "\\ué"),
        ] {
            assert_eq!(broken_letters(given.as_bytes()), repaired, "H4");
        }
        assert_eq!(broken_letters(b"{\"a\":\"\xff\"}"), "{\"a\":\"\u{fffd}\"}", "H3");
    }
}
