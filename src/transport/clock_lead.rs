//! How far this machine's clock is from the vendors', by the times that their answers bear.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::Answer;
use crate::clock::Clock;

/// What the answer before told.
#[derive(Debug, Default)]
pub(super) struct ClockLead(Mutex<Option<TimeDelta>>);

impl ClockLead {
    /// Returns how far our clock was ahead; negative where it was behind.
    pub fn get(&self) -> Option<TimeDelta> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the time of an answer that has just come. A clock that was set by hand is compared with nothing.
    pub fn note(&self, answer: &Answer, sent_at: DateTime<Utc>, clock: Clock) {
        let told = answer
            .header("date")
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        if let Some(told) = told.filter(|_| !clock.is_moved()) {
            let lead = lead_over(told.with_timezone(&Utc), sent_at, clock.now());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(lead);
        }
    }
}

/// A server tells its time at some instant between the request and its answer.
fn lead_over(told: DateTime<Utc>, sent_at: DateTime<Utc>, answered_at: DateTime<Utc>) -> TimeDelta {
    if told < sent_at {
        sent_at - told
    } else {
        (answered_at - told).min(TimeDelta::zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_574_842 + seconds, 0).expect("a valid instant")
    }

    #[test]
    fn the_clock_is_compared_with_the_time_that_a_vendor_tells_e111() {
        let lead = |told| lead_over(at(told), at(0), at(3)).num_seconds();
        assert_eq!([lead(-600), lead(0), lead(2), lead(3), lead(603)], [600, 0, 0, 0, -600]);
    }

    #[test]
    fn a_clock_that_was_set_by_hand_is_compared_with_nothing() {
        let answer = Answer {
            status: 200,
            headers: vec![("date".to_owned(), "Mon, 05 Jan 2026 01:00:42 GMT".to_owned())],
            body: Vec::new(),
        };
        let lead = ClockLead::default();
        lead.note(&answer, at(0), Clock::starting_at(at(0)));
        assert_eq!(lead.get(), None);
        let system = Clock::system();
        lead.note(&answer, system.now(), system);
        assert!(lead.get().is_some_and(|lead| lead > TimeDelta::zero()));
    }
}
