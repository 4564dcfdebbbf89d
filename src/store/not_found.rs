//! Orders that Amazon accepted: which of them nobody has read yet, and what is kept of those that Amazon does not show.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::due::DUE;
use super::engine::OptionalExtension;
use super::fulfillment::vendor_seconds;
use super::steps::{change_state, write_history};
use super::{Error, Intent, Result, Store, seconds};
use crate::domain::deadline::MISSING_READ_EVERY;
use crate::domain::fulfillment::FulfillmentOrderHead;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::state::{State, Step};
use crate::domain::submission::Moment;

/// So many a run, so that a rush of orders does not keep a run from sending the next ones.
const FIRST_LOOKS_MAX: u32 = 50;

impl Store {
    /// Returns the accepted orders that were never read since, and those of which Amazon shows nothing: until their second look, a
    /// grace time later, in every run, then every two hours. The nearest deadline first. What Amazon lists as changed is left to its own reader.
    pub fn first_looks(&self, grace: Duration, now: DateTime<Utc>) -> Result<Vec<Intent>> {
        self.intents(
            &format!(
                "SELECT fulfillment_orders.* FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE (life = 'routed' OR (life = 'shipped' AND is_rest = 1)) AND outcome = 'accepted' AND ended_at IS NULL
               AND (looked_at IS NULL OR (looked_at > 0 AND (looked_at <= accepted_at OR looked_at < missing_since + ?1
                    OR (missing_since IS NOT NULL AND looked_at <= ?2))))
             ORDER BY coalesce(tried_at, 0), {DUE}, fulfillment_orders.id LIMIT ?3"
            ),
            (
                i64::try_from(grace.as_secs()).unwrap_or(i64::MAX),
                seconds(now - MISSING_READ_EVERY),
                FIRST_LOOKS_MAX,
            ),
        )
    }

    /// Tells whether Amazon has, or may have, an order that has not ended.
    pub fn has_open_at_amazon(&self) -> Result<bool> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM fulfillment_orders JOIN orders ON orders.id = order_id
             WHERE ended_at IS NULL AND outcome IN ('intended', 'unknown', 'accepted')
               AND life IN ('submitting', 'routed', 'shipped', 'cancelling'))",
            [],
        )
    }

    /// Notes that Amazon shows nothing of an order that it accepted, and returns since when. `None` when it is no longer accepted.
    pub fn note_missing(&self, intent: &Intent, seen: &Moment) -> Result<Option<Moment>> {
        let (run, now) = (self.run_id(), seen.local);
        let since = intent.missing_since.as_ref().unwrap_or(seen);
        self.write(|transaction| {
            // An order that the list calls changed stays marked as such.
            let noted = transaction.execute(
                "UPDATE fulfillment_orders SET missing_since = ?3, missing_vendor_at = ?4, missing_boot = ?5, missing_uptime_ms = ?6,
                     looked_at = CASE WHEN looked_at = 0 THEN 0 ELSE ?2 END
                 WHERE id = ?1 AND outcome = 'accepted'",
                (
                    intent.id.as_str(),
                    seconds(now),
                    seconds(since.local),
                    vendor_seconds(Some(since)),
                    since.uptime.as_ref().map(|uptime| &uptime.boot),
                    since.uptime.as_ref().map(|uptime| uptime.milliseconds),
                ),
            )?;
            if noted == 0 {
                return Ok(None);
            }
            if intent.missing_since.is_none() {
                let text = format!("Amazon accepted {} and shows nothing of it yet", intent.id);
                write_history(transaction, run, &intent.order, now, "amazon", &text)?;
            }
            Ok(Some(since.clone()))
        })
    }

    /// Notes that Amazon shows an accepted order again.
    pub fn note_shown(&self, intent: &FulfillmentOrderId) -> Result<()> {
        self.execute(
            "UPDATE fulfillment_orders SET missing_since = NULL WHERE id = ?1 AND outcome = 'accepted'",
            [intent.as_str()],
        )
    }

    /// Returns which orders of a page of Amazon's list were given up, because Amazon showed nothing of them, and were closed since:
    /// Amazon was so late with them that it may ship what nobody wants.
    pub fn given_up_among(&self, heads: &[FulfillmentOrderHead]) -> Result<Vec<(TiktokOrderId, FulfillmentOrderId)>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT order_id FROM fulfillment_orders JOIN orders ON orders.id = order_id
                 WHERE fulfillment_orders.id = ?1 AND outcome = 'not_sent'
                   AND (state IN ('cancelled', 'dismissed', 'not_eligible') OR (is_rest = 1 AND life IN ('shipped', 'completed')))",
            )?;
            let mut found = Vec::new();
            for head in heads.iter().filter(|head| !head.status.is_dead()) {
                let order: Option<String> = statement.query_row([head.id.as_str()], |row| row.get(0)).optional()?;
                found.extend(order.map(|order| (TiktokOrderId::new(order), head.id.clone())));
            }
            Ok(found)
        })
    }

    /// Notes that an accepted order is not at Amazon, by a person's word; the order is ready again, unless that was what Amazon left out
    /// of it: the part that left keeps it under way. The condition mirrors `submission::Door::NeverShown`: a look that shows the order
    /// shuts that door.
    ///
    /// # Errors
    /// When another run moved the order meanwhile, or Amazon showed it.
    pub fn retract_missing(&self, intent: &Intent, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            let retracted = transaction.execute(
                "UPDATE fulfillment_orders SET outcome = 'not_sent'
                 WHERE id = ?1 AND outcome = 'accepted' AND missing_since IS NOT NULL",
                [intent.id.as_str()],
            )?;
            if retracted != 1 {
                return Err(Error::WriteConflict {
                    order: intent.order.to_string(),
                    expected: if intent.is_rest { State::Shipped } else { State::Routed },
                });
            }
            let why = "Amazon accepted it and never showed it; routed once more by hand";
            if intent.is_rest {
                let text = format!("{}: {why}", intent.id);
                return write_history(transaction, run, &intent.order, now, "amazon", &text);
            }
            change_state(transaction, run, &intent.order, State::Routed, Step::Retract, why, now)?;
            Ok(())
        })
    }
}
