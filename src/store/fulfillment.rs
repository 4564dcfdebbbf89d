//! What becomes of an intent. It is committed before the first byte of its create leaves; every answer changes it and its order
//! in one transaction.

use chrono::{DateTime, Utc};

use super::decisions::{raise_flag, read_flags};
use super::engine::{OptionalExtension, Transaction, named_params};
use super::intents::forget_sent;
use super::steps::{change_state, write_history};
use super::stock::{promise, take_back_promise};
use super::vault::Place;
use super::{Error, Intent, Result, Store, outbox, seconds};
use crate::crash;
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::{Draft, FulfillmentStatus};
use crate::domain::ids::{AmazonSku, FulfillmentOrderId, TiktokOrderId};
use crate::domain::parcel::ItemUnits;
use crate::domain::state::{State, Step};
use crate::domain::submission::{Moment, Outcome};

/// Something to be sent, with the units of the TikTok order that its items stand for.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// What is meant.
    pub draft: &'a Draft,
    /// Counts the resubmissions, from 1.
    pub generation: u32,
    /// The exact body.
    pub body: &'a str,
    /// The hash of the body.
    pub body_hash: &'a str,
    /// Which units each item stands for.
    pub units: &'a [ItemUnits],
    /// For the history.
    pub explanation: &'a str,
    /// Where the order stands whose rest this is, which Amazon left out; `None` for an order that is ready.
    pub rest_of: Option<State>,
}

impl Claim<'_> {
    /// The state that it is claimed from, and the step.
    fn step(&self) -> (State, Step) {
        self.rest_of
            .map_or((State::Ready, Step::Submit), |state| (state, Step::SubmitRest))
    }
}

impl Store {
    /// Claims a ready order and commits its intent, durably. Stock promised here is taken off the ledger in the same transaction.
    ///
    /// Returns the first SKU whose ledger no longer holds enough; then nothing was written.
    ///
    /// # Errors
    /// When another run claimed the order first.
    pub fn claim(&self, claim: &Claim<'_>, now: DateTime<Utc>) -> Result<Option<AmazonSku>> {
        let run = self.run_id();
        let place = |column| Place::new("fulfillment_orders", column, claim.draft.id.as_str());
        let body = self.seal(&claim.body, place("body_sealed"))?;
        let draft = (claim.draft, claim.draft.destination.expose());
        let draft = self.seal(&draft, place("draft_sealed"))?;
        let order = &claim.draft.displayable_id;
        self.write(|transaction| {
            for item in &claim.draft.items {
                if !promise(transaction, &item.sku, item.quantity)? {
                    return Err(Error::OutOfStock { sku: item.sku.clone() });
                }
            }
            let (from, step) = claim.step();
            change_state(transaction, run, order, from, step, claim.explanation, now)?;
            write_intent(transaction, claim, &body, &draft, now)?;
            crash::point("claim.before_commit");
            Ok(())
        })
        .map(|()| None)
        .or_else(|error| match error {
            Error::OutOfStock { sku } => Ok(Some(sku)),
            other => Err(other),
        })
    }

    /// Notes that a send is about to begin, and returns the intent as it is then. Of two processes that want to send the same
    /// intent one gets it: the sends so far, the body and the first look that found nothing are part of the condition. The outcomes
    /// in it are those of `submission::Outcome::is_open`.
    ///
    /// # Errors
    /// When another run began a send of this intent since it was read, or settled it.
    pub fn begin_attempt(&self, intent: &Intent, now: DateTime<Utc>) -> Result<Intent> {
        self.write(|transaction| {
            let begun = transaction.execute(
                "UPDATE fulfillment_orders SET attempts = attempts + 1, attempted_at = ?3, missing_since = NULL
                 WHERE id = ?1 AND attempts = ?2 AND body_hash = ?4 AND outcome IN ('intended', 'unknown')
                   AND missing_since IS NOT DISTINCT FROM ?5",
                (
                    intent.id.as_str(),
                    intent.attempts,
                    seconds(now),
                    &intent.body_hash,
                    intent.missing_since.as_ref().map(|since| seconds(since.local)),
                ),
            )?;
            one_or_conflict(begun, intent)
        })?;
        Ok(Intent {
            attempts: intent.attempts + 1,
            attempted_at: Some(now),
            missing_since: None,
            ..intent.clone()
        })
    }

