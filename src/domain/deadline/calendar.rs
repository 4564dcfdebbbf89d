//! TikTok's US dispatch deadlines for orders that do not carry them: business days of the Pacific coast, US federal holidays out.
//!
//! Owns the calendar and nothing else. Must never be used where TikTok's own fields are there (TikTok's "SLA information": act on
//! the fields, not on own calendars), and never outside the US.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::America::{Los_Angeles, Mexico_City, Sao_Paulo};
use chrono_tz::Asia::Tokyo;
use chrono_tz::Europe::{Berlin, Dublin, London, Madrid, Paris, Rome};
use chrono_tz::Tz;

use crate::domain::order::{Deadlines, OrderTimes};

/// Seller University, "dispatch": within two business days, by the end of the day on the Pacific coast.
const DAYS_TO_SHIP: u32 = 2;

/// Returns the clock by which a shop's days are counted, by its country: the Pacific one in the US, as TikTok counts there. Where
/// the country is not known, or TikTok has no shops, it is UTC.
#[must_use]
pub fn zone(country: Option<&str>) -> Tz {
    match country {
        Some("US") => Los_Angeles,
        Some("MX") => Mexico_City,
        Some("BR") => Sao_Paulo,
        Some("GB") => London,
        Some("IE") => Dublin,
        Some("DE") => Berlin,
        Some("FR") => Paris,
        Some("IT") => Rome,
        Some("ES") => Madrid,
        Some("JP") => Tokyo,
        _ => Tz::UTC,
    }
}

/// Returns by when an order must be marked shipped: the nearest deadline that TikTok names, else what its rules for the US give, two
/// business days after it was paid, or may be shipped, and was handled. Without a time of payment it is as old as its creation (E184).
#[must_use]
pub fn due_at(known: &Deadlines, times: &OrderTimes) -> DateTime<Utc> {
    known.nearest().unwrap_or_else(|| by_rule(times))
}

fn by_rule(times: &OrderTimes) -> DateTime<Utc> {
    let from = times.release_at.or(times.paid_at).unwrap_or(times.created_at);
    let handled = times
        .handling
        .map_or(Some(from), |handling| match handling.is_by_calendar {
            true => from.checked_add_days(Days::new(handling.days.into())),
            false => end_of_business_day(from, handling.days),
        });
    let handled = handled.unwrap_or(from);
    end_of_business_day(handled, DAYS_TO_SHIP).unwrap_or(handled)
}

/// Returns the last second of the n-th business day after the day of an instant, both by the Pacific clock; `None` for no days.
fn end_of_business_day(from: DateTime<Utc>, days: u32) -> Option<DateTime<Utc>> {
    let date = from.with_timezone(&Los_Angeles).date_naive();
    let mut later = date.iter_days().skip(1).filter(|date| is_business_day(*date));
    let date = later.nth(days.checked_sub(1)? as usize)?;
    let last_second = NaiveTime::from_hms_opt(23, 59, 59)?;
    // Clocks change at two in the night, so that this second is there once on every day.
    let local = Los_Angeles
        .from_local_datetime(&date.and_time(last_second))
        .earliest()?;
    Some(local.with_timezone(&Utc))
}

fn is_business_day(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !is_federal_holiday(date)
}

/// Tells whether a weekday is a federal holiday or the day on which one is observed (5 U.S.C. 6103).
fn is_federal_holiday(date: NaiveDate) -> bool {
    is_moving_holiday(date) || is_fixed_holiday(date) || is_observed(date)
}

/// A holiday on a Saturday is observed on the Friday before, one on a Sunday on the Monday after.
fn is_observed(date: NaiveDate) -> bool {
    let other = match date.weekday() {
        Weekday::Fri => date.checked_add_days(Days::new(1)),
        Weekday::Mon => date.checked_sub_days(Days::new(1)),
        Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Sat | Weekday::Sun => None,
    };
    other.is_some_and(is_fixed_holiday)
}

fn is_fixed_holiday(date: NaiveDate) -> bool {
    matches!(
        (date.month(), date.day()),
        (1, 1) | (6, 19) | (7, 4) | (11, 11) | (12, 25)
    )
}

