//! The name on the label: chosen, and brought under Amazon's limit only where nothing is lost.

use super::findings::{Field, Finding, Rule};
use super::rules::NAME_LENGTH_MAX;
use super::text::{Token, is_same, is_within, length, tokens};
use crate::domain::flag::Detail;

/// A name that fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fitted<'a> {
    /// The name.
    pub(super) name: &'a str,
    /// The `c/o` part that needs a line of its own.
    pub(super) care_of: Option<&'a str>,
    /// What was done to it.
    pub(super) rule: Option<Rule>,
}

/// Brings a cleaned name under the limit.
///
/// # Errors
///
/// A finding when something would have to be cut.
pub(super) fn fit(name: &str) -> Result<Fitted<'_>, Finding> {
    if is_within(name, NAME_LENGTH_MAX) {
        return Ok(Fitted {
            name,
            care_of: None,
            rule: None,
        });
    }
    without_repeated_half(name)
        .or_else(|| without_care_of(name))
        .filter(|fitted| !fitted.name.is_empty() && is_within(fitted.name, NAME_LENGTH_MAX))
        .ok_or_else(|| Finding::too_long(Detail::NameTooLong, Field::Name, length(name), NAME_LENGTH_MAX))
}

/// `Acme Ltd, Acme Ltd` says nothing more than `Acme Ltd`.
fn without_repeated_half(name: &str) -> Option<Fitted<'_>> {
    let tokens: Vec<Token> = tokens(name).collect();
    let (first, second) = tokens.split_at(tokens.len() / 2);
    let is_repeated = first.len() == second.len()
        && first
            .iter()
            .zip(second)
            .all(|(one, other)| is_same(one.word, other.word));
    let cut = second.first().filter(|_| is_repeated)?.start;
    let name = name[..cut].trim_end_matches([' ', ',', ';', '-', '/', '&']);
    Some(Fitted {
        name,
        care_of: None,
        rule: Some(Rule::RepeatedHalfDropped),
    })
}

/// A `c/o` part at the end, or one at the beginning that a comma ends.
fn without_care_of(name: &str) -> Option<Fitted<'_>> {
    let start = name.to_ascii_lowercase().find("c/o ")?;
    let (before, care_of) = name.split_at(start);
    let (care_of, name) = if before.is_empty() {
        care_of.split_at(care_of.find(',')? + 1)
    } else {
        (care_of, before)
    };
    Some(Fitted {
        name: name.trim(),
        care_of: Some(care_of.trim()),
        rule: Some(Rule::CareOfMoved),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_stays() {
        let name = "Acme Ltd, Acme Ltd";
        assert_eq!(
            fit(name).unwrap(),
            Fitted {
                name,
                care_of: None,
                rule: None
            }
        );
    }

    #[test]
    fn a_company_that_is_written_twice_is_written_once_e20() {
        let fitted = fit("Northwestern Trading Company Inc., NORTHWESTERN Trading Company Inc.").unwrap();
        assert_eq!(fitted.name, "Northwestern Trading Company Inc.");
        let fitted = fit("Northwestern Trading Company (USA) Northwestern Trading Company (USA)").unwrap();
        assert_eq!(fitted.name, "Northwestern Trading Company (USA)");
    }

    #[test]
    fn a_care_of_part_moves_to_a_line_e20() {
        let fitted = fit("Dana Whitfield c/o Northwestern Trading Company Incorporated").unwrap();
        assert_eq!(fitted.name, "Dana Whitfield");
        assert_eq!(fitted.care_of, Some("c/o Northwestern Trading Company Incorporated"));
        let fitted = fit("C/O Northwestern Trading Company Incorporated, Dana Whitfield").unwrap();
        assert_eq!(fitted.name, "Dana Whitfield");
        assert_eq!(fitted.care_of, Some("C/O Northwestern Trading Company Incorporated,"));
    }

    #[test]
    fn a_name_that_would_lose_letters_is_flagged_with_its_length_e20_d14() {
        for name in [
            "x".repeat(51),
            "word ".repeat(40).trim_end().replace("word word", "word lord"),
            format!("c/o {}", "y".repeat(60)),
        ] {
            let finding = fit(&name).unwrap_err();
            assert_eq!(finding.detail, Detail::NameTooLong);
            assert!(
                finding.sentence.contains(&length(&name).to_string()),
                "{}",
                finding.sentence
            );
        }
    }
}
