//! The clock of one run. Everything that asks for the time asks this, so that a whole run can be played at another instant.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// The time of a run: the system clock, moved so that the run began at a chosen instant.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    offset: TimeDelta,
}

impl Clock {
    /// Returns the system clock as it is.
    #[must_use]
    pub fn system() -> Self {
        Self {
            offset: TimeDelta::zero(),
        }
    }

    /// Returns a clock that shows `instant` now and runs on from there.
    #[must_use]
    pub fn starting_at(instant: DateTime<Utc>) -> Self {
        Self {
            offset: instant - Utc::now(),
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
        Utc::now() + self.offset
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
