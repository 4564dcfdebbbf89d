//! Stock figures and the rules over them. Absent is unknown: never zero, never enough.
//!
//! What may be promised of an Amazon SKU is a [`Holding`]; orders and TikTok's listings are served from the same ones.
//! [`plan`] turns holdings into what each listing should show, [`brake`] holds back what looks like a mistake of Amazon's,
//! [`alert`] says when a person should hear of low stock, and [`cover`] for how long it lasts.

pub mod alert;
pub mod brake;
pub mod cover;
mod holding;
pub mod plan;

pub use holding::{Holding, Holdings, holdings, safety_stock};

use chrono::{DateTime, TimeDelta, Utc};

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

/// What is kept about one SKU: Amazon's figure and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockFigure {
    /// What Amazon said last.
    pub fulfillable: Option<i64>,
    /// What is left after the promises that Amazon has not counted yet.
    pub remaining: Option<i64>,
    /// Units between fulfillment centers.
    pub in_transfer: Option<i64>,
    /// When Amazon said it.
    pub read_at: DateTime<Utc>,
    /// When we last promised units of it to an order.
    pub promised_at: Option<DateTime<Utc>>,
    /// Whether an alert about it is open.
    pub is_low: bool,
}

/// Returns what is left of a figure that Amazon just gave.
///
/// Amazon may need a while to count an order that it accepted. Until `counted_after` our last promise, the lower one of
/// Amazon's figure and our own ledger holds, so that a unit is never promised twice; afterwards Amazon's figure holds alone.
#[must_use]
pub fn remaining_after_reading(
    fulfillable: i64,
    before: Option<&StockFigure>,
    counted_after: TimeDelta,
    now: DateTime<Utc>,
) -> i64 {
    let fulfillable = fulfillable.max(0);
    let ledger = before
        .filter(|figure| figure.promised_at.is_some_and(|at| now - at < counted_after))
        .and_then(|figure| figure.remaining);
    ledger.map_or(fulfillable, |ledger| fulfillable.min(ledger.max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_AN_HOUR: TimeDelta = TimeDelta::minutes(30);

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn figure(remaining: i64, promised_minutes_ago: Option<i64>) -> StockFigure {
        StockFigure {
            fulfillable: Some(5),
            remaining: Some(remaining),
            in_transfer: None,
            read_at: noon(),
            promised_at: promised_minutes_ago.map(|minutes| noon() - TimeDelta::minutes(minutes)),
            is_low: false,
        }
    }

    #[test]
    fn a_fresh_promise_counts_whether_or_not_amazon_has_counted_it() {
        let left = |fulfillable| remaining_after_reading(fulfillable, Some(&figure(2, Some(5))), HALF_AN_HOUR, noon());
        assert_eq!(left(2), 2, "Amazon has counted the three units");
        assert_eq!(left(5), 2, "Amazon has not counted them yet");
        assert_eq!(left(1), 1, "somebody else bought one");
    }

    #[test]
    fn an_old_promise_gives_way_to_amazons_figure() {
        assert_eq!(
            remaining_after_reading(12, Some(&figure(2, Some(31))), HALF_AN_HOUR, noon()),
            12
        );
        assert_eq!(remaining_after_reading(12, None, HALF_AN_HOUR, noon()), 12);
    }

    #[test]
    fn a_negative_figure_is_nothing() {
        assert_eq!(remaining_after_reading(-3, None, HALF_AN_HOUR, noon()), 0, "R23");
    }
}
