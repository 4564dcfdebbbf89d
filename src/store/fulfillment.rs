//! Intents and what became of them. The intent is committed before the first byte of its create leaves.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::orders::{change_state, raise_flag, write_history};
use super::{Error, Result, Store, events, instant, optional_time, seconds, time};
use crate::domain::event::Event;
use crate::domain::flag::Flag;
use crate::domain::fulfillment::{Destination, Draft, FulfillmentOrderHead, FulfillmentStatus};
use crate::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId, LineItemId, TiktokOrderId};
use crate::domain::parcel::ItemUnits;
use crate::domain::state::{State, Step};
use crate::secret::Private;

/// How certain we are about what Amazon has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentOutcome {
    /// Committed; perhaps sent.
    Intended,
    /// Sent, and nobody knows what happened.
    Unknown,
    /// Amazon has it.
    Accepted,
    /// Amazon surely refused it.
    Refused,
    /// It surely was not carried out.
    NotSent,
    /// Amazon has this id with other contents.
    Conflict,
}

impl IntentOutcome {
    const ALL: [Self; 6] = [
        Self::Intended,
        Self::Unknown,
        Self::Accepted,
        Self::Refused,
        Self::NotSent,
        Self::Conflict,
    ];

    /// Returns the word kept in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Conflict => "conflict",
        }
    }
}

/// A fulfillment order that was meant for Amazon.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Our id at Amazon.
    pub id: FulfillmentOrderId,
    /// The TikTok order.
    pub order: TiktokOrderId,
    /// Counts the resubmissions after a confirmed cancel, from 1.
    pub generation: u32,
    /// How certain we are.
    pub outcome: IntentOutcome,
    /// The exact body; `None` once the buyer's data is erased.
    pub body: Private<Option<String>>,
    /// What was meant, for comparing.
    pub draft: Option<Draft>,
    /// The hash of the body.
    pub body_hash: String,
    /// When it was committed.
    pub intended_at: DateTime<Utc>,
    /// Sends so far.
    pub attempts: u32,
    /// Since when Amazon shows nothing under this id.
    pub missing_since: Option<DateTime<Utc>>,
    /// When Amazon accepted it.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Amazon's status, as far as it was read.
    pub amazon_status: Option<FulfillmentStatus>,
    /// When Amazon changed it last.
    pub status_updated_at: Option<DateTime<Utc>>,
    /// When it was last read in full.
    pub looked_at: Option<DateTime<Utc>>,
    /// When Amazon was asked to cancel it.
    pub cancel_asked_at: Option<DateTime<Utc>>,
}

impl Intent {
    /// Tells whether Amazon has, or may have, something under this id.
    #[must_use]
    pub fn may_be_at_amazon(&self) -> bool {
        match self.outcome {
            IntentOutcome::Intended | IntentOutcome::Unknown | IntentOutcome::Accepted | IntentOutcome::Conflict => {
                true
            }
            IntentOutcome::Refused | IntentOutcome::NotSent => false,
        }
    }

