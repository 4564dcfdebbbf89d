//! Shipments and parcels, the units that each parcel stands for, and what TikTok said to its number.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::decisions::{change_state, raise_flag, write_history};
use super::intents::item_units;
use super::{Intent, Result, Store, events, optional_time, seconds};
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::FulfillmentOrder;
use crate::domain::ids::{
    DeliveryOptionId, FulfillmentItemId, FulfillmentOrderId, LineItemId, PackageId, TiktokOrderId,
};
use crate::domain::parcel::{FoundParcel, choose_units, parcels};
use crate::domain::shop::{MarkedShipped, ShippingProvider};
use crate::domain::state::{State, Step};

/// How far a parcel's number has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParcelState {
    /// No number yet, or its contents are not known yet.
    Waiting,
    /// It has a number that TikTok does not have.
    Ready,
    /// Its number is being told; what TikTok has is not certain.
    Pushing,
    /// TikTok has its number.
    Synced,
    /// TikTok refused its number.
    Refused,
    /// It holds only further pieces of units that another parcel stands for; TikTok takes one number a unit.
    FurtherPiece,
}

impl ParcelState {
    const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Ready,
        Self::Pushing,
        Self::Synced,
        Self::Refused,
        Self::FurtherPiece,
    ];

    /// Returns the word kept in the store and shown in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Pushing => "pushing",
            Self::Synced => "synced",
            Self::Refused => "refused",
            Self::FurtherPiece => "further_piece",
        }
    }
}

/// A parcel with what TikTok knows about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredParcel {
    /// Its row.
    pub id: i64,
    /// The TikTok order.
    pub order: TiktokOrderId,
    /// The fulfillment order.
    pub fulfillment_order: FulfillmentOrderId,
    /// The carrier as Amazon writes it.
    pub carrier_code: String,
    /// The newest number that Amazon gave.
    pub tracking_number: Option<String>,
    /// When it left.
    pub shipped_at: Option<DateTime<Utc>>,
    /// How far its number has come.
    pub state: ParcelState,
    /// The number that TikTok has or was told.
    pub pushed_number: Option<String>,
    /// The carrier as TikTok names it.
    pub provider_name: Option<String>,
    /// The parcel at TikTok.
    pub package_id: Option<PackageId>,
    /// When TikTok took the number.
    pub synced_at: Option<DateTime<Utc>>,
    /// The last full hour after shipping for which an alarm was raised.
    pub overdue_hours: i64,
    /// The units of the TikTok order that it stands for.
    pub lines: Vec<LineItemId>,
    /// TikTok lists carriers per delivery option.
    pub delivery_option: Option<DeliveryOptionId>,
}

