//! Intents: the fulfillment orders that were ever meant for Amazon, with their exact bodies, and how certain we are about each.

use chrono::{DateTime, Utc};

use super::due::DUE;
use super::engine::{Connection, OptionalExtension, Row, Transaction};
use super::vault::Place;
use super::{Result, Store, instant, optional_time, seconds, time};
use crate::domain::fulfillment::{Destination, Draft, FulfillmentStatus};
use crate::domain::ids::{FulfillmentItemId, FulfillmentOrderId, LineItemId, TiktokOrderId};
use crate::domain::parcel::ItemUnits;
use crate::domain::submission::{Moment, Outcome, Uptime};
use crate::secret::Private;

const TABLE: &str = "fulfillment_orders";

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
    pub outcome: Outcome,
    /// The exact body; `None` once all of it is shipped and told, or the buyer's data is erased.
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
    pub missing_since: Option<Moment>,
    /// When the last send began.
    pub attempted_at: Option<DateTime<Utc>>,
    /// When Amazon accepted it.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Amazon's status, as far as it was read.
    pub amazon_status: Option<FulfillmentStatus>,
    /// When Amazon changed it last.
    pub status_updated_at: Option<DateTime<Utc>>,
    /// When it was last read in full.
    pub looked_at: Option<DateTime<Utc>>,
    /// When Amazon answered that it was asked to cancel it.
    pub cancel_asked_at: Option<DateTime<Utc>>,
    /// Whether it is what Amazon left out of the one before it.
    pub is_rest: bool,
}

impl Intent {
    /// Tells whether Amazon has, or may have, something under this id.
    #[must_use]
    pub fn may_be_at_amazon(&self) -> bool {
        self.outcome.may_be_at_amazon()
    }

    /// Tells whether Amazon has, or may have, it and has not ended it.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        let has_ended =
            |status: &FulfillmentStatus| status.leaves_units_out() || *status == FulfillmentStatus::Complete;
        self.may_be_at_amazon() && !self.amazon_status.as_ref().is_some_and(has_ended)
    }

    /// Tells whether Amazon said that it will never ship anything of it, so that a next generation sends nothing twice.
    #[must_use]
    pub fn is_surely_dead(&self) -> bool {
        self.amazon_status.as_ref().is_some_and(FulfillmentStatus::is_dead)
    }
}

impl Store {
    /// Returns the intents whose outcome is not certain (`submission::Outcome::is_open`), the nearest deadline first.
    pub fn unsettled(&self) -> Result<Vec<Intent>> {
        self.intents(
            &format!(
                "SELECT fulfillment_orders.* FROM fulfillment_orders JOIN orders ON orders.id = order_id
                 WHERE life = 'submitting' AND outcome IN ('intended', 'unknown') ORDER BY {DUE}, orders.id"
            ),
            [],
        )
    }

    /// Returns the newest intents of the orders that wait for Amazon's word on a cancellation.
    pub fn cancelling(&self) -> Result<Vec<Intent>> {
        self.intents(
            "SELECT fulfillment_orders.* FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE life = 'cancelling' AND outcome = 'accepted' AND ended_at IS NULL ORDER BY state_since",
            [],
        )
    }

    /// Returns accepted orders that Amazon has not begun with and that were not read since `before`, the longest unread first.
    pub fn not_begun(&self, before: DateTime<Utc>) -> Result<Vec<Intent>> {
        self.intents(
            "SELECT fulfillment_orders.* FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE (life = 'routed' OR (life = 'shipped' AND is_rest = 1)) AND outcome = 'accepted' AND ended_at IS NULL AND accepted_at <= ?1
               AND (amazon_status IS NULL OR amazon_status IN ('New', 'Received', 'Planning'))
               AND coalesce(looked_at, 0) <= ?1
             ORDER BY coalesce(looked_at, 0), fulfillment_orders.id LIMIT 50",
            [seconds(before)],
        )
    }

    /// Returns the newest intent of an order.
    pub fn newest_intent(&self, order: &TiktokOrderId) -> Result<Option<Intent>> {
        let found = self.intents(
            "SELECT * FROM fulfillment_orders WHERE order_id = ?1 ORDER BY generation DESC LIMIT 1",
            [order.as_str()],
        )?;
        Ok(found.into_iter().next())
    }

