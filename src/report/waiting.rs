//! The orders that are not at Amazon yet and that nothing is wrong with: why they wait, and until when.

use chrono::{DateTime, TimeDelta, Utc};

use super::Timing;
use super::commands::CommandStatus;
use crate::domain::outlook::next_run;
use crate::domain::waiting::{WaitingGroup, WaitingOrder, groups};
use crate::store::{OrderRow, Result, Store};

/// Reads them, one group a cause.
pub(super) fn read(
    store: &Store,
    commands: &[CommandStatus],
    timing: &Timing,
    now: DateTime<Utc>,
) -> Result<Vec<WaitingGroup>> {
    let pause = store.pause(now)?;
    let waiting = store.waiting_orders()?.into_iter().map(waiting).collect();
    Ok(groups(
        waiting,
        pause.as_ref(),
        poll_at(commands, timing.poll, now),
        now,
    ))
}

fn poll_at(commands: &[CommandStatus], every: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let poll = commands.iter().find(|command| command.name == "poll")?;
    next_run(poll.last_run_at, every, now)
}

fn waiting(row: OrderRow) -> WaitingOrder {
    WaitingOrder {
        state: row.state,
        detail: row.state_detail,
        held: row.held,
        since: row.state_since,
        next_attempt_at: row.next_attempt_at,
        deadline: row.deadlines.nearest(),
        order: row.id,
    }
}
