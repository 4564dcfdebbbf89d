//! From a state as TikTok or the buyer wrote it to the state of the country's table.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::regions::{REGIONS, Region, Subdivision};
use super::us;

/// The states of a country by every form in which their codes and names may be typed, folded.
type Forms = HashMap<String, &'static Subdivision>;

/// Folding all names for each address anew would take longer than all the rest.
static FORMS: LazyLock<HashMap<&'static str, Forms>> =
    LazyLock::new(|| REGIONS.iter().map(|region| (region.code, forms(region))).collect());

/// Finds a state by code, name or common short form; neither case nor dots matter. `None`: it is none of the country's.
pub(super) fn find(region: &Region, typed: &str) -> Option<&'static Subdivision> {
    if typed.is_empty() {
        return None;
    }
    FORMS.get(region.code)?.get(&fold(typed)).copied()
}

/// TikTok's `iso_code` may carry the country in front, as ISO 3166-2 does. Where two states share a form, the first one has it;
/// what people call a state in the US goes before all.
fn forms(region: &Region) -> Forms {
    let mut forms = Forms::new();
    if region.code == "US" {
        for state in region.subdivisions {
            forms.extend(us::spellings(state.code).map(|spelling| (spelling.to_owned(), state)));
        }
    }
    for state in region.subdivisions {
        let code = fold(state.code);
        let with_country = format!("{} {code}", fold(region.code));
        for form in [code, with_country, fold(state.name)] {
            forms.entry(form).or_insert(state);
        }
    }
    forms
}

/// Brings a typed state into the form for comparing: lower case, no accents, dots, commas or brackets, single blanks.
fn fold(typed: &str) -> String {
    if typed.is_ascii() {
        return fold_letters(typed.chars(), typed.len());
    }
    fold_letters(typed.nfd().filter(|letter| !is_combining_mark(*letter)), typed.len())
}

fn fold_letters(letters: impl Iterator<Item = char>, length: usize) -> String {
    let mut folded = String::with_capacity(length);
    for letter in letters.filter(|letter| *letter != '.') {
        if letter.is_ascii_alphanumeric() {
            folded.push(letter.to_ascii_lowercase());
        } else if !letter.is_whitespace() && !matches!(letter, ',' | '-' | '(' | ')') {
            folded.extend(letter.to_lowercase());
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
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
            ("W.Va.", "WV"),
            ("N.Dak.", "ND"),
            ("N.Carolina", "NC"),
            ("Armed Forces Europe, the Middle East, and Canada", "AE"),
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
        assert_eq!(code("CA", "Québec"), Some("QC"));
        assert_eq!(code("IT", "Roma"), Some("RM"));
        assert_eq!(code("ES", "Álava"), Some("VI"));
        assert_eq!(code("JP", "東京都"), Some("東京都"));
        assert_eq!(code("JP", "Tokyo"), Some("東京都"));
    }
}