    /// Returns the intents of an order that Amazon has, the oldest first.
    pub fn intents_at_amazon(&self, order: &TiktokOrderId) -> Result<Vec<Intent>> {
        self.intents(
            "SELECT * FROM fulfillment_orders WHERE order_id = ?1 AND outcome = 'accepted' ORDER BY generation",
            [order.as_str()],
        )
    }

    /// Returns the newest intent of an order that says where it stands: a rest that surely was not carried out says nothing of it.
    pub fn newest_that_counts(&self, order: &TiktokOrderId) -> Result<Option<Intent>> {
        let newest = self.newest_intent(order)?;
        match newest {
            Some(rest) if rest.is_rest && !rest.may_be_at_amazon() => Ok(self.intents_at_amazon(order)?.pop()),
            newest => Ok(newest),
        }
    }

    /// Tells whether a later generation of an order is or may be at Amazon, so that this one's end says nothing about the order. The
    /// outcomes are those that `submission::Outcome::may_be_at_amazon` does not rule out.
    pub fn is_followed_up(&self, intent: &Intent) -> Result<bool> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM fulfillment_orders WHERE order_id = ?1 AND generation > ?2
             AND outcome NOT IN ('refused', 'not_sent'))",
            (intent.order.as_str(), intent.generation),
        )
    }

    /// Returns an intent by our id at Amazon.
    pub fn intent(&self, id: &FulfillmentOrderId) -> Result<Option<Intent>> {
        let found = self.intents("SELECT * FROM fulfillment_orders WHERE id = ?1", [id.as_str()])?;
        Ok(found.into_iter().next())
    }

    pub(super) fn intents(&self, query: &str, parameters: impl super::engine::Params) -> Result<Vec<Intent>> {
        let rows: Vec<IntentRow> = self.rows(query, parameters, read_intent)?;
        rows.into_iter().map(|row| self.open_intent(row)).collect()
    }

    fn open_intent(&self, row: IntentRow) -> Result<Intent> {
        let mut intent = row.intent;
        if let Some(sealed) = row.body {
            let place = Place::new(TABLE, "body_sealed", intent.id.as_str());
            intent.body = Private::new(Some(self.unseal(&sealed, place, "body")?));
        }
        if let Some(sealed) = row.draft {
            let place = Place::new(TABLE, "draft_sealed", intent.id.as_str());
            let (mut draft, destination): (Draft, Option<Destination>) = self.unseal(&sealed, place, "draft")?;
            draft.destination = Private::new(destination);
            intent.draft = Some(draft);
        }
        Ok(intent)
    }

    /// Keeps what Amazon said about an order that it refused, sealed, because it may quote the address.
    pub fn keep_words(&self, intent: &FulfillmentOrderId, words: &str) -> Result<()> {
        let sealed = self.seal(&words, Place::new(TABLE, "words_sealed", intent.as_str()))?;
        self.execute(
            "UPDATE fulfillment_orders SET words_sealed = ?2 WHERE id = ?1",
            (intent.as_str(), &sealed),
        )
    }

    /// Returns what Amazon said about an order that it refused last.
    pub fn amazon_words(&self, order: &TiktokOrderId) -> Result<Option<String>> {
        let newest: Option<(String, Option<Vec<u8>>)> = self.read(|connection| {
            let query = "SELECT id, CASE WHEN outcome = 'refused' THEN words_sealed END FROM fulfillment_orders
                         WHERE order_id = ?1 ORDER BY generation DESC LIMIT 1";
            Ok(connection
                .query_row(query, [order.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?)
        })?;
        let Some((id, Some(sealed))) = newest else {
            return Ok(None);
        };
        self.unseal(&sealed, Place::new(TABLE, "words_sealed", &id), "words")
            .map(Some)
    }

    /// Keeps what TikTok said about an order, sealed, because it may repeat the address; `None` forgets it.
    pub fn keep_tiktok_words(&self, order: &TiktokOrderId, words: Option<&Private<String>>) -> Result<()> {
        let sealed = words
            .map(|words| self.seal(words.expose(), words_of(order.as_str())))
            .transpose()?;
        self.write(|transaction| write_tiktok_words(transaction, order.as_str(), sealed.as_deref()))
    }

    /// Returns what TikTok said about an order when it last refused or doubted something.
    pub fn tiktok_words(&self, order: &TiktokOrderId) -> Result<Option<String>> {
        let sealed: Option<Option<Vec<u8>>> = self.read(|connection| {
            let query = "SELECT tiktok_words_sealed FROM orders WHERE id = ?1";
            Ok(connection
                .query_row(query, [order.as_str()], |row| row.get(0))
                .optional()?)
        })?;
        let open = |sealed: Vec<u8>| self.unseal(&sealed, words_of(order.as_str()), "words");
        sealed.flatten().map(open).transpose()
    }

    /// Returns which units of the TikTok order each item of a fulfillment order stands for.
    pub fn item_units(&self, id: &FulfillmentOrderId) -> Result<Vec<ItemUnits>> {
        self.read(|connection| item_units(connection, id))
    }
}

/// Where what TikTok said about an order lies.
pub(super) fn words_of(order: &str) -> Place<'_> {
    Place::new("orders", "tiktok_words_sealed", order)
}

