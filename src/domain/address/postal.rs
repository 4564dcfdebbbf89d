//! Postal codes: brought into the country's form, checked against the state, never replaced by another.

use super::findings::{Field, Finding, Rule};
use super::regions::{Region, Subdivision};
use super::rules::POSTAL_CODE_LENGTH_MAX;
use super::text::length;
use crate::domain::flag::Detail;

/// A postal code in its country's form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PostalCode {
    /// The code as it is sent.
    pub(super) text: String,
    /// What was done to it.
    pub(super) rule: Option<Rule>,
}

/// Checks the form of a cleaned postal code.
///
/// # Errors
///
/// A finding when it is missing or has not the country's form.
pub(super) fn check(region: &Region, state: Option<&Subdivision>, typed: &str) -> Result<PostalCode, Finding> {
    if typed.is_empty() {
        return Err(Finding::missing(Detail::PostalCodeMissing, Field::PostalCode));
    }
    if region.postal_shapes.is_empty() {
        return unlisted(typed);
    }
    in_form(region, typed)
        .map(|text| PostalCode {
            rule: (text != typed).then_some(Rule::Formatted),
            text,
        })
        .or_else(|| restored(region, state?, typed))
        .ok_or_else(malformed)
}

/// Returns the doubt about a postal code that lies in another state than the address names.
pub(super) fn doubt(region: &Region, state: Option<&Subdivision>, code: &str) -> Option<Finding> {
    let is_elsewhere = !region.postal_shapes.is_empty() && !region.lies_in(state?, code);
    is_elsewhere.then(mismatch)
}

/// A country without a known form: only Amazon's limit counts.
fn unlisted(typed: &str) -> Result<PostalCode, Finding> {
    match length(typed) {
        0..=POSTAL_CODE_LENGTH_MAX => Ok(PostalCode {
            text: typed.to_owned(),
            rule: None,
        }),
        _ => Err(malformed()),
    }
}

/// Leading zeros are lost in spreadsheets; they are put back only where the state proves them.
fn restored(region: &Region, state: &Subdivision, typed: &str) -> Option<PostalCode> {
    let digits = compact(typed);
    let missing = match digits.len() {
        3 | 7 => 2,
        4 | 8 => 1,
        _ => return None,
    };
    let text = in_form(region, &format!("{}{digits}", "0".repeat(missing)))?;
    region.lies_in(state, &text).then_some(PostalCode {
        text,
        rule: Some(Rule::LeadingZeroRestored),
    })
}

fn in_form(region: &Region, typed: &str) -> Option<String> {
    let code = compact(typed);
    let text = region.postal_shapes.iter().find_map(|shape| shaped(shape, &code))?;
    let area: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    let known = region.postal_areas.is_empty() || region.postal_areas.split(' ').any(|known| known == area);
    known.then_some(text)
}

/// Leaves out blanks, hyphens, the Japanese postal mark and a dot at the end; letters become upper case.
fn compact(typed: &str) -> String {
    typed
        .trim_end_matches(['.', ','])
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '〒'))
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

fn shaped(shape: &str, code: &str) -> Option<String> {
    let mut letters = code.chars();
    let mut text = String::with_capacity(shape.len());
    for place in shape.chars() {
        text.push(match place {
            ' ' | '-' => place,
            _ => letters.next().filter(|letter| fits(place, *letter))?,
        });
    }
    letters.next().is_none().then_some(text)
}

fn fits(place: char, letter: char) -> bool {
    match place {
        '#' => letter.is_ascii_digit(),
        '@' => letter.is_ascii_uppercase(),
        '~' => letter.is_ascii_uppercase() && !"CIKMOV".contains(letter),
        '^' => letter.is_ascii_uppercase() && !"DFIOQU".contains(letter),
        literal => literal == letter,
    }
}

fn malformed() -> Finding {
    let sentence = "The postal code does not have the form that its country uses.";
    Finding::new(Detail::PostalCodeMalformed, Field::PostalCode, sentence)
}

fn mismatch() -> Finding {
    let sentence = "The postal code lies in another state than the address names.";
    Finding::new(Detail::PostalCodeStateMismatch, Field::PostalCode, sentence)
}

#[cfg(test)]
mod tests {
    use super::super::regions::region;
    use super::super::state::find;
    use super::*;

    fn us(state: &str, typed: &str) -> Result<String, Detail> {
        code("US", state, typed)
    }