    /// Notes that Amazon has the order.
    ///
    /// # Errors
    /// When the order is no longer being submitted.
    pub fn accepted(
        &self,
        intent: &FulfillmentOrderId,
        order: &TiktokOrderId,
        how: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            set_outcome(transaction, intent, Outcome::Accepted)?;
            transaction.execute(
                "UPDATE fulfillment_orders SET accepted_at = ?2, missing_since = NULL WHERE id = ?1",
                (intent.as_str(), seconds(now)),
            )?;
            transaction.execute("DELETE FROM previews WHERE order_id = ?1", [order.as_str()])?;
            let is_rest = is_rest(transaction, intent)?;
            let step = step_of(is_rest, Step::Accept);
            change_state(transaction, run, order, State::Submitting, step, how, now)?;
            forget_flags(transaction, order, is_rest)?;
            let event = Event::OrderRouted {
                order: order.clone(),
                fulfillment_order: intent.clone(),
                at: now,
            };
            outbox::insert(transaction, &event, now)
        })
    }

    /// Notes that Amazon surely refused the order, or has something else under its id, and flags it.
    ///
    /// # Errors
    /// When the order is no longer being submitted, or another run sent it meanwhile.
    pub fn refused(&self, intent: &Intent, outcome: Outcome, flag: &Flag, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            end_attempt(transaction, intent, outcome)?;
            take_back_promise(transaction, &intent.id)?;
            let step = step_of(intent.is_rest, Step::Flag);
            change_state(
                transaction,
                run,
                &intent.order,
                State::Submitting,
                step,
                &flag.message,
                now,
            )?;
            raise_flag(transaction, run, &intent.order, flag, now)?;
            Ok(())
        })
    }

    /// Notes that the create surely was not carried out; the order is ready again.
    ///
    /// # Errors
    /// When the order is no longer being submitted, or another run looked for it or sent it meanwhile.
    pub fn not_sent(&self, intent: &Intent, why: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            end_attempt(transaction, intent, Outcome::NotSent)?;
            take_back_promise(transaction, &intent.id)?;
            let step = step_of(intent.is_rest, Step::Retract);
            change_state(transaction, run, &intent.order, State::Submitting, step, why, now)?;
            Ok(())
        })
    }

    /// Notes that nobody knows what happened, and since when Amazon shows nothing. A look that was made before another run's
    /// send says nothing about that send: then nothing is noted.
    pub fn unknown(
        &self,
        intent: &Intent,
        missing_since: Option<&Moment>,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        let uptime = missing_since.and_then(|since| since.uptime.as_ref());
        self.write(|transaction| {
            let noted = transaction.execute(
                "UPDATE fulfillment_orders SET outcome = 'unknown', looked_at = ?3, missing_since = ?2, missing_vendor_at = ?5,
                     missing_boot = ?6, missing_uptime_ms = ?7
                 WHERE id = ?1 AND attempts = ?4 AND outcome IN ('intended', 'unknown')",
                (
                    intent.id.as_str(),
                    missing_since.map(|since| seconds(since.local)),
                    seconds(now),
                    intent.attempts,
                    vendor_seconds(missing_since),
                    uptime.map(|uptime| &uptime.boot),
                    uptime.map(|uptime| uptime.milliseconds),
                ),
            )?;
            if noted == 0 {
                return Ok(());
            }
            write_history(transaction, run, &intent.order, now, "outcome", why)
        })
    }

    /// Notes Amazon's status of an order that was read in full.
    pub fn note_status(
        &self,
        intent: &Intent,
        status: &FulfillmentStatus,
        status_updated_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE fulfillment_orders SET amazon_status = ?2, status_updated_at = ?3, looked_at = ?4 WHERE id = ?1",
                (
                    intent.id.as_str(),
                    status.as_str(),
                    status_updated_at.map(seconds),
                    seconds(now),
                ),
            )?;
            if intent.amazon_status.as_ref() != Some(status) {
                let text = format!("Amazon's status of {} is {status}", intent.id);
                write_history(transaction, run, &intent.order, now, "amazon", &text)?;
            }
            Ok(())
        })
    }

    /// Notes whether Amazon will not change an order any more. Only after what its end means has been acted on.
    pub fn note_end(&self, intent: &FulfillmentOrderId, ended: bool, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            let order: Option<String> = transaction
                .prepare_cached(
                    "UPDATE fulfillment_orders SET ended_at = CASE WHEN ?2 = 1 THEN coalesce(ended_at, ?3) END
                     WHERE id = ?1 AND (ended_at IS NOT NULL) <> (?2 = 1) RETURNING order_id",
                )?
                .query_row((intent.as_str(), ended, seconds(now)), |row| row.get(0))
                .optional()?;
            order.map_or(Ok(()), |order| forget_sent(transaction, &order))
        })
    }

    /// Notes that an accepted order turned out to have other contents at Amazon than we sent, and flags it.
    ///
    /// # Errors
    /// When another run moved the order meanwhile.
    pub fn contradicted(&self, intent: &Intent, from: State, flag: &Flag, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            set_outcome(transaction, &intent.id, Outcome::Conflict)?;
            change_state(transaction, run, &intent.order, from, Step::Flag, &flag.message, now)?;
            raise_flag(transaction, run, &intent.order, flag, now)?;
            Ok(())
        })
    }

    /// Notes that Amazon is to be asked to cancel. It is committed before the request leaves.
    ///
    /// # Errors
    /// When another run moved the order meanwhile.
    pub fn cancel_wanted(&self, intent: &Intent, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            let why = format!("Amazon is asked to cancel {}", intent.id);
            change_state(
                transaction,
                run,
                &intent.order,
                State::Routed,
                Step::AskCancel,
                &why,
                now,
            )?;
            Ok(())
        })
    }

    /// Notes that Amazon answered the wish to cancel, so that it is not asked again.
    pub fn cancel_answered(&self, intent: &FulfillmentOrderId, now: DateTime<Utc>) -> Result<()> {
        self.execute(
            "UPDATE fulfillment_orders SET cancel_asked_at = coalesce(cancel_asked_at, ?2) WHERE id = ?1",
            (intent.as_str(), seconds(now)),
        )
    }
}

