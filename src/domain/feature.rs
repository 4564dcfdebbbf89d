//! What is asked of Amazon for every order beside its goods, and what becomes of it where Amazon can't do it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::TiktokOrderId;

/// Something asked of Amazon, by its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Feature {
    /// No parcel goes with Amazon's own carrier.
    BlockAmzl,
    /// The box does not name Amazon.
    BlankBox,
}

/// What Amazon refused for single orders.
pub type RefusedFeatures = BTreeMap<TiktokOrderId, BTreeSet<Feature>>;

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 2] = [Self::BlockAmzl, Self::BlankBox];

    /// Returns Amazon's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BlockAmzl => "BLOCK_AMZL",
            Self::BlankBox => "BLANK_BOX",
        }
    }

    /// Reads Amazon's name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == name)
    }

    /// Tells whether an order goes without it where Amazon refuses it. Another carrier than the one that is blocked is no small thing.
    #[must_use]
    pub fn gives_way(self) -> bool {
        self == Self::BlankBox
    }

    /// Returns what a person is told when an order goes without it.
    #[must_use]
    pub fn given_up(self) -> &'static str {
        match self {
            Self::BlankBox => "Amazon has no unbranded box for it (BLANK_BOX): it goes branded",
            Self::BlockAmzl => "Amazon can't keep its own carrier away from it (BLOCK_AMZL)",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Returns which of the features that were sent Amazon's sentence refuses. What a refusal looks like is not documented: it may name the
/// feature, or only say that it is about one. Where several may be meant, it is the one without which nothing is sent.
#[must_use]
pub fn refused_in(said: &str, sent: &[Feature]) -> Option<Feature> {
    let said = said.to_ascii_uppercase();
    let mut sent: Vec<Feature> = sent.to_vec();
    sent.sort_unstable();
    let named = sent.iter().find(|feature| said.contains(feature.as_str()));
    named
        .or_else(|| sent.first().filter(|_| said.contains("FEATURE")))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_amazons_name() {
        for feature in Feature::ALL {
            assert_eq!(serde_json::to_value(feature).expect("a word"), feature.as_str());
            assert_eq!(Feature::read(feature.as_str()), Some(feature));
        }
    }

    #[test]
    fn a_refusal_is_of_the_feature_that_it_names_and_never_of_one_that_was_not_sent_e74_e152() {
        use Feature::{BlankBox, BlockAmzl};
        for (said, sent, refused) in [
            (
                "Region does not support feature: BLANK_BOX",
                &[BlankBox][..],
                Some(BlankBox),
            ),
            (
                "Value blank_box for parameter FeatureName is invalid.",
                &[BlockAmzl, BlankBox],
                Some(BlankBox),
            ),
            (
                "BLOCK_AMZL and BLANK_BOX can't be had",
                &[BlankBox, BlockAmzl],
                Some(BlockAmzl),
            ),
            ("the feature constraints can't be met", &[BlankBox], Some(BlankBox)),
            (
                "the feature constraints can't be met",
                &[BlankBox, BlockAmzl],
                Some(BlockAmzl),
            ),
            ("Region does not support feature: BLANK_BOX", &[], None),
            ("the SellerSKU is invalid", &[BlankBox, BlockAmzl], None),
        ] {
            assert_eq!(refused_in(said, sent), refused, "E74, E152: {said}");
        }
    }
}
