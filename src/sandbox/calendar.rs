//! Business days of the Pacific coast, by which both vendors' days end (Seller University "dispatch"; Amazon's MCF help "shipping speeds").

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::America::Los_Angeles;

/// Returns an hour of the n-th business day after the day of an instant, both by the Pacific clock.
pub(super) fn on_business_day(after: DateTime<Utc>, days: usize, time: (u32, u32, u32)) -> DateTime<Utc> {
    let date = date_of(after);
    let mut later = date.iter_days().skip(1).filter(|date| is_business_day(*date));
    let date = match days {
        0 => date,
        days => later.nth(days - 1).unwrap_or(date),
    };
    let local = NaiveTime::from_hms_opt(time.0, time.1, time.2).map(|time| date.and_time(time));
    let local = local.and_then(|local| Los_Angeles.from_local_datetime(&local).earliest());
    local.map_or(after, |local| local.with_timezone(&Utc))
}

/// Returns the last time that an hour of a business day began by the Pacific clock.
pub(super) fn last_business_hour(before: DateTime<Utc>, hour: u32) -> DateTime<Utc> {
    let days = (0..).map_while(|days| before.checked_sub_days(Days::new(days)));
    let mut hours = days
        .filter(|day| is_on_business_day(*day))
        .map(|day| on_business_day(day, 0, (hour, 0, 0)));
    hours.find(|at| *at <= before).unwrap_or(before)
}

/// Tells whether an instant lies behind an hour of its day by the Pacific clock.
pub(super) fn is_after_hour(at: DateTime<Utc>, hour: u32) -> bool {
    at.with_timezone(&Los_Angeles).hour() >= hour
}

/// Tells whether the day of an instant by the Pacific clock is a business day.
pub(super) fn is_on_business_day(at: DateTime<Utc>) -> bool {
    is_business_day(date_of(at))
}

fn date_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Los_Angeles).date_naive()
}

fn is_business_day(date: NaiveDate) -> bool {
    let is_weekend = |date: NaiveDate| matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let is_observed = match date.weekday() {
        Weekday::Fri => date.checked_add_days(Days::new(1)).is_some_and(is_fixed_holiday),
        Weekday::Mon => date.checked_sub_days(Days::new(1)).is_some_and(is_fixed_holiday),
        _ => false,
    };
    !is_weekend(date) && !is_fixed_holiday(date) && !is_observed && !is_moving_holiday(date)
}

fn is_fixed_holiday(date: NaiveDate) -> bool {
    [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)].contains(&(date.month(), date.day()))
}

/// The third Monday of January and February, the last of May, the first of September, the second of October, the fourth Thursday of
/// November.
fn is_moving_holiday(date: NaiveDate) -> bool {
    let week = date.day().div_ceil(7);
    match (date.weekday(), date.month()) {
        (Weekday::Mon, 1 | 2) => week == 3,
        (Weekday::Mon, 9) => week == 1,
        (Weekday::Mon, 10) => week == 2,
        (Weekday::Mon, 5) => date.day() > 24,
        (Weekday::Thu, 11) => week == 4,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_morning_of_a_business_day_is_never_ahead() {
        for (now, expected) in [
            ("2026-01-05T08:00:00Z", "2026-01-02T18:00:00Z"),
            ("2026-01-05T17:59:59Z", "2026-01-02T18:00:00Z"),
            ("2026-01-05T18:00:00Z", "2026-01-05T18:00:00Z"),
            ("2026-01-02T03:00:00Z", "2025-12-31T18:00:00Z"),
            ("2026-05-25T23:00:00Z", "2026-05-22T17:00:00Z"),
        ] {
            let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
            assert_eq!(last_business_hour(at(now), 10), at(expected), "{now}");
        }
    }

    #[test]
    fn a_weekend_with_a_holiday_and_the_change_of_the_clock_are_counted_right_e110() {
        let end = (23, 59, 59);
        for (after, days, expected) in [
            ("2026-01-17T07:58:00Z", 2, "2026-01-22T07:59:59Z"),
            ("2026-03-06T20:00:00Z", 2, "2026-03-11T06:59:59Z"),
            ("2026-07-02T18:00:00Z", 1, "2026-07-07T06:59:59Z"),
            ("2026-01-05T12:00:00Z", 0, "2026-01-06T07:59:59Z"),
        ] {
            let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
            assert_eq!(on_business_day(at(after), days, end), at(expected), "E110: {after}");
        }
    }
}
