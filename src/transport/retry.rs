//! Which failed calls are made again, and when: pure decisions. Waiting is the sender's business.
//!
//! What kind of failure an answer is stands in its vendor's table (`failure` in `tiktok/codes.rs` and `amazon/meaning.rs`); a call that
//! we kept back ourselves (`SendError::is_kept_back`) is final for either vendor. What follows from that is all here:
//!
//! | failure | reading, or setting to a value | a create, a cancel, a number for TikTok |
//! |---|---|---|
//! | [`Failure::NotSent`] | again after a pause | again after a pause |
//! | [`Failure::Throttled`] | again after the wait that was asked for | again after the wait that was asked for |
//! | [`Failure::Unclear`] | again after a pause | not again: it is read first |
//! | [`Failure::TokenRefused`] | a second round with a new token | a second round with a new token |
//! | [`Failure::ClockRefused`] | a second round, where the refusal itself put the clock right | the same |
//! | [`Failure::Final`] | not again | not again |
//!
//! A call is tried again within its round while the table says so, fewer than [`RetryPolicy::attempts_max`] tries were made, the wait
//! that was asked for is no longer than [`WAIT_MAX`], the run is neither stopped nor at its end, and a create is still meant after that
//! wait, as after one for a new token; all else is left to a later run, which the database tells from when on. A refused token brings one second round in a call, a
//! refused time one with each token.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

/// What kind of failure a call ended in, as the vendor's client understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The request did not leave: no connection, no name. What our own pacing keeps back is [`Self::Final`].
    NotSent,
    /// The vendor said "too many", perhaps with a time to wait. Nothing was carried out.
    Throttled(Option<Duration>),
    /// The vendor is in trouble or nobody knows what happened: 5xx, perhaps with a time to wait, time-out, reset, an unreadable answer.
    Unclear(Option<Duration>),
    /// The access token is not taken; nothing was carried out.
    TokenRefused,
    /// The time of the request is not taken; nothing was carried out. The answer itself may have put the clock right.
    ClockRefused,
    /// It stands, however often we ask in this run: the vendor's answer, or what keeps the call back here.
    Final,
}

/// Whether a call may be made again when nobody knows if it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Reading, or setting to an absolute value: once more does no harm.
    Safe,
    /// Only when it was surely not carried out.
    OnlyIfNotExecuted,
}

/// What is changed before a second round of tries; there is no third for the same cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Another access token is asked for.
    NewToken,
    /// Where the vendor's answer has put it right, the clock.
    RightClock,
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
    ///
    /// For a create this mirrors `domain::submission::within_the_call`, of which this room knows nothing; a test in `amazon/answer.rs`
    /// holds both together.
    #[must_use]
    pub fn decide(&self, failure: Failure, repeat: Repeat, attempt: u32, jitter: f64) -> Decision {
        if attempt >= self.attempts_max {
            return Decision::GiveUp;
        }
        let backoff = self.backoff_after(attempt).mul_f64(jitter.clamp(0.0, 1.0));
        match (failure, repeat) {
            (Failure::Final | Failure::TokenRefused | Failure::ClockRefused, _)
            | (Failure::Unclear(_), Repeat::OnlyIfNotExecuted) => Decision::GiveUp,
            (Failure::Throttled(Some(asked)) | Failure::Unclear(Some(asked)), _) if asked > WAIT_MAX => {
                Decision::GiveUp
            }
            (Failure::Throttled(Some(asked)) | Failure::Unclear(Some(asked)), _) => Decision::Wait(asked.max(backoff)),
            (Failure::Throttled(None), _) => Decision::Wait(self.backoff_after(attempt).max(backoff)),
            (Failure::NotSent, _) | (Failure::Unclear(None), Repeat::Safe) => Decision::Wait(backoff),
        }
    }

    fn backoff_after(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(16);
        self.backoff.saturating_mul(1 << doublings).min(WAIT_MAX)
    }
}

impl Failure {
    /// Returns the time that the vendor asked to be left alone for, where it said "too many" or "not now".
    #[must_use]
    pub fn asked_wait(self) -> Option<Duration> {
        match self {
            Self::Throttled(asked) => Some(asked.unwrap_or_default()),
            Self::Unclear(asked) => asked,
            Self::NotSent | Self::TokenRefused | Self::ClockRefused | Self::Final => None,
        }
    }

    /// Returns what makes a second round of tries worthwhile. Nothing was carried out in the first one, so that even a create may go.
    #[must_use]
    pub fn remedy(self) -> Option<Remedy> {
        match self {
            Self::TokenRefused => Some(Remedy::NewToken),
            Self::ClockRefused => Some(Remedy::RightClock),
            Self::NotSent | Self::Throttled(_) | Self::Unclear(_) | Self::Final => None,
        }
    }

