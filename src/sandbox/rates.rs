//! The vendors' request rates: one bucket per operation.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Operation, Vendor};

/// How often an operation may be called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// Calls per second in the long run.
    pub per_second: f64,
    /// Calls at once.
    pub burst: f64,
}

/// All buckets.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    limits: BTreeMap<Operation, RateLimit>,
    buckets: BTreeMap<Operation, (f64, DateTime<Utc>)>,
}

impl Rates {
    /// Sets another rate for an operation than the vendor's, and fills its bucket.
    pub fn set(&mut self, operation: Operation, limit: RateLimit) {
        self.limits.insert(operation, limit);
        self.buckets.remove(&operation);
    }

    /// Returns the rate in force; none where the vendor names none.
    #[must_use]
    pub fn limit(&self, operation: Operation) -> Option<RateLimit> {
        self.limits.get(&operation).copied().or_else(|| published(operation))
    }

    /// Takes one call out of the bucket, or tells that it is empty.
    pub(super) fn admit(&mut self, operation: Operation, now: DateTime<Utc>) -> bool {
        let Some(limit) = self.limit(operation) else {
            return true;
        };
        let (level, filled_at) = self.buckets.entry(operation).or_insert((limit.burst, now));
        let seconds = f64::from(i32::try_from((now - *filled_at).num_milliseconds()).unwrap_or(i32::MAX)) / 1000.0;
        *level = (*level + seconds.max(0.0) * limit.per_second).min(limit.burst);
        *filled_at = now;
        let admitted = *level >= 1.0;
        if admitted {
            *level -= 1.0;
        }
        admitted
    }
}

/// Returns the rate that the vendor's pages name (TikTok: "rate-limits"; Amazon: the usage plan of each operation).
fn published(operation: Operation) -> Option<RateLimit> {
    let (per_second, burst) = match (operation.vendor(), operation) {
        (_, Operation::GetToken | Operation::RefreshToken | Operation::ExchangeToken) => return None,
        (_, Operation::GetInventorySummaries) => (2.0, 2.0),
        (_, Operation::GetMarketplaceParticipations) => (0.016, 15.0),
        (Vendor::Tiktok, _) => (50.0, 50.0),
        (Vendor::Amazon, _) => (2.0, 30.0),
    };
    Some(RateLimit { per_second, burst })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn inventory_is_allowed_twice_at_once_and_again_half_a_second_later() {
        let mut rates = Rates::default();
        let now = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        let operation = Operation::GetInventorySummaries;
        let first: Vec<bool> = (0..3).map(|_| rates.admit(operation, now)).collect();
        assert_eq!(first, [true, true, false]);
        assert!(rates.admit(operation, now + TimeDelta::milliseconds(500)));
    }
}
