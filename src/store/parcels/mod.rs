//! Shipments and parcels, the units that each parcel stands for, and what TikTok said to its number.
//!
//! [`shipments`] writes what Amazon shows, [`units`] which units travel where, [`telling`] what becomes of a number at TikTok,
//! [`late`] what is late. Here is the parcel itself and how it is read.

mod late;
mod shipments;
mod telling;
mod units;
mod whereabouts;

use chrono::{DateTime, Utc};

use super::due::DUE;
use super::order_rows::read_state;
use super::{Result, Store, optional_time};
use crate::domain::ids::{DeliveryOptionId, FulfillmentOrderId, LineItemId, PackageId, TiktokOrderId};
use crate::domain::state::State;
use crate::domain::tracking::{Asker, ParcelState, Standing};
use crate::store::engine::{Connection, Row};

pub use late::ToldPackage;
pub(super) use late::WITHOUT_NUMBER;
pub use whereabouts::TravellingParcel;

/// The parcels of which a number may be left to tell; the rule says which of them are due.
const UNTOLD: &str = "parcels.id IN (SELECT id FROM parcels WHERE state IN ('ready', 'pushing', 'refused')
    UNION ALL SELECT id FROM parcels WHERE state = 'synced' AND tracking_number <> pushed_number)";

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
    /// When it left, or was first seen as shipped where Amazon does not say when.
    pub shipped_at: Option<DateTime<Utc>>,
    /// How far its number has come.
    pub state: ParcelState,
    /// Where the order stands at Amazon, also where a person has dismissed it.
    pub life: State,
    /// The number that TikTok has or was told.
    pub pushed_number: Option<String>,
    /// The carrier as TikTok names it.
    pub provider_name: Option<String>,
    /// The parcel at TikTok.
    pub package_id: Option<PackageId>,
    /// When TikTok took its first number.
    pub synced_at: Option<DateTime<Utc>>,
    /// When to try again, where that must wait.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The last full hour after shipping for which an alarm was raised.
    pub overdue_hours: i64,
    /// The units of the TikTok order that it stands for.
    pub lines: Vec<LineItemId>,
    /// TikTok lists carriers per delivery option.
    pub delivery_option: Option<DeliveryOptionId>,
    /// Every number that Amazon ever gave for it.
    pub numbers: Vec<GivenNumber>,
}

/// A number that Amazon gave for a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenNumber {
    /// The number.
    pub number: String,
    /// Whether TikTok took it from us.
    pub is_told: bool,
}

impl StoredParcel {
    /// Tells whether TikTok should have its number now, or its correction.
    fn is_due(&self, asker: Asker, now: DateTime<Utc>) -> bool {
        let standing = Standing {
            state: self.state,
            life: self.life,
            number: self.tracking_number.as_deref(),
            pushed: self.pushed_number.as_deref(),
            is_told: self.synced_at.is_some(),
            not_before: self.next_attempt_at,
        };
        standing.is_due(asker, now)
    }

    /// Tells whether TikTok has the newest number.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.state == ParcelState::Synced && self.tracking_number == self.pushed_number
    }
}

impl Store {
    /// Returns the other parcels of an order that bear the same number and were not told yet.
    pub fn twins_of(&self, parcel: &StoredParcel) -> Result<Vec<StoredParcel>> {
        let mut twins = self.parcels_of(&parcel.order)?;
        twins.retain(|twin| {
            twin.id != parcel.id
                && twin.state == ParcelState::Ready
                && twin.pushed_number.is_none()
                && twin.tracking_number == parcel.tracking_number
        });
        Ok(twins)
    }

    /// Returns the parcels whose number TikTok should have now, or whose number changed after TikTok had it: those whose last try came
    /// to nothing after the others, so that they never keep them waiting, and the nearest deadline first.
    pub fn parcels_to_push(&self, now: DateTime<Utc>) -> Result<Vec<StoredParcel>> {
        let mut parcels = self.parcels(
            &format!(
                "WHERE {UNTOLD}
                 ORDER BY coalesce(failed_at, 0), {DUE}, parcels.id"
            ),
            [],
        )?;
        parcels.retain(|parcel| parcel.is_due(Asker::Schedule, now));
        Ok(parcels)
    }

    /// Returns those of one order that are to be told now, by the schedule or by a person.
    pub fn parcels_to_push_of(
        &self,
        order: &TiktokOrderId,
        asker: Asker,
        now: DateTime<Utc>,
    ) -> Result<Vec<StoredParcel>> {
        let condition =
            format!("WHERE {UNTOLD} AND orders.id = ?1 AND tracking_number IS NOT NULL ORDER BY parcels.id");
        let mut parcels = self.parcels(&condition, [order.as_str()])?;
        parcels.retain(|parcel| parcel.is_due(asker, now));
        Ok(parcels)
    }

    /// Returns a parcel by its row.
    pub fn parcel(&self, id: i64) -> Result<Option<StoredParcel>> {
        let found = self.parcels("WHERE parcels.id = ?1", [id])?;
        Ok(found.into_iter().next())
    }

    /// Returns the parcels of an order.
    pub fn parcels_of(&self, order: &TiktokOrderId) -> Result<Vec<StoredParcel>> {
        self.parcels("WHERE parcels.order_id = ?1 ORDER BY parcels.id", [order.as_str()])
    }

    fn parcels(&self, condition: &str, parameters: impl crate::store::engine::Params) -> Result<Vec<StoredParcel>> {
        self.read(|connection| {
            let query = format!(
                "SELECT parcels.*, orders.delivery_option_id, orders.life AS order_life FROM parcels JOIN orders ON orders.id = parcels.order_id {condition}"
            );
            let mut statement = connection.prepare_cached(&query)?;
            let mut parcels: Vec<StoredParcel> = statement
                .query_map(parameters, read_parcel)?
                .collect::<rusqlite::Result<_>>()?;
            for parcel in &mut parcels {
                parcel.lines = lines_of(connection, parcel.id)?;
                parcel.numbers = numbers_of(connection, parcel.id)?;
            }
            Ok(parcels)
        })
    }
}

fn numbers_of(connection: &Connection, parcel: i64) -> Result<Vec<GivenNumber>> {
    let mut statement = connection.prepare_cached(
        "SELECT number, told_at IS NOT NULL FROM parcel_numbers WHERE parcel_id = ?1 ORDER BY seen_at",
    )?;
    let rows = statement.query_map([parcel], |row| {
        Ok(GivenNumber {
            number: row.get(0)?,
            is_told: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn lines_of(connection: &Connection, parcel: i64) -> Result<Vec<LineItemId>> {
    let mut statement = connection.prepare_cached(
        "SELECT line_item_id FROM parcel_lines WHERE parcel_id = ?1 AND is_left_out = 0 ORDER BY line_item_id",
    )?;
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
        state: ParcelState::read(&state).unwrap_or(ParcelState::Waiting),
        life: read_state(row, "order_life")?,
        pushed_number: row.get("pushed_number")?,
        provider_name: row.get("provider_name")?,
        package_id: row.get::<_, Option<String>>("package_id")?.map(PackageId::new),
        synced_at: optional_time(row, "synced_at")?,
        next_attempt_at: optional_time(row, "next_attempt_at")?,
        overdue_hours: row.get("overdue_hours")?,
        lines: Vec::new(),
        numbers: Vec::new(),
        delivery_option: row
            .get::<_, Option<String>>("delivery_option_id")?
            .map(DeliveryOptionId::new),
    })
}