pub(super) fn write_tiktok_words(transaction: &Transaction<'_>, order: &str, sealed: Option<&[u8]>) -> Result<()> {
    transaction.execute(
        "UPDATE orders SET tiktok_words_sealed = ?2 WHERE id = ?1 AND tiktok_words_sealed IS DISTINCT FROM ?2",
        (order, sealed),
    )?;
    Ok(())
}

/// What was sent is neither sent nor compared again, and has no rest, once all of it is shipped and told.
pub(super) fn forget_sent(transaction: &Transaction<'_>, order: &str) -> Result<()> {
    transaction
        .prepare_cached(
            "UPDATE fulfillment_orders SET body_sealed = NULL, draft_sealed = NULL
             WHERE order_id = ?1 AND amazon_status = 'Complete' AND ended_at IS NOT NULL
               AND (body_sealed IS NOT NULL OR draft_sealed IS NOT NULL)
               AND EXISTS (SELECT 1 FROM orders WHERE id = ?1 AND life = 'completed')",
        )?
        .execute([order])?;
    transaction
        .prepare_cached(
            "UPDATE orders SET validated = NULL WHERE id = ?1 AND life = 'completed' AND validated IS NOT NULL",
        )?
        .execute([order])?;
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

fn read_moment(row: &Row<'_>) -> rusqlite::Result<Option<Moment>> {
    let (boot, milliseconds): (Option<String>, Option<i64>) = (row.get("missing_boot")?, row.get("missing_uptime_ms")?);
    let uptime = boot.zip(milliseconds);
    let (vendor, since) = (
        optional_time(row, "missing_vendor_at")?,
        optional_time(row, "missing_since")?,
    );
    Ok(since.map(|local| Moment {
        local,
        vendor,
        uptime: uptime.map(|(boot, milliseconds)| Uptime { boot, milliseconds }),
    }))
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
        outcome: Outcome::read(&outcome),
        body: Private::new(None),
        draft: None,
        body_hash: row.get("body_hash")?,
        intended_at: time(row, "intended_at")?,
        attempts: row.get("attempts")?,
        missing_since: read_moment(row)?,
        attempted_at: optional_time(row, "attempted_at")?,
        accepted_at: optional_time(row, "accepted_at")?,
        amazon_status: row
            .get::<_, Option<String>>("amazon_status")?
            .map(|word| FulfillmentStatus::read(&word)),
        status_updated_at: optional_time(row, "status_updated_at")?,
        looked_at: row.get::<_, Option<i64>>("looked_at")?.map(instant),
        cancel_asked_at: optional_time(row, "cancel_asked_at")?,
        is_rest: row.get("is_rest")?,
    };
    Ok(IntentRow {
        intent,
        body: row.get("body_sealed")?,
        draft: row.get("draft_sealed")?,
    })
}
