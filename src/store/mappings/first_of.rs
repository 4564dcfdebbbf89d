//! The first few of many findings, and how many there are in all.

/// How many findings of one kind a person is shown.
const SHOWN_MAX: usize = 100;

/// The first hundred of possibly very many findings.
#[derive(Debug)]
pub struct FirstOf<T> {
    /// The first ones.
    pub first: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}

impl<T> Default for FirstOf<T> {
    fn default() -> Self {
        Self {
            first: Vec::new(),
            total: 0,
        }
    }
}

impl<T> FirstOf<T> {
    /// Adds a finding.
    pub(super) fn push(&mut self, finding: T) {
        self.total += 1;
        if self.first.len() < SHOWN_MAX {
            self.first.push(finding);
        }
    }
}
