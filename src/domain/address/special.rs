//! Addresses that carriers treat apart: post office boxes, the armed forces, rural routes, territories, Alaska and Hawaii.
//!
//! Recognises them and asks the settings. Never rewords them.

use super::findings::{Detail, Field, Finding, Rule};
use super::journal::Journal;
use super::rules::{AddressRules, Policy};
use super::text::words;
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
    let kinds = [
        (
            has_po_box(place.lines),
            rules.po_boxes,
            Detail::PoBox,
            Rule::PoBoxRecognised,
            Field::Lines,
        ),
        (
            is_us && has_rural_route(place.lines),
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
    us::is_military(place.state) || ["apo", "fpo", "dpo"].contains(&place.city.to_lowercase().as_str())
}

/// A box that names itself; in English, Spanish, German, French and Italian.
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
    &["casella", "postale"],
    &["postfach"],
];

/// Words that mean a box only in front of a number.
const NUMBERED_BOXES: &[&[&str]] = &[
    &["pob"],
    &["p", "o", "b"],
    &["po", "b"],
    &["apartado"],
    &["apdo"],
    &["bp"],
];

/// Words that mean a route only in front of a number.
const NUMBERED_ROUTES: &[&[&str]] = &[&["rr"], &["r", "r"], &["rfd"], &["hc"], &["h", "c"], &["hcr"]];

/// A route that names itself.
const ROUTES: &[&[&str]] = &[
    &["rural", "route"],
    &["rural", "rte"],
    &["highway", "contract"],
    &["star", "route"],
];

fn has_po_box(lines: &[String]) -> bool {
    let named = lines
        .iter()
        .map(|line| parts(line))
        .any(|parts| holds(&parts, BOXES, false) || holds(&parts, NUMBERED_BOXES, true));
    named || lines.first().is_some_and(|line| is_bare_box(&parts(line)))
}

/// A first line of `Box 123` and nothing else.
fn is_bare_box(parts: &[String]) -> bool {
    matches!(parts, [word, number] if word == "box" && is_number(number))
}

fn has_rural_route(lines: &[String]) -> bool {
    lines
        .iter()
        .map(|line| parts(line))
        .any(|parts| holds(&parts, ROUTES, false) || holds(&parts, NUMBERED_ROUTES, true))
}

fn holds(parts: &[String], phrases: &[&[&str]], needs_number: bool) -> bool {
    phrases.iter().any(|phrase| {
        (0..parts.len()).any(|start| {
            let rest = &parts[start..];
            let is_here = rest.len() >= phrase.len() && rest.iter().zip(*phrase).all(|(part, word)| part == word);
            is_here && (!needs_number || rest.get(phrase.len()).is_some_and(|next| is_number(next)))
        })
    })
}

fn is_number(part: &str) -> bool {
    part.starts_with(|letter: char| letter.is_ascii_digit())
}

/// The words of a line, `Box12` taken as two.
fn parts(line: &str) -> Vec<String> {
    words(line).iter().flat_map(|word| split_number(word)).collect()
}

fn split_number(word: &str) -> Vec<String> {
    match word.find(|letter: char| letter.is_ascii_digit()) {
        Some(place) if place > 1 => vec![word[..place].to_owned(), word[place..].to_owned()],
        Some(_) | None => vec![word.to_owned()],
    }
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
            assert!(has_po_box(&[line.to_owned()]), "{line}");
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
            assert!(!has_po_box(&[line.to_owned()]), "{line}");
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
            assert!(has_rural_route(&[line.to_owned()]), "{line}");
        }
        for line in ["12 Rural Ln", "HC Andersen Way", "5 Star Rd"] {
            assert!(!has_rural_route(&[line.to_owned()]), "{line}");
        }
    }
}
