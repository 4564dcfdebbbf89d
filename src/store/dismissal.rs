//! Orders that the operator takes off our hands, and gives back.
//!
//! What Amazon has goes on: `followed_as` keeps where such an order stands, its parcels are told and its end is noted. The reasons of
//! which the operator took note are kept apart, so that they are not told again.

use chrono::{DateTime, Utc};

use super::engine::{Connection, OptionalExtension, Transaction};
use super::steps::{change_state, write_step};
use super::{Error, Result, Store};
use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::{State, Step};

impl Store {
    /// Dismisses an order. One that is followed goes on beneath. `why` is what the history says of it.
    ///
    /// # Errors
    /// When the state machine has no such step, or another run changed the order meanwhile.
    pub fn dismiss(
        &self,
        id: &TiktokOrderId,
        from: State,
        is_followed: bool,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            change_state(transaction, run, id, from, Step::Dismiss, why, now)?;
            if is_followed {
                transaction.execute(
                    "UPDATE orders SET followed_as = ?2 WHERE id = ?1",
                    (id.as_str(), from.as_str()),
                )?;
            }
            move_flags(transaction, id, "flags", "acknowledged_flags")
        })
    }

    /// Takes a dismissal back: an order that was followed stands where it stands, any other is decided anew. Returns its state. `why` is
    /// what the history says of it.
    ///
    /// # Errors
    /// When it is not dismissed.
    pub fn take_dismissal_back(&self, id: &TiktokOrderId, why: &str, now: DateTime<Utc>) -> Result<State> {
        let run = self.run_id();
        self.write(|transaction| {
            move_flags(transaction, id, "acknowledged_flags", "flags")?;
            let Some(life) = followed_as(transaction, id)? else {
                return change_state(transaction, run, id, State::Dismissed, Step::Release, why, now);
            };
            transaction.execute(
                "UPDATE orders SET state = followed_as, followed_as = NULL WHERE id = ?1",
                [id.as_str()],
            )?;
            write_step(transaction, run, id, (State::Dismissed, life), why, now)?;
            Ok(life)
        })
    }

    /// Forgets that the operator took note of these reasons: their causes went away.
    pub(super) fn forget_notes(&self, id: &TiktokOrderId, details: &[Detail]) -> Result<()> {
        self.write(|transaction| {
            details
                .iter()
                .try_for_each(|detail| forget_note(transaction, id, *detail))
        })
    }
}

fn followed_as(connection: &Connection, id: &TiktokOrderId) -> Result<Option<State>> {
    let word: Option<String> = connection
        .query_row(
            "SELECT followed_as FROM orders WHERE id = ?1 AND state = 'dismissed'",
            [id.as_str()],
            |row| row.get(0),
        )
        .optional()?
        .flatten();
    word.map(|word| State::read(&word).ok_or(Error::Unreadable { what: "state" }))
        .transpose()
}

fn move_flags(transaction: &Transaction<'_>, id: &TiktokOrderId, from: &str, to: &str) -> Result<()> {
    transaction.execute(
        &format!(
            "INSERT INTO {to} (order_id, reason, detail, message, next_command, raised_at, skus)
             SELECT order_id, reason, detail, message, next_command, raised_at, skus FROM {from} WHERE order_id = ?1
             ON CONFLICT DO NOTHING"
        ),
        [id.as_str()],
    )?;
    transaction.execute(&format!("DELETE FROM {from} WHERE order_id = ?1"), [id.as_str()])?;
    Ok(())
}

/// Tells whether the operator took note of a reason by dismissing the order.
pub(super) fn is_noted(connection: &Connection, id: &TiktokOrderId, flag: &Flag) -> Result<bool> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM acknowledged_flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3)",
        )?
        .query_row((id.as_str(), flag.reason().as_str(), flag.detail.as_str()), |row| {
            row.get(0)
        })?)
}

pub(super) fn forget_note(transaction: &Transaction<'_>, id: &TiktokOrderId, detail: Detail) -> Result<()> {
    transaction
        .prepare_cached("DELETE FROM acknowledged_flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3")?
        .execute((id.as_str(), detail.reason().as_str(), detail.as_str()))?;
    Ok(())
}
