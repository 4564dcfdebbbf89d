//! A time in the past that a person wants to be read again.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use thiserror::Error;

/// A time from one instant to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its begin.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
}

/// Why a text is no time that can be read again.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SpanError {
    /// No day and no instant.
    #[error("{0:?} is neither a day nor an instant")]
    NoTime(String),
    /// It has not been yet.
    #[error("{0} lies in the future")]
    Future(String),
    /// The end comes before the begin.
    #[error("{until} comes before {since}")]
    Reversed {
        /// The begin, as it was typed.
        since: String,
        /// The end, as it was typed.
        until: String,
    },
}

impl Span {
    /// Reads a begin and an end, each a day or an RFC 3339 instant. A day is one in UTC; as an end it counts whole. Without an end it
    /// lasts until now.
    ///
    /// # Errors
    /// When one of them is no time or lies in the future, or the end comes first.
    pub fn read(since: &str, until: Option<&str>, now: DateTime<Utc>) -> Result<Self, SpanError> {
        let (from, _) = day_or_instant(since, now)?;
        let Some(until) = until else {
            return Ok(Self { from, to: now });
        };
        let (begin, to) = day_or_instant(until, now)?;
        if begin < from && to <= from {
            let (since, until) = (since.to_owned(), until.to_owned());
            return Err(SpanError::Reversed { since, until });
        }
        Ok(Self { from, to })
    }
}

/// Returns the begin and the end of a day in UTC, the latter not after now; of an RFC 3339 instant, itself twice.
///
/// # Errors
/// When it is neither, or lies in the future.
pub fn day_or_instant(text: &str, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), SpanError> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let day = day.filter(|_| text.len() == "2026-01-31".len());
    let midnight = day.and_then(|day| day.and_hms_opt(0, 0, 0));
    let (from, to) = match midnight {
        Some(midnight) => (midnight.and_utc(), (midnight.and_utc() + TimeDelta::days(1)).min(now)),
        None => {
            let at = DateTime::parse_from_rfc3339(text).map_err(|_| SpanError::NoTime(text.to_owned()))?;
            (at.to_utc(), at.to_utc())
        }
    };
    match from > now {
        true => Err(SpanError::Future(text.to_owned())),
        false => Ok((from, to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
    }

    fn span(since: &str, until: Option<&str>) -> Result<(String, String), SpanError> {
        let span = Span::read(since, until, at("2026-01-31T08:00:00Z"))?;
        Ok((span.from.to_rfc3339(), span.to.to_rfc3339()))
    }

    #[test]
    fn a_day_counts_whole_and_an_instant_to_the_second_e132() {
        let table = [
            ("2026-01-24", None, "2026-01-24T00:00:00", "2026-01-31T08:00:00"),
            (
                "2026-01-24",
                Some("2026-01-24"),
                "2026-01-24T00:00:00",
                "2026-01-25T00:00:00",
            ),
            (
                "2026-01-24",
                Some("2026-01-31"),
                "2026-01-24T00:00:00",
                "2026-01-31T08:00:00",
            ),
            (
                "2026-01-24T12:00:00Z",
                Some("2026-01-24"),
                "2026-01-24T12:00:00",
                "2026-01-25T00:00:00",
            ),
            (
                "2026-01-24T06:00:00-05:00",
                Some("2026-01-24T12:00:00Z"),
                "2026-01-24T11:00:00",
                "2026-01-24T12:00:00",
            ),
            (
                "2026-01-24T12:00:00Z",
                Some("2026-01-24T12:00:00Z"),
                "2026-01-24T12:00:00",
                "2026-01-24T12:00:00",
            ),
            (
                "2026-01-31T08:00:00Z",
                None,
                "2026-01-31T08:00:00",
                "2026-01-31T08:00:00",
            ),
        ];
        for (since, until, from, to) in table {
            let expected = (format!("{from}+00:00"), format!("{to}+00:00"));
            assert_eq!(span(since, until), Ok(expected), "E132: {since} {until:?}");
        }
    }

    #[test]
    fn the_future_a_reversed_time_and_nonsense_are_refused_e132() {
        let future = |text: &str| Err(SpanError::Future(text.to_owned()));
        assert_eq!(span("2026-02-01", None), future("2026-02-01"));
        assert_eq!(span("2026-01-31T08:00:01Z", None), future("2026-01-31T08:00:01Z"));
        assert_eq!(span("2026-01-24", Some("2026-02-01")), future("2026-02-01"));
        for (since, until) in [
            ("2026-01-24", "2026-01-23"),
            ("2026-01-24", "2026-01-22"),
            ("2026-01-24T12:00:00Z", "2026-01-24T11:59:59Z"),
        ] {
            let (since, until) = (since.to_owned(), until.to_owned());
            assert_eq!(
                span(&since.clone(), Some(&until.clone())),
                Err(SpanError::Reversed { since, until }),
                "E132"
            );
        }
        for text in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-1-2",
            "24.01.2026",
            "2026-01-24T06:00",
        ] {
            assert_eq!(span(text, None), Err(SpanError::NoTime(text.to_owned())));
        }
    }
}
