//! A pause that a person ordered: no new fulfillment orders while it lasts. It ends by itself where its end was named.

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::instant;

/// A pause as a person ordered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pause {
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it is over by itself; `None` lasts until `mcf resume`.
    pub until: Option<DateTime<Utc>>,
    /// Why, in the person's words.
    pub because: Option<String>,
}

impl Pause {
    /// Tells whether it still lasts.
    #[must_use]
    pub fn is_on(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Says for the history who ordered it, and why.
    #[must_use]
    pub fn said(&self, by: &str) -> String {
        let because = self.reason(": ", "");
        format!("new orders were paused{} by {by}{because}", self.end())
    }

    /// Says it in one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (since, end, because) = (instant(self.since), self.end(), self.reason(" (", ")"));
        format!("new orders are paused since {since}{end}{because}")
    }

    fn end(&self) -> String {
        self.until
            .map_or_else(String::new, |until| format!(" until {}", instant(until)))
    }

    fn reason(&self, before: &str, after: &str) -> String {
        let said = |because: &String| format!("{before}{because}{after}");
        self.because.as_ref().map_or_else(String::new, said)
    }
}

/// An end that can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UntilError {
    /// Neither an instant nor an hour.
    #[error("`--until` is neither an instant nor an hour of the day")]
    Unreadable,
    /// Over already.
    #[error("`--until` lies in the past")]
    Past,
}

/// Reads when a pause ends: an RFC 3339 instant, or an hour such as `18:00`, which is the next such hour of the zone.
///
/// # Errors
/// When the text is neither, or the instant has passed.
pub fn until<Zone: TimeZone>(text: &str, now: DateTime<Utc>, zone: &Zone) -> Result<DateTime<Utc>, UntilError> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        let instant = instant.with_timezone(&Utc);
        return if instant > now {
            Ok(instant)
        } else {
            Err(UntilError::Past)
        };
    }
    let hour = ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(text, form).ok())
        .ok_or(UntilError::Unreadable)?;
    next(hour, now, zone).ok_or(UntilError::Unreadable)
}

/// Returns the next such hour. On the day that leaves it out (summer time begins) it is that of the day after.
fn next<Zone: TimeZone>(hour: NaiveTime, now: DateTime<Utc>, zone: &Zone) -> Option<DateTime<Utc>> {
    let today = now.with_timezone(zone).date_naive();
    let on_day = |days| {
        let day = today.checked_add_days(Days::new(days))?;
        let at = zone.from_local_datetime(&day.and_time(hour)).earliest()?;
        Some(at.with_timezone(&Utc)).filter(|at| *at > now)
    };
    (0..=2).find_map(on_day)
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::Los_Angeles;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
    }

    #[test]
    fn a_pause_ends_by_itself_at_its_hour_e141() {
        let pause = Pause {
            since: at("2026-01-05T08:00:00Z"),
            until: Some(at("2026-01-05T18:00:00Z")),
            because: None,
        };
        assert!(pause.is_on(at("2026-01-05T17:59:59Z")));
        assert!(!pause.is_on(at("2026-01-05T18:00:00Z")) && !pause.is_on(at("2026-01-05T18:01:00Z")));
        let open = Pause { until: None, ..pause };
        assert!(open.is_on(at("2036-01-05T18:00:00Z")));
    }

    #[test]
    fn a_pause_says_since_when_until_when_and_why() {
        let open = Pause {
            since: at("2026-01-05T08:00:00Z"),
            until: None,
            because: None,
        };
        assert_eq!(open.sentence(), "new orders are paused since 2026-01-05T08:00:00Z");
        let whole = Pause {
            until: Some(at("2026-01-05T18:00:00Z")),
            because: Some("stocktaking".to_owned()),
            ..open
        };
        assert_eq!(
            whole.sentence(),
            "new orders are paused since 2026-01-05T08:00:00Z until 2026-01-05T18:00:00Z (stocktaking)"
        );
    }

    #[test]
    fn an_hour_is_the_next_such_hour_of_the_zone_e141() {
        for (text, now, end) in [
            ("18:00", "2026-01-05T17:59:00Z", "2026-01-06T02:00:00Z"),
            ("18:00", "2026-01-06T02:00:00Z", "2026-01-07T02:00:00Z"),
            ("09:30", "2026-01-05T17:00:00Z", "2026-01-05T17:30:00Z"),
            // Summer time begins on 2026-03-08: 02:30 is not on that day's clock.
            ("02:30", "2026-03-08T09:00:00Z", "2026-03-09T09:30:00Z"),
            // It ends on 2026-11-01: 01:30 comes twice, the first one counts.
            ("01:30", "2026-11-01T08:00:00Z", "2026-11-01T08:30:00Z"),
        ] {
            assert_eq!(until(text, at(now), &Los_Angeles), Ok(at(end)), "{text} at {now}");
        }
    }

    #[test]
    fn an_instant_is_taken_as_it_is_and_the_past_is_refused_e141() {
        let now = at("2026-01-05T12:00:00Z");
        let read = |text| until(text, now, &Los_Angeles);
        assert_eq!(read("2026-01-05T13:00:00+00:00"), Ok(at("2026-01-05T13:00:00Z")));
        assert_eq!(read(" 2026-01-05T13:00:00-08:00 "), Ok(at("2026-01-05T21:00:00Z")));
        for past in ["2026-01-05T12:00:00Z", "2025-12-31T18:00:00Z"] {
            assert_eq!(read(past), Err(UntilError::Past), "{past}");
        }
        for nonsense in ["", "tomorrow", "25:00", "18", "2026-01-05", "2026-01-05T13:00", "-1:00"] {
            assert_eq!(read(nonsense), Err(UntilError::Unreadable), "{nonsense}");
        }
    }
}