    /// Tells whether Amazon said that it will never ship anything of it, so that a next generation sends nothing twice.
    #[must_use]
    pub fn is_surely_dead(&self) -> bool {
        matches!(
            self.amazon_status,
            Some(FulfillmentStatus::Cancelled | FulfillmentStatus::Unfulfillable | FulfillmentStatus::Invalid)
        )
    }
}

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
        let body = self.seal(&claim.body)?;
        let draft = self.seal(&(claim.draft, claim.draft.destination.expose()))?;
        let order = &claim.draft.displayable_id;
        self.write(|transaction| {
            for item in &claim.draft.items {
                if !promise(transaction, &item.sku, item.quantity, now)? {
                    return Err(Error::OutOfStock { sku: item.sku.clone() });
                }
            }
            change_state(
                transaction,
                run,
                order,
                State::Ready,
                Step::Submit,
                claim.explanation,
                now,
            )?;
            write_intent(transaction, claim, &body, &draft, now)
        })
        .map(|()| None)
        .or_else(|error| match error {
            Error::OutOfStock { sku } => Ok(Some(sku)),
            other => Err(other),
        })
    }

    /// Notes that a send is about to begin.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begin_attempt(&self, id: &FulfillmentOrderId, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE fulfillment_orders SET attempts = attempts + 1, attempted_at = ?2, missing_since = NULL WHERE id = ?1",
                (id.as_str(), seconds(now)),
            )?;
            Ok(())
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
            set_outcome(transaction, intent, IntentOutcome::Accepted)?;
            transaction.execute(
                "UPDATE fulfillment_orders SET accepted_at = ?2, missing_since = NULL WHERE id = ?1",
                (intent.as_str(), seconds(now)),
            )?;
            change_state(transaction, run, order, State::Submitting, Step::Accept, how, now)?;
            transaction.execute("DELETE FROM flags WHERE order_id = ?1", [order.as_str()])?;
            let event = Event::OrderRouted {
                order: order.clone(),
                fulfillment_order: intent.clone(),
                at: now,
            };
            events::insert(transaction, &event, now)
        })
    }

    /// Notes that Amazon surely refused the order, or has something else under its id, and flags it.
    ///
    /// # Errors
    /// When the order is no longer being submitted.
    pub fn refused(&self, intent: &Intent, outcome: IntentOutcome, flag: &Flag, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            set_outcome(transaction, &intent.id, outcome)?;
            take_back_promise(transaction, &intent.id)?;
            change_state(
                transaction,
                run,
                &intent.order,
                State::Submitting,
                Step::Flag,
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
    /// When the order is no longer being submitted.
    pub fn not_sent(
        &self,
        intent: &FulfillmentOrderId,
        order: &TiktokOrderId,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            set_outcome(transaction, intent, IntentOutcome::NotSent)?;
            take_back_promise(transaction, intent)?;
            change_state(transaction, run, order, State::Submitting, Step::Retract, why, now)?;
            Ok(())
        })
    }

    /// Notes that nobody knows what happened, and since when Amazon shows nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unknown(
        &self,
        intent: &FulfillmentOrderId,
        order: &TiktokOrderId,
        missing_since: Option<DateTime<Utc>>,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            set_outcome(transaction, intent, IntentOutcome::Unknown)?;
            transaction.execute(
                "UPDATE fulfillment_orders SET missing_since = ?2, looked_at = ?3 WHERE id = ?1",
                (intent.as_str(), missing_since.map(seconds), seconds(now)),
            )?;
            write_history(transaction, run, order, now, "outcome", why)
        })
    }

    /// Returns the intents whose outcome is not certain, oldest first.
    ///
    /// # Errors
    /// When the database refuses or the data key is gone.
    pub fn unsettled(&self) -> Result<Vec<Intent>> {
        self.intents(
            "SELECT fulfillment_orders.* FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE state = 'submitting' AND outcome IN ('intended', 'unknown') AND ?1 ORDER BY intended_at",
            true,
        )
    }

    /// Returns the newest intent of an order.
    ///
    /// # Errors
    /// When the database refuses or the data key is gone.
    pub fn newest_intent(&self, order: &TiktokOrderId) -> Result<Option<Intent>> {
        let found = self.intents(
            "SELECT * FROM fulfillment_orders WHERE order_id = ?1 ORDER BY generation DESC LIMIT 1",
            order.as_str(),
        )?;
        Ok(found.into_iter().next())
    }

    /// Returns an intent by our id at Amazon.
    ///
    /// # Errors
    /// When the database refuses or the data key is gone.
    pub fn intent(&self, id: &FulfillmentOrderId) -> Result<Option<Intent>> {
        let found = self.intents("SELECT * FROM fulfillment_orders WHERE id = ?1", id.as_str())?;
        Ok(found.into_iter().next())
    }

    /// Returns the accepted orders that Amazon may still change and that were not read since `before`, the longest unread first.
    ///
    /// # Errors
    /// When the database refuses or the data key is gone.
    pub fn open_fulfillment_orders(&self, before: DateTime<Utc>) -> Result<Vec<Intent>> {
        self.intents(
            "SELECT fulfillment_orders.* FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE outcome = 'accepted' AND ended_at IS NULL AND state IN ('routed', 'shipped', 'cancelling')
               AND coalesce(looked_at, 0) <= ?1
             ORDER BY coalesce(looked_at, 0), coalesce(ship_by, 9e18), fulfillment_orders.id",
            seconds(before),
        )
    }

    fn intents(&self, query: &str, parameter: impl rusqlite::ToSql) -> Result<Vec<Intent>> {
        let rows: Vec<IntentRow> = self.read(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let rows = statement.query_map([parameter], read_intent)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        rows.into_iter().map(|row| self.open_intent(row)).collect()
    }

    fn open_intent(&self, row: IntentRow) -> Result<Intent> {
        let mut intent = row.intent;
        if let Some(sealed) = row.body {
            intent.body = Private::new(Some(self.unseal(&sealed, "body")?));
        }
        if let Some(sealed) = row.draft {
            let (mut draft, destination): (Draft, Option<Destination>) = self.unseal(&sealed, "draft")?;
            draft.destination = Private::new(destination);
            intent.draft = Some(draft);
        }
        Ok(intent)
    }

    /// Returns which units of the TikTok order each item of a fulfillment order stands for.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn item_units(&self, id: &FulfillmentOrderId) -> Result<Vec<ItemUnits>> {
        self.read(|connection| item_units(connection, id))
    }

    /// Notes what Amazon's list says about orders of ours, and returns those whose status changed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_heads(&self, heads: &[FulfillmentOrderHead]) -> Result<Vec<FulfillmentOrderId>> {
        self.write(|transaction| {
            let mut changed = Vec::new();
            for head in heads {
                let rows = transaction
                    .prepare_cached(
                        "UPDATE fulfillment_orders SET looked_at = NULL
                         WHERE id = ?1 AND outcome = 'accepted' AND ended_at IS NULL
                           AND (amazon_status IS NOT ?2 OR (?3 IS NOT NULL AND status_updated_at IS NOT ?3))",
                    )?
                    .execute((
                        head.id.as_str(),
                        head.status.as_str(),
                        head.status_updated_at.map(seconds),
                    ))?;
                if rows > 0 {
                    changed.push(head.id.clone());
                }
            }
            Ok(changed)
        })
    }

    /// Notes Amazon's status of an order that was read in full. `ended` is set when Amazon will not change it any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_status(
        &self,
        intent: &Intent,
        status: &FulfillmentStatus,
        status_updated_at: Option<DateTime<Utc>>,
        ended: bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE fulfillment_orders SET amazon_status = :status, status_updated_at = :updated, looked_at = :now,
                     ended_at = CASE WHEN :ended THEN coalesce(ended_at, :now) END
                 WHERE id = :id",
                named_params! {
                    ":status": status.as_str(), ":updated": status_updated_at.map(seconds),
                    ":now": seconds(now), ":ended": ended, ":id": intent.id.as_str(),
                },
            )?;
            if intent.amazon_status.as_ref() != Some(status) {
                let text = format!("Amazon's status of {} is {status}", intent.id);
                write_history(transaction, run, &intent.order, now, "amazon", &text)?;
            }
            Ok(())
        })
    }

    /// Notes that Amazon was asked to cancel.
    ///
    /// # Errors
    /// When the order is neither routed nor already being cancelled.
    pub fn cancel_asked(&self, intent: &Intent, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE fulfillment_orders SET cancel_asked_at = coalesce(cancel_asked_at, ?2) WHERE id = ?1",
                (intent.id.as_str(), seconds(now)),
            )?;
            let why = format!("Amazon was asked to cancel {}", intent.id);
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
}