impl Store {
    /// Stores the shipments and parcels that Amazon shows, chooses the units of new ones, and notes that the order has shipped.
    ///
    /// # Errors
    /// When another run changed the order meanwhile.
    pub fn store_shipments(&self, intent: &Intent, found: &FulfillmentOrder, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            for shipment in &found.shipments {
                transaction.execute(
                    "INSERT INTO shipments (fulfillment_order_id, id, status, shipped_at) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET status = excluded.status, shipped_at = excluded.shipped_at",
                    (
                        intent.id.as_str(),
                        &shipment.id,
                        shipment.status.as_str(),
                        shipment.shipping_at.map(seconds),
                    ),
                )?;
            }
            let parcels = parcels(found);
            for parcel in &parcels {
                store_parcel(transaction, run, intent, parcel, now)?;
            }
            forget_cancelled(transaction, &intent.id, &parcels)?;
            if parcels.iter().any(|parcel| parcel.shipped_at.is_some()) {
                note_shipped(transaction, run, &intent.order, now)?;
            }
            Ok(())
        })
    }

    /// Returns the parcels whose number TikTok should have now, or whose number changed after TikTok had it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcels_to_push(&self, now: DateTime<Utc>) -> Result<Vec<StoredParcel>> {
        self.parcels(
            "WHERE (parcels.state IN ('ready', 'pushing') OR (parcels.state = 'synced' AND tracking_number <> pushed_number))
               AND coalesce(parcels.next_attempt_at, 0) <= ?1
               AND orders.state IN ('routed', 'shipped', 'cancelling')
             ORDER BY coalesce(min(ship_by, cancelled_unless_shipped_by), ship_by, cancelled_unless_shipped_by, shipped_at, found_at), parcels.id",
            seconds(now),
        )
    }

    /// Returns the parcels of an order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcels_of(&self, order: &TiktokOrderId) -> Result<Vec<StoredParcel>> {
        self.parcels("WHERE parcels.order_id = ?1 ORDER BY parcels.id", order.as_str())
    }

    /// Returns the parcels that left before `since` and whose number TikTok still does not have.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn late_parcels(&self, since: DateTime<Utc>) -> Result<Vec<StoredParcel>> {
        self.parcels(
            "WHERE parcels.state IN ('waiting', 'ready', 'pushing', 'refused') AND shipped_at <= ?1
               AND orders.state IN ('routed', 'shipped', 'cancelling')
             ORDER BY shipped_at, parcels.id",
            seconds(since),
        )
    }

    fn parcels(&self, condition: &str, parameter: impl rusqlite::ToSql) -> Result<Vec<StoredParcel>> {
        self.read(|connection| {
            let query = format!(
                "SELECT parcels.*, orders.delivery_option_id FROM parcels JOIN orders ON orders.id = parcels.order_id {condition}"
            );
            let mut statement = connection.prepare_cached(&query)?;
            let mut parcels: Vec<StoredParcel> = statement
                .query_map([parameter], read_parcel)?
                .collect::<rusqlite::Result<_>>()?;
            for parcel in &mut parcels {
                parcel.lines = lines_of(connection, parcel.id)?;
            }
            Ok(parcels)
        })
    }

    /// Notes that a number is about to be told. After a crash the next run reads TikTok before it tells again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begin_push(&self, parcel: &StoredParcel, number: &str, provider: &ShippingProvider) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE parcels SET state = 'pushing', pushed_number = :number, provider_id = :provider, provider_name = :name,
                     attempts = attempts + 1
                 WHERE id = :id",
                named_params! {
                    ":number": number, ":provider": provider.id.as_str(), ":name": provider.name, ":id": parcel.id,
                },
            )?;
            Ok(())
        })
    }

    /// Notes that TikTok has the number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn pushed(
        &self,
        parcel: &StoredParcel,
        number: &str,
        carrier: &str,
        answer: &MarkedShipped,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE parcels SET state = 'synced', synced_at = :now, pushed_number = :number, provider_name = :carrier,
                     package_id = coalesce(:package, package_id), warning = :warning, next_attempt_at = NULL
                 WHERE id = :id",
                named_params! {
                    ":now": seconds(now), ":number": number, ":carrier": carrier, ":id": parcel.id,
                    ":package": answer.package_id.as_ref().map(PackageId::as_str), ":warning": answer.warning,
                },
            )?;
            let mut text = format!("TikTok has {number} ({carrier})");
            if let Some(warning) = &answer.warning {
                text = format!("{text}; it warns: {warning}");
            }
            write_history(transaction, run, &parcel.order, now, "tracking", &text)?;
            transaction.execute(
                "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2
                   AND NOT EXISTS (SELECT 1 FROM parcels WHERE order_id = ?1 AND state = 'refused')",
                (parcel.order.as_str(), Reason::TrackingRejected.as_str()),
            )?;
            let event = Event::TrackingSynced {
                order: parcel.order.clone(),
                tracking_number: number.to_owned(),
                carrier: carrier.to_owned(),
                at: now,
            };
            events::insert(transaction, &event, now)
        })
    }

    /// Notes that TikTok surely does not have the number yet, and when to try again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn push_again_later(&self, parcel: &StoredParcel, at: Option<DateTime<Utc>>) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE parcels SET state = CASE WHEN synced_at IS NULL THEN 'ready' ELSE 'synced' END, next_attempt_at = ?2 WHERE id = ?1",
                (parcel.id, at.map(seconds)),
            )?;
            Ok(())
        })
    }

    /// Notes that TikTok refused the number for good, and flags the order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn push_refused(&self, parcel: &StoredParcel, flag: &Flag, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute("UPDATE parcels SET state = 'refused' WHERE id = ?1", [parcel.id])?;
            raise_flag(transaction, run, &parcel.order, flag, now)?;
            Ok(())
        })
    }

    /// Notes for which full hour an overdue alarm was raised, and raises it. Each hour is told once.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn tell_overdue(&self, parcel: &StoredParcel, hours: i64, event: &Event, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            let told = transaction.execute(
                "UPDATE parcels SET overdue_hours = ?2 WHERE id = ?1 AND overdue_hours < ?2",
                (parcel.id, hours),
            )?;
            if told > 0 {
                events::insert(transaction, event, now)?;
            }
            Ok(())
        })
    }

    /// Completes the orders whose fulfillment order has ended at Amazon and whose parcels are all told. Returns them.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn complete_orders(&self, now: DateTime<Utc>) -> Result<Vec<TiktokOrderId>> {
        let run = self.run_id();
        self.write(|transaction| {
            let done: Vec<(String, String)> = transaction
                .prepare_cached(
                    "SELECT orders.id, orders.state FROM orders JOIN fulfillment_orders ON order_id = orders.id
                     WHERE state IN ('routed', 'shipped') AND outcome = 'accepted' AND amazon_status = 'Complete'
                       AND EXISTS (SELECT 1 FROM parcels WHERE parcels.order_id = orders.id AND parcels.state = 'synced')
                       AND NOT EXISTS (SELECT 1 FROM parcels WHERE parcels.order_id = orders.id
                             AND parcels.state NOT IN ('synced', 'further_piece'))",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut completed = Vec::new();
            for (id, state) in done {
                let id = TiktokOrderId::new(id);
                let from = State::read(&state).unwrap_or(State::Shipped);
                change_state(transaction, run, &id, from, Step::Complete, "all parcels are shipped and told", now)?;
                completed.push(id);
            }
            Ok(completed)
        })
    }
}

