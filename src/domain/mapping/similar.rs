//! Texts that a person could take for each other. They are warned about and suggested, never treated as equal.

use std::collections::BTreeMap;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::table::Column;
use super::{MappingKey, MappingRow};
use crate::domain::ids::AmazonSku;

const SUGGESTIONS_MAX: usize = 3;
const SIMILARITY_MIN: f64 = 0.75;

/// Something in the mappings that is accepted and still worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Two rows said the same.
    Merged {
        /// Their key.
        key: MappingKey,
        /// The row that was kept.
        first_line: u64,
        /// The row that was merged into it.
        line: u64,
    },
    /// Letters of two alphabets in one text, such as a Cyrillic А among Latin ones.
    MixedAlphabets {
        /// The row.
        line: u64,
        /// Where.
        column: Column,
        /// The text.
        text: String,
    },
    /// An id that ends in zeros like one that a spreadsheet cut to 15 digits.
    RoundedId {
        /// The row.
        line: u64,
        /// Where.
        column: Column,
        /// The id.
        text: String,
    },
    /// Two different texts that look the same.
    LookAlike {
        /// Where both stand.
        column: Column,
        /// The one and its line.
        first: (String, u64),
        /// The other and its line.
        second: (String, u64),
    },
    /// Several keys that draw on one stock.
    SharedStock {
        /// Whose stock.
        amazon_sku: AmazonSku,
        /// All keys.
        keys: Vec<MappingKey>,
    },
    /// Apostrophes that a spreadsheet put in front of texts, taken off.
    Unmarked {
        /// The first lines with one.
        first: Vec<u64>,
        /// How many lines have one.
        total: u64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Merged { key, first_line, line } => {
                write!(
                    formatter,
                    "line {line}: says the same as line {first_line} about {key}; merged"
                )
            }
            Self::MixedAlphabets { line, column, text } => {
                write!(
                    formatter,
                    "line {line}: {column} {text:?} mixes alphabets; is a letter a look-alike?"
                )
            }
            Self::RoundedId { line, column, text } => {
                write!(
                    formatter,
                    "line {line}: {column} {text} ends like a number that a spreadsheet rounded; if so, format the column as text and \
                     paste the ids again"
                )
            }
            Self::LookAlike { column, first, second } => write!(
                formatter,
                "line {}: {column} {:?} looks like {:?} on line {} and is another one",
                second.1, second.0, first.0, first.1
            ),
            Self::SharedStock { amazon_sku, keys } => {
                let names: Vec<String> = keys.iter().take(5).map(ToString::to_string).collect();
                let (count, names) = (keys.len(), names.join(", "));
                write!(
                    formatter,
                    "{amazon_sku} is shared by {count} variants: {names}; they share its stock"
                )
            }
            Self::Unmarked { first, total } => {
                let lines: Vec<String> = first.iter().map(ToString::to_string).collect();
                let noun = if *total == 1 { "line" } else { "lines" };
                let more = match total - first.len() as u64 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                write!(
                    formatter,
                    "{noun} {}{more}: the spreadsheet's apostrophe before an id, a SKU or a number was taken off",
                    lines.join(", ")
                )
            }
        }
    }
}

impl MappingRow {
    /// Returns what a person should look at in this row alone.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let keys = std::iter::once(&self.key).chain(&self.also);
        let texts = keys.map(|key| (key.column(), key.as_str()));
        texts
            .chain([(Column::AmazonSku, self.amazon_sku.as_str())])
            .filter_map(|(column, text)| self.warning(column, text))
            .collect()
    }

    fn warning(&self, column: Column, text: &str) -> Option<Warning> {
        let line = self.line;
        let text = text.to_owned();
        if mixes_alphabets(&text) {
            Some(Warning::MixedAlphabets { line, column, text })
        } else if matches!(column, Column::TiktokSkuId | Column::TiktokProductId) && looks_rounded(&text) {
            Some(Warning::RoundedId { line, column, text })
        } else {
            None
        }
    }
}

/// A spreadsheet keeps 15 or 16 digits of a number and writes zeros for the rest.
fn looks_rounded(id: &str) -> bool {
    id.len() >= 17 && id.bytes().all(|byte| byte.is_ascii_digit()) && id.ends_with("000")
}

