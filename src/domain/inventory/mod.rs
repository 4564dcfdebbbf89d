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

use holding::BEYOND_BELIEF;
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
/// Amazon may need a while to count an order that it accepted. Until `counted_after` our last promise, our own ledger holds beside
/// Amazon's figure, so that a unit is never promised twice; afterwards Amazon's figure holds alone.
///
/// The ledger is Amazon's figure less the units `u` that we promised and Amazon has not counted. Between two readings the figure
/// changes by `new - counted - sold elsewhere`, and `u` falls by `counted`:
///
/// - It rose. What is new is at least the rise, because counting only lowers the figure: the ledger rises with it at once, and `u`
///   stays taken off. Of units that were counted in the same minutes, the ledger loses sight until our promises are old enough.
/// - It fell. The fall is taken for our own orders being counted, which the ledger knows already: it stays. A fall beyond `u` is
///   somebody else's sale, and Amazon's figure, being the lower one then, holds. The lower figure is the one that the next reading
///   is compared with, so that what was counted never comes back as a rise.
///
/// So the ledger is never above what Amazon has less `u`, but for what somebody else buys in the minutes before our orders are
/// counted, which looks the same as our own; Amazon refuses such an order, and it is flagged.
#[must_use]
pub fn remaining_after_reading(
    fulfillable: i64,
    before: Option<&StockFigure>,
    counted_after: TimeDelta,
    now: DateTime<Utc>,
) -> i64 {
    let fulfillable = fulfillable.max(0);
    let promised_lately = |figure: &&StockFigure| figure.promised_at.is_some_and(|at| now - at < counted_after);
    let Some(figure) = before.filter(promised_lately) else {
        return fulfillable;
    };
    figure.remaining.map_or(fulfillable, |ledger| {
        let ledger = ledger.max(0).saturating_add(rise(figure.fulfillable, fulfillable));
        fulfillable.min(ledger)
    })
}

/// How many units are new since the reading before. A figure beyond belief is no stock, and neither is a rise from an unknown one.
fn rise(before: Option<i64>, now: i64) -> i64 {
    match before {
        Some(before) if now < BEYOND_BELIEF => now.saturating_sub(before.max(0)).max(0),
        Some(_) | None => 0,
    }
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
    fn restocked_units_can_be_promised_at_once_and_promised_ones_stay_taken_off() {
        let left = |fulfillable| remaining_after_reading(fulfillable, Some(&figure(2, Some(5))), HALF_AN_HOUR, noon());
        assert_eq!(left(9), 6, "E52: four are new, and three are promised and not counted");
        let sold_out = StockFigure {
            fulfillable: Some(0),
            ..figure(0, Some(5))
        };
        let back = |fulfillable| remaining_after_reading(fulfillable, Some(&sold_out), HALF_AN_HOUR, noon());
        assert_eq!((back(0), back(1), back(50)), (0, 1, 50), "E52");
    }

    #[test]
    fn a_counter_that_ran_over_is_no_restock() {
        let before = figure(2, Some(5));
        let left = remaining_after_reading(1 << 31, Some(&before), HALF_AN_HOUR, noon());
        assert_eq!(left, 2, "R23");
        let after = StockFigure {
            fulfillable: Some(1 << 31),
            ..before
        };
        assert_eq!(remaining_after_reading(5, Some(&after), HALF_AN_HOUR, noon()), 2, "R23");
        let silent = StockFigure {
            fulfillable: None,
            ..figure(2, Some(5))
        };
        assert_eq!(remaining_after_reading(5, Some(&silent), HALF_AN_HOUR, noon()), 2);
    }

    /// Amazon as it may be: what it has, and which of our promises it has not counted yet.
    struct Amazon {
        units: i64,
        uncounted: Vec<(i64, DateTime<Utc>)>,
    }

    impl Amazon {
        /// Counts the oldest `orders` of our promises, and all that are older than half an hour.
        fn count(&mut self, orders: usize, now: DateTime<Utc>) {
            let late = self
                .uncounted
                .iter()
                .filter(|(_, at)| now - *at >= HALF_AN_HOUR)
                .count();
            let counted = self.uncounted.len().min(orders.max(late));
            self.units -= self.uncounted.drain(..counted).map(|(units, _)| units).sum::<i64>();
        }

        fn free(&self) -> i64 {
            self.units - self.uncounted.iter().map(|(units, _)| units).sum::<i64>()
        }
    }

    proptest::proptest! {
        /// I8: whatever the order in which stock arrives, orders are promised and Amazon counts them.
        #[test]
        fn no_unit_is_ever_promised_twice(
            begin in 0_i64..20,
            steps in proptest::collection::vec((0_i64..15, 0_i64..8, 0_usize..4, 1_i64..25), 1..60),
        ) {
            let mut now = noon();
            let mut amazon = Amazon { units: begin, uncounted: Vec::new() };
            let mut known: Option<StockFigure> = None;
            for (restock, wanted, counted, minutes) in steps {
                now += TimeDelta::minutes(minutes);
                // Half of the times nothing arrives.
                amazon.units += (restock - 7).max(0);
                amazon.count(counted, now);
                let left = remaining_after_reading(amazon.units, known.as_ref(), HALF_AN_HOUR, now);
                proptest::prop_assert!(left <= amazon.units, "I8: {left} of {}", amazon.units);
                proptest::prop_assert!(left <= amazon.free(), "I8: {left} of {} free", amazon.free());
                let promised = wanted.min(left);
                let promised_before = known.as_ref().and_then(|figure| figure.promised_at);
                if promised > 0 {
                    amazon.uncounted.push((promised, now));
                }
                known = Some(StockFigure {
                    fulfillable: Some(amazon.units),
                    remaining: Some(left - promised),
                    promised_at: if promised > 0 { Some(now) } else { promised_before },
                    ..figure(0, None)
                });
            }
        }
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