/// Takes units off the ledger of a SKU that has one; `false` when it does not hold enough.
fn promise(transaction: &Transaction<'_>, sku: &AmazonSku, quantity: u32, now: DateTime<Utc>) -> Result<bool> {
    let remaining: Option<Option<i64>> = transaction
        .prepare_cached("SELECT remaining FROM stock_figures WHERE sku = ?1")?
        .query_row([sku.as_str()], |row| row.get(0))
        .optional()?;
    let Some(Some(remaining)) = remaining else {
        return Ok(false);
    };
    if remaining < i64::from(quantity) {
        return Ok(false);
    }
    transaction.execute(
        "UPDATE stock_figures SET remaining = remaining - ?2, promised_at = ?3 WHERE sku = ?1",
        (sku.as_str(), quantity, seconds(now)),
    )?;
    Ok(true)
}

fn take_back_promise(transaction: &Transaction<'_>, id: &FulfillmentOrderId) -> Result<()> {
    transaction.execute(
        "UPDATE stock_figures SET remaining = remaining +
             (SELECT sum(quantity) FROM fulfillment_items WHERE fulfillment_order_id = ?1 AND fulfillment_items.sku = stock_figures.sku)
         WHERE sku IN (SELECT sku FROM fulfillment_items WHERE fulfillment_order_id = ?1)",
        [id.as_str()],
    )?;
    Ok(())
}