fn mixes_alphabets(text: &str) -> bool {
    let has_latin = text.chars().any(|letter| letter.is_ascii_alphabetic());
    has_latin && text.chars().any(|letter| matches!(letter, '\u{370}'..='\u{52f}'))
}

/// Returns what remains of a text when all that a reader may overlook is taken away: case, spaces, kinds of hyphens,
/// full-width forms, and Cyrillic or Greek letters that look Latin. Two texts with one skeleton look alike; they are not equal.
#[must_use]
pub fn skeleton(text: &str) -> String {
    if text.is_ascii() {
        let letters = text.chars().filter(|letter| !letter.is_whitespace());
        return letters.map(|letter| letter.to_ascii_lowercase()).collect();
    }
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}'))
        .map(plain_letter)
        .collect()
}

fn plain_letter(letter: char) -> char {
    match letter {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{fe58}' => '-',
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'е' | 'ε' => 'e',
        'һ' | 'н' | 'η' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'ν' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'х' | 'χ' => 'x',
        'у' | 'υ' => 'y',
        'ζ' => 'z',
        other => other,
    }
}

/// Returns up to three known texts that `text` may have been meant as, the nearest first. For people only.
#[must_use]
pub fn near_matches<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = skeleton(text);
    let mut best: Vec<(f64, &str)> = Vec::new();
    for candidate in known.into_iter().filter(|candidate| *candidate != text) {
        let similarity = strsim::normalized_damerau_levenshtein(&wanted, &skeleton(candidate));
        if similarity >= SIMILARITY_MIN && !best.iter().any(|(_, listed)| *listed == candidate) {
            best.push((similarity, candidate));
            best.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
            best.truncate(SUGGESTIONS_MAX);
        }
    }
    best.into_iter().map(|(_, candidate)| candidate.to_owned()).collect()
}

/// Finds different texts of one column that look alike; each is reported once, against the first of its kind.
pub(super) fn look_alikes<'a>(column: Column, texts: impl Iterator<Item = (&'a str, u64)>) -> Vec<Warning> {
    let mut kinds: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for (text, line) in texts {
        let kind = kinds.entry(skeleton(text)).or_default();
        kind.entry(text)
            .and_modify(|first| *first = line.min(*first))
            .or_insert(line);
    }
    let mut warnings = Vec::new();
    for kind in kinds.into_values() {
        let mut texts: Vec<_> = kind.into_iter().map(|(text, line)| (text.to_owned(), line)).collect();
        texts.sort_by_key(|(_, line)| *line);
        if let Some((first, others)) = texts.split_first() {
            warnings.extend(others.iter().map(|second| Warning::LookAlike {
                column,
                first: first.clone(),
                second: second.clone(),
            }));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::examples::{row, sku};
    use super::*;

    #[test]
    fn spaces_case_and_look_alike_hyphens_are_suggested_and_never_equal() {
        let known = ["BOX-BLUE", "TIN-RED"];
        for text in [
            "box-blue",
            " BOX-BLUE",
            "BOX\u{2011}BLUE",
            "\u{412}OX-BLUE",
            "BOX-BLEU",
            "BOXBLUE",
        ] {
            assert_eq!(near_matches(text, known), ["BOX-BLUE"], "E38/E39: {text:?}");
        }
        assert!(near_matches("SOMETHING-ELSE", known).is_empty());
        assert!(near_matches("BOX-BLUE", ["BOX-BLUE"]).is_empty());
    }

    #[test]
    fn at_most_three_suggestions_are_made_and_the_nearest_stands_first() {
        let known = ["BOX-1", "BOX-2", "BOX-3", "box-9", "BOX-4"];
        let near = near_matches("BOX-9", known);
        assert_eq!((near.len(), near[0].as_str()), (3, "box-9"));
    }

    #[test]
    fn an_id_that_a_spreadsheet_rounded_is_warned_about() {
        let cut = row(sku("172938475610293000"), "A").warnings();
        assert!(cut[0].to_string().contains("rounded"), "{cut:?}");
        assert_eq!(row(sku("1729592969712207000"), "A").warnings().len(), 1, "S25");
        assert!(row(sku("576900000000000101"), "A").warnings().is_empty());
    }
}
