//! Cleaning of typed text before anything is measured or judged.
//!
//! Owns blanks, invisible characters, Unicode composition and typographic signs. Never transliterates a letter: a letter that
//! Amazon may not print is reported, not replaced.

use std::iter;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// More marks than any script stacks on one letter; beyond it the text is a prank.
const COMBINING_MARKS_MAX: usize = 4;

/// Text after cleaning.
pub(super) struct Cleaned {
    /// NFC, single blanks, nothing invisible.
    pub(super) text: String,
    /// Whether anything but blanks at the ends differs from what was typed.
    pub(super) changed: bool,
    /// Whether the text can't be repaired: escape sequences, lost characters, stacked marks.
    pub(super) broken: bool,
}

/// Cleans one field.
pub(super) fn clean(typed: &str) -> Cleaned {
    let trimmed = typed.trim_matches(' ');
    // Most text is printable ASCII, and much sooner cleaned.
    if trimmed.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        let changed = trimmed.contains("  ");
        return Cleaned {
            text: if changed {
                single_blanks(trimmed)
            } else {
                trimmed.to_owned()
            },
            changed,
            broken: false,
        };
    }
    let is_blank = |letter: char| letter.is_whitespace();
    let visible: String = typed.chars().filter_map(plain_character).collect();
    let visible = single_blanks(&visible.replace(is_blank, " "));
    let text = if visible.is_ascii() {
        visible
    } else {
        visible.nfc().collect()
    };
    Cleaned {
        changed: text != trimmed,
        broken: typed.chars().any(is_broken) || has_stacked_marks(&text),
        text,
    }
}

fn single_blanks(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    spaced
}

/// Returns whether ISO 8859-1, which Amazon's guide recommends, can print the text.
pub(super) fn is_latin(text: &str) -> bool {
    let is_printable = |letter| matches!(letter, ' '..='~' | '\u{a0}'..='\u{ff}');
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.chars().all(is_printable)
}

/// A word in a text and where it begins, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Token<'t> {
    /// Where it begins.
    pub(super) start: usize,
    /// Its letters and digits.
    pub(super) word: &'t str,
}

/// Returns the words of a text: letters and digits; everything else separates.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut end = 0;
    iter::from_fn(move || {
        let start = end + text[end..].find(|letter| !is_separator(letter))?;
        end = start + word_length(&text[start..]);
        let word = &text[start..end];
        Some(Token { start, word })
    })
}

/// The bytes before the first separator. ASCII, which most text is, needs no decoding.
fn word_length(text: &str) -> usize {
    let plain = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    match text.as_bytes().get(plain) {
        Some(byte) if !byte.is_ascii() => text.find(is_separator).unwrap_or(text.len()),
        Some(_) | None => plain,
    }
}

/// Returns the words of a text as they were typed.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    tokens(text).map(|token| token.word)
}

/// Returns the words of a text, the last one first.
pub(super) fn words_from_end(text: &str) -> impl Iterator<Item = &str> {
    text.rsplit(is_separator).filter(|word| !word.is_empty())
}

fn is_separator(letter: char) -> bool {
    if letter.is_ascii() {
        !letter.is_ascii_alphanumeric()
    } else {
        !letter.is_alphanumeric()
    }
}

/// Returns whether a word may begin at a place, in bytes: nothing or a separator stands before it.
pub(super) fn begins_word(text: &str, place: usize) -> bool {
    let before = text.get(..place).and_then(|before| before.chars().next_back());
    before.is_none_or(is_separator)
}

/// Returns whether two words differ in case only.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || !one.is_ascii() && one.to_lowercase() == other.to_lowercase()
}

/// Returns whether a word is in a list of ASCII words, whatever its case.
pub(super) fn is_any_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(word))
}

/// Returns whether a text has at most so many characters.
pub(super) fn is_within(text: &str, limit: usize) -> bool {
    // No text has more characters than bytes, and those are counted already.
    text.len() <= limit || length(text) <= limit
}

/// Returns the number of characters, the unit of Amazon's limits.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

fn plain_character(letter: char) -> Option<char> {
    match letter {
        ' '..='~' => Some(letter),
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' => Some(' '),
        // Letters that show nothing but count as letters.
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => Some(' '),
        _ if letter.is_control() || is_invisible(letter) => None,
        '‘' | '’' | '‛' | 'ʼ' | '′' | '＇' => Some('\''),
        '“' | '”' | '„' | '‟' | '″' => Some('"'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' => Some('-'),
        '⁄' | '∕' => Some('/'),
        // The full-width forms of ASCII are the same signs, set wide.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0),
        _ => Some(letter),
    }
}

fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Escape starts a terminal sequence, so do the C1 controls; U+FFFD stands for a letter that is lost.
fn is_broken(letter: char) -> bool {
    matches!(letter, '\u{1b}' | '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffd}')
}

fn has_stacked_marks(text: &str) -> bool {
    let mut marks = 0;
    !text.is_ascii()
        && text.chars().any(|letter| {
            marks = if is_combining_mark(letter) { marks + 1 } else { 0 };
            marks > COMBINING_MARKS_MAX
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_tabs_newlines_and_invisible_characters_are_cleaned_e33_d18() {
        let cleaned = clean(" 12\tMain\r\nSt\u{200b}  Apt\u{a0}4\u{202e} ");
        assert_eq!(cleaned.text, "12 Main St Apt 4");
        assert!(cleaned.changed && !cleaned.broken);
    }

    #[test]
    fn a_blank_at_the_end_is_no_change_worth_a_note() {
        assert!(!clean("12 Main St ").changed);
    }

    #[test]
    fn decomposed_letters_are_composed_d16() {
        assert_eq!(clean("Jose\u{301} Mun\u{303}oz").text, "José Muñoz");
    }

    #[test]
    fn typographic_signs_become_their_plain_form() {
        assert_eq!(clean("R. O’Neill–Vargas “A” ３Ｆ").text, "R. O'Neill-Vargas \"A\" 3F");
    }

    #[test]
    fn escape_sequences_are_broken_text_d20() {
        for typed in ["\u{1b}]0;pwn\u{7}", "\u{1b}[2J", "a\u{9b}2J", "Fran\u{fffd}ois"] {
            assert!(clean(typed).broken, "{typed:?}");
        }
        assert!(!clean("bell\u{7} and NUL\0").broken);
    }

    #[test]
    fn a_thousand_combining_marks_are_broken_text_d17() {
        let zalgo = format!("Z{}algo", "\u{335}".repeat(1000));
        assert!(clean(&zalgo).broken);
        assert!(!clean("Nguyễn").broken);
    }

    #[test]
    fn latin_letters_are_those_of_iso_8859_1_e32() {
        assert!(is_latin("Ñandú Åse Müßig, 12½"));
        for text in ["Šumava", "Иван", "東京", "🙂", "Nguyễn"] {
            assert!(!is_latin(text), "{text}");
        }
    }
}
