//! Quiet hours: when a person is not to be woken, and by what all the same.
//!
//! Decides nothing about orders; what is held back is told when the hours are over.

use std::fmt;

use chrono::NaiveTime;

/// Events that no quiet hour holds back: a deadline passes, or nothing goes on at all.
pub const HEARD_ALWAYS: [&str; 4] = ["order.at_risk", "tracking.overdue", "warehouse.disabled", "error"];

/// What in the data of an event says that a deadline depends on it: it is held back no more than those.
pub const DEADLINE_FIELD: &str = "deadline";

/// A span of each day in local time; it may go past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    until: NaiveTime,
}

impl QuietHours {
    /// Reads `22:00-07:00`. `None` where it is no such span, or an empty one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let (from, until) = (time(from)?, time(until)?);
        (from != until).then_some(Self { from, until })
    }

    /// Tells whether a local time lies in them; the end does not.
    #[must_use]
    pub fn hold_at(self, time: NaiveTime) -> bool {
        if self.from < self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}-{}",
            self.from.format("%H:%M"),
            self.until.format("%H:%M")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(span: &str, time: &str) -> bool {
        let time = NaiveTime::parse_from_str(time, "%H:%M").expect("a time");
        QuietHours::read(span).expect("a span").hold_at(time)
    }

    #[test]
    fn a_span_holds_from_its_first_minute_to_the_one_before_its_last_also_past_midnight() {
        for (span, time, is_quiet) in [
            ("22:00-07:00", "21:59", false),
            ("22:00-07:00", "22:00", true),
            ("22:00-07:00", "00:00", true),
            ("22:00-07:00", "06:59", true),
            ("22:00-07:00", "07:00", false),
            ("12:30 - 13:00", "12:30", true),
            ("12:30 - 13:00", "13:00", false),
            ("12:30 - 13:00", "12:29", false),
            ("00:00-06:00", "00:00", true),
        ] {
            assert_eq!(holds(span, time), is_quiet, "{span} at {time}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "22:00",
            "22-7",
            "22:00-24:00",
            "22:00-22:00",
            "22:00-07:00-08:00",
            "night",
        ] {
            assert_eq!(QuietHours::read(text), None, "{text}");
        }
    }
}
