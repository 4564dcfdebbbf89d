//! The `state` of an authorisation link: the vendor carries it to the redirect address, and it shows that the answer belongs to a link
//! of ours. It bears its own time and a seal by the app's secret, so that a later call can check it and nothing has to be kept.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use crate::secret::Secret;

/// How long a link may lie before it is followed.
const LIFE: TimeDelta = TimeDelta::days(1);

/// The bytes of the seal that are shown.
const SEAL_LENGTH: usize = 16;

/// Why a state does not let an answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotOurs {
    /// It is of nobody's link, or of another app's.
    #[error(
        "the state of this address is not that of a link of ours: somebody else's answer may have been put in its place"
    )]
    Foreign,
    /// The link is too old.
    #[error("the link was made more than a day ago")]
    Old,
}

/// Makes a state out of random bytes.
#[must_use]
pub fn seal(secret: &Secret, random: u64, now: DateTime<Utc>) -> String {
    let plain = format!("{:x}-{random:016x}", now.timestamp());
    let seal = sealed(secret, &plain);
    format!("{plain}-{seal}")
}

/// Tells whether a state is one of ours and not too old.
///
/// # Errors
/// When it is not.
pub fn check(secret: &Secret, state: &str, now: DateTime<Utc>) -> Result<(), NotOurs> {
    let (plain, seal) = state.rsplit_once('-').ok_or(NotOurs::Foreign)?;
    if !is_same(seal, &sealed(secret, plain)) {
        return Err(NotOurs::Foreign);
    }
    let (made_at, _) = plain.split_once('-').ok_or(NotOurs::Foreign)?;
    let made_at = i64::from_str_radix(made_at, 16).ok();
    let made_at = made_at.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match made_at {
        Some(made_at) if now - made_at <= LIFE => Ok(()),
        Some(_) => Err(NotOurs::Old),
        None => Err(NotOurs::Foreign),
    }
}

fn sealed(secret: &Secret, plain: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        // HMAC takes keys of any length.
        return String::new();
    };
    mac.update(b"mcf auth state ");
    mac.update(plain.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes
        .iter()
        .take(SEAL_LENGTH)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Compares without telling by the time it takes how far two texts agree.
fn is_same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    !other.is_empty() && one.len() == other.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_good_for_a_day_and_only_for_the_app_that_made_it() {
        let now = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        let (ours, others) = (Secret::new("app-secret"), Secret::new("other-secret"));
        let state = seal(&ours, 7, now);
        assert_ne!(state, seal(&ours, 8, now), "no two links bear one state");
        assert!(!state.contains("secret") && state.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        assert_eq!(check(&ours, &state, now + LIFE), Ok(()));
        assert_eq!(
            check(&ours, &state, now + LIFE + TimeDelta::seconds(1)),
            Err(NotOurs::Old)
        );
        assert_eq!(check(&others, &state, now), Err(NotOurs::Foreign));
        let younger = state.replacen("695b", "695c", 1);
        assert_ne!(younger, state);
        for forged in [younger.as_str(), &state[..state.len() - 1], "", "-", "abc", "0--"] {
            assert_eq!(check(&ours, forged, now), Err(NotOurs::Foreign), "{forged}");
        }
    }

    #[test]
    fn two_differences_do_not_make_up_for_each_other() {
        assert!(is_same("ab", "ab"));
        for (one, other) in [("ab", "ba"), ("ab", "cd"), ("ab", "abc"), ("abc", "ab"), ("", "")] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}
