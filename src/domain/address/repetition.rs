//! The repetition of city, state, postal code and country at the end of a street line.

use super::regions::{Region, Subdivision};
use super::text::{Token, is_any_of, is_same, tokens, words, words_from_end};

/// A line beyond this, in bytes, is no street, so that looking for a repetition in it would only cost time.
const REPETITION_LENGTH_MAX: usize = 500;

/// How the United States end a line.
const COUNTRY_NAMES: &[&str] = &["united states of america", "united states", "u s a", "u s", "usa", "us"];

const COUNTRY_ENDS: &[&str] = &["america", "states", "a", "s", "usa", "us"];

const DIRECTIONS: &[&str] = &["north", "east", "south", "west", "ne", "nw", "se", "sw"];

/// What the fields beside the lines say, for finding its repetition.
pub(super) struct Tail<'a> {
    region: &'static Region,
    city: &'a str,
    state: Option<&'static Subdivision>,
    postal_code: &'a str,
    /// The last words of the city and of the state's code and name.
    endings: [&'a str; 3],
}

impl<'a> Tail<'a> {
    /// Takes the city as typed, the state where it is known, and the postal code as it is sent.
    pub(super) fn new(
        region: &'static Region,
        city: &'a str,
        state: Option<&'static Subdivision>,
        postal_code: &'a str,
    ) -> Self {
        let [code, name] = state.map_or([""; 2], |state| [state.code, state.name]);
        Self {
            region,
            city,
            state,
            postal_code,
            endings: [city, code, name].map(|text| words_from_end(text).next().unwrap_or_default()),
        }
    }

    /// Returns a line without city, state, postal code and country at its end, where the city and one of the others are there.
    ///
    /// What is left must name a street, so that one which is named like the city stays.
    pub(super) fn dropped_from<'l>(&self, line: &'l str) -> Option<&'l str> {
        // Most lines end with a street and don't name the city; they need no closer look.
        let is_candidate = self.is_ending(words_from_end(line).next()?)
            && line.len() <= REPETITION_LENGTH_MAX
            && words(line).any(|word| is_same(word, self.endings[0]));
        if !is_candidate {
            return None;
        }
        let tokens: Vec<Token> = tokens(line).collect();
        let rest = self.without_country(&tokens);
        let without_code = self.without_postal_code(rest);
        // A city may be named like its state.
        let (street, before) = [self.without_state(without_code), without_code]
            .into_iter()
            .find_map(|before| without_words(before, self.city).map(|street| (street, before)))?;
        let is_repetition = before.len() < rest.len();
        let cut = tokens.get(street.len())?.start;
        let left =
            line[..cut].trim_end_matches(|letter: char| !letter.is_alphanumeric() && !matches!(letter, ')' | '"'));
        (is_repetition && names_a_street(left)).then_some(left)
    }

    /// Returns whether a word may end a repetition; any word with a digit may be a postal code's, as `2AA` is in Great Britain.
    fn is_ending(&self, word: &str) -> bool {
        word.contains(|letter: char| letter.is_ascii_digit())
            || self.endings.iter().any(|ending| is_same(ending, word))
            || is_any_of(word, COUNTRY_ENDS)
    }

    fn without_country<'t>(&self, tokens: &'t [Token<'t>]) -> &'t [Token<'t>] {
        let names: &[&str] = if self.region.code == "US" { COUNTRY_NAMES } else { &[] };
        names
            .iter()
            .find_map(|name| without_words(tokens, name))
            .unwrap_or(tokens)
    }

    fn without_postal_code<'t>(&self, tokens: &'t [Token<'t>]) -> &'t [Token<'t>] {
        let short = self.postal_code.split('-').next().unwrap_or_default();
        let compact: String = self
            .postal_code
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect();
        [self.postal_code, &compact, short]
            .iter()
            .find_map(|code| without_words(tokens, code))
            .unwrap_or(tokens)
    }

    fn without_state<'t>(&self, tokens: &'t [Token<'t>]) -> &'t [Token<'t>] {
        let Some(state) = self.state else {
            return tokens;
        };
        [state.name, state.code]
            .iter()
            .find_map(|name| without_words(tokens, name))
            .unwrap_or(tokens)
    }
}

/// Returns whether there is a word that is more than a letter, a number or a direction.
fn names_a_street(line: &str) -> bool {
    let is_name = |word: &str| word.chars().filter(|letter| letter.is_alphabetic()).nth(1).is_some();
    words(line).any(|word| is_name(word) && !is_any_of(word, DIRECTIONS))
}

/// Returns the tokens before the given words, where they end with them.
fn without_words<'t>(tokens: &'t [Token<'t>], text: &str) -> Option<&'t [Token<'t>]> {
    let mut before = tokens;
    for word in words_from_end(text) {
        let (last, rest) = before.split_last()?;
        if !is_same(last.word, word) {
            return None;
        }
        before = rest;
    }
    (before.len() < tokens.len()).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::super::regions::region;
    use super::super::state::find;
    use super::*;

    #[test]
    fn the_repetition_of_city_state_and_postal_code_is_dropped_d12() {
        let us = region("US");
        let tail = Tail::new(us, "New York", find(us, "NY"), "10001-1234");
        for line in [
            "123 Main St, New York, NY 10001",
            "123 Main St New York New York 10001-1234, USA",
            "123 MAIN ST, NEW YORK, NY",
            "123 Main St, New York 10001, United States",
        ] {
            assert_eq!(
                tail.dropped_from(line).map(str::to_lowercase).as_deref(),
                Some("123 main st"),
                "{line}"
            );
        }
        for line in [
            "123 New York NY 10001",
            "123 Main St",
            "1 New York Plaza",
            "12 Avenue of New York",
            "New York, NY 10001",
            "200 W New York NY 10001",
            "200 NW New York NY 10001",
        ] {
            assert_eq!(tail.dropped_from(line), None, "{line}");
        }
    }

    #[test]
    fn a_postal_code_that_ends_with_letters_ends_a_repetition_too_d12() {
        let tail = Tail::new(region("GB"), "London", None, "SW1A 2AA");
        for line in ["10 Downing St, London SW1A 2AA", "10 Downing St, London, sw1a2aa"] {
            assert_eq!(tail.dropped_from(line), Some("10 Downing St"), "{line}");
        }
    }
}
