//! Stock figures and the rules over them. Absent is unknown: never zero, never enough.

use chrono::{DateTime, Utc};

use super::ids::AmazonSku;

/// What Amazon says about one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmazonStock {
    /// The SKU.
    pub sku: AmazonSku,
    /// Units that a fulfillment order can take now. `None` where Amazon's answer does not say.
    pub fulfillable: Option<i64>,
    /// Units reserved in all. `None` where Amazon's answer does not say.
    pub reserved: Option<i64>,
    /// Units on their way between fulfillment centers. `None` where Amazon's answer does not say.
    pub in_transfer: Option<i64>,
    /// When Amazon last changed the figure, where it says so.
    pub updated_at: Option<DateTime<Utc>>,
}
