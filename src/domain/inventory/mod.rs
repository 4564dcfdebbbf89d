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
pub mod sold_out;

use holding::BEYOND_BELIEF;
pub use holding::{Holding, Holdings, holdings, safety_stock};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::ids::AmazonSku;

/// Units of a SKU on their way to Amazon: nobody can buy them yet. `None` where Amazon's answer does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Inbound {
    /// Announced, and not handed to a carrier yet.
    pub working: Option<i64>,
    /// Under way.
    pub shipped: Option<i64>,
    /// Arrived, and being counted.
    pub receiving: Option<i64>,
}

impl Inbound {
    /// Returns all of them; `None` where Amazon says nothing of any.
    #[must_use]
    pub fn units(&self) -> Option<i64> {
        let known = [self.working, self.shipped, self.receiving].into_iter().flatten();
        known.reduce(i64::saturating_add)
    }
}

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
    /// Units on their way to Amazon.
    pub inbound: Inbound,
    /// When Amazon last changed the figure, where it says so.
    pub updated_at: Option<DateTime<Utc>>,
    /// Another row's higher figure for the same SKU, where Amazon names it twice.
    pub contradicted_by: Option<i64>,
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
    /// Units on their way to Amazon.
    pub inbound: Inbound,
    /// When Amazon said it.
    pub read_at: DateTime<Utc>,
    /// When Amazon last changed the figure, where it said so.
    pub updated_at: Option<DateTime<Utc>>,
    /// Whether an alert about it is open.
    pub is_low: bool,
}

impl StockFigure {
    /// Tells whether Amazon's new answer is older than this figure: taken for news, a stock that it still shows and that we have sold
    /// since would look like a delivery. Only while this figure is itself young enough to be relied on.
    #[must_use]
    pub fn overtakes(&self, answer: &AmazonStock, age_max: TimeDelta, now: DateTime<Utc>) -> bool {
        let is_older = answer
            .updated_at
            .zip(self.updated_at)
            .is_some_and(|(new, known)| new < known);
        is_older && now - self.read_at <= age_max
    }
}

