//! Upper and lower case. Words typed all lower or all upper get the case that people write; mixed case is left alone.
//!
//! Changes case only: no letter is added, dropped or replaced, so the length stays.

use std::cell::OnceCell;
use std::iter;

use super::listed::{Kind, Listed};

/// Elided words after which the next letter is a capital, beside single letters as in `O'Brien`.
const ELISIONS: &[&str] = &["dell", "dall", "nell", "sant"];

/// Gives words the case that people write. Lines go in together, divided by `\n`, so that each is judged by its neighbours.
pub(super) fn capitalise(text: &str, kind: Kind) -> String {
    let mut reader = Reader {
        text,
        kind,
        is_shouted: OnceCell::new(),
        opening: true,
        after_link: false,
        written: String::with_capacity(text.len()),
    };
    for (word, blank) in parts(text, is_blank) {
        reader.read(word, blank.is_empty());
        reader.written.push_str(blank);
    }
    reader.written
}

/// What the words before the next one say about it.
struct Reader<'a> {
    text: &'a str,
    kind: Kind,
    /// Looked for when the first word asks; most don't.
    is_shouted: OnceCell<bool>,
    opening: bool,
    after_link: bool,
    /// The words so far, in their case.
    written: String,
}

impl Reader<'_> {
    fn read(&mut self, word: &str, is_last: bool) {
        let signs = Signs::of(word);
        if !signs.letter {
            self.written.push_str(word);
            return;
        }
        let bare = if signs.is_plain() { word } else { bare(word) };
        let listed = self.kind.look_up(bare);
        // The last word of a name is a surname, though it be one like Do or Van.
        let is_surname = is_last && self.kind == Kind::Name;
        let is_small = !self.opening && !is_surname && (listed.is_link || self.after_link && listed.is_article);
        self.write(word, signs, bare, listed, is_small);
        self.after_link = is_small || listed.is_link;
        // A house number or a direction in front of a street does not make its first word an inner one.
        self.opening = self.opening && self.kind == Kind::Place && (listed.is_code || is_single(bare) || signs.digit);
    }

    fn write(&mut self, word: &str, signs: Signs, bare: &str, listed: Listed, is_small: bool) {
        if signs.lower && signs.upper {
            self.written.push_str(word);
        } else if let Some(spelling) = listed.spelling {
            self.written.push_str(&word.replacen(bare, spelling, 1));
        } else if listed.is_code {
            push_upper(&mut self.written, word);
        } else if signs.digit {
            push_numbered(&mut self.written, word);
        } else if !signs.lower && !listed.is_short_word && is_short(bare) && !self.is_shouted() {
            self.written.push_str(word);
        } else if is_small {
            push_lower(&mut self.written, word);
        } else if signs.is_plain() {
            // Most words have no sign that could divide them.
            push_titled_piece(&mut self.written, word);
        } else {
            push_title(&mut self.written, word);
        }
    }

    fn is_shouted(&self) -> bool {
        *self.is_shouted.get_or_init(|| is_shouted(self.text, self.kind))
    }
}

/// Returns whether no word shows that the buyer knows lower case. Initials, numbers and codes show nothing.
fn is_shouted(text: &str, kind: Kind) -> bool {
    !parts(text, is_blank)
        .map(|(word, _)| (word, Signs::of(word)))
        .filter(|(_, signs)| signs.lower && !signs.digit)
        .any(|(word, _)| has_word(word) && !kind.look_up(bare(word)).is_code)
}

/// Which signs a word has.
#[derive(Clone, Copy, Default)]
struct Signs {
    letter: bool,
    lower: bool,
    upper: bool,
    /// In ASCII.
    digit: bool,
    /// Anything but ASCII letters and digits.
    other: bool,
}

impl Signs {
    fn of(word: &str) -> Self {
        let mut signs = Self::default();
        for byte in word.bytes() {
            match byte {
                b'a'..=b'z' => signs.lower = true,
                b'A'..=b'Z' => signs.upper = true,
                b'0'..=b'9' => signs.digit = true,
                _ => signs.other = true,
            }
        }
        signs.letter = signs.lower || signs.upper;
        if signs.other && !word.is_ascii() {
            signs.lower = word.chars().any(char::is_lowercase);
            signs.upper = word.chars().any(char::is_uppercase);
            signs.letter = word.chars().any(char::is_alphabetic);
        }
        signs
    }

