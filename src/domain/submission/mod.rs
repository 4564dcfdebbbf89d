//! The life of a fulfillment order from its intent to Amazon's word: the only rules by which a create may go out, a first or a second time.

mod contents;
mod moment;
mod outcome;
#[cfg(test)]
mod samples;
mod whole;

use std::time::Duration;

pub use contents::{has_our_items, is_ours};
pub use moment::{Moment, Uptime, is_past};
pub use outcome::Outcome;
pub use whole::{must_look_first, whole_from};

/// What a look at Amazon by our own id showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Amazon has it and it is ours, item for item.
    FoundEqual,
    /// Amazon has this id with other contents.
    FoundDifferent,
    /// Amazon has this id and does not show what is in it: empty is not another content.
    FoundEmpty,
    /// Amazon surely has no order of this id at this moment.
    NotFound,
    /// The look-up failed: nothing is known.
    Failed,
}

/// What to do after the look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Take it as accepted.
    Adopt,
    /// Flag it and never touch it again.
    Conflict,
    /// Nothing is there: the create may go out, a second time with the same id and the same body.
    Send,
    /// Look again later; remember since when Amazon shows nothing.
    LookAgain {
        /// The first look that found nothing.
        missing_since: Option<Moment>,
    },
}

/// Decides after a look. Not found counts only after two looks at least `grace` apart, both after the last send.
#[must_use]
pub fn next_step(look: Look, missing_since: Option<&Moment>, grace: Duration, now: &Moment) -> NextStep {
    let look_again = |since: Option<&Moment>| NextStep::LookAgain {
        missing_since: since.cloned(),
    };
    match (look, missing_since) {
        (Look::FoundEqual, _) => NextStep::Adopt,
        (Look::FoundDifferent, _) => NextStep::Conflict,
        (Look::FoundEmpty, _) => look_again(None),
        (Look::Failed, since) => look_again(since),
        (Look::NotFound, Some(since)) if is_past(now, since, grace) => NextStep::Send,
        (Look::NotFound, since) => look_again(since.or(Some(now))),
    }
}

/// Decides after the look before a first create. One look is enough: what was sent was sent before the copy came into its place.
#[must_use]
pub fn first_step(look: Look) -> NextStep {
    match look {
        Look::FoundEqual => NextStep::Adopt,
        Look::FoundDifferent => NextStep::Conflict,
        Look::NotFound => NextStep::Send,
        Look::FoundEmpty | Look::Failed => NextStep::LookAgain { missing_since: None },
    }
}

/// What TikTok's detail said right before a second send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The very units, to the very address that the stored body names.
    AsSent,
    /// Cancelled, about to be, held, or something else or elsewhere by now.
    NotAsSent,
    /// As it was sent, but a person paused new orders: a repetition is one.
    Paused,
    /// TikTok did not say: no answer, an unreadable or a masked one.
    NotKnown,
}

/// What to do with an order of which Amazon shows nothing and that may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Send the same id with the same body.
    Send,
    /// Send nothing and look again: what was sent first may still show, and is then adopted, and cancelled if need be.
    Wait,
    /// Nothing was ever there: the order is decided anew, as if nothing had been sent.
    Retract,
}

/// Decides whether the stored body goes out again.
///
/// A body that TikTok no longer wants never does. It is given up only when Amazon has shown nothing for a second grace time. What the
/// order becomes then is decided anew: it is closed, or it goes out with what TikTok says by then. That is another body under the same
/// id, never under a new one: should the first send show after all, Amazon refuses the second by its id (or keeps the first), and the
/// read that follows tells the difference. A new id would make two orders of them.
#[must_use]
pub fn again(wanted: Wanted, missing_since: Option<&Moment>, grace: Duration, now: &Moment) -> Again {
    match wanted {
        Wanted::AsSent => Again::Send,
        Wanted::NotAsSent if missing_since.is_some_and(|since| is_past(now, since, 2 * grace)) => Again::Retract,
        Wanted::NotAsSent | Wanted::Paused | Wanted::NotKnown => Again::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::samples::at;
    use super::*;

    const GRACE: Duration = Duration::from_secs(15 * 60);

    fn waits(since: Moment) -> NextStep {
        NextStep::LookAgain {
            missing_since: Some(since),
        }
    }

    #[test]
    fn only_two_looks_a_grace_time_apart_allow_a_second_send() {
        let decide = |since: Option<&Moment>, now: &Moment| next_step(Look::NotFound, since, GRACE, now);
        assert_eq!(decide(None, &at(0)), waits(at(0)));
        assert_eq!(decide(Some(&at(0)), &at(14)), waits(at(0)));
        assert_eq!(decide(Some(&at(0)), &at(15)), NextStep::Send, "E62");
    }

    #[test]
    fn one_look_is_enough_before_a_first_create_e164() {
        let steps = [
            (Look::FoundEqual, NextStep::Adopt),
            (Look::FoundDifferent, NextStep::Conflict),
            (Look::FoundEmpty, NextStep::LookAgain { missing_since: None }),
            (Look::Failed, NextStep::LookAgain { missing_since: None }),
            (Look::NotFound, NextStep::Send),
        ];
        for (look, step) in steps {
            assert_eq!(first_step(look), step, "E164: {look:?}");
        }
    }

    #[test]
    fn a_look_that_failed_says_nothing() {
        let after = next_step(Look::Failed, Some(&at(0)), GRACE, &at(9 * 60));
        assert_eq!(after, waits(at(0)));
    }

    #[test]
    fn an_order_that_shows_without_its_items_is_not_missing_and_not_different() {
        let after = next_step(Look::FoundEmpty, Some(&at(0)), GRACE, &at(9 * 60));
        assert_eq!(after, NextStep::LookAgain { missing_since: None }, "E64");
    }

    #[test]
    fn a_body_that_tiktok_no_longer_wants_is_never_sent_again_and_given_up_only_after_a_second_grace_time() {
        let decide = |wanted, minutes| again(wanted, Some(&at(0)), GRACE, &at(minutes));
        assert_eq!(decide(Wanted::AsSent, 15), Again::Send);
        assert_eq!(decide(Wanted::Paused, 9_000), Again::Wait, "E141");
        assert_eq!(decide(Wanted::NotAsSent, 29), Again::Wait, "R10");
        assert_eq!(decide(Wanted::NotAsSent, 30), Again::Retract, "R10");
        assert_eq!(
            decide(Wanted::NotKnown, 9_000),
            Again::Wait,
            "an answer that did not come proves nothing"
        );
    }
}
