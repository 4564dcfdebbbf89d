//! For how long stock lasts at the pace of the last two weeks.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The days over which the pace is measured.
pub const DAYS: i64 = 14;

/// Stock that lasts no longer than this is worth showing: a delivery to Amazon takes about as long.
pub const SHORT: i64 = 14;

/// Returns for how many whole days the units last when `sold` went in the last [`DAYS`]. `None` where nothing was sold.
#[must_use]
pub fn days(units: i64, sold: i64) -> Option<i64> {
    if sold <= 0 {
        return None;
    }
    units.max(0).saturating_mul(DAYS).checked_div(sold)
}

/// Returns the day on which the units run out at that pace. `None` where nothing was sold, or in more than a century.
#[must_use]
pub fn runs_out_on(units: i64, sold: i64, now: DateTime<Utc>) -> Option<NaiveDate> {
    const CENTURY: i64 = 36_525;
    let days = days(units, sold).filter(|days| *days <= CENTURY)?;
    Some((now + TimeDelta::days(days)).date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_of_two_weeks_says_when_it_is_over() {
        let noon = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        assert_eq!(days(30, 28), Some(15));
        assert_eq!(days(0, 28), Some(0));
        assert_eq!(days(-2, 28), Some(0));
        assert_eq!(days(30, 0), None, "nothing sold is no pace");
        assert_eq!(runs_out_on(30, 28, noon), NaiveDate::from_ymd_opt(2026, 1, 20));
        assert_eq!(runs_out_on(i64::MAX, 1, noon), None);
    }
}
