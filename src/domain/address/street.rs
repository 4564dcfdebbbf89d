//! The street lines: read from TikTok's four or from their joined text, freed of what says nothing, fitted into Amazon's three.

use super::capital::{Kind, capitalise};
use super::districts::Place;
use super::findings::{Detail, Field, Finding, Rule};
use super::journal::Journal;
use super::reflow;
use super::repetition::Tail;
use super::rules::{AddressRules, LINE_LENGTH_MAX, LINES_MAX};
use super::text::{length, words};
use crate::domain::order::Recipient;

const FIELDS: [Field; 4] = [Field::Line1, Field::Line2, Field::Line3, Field::Line4];

/// Words that people type where a form demands something.
const PLACEHOLDERS: &[&str] = &[
    "n/a",
    "null",
    "nil",
    "undefined",
    "unknown",
    "test",
    "testing",
    "tbd",
    "tba",
];

/// Words that stand for an empty line; `None` is also a town in Italy.
const EMPTY_WORDS: &[&str] = &["n/a", "na", "none", "null", "nil"];

/// Reads the lines. An empty list, or an empty first line, means that there is no street.
pub(super) fn read(recipient: &Recipient, place: &Place, journal: &mut Journal) -> Vec<String> {
    let mut lines: Vec<String> = FIELDS
        .iter()
        .zip(&recipient.lines)
        .map(|(field, typed)| reflow::trim(&journal.clean(*field, typed)).to_owned())
        .collect();
    for (field, line) in FIELDS.into_iter().zip(&mut lines).skip(1) {
        if is_empty_word(line) {
            journal.note(field, Rule::PlaceholderDropped);
            line.clear();
        }
    }
    if lines[0].is_empty() {
        lines = from_detail(recipient, lines, journal);
    }
    let mut all = districts(place, &lines, journal);
    // An empty first line stays: nothing may take its place.
    all.extend(
        lines
            .into_iter()
            .enumerate()
            .filter(|(place, line)| *place == 0 || !line.is_empty())
            .map(|(_, line)| line),
    );
    all
}

/// The joined text stands in for the lines only where it holds more than they do.
fn from_detail(recipient: &Recipient, lines: Vec<String>, journal: &mut Journal) -> Vec<String> {
    let detail = reflow::trim(&super::text::clean(&recipient.detail).text).to_owned();
    if words(&detail).len() <= words(&lines.join(" ")).len() {
        return lines;
    }
    journal.note(Field::Lines, Rule::TakenFromDetail);
    vec![reflow::trim(&journal.clean(Field::Lines, &recipient.detail)).to_owned()]
}

/// Districts that have no field at Amazon go in front, unless the lines name them.
fn districts(place: &Place, lines: &[String], journal: &mut Journal) -> Vec<String> {
    let typed = lines.join(" ");
    let missing: Vec<String> = place
        .in_lines
        .iter()
        .map(|name| journal.clean(Field::District, name))
        .filter(|name| !typed.contains(name.as_str()))
        .collect();
    if missing.is_empty() || lines.iter().all(String::is_empty) {
        return Vec::new();
    }
    journal.note(Field::Lines, Rule::DistrictsMoved);
    vec![missing.join(" ")]
}

/// Fits the lines; `None` when a finding says why not.
pub(super) fn fit(
    lines: &[String],
    care_of: Option<String>,
    tail: &Tail,
    rules: &AddressRules,
    journal: &mut Journal,
) -> Option<Vec<String>> {
    let first = lines.first().filter(|line| !line.is_empty());
    let Some(first) = first else {
        journal.find(Finding::missing(Detail::Line1Missing, Field::Line1));
        return None;
    };
    check_placeholder(Field::Line1, first, journal);
    let mut wanted: Vec<String> = lines
        .iter()
        .map(|line| without_repetition(line, tail, journal))
        .collect();
    wanted.extend(care_of);
    let limit = rules.line_length_max.min(LINE_LENGTH_MAX);
    let Some(fitted) = reflow::fit(&wanted, limit) else {
        journal.find(too_long(&wanted, limit));
        return None;
    };
    if fitted != wanted {
        journal.note(Field::Lines, Rule::Reflowed);
    }
    Some(cased(&fitted, journal))
}

/// Flags a value that holds no letter or digit, or a word such as `test`.
pub(super) fn check_placeholder(field: Field, text: &str, journal: &mut Journal) {
    let word = text.to_lowercase();
    let is_none = word == "none" && field != Field::City;
    if is_none || has_no_letters(text) || PLACEHOLDERS.contains(&word.as_str()) {
        let sentence = format!("The {} is a placeholder, not a real value.", field.in_words());
        journal.find(Finding::new(Detail::Placeholder, field, sentence));
    }
}

fn is_empty_word(line: &str) -> bool {
    let is_sign = !line.is_empty() && line.is_ascii() && has_no_letters(line) && !line.contains('*');
    is_sign || EMPTY_WORDS.contains(&line.to_lowercase().as_str())
}

fn has_no_letters(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}

fn without_repetition(line: &str, tail: &Tail, journal: &mut Journal) -> String {
    let mut left = line.to_owned();
    while let Some(shorter) = tail.dropped_from(&left) {
        left = shorter;
    }
    journal.changed(Field::Lines, Rule::RepetitionDropped, line, left)
}

fn too_long(lines: &[String], limit: usize) -> Finding {
    let total = length(&lines.join(" "));
    let longest = lines.iter().map(|line| length(line)).max().unwrap_or_default();
    let sentence = format!(
        "The street address has {total} characters, its longest line {longest}; it does not fit into {LINES_MAX} lines of {limit} without a loss."
    );
    Finding::new(Detail::LineTooLong, Field::Lines, sentence)
}

fn cased(lines: &[String], journal: &mut Journal) -> Vec<String> {
    let joined = lines.join("\n");
    let cased = journal.changed(
        Field::Lines,
        Rule::Capitalised,
        &joined,
        capitalise(&joined, Kind::Place),
    );
    cased.split('\n').map(str::to_owned).collect()
}
