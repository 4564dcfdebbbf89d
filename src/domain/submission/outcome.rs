//! How certain we are about what Amazon has under an id of ours.

/// How certain we are about what Amazon has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Committed; perhaps sent.
    Intended,
    /// Sent, and nobody knows what happened.
    Unknown,
    /// Amazon has it.
    Accepted,
    /// Amazon surely refused it.
    Refused,
    /// It surely was not carried out.
    NotSent,
    /// Amazon has this id with other contents.
    Conflict,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Intended,
        Self::Unknown,
        Self::Accepted,
        Self::Refused,
        Self::NotSent,
        Self::Conflict,
    ];

    /// Returns the word kept in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Conflict => "conflict",
        }
    }

    /// Reads the word. Where there is none that is known, nobody knows what happened.
    #[must_use]
    pub fn read(word: &str) -> Self {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == word);
        known.unwrap_or(Self::Unknown)
    }

    /// Tells whether it is not certain what Amazon has: such an order is looked for before anything else.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Intended | Self::Unknown => true,
            Self::Accepted | Self::Refused | Self::NotSent | Self::Conflict => false,
        }
    }

    /// Tells whether Amazon has, or may have, something under this id.
    #[must_use]
    pub fn may_be_at_amazon(self) -> bool {
        match self {
            Self::Intended | Self::Unknown | Self::Accepted | Self::Conflict => true,
            Self::Refused | Self::NotSent => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_word_and_says_what_amazon_may_have() {
        let table = [
            (Outcome::Intended, "intended", true, true),
            (Outcome::Unknown, "unknown", true, true),
            (Outcome::Accepted, "accepted", false, true),
            (Outcome::Refused, "refused", false, false),
            (Outcome::NotSent, "not_sent", false, false),
            (Outcome::Conflict, "conflict", false, true),
        ];
        assert_eq!(table.map(|(outcome, ..)| outcome), Outcome::ALL);
        for (outcome, word, is_open, may_be_at_amazon) in table {
            assert_eq!(outcome.as_str(), word);
            assert_eq!(Outcome::read(word), outcome);
            assert_eq!(outcome.is_open(), is_open, "{word}");
            assert_eq!(outcome.may_be_at_amazon(), may_be_at_amazon, "I1: {word}");
        }
        assert_eq!(Outcome::read("posted"), Outcome::Unknown, "never taken for certain");
    }
}
