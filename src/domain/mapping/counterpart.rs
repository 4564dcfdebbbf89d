//! Which of Amazon's SKUs a seller's text at TikTok may stand for. For people: only equal texts are ever mapped without looking.
//!
//! Where two of Amazon's SKUs come into question, none is named. A digit, and a word as short as a size or a colour's code, tells one
//! product from the next: texts that differ there are two products and no typing error.

use std::collections::{BTreeMap, BTreeSet};

use super::similar::skeleton;
use crate::domain::ids::{AmazonSku, SellerSku};

/// Letters that a word must have to be taken for one that was mistyped.
const WORD_LETTERS_MIN: usize = 5;

/// Stands in the place of a word that may be mistyped.
const ANY: &str = "*";

/// How much alike two texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same text.
    Equal,
    /// The same but for case, spaces, dashes, leading zeros, or letters that look the same.
    Spelling,
    /// One letter of a longer word differs.
    OneLetter,
}

impl Likeness {
    /// Says why one text may stand for the other.
    #[must_use]
    pub fn because(self) -> &'static str {
        match self {
            Self::Equal => "the same text",
            Self::Spelling => "the same but for case, spaces, dashes or leading zeros",
            Self::OneLetter => "one letter differs",
        }
    }
}

/// Amazon's SKUs by what they look like.
#[derive(Debug, Default)]
pub struct Counterparts {
    exact: BTreeSet<String>,
    spelled: BTreeMap<String, BTreeSet<String>>,
    mistyped: BTreeMap<Vec<String>, BTreeSet<String>>,
}

impl FromIterator<AmazonSku> for Counterparts {
    fn from_iter<T: IntoIterator<Item = AmazonSku>>(skus: T) -> Self {
        let mut known = Self::default();
        for sku in skus {
            let text = sku.as_str().to_owned();
            let words = words(&text);
            known.spelled.entry(joined(&words)).or_default().insert(text.clone());
            for gap in gaps(&words) {
                known.mistyped.entry(gap).or_default().insert(text.clone());
            }
            known.exact.insert(text);
        }
        known
    }
}

impl Counterparts {
    /// Returns the one SKU that a text may stand for, where there is exactly one.
    #[must_use]
    pub fn of(&self, text: &SellerSku) -> Option<(AmazonSku, Likeness)> {
        let text = text.as_str();
        if self.exact.contains(text) {
            return Some((AmazonSku::new(text), Likeness::Equal));
        }
        let words = words(text);
        if words.is_empty() {
            return None;
        }
        if let Some(found) = self.spelled.get(&joined(&words)) {
            return only(found.iter()).map(|sku| (sku, Likeness::Spelling));
        }
        let near: BTreeSet<&String> = gaps(&words)
            .iter()
            .filter_map(|gap| self.mistyped.get(gap))
            .flatten()
            .filter(|sku| strsim::damerau_levenshtein(&joined(&words), &joined(&self::words(sku))) == 1)
            .collect();
        only(near.into_iter()).map(|sku| (sku, Likeness::OneLetter))
    }
}

fn only<'a>(mut found: impl Iterator<Item = &'a String>) -> Option<AmazonSku> {
    found.next().filter(|_| found.next().is_none()).map(AmazonSku::new)
}

/// Returns the words and numbers of a text, as a reader takes them. A number has no leading zeros.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for letter in skeleton_of_words(text).chars() {
        let kind = letter.is_alphanumeric().then(|| letter.is_ascii_digit());
        match (kind, words.last_mut()) {
            (None, _) => {}
            (Some(_), Some(word)) if before == kind => word.push(letter),
            (Some(_), _) => words.push(letter.to_string()),
        }
        before = kind;
    }
    words.iter().map(|word| without_zeros(word)).collect()
}

/// A space parts two words; everything else that a reader overlooks is taken away.
fn skeleton_of_words(text: &str) -> String {
    text.split_whitespace().map(skeleton).collect::<Vec<_>>().join(" ")
}

fn without_zeros(word: &str) -> String {
    match word.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    }
}

/// Numbers stay apart: 1-10 is not 11-0.
fn joined(words: &[String]) -> String {
    let is_number = |word: &String| word.starts_with(|letter: char| letter.is_ascii_digit());
    let mut joined = String::new();
    let mut before_is_number = false;
    for word in words {
        if before_is_number && is_number(word) {
            joined.push('-');
        }
        joined.push_str(word);
        before_is_number = is_number(word);
    }
    joined
}

