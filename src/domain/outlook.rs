//! What happens next to an order, when, and why it waits: in a person's words, from what is stored of it.

use chrono::{DateTime, TimeDelta, Utc};

use super::eligibility::explain;
use super::flag::Flag;
use super::ids::TiktokOrderId;
use super::pause::Pause;
use super::routing::approval::APPROVAL;
use super::state::State;

/// What is known of an order and of the commands that move it on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The order.
    pub order: &'a TiktokOrderId,
    /// Where it stands.
    pub state: State,
    /// Where a dismissed order stands that is followed all the same.
    pub followed_as: Option<State>,
    /// Why it waits or is not eligible.
    pub detail: Option<&'a str>,
    /// When to look again, where that is known.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Whether the operator holds it.
    pub held: bool,
    /// Why it needs a person.
    pub flags: &'a [Flag],
    /// Amazon's own word.
    pub amazon_status: Option<&'a str>,
    /// How many of its parcels left and are not told to TikTok.
    pub untold_parcels: usize,
    /// The pause that keeps new orders back.
    pub pause: Option<&'a Pause>,
    /// When `poll` runs next.
    pub poll_at: Option<DateTime<Utc>>,
    /// When `sync-tracking` runs next.
    pub tracking_at: Option<DateTime<Utc>>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// When, as far as that is known.
    pub at: Option<DateTime<Utc>>,
    /// What; a wait where something follows it.
    pub what: String,
    /// What follows a wait that ends then.
    pub then: Option<&'static str>,
}

impl Next {
    fn run(what: impl Into<String>, at: Option<DateTime<Utc>>) -> Self {
        Self {
            at,
            what: what.into(),
            then: None,
        }
    }

    fn until(what: impl Into<String>, at: DateTime<Utc>, then: &'static str) -> Self {
        Self {
            at: Some(at),
            what: what.into(),
            then: Some(then),
        }
    }

    /// Says it without the time.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.then {
            Some(then) => format!("{}, {then}", self.what),
            None => self.what.clone(),
        }
    }
}

/// Returns when a command runs next that began then and runs so often. One that has not run for two of its intervals is not waited
/// for: its schedule is not alive.
#[must_use]
pub fn next_run(began_at: Option<DateTime<Utc>>, every: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let began_at = began_at.filter(|at| now - *at <= every * 2)?;
    Some((began_at + every).max(now))
}

/// Says what happens next.
#[must_use]
pub fn next(facts: &Facts<'_>, now: DateTime<Utc>) -> Next {
    let id = facts.order;
    match (facts.state, facts.followed_as) {
        (State::Dismissed, Some(life)) => {
            let mut next = facts.of_life(life, now);
            next.what = format!("dismissed, and followed all the same: {}", next.what);
            next
        }
        (State::Dismissed, None) => Next::run(
            format!("nothing: it is dismissed; mcf orders restore {id} takes that back"),
            None,
        ),
        (state, _) if facts.held && state.is_undecided() => Next::run(
            format!("held by the operator: nothing before mcf orders release {id}"),
            None,
        ),
        (state, _) => facts.of_life(state, now),
    }
}

impl Facts<'_> {
    fn of_life(&self, life: State, now: DateTime<Utc>) -> Next {
        let mut next = match life {
            State::Detected | State::Ready if self.pause.is_some() => self.paused(),
            State::Detected => Next::run("the next poll decides about it", self.poll_at),
            State::Ready => Next::run("goes to Amazon with the next poll", self.poll_at),
            State::Waiting => self.waiting(now),
            State::Flagged => return self.flagged(),
            State::Submitting => Next::run(
                "it is not certain whether Amazon has it; the next poll asks Amazon",
                self.poll_at,
            ),
            State::Routed => self.at_amazon(),
            State::Cancelling => Next::run(
                "Amazon was asked to cancel it; the next poll reads what became of that",
                self.poll_at,
            ),
            State::Shipped if self.untold_parcels > 0 => Next::run(
                "the next sync-tracking tells TikTok its tracking numbers",
                self.tracking_at,
            ),
            State::Shipped => Next::run("sync-tracking looks for what is still to leave", self.tracking_at),
            State::Completed => Next::run("nothing: all of it is shipped and told", None),
            State::Cancelled => Next::run("nothing: it is cancelled", None),
            State::Dismissed => Next::run("nothing: it is dismissed", None),
            State::NotEligible => Next::run(format!("nothing: {}", explain(self.detail.unwrap_or_default())), None),
        };
        if !self.flags.is_empty() {
            next.what = format!("a person is needed; {}", next.what);
        }
        next
    }

    fn paused(&self) -> Next {
        let what = "waits, because new orders are paused";
        match self.pause.and_then(|pause| pause.until) {
            Some(until) => Next::until(what, until, "then goes"),
            None => Next::run(format!("{what}: mcf resume lets them go"), None),
        }
    }

    /// A wait whose end is known names it; any other is looked at by each poll.
    fn waiting(&self, now: DateTime<Utc>) -> Next {
        let detail = self.detail.unwrap_or_default();
        if detail == APPROVAL {
            return Next::run(format!("waits for your word: mcf orders approve {}", self.order), None);
        }
        if detail == "paused" && self.pause.is_some() {
            return self.paused();
        }
        let what = format!("waits {}", waits_for(detail));
        match self.next_attempt_at.filter(|at| *at > now) {
            Some(at) => Next::until(what, at, "then goes"),
            None => Next::run(format!("{what}; each poll looks"), self.poll_at),
        }
    }

    fn flagged(&self) -> Next {
        let what = match self.flags.first() {
            Some(flag) => format!(
                "a person is needed ({}); each poll looks whether the cause is gone",
                flag.detail
            ),
            None => "a person is needed; each poll looks whether the cause is gone".to_owned(),
        };
        Next::run(what, self.poll_at)
    }

    fn at_amazon(&self) -> Next {
        let status = self.amazon_status.map_or_else(String::new, |word| format!(" ({word})"));
        let what = format!("Amazon has it{status}; the next sync-tracking looks for its parcels");
        Next::run(what, self.tracking_at)
    }
}

