//! Which parcels' numbers are to be told now: how far the number has come, where the order stands, who asks.

use chrono::{DateTime, Utc};

use crate::domain::state::State;

/// How far a parcel's number has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParcelState {
    /// No number yet, or its contents are not known yet.
    Waiting,
    /// It has a number that TikTok does not have.
    Ready,
    /// Its number is being told; what TikTok has is not certain.
    Pushing,
    /// TikTok has its number.
    Synced,
    /// TikTok refused its number.
    Refused,
    /// It holds only further pieces of units that another parcel stands for; TikTok takes one number a unit.
    FurtherPiece,
}

impl ParcelState {
    const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Ready,
        Self::Pushing,
        Self::Synced,
        Self::Refused,
        Self::FurtherPiece,
    ];

    /// Returns the word kept in the store and shown in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Pushing => "pushing",
            Self::Synced => "synced",
            Self::Refused => "refused",
            Self::FurtherPiece => "further_piece",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}

/// Who wants a number told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The schedule.
    Schedule,
    /// A person, for this one order: what TikTok refused is tried again, and nothing waits.
    Person,
}

/// What says whether a parcel's number is to be told.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// How far the number has come.
    pub state: ParcelState,
    /// Where the order stands at Amazon, also where a person has dismissed it.
    pub life: State,
    /// The newest number that Amazon gave.
    pub number: Option<&'a str>,
    /// The number that TikTok has or was told.
    pub pushed: Option<&'a str>,
    /// Whether TikTok ever took one.
    pub is_told: bool,
    /// When to try again, where that must wait.
    pub not_before: Option<DateTime<Utc>>,
}

impl Standing<'_> {
    /// Tells whether TikTok should have the number now, or its correction.
    #[must_use]
    pub fn is_due(&self, asker: Asker, now: DateTime<Utc>) -> bool {
        let is_time = asker == Asker::Person || self.not_before.is_none_or(|at| at <= now);
        self.is_followed() && self.is_open(asker) && is_time
    }

    /// What Amazon ships is told, whatever was done to the order by hand. What has ended takes corrections only.
    fn is_followed(&self) -> bool {
        match self.life {
            State::Routed | State::Shipped | State::Cancelling => true,
            State::Completed => self.is_told,
            State::Detected
            | State::Waiting
            | State::Ready
            | State::Submitting
            | State::Flagged
            | State::Cancelled
            | State::Dismissed
            | State::NotEligible => false,
        }
    }

    /// A number that was refused before TikTok saw it (its carrier was unknown) is judged anew: settings may have changed.
    fn is_open(&self, asker: Asker) -> bool {
        match self.state {
            ParcelState::Ready | ParcelState::Pushing => true,
            ParcelState::Synced => self
                .number
                .zip(self.pushed)
                .is_some_and(|(number, pushed)| number != pushed),
            ParcelState::Refused => asker == Asker::Person || self.pushed.is_none(),
            ParcelState::Waiting | ParcelState::FurtherPiece => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn standing(state: ParcelState, life: State, pushed: Option<&'static str>) -> Standing<'static> {
        Standing {
            state,
            life,
            number: Some("1Z2"),
            pushed,
            is_told: state == ParcelState::Synced,
            not_before: None,
        }
    }

    #[test]
    fn how_far_a_number_has_come_says_whether_it_is_told() {
        use ParcelState::{FurtherPiece, Pushing, Ready, Refused, Synced, Waiting};
        for (state, pushed, by_schedule, by_person, situation) in [
            (Waiting, None, false, false, "E95"),
            (Ready, None, true, true, "E94"),
            (Pushing, Some("1Z2"), true, true, "E103"),
            (Synced, Some("1Z2"), false, false, "E187"),
            (Synced, Some("1Z1"), true, true, "E101: replaced"),
            (Refused, None, true, true, "E99: never left"),
            (Refused, Some("1Z2"), false, true, "E102: refused by TikTok"),
            (FurtherPiece, None, false, false, "E105"),
        ] {
            let parcel = standing(state, State::Shipped, pushed);
            let due = (
                parcel.is_due(Asker::Schedule, noon()),
                parcel.is_due(Asker::Person, noon()),
            );
            assert_eq!(due, (by_schedule, by_person), "{situation}: {state:?}");
        }
    }

    #[test]
    fn only_what_amazon_has_is_told_and_what_has_ended_takes_corrections_only() {
        let due = |state, life| standing(state, life, Some("1Z1")).is_due(Asker::Person, noon());
        for life in [State::Routed, State::Shipped, State::Cancelling] {
            assert!(due(ParcelState::Ready, life), "{life}");
        }
        assert!(due(ParcelState::Synced, State::Completed), "E101");
        assert!(!due(ParcelState::Ready, State::Completed));
        for life in [State::Flagged, State::Cancelled, State::Dismissed, State::NotEligible] {
            assert!(!due(ParcelState::Ready, life), "{life}");
        }
    }

    #[test]
    fn only_the_schedule_waits() {
        let mut parcel = standing(ParcelState::Ready, State::Shipped, None);
        parcel.not_before = Some(noon() + TimeDelta::minutes(1));
        assert!(!parcel.is_due(Asker::Schedule, noon()), "E93");
        assert!(parcel.is_due(Asker::Person, noon()));
        assert!(parcel.is_due(Asker::Schedule, noon() + TimeDelta::minutes(1)), "E93");
    }

    #[test]
    fn every_state_reads_back_its_own_word() {
        for state in ParcelState::ALL {
            assert_eq!(ParcelState::read(state.as_str()), Some(state));
        }
    }
}
