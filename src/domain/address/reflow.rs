//! Fits street lines into Amazon's three lines at words. Never cuts a word.

use super::rules::LINES_MAX;
use super::text::length;

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

const SEPARATOR: &str = ", ";

/// Signs that hold parts of a line together and mean nothing at its ends.
const LINE_ENDS: [char; 3] = [',', ';', ' '];

/// Fits lines into at most three of at most `limit` characters. `None`: something would be lost.
pub(super) fn fit(lines: &[String], limit: usize) -> Option<Vec<String>> {
    if is_fitting(lines, limit) {
        return Some(lines.to_vec());
    }
    // Breaking frees a blank and a comma per line at most; a text beyond that is not tried.
    if lines.iter().map(|line| length(line)).sum::<usize>() > LINES_MAX * (limit + 2) {
        return None;
    }
    [
        split_at_unit(lines, limit),
        merged(wrap_all(lines, limit), limit),
        wrap(&lines.join(SEPARATOR), limit),
    ]
    .into_iter()
    .find(|candidate| is_fitting(candidate, limit))
}

/// Takes separators off the ends of a line.
pub(super) fn trim(line: &str) -> &str {
    line.trim_matches(LINE_ENDS)
}

fn is_fitting(lines: &[String], limit: usize) -> bool {
    (1..=LINES_MAX).contains(&lines.len()) && lines.iter().all(|line| length(line) <= limit)
}

/// The unit becomes the second line.
fn split_at_unit(lines: &[String], limit: usize) -> Vec<String> {
    let Some((first, rest)) = lines.split_first() else {
        return Vec::new();
    };
    let words: Vec<&str> = first.split(' ').collect();
    (1..words.len())
        .filter(|place| is_unit_word(words[*place]))
        .map(|place| (words[..place].join(" "), words[place..].join(" ")))
        .find(|(street, unit)| length(street) <= limit && length(unit) <= limit)
        .map(|(street, unit)| {
            [trim(&street).to_owned(), unit]
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
            Some(last) if length(last) + 1 + length(&chunk) <= limit => {
                last.push(' ');
                last.push_str(&chunk);
            }
            Some(_) | None => broken.push(chunk),
        }
    }
    broken
        .iter()
        .map(|line| trim(line).to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn chunks(line: &str) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in line.split(' ') {
        match chunks.last_mut() {
            Some(last) if is_open => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) | None => chunks.push(word.to_owned()),
        }
        is_open = !is_open && is_unit_word(word) && !word.starts_with('#');
    }
    chunks
}

fn is_unit_word(word: &str) -> bool {
    let bare = word
        .trim_matches(|letter: char| !letter.is_alphanumeric())
        .to_lowercase();
    word.starts_with('#') || UNIT_WORDS.contains(&bare.as_str())
}

/// Puts neighbours on one line, the last ones first, until there are no more than three.
fn merged(mut lines: Vec<String>, limit: usize) -> Vec<String> {
    while lines.len() > LINES_MAX {
        let joined = |place: usize| format!("{}{SEPARATOR}{}", lines[place], lines[place + 1]);
        let Some(place) = (0..lines.len() - 1)
            .rev()
            .find(|place| length(&joined(*place)) <= limit)
        else {
            break;
        };
        lines[place] = joined(place);
        lines.remove(place + 1);
    }
    lines
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
                "12345 Old Northwestern Boulevard of the Pioneers",
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
