//! How fast each kind of call may be made: a token bucket per operation, as a pure value.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A published or learnt rate: so many calls a second, so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Calls a second.
    pub per_second: f64,
    /// Calls that may be made at once when none was made for long.
    pub burst: f64,
}

/// The slowest and the fastest rate that is believed when a vendor announces one.
const BELIEVABLE: std::ops::RangeInclusive<f64> = 0.001..=1000.0;

/// The longest wait that a vendor can ask for.
const DRAINED_MAX: Duration = Duration::from_secs(3600);

/// So far apart two processes may read one clock. A bucket from further ahead was filled by a clock that was wrong.
const AHEAD_MAX: TimeDelta = TimeDelta::seconds(2);

/// The calls of one operation that may be made now. Times are those of the run's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Calls left; below zero when callers already wait.
    pub tokens: f64,
    /// Calls a second that come back.
    pub per_second: f64,
    /// The most that can be left.
    pub burst: f64,
    /// When `tokens` was right.
    pub updated_at: DateTime<Utc>,
}

impl Bucket {
    /// Returns a full bucket.
    #[must_use]
    pub fn full(rate: Rate, now: DateTime<Utc>) -> Self {
        Self {
            tokens: rate.burst,
            per_second: rate.per_second,
            burst: rate.burst,
            updated_at: now,
        }
    }

    /// Takes one call and returns how long its caller must wait.
    pub fn take(&mut self, now: DateTime<Utc>) -> Duration {
        self.refill(now);
        self.tokens -= 1.0;
        if self.tokens >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-self.tokens / self.per_second)
        }
    }

    /// Follows a rate that the vendor announced. Values that make no sense (0, NaN, 1e9) are ignored.
    pub fn follow(&mut self, per_second: f64) {
        if BELIEVABLE.contains(&per_second) {
            self.per_second = per_second;
        }
    }

    /// Gives back the call that was taken last, because its caller does not wait for it.
    pub fn give_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.burst);
    }

    /// Empties the bucket after the vendor said "too many", and keeps it empty for the time that the vendor asked for, but for
    /// no longer than an hour (R13). Calls already promised stay promised.
    pub fn drain(&mut self, now: DateTime<Utc>, asked: Duration) {
        self.refill(now);
        let debt = asked.min(DRAINED_MAX).as_secs_f64() * self.per_second;
        self.tokens = self.tokens.min(0.0).min(-debt);
    }

    fn refill(&mut self, now: DateTime<Utc>) {
        let seconds = (now - self.updated_at).num_milliseconds().max(0);
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds between two runs are far below 2^52"
        )]
        let back = seconds as f64 / 1000.0 * self.per_second;
        self.tokens = (self.tokens + back).min(self.burst);
        let is_ahead = self.updated_at - now > AHEAD_MAX;
        self.updated_at = if is_ahead { now } else { self.updated_at.max(now) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_A_SECOND: Rate = Rate {
        per_second: 2.0,
        burst: 3.0,
    };

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    #[test]
    fn a_burst_is_free_and_the_next_callers_queue_up() {
        let mut bucket = Bucket::full(TWO_A_SECOND, noon());
        let waits: Vec<u128> = (0..5).map(|_| bucket.take(noon()).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000]);
    }

    #[test]
    fn time_brings_calls_back_up_to_the_burst() {
        let mut bucket = Bucket::full(TWO_A_SECOND, noon());
        for _ in 0..3 {
            bucket.take(noon());
        }
        assert_eq!(bucket.take(noon() + TimeDelta::seconds(1)).as_millis(), 0);
        bucket.take(noon() + TimeDelta::hours(1));
        assert!(bucket.tokens <= 3.0);
    }

    #[test]
    fn a_clock_that_went_back_gives_nothing() {
        let mut bucket = Bucket::full(TWO_A_SECOND, noon());
        bucket.drain(noon(), Duration::ZERO);
        assert!(bucket.take(noon() - TimeDelta::hours(1)) > Duration::ZERO);
    }

    #[test]
    fn a_bucket_from_the_future_is_filled_again_from_now_on_e125() {
        let mut bucket = Bucket::full(TWO_A_SECOND, noon() + TimeDelta::days(40));
        let waits: Vec<u64> = (0..10)
            .map(|second| bucket.take(noon() + TimeDelta::seconds(second)).as_secs())
            .collect();
        assert_eq!(waits, [0; 10]);
    }

    #[test]
    fn a_long_wait_that_the_vendor_asks_for_holds_for_the_next_runs_too() {
        let mut bucket = Bucket::full(TWO_A_SECOND, noon());
        bucket.drain(noon(), Duration::from_secs(600));
        for minutes in [0, 5, 9] {
            let left = bucket.take(noon() + TimeDelta::minutes(minutes));
            bucket.give_back();
            assert_eq!(
                left.as_secs(),
                600 - minutes.unsigned_abs() * 60,
                "who does not wait takes nothing"
            );
        }
        let late = bucket.take(noon() + TimeDelta::minutes(11));
        assert_eq!(late, Duration::ZERO);
        bucket.drain(noon() + TimeDelta::minutes(11), Duration::from_secs(315_360_000));
        assert!(
            bucket.take(noon() + TimeDelta::minutes(72)).is_zero(),
            "R13: ten years are an hour"
        );
    }

    #[test]
    fn announced_rates_are_followed_when_sane() {
        let mut bucket = Bucket::full(TWO_A_SECOND, noon());
        for nonsense in [0.0, f64::NAN, 1e9, -1.0, f64::INFINITY] {
            bucket.follow(nonsense);
            assert!((bucket.per_second - 2.0).abs() < f64::EPSILON, "R14: {nonsense}");
        }
        bucket.follow(0.5);
        assert!((bucket.per_second - 0.5).abs() < f64::EPSILON);
    }
}
