//! Addresses that carriers treat apart: post office boxes, the armed forces, rural routes, territories, Alaska and Hawaii.
//!
//! Recognises them and asks the settings. Never rewords them.

use super::findings::{Field, Finding, Rule};
use super::journal::Journal;
use super::rules::{AddressRules, Policy};
use super::text::{begins_word, is_any_of, words};
use super::us;
use crate::domain::flag::Detail;

/// What is judged.
pub(super) struct Place<'a> {
    /// ISO 3166-1 alpha-2.
    pub(super) country_code: &'a str,
    /// The code in the US.
    pub(super) state: &'a str,
    /// As typed.
    pub(super) city: &'a str,
    /// As typed.
    pub(super) lines: &'a [String],
}

/// Notes what kind of address it is, or flags it where the settings refuse the kind.
pub(super) fn judge(place: &Place, rules: &AddressRules, journal: &mut Journal) {
    let is_us = place.country_code == "US";
    let rests = rests(place.lines);
    let kinds = [
        (
            is_bare_box(place.lines) || holds(&rests, BOXES),
            rules.po_boxes,
            Detail::PoBox,
            Rule::PoBoxRecognised,
            Field::Lines,
        ),
        (
            is_us && holds(&rests, ROUTES),
            rules.rural_routes,
            Detail::RuralRoute,
            Rule::RuralRouteRecognised,
            Field::Lines,
        ),
        (
            is_us && is_military(place),
            rules.military,
            Detail::Military,
            Rule::MilitaryRecognised,
            Field::State,
        ),
        (
            is_us && us::is_territory(place.state),
            rules.territories,
            Detail::Territory,
            Rule::TerritoryRecognised,
            Field::State,
        ),
        (
            is_us && us::is_alaska_or_hawaii(place.state),
            rules.alaska_hawaii,
            Detail::AlaskaHawaii,
            Rule::AlaskaHawaiiRecognised,
            Field::State,
        ),
    ];
    for (_, policy, detail, rule, field) in kinds.into_iter().filter(|kind| kind.0) {
        match policy {
            Policy::Send => journal.note(field, rule),
            Policy::Flag => {
                let sentence = format!("This is {}, which the settings do not allow.", in_words(rule));
                journal.find(Finding::new(detail, field, sentence));
            }
        }
    }
}

fn in_words(rule: Rule) -> String {
    if rule == Rule::AlaskaHawaiiRecognised {
        "in Alaska or Hawaii".to_owned()
    } else {
        format!("a {}", rule.as_str())
    }
}

fn is_military(place: &Place) -> bool {
    us::is_military(place.state) || is_any_of(place.city, &["apo", "fpo", "dpo"])
}

/// Stands for a word that begins with a digit.
const NUMBER: &str = "#";

/// What post office boxes are called in English, Spanish, German, French and Italian.
const BOXES: &[&[&str]] = &[
    &["po", "box"],
    &["p", "o", "box"],
    &["p0", "box"],
    &["pobox"],
    &["post", "office", "box"],
    &["postoffice", "box"],
    &["post", "box", NUMBER],
    &["postal", "box"],
    &["po", "bx"],
    &["p", "o", NUMBER],
    &["lock", "box", NUMBER],
    &["caller", "box", NUMBER],
    &["apartado", "postal"],
    &["apartado", "de", "correos"],
    &["apdo", "postal"],
    &["apdo", "de", "correos"],
    &["boite", "postale"],
    &["boîte", "postale"],
    &["BOÎTE", "postale"],
    &["casella", "postale"],
    &["postfach"],
    &["pob", NUMBER],
    &["p", "o", "b", NUMBER],
    &["po", "b", NUMBER],
    &["apartado", NUMBER],
    &["apdo", NUMBER],
    &["bp", NUMBER],
    &["b", "p", NUMBER],
];

/// What rural and highway contract routes are called.
const ROUTES: &[&[&str]] = &[
    &["rural", "route"],
    &["rural", "rte"],
    &["highway", "contract"],
    &["star", "route"],
    &["rr", NUMBER],
    &["r", "r", NUMBER],
    &["rfd", NUMBER],
    &["hc", NUMBER],
    &["h", "c", NUMBER],
    &["hcr", NUMBER],
];

/// The words of the longest phrase.
const PHRASE_LENGTH_MAX: usize = 4;

/// What follows in the lines from each word with which one of these phrases may begin.
fn rests(lines: &[String]) -> Vec<Vec<&str>> {
    let mut rests = Vec::new();
    for line in lines {
        let mut before = b' ';
        for (place, byte) in line.bytes().enumerate() {
            if !before.is_ascii_alphanumeric() && may_begin(&line.as_bytes()[place..]) && begins_word(line, place) {
                rests.push(parts(&line[place..]).take(PHRASE_LENGTH_MAX).collect());
            }
            before = byte;
        }
    }
    rests
}

