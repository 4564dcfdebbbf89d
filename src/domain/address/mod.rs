//! Addresses: from what the buyer typed at TikTok to what Amazon can print and deliver, or to the reasons why not.
//!
//! Form is changed, meaning never: blanks, case, codes and line breaks. Nothing is guessed, cut or transliterated. What would be
//! lost becomes a [`Finding`], what was changed a [`Note`]; both are free of the buyer's data. Pure, and idempotent on its own output.
//!
//! The facts about countries come from libaddressinput (see `regions`), the limits from Amazon's fulfillment API, the levels of
//! a district from TikTok's order API.
//!
//! What is dropped on purpose, each with a note: the repetition of city, state and postal code at the end of a line, the second half
//! of an overlong name that is written twice, a phone's extension, a phone that can't be called. Levels of a district that the country's addresses don't have are not sent.
//!
//! Puerto Rico, Guam and the other territories go out as country `US` with the territory as state, whichever way TikTok wrote them.
//! Spain and Italy: libaddressinput asks for a province, Amazon does not, so a missing one stops nothing.

mod capital;
mod districts;
mod findings;
mod journal;
mod listed;
mod name;
mod phone;
mod postal;
mod reflow;
mod regions;
mod repetition;
mod rules;
mod special;
mod state;
mod street;
mod text;
mod typed;
mod us;

#[cfg(test)]
mod tests;

use super::fulfillment::Destination;
use super::order::Recipient;
pub use findings::{Field, Finding, Note, Rule};
use journal::Journal;
pub use rules::{AddressRules, Policy};
use typed::Typed;

/// An address that can be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The address in Amazon's form.
    pub destination: Destination,
    /// What was changed or recognised on the way.
    pub notes: Vec<Note>,
}

/// Brings an address into Amazon's form.
///
/// # Errors
///
/// All findings at once. A hidden address yields masked findings only, a destination out of reach just that one,
/// because nothing else is worth saying about it.
pub fn normalise(recipient: &Recipient, rules: &AddressRules) -> Result<Normalised, Vec<Finding>> {
    let country = districts::country(recipient, rules).map_err(|finding| vec![finding])?;
    let mut journal = Journal::default();
    let typed = Typed::read(recipient, &country, &mut journal);
    let masked = typed.masked();
    if !masked.is_empty() {
        return Err(masked);
    }
    let destination = typed.checked(&country, rules, &mut journal);
    let Some(destination) = destination else {
        return Err(journal.findings);
    };
    journal
        .findings
        .retain(|finding| !rules.accepted.contains(&finding.detail));
    if !journal.findings.is_empty() {
        return Err(journal.findings);
    }
    Ok(Normalised {
        destination,
        notes: journal.notes,
    })
}
