//! The reasons that outsiders see.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The closed list that webhooks, `status` and JSON carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// The address can't be sent as it is.
    InvalidAddress,
    /// Amazon has too little stock, or its stock is not known.
    InsufficientInventory,
    /// A product has no Amazon SKU.
    SkuNotMapped,
    /// Amazon refused, or its order ended badly.
    McfApiError,
    /// TikTok refused, or its answer can't be used.
    TiktokApiError,
    /// Limits, destination or type.
    OrderNotSupported,
    /// Both sides disagree about a cancellation.
    CancellationConflict,
    /// TikTok refused a tracking number, or it can't be told to TikTok.
    TrackingRejected,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::InvalidAddress,
        Self::InsufficientInventory,
        Self::SkuNotMapped,
        Self::McfApiError,
        Self::TiktokApiError,
        Self::OrderNotSupported,
        Self::CancellationConflict,
        Self::TrackingRejected,
    ];

    /// Returns the word that outsiders see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidAddress => "INVALID_ADDRESS",
            Self::InsufficientInventory => "INSUFFICIENT_INVENTORY",
            Self::SkuNotMapped => "SKU_NOT_MAPPED",
            Self::McfApiError => "MCF_API_ERROR",
            Self::TiktokApiError => "TIKTOK_API_ERROR",
            Self::OrderNotSupported => "ORDER_NOT_SUPPORTED",
            Self::CancellationConflict => "CANCELLATION_CONFLICT",
            Self::TrackingRejected => "TRACKING_REJECTED",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_its_own_word() {
        for reason in Reason::ALL {
            assert_eq!(Reason::read(reason.as_str()), Some(reason));
            assert_eq!(serde_json::to_value(reason).expect("a word"), reason.as_str());
        }
    }
}