/// Judges by the initial and the number of ASCII letters, since most words need no closer look.
fn may_begin(text: &[u8]) -> bool {
    let letters = || text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    match text[0].to_ascii_lowercase() {
        b'a' => matches!(letters(), 4 | 8),
        b'b' => matches!(letters(), 1 | 2 | 5 | 6),
        b'c' => matches!(letters(), 6 | 7),
        b'h' => matches!(letters(), 1..=3 | 7),
        b'l' => letters() == 4,
        b'p' => matches!(letters(), 1..=6 | 8 | 10),
        b'r' => matches!(letters(), 1..=3 | 5),
        b's' => letters() == 4,
        _ => false,
    }
}

/// A first line of `Box 123` and nothing else is a post office box, too.
fn is_bare_box(lines: &[String]) -> bool {
    let mut parts = lines.first().map(|line| parts(line)).into_iter().flatten();
    parts.next().is_some_and(|part| part.eq_ignore_ascii_case("box"))
        && parts.next().is_some_and(is_number)
        && parts.next().is_none()
}

fn holds(rests: &[Vec<&str>], phrases: &[&[&str]]) -> bool {
    rests
        .iter()
        .any(|rest| phrases.iter().any(|phrase| begins(rest, phrase)))
}

/// Returns whether a phrase comes first, its ASCII letters in any case.
fn begins(parts: &[&str], phrase: &[&str]) -> bool {
    let fits = |part: &str, word: &str| word.eq_ignore_ascii_case(part) || word == NUMBER && is_number(part);
    parts.len() >= phrase.len() && parts.iter().zip(phrase).all(|(part, word)| fits(part, word))
}

fn is_number(part: &str) -> bool {
    part.starts_with(|letter: char| letter.is_ascii_digit())
}

/// The words of a text, `Box12` taken as two.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    words(text)
        .flat_map(|word| <[&str; 2]>::from(split_at_number(word)))
        .filter(|part| !part.is_empty())
}

/// A second sign that is a digit belongs to the first one, as in `P0 Box`.
fn split_at_number(word: &str) -> (&str, &str) {
    let number = word.bytes().position(|letter| letter.is_ascii_digit());
    word.split_at(number.filter(|place| *place > 1).unwrap_or(word.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(line: &str) -> Vec<Rule> {
        let mut journal = Journal::default();
        let place = Place {
            country_code: "US",
            state: "CA",
            city: "San Jose",
            lines: &[line.to_owned()],
        };
        judge(&place, &AddressRules::default(), &mut journal);
        journal.notes.iter().map(|note| note.rule).collect()
    }

    #[test]
    fn post_office_boxes_are_recognised_in_any_spelling_e28_d8() {
        for line in [
            "PO BOX 12",
            "P.O. Box 12",
            "P.O.B. 12",
            "POB 12",
            "Post Office Box 12",
            "p o box 12",
            "POBox12",
            "PO Box12",
            "P. O. Box A",
            "123 Main St, PO Box 9",
            "Apartado Postal 5",
            "Postfach 10 12",
            "BP 120",
            "Box 123",
            "P0 Box 7",
            "Apartado de Correos 12",
            "Apdo. Postal 12",
            "Postoffice Box 12",
            "PO Bx 12",
            "P.O. 12",
            "Lock Box 12",
            "B.P. 120",
        ] {
            assert_eq!(kinds(line), [Rule::PoBoxRecognised], "{line}");
        }
        for line in [
            "Box Elder Rd",
            "12 Box Elder Rd",
            "123 Post Office Rd",
            "PSC 1234 Box 567",
            "RR 2 Box 15",
            "12 Boxwood Ln",
            "BP Tower",
            "12 Épo Box 4",
        ] {
            assert!(!kinds(line).contains(&Rule::PoBoxRecognised), "{line}");
        }
    }

    #[test]
    fn every_phrase_begins_with_a_word_that_is_looked_at() {
        for phrase in BOXES.iter().chain(ROUTES) {
            assert!(
                may_begin(phrase[0].as_bytes())
                    && may_begin(phrase[0].to_uppercase().as_bytes())
                    && phrase.len() <= PHRASE_LENGTH_MAX,
                "{phrase:?}"
            );
        }
    }

    #[test]
    fn rural_and_highway_contract_routes_are_recognised_d8() {
        for line in [
            "RR 2 Box 15",
            "R.R. 2",
            "HC 1 Box 23",
            "HCR 5",
            "Rural Route 2",
            "RFD 3",
            "Star Route 9",
            "hc1 box 3",
        ] {
            assert_eq!(kinds(line), [Rule::RuralRouteRecognised], "{line}");
        }
        for line in ["12 Rural Ln", "HC Andersen Way", "5 Star Rd"] {
            assert_eq!(kinds(line), [], "{line}");
        }
    }
}
