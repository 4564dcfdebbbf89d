//! The states of an order and every allowed step between them: the one table.
//!
//! A step that the table does not name is an error that names both, never a silent move.

#![warn(clippy::wildcard_enum_match_arm)]

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where an order stands. The words are what outsiders see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Seen at TikTok, not yet decided.
    Detected,
    /// Not yet: TikTok's hold, the grace time, a masked address, the operator's hand.
    Waiting,
    /// Decided: may be sent.
    Ready,
    /// The intent is committed; what Amazon has is not certain.
    Submitting,
    /// Amazon has our order.
    Routed,
    /// Some or all parcels have left.
    Shipped,
    /// All parcels have left and TikTok has their numbers.
    Completed,
    /// A person is needed; the flags say why.
    Flagged,
    /// Amazon was asked to cancel and has not answered yet.
    Cancelling,
    /// Cancelled on both sides, or before anything was sent.
    Cancelled,
    /// The operator took it off our hands.
    Dismissed,
    /// Not ours to route; the detail says why.
    NotEligible,
}

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It must wait.
    Wait,
    /// It may be sent.
    Pass,
    /// A person is needed.
    Flag,
    /// It is not ours to route.
    Exclude,
    /// Its intent is committed; the create goes out next.
    Submit,
    /// The intent of what Amazon left out is committed; its create goes out next.
    SubmitRest,
    /// It is known what became of it. What left before keeps the order under way.
    SettleRest,
    /// The create surely was not carried out, or a person says so of an order that Amazon never showed; it may be sent again.
    Retract,
    /// Amazon has our order.
    Accept,
    /// A parcel left.
    Ship,
    /// All is shipped and told.
    Complete,
    /// Amazon was asked to cancel.
    AskCancel,
    /// Amazon goes on; the order stands.
    RefuseCancel,
    /// It is cancelled.
    Cancel,
    /// The operator takes it.
    Dismiss,
    /// The operator gives it back; it is decided anew.
    Release,
}

/// A step that the table does not allow.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an order that is {from} can't {step:?}")]
pub struct NotAllowed {
    /// The state.
    pub from: State,
    /// The step.
    pub step: Step,
}

impl State {
    /// Every state, in the order of an order's life.
    pub const ALL: [Self; 12] = [
        Self::Detected,
        Self::Waiting,
        Self::Ready,
        Self::Submitting,
        Self::Routed,
        Self::Shipped,
        Self::Completed,
        Self::Flagged,
        Self::Cancelling,
        Self::Cancelled,
        Self::Dismissed,
        Self::NotEligible,
    ];

    /// Returns the word that outsiders see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Submitting => "submitting",
            Self::Routed => "routed",
            Self::Shipped => "shipped",
            Self::Completed => "completed",
            Self::Flagged => "flagged",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Dismissed => "dismissed",
            Self::NotEligible => "not_eligible",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Tells whether nothing of the order was ever sent to Amazon in this state, so that it may be decided anew.
    #[must_use]
    pub fn is_undecided(self) -> bool {
        match self {
            Self::Detected | Self::Waiting | Self::Ready | Self::Flagged => true,
            Self::Submitting
            | Self::Routed
            | Self::Shipped
            | Self::Completed
            | Self::Cancelling
            | Self::Cancelled
            | Self::Dismissed
            | Self::NotEligible => false,
        }
    }

    /// Tells whether Amazon has the order, or may have it, and goes on with it.
    #[must_use]
    pub fn is_at_amazon(self) -> bool {
        match self {
            Self::Submitting | Self::Routed | Self::Shipped | Self::Cancelling => true,
            Self::Detected
            | Self::Waiting
            | Self::Ready
            | Self::Completed
            | Self::Flagged
            | Self::Cancelled
            | Self::Dismissed
            | Self::NotEligible => false,
        }
    }

    /// Tells whether nothing that TikTok says can matter to the order any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        match self {
            Self::Completed | Self::Cancelled | Self::Dismissed => true,
            Self::Detected
            | Self::Waiting
            | Self::Ready
            | Self::Submitting
            | Self::Routed
            | Self::Shipped
            | Self::Flagged
            | Self::Cancelling
            | Self::NotEligible => false,
        }
    }

    /// Tells whether the buyer's address is no longer needed.
    #[must_use]
    pub fn has_ended(self) -> bool {
        match self {
            Self::Completed | Self::Cancelled | Self::Dismissed | Self::NotEligible => true,
            Self::Detected
            | Self::Waiting
            | Self::Ready
            | Self::Submitting
            | Self::Routed
            | Self::Shipped
            | Self::Flagged
            | Self::Cancelling => false,
        }
    }

    /// Returns the state after `step`.
    ///
    /// # Errors
    /// When the table has no such step.
    pub fn after(self, step: Step) -> Result<Self, NotAllowed> {
        let (next, from) = step.leads();
        if from.iter().any(|states| states.contains(&self)) {
            Ok(next)
        } else {
            Err(NotAllowed { from: self, step })
        }
    }
}

/// States in which nothing of the order is at Amazon.
const UNDECIDED: &[State] = &[State::Detected, State::Waiting, State::Ready, State::Flagged];

/// States that a person or a rule took out of the way, and that may come back.
const SET_ASIDE: &[State] = &[State::NotEligible, State::Dismissed];

/// States of the two ends. A person may take note of what came up after them.
const ENDED: &[State] = &[State::Completed, State::Cancelled];

