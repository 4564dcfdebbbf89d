//! Shipments and parcels, the units that each parcel stands for, and what TikTok said to its number.
//!
//! [`shipments`] writes what Amazon shows, [`units`] which units travel where, [`telling`] what becomes of a number at TikTok,
//! [`watch`] what is late. Here is the parcel itself and how it is read.

mod shipments;
mod telling;
mod units;
mod watch;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row};

use super::{Result, Store, optional_time, seconds};
use crate::domain::ids::{DeliveryOptionId, FulfillmentOrderId, LineItemId, PackageId, TiktokOrderId};

pub use watch::{NotShipped, ToldPackage};

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
    /// When it left, or was first seen as shipped where Amazon does not say when.
    pub shipped_at: Option<DateTime<Utc>>,
    /// How far its number has come.
    pub state: ParcelState,
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
    /// Tells whether TikTok has the newest number.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.state == ParcelState::Synced && self.tracking_number == self.pushed_number
    }
}

impl Store {
    /// Returns the other parcels of an order that bear the same number and were not told yet.
    ///
    /// # Errors
    /// When the database refuses.
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
    /// to nothing after the others, so that they never keep them waiting, and the nearest deadline first. One that was refused before
    /// TikTok saw a number (its carrier was unknown) is among them: settings may have changed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcels_to_push(&self, now: DateTime<Utc>) -> Result<Vec<StoredParcel>> {
        self.parcels(
            "WHERE (parcels.state IN ('ready', 'pushing')
                 OR (parcels.state = 'synced' AND tracking_number <> pushed_number)
                 OR (parcels.state = 'refused' AND pushed_number IS NULL))
               AND coalesce(parcels.next_attempt_at, 0) <= ?1
               AND (orders.life IN ('routed', 'shipped', 'cancelling') OR (orders.life = 'completed' AND synced_at IS NOT NULL))
             ORDER BY coalesce(failed_at, 0), coalesce(min(ship_by, cancelled_unless_shipped_by), ship_by, cancelled_unless_shipped_by, shipped_at, found_at), parcels.id",
            seconds(now),
        )
    }

    /// Returns those of [`Self::parcels_to_push`] that belong to one order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcels_to_push_of(&self, order: &TiktokOrderId, now: DateTime<Utc>) -> Result<Vec<StoredParcel>> {
        let parcels = self.parcels_to_push_again(order)?;
        Ok(parcels
            .into_iter()
            .filter(|parcel| parcel.next_attempt_at.is_none_or(|at| at <= now))
            .filter(|parcel| parcel.state != ParcelState::Refused || parcel.pushed_number.is_none())
            .collect())
    }

    /// Returns the parcels of one order that a person wants told now: the same, with those that TikTok refused and without waiting.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcels_to_push_again(&self, order: &TiktokOrderId) -> Result<Vec<StoredParcel>> {
        self.parcels(
            "WHERE orders.id = ?1 AND tracking_number IS NOT NULL
               AND (parcels.state IN ('ready', 'pushing', 'refused') OR (parcels.state = 'synced' AND tracking_number <> pushed_number))
               AND (orders.life IN ('routed', 'shipped', 'cancelling') OR (orders.life = 'completed' AND synced_at IS NOT NULL))
             ORDER BY parcels.id",
            order.as_str(),
        )
    }

    /// Returns a parcel by its row.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcel(&self, id: i64) -> Result<Option<StoredParcel>> {
        let found = self.parcels("WHERE parcels.id = ?1", id)?;
        Ok(found.into_iter().next())
    }

    /// Returns the parcels of an order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcels_of(&self, order: &TiktokOrderId) -> Result<Vec<StoredParcel>> {
        self.parcels("WHERE parcels.order_id = ?1 ORDER BY parcels.id", order.as_str())
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
        state: ParcelState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .unwrap_or(ParcelState::Waiting),
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
