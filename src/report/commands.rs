//! Whether the schedule is alive: when each command last ran, how that ended, when it last did its work.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Timing;
use super::text::View;
use crate::store::{Result, Store};

/// When a command last did its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandStatus {
    /// E.g. `poll`.
    pub name: String,
    /// When it last ended well; `null` when it never did.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Whether that is longer ago than twice its interval.
    pub overdue: bool,
    /// When it last began.
    pub last_run_at: Option<DateTime<Utc>>,
    /// How that run ended; `null` while it runs or when it was killed.
    pub last_outcome: Option<String>,
    /// How often it should run, in seconds.
    pub interval_seconds: i64,
}

impl CommandStatus {
    pub(super) fn cells(&self, view: &View) -> Vec<String> {
        let outcome = self.last_outcome.as_deref().unwrap_or("-");
        let ended = match self.overdue {
            true => format!("{outcome}, overdue"),
            false => outcome.to_owned(),
        };
        vec![
            self.name.clone(),
            view.time(self.last_success_at),
            view.time(self.last_run_at),
            ended,
            view.seconds(Some(self.interval_seconds)),
        ]
    }
}

/// Reads when each scheduled command last did its work.
pub(super) fn read(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<Vec<CommandStatus>> {
    let runs = store.last_runs()?;
    let status = |(name, interval): (&str, TimeDelta)| {
        let last = runs.iter().find(|(run, _)| run.command == name);
        let good_at = last.and_then(|(_, good_at)| *good_at);
        CommandStatus {
            name: name.to_owned(),
            last_success_at: good_at,
            overdue: good_at.is_none_or(|at| now - at > interval * 2),
            last_run_at: last.map(|(run, _)| run.started_at),
            last_outcome: last.and_then(|(run, _)| run.outcome.clone()),
            interval_seconds: interval.num_seconds(),
        }
    };
    Ok(timing.commands().into_iter().map(status).collect())
}
