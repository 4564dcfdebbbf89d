//! Writing what Amazon shows: shipments, their parcels, the numbers, and which parcels replace others.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::steps::{change_state, write_history};
use super::super::{Intent, Result, Store, seconds};
use super::units::{choose_lines, release_changed};
use crate::domain::fulfillment::FulfillmentOrder;
use crate::domain::ids::{FulfillmentItemId, FulfillmentOrderId, TiktokOrderId};
use crate::domain::parcel::{FoundParcel, NumberRule, parcels};
use crate::domain::state::{State, Step};
use crate::store::engine::{Connection, OptionalExtension, Transaction, named_params};

/// A parcel that is stored and that Amazon no longer shows.
struct Gone {
    id: i64,
    /// TikTok has, or may have, a number of it.
    may_be_told: bool,
    items: BTreeSet<FulfillmentItemId>,
}

impl Store {
    /// Stores the shipments and parcels that Amazon shows, chooses the units of new ones, and notes that the order has shipped.
    ///
    /// # Errors
    /// When another run changed the order meanwhile.
    pub fn store_shipments(
        &self,
        intent: &Intent,
        found: &FulfillmentOrder,
        rule: NumberRule,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            write_shipments(transaction, intent, found)?;
            let parcels = parcels(found, rule);
            let mut replaced = give_up_gone(transaction, intent, found, &parcels)?;
            for parcel in &parcels {
                release_changed(transaction, intent, parcel)?;
            }
            for parcel in &parcels {
                if !is_known(transaction, intent, parcel)? {
                    take_over(transaction, &mut replaced, parcel)?;
                }
                store_parcel(transaction, run, intent, parcel, now)?;
            }
            if parcels.iter().any(|parcel| parcel.has_left) {
                note_shipped(transaction, run, &intent.order, now)?;
            }
            Ok(())
        })
    }
}

fn write_shipments(transaction: &Transaction<'_>, intent: &Intent, found: &FulfillmentOrder) -> Result<()> {
    for shipment in &found.shipments {
        transaction.execute(
            "INSERT INTO shipments (fulfillment_order_id, id, status, shipped_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (fulfillment_order_id, id) DO UPDATE SET status = excluded.status, shipped_at = excluded.shipped_at",
            (
                intent.id.as_str(),
                &shipment.id,
                shipment.status.as_str(),
                shipment.shipping_at.map(seconds),
            ),
        )?;
    }
    Ok(())
}

fn is_known(connection: &Connection, intent: &Intent, parcel: &FoundParcel) -> Result<bool> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM parcels WHERE fulfillment_order_id = ?1 AND shipment_id = ?2 AND package_number = ?3)",
        (intent.id.as_str(), &parcel.shipment_id, parcel.package_number),
        |row| row.get(0),
    )?)
}

/// A parcel that is gone gives its units back. One whose number TikTok may have is returned instead: its replacement takes it over.
/// A shipment that the answer leaves out altogether says nothing about its parcels.
fn give_up_gone(
    transaction: &Transaction<'_>,
    intent: &Intent,
    found: &FulfillmentOrder,
    alive: &[FoundParcel],
) -> Result<Vec<Gone>> {
    let mut replaced = Vec::new();
    for shipment in &found.shipments {
        let shown: Vec<i64> = alive
            .iter()
            .filter(|parcel| parcel.shipment_id == shipment.id)
            .map(|parcel| parcel.package_number)
            .collect();
        for gone in gone_of(transaction, &intent.id, &shipment.id, &shown)? {
            if gone.may_be_told {
                replaced.push(gone);
            } else {
                transaction.execute("DELETE FROM parcels WHERE id = ?1", [gone.id])?;
            }
        }
    }
    Ok(replaced)
}

fn gone_of(connection: &Connection, id: &FulfillmentOrderId, shipment: &str, shown: &[i64]) -> Result<Vec<Gone>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, package_number, pushed_number IS NOT NULL FROM parcels WHERE fulfillment_order_id = ?1 AND shipment_id = ?2",
    )?;
    let rows: Vec<(i64, i64, bool)> = statement
        .query_map((id.as_str(), shipment), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let gone = rows.into_iter().filter(|(_, number, _)| !shown.contains(number));
    gone.map(|(id, _, may_be_told)| {
        Ok(Gone {
            id,
            may_be_told,
            items: items_of(connection, id)?,
        })
    })
    .collect()
}

