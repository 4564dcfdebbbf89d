//! What was seen and done while one address was read: the notes and the findings so far.

use super::findings::{Field, Finding, Note, Rule};
use super::text;
use crate::domain::flag::Detail;

/// Notes and findings of one address.
#[derive(Default)]
pub(super) struct Journal {
    /// What changed.
    pub(super) notes: Vec<Note>,
    /// What stops it.
    pub(super) findings: Vec<Finding>,
}

impl Journal {
    /// Adds a note.
    pub(super) fn note(&mut self, field: Field, rule: Rule) {
        self.notes.push(Note { field, rule });
    }

    /// Adds a finding.
    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds the finding of a failed check and goes on with what the check gave.
    pub(super) fn take<T>(&mut self, checked: Result<T, Finding>) -> Option<T> {
        checked.map_err(|finding| self.find(finding)).ok()
    }

    /// Returns the cleaned text of a field.
    pub(super) fn clean(&mut self, field: Field, typed: &str) -> String {
        let cleaned = text::clean(typed);
        if cleaned.changed {
            self.note(field, Rule::Cleaned);
        }
        if cleaned.broken {
            self.find(characters(field));
        }
        cleaned.text
    }

    /// Notes a change of form and returns the new text.
    pub(super) fn changed(&mut self, field: Field, rule: Rule, before: &str, after: String) -> String {
        if before != after {
            self.note(field, rule);
        }
        after
    }
}

/// Makes the finding that a field holds what can't be printed.
pub(super) fn characters(field: Field) -> Finding {
    let sentence = format!(
        "The {} has characters that Amazon's labels may not show.",
        field.in_words()
    );
    Finding::new(Detail::CharactersNotSupported, field, sentence)
}
