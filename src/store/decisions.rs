//! Decisions and flags: every change of an order's state is one conditional update with its history row and its events.

use chrono::{DateTime, Utc};

use super::engine::{Connection, Row, Transaction, named_params};
use super::steps::{change_state, write_history};
use super::{Error, Result, Store, dismissal, outbox, seconds};
use crate::domain::event::Event;
use crate::domain::flag::{Detail, Flag, Reason};
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::StoredDecision;
use crate::domain::state::{State, Step};

/// One row of an order's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// The newest API call before it, so that both logs make one sequence.
    pub after_call: i64,
    /// What kind of thing happened, e.g. `state`, `call`, `note`.
    pub kind: String,
    /// The state before, for a change of state.
    pub from: Option<String>,
    /// The state after, for a change of state.
    pub to: Option<String>,
    /// What happened, for a person.
    pub text: String,
}

impl Store {
    /// Returns the flags of an order.
    pub fn flags(&self, id: &TiktokOrderId) -> Result<Vec<Flag>> {
        self.read(|connection| read_flags(connection, id))
    }

    /// Stores a decision: the new state, all flags that hold now, their events, one history row.
    ///
    /// # Errors
    /// When the state machine has no such step, or another run changed the order meanwhile.
    pub fn decide(&self, id: &TiktokOrderId, decided: &StoredDecision, now: DateTime<Utc>) -> Result<State> {
        let run = self.run_id();
        self.write(|transaction| decide(transaction, run, id, decided, now))
    }

    /// Raises one flag beside the others without a change of state.
    pub fn raise_flag(&self, id: &TiktokOrderId, flag: &Flag, now: DateTime<Utc>) -> Result<bool> {
        let run = self.run_id();
        self.write(|transaction| raise_flag(transaction, run, id, flag, now))
    }

    /// Clears one flag whose cause went away.
    pub fn clear_flag(&self, id: &TiktokOrderId, detail: Detail, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            let gone = transaction.execute(
                "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3",
                (id.as_str(), detail.reason().as_str(), detail.as_str()),
            )?;
            dismissal::forget_note(transaction, id, detail)?;
            if gone > 0 {
                let text = format!("{} ({detail}) cleared", detail.reason());
                write_history(transaction, run, id, now, "flag", &text)?;
            }
            Ok(())
        })
    }

    /// Clears the flags with these details, whose causes went away.
    pub fn clear_details(&self, id: &TiktokOrderId, details: &[Detail], now: DateTime<Utc>) -> Result<()> {
        for flag in self.flags(id)? {
            if details.contains(&flag.detail) {
                self.clear_flag(id, flag.detail, now)?;
            }
        }
        self.forget_notes(id, details)
    }

    /// Clears the flag with this detail of all orders but these: its cause stands nowhere else.
    pub fn clear_elsewhere(&self, detail: Detail, standing: &[&TiktokOrderId], now: DateTime<Utc>) -> Result<()> {
        let query = "SELECT order_id FROM flags WHERE detail = ?1";
        let flagged = self.ids(query, [detail.as_str()])?;
        let mut gone = flagged.iter().filter(|id| !standing.contains(id));
        gone.try_for_each(|id| self.clear_flag(id, detail, now))
    }

    /// Moves an order along without flags: cancelled, which is told, released, …
    ///
    /// # Errors
    /// When the state machine has no such step, or another run changed the order meanwhile.
    pub fn step(&self, id: &TiktokOrderId, from: State, step: Step, why: &str, now: DateTime<Utc>) -> Result<State> {
        let run = self.run_id();
        self.write(|transaction| {
            let next = change_state(transaction, run, id, from, step, why, now)?;
            if next == State::Cancelled {
                transaction.execute("DELETE FROM flags WHERE order_id = ?1", [id.as_str()])?;
                let event = Event::OrderCancelled {
                    order: id.clone(),
                    at: now,
                };
                outbox::insert(transaction, &event, now)?;
            }
            Ok(next)
        })
    }

    /// Sets or lifts the operator's hold. `why` is what the history says of it.
    ///
    /// # Errors
    /// When the order is not known.
    pub fn hold(&self, id: &TiktokOrderId, held: bool, why: &str, now: DateTime<Utc>) -> Result<bool> {
        let run = self.run_id();
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE orders SET held = ?2 WHERE id = ?1 AND held <> ?2",
                (id.as_str(), held),
            )? > 0;
            if changed {
                write_history(transaction, run, id, now, "operator", why)?;
            }
            Ok(changed)
        })
    }

    /// Adds a note to an order's history.
    pub fn note(&self, id: &TiktokOrderId, kind: &str, text: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| write_history(transaction, run, id, now, kind, text))
    }
}

