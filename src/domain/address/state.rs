//! From a state as TikTok or the buyer wrote it to the state of the country's table.

use super::regions::{Region, Subdivision};
use super::us;

/// Finds a state by code, name or common short form; neither case nor dots matter. `None`: it is none of the country's.
pub(super) fn find(region: &Region, typed: &str) -> Option<&'static Subdivision> {
    let folded = fold(typed);
    let spelled = (region.code == "US").then(|| us::state_code(&folded)).flatten();
    region
        .subdivisions
        .iter()
        .find(|state| spelled == Some(state.code) || is_code(region, state, &folded) || fold(state.name) == folded)
}

/// Brings a typed state into the form for comparing: lower case, no dots, commas or brackets, single blanks.
pub(super) fn fold(typed: &str) -> String {
    let spaced: String = typed
        .chars()
        .map(|letter| {
            if matches!(letter, ',' | '-' | '(' | ')') {
                ' '
            } else {
                letter
            }
        })
        .filter(|letter| *letter != '.')
        .flat_map(char::to_lowercase)
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// TikTok's `iso_code` may carry the country in front, as ISO 3166-2 does.
fn is_code(region: &Region, state: &Subdivision, folded: &str) -> bool {
    let code = fold(state.code);
    folded == code
        || folded
            .strip_prefix(&fold(region.code))
            .and_then(|rest| rest.strip_prefix(' '))
            == Some(&code)
}

#[cfg(test)]
mod tests {
    use super::super::regions::region;
    use super::*;

    fn code(country: &str, typed: &str) -> Option<&'static str> {
        find(region(country), typed).map(|state| state.code)
    }

    #[test]
    fn states_are_read_from_names_dots_and_short_forms_e27_d7() {
        let table = [
            ("Washington", "WA"),
            ("Wash.", "WA"),
            ("Calif.", "CA"),
            ("D.C.", "DC"),
            ("d.c.", "DC"),
            ("district of columbia", "DC"),
            ("new york", "NY"),
            ("N.Y.", "NY"),
            ("N. Mex.", "NM"),
            ("W. Va.", "WV"),
            ("US-CA", "CA"),
            ("Puerto Rico", "PR"),
            ("P.R.", "PR"),
            ("Guam", "GU"),
            ("U.S. Virgin Islands", "VI"),
            ("American Samoa", "AS"),
            ("Northern Mariana Islands", "MP"),
            ("Armed Forces Pacific", "AP"),
            ("Armed Forces Europe", "AE"),
            ("AA", "AA"),
        ];
        for (typed, expected) in table {
            assert_eq!(code("US", typed), Some(expected), "{typed}");
        }
    }

    #[test]
    fn a_state_that_nobody_knows_is_not_guessed_d7() {
        for typed in ["ll.", "XX", "California Republic", "", "NN"] {
            assert_eq!(code("US", typed), None, "{typed}");
        }
    }

    #[test]
    fn other_countries_have_their_own_states() {
        assert_eq!(code("CA", "ontario"), Some("ON"));
        assert_eq!(code("IT", "Roma"), Some("RM"));
        assert_eq!(code("ES", "Álava"), Some("VI"));
        assert_eq!(code("JP", "東京都"), Some("東京都"));
        assert_eq!(code("JP", "Tokyo"), Some("東京都"));
    }
}
