//! Fits street lines into Amazon's three lines at words. Never cuts a word.

use super::rules::LINES_MAX;
use super::text::{is_any_of, length};

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

/// Fits lines into at most three of at most `limit` characters. `None`: something would be lost.
pub(super) fn fit(lines: &[String], limit: usize) -> Option<Vec<String>> {
    if is_fitting(lines, limit) {
        return Some(lines.to_vec());
    }
    // Breaking frees a blank per line at most; a text beyond that is not tried.
    if lines.iter().map(|line| length(line)).sum::<usize>() > LINES_MAX * (limit + 1) {
        return None;
    }
    let fitting = |candidate: Vec<String>| is_fitting(&candidate, limit).then_some(candidate);
    fitting(split_at_unit(lines, limit))
        .or_else(|| fitting(merged(wrap_all(lines, limit), limit)))
        .or_else(|| {
            fitting(wrap(
                &lines.iter().cloned().reduce(|all, line| joined(&all, &line))?,
                limit,
            ))
        })
}

fn is_fitting(lines: &[String], limit: usize) -> bool {
    (1..=LINES_MAX).contains(&lines.len()) && lines.iter().all(|line| length(line) <= limit)
}

/// The unit becomes the second line.
fn split_at_unit(lines: &[String], limit: usize) -> Vec<String> {
    let Some((first, rest)) = lines.split_first() else {
        return Vec::new();
    };
    first
        .match_indices(' ')
        .map(|(blank, _)| (&first[..blank], &first[blank + 1..]))
        .filter(|(_, unit)| unit.split(' ').next().is_some_and(is_unit_word))
        .find(|(street, unit)| length(street) <= limit && length(unit) <= limit)
        .map(|(street, unit)| {
            [street.to_owned(), unit.to_owned()]
                .into_iter()
                .chain(rest.iter().cloned())
                .collect()
        })
        .unwrap_or_default()
}

fn wrap_all(lines: &[String], limit: usize) -> Vec<String> {
    lines.iter().flat_map(|line| wrap(line, limit)).collect()
}

/// Breaks a line at words; a unit word stays with its number. A word over the limit makes a line over the limit.
fn wrap(line: &str, limit: usize) -> Vec<String> {
    let mut broken: Vec<String> = Vec::new();
    for chunk in chunks(line) {
        match broken.last_mut() {
            Some(last) if length(last) + 1 + length(chunk) <= limit => {
                last.push(' ');
                last.push_str(chunk);
            }
            Some(_) | None => broken.push(chunk.to_owned()),
        }
    }
    broken
}

/// The parts of a line that stay whole: single words, and unit words with their numbers.
fn chunks(line: &str) -> Vec<&str> {
    let mut chunks = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut is_open = false;
    for word in line.split(' ') {
        if end > 0 && !is_open {
            chunks.push(&line[start..end - 1]);
            start = end;
        }
        end += word.len() + 1;
        is_open = !is_open && is_unit_word(word) && !word.starts_with('#');
    }
    chunks.push(&line[start..]);
    chunks
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
            .find(|place| length(&together(*place)) <= limit)
        else {
            break;
        };
        lines[place] = together(place);
        lines.remove(place + 1);
    }
    lines
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
        fit(&lines(typed), 60)
    }

    #[test]
    fn lines_that_fit_stay_as_they_are_d13() {
        for line in ["123 Main St Apt. 4-B", "12 1/2 Elm St", "55-01 Woodside Ave # 3"] {
            assert_eq!(fitted(&[line]), Some(lines(&[line])));
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
        let broken = fit(&lines(&["123 Northwestern Boulevard Apartment 77"]), 35).unwrap();
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