    /// Returns whether the word is nothing but ASCII letters.
    fn is_plain(self) -> bool {
        !self.digit && !self.other
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n')
}

/// Returns whether a sign divides a word into parts with a case of their own.
fn is_divider(byte: u8) -> bool {
    matches!(byte, b'-' | b'/' | b'.' | b'&' | b'+' | b'(' | b',' | b'#')
}

/// The parts of a text, each with the divider that ends it. Dividers are ASCII.
fn parts(mut text: &str, is_divider: impl Fn(u8) -> bool) -> impl Iterator<Item = (&str, &str)> {
    iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let end = text.bytes().position(&is_divider);
        let (part, rest) = text.split_at(end.unwrap_or(text.len()));
        let (divider, rest) = rest.split_at(usize::from(end.is_some()));
        text = rest;
        Some((part, divider))
    })
}

/// Returns whether more than single letters stand between the signs of a word; `c/o` and `P.O.` have no word.
fn has_word(word: &str) -> bool {
    word.split(|letter: char| !letter.is_alphabetic())
        .any(|part| part.chars().nth(1).is_some())
}

/// The word without signs at its ends.
fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_alphanumeric())
}

fn is_single(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some() && letters.next().is_none()
}

/// Returns whether a word has at most three letters, as initials have.
fn is_short(bare: &str) -> bool {
    bare.chars().nth(3).is_none()
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Words with digits: `5th` small, `4B` and `B4` large, longer endings as typed.
fn push_numbered(written: &mut String, word: &str) {
    for (part, divider) in parts(word, is_divider) {
        let letters = part.chars().filter(|letter| letter.is_alphabetic());
        if !has_digit(part) {
            push_titled_part(written, part);
        } else if is_ordinal(part) {
            push_lower(written, part);
        } else if letters.count() == 1 {
            push_upper(written, part);
        } else {
            written.push_str(part);
        }
        written.push_str(divider);
    }
}

fn is_ordinal(part: &str) -> bool {
    let ending = part.trim_start_matches(|letter: char| !letter.is_alphabetic());
    part.starts_with(|letter: char| letter.is_ascii_digit())
        && ["st", "nd", "rd", "th"]
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
}

fn push_title(written: &mut String, word: &str) {
    for (part, divider) in parts(word, is_divider) {
        push_titled_part(written, part);
        written.push_str(divider);
    }
}

/// One part of a word: `O'Brien`, `King's`, `McDonald`, `Main`.
fn push_titled_part(written: &mut String, part: &str) {
    let mut before = "";
    for (piece, apostrophe) in parts(part, |byte| byte == b'\'') {
        let is_elided = is_single(before) || ELISIONS.iter().any(|known| before.eq_ignore_ascii_case(known));
        // The `s` of `King's` is small after any beginning.
        if !before.is_empty() && (is_single(piece) || !is_elided) {
            push_lower(written, piece);
        } else {
            push_titled_piece(written, piece);
        }
        written.push_str(apostrophe);
        before = piece;
    }
}

fn push_titled_piece(written: &mut String, piece: &str) {
    match piece.split_at_checked(2) {
        Some((prefix, clan)) if prefix.eq_ignore_ascii_case("mc") && clan.len() > 1 => {
            written.push_str("Mc");
            push_capitalised(written, clan);
        }
        Some(_) | None => push_capitalised(written, piece),
    }
}

fn push_capitalised(written: &mut String, piece: &str) {
    if piece.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        let start = written.len();
        push_lower(written, piece);
        written[start..=start].make_ascii_uppercase();
        return;
    }
    let Some((place, first)) = piece.char_indices().find(|(_, letter)| letter.is_alphabetic()) else {
        written.push_str(piece);
        return;
    };
    written.push_str(&piece[..place]);
    written.push(upper(first));
    push_lower(written, &piece[place + first.len_utf8()..]);
}

fn push_upper(written: &mut String, text: &str) {
    if text.is_ascii() {
        let start = written.len();
        written.push_str(text);
        written[start..].make_ascii_uppercase();
    } else {
        written.extend(text.chars().map(upper));
    }
}

fn push_lower(written: &mut String, text: &str) {
    if text.is_ascii() {
        let start = written.len();
        written.push_str(text);
        written[start..].make_ascii_lowercase();
    } else {
        written.extend(text.chars().map(lower));
    }
}

/// A letter whose other case is not one letter, such as `ß`, or leaves ISO 8859-1, such as `ÿ`, stays.
fn upper(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_uppercase();
    }
    single(letter.to_uppercase(), letter)
}

fn lower(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    single(letter.to_lowercase(), letter)
}