pub(super) fn vendor_seconds(since: Option<&Moment>) -> Option<i64> {
    since.and_then(|since| since.vendor).map(seconds)
}

/// An id that surely was not carried out may be written anew; any other stays as it is. The outcomes in the condition are those that
/// `submission::Outcome::may_be_at_amazon` rules out: behind each door that writes a decided body under the same id lies one of them.
fn write_intent(
    transaction: &Transaction<'_>,
    claim: &Claim<'_>,
    body: &[u8],
    draft: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    let id = claim.draft.id.as_str();
    let order = claim.draft.displayable_id.as_str();
    let written = transaction.execute(
        "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_sealed, draft_sealed, body_hash, intended_at, is_rest)
         VALUES (:id, :order, :generation, 'intended', :body, :draft, :hash, :now, :is_rest)
         ON CONFLICT (id) DO UPDATE SET outcome = 'intended', body_sealed = excluded.body_sealed,
             draft_sealed = excluded.draft_sealed, body_hash = excluded.body_hash, intended_at = excluded.intended_at,
             missing_since = NULL, words_sealed = NULL, is_rest = excluded.is_rest
         WHERE fulfillment_orders.outcome IN ('refused', 'not_sent')",
        named_params! {
            ":id": id, ":order": order, ":generation": claim.generation, ":body": body, ":draft": draft,
            ":hash": claim.body_hash, ":now": seconds(now), ":is_rest": claim.rest_of.is_some(),
        },
    )?;
    if written != 1 {
        return Err(Error::WriteConflict {
            order: order.to_owned(),
            expected: State::Ready,
        });
    }
    transaction.execute("DELETE FROM fulfillment_items WHERE fulfillment_order_id = ?1", [id])?;
    for (position, item) in claim.draft.items.iter().enumerate() {
        let units = claim.units.iter().find(|units| units.item == item.id);
        transaction.execute(
            "INSERT INTO fulfillment_items (fulfillment_order_id, id, position, sku, quantity, per_line) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (
                id,
                item.id.as_str(),
                i64::try_from(position).unwrap_or(i64::MAX),
                item.sku.as_str(),
                item.quantity,
                units.map_or(1, |units| units.per_line),
            ),
        )?;
        for (position, line) in units.iter().flat_map(|units| &units.lines).enumerate() {
            transaction.execute(
                "INSERT INTO fulfillment_item_lines (fulfillment_order_id, item_id, position, line_item_id) VALUES (?1, ?2, ?3, ?4)",
                (id, item.id.as_str(), i64::try_from(position).unwrap_or(i64::MAX), line.as_str()),
            )?;
        }
    }
    Ok(())
}

