//! The repetition of city, state, postal code and country at the end of a street line.

use super::regions::Region;
use super::state;
use super::text::{Token, length, tokens, words};

/// A line beyond this is no street, so that looking for a repetition in it would only cost time.
const REPETITION_LENGTH_MAX: usize = 500;

/// What the fields beside the lines say, for finding its repetition.
pub(super) struct Tail<'a> {
    /// The country's rules.
    pub(super) region: &'static Region,
    /// The city as typed.
    pub(super) city: &'a str,
    /// The state's code, or its name.
    pub(super) state: &'a str,
    /// The postal code as it is sent.
    pub(super) postal_code: &'a str,
}

impl Tail<'_> {
    /// Returns a line without city, state, postal code and country at its end, where the city and one of the others are there.
    ///
    /// What is left must have a letter, so that a street which is named like the city stays.
    pub(super) fn dropped_from(&self, line: &str) -> Option<String> {
        if length(line) > REPETITION_LENGTH_MAX {
            return None;
        }
        let tokens = tokens(line);
        // Most lines don't name the city at all, and need no closer look.
        let city_end = words(self.city).pop()?;
        if !tokens.iter().any(|token| token.word == city_end) {
            return None;
        }
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
        (is_repetition && left.chars().any(char::is_alphabetic)).then(|| left.to_owned())
    }

    fn without_country<'t>(&self, tokens: &'t [Token]) -> &'t [Token] {
        let names: &[&str] = if self.region.code == "US" {
            &["united states of america", "united states", "u s a", "u s", "usa", "us"]
        } else {
            &[]
        };
        names
            .iter()
            .find_map(|name| without_words(tokens, name))
            .unwrap_or(tokens)
    }

    fn without_postal_code<'t>(&self, tokens: &'t [Token]) -> &'t [Token] {
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

    fn without_state<'t>(&self, tokens: &'t [Token]) -> &'t [Token] {
        let Some(state) = state::find(self.region, self.state) else {
            return tokens;
        };
        [state.name, state.code]
            .iter()
            .find_map(|name| without_words(tokens, name))
            .unwrap_or(tokens)
    }
}

/// Returns the tokens before the given words, where they end with them.
fn without_words<'t>(tokens: &'t [Token], text: &str) -> Option<&'t [Token]> {
    let wanted: Vec<String> = words(text);
    let start = tokens.len().checked_sub(wanted.len())?;
    let is_here = !wanted.is_empty()
        && tokens[start..]
            .iter()
            .zip(&wanted)
            .all(|(token, word)| token.word == *word);
    is_here.then(|| &tokens[..start])
}

#[cfg(test)]
mod tests {
    use super::super::regions::region;
    use super::*;

    #[test]
    fn the_repetition_of_city_state_and_postal_code_is_dropped_d12() {
        let tail = Tail {
            region: region("US"),
            city: "New York",
            state: "NY",
            postal_code: "10001-1234",
        };
        for line in [
            "123 Main St, New York, NY 10001",
            "123 Main St New York New York 10001-1234, USA",
            "123 MAIN ST, NEW YORK, NY",
            "123 Main St, New York 10001, United States",
        ] {
            assert_eq!(
                tail.dropped_from(line).map(|line| line.to_lowercase()).as_deref(),
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
        ] {
            assert_eq!(tail.dropped_from(line), None, "{line}");
        }
    }
}
