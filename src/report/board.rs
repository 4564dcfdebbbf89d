//! The board: whether the schedule is alive, what needs a person, what waits and why.

use chrono::{DateTime, Utc};

use super::commands::{self, CommandStatus};
use super::status::StatusOverview;
use super::{Timing, waiting};
use crate::domain::waiting::WaitingGroup;
use crate::store::{Result, Store, StoredRun};

/// The last run of each command, with the end of its last good one.
pub type Runs = Vec<(StoredRun, Option<DateTime<Utc>>)>;

/// What a person sees first.
#[derive(Debug, Clone)]
pub struct Board {
    /// Where everything stands.
    pub status: StatusOverview,
    /// The orders that wait and that nothing is wrong with, by why.
    pub waiting: Vec<WaitingGroup>,
    /// How the runs go.
    pub runs: Runs,
}

impl Board {
    /// Reads the board.
    pub fn read(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<Self> {
        let status = StatusOverview::read(store, timing, now)?;
        Ok(Self {
            waiting: waiting::read(store, &status.commands, timing, now)?,
            runs: store.last_runs()?,
            status,
        })
    }
}

/// Reads the last run of each command, and whether the scheduled ones are in time.
pub fn last_runs(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<(Runs, Vec<CommandStatus>)> {
    Ok((store.last_runs()?, commands::read(store, timing, now)?))
}