fn waits_for(detail: &str) -> &str {
    match detail {
        "on_hold" => "for the buyer's first hour",
        "grace" => "for the time after payment in which the buyer may still cancel",
        "before_release" => "for its release",
        "unpaid" => "for the buyer's payment",
        "units_unpaid" => "for the payment of all its units",
        "authentication_required" => "for TikTok's authentication",
        "masked" => "for TikTok to show the address",
        "cancel_requested" => "because the buyer asks to cancel",
        "paused" => "because new orders were paused",
        "throttled" => "because Amazon allowed no more calls",
        _ => "for the next decision",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Detail;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn in_minutes(minutes: i64) -> Option<DateTime<Utc>> {
        Some(noon() + TimeDelta::minutes(minutes))
    }

    fn facts(order: &TiktokOrderId, state: State) -> Facts<'_> {
        Facts {
            order,
            state,
            followed_as: None,
            detail: None,
            next_attempt_at: None,
            held: false,
            flags: &[],
            amazon_status: None,
            untold_parcels: 0,
            pause: None,
            poll_at: in_minutes(3),
            tracking_at: in_minutes(20),
        }
    }

    fn minutes(next: &Next) -> Option<i64> {
        next.at.map(|at| (at - noon()).num_minutes())
    }

    #[test]
    fn every_state_says_what_happens_next_and_when() {
        let id = TiktokOrderId::new("5");
        for (state, words, at) in [
            (State::Detected, "the next poll decides about it", Some(3)),
            (State::Ready, "goes to Amazon with the next poll", Some(3)),
            (State::Submitting, "the next poll asks Amazon", Some(3)),
            (
                State::Routed,
                "Amazon has it; the next sync-tracking looks for its parcels",
                Some(20),
            ),
            (State::Shipped, "looks for what is still to leave", Some(20)),
            (State::Cancelling, "Amazon was asked to cancel it", Some(3)),
            (State::Flagged, "a person is needed", Some(3)),
            (State::Completed, "nothing: all of it is shipped and told", None),
            (State::Cancelled, "nothing: it is cancelled", None),
            (State::Dismissed, "mcf orders restore 5", None),
            (State::NotEligible, "nothing: see its history", None),
        ] {
            let found = next(&facts(&id, state), noon());
            assert!(found.sentence().contains(words), "{state}: {}", found.sentence());
            assert_eq!(minutes(&found), at, "{state}");
        }
    }

    #[test]
    fn a_wait_names_what_it_is_for_and_until_when() {
        let id = TiktokOrderId::new("5");
        for (detail, until, sentence, at) in [
            (
                "on_hold",
                in_minutes(83),
                "waits for the buyer's first hour, then goes",
                Some(83),
            ),
            (
                "on_hold",
                None,
                "waits for the buyer's first hour; each poll looks",
                Some(3),
            ),
            (
                "on_hold",
                in_minutes(-5),
                "waits for the buyer's first hour; each poll looks",
                Some(3),
            ),
            (
                "on_hold",
                in_minutes(0),
                "waits for the buyer's first hour; each poll looks",
                Some(3),
            ),
            (
                "before_release",
                in_minutes(9),
                "waits for its release, then goes",
                Some(9),
            ),
            (
                "masked",
                None,
                "waits for TikTok to show the address; each poll looks",
                Some(3),
            ),
            (
                "unpaid",
                None,
                "waits for the buyer's payment; each poll looks",
                Some(3),
            ),
            ("approval", None, "waits for your word: mcf orders approve 5", None),
            (
                "of_another_version",
                None,
                "waits for the next decision; each poll looks",
                Some(3),
            ),
        ] {
            let waits = Facts {
                detail: Some(detail),
                next_attempt_at: until,
                ..facts(&id, State::Waiting)
            };
            let found = next(&waits, noon());
            assert_eq!((found.sentence().as_str(), minutes(&found)), (sentence, at), "{detail}");
        }
    }

    #[test]
    fn every_wait_says_what_it_is_for() {
        for (detail, words) in [
            (
                "grace",
                "for the time after payment in which the buyer may still cancel",
            ),
            ("units_unpaid", "for the payment of all its units"),
            ("authentication_required", "for TikTok's authentication"),
            ("cancel_requested", "because the buyer asks to cancel"),
            ("paused", "because new orders were paused"),
            ("throttled", "because Amazon allowed no more calls"),
        ] {
            assert_eq!(waits_for(detail), words);
        }
    }

    #[test]
    fn a_hold_goes_before_all_else_while_nothing_was_sent() {
        let id = TiktokOrderId::new("5");
        for (state, is_kept) in [(State::Waiting, true), (State::Flagged, true), (State::Routed, false)] {
            let held = Facts {
                held: true,
                ..facts(&id, state)
            };
            let found = next(&held, noon()).sentence();
            assert_eq!(found.contains("mcf orders release 5"), is_kept, "{state}: {found}");
        }
    }

    #[test]
    fn a_pause_keeps_new_orders_until_its_end_or_a_word() {
        let id = TiktokOrderId::new("5");
        let pause = |until| Pause {
            since: noon(),
            until,
            because: None,
        };
        for (state, until, words, at) in [
            (
                State::Ready,
                in_minutes(60),
                "new orders are paused, then goes",
                Some(60),
            ),
            (State::Detected, None, "mcf resume lets them go", None),
            (State::Routed, None, "sync-tracking looks for its parcels", Some(20)),
        ] {
            let pause = pause(until);
            let paused = Facts {
                pause: Some(&pause),
                ..facts(&id, state)
            };
            let found = next(&paused, noon());
            assert!(found.sentence().contains(words), "{state}: {}", found.sentence());
            assert_eq!(minutes(&found), at, "{state}");
        }
    }

    #[test]
    fn an_order_that_waited_for_the_pause_waits_for_its_end_and_one_that_waits_for_else_for_that() {
        let id = TiktokOrderId::new("5");
        let pause = Pause {
            since: noon(),
            until: None,
            because: None,
        };
        for (detail, pause, words) in [
            ("paused", Some(&pause), "mcf resume lets them go"),
            ("paused", None, "because new orders were paused; each poll looks"),
            (
                "masked",
                Some(&pause),
                "for TikTok to show the address; each poll looks",
            ),
        ] {
            let waits = Facts {
                detail: Some(detail),
                pause,
                ..facts(&id, State::Waiting)
            };
            let found = next(&waits, noon()).sentence();
            assert!(found.contains(words), "{detail}: {found}");
        }
    }

    #[test]
    fn what_left_is_told_next_and_a_dismissed_order_that_is_followed_says_both() {
        let id = TiktokOrderId::new("5");
        let left = Facts {
            untold_parcels: 1,
            ..facts(&id, State::Shipped)
        };
        assert!(next(&left, noon()).what.contains("tells TikTok its tracking numbers"));
        let followed = Facts {
            state: State::Dismissed,
            followed_as: Some(State::Shipped),
            ..left
        };
        assert!(
            next(&followed, noon())
                .what
                .starts_with("dismissed, and followed all the same: the next")
        );
        let flags = [Flag::plain(Detail::ParcelDelayed, &id)];
        let flagged = Facts { flags: &flags, ..left };
        assert!(
            next(&flagged, noon())
                .what
                .starts_with("a person is needed; the next sync-tracking")
        );
    }

    #[test]
    fn a_run_is_due_an_interval_after_the_last_one_began_and_a_dead_schedule_is_not_waited_for() {
        let every = TimeDelta::minutes(5);
        let ago = |minutes: i64| next_run(in_minutes(-minutes), every, noon());
        assert_eq!(ago(2), in_minutes(3));
        assert_eq!(ago(7), in_minutes(0), "it is due");
        assert_eq!(ago(11), None);
        assert_eq!(next_run(None, every, noon()), None);
    }
}
