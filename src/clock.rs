//! The clock of one run. Everything that asks for the time asks this, so that a whole run can be played at another instant.

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

    /// Returns the present instant of this run, in UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.offset
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
    }
}
