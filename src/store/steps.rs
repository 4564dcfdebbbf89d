//! Changes of an order's state, each with its row of history.

use chrono::{DateTime, Utc};

use super::audit::{self, Book};
use super::engine::{Transaction, named_params};
use super::{Error, Result, seconds};
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::{State, Step};

/// Changes the state when the order is still in `from`; one row or nothing.
pub(super) fn change_state(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    from: State,
    step: Step,
    why: &str,
    now: DateTime<Utc>,
) -> Result<State> {
    let next = from.after(step)?;
    let changed = transaction.execute(
        "UPDATE orders SET state = CASE WHEN followed_as IS NULL THEN :next ELSE state END,
             followed_as = CASE WHEN followed_as IS NOT NULL THEN :next END,
             state_detail = NULL, next_attempt_at = NULL,
             state_since = CASE WHEN life = :next THEN state_since ELSE :now END
         WHERE id = :id AND life = :from",
        named_params! {":next": next.as_str(), ":now": seconds(now), ":id": id.as_str(), ":from": from.as_str()},
    )?;
    if changed != 1 {
        return Err(Error::WriteConflict {
            order: id.to_string(),
            expected: from,
        });
    }
    write_step(transaction, run, id, (from, next), why, now)?;
    Ok(next)
}

/// Writes the history row of a change of state.
pub(super) fn write_step(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    (from, next): (State, State),
    why: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    audit::write(
        transaction,
        Book::History,
        "INSERT INTO history (order_id, run_id, at, after_call, kind, from_state, to_state, text)
         VALUES (:order, :run, :now, (SELECT coalesce(max(id), 0) FROM api_calls), 'state', :from, :next, :text)",
        named_params! {
            ":order": id.as_str(), ":run": run, ":now": seconds(now),
            ":from": from.as_str(), ":next": next.as_str(), ":text": why,
        },
    )
}

pub(super) fn write_history(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    now: DateTime<Utc>,
    kind: &str,
    text: &str,
) -> Result<()> {
    audit::write(
        transaction,
        Book::History,
        "INSERT INTO history (order_id, run_id, at, after_call, kind, text)
         VALUES (?1, ?2, ?3, (SELECT coalesce(max(id), 0) FROM api_calls), ?4, ?5)",
        (id.as_str(), run, seconds(now), kind, text),
    )
}
