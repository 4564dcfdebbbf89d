//! The one way of an order, and where orders leave it: what reached each stage, what is still there, what fell out.

#![warn(clippy::wildcard_enum_match_arm)]

use super::state::State;

/// How far an order came. Who reached one has reached all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It was seen at TikTok.
    Detected,
    /// Amazon took it.
    Routed,
    /// A parcel of it left.
    Shipped,
    /// TikTok has the numbers of all parcels that left.
    Told,
    /// All of it left and is told.
    Completed,
}

impl Stage {
    /// Every stage, in the order of the way.
    pub const ALL: [Self; 5] = [Self::Detected, Self::Routed, Self::Shipped, Self::Told, Self::Completed];

    /// Returns its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Routed => "routed",
            Self::Shipped => "shipped",
            Self::Told => "told",
            Self::Completed => "completed",
        }
    }
}

/// Orders that came equally far and stand alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// How far they came.
    pub stage: Stage,
    /// Where they stand.
    pub state: State,
    /// How many.
    pub orders: u64,
}

/// One stage of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The stage.
    pub stage: Stage,
    /// How many orders reached it.
    pub reached: u64,
    /// Those that came no further so far, by where they stand.
    pub still_here: Vec<(State, u64)>,
    /// Those that came no further and never will.
    pub fell_out: Vec<(State, u64)>,
}

/// Counts the orders at each stage.
#[must_use]
pub fn funnel(found: &[Reached]) -> Vec<Level> {
    let level = |stage: Stage| {
        let reached = found.iter().filter(|some| some.stage >= stage);
        let here = |is_over: bool| {
            let here = found
                .iter()
                .filter(move |some| some.stage == stage && stage != Stage::Completed);
            let here = here.filter(move |some| is_out(some.state) == is_over);
            here.map(|some| (some.state, some.orders)).collect()
        };
        Level {
            stage,
            reached: reached.map(|some| some.orders).sum(),
            still_here: here(false),
            fell_out: here(true),
        }
    };
    Stage::ALL.into_iter().map(level).collect()
}

fn is_out(state: State) -> bool {
    match state {
        State::Cancelled | State::Dismissed | State::NotEligible => true,
        State::Detected
        | State::Waiting
        | State::Ready
        | State::Submitting
        | State::Routed
        | State::Shipped
        | State::Completed
        | State::Flagged
        | State::Cancelling => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_at_one_stage_and_counts_for_all_before_it() {
        let some = |stage, state, orders| Reached { stage, state, orders };
        let levels = funnel(&[
            some(Stage::Detected, State::NotEligible, 2),
            some(Stage::Detected, State::Flagged, 3),
            some(Stage::Routed, State::Cancelled, 1),
            some(Stage::Routed, State::Routed, 4),
            some(Stage::Shipped, State::Dismissed, 1),
            some(Stage::Told, State::Shipped, 2),
            some(Stage::Completed, State::Completed, 7),
        ]);
        let reached: Vec<u64> = levels.iter().map(|level| level.reached).collect();
        assert_eq!(reached, [20, 15, 10, 9, 7]);
        assert_eq!(levels[0].fell_out, [(State::NotEligible, 2)]);
        assert_eq!(levels[0].still_here, [(State::Flagged, 3)]);
        assert_eq!(levels[1].fell_out, [(State::Cancelled, 1)]);
        assert_eq!(levels[2].fell_out, [(State::Dismissed, 1)]);
        assert_eq!((levels[4].still_here.len(), levels[4].fell_out.len()), (0, 0));
        for pair in levels.windows(2) {
            let left: u64 = pair[0]
                .still_here
                .iter()
                .chain(&pair[0].fell_out)
                .map(|(_, orders)| orders)
                .sum();
            assert_eq!(pair[0].reached - left, pair[1].reached, "{:?}", pair[0].stage);
        }
        assert!(funnel(&[]).iter().all(|level| level.reached == 0));
    }
}
