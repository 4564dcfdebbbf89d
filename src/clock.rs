//! The clock of one run. Everything that asks for the time asks this, so that a whole run can be played at another instant.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// How far this machine's clock may be ahead of the vendors' before it is pulled back to theirs, and from them before a person is told.
/// TikTok refuses requests from further ahead.
pub const LEAD_MAX: TimeDelta = TimeDelta::seconds(30);

/// A vendor tells its time in whole seconds: so much of a change is none.
const TOLD_IN: TimeDelta = TimeDelta::seconds(2);

/// The time of a run: the system clock, moved so that the run began at a chosen instant, and pulled back where the vendors' answers
/// show that it is ahead of them. A clock that is behind is left alone: nothing fires too early by it.
///
/// All copies of a clock are pulled back together. A process makes a handful of clocks, so that their correction is never freed.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    offset: TimeDelta,
    pulled_back_ms: &'static AtomicI64,
}

impl Clock {
    /// Returns the system clock as it is.
    #[must_use]
    pub fn system() -> Self {
        Self::moved_by(TimeDelta::zero())
    }

    /// Returns a clock that shows `instant` now and runs on from there.
    #[must_use]
    pub fn starting_at(instant: DateTime<Utc>) -> Self {
        Self::moved_by(instant - Utc::now())
    }

    fn moved_by(offset: TimeDelta) -> Self {
        Self {
            offset,
            pulled_back_ms: Box::leak(Box::default()),
        }
    }

    /// Tells whether it is not the system's clock.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        !self.offset.is_zero()
    }

    /// Returns the present instant of this run, in UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.uncorrected() - self.pulled_back()
    }

    /// Returns what the clock shows whatever the vendors say.
    #[must_use]
    pub fn uncorrected(&self) -> DateTime<Utc> {
        Utc::now() + self.offset
    }

    /// Returns how far it is pulled back; zero while no vendor has shown that it is ahead.
    #[must_use]
    pub fn pulled_back(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.pulled_back_ms.load(Ordering::Relaxed))
    }

    /// Follows a vendor's answer: how far the uncorrected clock is ahead of it. What is within the measure is not followed.
    pub fn follow(&self, lead: TimeDelta) {
        let back = if lead > LEAD_MAX { lead } else { TimeDelta::zero() };
        if (back - self.pulled_back()).abs() > TOLD_IN {
            self.pulled_back_ms.store(back.num_milliseconds(), Ordering::Relaxed);
        }
    }
}

/// An instant after which something may no longer be begun, by two clocks: the wall clock goes on while the machine sleeps, the
/// monotonic one can't be set back.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    wall: DateTime<Utc>,
    monotonic: Instant,
}

impl Deadline {
    /// Returns the deadline that lies so far ahead.
    #[must_use]
    pub fn after(time: Duration, clock: Clock) -> Self {
        Self {
            wall: clock.now() + time,
            monotonic: Instant::now() + time,
        }
    }

    /// Tells whether it has passed, by either clock.
    #[must_use]
    pub fn has_passed(&self, clock: Clock) -> bool {
        self.lies_before(clock.now(), Instant::now())
    }

    fn lies_before(&self, wall: DateTime<Utc>, monotonic: Instant) -> bool {
        wall > self.wall || monotonic > self.monotonic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_starts_at_its_instant_and_runs_on() {
        let start = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        let clock = Clock::starting_at(start);
        let first = clock.now();
        assert!(first >= start && first - start < TimeDelta::seconds(5));
        assert!(clock.now() >= first);
        assert!(clock.is_moved() && !Clock::system().is_moved());
    }

    #[test]
    fn a_clock_that_is_ahead_is_pulled_back_with_all_its_copies_and_one_that_is_behind_is_not_e124() {
        let start = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        let clock = Clock::starting_at(start);
        let copy = clock;
        let off_by = |lead| {
            clock.follow(lead);
            let off = start - copy.now();
            off.num_minutes()
        };
        assert_eq!(
            off_by(TimeDelta::hours(2)),
            119,
            "a running clock is a little further by now"
        );
        assert_eq!(
            off_by(TimeDelta::hours(2) + TimeDelta::seconds(1)),
            119,
            "told in seconds"
        );
        assert_eq!(off_by(TimeDelta::days(40)), 40 * 24 * 60 - 1);
        for within in [TimeDelta::seconds(30), TimeDelta::zero(), -TimeDelta::hours(1)] {
            assert_eq!(off_by(within), 0);
        }
    }

    #[test]
    fn a_deadline_passes_by_whichever_clock_goes_on() {
        let (limit, hour) = (Duration::from_secs(450), Duration::from_secs(3600));
        let (wall, monotonic) = (Utc::now(), Instant::now());
        let deadline = Deadline {
            wall: wall + limit,
            monotonic: monotonic + limit,
        };
        assert!(!deadline.lies_before(wall + limit, monotonic + limit));
        assert!(deadline.lies_before(wall + hour, monotonic), "the machine slept");
        assert!(
            deadline.lies_before(wall - hour, monotonic + hour),
            "the process was stopped, and the clock set back"
        );
    }
}
