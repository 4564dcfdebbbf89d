//! The speed that was chosen for an order, whether it is at risk of being late, and Amazon's last preview of it.

use chrono::{DateTime, Utc};

use super::engine::{OptionalExtension, Transaction, named_params};
use super::{Error, Result, Store, optional_time, outbox, seconds};
use crate::domain::event::Event;
use crate::domain::fulfillment::{Preview, ShippingSpeed};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Money;
use crate::domain::routing::ChosenSpeed;
use crate::domain::tracking::overdue::Plan;

/// The speed of an order, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeedRow {
    /// How fast.
    pub chosen: String,
    /// Why.
    pub because: String,
    /// When its last part leaves at the latest.
    pub latest_ship_at: Option<DateTime<Utc>>,
    /// When it arrives at the latest.
    pub arrives_at: Option<DateTime<Utc>>,
    /// What Amazon takes.
    pub fees: Option<Money>,
    /// Whether it leaves after TikTok's deadline by Amazon's preview, or by its own plan, and the operator's margin.
    pub is_at_risk: bool,
}

impl Store {
    /// Keeps the speed that was chosen. That the order is at risk is told once.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keep_speed(&self, id: &TiktokOrderId, chosen: &ChosenSpeed, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO speeds (order_id, chosen, because, latest_ship_at, arrives_at, fees_amount, fees_currency, is_at_risk)
                 VALUES (:order, :chosen, :because, :ships, :arrives, :amount, :currency, :at_risk)
                 ON CONFLICT (order_id) DO UPDATE SET chosen = excluded.chosen, because = excluded.because,
                     latest_ship_at = excluded.latest_ship_at, arrives_at = excluded.arrives_at,
                     fees_amount = excluded.fees_amount, fees_currency = excluded.fees_currency, is_at_risk = excluded.is_at_risk",
                named_params! {
                    ":order": id.as_str(),
                    ":chosen": chosen.speed.as_str(),
                    ":because": chosen.because,
                    ":ships": chosen.latest_ship_at.map(seconds),
                    ":arrives": chosen.arrives_at.map(seconds),
                    ":amount": chosen.fees.as_ref().map(|fees| &fees.amount),
                    ":currency": chosen.fees.as_ref().map(|fees| &fees.currency),
                    ":at_risk": chosen.is_at_risk,
                },
            )?;
            match chosen.latest_ship_at.zip(chosen.deadline).filter(|_| chosen.is_at_risk) {
                Some(dates) => tell_at_risk(transaction, id, &chosen.speed, dates, now),
                None => Ok(()),
            }
        })
    }

    /// Notes whether Amazon itself means to ship an order that it has too late. That it does is told once an order.
    pub fn note_planned(&self, id: &TiktokOrderId, plan: Plan, now: DateTime<Utc>) -> Result<()> {
        let Some(row) = self.speed_row(id)? else {
            return Ok(());
        };
        if row.is_at_risk == plan.is_late {
            return Ok(());
        }
        self.write(|transaction| {
            transaction.execute(
                "UPDATE speeds SET is_at_risk = ?2 WHERE order_id = ?1",
                (id.as_str(), plan.is_late),
            )?;
            let speed = ShippingSpeed::read(&row.chosen);
            match plan.is_late {
                true => tell_at_risk(transaction, id, &speed, (plan.ships_at, plan.deadline), now),
                false => Ok(()),
            }
        })
    }

    /// Returns the speed that was chosen for an order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn speed_row(&self, id: &TiktokOrderId) -> Result<Option<SpeedRow>> {
        let rows = self.rows("SELECT * FROM speeds WHERE order_id = ?1", [id.as_str()], |row| {
            let amount: Option<String> = row.get("fees_amount")?;
            let currency: Option<String> = row.get("fees_currency")?;
            Ok(SpeedRow {
                chosen: row.get("chosen")?,
                because: row.get("because")?,
                latest_ship_at: optional_time(row, "latest_ship_at")?,
                arrives_at: optional_time(row, "arrives_at")?,
                fees: amount
                    .zip(currency)
                    .map(|(amount, currency)| Money { amount, currency }),
                is_at_risk: row.get("is_at_risk")?,
            })
        })?;
        Ok(rows.into_iter().next())
    }

    /// Returns what Amazon showed since an instant, where the same was asked.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn kept_preview(
        &self,
        id: &TiktokOrderId,
        asked_hash: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Vec<Preview>>> {
        let shown: Option<String> = self.read(|connection| {
            Ok(connection
                .query_row(
                    "SELECT shown FROM previews WHERE order_id = ?1 AND asked_hash = ?2 AND asked_at > ?3",
                    (id.as_str(), asked_hash, seconds(since)),
                    |row| row.get(0),
                )
                .optional()?)
        })?;
        let read = |shown: String| serde_json::from_str(&shown).map_err(|_| Error::Unreadable { what: "preview" });
        shown.map(read).transpose()
    }

    /// Keeps what Amazon showed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keep_preview(
        &self,
        id: &TiktokOrderId,
        asked_hash: &str,
        shown: &[Preview],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let shown = serde_json::to_string(shown).map_err(|_| Error::Unreadable { what: "preview" })?;
        self.execute(
            "INSERT INTO previews (order_id, asked_hash, asked_at, shown) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (order_id) DO UPDATE SET asked_hash = excluded.asked_hash, asked_at = excluded.asked_at,
                 shown = excluded.shown",
            (id.as_str(), asked_hash, seconds(now), &shown),
        )
    }
}

/// Tells once an order, by whichever of Amazon's dates came first, that it leaves after its deadline.
fn tell_at_risk(
    transaction: &Transaction<'_>,
    id: &TiktokOrderId,
    speed: &ShippingSpeed,
    (latest_ship, deadline): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<()> {
    let told = transaction.execute(
        "UPDATE speeds SET at_risk_told_at = ?2 WHERE order_id = ?1 AND at_risk_told_at IS NULL",
        (id.as_str(), seconds(now)),
    )?;
    if told == 0 {
        return Ok(());
    }
    let event = Event::OrderAtRisk {
        order: id.clone(),
        deadline,
        latest_ship,
        speed: speed.clone(),
    };
    outbox::insert(transaction, &event, now)
}
