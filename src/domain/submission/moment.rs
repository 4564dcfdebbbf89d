//! When something was seen, by clocks of which some may jump, and how much time lies between two looks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// When something was seen, by every clock that was at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// By this machine's clock, which may jump.
    pub local: DateTime<Utc>,
    /// By the clock of the vendor that showed it.
    pub vendor: Option<DateTime<Utc>>,
    /// By the time for which the machine is up.
    pub uptime: Option<Uptime>,
}

/// How long a machine has been up, sleep included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uptime {
    /// Since which start of which machine.
    pub boot: String,
    /// For how many milliseconds.
    pub milliseconds: i64,
}

impl Moment {
    /// Returns the time since an earlier moment. The vendor's clock counts, else the time since the machine's start: neither jumps with
    /// the machine's clock. Only where there is neither of both moments the machine's clock counts.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> TimeDelta {
        if let (Some(now), Some(then)) = (self.vendor, earlier.vendor) {
            return now - then;
        }
        match (&self.uptime, &earlier.uptime) {
            (Some(now), Some(then)) if now.boot == then.boot => {
                TimeDelta::milliseconds(now.milliseconds - then.milliseconds)
            }
            _ => self.local - earlier.local,
        }
    }
}

/// Tells whether a grace time lies between two looks that found nothing.
#[must_use]
pub fn is_past(now: &Moment, since: &Moment, grace: Duration) -> bool {
    TimeDelta::from_std(grace).is_ok_and(|grace| now.since(since) >= grace)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, by_uptime, by_vendor};
    use super::*;

    const GRACE: Duration = Duration::from_secs(15 * 60);

    #[test]
    fn a_grace_time_is_over_when_the_whole_of_it_is() {
        assert!(!is_past(&at(14), &at(0), GRACE));
        assert!(is_past(&at(15), &at(0), GRACE), "E62");
        assert!(!is_past(&at(-15), &at(0), GRACE), "E126: a clock that went back");
        assert!(!is_past(&at(15), &at(0), Duration::MAX), "no time is as long");
    }

    #[test]
    fn a_clock_that_jumps_between_two_looks_brings_no_second_send_e126() {
        for jump in [-60, 20, 90, 60 * 24 * 40] {
            let since = by_vendor(0, 0);
            assert!(!is_past(&by_vendor(jump, 14), &since, GRACE), "{jump}");
            assert!(is_past(&by_vendor(jump, 15), &since, GRACE), "{jump}");
            let since = by_uptime(0, "a", 500);
            assert!(!is_past(&by_uptime(jump, "a", 514), &since, GRACE), "{jump}");
            assert!(is_past(&by_uptime(jump, "a", 515), &since, GRACE), "{jump}");
        }
    }

    #[test]
    fn the_vendors_clock_comes_before_that_of_the_machines_start_e126() {
        let both = |local, vendor, up| Moment {
            uptime: by_uptime(local, "a", up).uptime,
            ..by_vendor(local, vendor)
        };
        assert!(!is_past(&both(90, 14, 590), &both(0, 0, 500), GRACE), "E126");
        assert!(is_past(&both(0, 15, 500), &both(0, 0, 500), GRACE), "E126");
    }

    #[test]
    fn a_clock_of_one_look_only_is_not_compared_e126() {
        assert!(!is_past(&by_vendor(14, 900), &at(0), GRACE), "E126");
        assert!(is_past(&at(15), &by_vendor(0, 900), GRACE), "E126");
        assert!(!is_past(&by_uptime(14, "a", 900), &at(0), GRACE), "E126");
    }

    #[test]
    fn two_starts_of_a_machine_are_not_compared_e126() {
        let since = by_uptime(0, "a", 500);
        assert!(!is_past(&by_uptime(14, "b", 900), &since, GRACE));
        assert!(is_past(&by_uptime(15, "b", 1), &since, GRACE));
    }
}