    fn code(country: &str, state: &str, typed: &str) -> Result<String, Detail> {
        let region = region(country);
        let state = find(region, state);
        let code = check(region, state, typed).map_err(|finding| finding.detail)?;
        match doubt(region, state, &code.text) {
            Some(finding) => Err(finding.detail),
            None => Ok(code.text),
        }
    }

    #[test]
    fn zip_plus_four_takes_one_form_e26_d4() {
        for typed in ["10118 0110", "101180110", "10118-0110", "10118 - 0110"] {
            assert_eq!(us("NY", typed).as_deref(), Ok("10118-0110"), "{typed}");
        }
    }

    #[test]
    fn a_lost_zero_comes_back_only_where_the_state_proves_it_e25_d3() {
        assert_eq!(us("MA", "2139").as_deref(), Ok("02139"));
        assert_eq!(us("MA", "2139-4307").as_deref(), Ok("02139-4307"));
        assert_eq!(us("PR", "901").as_deref(), Ok("00901"));
        assert_eq!(us("IL", "6270"), Err(Detail::PostalCodeMalformed));
        assert_eq!(us("", "2139"), Err(Detail::PostalCodeMalformed));
    }

    #[test]
    fn a_postal_code_of_another_state_is_flagged_and_not_overwritten_e24_d5() {
        assert_eq!(us("NY", "90210"), Err(Detail::PostalCodeStateMismatch));
        assert_eq!(us("AK", "90210"), Err(Detail::PostalCodeStateMismatch));
        assert_eq!(us("IL", "00000"), Err(Detail::PostalCodeStateMismatch));
    }

    #[test]
    fn a_zip_of_a_place_in_two_states_goes_with_either_e24_d23() {
        let table = [
            ("42223", "KY", "TN"),
            ("86515", "AZ", "NM"),
            ("59221", "MT", "ND"),
            ("71749", "AR", "LA"),
            ("73949", "OK", "TX"),
            ("97913", "OR", "ID"),
            ("31905", "GA", "AL"),
            ("57641", "SD", "ND"),
            ("89832", "NV", "ID"),
        ];
        for (zip, first, second) in table {
            assert_eq!(us(first, zip).as_deref(), Ok(zip), "{zip} {first}");
            assert_eq!(us(second, zip).as_deref(), Ok(zip), "{zip} {second}");
            let long = format!("{zip}-0110");
            assert_eq!(us(second, &long).as_deref(), Ok(long.as_str()), "{zip} {second}");
            assert_eq!(us("FL", zip), Err(Detail::PostalCodeStateMismatch), "{zip} FL");
        }
        assert_eq!(us("MA", "2861").as_deref(), Ok("02861"), "its zero was lost");
        assert_eq!(
            us("TN", "42262"),
            Err(Detail::PostalCodeStateMismatch),
            "a neighbour in KY alone"
        );
    }

    #[test]
    fn a_postal_code_of_the_wrong_length_is_flagged_d6() {
        for typed in ["606001", "6064", "60642-12", "ABCDE", "60642-00012"] {
            assert_eq!(us("IL", typed), Err(Detail::PostalCodeMalformed), "{typed}");
        }
        assert_eq!(us("IL", "60642-").as_deref(), Ok("60642"));
        assert_eq!(us("IL", ""), Err(Detail::PostalCodeMissing));
    }

    #[test]
    fn other_countries_have_their_own_forms() {
        assert_eq!(code("GB", "", "sw1a1aa").as_deref(), Ok("SW1A 1AA"));
        assert_eq!(code("GB", "", "GIR 0AA").as_deref(), Ok("GIR 0AA"));
        assert_eq!(code("GB", "", "QQ1 1AA"), Err(Detail::PostalCodeMalformed));
        assert_eq!(code("CA", "ON", "k1a0b1").as_deref(), Ok("K1A 0B1"));
        assert_eq!(code("CA", "BC", "K1A 0B1"), Err(Detail::PostalCodeStateMismatch));
        assert_eq!(code("JP", "東京都", "〒1000001").as_deref(), Ok("100-0001"));
        assert_eq!(code("FR", "", "75 001").as_deref(), Ok("75001"));
        assert_eq!(code("DE", "", "1011"), Err(Detail::PostalCodeMalformed));
        assert_eq!(code("AT", "", "1010").as_deref(), Ok("1010"));
    }
}
