//! Fits street lines into Amazon's three lines at words. Never cuts a word.

use super::rules::LINES_MAX;
use super::text::{is_any_of, is_within, length};

/// Words that begin the part of an address inside of a building.
const UNIT_WORDS: &[&str] = &[
    "apt",
    "apartment",
    "unit",
    "suite",
    "ste",
    "bldg",
    "building",
    "floor",
    "fl",
    "room",
    "rm",
    "lot",
    "trlr",
    "trailer",
    "dept",
    "penthouse",
    "ph",
    "spc",
    "space",
    "no",
];

/// Returns whether the lines are at most three of at most `limit` characters.
pub(super) fn is_fitting(lines: &[impl AsRef<str>], limit: usize) -> bool {
    (1..=LINES_MAX).contains(&lines.len()) && lines.iter().all(|line| is_within(line.as_ref(), limit))
}

/// Breaks lines anew, so that they fit. `None`: something would be lost.
pub(super) fn fit(lines: &[&str], limit: usize) -> Option<Vec<String>> {
    // Breaking frees a blank per line at most; a text beyond that is not tried.
    if lines.iter().map(|line| length(line)).sum::<usize>() > LINES_MAX * (limit + 1) {
        return None;
    }
    let fitting = |candidate: Vec<String>| is_fitting(&candidate, limit).then_some(candidate);
    split_at_unit(lines, limit)
        .and_then(fitting)
        .or_else(|| fitting(merged(wrapped(lines, limit), limit)))
        .or_else(|| fitting(wrapped(&[&in_one(lines)?], limit)))
}

/// The unit becomes the second line.
fn split_at_unit(lines: &[&str], limit: usize) -> Option<Vec<String>> {
    let (first, rest) = lines.split_first()?;
    let (street, unit) = first
        .match_indices(' ')
        .map(|(blank, _)| (&first[..blank], &first[blank + 1..]))
        .filter(|(street, unit)| is_within(street, limit) && is_within(unit, limit))
        .find(|(_, unit)| unit.split(' ').next().is_some_and(is_unit_word))?;
    Some([street, unit].iter().chain(rest).copied().map(str::to_owned).collect())
}

fn wrapped(lines: &[&str], limit: usize) -> Vec<String> {
    lines
        .iter()
        .flat_map(|line| wrap(line, limit))
        .map(str::to_owned)
        .collect()
}

/// Breaks a line at words; a unit word stays with its number. A word over the limit makes a line over the limit.
fn wrap(line: &str, limit: usize) -> Vec<&str> {
    let mut broken = Vec::new();
    let (mut start, mut end) = (0, 0);
    for place in ends_of_words(line) {
        if end > start && !is_within(&line[start..place], limit) {
            broken.push(&line[start..end]);
            start = end + 1;
        }
        end = place;
    }
    broken.push(&line[start..]);
    broken
}

/// Where a line may end: after a word, but not between a unit word and its number.
fn ends_of_words(line: &str) -> impl Iterator<Item = usize> {
    let (mut start, mut is_open) = (0, false);
    let blanks = line.match_indices(' ').map(|(place, _)| place);
    blanks.chain([line.len()]).filter(move |place| {
        let word = &line[start..*place];
        start = place + 1;
        is_open = !is_open && is_unit_word(word) && !word.starts_with('#');
        !is_open || *place == line.len()
    })
}

fn is_unit_word(word: &str) -> bool {
    word.starts_with('#') || is_any_of(word.trim_matches(|letter: char| !letter.is_alphanumeric()), UNIT_WORDS)
}

/// Puts neighbours on one line, the last ones first, until there are no more than three.
fn merged(mut lines: Vec<String>, limit: usize) -> Vec<String> {
    while lines.len() > LINES_MAX {
        let together = |place: usize| joined(&lines[place], &lines[place + 1]);
        let Some(place) = (0..lines.len() - 1)
            .rev()
            .find(|place| is_within(&together(*place), limit))
        else {
            break;
        };
        lines[place] = together(place);
        lines.remove(place + 1);
    }
    lines
}

fn in_one(lines: &[&str]) -> Option<String> {
    let lines = lines.iter().map(|line| (*line).to_owned());
    lines.reduce(|all, line| joined(&all, &line))
}

fn joined(one: &str, other: &str) -> String {
    let separator = if one.ends_with([',', ';']) { " " } else { ", " };
    format!("{one}{separator}{other}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    fn fitted(typed: &[&str]) -> Option<Vec<String>> {
        fit(typed, 60)
    }

    #[test]
    fn lines_that_fit_need_no_new_breaks_d13() {
        for line in ["123 Main St Apt. 4-B", "12 1/2 Elm St", "55-01 Woodside Ave # 3"] {
            assert!(is_fitting(&[line], 60), "{line}");
        }
    }

    #[test]
    fn the_unit_moves_to_the_second_line_only_where_the_first_is_too_long_d13() {
        let long = "12345 Old Northwestern Boulevard of the Pioneers, Building 7 Apt 1234";
        assert_eq!(
            fitted(&[long]),
            Some(lines(&[
                "12345 Old Northwestern Boulevard of the Pioneers,",
                "Building 7 Apt 1234"
            ]))
        );
    }

    #[test]
    fn a_long_line_is_broken_at_words_e19_d14() {
        let long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen";
        let broken = fitted(&[long]).unwrap();
        assert_eq!(broken.join(" "), long);
        assert_eq!(broken.len(), 2);
    }

    #[test]
    fn what_three_lines_cannot_hold_is_refused_e19() {
        assert_eq!(fitted(&[&"word ".repeat(40)]), None);
        assert_eq!(fitted(&[&"w".repeat(61)]), None);
        assert_eq!(fitted(&[]), None);
    }

    #[test]
    fn a_lower_limit_uses_the_same_rule_e21() {
        let broken = fit(&["123 Northwestern Boulevard Apartment 77"], 35).unwrap();
        assert_eq!(broken, ["123 Northwestern Boulevard", "Apartment 77"]);
    }

    #[test]
    fn a_fourth_line_joins_its_neighbour() {
        assert_eq!(
            fitted(&["12 Main St", "Bldg C", "Floor 2", "Room 9"]),
            Some(lines(&["12 Main St", "Bldg C", "Floor 2, Room 9"]))
        );
    }
}