    /// Tells whether the same call may do well later without anybody doing anything.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::NotSent | Self::Throttled(_) | Self::Unclear(_))
    }
}

/// Reads a `Retry-After` header: seconds, a fraction of one rounded up, or one of the three forms of an HTTP date (RFC 9110, 5.6.7).
/// Nonsense is `None`, the past is zero.
#[must_use]
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    if let Some(seconds) = whole_seconds(header) {
        return Some(Duration::from_secs(seconds));
    }
    Some((http_date(header)? - now).to_std().unwrap_or_default())
}

/// Reads digits with or without a fraction, never through a float.
fn whole_seconds(header: &str) -> Option<u64> {
    let (whole, fraction) = header.split_once('.').unwrap_or((header, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let is_more = fraction.bytes().any(|digit| digit != b'0');
    // More seconds than fit are still a wait, and longer than any that is granted.
    Some(
        whole
            .parse::<u64>()
            .map_or(u64::MAX, |seconds| seconds.saturating_add(u64::from(is_more))),
    )
}

/// Reads the form in use, that of RFC 850, and that of C's `asctime`; all are in UTC.
fn http_date(header: &str) -> Option<DateTime<Utc>> {
    if let Ok(date) = DateTime::parse_from_rfc2822(header) {
        return Some(date.with_timezone(&Utc));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(header, form).ok())
        .map(|date| date.and_utc())
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
        assert_eq!(decide(Failure::Unclear(None)), Decision::GiveUp);
        assert_eq!(decide(Failure::Final), Decision::GiveUp);
        assert_eq!(decide(Failure::NotSent), Decision::Wait(Duration::from_secs(1)));
        assert_eq!(decide(Failure::Throttled(None)), Decision::Wait(Duration::from_secs(1)));
    }

    #[test]
    fn a_refused_token_or_time_makes_a_second_round_and_no_second_try_e62() {
        for (failure, remedy) in [
            (Failure::TokenRefused, Some(Remedy::NewToken)),
            (Failure::ClockRefused, Some(Remedy::RightClock)),
            (Failure::NotSent, None),
            (Failure::Throttled(None), None),
            (Failure::Unclear(None), None),
            (Failure::Final, None),
        ] {
            assert_eq!(failure.remedy(), remedy, "{failure:?}");
            for repeat in [Repeat::Safe, Repeat::OnlyIfNotExecuted] {
                let decision = THREE_TRIES.decide(failure, repeat, 1, 1.0);
                assert!(remedy.is_none() || decision == Decision::GiveUp, "{failure:?}");
            }
            let is_over = failure == Failure::Final || remedy.is_some();
            assert_eq!(failure.is_passing(), !is_over, "{failure:?}");
        }
    }

    #[test]
    fn waits_double_with_full_jitter_and_end_with_the_attempts() {
        let wait = |attempt, jitter| THREE_TRIES.decide(Failure::Unclear(None), Repeat::Safe, attempt, jitter);
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
    fn a_wait_that_comes_with_a_503_is_honoured_too_but_a_create_is_not_repeated() {
        let asked = |seconds, repeat| {
            let failure = Failure::Unclear(Some(Duration::from_secs(seconds)));
            THREE_TRIES.decide(failure, repeat, 1, 0.0)
        };
        assert_eq!(asked(3, Repeat::Safe), Decision::Wait(Duration::from_secs(3)));
        assert_eq!(asked(61, Repeat::Safe), Decision::GiveUp);
        assert_eq!(asked(3, Repeat::OnlyIfNotExecuted), Decision::GiveUp);
        let wait = Failure::Unclear(Some(Duration::from_secs(3))).asked_wait();
        assert_eq!(
            wait,
            Some(Duration::from_secs(3)),
            "the next calls of its kind wait, too"
        );
        assert_eq!(Failure::Unclear(None).asked_wait(), None);
    }

    #[test]
    fn retry_after_reads_every_form_of_a_date_and_rounds_fractions_up_r13() {
        let now = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        for (header, seconds) in [
            ("Mon, 05 Jan 2026 12:00:02 GMT", 2),
            ("Monday, 05-Jan-26 12:00:02 GMT", 2),
            ("Mon Jan  5 12:00:02 2026", 2),
            ("1.5", 2),
            ("2.0", 2),
            ("0.2", 1),
            ("99999999999999999999999", u64::MAX),
        ] {
            assert_eq!(
                retry_after(header, now),
                Some(Duration::from_secs(seconds)),
                "R13: {header}"
            );
        }
        for nonsense in ["1.5.2", "1,5", ".5", "1e3", "+3", "Mon Jan 5"] {
            assert_eq!(retry_after(nonsense, now), None, "R13: {nonsense:?}");
        }
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
