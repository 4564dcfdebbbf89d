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
        let next = match self {
            Self::Detected | Self::Waiting | Self::Flagged => undecided(step),
            Self::Ready => ready(step),
            Self::Submitting => submitting(step),
            Self::Routed => routed(step),
            Self::Shipped => shipped(step),
            Self::Cancelling => cancelling(step),
            Self::NotEligible | Self::Dismissed => set_aside(step),
            Self::Completed | Self::Cancelled => ended(step),
        };
        next.ok_or(NotAllowed { from: self, step })
    }
}

fn undecided(step: Step) -> Option<State> {
    match step {
        Step::Wait => Some(State::Waiting),
        Step::Pass => Some(State::Ready),
        Step::Flag => Some(State::Flagged),
        Step::Exclude => Some(State::NotEligible),
        Step::Cancel => Some(State::Cancelled),
        Step::Dismiss => Some(State::Dismissed),
        Step::Release => Some(State::Detected),
        Step::Submit
        | Step::Retract
        | Step::Accept
        | Step::Ship
        | Step::Complete
        | Step::AskCancel
        | Step::RefuseCancel => None,
    }
}

fn ready(step: Step) -> Option<State> {
    match step {
        Step::Submit => Some(State::Submitting),
        Step::Wait
        | Step::Pass
        | Step::Flag
        | Step::Exclude
        | Step::Cancel
        | Step::Dismiss
        | Step::Release
        | Step::Retract
        | Step::Accept
        | Step::Ship
        | Step::Complete
        | Step::AskCancel
        | Step::RefuseCancel => undecided(step),
    }
}

fn submitting(step: Step) -> Option<State> {
    match step {
        Step::Accept => Some(State::Routed),
        Step::Retract => Some(State::Ready),
        Step::Flag => Some(State::Flagged),
        Step::Dismiss => Some(State::Dismissed),
        Step::Wait
        | Step::Pass
        | Step::Exclude
        | Step::Submit
        | Step::Ship
        | Step::Complete
        | Step::AskCancel
        | Step::RefuseCancel
        | Step::Cancel
        | Step::Release => None,
    }
}

fn routed(step: Step) -> Option<State> {
    match step {
        Step::Ship => Some(State::Shipped),
        Step::Complete => Some(State::Completed),
        Step::AskCancel => Some(State::Cancelling),
        Step::Cancel => Some(State::Cancelled),
        Step::Flag => Some(State::Flagged),
        Step::Dismiss => Some(State::Dismissed),
        Step::Retract => Some(State::Ready),
        Step::Wait | Step::Pass | Step::Exclude | Step::Submit | Step::Accept | Step::RefuseCancel | Step::Release => {
            None
        }
    }
}

fn shipped(step: Step) -> Option<State> {
    match step {
        Step::Ship => Some(State::Shipped),
        Step::Complete => Some(State::Completed),
        Step::Dismiss => Some(State::Dismissed),
        Step::Wait
        | Step::Pass
        | Step::Flag
        | Step::Exclude
        | Step::Submit
        | Step::Retract
        | Step::Accept
        | Step::AskCancel
        | Step::RefuseCancel
        | Step::Cancel
        | Step::Release => None,
    }
}

fn cancelling(step: Step) -> Option<State> {
    match step {
        Step::Cancel => Some(State::Cancelled),
        Step::RefuseCancel => Some(State::Routed),
        Step::Ship => Some(State::Shipped),
        Step::Flag => Some(State::Flagged),
        Step::Dismiss => Some(State::Dismissed),
        Step::Wait
        | Step::Pass
        | Step::Exclude
        | Step::Submit
        | Step::Retract
        | Step::Accept
        | Step::Complete
        | Step::AskCancel
        | Step::Release => None,
    }
}

fn set_aside(step: Step) -> Option<State> {
    match step {
        Step::Release => Some(State::Detected),
        Step::Cancel => Some(State::Cancelled),
        Step::Wait
        | Step::Pass
        | Step::Flag
        | Step::Exclude
        | Step::Submit
        | Step::Retract
        | Step::Accept
        | Step::Ship
        | Step::Complete
        | Step::AskCancel
        | Step::RefuseCancel
        | Step::Dismiss => None,
    }
}

/// A person may take note of what came up after the end.
fn ended(step: Step) -> Option<State> {
    match step {
        Step::Dismiss => Some(State::Dismissed),
        Step::Wait
        | Step::Pass
        | Step::Flag
        | Step::Exclude
        | Step::Submit
        | Step::Retract
        | Step::Accept
        | Step::Ship
        | Step::Complete
        | Step::AskCancel
        | Step::RefuseCancel
        | Step::Cancel
        | Step::Release => None,
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
        }
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

    #[test]
    fn nothing_but_ready_can_be_submitted() {
        for state in State::ALL {
            assert_eq!(state.after(Step::Submit).is_ok(), state == State::Ready, "{state}");
        }
    }

    #[test]
    fn an_order_with_an_unknown_outcome_is_neither_cancelled_nor_decided_anew() {
        for step in [Step::Cancel, Step::Release, Step::Pass, Step::Wait] {
            assert_eq!(
                State::Submitting.after(step),
                Err(NotAllowed {
                    from: State::Submitting,
                    step
                })
            );
        }
    }

    #[test]
    fn what_is_over_stays_over() {
        assert!(State::Completed.after(Step::Submit).is_err());
        assert!(State::Cancelled.after(Step::Release).is_err());
    }
}