impl Step {
    /// The table: where a step leads, and from which states.
    fn leads(self) -> (State, &'static [&'static [State]]) {
        use State::{Cancelling, Ready, Routed, Shipped, Submitting};
        match self {
            Self::Wait => (State::Waiting, &[UNDECIDED]),
            Self::Pass => (Ready, &[UNDECIDED]),
            Self::Flag => (State::Flagged, &[UNDECIDED, &[Submitting, Routed, Cancelling]]),
            Self::Exclude => (State::NotEligible, &[UNDECIDED]),
            Self::Submit => (Submitting, &[&[Ready]]),
            Self::SubmitRest => (Submitting, &[&[Shipped, State::Completed]]),
            Self::SettleRest => (Shipped, &[&[Submitting]]),
            Self::Retract => (Ready, &[&[Submitting, Routed]]),
            Self::Accept => (Routed, &[&[Submitting]]),
            Self::Ship => (Shipped, &[&[Routed, Shipped, Cancelling]]),
            Self::Complete => (State::Completed, &[&[Routed, Shipped]]),
            Self::AskCancel => (Cancelling, &[&[Routed]]),
            Self::RefuseCancel => (Routed, &[&[Cancelling]]),
            Self::Cancel => (State::Cancelled, &[UNDECIDED, SET_ASIDE, &[Routed, Cancelling]]),
            Self::Dismiss => (
                State::Dismissed,
                &[UNDECIDED, ENDED, &[Submitting, Routed, Shipped, Cancelling]],
            ),
            Self::Release => (State::Detected, &[UNDECIDED, SET_ASIDE]),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_its_own_word() {
        for state in State::ALL {
            assert_eq!(State::read(state.as_str()), Some(state));
            assert_eq!(state.to_string(), state.as_str());
        }
    }

    /// Every state, and `x` where it is undecided, at Amazon, over for what TikTok says, past the need for the buyer's address.
    const GROUPS: &str = "
        detected     x . . .
        waiting      x . . .
        ready        x . . .
        submitting   . x . .
        routed       . x . .
        shipped      . x . .
        completed    . . x x
        flagged      x . . .
        cancelling   . x . .
        cancelled    . . x x
        dismissed    . . x x
        not_eligible . . . x";

    #[test]
    fn every_state_is_in_the_groups_that_the_rules_ask_for() {
        let mut rows = 0;
        for line in GROUPS.lines().filter(|line| !line.trim().is_empty()) {
            let mut cells = line.split_whitespace();
            let state = cells.next().and_then(State::read).expect("a state");
            let expected: Vec<bool> = cells.map(|cell| cell == "x").collect();
            let found = [
                state.is_undecided(),
                state.is_at_amazon(),
                state.is_over(),
                state.has_ended(),
            ];
            assert_eq!(found[..], expected[..], "{state}");
            rows += 1;
        }
        assert_eq!(rows, State::ALL.len());
    }

    #[test]
    fn the_main_road_leads_from_detected_to_completed() {
        let road = [
            Step::Wait,
            Step::Pass,
            Step::Submit,
            Step::Accept,
            Step::Ship,
            Step::Ship,
            Step::Complete,
        ];
        let end = road.into_iter().try_fold(State::Detected, State::after);
        assert_eq!(end, Ok(State::Completed));
    }

    /// Every state (rows) and every step (columns), those of a rest last: `x` where the step is allowed.
    const GRID: &str = "
        detected     x x x x . . . . . . . x x x . .
        waiting      x x x x . . . . . . . x x x . .
        ready        x x x x x . . . . . . x x x . .
        submitting   . . x . . x x . . . . . x . . x
        routed       . . x . . x . x x x . x x . . .
        shipped      . . . . . . . x x . . . x . x .
        completed    . . . . . . . . . . . . x . x .
        flagged      x x x x . . . . . . . x x x . .
        cancelling   . . x . . . . x . . x x x . . .
        cancelled    . . . . . . . . . . . . x . . .
        dismissed    . . . . . . . . . . . x . x . .
        not_eligible . . . . . . . . . . . x . x . .";

    const STEPS: [(Step, State); 16] = [
        (Step::Wait, State::Waiting),
        (Step::Pass, State::Ready),
        (Step::Flag, State::Flagged),
        (Step::Exclude, State::NotEligible),
        (Step::Submit, State::Submitting),
        (Step::Retract, State::Ready),
        (Step::Accept, State::Routed),
        (Step::Ship, State::Shipped),
        (Step::Complete, State::Completed),
        (Step::AskCancel, State::Cancelling),
        (Step::RefuseCancel, State::Routed),
        (Step::Cancel, State::Cancelled),
        (Step::Dismiss, State::Dismissed),
        (Step::Release, State::Detected),
        (Step::SubmitRest, State::Submitting),
        (Step::SettleRest, State::Shipped),
    ];

    #[test]
    fn every_step_from_every_state_is_as_the_grid_says() {
        let mut rows = 0;
        for line in GRID.lines().filter(|line| !line.trim().is_empty()) {
            let mut cells = line.split_whitespace();
            let from = cells.next().and_then(State::read).expect("a state");
            for ((step, next), cell) in STEPS.into_iter().zip(cells) {
                let expected = (cell == "x").then_some(next).ok_or(NotAllowed { from, step });
                assert_eq!(from.after(step), expected);
            }
            rows += 1;
        }
        assert_eq!(rows, State::ALL.len());
    }
}