fn store_parcel(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    intent: &Intent,
    parcel: &FoundParcel,
    now: DateTime<Utc>,
) -> Result<()> {
    let before: Option<Option<String>> = transaction
        .query_row(
            "SELECT tracking_number FROM parcels WHERE fulfillment_order_id = ?1 AND shipment_id = ?2 AND package_number = ?3",
            (intent.id.as_str(), &parcel.shipment_id, parcel.package_number),
            |row| row.get(0),
        )
        .optional()?;
    let id: i64 = transaction.query_row(
        "INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, tracking_number,
             shipped_at, found_at, state)
         VALUES (:order, :fulfillment_order, :shipment, :number, :carrier, :tracking, :shipped, :now, 'waiting')
         ON CONFLICT DO UPDATE SET carrier_code = excluded.carrier_code,
             tracking_number = coalesce(excluded.tracking_number, tracking_number),
             shipped_at = coalesce(excluded.shipped_at, shipped_at)
         RETURNING id",
        named_params! {
            ":order": intent.order.as_str(), ":fulfillment_order": intent.id.as_str(), ":shipment": parcel.shipment_id,
            ":number": parcel.package_number, ":carrier": parcel.carrier_code, ":tracking": parcel.tracking_number,
            ":shipped": parcel.shipped_at.map(seconds), ":now": seconds(now),
        },
        |row| row.get(0),
    )?;
    if let Some(number) = &parcel.tracking_number
        && before.as_ref().and_then(Option::as_ref) != Some(number)
    {
        let text = format!("Amazon's number is {number} ({})", parcel.carrier_code);
        write_history(transaction, run, &intent.order, now, "tracking", &text)?;
    }
    choose_lines(transaction, intent, id, parcel)?;
    settle_state(transaction, id)
}

/// Chooses the units once, as soon as the contents are known; the choice never changes afterwards.
fn choose_lines(transaction: &Transaction<'_>, intent: &Intent, id: i64, parcel: &FoundParcel) -> Result<()> {
    let is_chosen: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM parcel_items WHERE parcel_id = ?1)",
        [id],
        |row| row.get(0),
    )?;
    if is_chosen || parcel.contents.is_empty() {
        return Ok(());
    }
    let units = item_units(transaction, &intent.id)?;
    let taken = taken_lines(transaction, &intent.order)?;
    let covered: Vec<(FulfillmentItemId, u32)> = covered_units(transaction, &intent.id)?;
    let covered_of = |item: &FulfillmentItemId| {
        covered
            .iter()
            .find(|(known, _)| known == item)
            .map_or(0, |(_, units)| *units)
    };
    let lines = choose_units(&parcel.contents, &units, covered_of, &taken);
    for (item, quantity) in &parcel.contents {
        transaction.execute(
            "INSERT INTO parcel_items (parcel_id, item_id, quantity) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity",
            (id, item.as_str(), quantity),
        )?;
    }
    for line in lines {
        transaction.execute(
            "INSERT INTO parcel_lines (parcel_id, line_item_id) VALUES (?1, ?2)",
            (id, line.as_str()),
        )?;
    }
    Ok(())
}