fn single(mut letters: impl ExactSizeIterator<Item = char>, otherwise: char) -> char {
    match (letters.len(), letters.next()) {
        (1, Some(letter)) if otherwise > '\u{ff}' || letter <= '\u{ff}' => letter,
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, table: &[(&str, &str)]) {
        for (typed, expected) in table {
            assert_eq!(capitalise(typed, kind), *expected, "{typed}");
            assert_eq!(capitalise(expected, kind), *expected, "again: {expected}");
        }
    }

    #[test]
    fn streets_and_cities_get_the_case_that_people_write() {
        check(
            Kind::Place,
            &[
                ("123 main st", "123 Main St"),
                ("123 MAIN ST", "123 Main St"),
                ("123 Main st", "123 Main St"),
                ("123 Main ST", "123 Main St"),
                ("new york", "New York"),
                ("123 n main st.", "123 N Main St."),
                ("45 5TH AVE NW", "45 5th Ave NW"),
                ("45 5th AVE se", "45 5th Ave SE"),
                ("po box 12", "PO Box 12"),
                ("P.O. BOX 12", "P.O. Box 12"),
                ("p.o. box 12", "P.O. Box 12"),
                ("psc 1234 box 567", "PSC 1234 Box 567"),
                ("APO", "APO"),
                ("apt 4-b", "Apt 4-B"),
                ("Apt 4-B", "Apt 4-B"),
                ("unit 4b", "Unit 4B"),
                ("unit b", "Unit B"),
                ("APT #12C", "Apt #12C"),
                ("55-01 woodside ave", "55-01 Woodside Ave"),
                ("12 1/2 elm st", "12 1/2 Elm St"),
                ("box elder rd", "Box Elder Rd"),
                ("123 del mar ave", "123 Del Mar Ave"),
                ("1200 LA CIENEGA BLVD", "1200 La Cienega Blvd"),
                ("123 n de soto ave", "123 N De Soto Ave"),
                ("calle de la rosa 5", "Calle de la Rosa 5"),
                ("12 rue de la paix", "12 Rue de la Paix"),
                ("o'fallon", "O'Fallon"),
                ("COEUR D'ALENE", "Coeur D'Alene"),
                ("king's way", "King's Way"),
                ("winston-salem", "Winston-Salem"),
                ("stratford-upon-avon", "Stratford-Upon-Avon"),
                ("MCALLEN", "McAllen"),
                ("12 MÜHLENSTRASSE", "12 Mühlenstrasse"),
                ("12 hauptstraße", "12 Hauptstraße"),
                ("IBM Plaza 5", "IBM Plaza 5"),
                ("c/o acme llc", "c/o Acme LLC"),
                ("12 MLK Jr Blvd", "12 MLK Jr Blvd"),
                ("us hwy 1", "US Hwy 1"),
                ("eBay Way", "eBay Way"),
                ("東京 5", "東京 5"),
                ("100 main st\nAPT 4", "100 Main St\nApt 4"),
            ],
        );
    }

    #[test]
    fn names_get_the_case_that_people_write() {
        check(
            Kind::Name,
            &[
                ("john doe", "John Doe"),
                ("JOHN DOE", "John Doe"),
                ("John WHITFIELD", "John Whitfield"),
                ("Dana IBM", "Dana IBM"),
                ("john MCDONALD", "John McDonald"),
                ("McDonald", "McDonald"),
                ("sean o'brien", "Sean O'Brien"),
                ("SEAN O'BRIEN-SMITH", "Sean O'Brien-Smith"),
                ("vincent van der berg", "Vincent van der Berg"),
                ("VINCENT VAN DER BERG", "Vincent van der Berg"),
                ("MARIA DE LA CRUZ", "Maria de la Cruz"),
                ("van nguyen", "Van Nguyen"),
                ("MINH DO", "Minh Do"),
                ("thanh van", "Thanh Van"),
                ("MCMCMCDONALD", "McMcmcdonald"),
                ("JOHN SMITH III", "John Smith III"),
                ("john smith jr.", "John Smith Jr."),
                ("J.R. EWING", "J.R. Ewing"),
                ("j p morgan", "J P Morgan"),
                ("LaToya Jackson", "LaToya Jackson"),
                ("LATOYA JACKSON", "Latoya Jackson"),
                ("dana c/o ACME LLC", "Dana c/o Acme LLC"),
                ("DANA C/O ACME", "Dana c/o Acme"),
                ("ÉLODIE ÑANDÚ", "Élodie Ñandú"),
                ("acme gmbh", "Acme GmbH"),
                ("JAMES SMITH MD", "James Smith MD"),
                ("deShawn", "deShawn"),
                ("李 小龍", "李 小龍"),
            ],
        );
    }
}