pub(super) fn decide(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    decided: &StoredDecision,
    now: DateTime<Utc>,
) -> Result<State> {
    let next = decided.from.after(decided.step)?;
    let before = read_flags(transaction, id)?;
    let same_detail: Option<String> =
        transaction.query_row("SELECT state_detail FROM orders WHERE id = ?1", [id.as_str()], |row| {
            row.get(0)
        })?;
    if next != decided.from || before != decided.flags || same_detail != decided.detail {
        change_state(
            transaction,
            run,
            id,
            decided.from,
            decided.step,
            &decided.explanation,
            now,
        )?;
    }
    transaction.execute(
        "UPDATE orders SET state_detail = ?2, next_attempt_at = ?3 WHERE id = ?1",
        (id.as_str(), &decided.detail, decided.next_attempt_at.map(seconds)),
    )?;
    for gone in before
        .iter()
        .filter(|flag| !decided.flags.iter().any(|now| now.detail == flag.detail))
    {
        transaction.execute(
            "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3",
            (id.as_str(), gone.reason().as_str(), gone.detail.as_str()),
        )?;
    }
    for flag in &decided.flags {
        raise_flag(transaction, run, id, flag, now)?;
    }
    if let Some(event) = decided.validated(id) {
        tell_validated(transaction, id, &event, now)?;
    }
    Ok(next)
}

/// Writes the event of a validation once for each different result.
fn tell_validated(transaction: &Transaction<'_>, id: &TiktokOrderId, event: &Event, now: DateTime<Utc>) -> Result<()> {
    let result = event.data().to_string();
    let told = transaction.execute(
        "UPDATE orders SET validated = ?2 WHERE id = ?1 AND validated IS DISTINCT FROM ?2",
        (id.as_str(), &result),
    )?;
    if told > 0 {
        outbox::insert(transaction, event, now)?;
    }
    Ok(())
}

/// Raises a flag. `order.failed` goes with one that does not stand yet; one of which the operator took note is neither raised nor told.
pub(super) fn raise_flag(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    flag: &Flag,
    now: DateTime<Utc>,
) -> Result<bool> {
    if dismissal::is_noted(transaction, id, flag)? {
        return Ok(false);
    }
    let is_known: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3)",
        (id.as_str(), flag.reason().as_str(), flag.detail.as_str()),
        |row| row.get(0),
    )?;
    transaction.execute(
        "INSERT INTO flags (order_id, reason, detail, message, next_command, raised_at, skus)
         VALUES (:order, :reason, :detail, :message, :command, :now, :skus)
         ON CONFLICT (order_id, reason, detail) DO UPDATE SET message = excluded.message, next_command = excluded.next_command, skus = excluded.skus",
        named_params! {
            ":order": id.as_str(), ":reason": flag.reason().as_str(), ":detail": flag.detail.as_str(),
            ":message": flag.message, ":command": flag.next_command, ":now": seconds(now),
            ":skus": serde_json::to_string(&flag.skus).unwrap_or_default(),
        },
    )?;
    if !is_known {
        let text = format!("{} ({}): {}", flag.reason(), flag.detail, flag.message);
        write_history(transaction, run, id, now, "flag", &text)?;
        let event = Event::OrderFailed {
            order: id.clone(),
            reason: flag.reason(),
            error: flag.message.clone(),
        };
        outbox::insert(transaction, &event, now)?;
    }
    Ok(!is_known)
}

