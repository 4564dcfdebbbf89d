//! What time it is at the vendors, by the times that their answers bear, and how far this machine's clock is from it.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Answer, Peer};
use crate::clock::{Clock, LEAD_MAX};

/// A run whose clock was set by hand to an instant further back than this plays another time than its vendors' clocks show.
const PLAYED_BEFORE: TimeDelta = TimeDelta::days(1);

/// The time that an answer told, and when it came.
type Told = (DateTime<Utc>, Instant);

/// What the answers before told.
#[derive(Debug, Default)]
pub(super) struct VendorClocks(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    lead: Option<TimeDelta>,
    tiktok: Option<Told>,
    amazon: Option<Told>,
}

impl Known {
    fn of(&mut self, peer: Peer) -> Option<&mut Option<Told>> {
        match peer {
            Peer::Tiktok => Some(&mut self.tiktok),
            Peer::Amazon => Some(&mut self.amazon),
            Peer::Webhook | Peer::Download => None,
        }
    }
}

impl VendorClocks {
    /// Returns how far our uncorrected clock was ahead; negative where it was behind.
    pub fn lead(&self) -> Option<TimeDelta> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lead
    }

    /// Returns the time at a vendor, by its last answer; `None` where that did not tell it.
    pub fn time_at(&self, peer: Peer) -> Option<DateTime<Utc>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (told, answered) = (*known.of(peer)?)?;
        Some(told + TimeDelta::from_std(answered.elapsed()).unwrap_or_default())
    }

    /// Looks at the time of a vendor's answer that has just come, and pulls the clock back where it is ahead. `sent_at` is the
    /// uncorrected instant of the request.
    pub fn note(&self, peer: Peer, answer: &Answer, sent_at: DateTime<Utc>, clock: Clock) {
        let now = clock.uncorrected();
        let told = answer
            .header("date")
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok())
            .map(|told| told.with_timezone(&Utc))
            .filter(|told| !(clock.is_moved() && *told - now > PLAYED_BEFORE));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = known.of(peer) else {
            return;
        };
        *place = told.map(|told| (told, Instant::now()));
        let Some(told) = told else {
            return;
        };
        let lead = lead_over(told, sent_at, now);
        clock.follow(lead);
        // A clock that was set by hand may be behind on purpose.
        if !clock.is_moved() || lead > LEAD_MAX {
            known.lead = Some(lead);
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

    fn answer(date: Option<DateTime<Utc>>) -> Answer {
        let header = date.map(|date| ("date".to_owned(), date.to_rfc2822()));
        Answer {
            status: 200,
            headers: header.into_iter().collect(),
            body: Vec::new(),
        }
    }

    /// What is known after an answer that bears this time, and the clock of the run, which began at zero.
    fn after(peer: Peer, date: Option<DateTime<Utc>>) -> (VendorClocks, Clock) {
        let (clocks, clock) = (VendorClocks::default(), Clock::starting_at(at(0)));
        clocks.note(peer, &answer(date), at(0), clock);
        (clocks, clock)
    }

    #[test]
    fn the_clock_is_compared_with_the_time_that_a_vendor_tells_e111() {
        let lead = |told| lead_over(at(told), at(0), at(3)).num_seconds();
        assert_eq!([lead(-600), lead(0), lead(2), lead(3), lead(603)], [600, 0, 0, 0, -600]);
    }

    #[test]
    fn a_clock_that_was_set_by_hand_is_only_ever_pulled_back_e124() {
        for (told, back) in [(-7200, 7200), (0, 0), (3600, 0), (30 * 86_400, 0)] {
            let (clocks, clock) = after(Peer::Amazon, Some(at(told)));
            assert_eq!(clock.pulled_back().num_seconds(), back, "{told}");
            assert_eq!(clocks.lead().is_some(), back > 0, "{told}");
        }
        let (system, clocks) = (Clock::system(), VendorClocks::default());
        clocks.note(Peer::Tiktok, &answer(Some(at(0))), system.now(), system);
        assert!(clocks.lead().is_some_and(|lead| lead > TimeDelta::zero()));
        assert!((system.now() - at(0)).num_seconds().abs() < 5);
    }

    #[test]
    fn the_time_at_a_vendor_is_that_of_its_very_last_answer_e126() {
        let told = |date| after(Peer::Amazon, date).0.time_at(Peer::Amazon);
        assert!(told(Some(at(1200))).is_some_and(|time| time >= at(1200)));
        assert_eq!(told(None), None);
        assert_eq!(
            told(Some(at(30 * 86_400))),
            None,
            "a stand-in that lives at another time"
        );
        let (clocks, clock) = after(Peer::Amazon, Some(at(0)));
        assert_eq!(clocks.time_at(Peer::Tiktok), None);
        clocks.note(Peer::Amazon, &answer(None), at(0), clock);
        assert_eq!(clocks.time_at(Peer::Amazon), None);
    }

    #[test]
    fn only_the_vendors_clocks_count() {
        for peer in [Peer::Webhook, Peer::Download] {
            let (clocks, clock) = after(peer, Some(at(-7200)));
            assert_eq!((clocks.lead(), clocks.time_at(peer)), (None, None));
            assert!(clock.pulled_back().is_zero());
        }
    }
}
