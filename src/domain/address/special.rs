//! Addresses that carriers treat apart: post office boxes, the armed forces, rural routes, territories, Alaska and Hawaii.
//!
//! Recognises them and asks the settings. Never rewords them.

use super::findings::{Detail, Field, Finding, Rule};
use super::journal::Journal;
use super::rules::{AddressRules, Policy};
use super::text::{is_any_of, words};
use super::us;

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
    let lines: Vec<Vec<&str>> = place.lines.iter().map(|line| parts(line)).collect();
    let kinds = [
        (
            has_po_box(&lines),
            rules.po_boxes,
            Detail::PoBox,
            Rule::PoBoxRecognised,
            Field::Lines,
        ),
        (
            is_us && has_rural_route(&lines),
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
    &["postal", "box"],
    &["apartado", "postal"],
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

/// How these phrases begin, so that most words need no closer look.
const INITIALS: &str = "abchprs";

fn has_po_box(lines: &[Vec<&str>]) -> bool {
    // A first line of `Box 123` and nothing else is one, too.
    let is_bare = lines
        .first()
        .is_some_and(|parts| parts.len() == 2 && begins(parts, &["box", NUMBER]));
    is_bare || lines.iter().any(|parts| holds(parts, BOXES))
}

fn has_rural_route(lines: &[Vec<&str>]) -> bool {
    lines.iter().any(|parts| holds(parts, ROUTES))
}

fn holds(parts: &[&str], phrases: &[&[&str]]) -> bool {
    let may_begin = |part: &str| part.starts_with(|letter: char| INITIALS.contains(letter.to_ascii_lowercase()));
    (0..parts.len())
        .filter(|start| may_begin(parts[*start]))
        .any(|start| phrases.iter().any(|phrase| begins(&parts[start..], phrase)))
}

/// Returns whether a phrase comes first, its ASCII letters in any case.
fn begins(parts: &[&str], phrase: &[&str]) -> bool {
    let fits = |part: &str, word: &str| word.eq_ignore_ascii_case(part) || word == NUMBER && is_number(part);
    parts[0].len() == phrase[0].len()
        && parts.len() >= phrase.len()
        && parts.iter().zip(phrase).all(|(part, word)| fits(part, word))
}

fn is_number(part: &str) -> bool {
    part.starts_with(|letter: char| letter.is_ascii_digit())
}

/// The words of a line, `Box12` taken as two.
fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::with_capacity(8);
    for word in words(line) {
        match word.bytes().position(|letter| letter.is_ascii_digit()) {
            Some(place) if place > 1 => parts.extend([&word[..place], &word[place..]]),
            Some(_) | None => parts.push(word),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert!(has_po_box(&[parts(line)]), "{line}");
        }
        for line in [
            "Box Elder Rd",
            "12 Box Elder Rd",
            "123 Post Office Rd",
            "PSC 1234 Box 567",
            "RR 2 Box 15",
            "12 Boxwood Ln",
            "BP Tower",
        ] {
            assert!(!has_po_box(&[parts(line)]), "{line}");
        }
    }

    #[test]
    fn every_phrase_begins_with_one_of_the_initials() {
        for phrase in BOXES.iter().chain(ROUTES) {
            assert!(
                INITIALS.contains(phrase[0].to_lowercase().chars().next().unwrap()),
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
            assert!(has_rural_route(&[parts(line)]), "{line}");
        }
        for line in ["12 Rural Ln", "HC Andersen Way", "5 Star Rd"] {
            assert!(!has_rural_route(&[parts(line)]), "{line}");
        }
    }
}