fn covered_units(connection: &Connection, id: &FulfillmentOrderId) -> Result<Vec<(FulfillmentItemId, u32)>> {
    let mut statement = connection.prepare_cached(
        "SELECT item_id, sum(quantity) FROM parcel_items JOIN parcels ON parcels.id = parcel_id
         WHERE fulfillment_order_id = ?1 GROUP BY item_id",
    )?;
    let rows = statement.query_map([id.as_str()], |row| {
        Ok((FulfillmentItemId::new(row.get::<_, String>(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn taken_lines(connection: &Connection, order: &TiktokOrderId) -> Result<BTreeSet<LineItemId>> {
    let mut statement = connection.prepare_cached(
        "SELECT line_item_id FROM parcel_lines JOIN parcels ON parcels.id = parcel_id WHERE order_id = ?1",
    )?;
    let rows = statement.query_map([order.as_str()], |row| row.get::<_, String>(0).map(LineItemId::new))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A waiting parcel is ready once it has a number and units; without units of its own it is a further piece.
fn settle_state(transaction: &Transaction<'_>, id: i64) -> Result<()> {
    transaction.execute(
        "UPDATE parcels SET state = CASE
             WHEN NOT EXISTS (SELECT 1 FROM parcel_items WHERE parcel_id = parcels.id) THEN 'waiting'
             WHEN NOT EXISTS (SELECT 1 FROM parcel_lines WHERE parcel_id = parcels.id) THEN 'further_piece'
             WHEN tracking_number IS NULL THEN 'waiting'
             ELSE 'ready' END
         WHERE id = ?1 AND (state = 'waiting' OR (state = 'refused' AND tracking_number <> pushed_number))",
        [id],
    )?;
    Ok(())
}

/// A parcel of a shipment that Amazon cancelled gives its units back, unless TikTok has its number already.
fn forget_cancelled(transaction: &Transaction<'_>, id: &FulfillmentOrderId, alive: &[FoundParcel]) -> Result<()> {
    let stored: Vec<(i64, String, i64)> = transaction
        .prepare_cached(
            "SELECT id, shipment_id, package_number FROM parcels
             WHERE fulfillment_order_id = ?1 AND state IN ('waiting', 'ready', 'further_piece')",
        )?
        .query_map([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, shipment, number) in stored {
        let is_alive = alive
            .iter()
            .any(|parcel| parcel.shipment_id == shipment && parcel.package_number == number);
        if !is_alive {
            transaction.execute("DELETE FROM parcels WHERE id = ?1", [row])?;
        }
    }
    Ok(())
}

fn note_shipped(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    order: &TiktokOrderId,
    now: DateTime<Utc>,
) -> Result<()> {
    let state: String = transaction.query_row("SELECT state FROM orders WHERE id = ?1", [order.as_str()], |row| {
        row.get(0)
    })?;
    match State::read(&state) {
        Some(from @ (State::Routed | State::Cancelling)) => {
            change_state(transaction, run, order, from, Step::Ship, "a parcel has left", now)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn lines_of(connection: &Connection, parcel: i64) -> Result<Vec<LineItemId>> {
    let mut statement = connection
        .prepare_cached("SELECT line_item_id FROM parcel_lines WHERE parcel_id = ?1 ORDER BY line_item_id")?;
    let rows = statement.query_map([parcel], |row| row.get::<_, String>(0).map(LineItemId::new))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_parcel(row: &Row<'_>) -> rusqlite::Result<StoredParcel> {
    let state: String = row.get("state")?;
    Ok(StoredParcel {
        id: row.get("id")?,
        order: TiktokOrderId::new(row.get::<_, String>("order_id")?),
        fulfillment_order: FulfillmentOrderId::new(row.get::<_, String>("fulfillment_order_id")?),
        carrier_code: row.get("carrier_code")?,
        tracking_number: row.get("tracking_number")?,
        shipped_at: optional_time(row, "shipped_at")?,
        state: ParcelState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .unwrap_or(ParcelState::Waiting),
        pushed_number: row.get("pushed_number")?,
        provider_name: row.get("provider_name")?,
        package_id: row.get::<_, Option<String>>("package_id")?.map(PackageId::new),
        synced_at: optional_time(row, "synced_at")?,
        overdue_hours: row.get("overdue_hours")?,
        lines: Vec::new(),
        delivery_option: row
            .get::<_, Option<String>>("delivery_option_id")?
            .map(DeliveryOptionId::new),
    })
}