/// An id that surely was not carried out (refused, not sent) may be written anew; any other stays as it is.
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
        "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_sealed, draft_sealed, body_hash, intended_at)
         VALUES (:id, :order, :generation, 'intended', :body, :draft, :hash, :now)
         ON CONFLICT (id) DO UPDATE SET outcome = 'intended', body_sealed = excluded.body_sealed,
             draft_sealed = excluded.draft_sealed, body_hash = excluded.body_hash, intended_at = excluded.intended_at,
             missing_since = NULL
         WHERE outcome IN ('refused', 'not_sent')",
        named_params! {
            ":id": id, ":order": order, ":generation": claim.generation, ":body": body, ":draft": draft,
            ":hash": claim.body_hash, ":now": seconds(now),
        },
    )?;
    if written != 1 {
        return Err(Error::Overtaken {
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

fn set_outcome(transaction: &Transaction<'_>, id: &FulfillmentOrderId, outcome: IntentOutcome) -> Result<()> {
    transaction.execute(
        "UPDATE fulfillment_orders SET outcome = ?2 WHERE id = ?1",
        (id.as_str(), outcome.as_str()),
    )?;
    Ok(())
}

pub(super) fn item_units(connection: &Connection, id: &FulfillmentOrderId) -> Result<Vec<ItemUnits>> {
    let mut statement = connection.prepare_cached(
        "SELECT items.id, items.per_line, lines.line_item_id
         FROM fulfillment_items AS items
         JOIN fulfillment_item_lines AS lines ON lines.fulfillment_order_id = items.fulfillment_order_id AND lines.item_id = items.id
         WHERE items.fulfillment_order_id = ?1 ORDER BY items.position, lines.position",
    )?;
    let rows = statement.query_map([id.as_str()], |row| {
        Ok((
            FulfillmentItemId::new(row.get::<_, String>(0)?),
            row.get::<_, u32>(1)?,
            LineItemId::new(row.get::<_, String>(2)?),
        ))
    })?;
    let mut units: Vec<ItemUnits> = Vec::new();
    for row in rows {
        let (item, per_line, line) = row?;
        match units.last_mut().filter(|last| last.item == item) {
            Some(last) => last.lines.push(line),
            None => units.push(ItemUnits {
                item,
                lines: vec![line],
                per_line,
            }),
        }
    }
    Ok(units)
}

struct IntentRow {
    intent: Intent,
    body: Option<Vec<u8>>,
    draft: Option<Vec<u8>>,
}

fn read_intent(row: &Row<'_>) -> rusqlite::Result<IntentRow> {
    let outcome: String = row.get("outcome")?;
    let intent = Intent {
        id: FulfillmentOrderId::new(row.get::<_, String>("id")?),
        order: TiktokOrderId::new(row.get::<_, String>("order_id")?),
        generation: row.get("generation")?,
        outcome: IntentOutcome::ALL
            .into_iter()
            .find(|known| known.as_str() == outcome)
            .unwrap_or(IntentOutcome::Unknown),
        body: Private::new(None),
        draft: None,
        body_hash: row.get("body_hash")?,
        intended_at: time(row, "intended_at")?,
        attempts: row.get("attempts")?,
        missing_since: optional_time(row, "missing_since")?,
        accepted_at: optional_time(row, "accepted_at")?,
        amazon_status: row
            .get::<_, Option<String>>("amazon_status")?
            .map(|word| FulfillmentStatus::read(&word)),
        status_updated_at: optional_time(row, "status_updated_at")?,
        looked_at: row.get::<_, Option<i64>>("looked_at")?.map(instant),
        cancel_asked_at: optional_time(row, "cancel_asked_at")?,
    };
    Ok(IntentRow {
        intent,
        body: row.get("body_sealed")?,
        draft: row.get("draft_sealed")?,
    })
}