/// Notes the certain end of an attempt. After another run's send it says nothing about the order any more: then nothing is noted. The
/// outcomes in the condition are those of `submission::Outcome::is_open`.
fn end_attempt(transaction: &Transaction<'_>, intent: &Intent, outcome: Outcome) -> Result<()> {
    let ended = transaction.execute(
        "UPDATE fulfillment_orders SET outcome = ?3
         WHERE id = ?1 AND attempts = ?2 AND outcome IN ('intended', 'unknown')",
        (intent.id.as_str(), intent.attempts, outcome.as_str()),
    )?;
    one_or_conflict(ended, intent)
}

fn one_or_conflict(changed: usize, intent: &Intent) -> Result<()> {
    if changed == 1 {
        return Ok(());
    }
    Err(Error::WriteConflict {
        order: intent.order.to_string(),
        expected: State::Submitting,
    })
}

/// What kept the order from Amazon is over. What a person is to look at of the parcels before a rest stays theirs.
fn forget_flags(transaction: &Transaction<'_>, order: &TiktokOrderId, is_rest: bool) -> Result<()> {
    if !is_rest {
        transaction.execute("DELETE FROM flags WHERE order_id = ?1", [order.as_str()])?;
        return Ok(());
    }
    let is_of_parcels = |flag: &Flag| match flag.reason() {
        Reason::TrackingRejected | Reason::CancellationConflict => true,
        _ => flag.detail.is_of_a_parcel(),
    };
    for flag in read_flags(transaction, order)?
        .iter()
        .filter(|flag| !is_of_parcels(flag))
    {
        transaction.execute(
            "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3",
            (order.as_str(), flag.reason().as_str(), flag.detail.as_str()),
        )?;
    }
    Ok(())
}

/// An order of which a part left is never decided anew, whatever becomes of the create of its rest.
fn step_of(is_rest: bool, step: Step) -> Step {
    if is_rest { Step::SettleRest } else { step }
}

fn is_rest(transaction: &Transaction<'_>, id: &FulfillmentOrderId) -> Result<bool> {
    Ok(transaction.query_row(
        "SELECT is_rest FROM fulfillment_orders WHERE id = ?1",
        [id.as_str()],
        |row| row.get(0),
    )?)
}

fn set_outcome(transaction: &Transaction<'_>, id: &FulfillmentOrderId, outcome: Outcome) -> Result<()> {
    transaction.execute(
        "UPDATE fulfillment_orders SET outcome = ?2 WHERE id = ?1",
        (id.as_str(), outcome.as_str()),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