fn items_of(connection: &Connection, parcel: i64) -> Result<BTreeSet<FulfillmentItemId>> {
    let mut statement = connection.prepare_cached("SELECT item_id FROM parcel_items WHERE parcel_id = ?1")?;
    let rows = statement.query_map([parcel], |row| row.get::<_, String>(0).map(FulfillmentItemId::new))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A new parcel with the goods of one that is gone stands in its place: TikTok's parcel stays, its number is corrected.
fn take_over(transaction: &Transaction<'_>, replaced: &mut Vec<Gone>, parcel: &FoundParcel) -> Result<()> {
    let holds = |gone: &Gone| parcel.contents.iter().any(|(item, _)| gone.items.contains(item));
    let Some(place) = replaced.iter().position(holds) else {
        return Ok(());
    };
    let gone = replaced.remove(place);
    transaction.execute(
        "UPDATE parcels SET shipment_id = ?2, package_number = ?3, shipped_at = NULL, overdue_hours = 0,
             tracking_number = CASE WHEN synced_at IS NOT NULL THEN tracking_number END
         WHERE id = ?1",
        (gone.id, &parcel.shipment_id, parcel.package_number),
    )?;
    transaction.execute("DELETE FROM parcel_items WHERE parcel_id = ?1", [gone.id])?;
    for (item, quantity) in &parcel.contents {
        transaction.execute(
            "INSERT INTO parcel_items (parcel_id, item_id, quantity) VALUES (?1, ?2, ?3)
             ON CONFLICT (parcel_id, item_id) DO UPDATE SET quantity = parcel_items.quantity + excluded.quantity",
            (gone.id, item.as_str(), quantity),
        )?;
    }
    Ok(())
}

/// Where Amazon does not say when a parcel left, its clock runs from the first time that it was seen as shipped.
fn store_parcel(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    intent: &Intent,
    parcel: &FoundParcel,
    now: DateTime<Utc>,
) -> Result<()> {
    let id: i64 = transaction.query_row(
        "INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, shipped_at, found_at, state)
         VALUES (:order, :fulfillment_order, :shipment, :number, :carrier, coalesce(CAST(:shipped AS BIGINT), CAST(:seen AS BIGINT)), :now, 'waiting')
         ON CONFLICT (fulfillment_order_id, shipment_id, package_number)
             DO UPDATE SET shipped_at = coalesce(:shipped, parcels.shipped_at, :seen)
         RETURNING id",
        named_params! {
            ":order": intent.order.as_str(), ":fulfillment_order": intent.id.as_str(), ":shipment": parcel.shipment_id,
            ":number": parcel.package_number, ":carrier": parcel.carrier_code,
            ":shipped": parcel.shipped_at.map(seconds), ":seen": parcel.has_left.then(|| seconds(now)), ":now": seconds(now),
        },
        |row| row.get(0),
    )?;
    write_numbers(transaction, run, intent, id, parcel, now)?;
    choose_lines(transaction, intent, id, parcel)?;
    settle_state(transaction, id)
}

/// Keeps every number that Amazon gives. The one that TikTok has stays in force while Amazon still gives it, so that the one
/// correction is not spent on Amazon's own number beside the carrier's.
fn write_numbers(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    intent: &Intent,
    id: i64,
    parcel: &FoundParcel,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(number) = &parcel.tracking_number else {
        return Ok(());
    };
    let pushed: Option<String> = transaction
        .query_row(
            "SELECT pushed_number FROM parcels WHERE id = ?1 AND synced_at IS NOT NULL",
            [id],
            |row| row.get(0),
        )
        .optional()?
        .flatten();
    if pushed.is_some() && pushed == parcel.other_number {
        return Ok(());
    }
    transaction.execute(
        "UPDATE parcels SET tracking_number = ?2, carrier_code = ?3 WHERE id = ?1",
        (id, number, &parcel.carrier_code),
    )?;
    let is_new = transaction.execute(
        "INSERT INTO parcel_numbers (parcel_id, number, seen_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (id, number, seconds(now)),
    )? > 0;
    if is_new {
        let text = format!("Amazon's number is {number} ({})", parcel.carrier_code);
        write_history(transaction, run, &intent.order, now, "tracking", &text)?;
    }
    Ok(())
}

/// A waiting parcel is ready once it has a number and units; without units of its own it is a further piece.
fn settle_state(transaction: &Transaction<'_>, id: i64) -> Result<()> {
    transaction.execute(
        "UPDATE parcels SET state = CASE
             WHEN NOT EXISTS (SELECT 1 FROM parcel_items WHERE parcel_id = parcels.id) THEN 'waiting'
             WHEN NOT EXISTS (SELECT 1 FROM parcel_lines WHERE parcel_id = parcels.id AND is_left_out = 0) THEN 'further_piece'
             WHEN tracking_number IS NULL THEN 'waiting'
             ELSE 'ready' END
         WHERE id = ?1 AND (state = 'waiting' OR (state = 'refused' AND tracking_number <> pushed_number))",
        [id],
    )?;
    Ok(())
}

fn note_shipped(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    order: &TiktokOrderId,
    now: DateTime<Utc>,
) -> Result<()> {
    let state: String = transaction.query_row("SELECT life FROM orders WHERE id = ?1", [order.as_str()], |row| {
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