/// Returns what is left of a figure that Amazon just gave, with `uncounted_most` units that we promised so lately that Amazon may
/// not have counted them yet.
///
/// Two things are sure, and the larger one holds:
///
/// - Amazon's figure less all that it may not have counted.
/// - What our own ledger said before, as far as Amazon still has it. So units are free at once when Amazon has counted the others.
///
/// That a figure falls or rises proves nothing by itself: an answer may be a mistake, or older than the one before. A fall is never
/// taken for our orders being counted, and a rise never for new stock, unless it is larger than all that may not be counted. What
/// somebody else buys in these minutes looks the same as our own orders being counted; Amazon refuses what is sent on it, and the
/// order is flagged.
#[must_use]
pub fn remaining_after_reading(fulfillable: i64, before: Option<&StockFigure>, uncounted_most: i64) -> i64 {
    let fulfillable = fulfillable.max(0);
    let surely_free = if fulfillable < BEYOND_BELIEF {
        fulfillable.saturating_sub(uncounted_most).max(0)
    } else {
        0
    };
    let in_ledger = before.and_then(|figure| figure.remaining).unwrap_or_default();
    surely_free.max(fulfillable.min(in_ledger))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_AN_HOUR: TimeDelta = TimeDelta::minutes(30);

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn figure(fulfillable: i64, remaining: i64) -> StockFigure {
        StockFigure {
            fulfillable: Some(fulfillable),
            remaining: Some(remaining),
            in_transfer: None,
            inbound: Inbound::default(),
            read_at: noon(),
            updated_at: None,
            is_low: false,
        }
    }

    /// Three of five units were promised a minute ago.
    fn left(fulfillable: i64) -> i64 {
        remaining_after_reading(fulfillable, Some(&figure(5, 2)), 3)
    }

    #[test]
    fn a_fresh_promise_counts_whether_or_not_amazon_has_counted_it() {
        assert_eq!(left(2), 2, "Amazon has counted the three units");
        assert_eq!(left(5), 2, "Amazon has not counted them yet");
        assert_eq!(left(1), 1, "somebody else bought one");
    }

    #[test]
    fn restocked_units_can_be_promised_at_once_and_promised_ones_stay_taken_off() {
        assert_eq!(left(9), 6, "E52: four are new, and three are promised and not counted");
        let sold_out = figure(0, 0);
        let back = |fulfillable| remaining_after_reading(fulfillable, Some(&sold_out), 1);
        assert_eq!((back(0), back(2), back(50)), (0, 1, 49), "E52");
    }

    #[test]
    fn a_figure_that_falls_and_jumps_back_promises_no_unit_twice() {
        for mistake in 0..=5 {
            let fallen = figure(mistake, left(mistake));
            let back = remaining_after_reading(5, Some(&fallen), 3);
            assert!(back <= 2, "after {mistake}: {back} of two free units");
        }
        let counted = figure(2, 2);
        assert_eq!(
            remaining_after_reading(5, Some(&counted), 3),
            2,
            "an answer that is older than the one before"
        );
    }

    #[test]
    fn a_counter_that_ran_over_is_no_restock() {
        assert_eq!(left(1 << 31), 2, "R23");
        assert_eq!(left(BEYOND_BELIEF), 2, "R23: the least that is not believed");
        let after = figure(1 << 31, left(1 << 31));
        assert_eq!(remaining_after_reading(5, Some(&after), 3), 2, "R23");
    }

    #[test]
    fn without_late_promises_amazons_figure_holds_alone() {
        let before = figure(5, 2);
        assert_eq!(remaining_after_reading(12, Some(&before), 0), 12);
        assert_eq!(remaining_after_reading(12, None, 0), 12);
        assert_eq!(remaining_after_reading(12, None, 3), 9, "the ledger was lost");
    }

    #[test]
    fn what_is_inbound_is_the_sum_of_what_amazon_says_and_unknown_where_it_says_nothing() {
        let of = |working, shipped, receiving| Inbound {
            working,
            shipped,
            receiving,
        };
        for (inbound, units) in [
            (of(None, None, None), None),
            (of(Some(0), None, None), Some(0)),
            (of(Some(3), Some(40), Some(2)), Some(45)),
            (of(None, Some(40), None), Some(40)),
            (of(Some(i64::MAX), Some(1), None), Some(i64::MAX)),
        ] {
            assert_eq!(inbound.units(), units, "{inbound:?}");
        }
    }

    #[test]
    fn a_negative_figure_is_nothing() {
        assert_eq!(remaining_after_reading(-3, None, 0), 0, "R23");
    }

    #[test]
    fn an_answer_that_is_older_than_the_known_figure_is_no_news() {
        let hours = |hours| Some(noon() + TimeDelta::hours(hours));
        let overtakes = |known, answer, now| {
            let known = StockFigure {
                updated_at: known,
                ..figure(5, 2)
            };
            let answer = AmazonStock {
                sku: AmazonSku::new("LAMP"),
                fulfillable: Some(5),
                reserved: None,
                in_transfer: None,
                inbound: Inbound::default(),
                updated_at: answer,
                contradicted_by: None,
            };
            known.overtakes(&answer, TimeDelta::days(1), noon() + TimeDelta::hours(now))
        };
        assert!(overtakes(hours(-1), hours(-2), 0), "I8");
        assert!(!overtakes(hours(-1), hours(-1), 0));
        assert!(!overtakes(hours(-2), hours(-1), 0));
        assert!(!overtakes(None, hours(-1), 0), "Amazon often names no instant");
        assert!(!overtakes(hours(-1), None, 0));
        assert!(
            !overtakes(hours(-1), hours(-2), 25),
            "the known figure is too old itself"
        );
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
        /// I8: whatever the order in which stock arrives, orders are promised and Amazon counts them, and though some of its answers
        /// say too little.
        #[test]
        fn no_unit_is_ever_promised_twice(
            begin in 0_i64..20,
            steps in proptest::collection::vec((0_i64..15, 0_i64..8, 0_usize..4, 1_i64..25, -10_i64..5), 1..60),
        ) {
            let mut now = noon();
            let mut amazon = Amazon { units: begin, uncounted: Vec::new() };
            let mut known: Option<StockFigure> = None;
            let mut promises: Vec<(i64, DateTime<Utc>)> = Vec::new();
            for (restock, wanted, counted, minutes, mistake) in steps {
                now += TimeDelta::minutes(minutes);
                // Half of the times nothing arrives.
                amazon.units += (restock - 7).max(0);
                amazon.count(counted, now);
                promises.retain(|(_, at)| now - *at < HALF_AN_HOUR);
                let lately = promises.iter().map(|(units, _)| units).sum();
                // One answer in three says too little.
                let said = (amazon.units - mistake.max(0)).max(0);
                let left = remaining_after_reading(said, known.as_ref(), lately);
                proptest::prop_assert!(left <= said, "I8: {left} of {said}");
                proptest::prop_assert!(left <= amazon.free(), "I8: {left} of {} free", amazon.free());
                let promised = wanted.min(left);
                if promised > 0 {
                    amazon.uncounted.push((promised, now));
                    promises.push((promised, now));
                }
                known = Some(figure(said, left - promised));
            }
        }
    }
}
