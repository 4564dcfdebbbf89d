//! The street lines: read from TikTok's four or from their joined text, freed of what says nothing, fitted into Amazon's three.

use super::capital::capitalise;
use super::districts::Place;
use super::findings::{Field, Finding, Rule};
use super::journal::Journal;
use super::listed::Kind;
use super::reflow;
use super::repetition::Tail;
use super::rules::{AddressRules, LINE_LENGTH_MAX, LINES_MAX};
use super::text::{clean, is_any_of, length};
use crate::domain::flag::Detail;
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

/// Reads the lines. An empty list, or an empty first line, means that there is no street.
pub(super) fn read(recipient: &Recipient, place: &Place, journal: &mut Journal) -> Vec<String> {
    let mut lines: Vec<String> = FIELDS
        .iter()
        .zip(&recipient.lines)
        .map(|(field, typed)| journal.clean(*field, typed))
        .collect();
    if lines[0].is_empty() {
        complete_from_detail(recipient, &mut lines, journal);
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

/// The joined text takes the empty first line's place where it says more than the other lines do.
fn complete_from_detail(recipient: &Recipient, lines: &mut [String], journal: &mut Journal) {
    let detail = clean(&recipient.detail).text;
    if detail.is_empty() || lines.iter().any(|line| line.contains(detail.as_str())) {
        return;
    }
    for line in lines.iter_mut().filter(|line| detail.contains(line.as_str())) {
        line.clear();
    }
    journal.note(Field::Lines, Rule::TakenFromDetail);
    lines[0] = journal.clean(Field::Lines, &recipient.detail);
}

/// Districts that have no field at Amazon go in front, unless the lines name them.
fn districts(place: &Place, lines: &[String], journal: &mut Journal) -> Vec<String> {
    if place.in_lines.is_empty() {
        return Vec::new();
    }
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
    care_of: Option<&str>,
    tail: &Tail,
    rules: &AddressRules,
    journal: &mut Journal,
) -> Option<Vec<String>> {
    if lines.first().is_none_or(String::is_empty) {
        journal.find(Finding::missing(Detail::Line1Missing, Field::Line1));
        return None;
    }
    let mut wanted = without_repetition(lines, tail, journal);
    check_placeholder(Field::Line1, wanted[0], journal);
    wanted.extend(care_of);
    let limit = rules.line_length_max.min(LINE_LENGTH_MAX);
    if reflow::is_fitting(&wanted, limit) {
        return Some(cased(&wanted, journal));
    }
    let Some(fitted) = reflow::fit(&wanted, limit) else {
        journal.find(too_long(&wanted, limit));
        return None;
    };
    journal.note(Field::Lines, Rule::Reflowed);
    // A new end of a line may be a repetition, too.
    Some(cased(&without_repetition(&fitted, tail, journal), journal))
}

/// Flags a value that holds no letter or digit, or a word such as `test`.
pub(super) fn check_placeholder(field: Field, text: &str, journal: &mut Journal) {
    let is_none = is_any_of(text, &["none"]) && field != Field::City;
    if is_none || has_no_letters(text) || is_any_of(text, PLACEHOLDERS) {
        let sentence = format!("The {} is a placeholder, not a real value.", field.in_words());
        journal.find(Finding::new(Detail::Placeholder, field, sentence));
    }
}

fn has_no_letters(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}

fn without_repetition<'l>(lines: &'l [String], tail: &Tail, journal: &mut Journal) -> Vec<&'l str> {
    let mut left: Vec<&str> = lines.iter().map(String::as_str).collect();
    for line in &mut left {
        while let Some(shorter) = tail.dropped_from(line) {
            *line = shorter;
        }
    }
    if left != lines {
        journal.note(Field::Lines, Rule::RepetitionDropped);
    }
    left
}

fn too_long(lines: &[&str], limit: usize) -> Finding {
    let total = length(&lines.join(" "));
    let longest = lines.iter().map(|line| length(line)).max().unwrap_or_default();
    let sentence = format!(
        "The street address has {total} characters, its longest line {longest}; it does not fit into {LINES_MAX} lines of {limit} without a loss."
    );
    Finding::new(Detail::LineTooLong, Field::Lines, sentence)
}

fn cased(lines: &[&str], journal: &mut Journal) -> Vec<String> {
    let joined = lines.join("\n");
    let cased = journal.changed(
        Field::Lines,
        Rule::Capitalised,
        &joined,
        capitalise(&joined, Kind::Place),
    );
    cased.split('\n').map(str::to_owned).collect()
}