/// Returns the words with a gap in the place of each that may be mistyped.
fn gaps(words: &[String]) -> Vec<Vec<String>> {
    let is_long = |word: &String| {
        word.chars().count() >= WORD_LETTERS_MIN && !word.starts_with(|letter: char| letter.is_ascii_digit())
    };
    let places = words.iter().enumerate().filter(|(_, word)| is_long(word));
    places
        .map(|(place, _)| {
            let mut gap = words.to_vec();
            gap[place] = ANY.to_owned();
            gap
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, inventory: &[&str]) -> Option<(String, Likeness)> {
        let known: Counterparts = inventory.iter().copied().map(AmazonSku::new).collect();
        let (sku, likeness) = known.of(&SellerSku::new(text))?;
        Some((sku.to_string(), likeness))
    }

    #[test]
    fn equal_and_near_texts_are_named_and_two_candidates_never_are() {
        use Likeness::{Equal, OneLetter, Spelling};
        type Row = (&'static str, &'static [&'static str], Option<(&'static str, Likeness)>);
        let table: [Row; 29] = [
            (
                "LAMP-BLK-01",
                &["LAMP-BLK-01", "lamp-blk-01"],
                Some(("LAMP-BLK-01", Equal)),
            ),
            ("lamp-blk-01", &["LAMP-BLK-01"], Some(("LAMP-BLK-01", Spelling))),
            ("LAMP BLK 01", &["LAMP-BLK-01"], Some(("LAMP-BLK-01", Spelling))),
            ("LAMPBLK01", &["LAMP-BLK-01"], Some(("LAMP-BLK-01", Spelling))),
            ("LAMP_BLK.01", &["LAMP-BLK-01"], Some(("LAMP-BLK-01", Spelling))),
            ("LAMP-BLK-1", &["LAMP-BLK-001"], Some(("LAMP-BLK-001", Spelling))),
            ("0042", &["42"], Some(("42", Spelling))),
            ("LAMP\u{2011}BLK", &["LAMP-BLK"], Some(("LAMP-BLK", Spelling))),
            ("L\u{410}MP-BLK", &["LAMP-BLK"], Some(("LAMP-BLK", Spelling))),
            (" LAMP", &["LAMP"], Some(("LAMP", Spelling))),
            ("lamp", &["LAMP", "L-AMP"], None),
            ("lamp", &["LAMP", "Lamp"], None),
            ("0", &["00"], Some(("00", Spelling))),
            ("LAMP-0", &["LAMP"], None),
            ("LAMP-1", &["LAMP-2"], None),
            ("LAMP-10", &["LAMP-100"], None),
            ("BOX-1-10", &["BOX-11-0"], None),
            ("SHIRT-BLK-S", &["SHIRT-BLK-M"], None),
            ("SHIRT-BLU", &["SHIRT-BLK"], None),
            ("SHIRT-BLACK-S", &["SHIRT-BLAK-S"], None),
            (
                "SHIRT-YELOW-S",
                &["SHIRT-YELLOW-S"],
                Some(("SHIRT-YELLOW-S", OneLetter)),
            ),
            ("CANDEL-3", &["CANDLE-3"], Some(("CANDLE-3", OneLetter))),
            ("CANDLES-3", &["CANDLE-3"], Some(("CANDLE-3", OneLetter))),
            ("CANDLE-3", &["CANDY-3"], None),
            ("CANDEL-3", &["CANDLE-4"], None),
            ("CANDLX-3", &["CANDLE-3", "CANDLY-3"], None),
            ("SOCKS", &["SOCK"], None),
            ("", &["LAMP"], None),
            ("LAMP", &[], None),
        ];
        for (text, inventory, expected) in table {
            let expected = expected.map(|(sku, likeness)| (sku.to_owned(), likeness));
            assert_eq!(found(text, inventory), expected, "E38/E39: {text:?} in {inventory:?}");
        }
    }

    #[test]
    fn a_text_that_is_only_signs_stands_for_nothing() {
        assert_eq!(found("--", &["__"]), None);
    }

    #[test]
    fn each_likeness_says_why_one_text_may_stand_for_the_other() {
        assert_eq!(Likeness::Equal.because(), "the same text");
        assert!(Likeness::Spelling.because().contains("leading zeros"));
        assert_eq!(Likeness::OneLetter.because(), "one letter differs");
    }
}