/// A word that this version does not have beside this reason is damage or a newer version's. It is not taken for another one.
pub(super) fn read_detail(reason: &str, word: &str) -> Result<Detail> {
    let reason = Reason::read(reason).ok_or(Error::Unreadable { what: "reason" })?;
    Detail::read(reason, word).ok_or(Error::Unreadable { what: "detail" })
}

pub(super) fn read_flags(connection: &Connection, id: &TiktokOrderId) -> Result<Vec<Flag>> {
    let mut statement = connection.prepare_cached(
        "SELECT reason, detail, message, next_command, skus FROM flags WHERE order_id = ?1 ORDER BY raised_at, id",
    )?;
    let mut rows = statement.query([id.as_str()])?;
    let mut flags = Vec::new();
    while let Some(row) = rows.next()? {
        flags.push(read_flag(&row)?);
    }
    Ok(flags)
}

pub(super) fn read_flag(row: &Row<'_>) -> Result<Flag> {
    let (reason, detail): (String, String) = (row.get("reason")?, row.get("detail")?);
    let skus: String = row.get("skus")?;
    Ok(Flag {
        detail: read_detail(&reason, &detail)?,
        message: row.get("message")?,
        next_command: row.get("next_command")?,
        skus: serde_json::from_str(&skus).map_err(|_| Error::Unreadable { what: "skus" })?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Flagged;
    use crate::domain::order::tests_support::plain_order;
    use crate::store::tests_support::{filled_at, store};

    #[test]
    fn a_flag_of_every_detail_that_was_ever_written_is_read_back_as_it_was() {
        let (_folder, store) = store();
        let order = plain_order("1");
        store.take_in_detail(&order, filled_at()).expect("stored");
        let flags = Detail::ALL.iter().map(|detail| Flag::plain(*detail, &order.id));
        let flags: Vec<Flag> = flags.collect();
        for flag in &flags {
            store.raise_flag(&order.id, flag, filled_at()).expect("raised");
        }
        assert_eq!(store.flags(&order.id).expect("readable"), flags);
    }

    #[test]
    fn every_flag_is_listed_with_its_order_its_skus_and_the_deadline_and_a_dismissal_keeps_them() {
        let (_folder, store) = store();
        let mut order = plain_order("1");
        order.deadlines.ship_by = Some(filled_at());
        store.take_in_detail(&order, filled_at()).expect("stored");
        let flag = Flag::plain(Detail::StockTooLow, &order.id).about(["A".to_owned(), "B".to_owned()]);
        store.raise_flag(&order.id, &flag, filled_at()).expect("raised");
        let expected = Flagged {
            order: order.id.clone(),
            flag,
            raised_at: filled_at(),
            deadline: Some(filled_at()),
        };
        assert_eq!(store.flagged().expect("readable"), std::slice::from_ref(&expected));
        store
            .dismiss(&order.id, State::Detected, true, "by hand", filled_at())
            .expect("dismissed");
        assert!(store.flagged().expect("readable").is_empty());
        store
            .take_dismissal_back(&order.id, "by hand", filled_at())
            .expect("restored");
        assert_eq!(store.flagged().expect("readable"), [expected]);
    }

    #[test]
    fn a_word_that_this_version_does_not_have_is_not_taken_for_another_one() {
        for (reason, word) in [
            ("MCF_API_ERROR", "of_another_version"),
            ("MCF_API_ERROR", "line1_missing"),
        ] {
            assert!(
                matches!(read_detail(reason, word), Err(Error::Unreadable { what: "detail" })),
                "{reason} {word}"
            );
        }
    }
}
