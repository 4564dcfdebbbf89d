//! Whether a failed call is made again, and when: a pure decision. Waiting is the sender's business.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Repeat;

/// What kind of failure a call ended in, as the vendor's client understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The request did not leave: no connection, no name, refused by our own pacing.
    NotSent,
    /// The vendor said "too many", perhaps with a time to wait. Nothing was carried out.
    Throttled(Option<Duration>),
    /// The vendor is in trouble or nobody knows what happened: 5xx, time-out, reset, an unreadable answer.
    Unclear,
    /// The vendor's answer stands, however often we ask.
    Final,
}

/// How often and how patiently a call is repeated inside a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first included; at least 1.
    pub attempts_max: u32,
    /// The longest first wait; each further one may be twice as long.
    pub backoff: Duration,
}

/// What to do after a failed try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Report the failure.
    GiveUp,
    /// Wait so long, then try again.
    Wait(Duration),
}

/// The longest wait inside a run. Longer ones belong into the database (`next_attempt_at`).
pub const WAIT_MAX: Duration = Duration::from_secs(60);

impl RetryPolicy {
    /// Decides after the `attempt`-th try (counted from 1). `jitter` is a random number from 0 to 1.
    #[must_use]
    pub fn decide(&self, failure: Failure, repeat: Repeat, attempt: u32, jitter: f64) -> Decision {
        if attempt >= self.attempts_max {
            return Decision::GiveUp;
        }
        let backoff = self.backoff_after(attempt).mul_f64(jitter.clamp(0.0, 1.0));
        match (failure, repeat) {
            (Failure::Final, _) | (Failure::Unclear, Repeat::OnlyIfNotExecuted) => Decision::GiveUp,
            (Failure::Throttled(Some(asked)), _) if asked > WAIT_MAX => Decision::GiveUp,
            (Failure::Throttled(Some(asked)), _) => Decision::Wait(asked.max(backoff)),
            (Failure::Throttled(None), _) => Decision::Wait(self.backoff_after(attempt).max(backoff)),
            (Failure::NotSent, _) | (Failure::Unclear, Repeat::Safe) => Decision::Wait(backoff),
        }
    }

    fn backoff_after(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(16);
        self.backoff.saturating_mul(1 << doublings).min(WAIT_MAX)
    }
}

/// Reads a `Retry-After` header: seconds or an HTTP date. Nonsense is `None`, the past is zero.
#[must_use]
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(header).ok()?;
    Some((date.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE_TRIES: RetryPolicy = RetryPolicy {
        attempts_max: 3,
        backoff: Duration::from_secs(1),
    };

    #[test]
    fn a_create_is_repeated_only_when_it_was_surely_not_carried_out() {
        let decide = |failure| THREE_TRIES.decide(failure, Repeat::OnlyIfNotExecuted, 1, 1.0);
        assert_eq!(decide(Failure::Unclear), Decision::GiveUp);
        assert_eq!(decide(Failure::Final), Decision::GiveUp);
        assert_eq!(decide(Failure::NotSent), Decision::Wait(Duration::from_secs(1)));
        assert_eq!(decide(Failure::Throttled(None)), Decision::Wait(Duration::from_secs(1)));
    }

    #[test]
    fn waits_double_with_full_jitter_and_end_with_the_attempts() {
        let wait = |attempt, jitter| THREE_TRIES.decide(Failure::Unclear, Repeat::Safe, attempt, jitter);
        assert_eq!(wait(1, 0.5), Decision::Wait(Duration::from_millis(500)));
        assert_eq!(wait(2, 1.0), Decision::Wait(Duration::from_secs(2)));
        assert_eq!(wait(3, 1.0), Decision::GiveUp);
    }

    #[test]
    fn a_wait_that_the_vendor_asks_for_is_honoured_or_left_to_the_next_run() {
        let asked = |seconds| {
            THREE_TRIES.decide(
                Failure::Throttled(Some(Duration::from_secs(seconds))),
                Repeat::Safe,
                1,
                0.0,
            )
        };
        assert_eq!(asked(5), Decision::Wait(Duration::from_secs(5)));
        assert_eq!(asked(315_360_000), Decision::GiveUp, "R13: ten years");
    }

    #[test]
    fn retry_after_reads_seconds_and_dates_and_nothing_else() {
        let now = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        assert_eq!(retry_after("5", now), Some(Duration::from_secs(5)));
        assert_eq!(
            retry_after("Mon, 05 Jan 2026 12:00:30 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after("Mon, 05 Jan 2026 11:00:00 GMT", now), Some(Duration::ZERO));
        for nonsense in ["-1", "abc", ""] {
            assert_eq!(retry_after(nonsense, now), None, "R13: {nonsense:?}");
        }
    }
}