fn is_moving_holiday(date: NaiveDate) -> bool {
    let week = (date.day() - 1) / 7 + 1;
    match (date.weekday(), date.month()) {
        // Martin Luther King, Washington's birthday.
        (Weekday::Mon, 1 | 2) => week == 3,
        // Memorial Day is the last Monday of May.
        (Weekday::Mon, 5) => date.day() > 24,
        // Labor Day.
        (Weekday::Mon, 9) => week == 1,
        // Columbus Day.
        (Weekday::Mon, 10) => week == 2,
        // Thanksgiving.
        (Weekday::Thu, 11) => week == 4,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::order::HandlingTime;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a valid instant")
    }

    /// Of an order that was made an hour before it was paid.
    fn paid(paid_at: &str) -> OrderTimes {
        OrderTimes {
            created_at: at(paid_at) - TimeDelta::hours(1),
            paid_at: Some(at(paid_at)),
            updated_at: at(paid_at),
            release_at: None,
            is_release_unreadable: false,
            handling: None,
        }
    }

    fn due(paid_at: &str) -> String {
        due_of(&paid(paid_at))
    }

    fn due_of(times: &OrderTimes) -> String {
        let deadline = due_at(&Deadlines::default(), times);
        deadline.with_timezone(&Los_Angeles).to_rfc3339()
    }

    #[test]
    fn a_shops_days_are_counted_by_the_clock_of_its_country() {
        for (country, expected) in [
            (Some("US"), "America/Los_Angeles"),
            (Some("MX"), "America/Mexico_City"),
            (Some("BR"), "America/Sao_Paulo"),
            (Some("GB"), "Europe/London"),
            (Some("IE"), "Europe/Dublin"),
            (Some("DE"), "Europe/Berlin"),
            (Some("FR"), "Europe/Paris"),
            (Some("IT"), "Europe/Rome"),
            (Some("ES"), "Europe/Madrid"),
            (Some("JP"), "Asia/Tokyo"),
            (Some("ID"), "UTC"),
            (None, "UTC"),
        ] {
            assert_eq!(zone(country).name(), expected, "{country:?}");
        }
    }

    #[test]
    fn a_weekend_and_a_monday_holiday_do_not_count() {
        // Friday 16 January 2026, 23:58 on the Pacific coast; Monday is Martin Luther King's day.
        assert_eq!(due("2026-01-17T07:58:00Z"), "2026-01-21T23:59:59-08:00", "E110");
        // Four minutes later it is Saturday, which ends on the same Wednesday.
        assert_eq!(due("2026-01-17T08:02:00Z"), "2026-01-21T23:59:59-08:00", "E110");
    }

    #[test]
    fn both_changes_of_the_clock_keep_the_end_of_the_day() {
        // The clock goes forward on Sunday 8 March and back on Sunday 1 November 2026.
        assert_eq!(due("2026-03-06T20:00:00Z"), "2026-03-10T23:59:59-07:00", "E110");
        assert_eq!(due("2026-10-30T20:00:00Z"), "2026-11-03T23:59:59-08:00", "E110");
    }

    #[test]
    fn a_payment_late_in_the_evening_counts_for_the_pacific_day() {
        // Tuesday in London, still Monday evening in Los Angeles.
        assert_eq!(due("2026-06-09T05:00:00Z"), "2026-06-10T23:59:59-07:00");
    }

    #[test]
    fn all_federal_holidays_of_a_year_are_known() {
        let year = NaiveDate::from_ymd_opt(2026, 1, 1)
            .expect("a date")
            .iter_days()
            .take(365);
        let off: Vec<String> = year
            .filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !is_business_day(*date))
            .map(|date| date.format("%m-%d").to_string())
            .collect();
        // 4 July 2026 is a Saturday, observed on Friday.
        let known = [
            "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25",
        ];
        assert_eq!(off, known);
    }

    #[test]
    fn a_new_year_on_a_saturday_is_observed_in_the_old_year() {
        let eve = NaiveDate::from_ymd_opt(2027, 12, 31).expect("a date");
        assert!(!is_business_day(eve), "1 January 2028 is a Saturday");
    }

    #[test]
    fn only_the_last_monday_of_may_is_memorial_day() {
        let is_off = |day| !is_business_day(NaiveDate::from_ymd_opt(2027, 5, day).expect("a date"));
        assert_eq!(
            [17, 24, 31].map(is_off),
            [false, false, true],
            "May 2027 has five Mondays"
        );
        let first_of_all = NaiveDate::from_ymd_opt(2026, 5, 25).expect("a date");
        assert!(!is_business_day(first_of_all), "no last Monday of May is earlier");
    }

    #[test]
    fn a_pre_order_is_due_after_its_release_and_what_is_made_after_its_handling_e14() {
        // Monday 5 January 2026, 10 o'clock on the Pacific coast.
        let paid = paid("2026-01-05T18:00:00Z");
        let released = OrderTimes {
            release_at: Some(at("2026-02-02T18:00:00Z")),
            ..paid.clone()
        };
        assert_eq!(due_of(&released), "2026-02-04T23:59:59-08:00", "E14");
        for (days, is_by_calendar, expected) in [
            (5, false, "2026-01-14T23:59:59-08:00"),
            (5, true, "2026-01-13T23:59:59-08:00"),
            (0, false, "2026-01-07T23:59:59-08:00"),
        ] {
            let made = OrderTimes {
                handling: Some(HandlingTime { days, is_by_calendar }),
                ..paid.clone()
            };
            assert_eq!(due_of(&made), expected, "E14: {days} {is_by_calendar}");
        }
    }

    #[test]
    fn tiktoks_own_field_wins() {
        let known = Deadlines {
            ship_by: Some(at("2026-01-07T07:59:59Z")),
            ..Deadlines::default()
        };
        let mut times = paid("2026-01-05T18:00:00Z");
        assert_eq!(Some(due_at(&known, &times)), known.ship_by);
        assert_eq!(due_at(&Deadlines::default(), &times), at("2026-01-08T07:59:59Z"));
        times.paid_at = None;
        assert_eq!(
            due_at(&Deadlines::default(), &times),
            at("2026-01-08T07:59:59Z"),
            "E184"
        );
    }
}
