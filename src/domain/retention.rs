//! How long a buyer is remembered: from when the order is over for its buyer, delivered or cancelled.

use chrono::{DateTime, TimeDelta, Utc};

use super::deadline::WHEREABOUTS_UNTIL;
use super::fulfillment::{PackageStatus, is_over};

/// How long before its buyer is forgotten an order whose flag still stands is shown: who claims a lost parcel needs the address.
pub const EVIDENCE_SHOWN: TimeDelta = TimeDelta::days(5);

/// What is known of a parcel's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What Amazon said last, where it said something.
    pub status: Option<PackageStatus>,
    /// When Amazon was asked last; what is over is asked for no more.
    pub asked_at: Option<DateTime<Utc>>,
    /// When it left.
    pub shipped_at: Option<DateTime<Utc>>,
}

/// An order that has ended for us: nothing of it is to be done any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Since when.
    pub at: DateTime<Utc>,
    /// When TikTok said that it is delivered, where it did.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The ways of its parcels.
    pub ways: Vec<Way>,
}

impl Ended {
    /// Returns since when it is over for its buyer. A parcel of which Amazon says that it travels is waited for as long as it is asked
    /// where it is; one of which it says nothing counts from when it left.
    #[must_use]
    pub fn over_since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let ways = self.ways.iter().filter_map(|way| self.arrival(way, now));
        ways.fold(self.at, DateTime::max)
    }

    fn arrival(&self, way: &Way, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let status = way.status.as_ref()?;
        if is_over(status) {
            return way.asked_at;
        }
        let until = way.shipped_at.map(|at| now.min(at + WHEREABOUTS_UNTIL));
        self.delivered_at.or(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::<Utc>::default() + TimeDelta::days(day)
    }

    #[test]
    fn the_retention_counts_from_the_delivery_of_the_last_parcel_e120() {
        let way = |word: Option<&str>, asked: i64| Way {
            status: word.map(PackageStatus::read),
            asked_at: Some(day(asked)),
            shipped_at: Some(day(1)),
        };
        let (delivered, travels, unknown) = (way(Some("DELIVERED"), 6), way(Some("IN_TRANSIT"), 9), way(None, 9));
        for (ways, delivered_at, now, over) in [
            (vec![], None, 20, 2),
            (vec![delivered.clone()], None, 20, 6),
            (vec![delivered.clone(), way(Some("UNDELIVERABLE"), 8)], None, 20, 8),
            (vec![unknown], None, 20, 2),
            (vec![delivered.clone(), travels.clone()], None, 20, 20),
            (vec![delivered.clone(), travels.clone()], None, 90, 31),
            (vec![travels], Some(day(11)), 20, 11),
            (vec![delivered], Some(day(11)), 20, 6),
        ] {
            let ended = Ended {
                at: day(2),
                delivered_at,
                ways,
            };
            assert_eq!(ended.over_since(day(now)), day(over), "{ended:?}");
        }
    }
}
