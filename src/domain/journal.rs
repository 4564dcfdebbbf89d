//! What kind of thing an entry of the journal over all orders is.

use std::fmt;

use serde::Serialize;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// An order changed its state.
    State,
    /// A flag was raised or cleared.
    Flag,
    /// A vendor or an endpoint was called.
    Call,
    /// Something was seen or told.
    Event,
    /// A person did something to an order.
    Hand,
    /// A run began or ended.
    Run,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::State, Self::Flag, Self::Call, Self::Event, Self::Hand, Self::Run];

    /// Returns the word that outsiders see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Flag => "flag",
            Self::Call => "call",
            Self::Event => "event",
            Self::Hand => "hand",
            Self::Run => "run",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Returns the kind of a line of an order's history by the word that the history has for it.
    #[must_use]
    pub fn of_history(word: &str) -> Self {
        match word {
            "state" => Self::State,
            "flag" => Self::Flag,
            "operator" | "erased" => Self::Hand,
            _ => Self::Event,
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_its_own_word_and_every_line_of_a_history_has_one() {
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::read(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
            assert_eq!(kind.to_string(), kind.as_str());
        }
        for (word, kind) in [
            ("state", EntryKind::State),
            ("flag", EntryKind::Flag),
            ("operator", EntryKind::Hand),
            ("erased", EntryKind::Hand),
            ("tiktok", EntryKind::Event),
            ("of_another_version", EntryKind::Event),
        ] {
            assert_eq!(EntryKind::of_history(word), kind, "{word}");
        }
    }
}
