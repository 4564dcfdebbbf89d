//! Where parcels are on their way to the buyer.

use chrono::{DateTime, Utc};

use super::super::steps::write_history;
use super::super::{Result, Store, seconds};
use crate::domain::deadline::{WHEREABOUTS_AFTER, WHEREABOUTS_EVERY, WHEREABOUTS_UNTIL};
use crate::domain::fulfillment::{PackageStatus, Whereabouts, is_over};
use crate::domain::ids::TiktokOrderId;

/// A parcel on its way to the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravellingParcel {
    /// The parcel's row.
    pub parcel: i64,
    /// The order.
    pub order: TiktokOrderId,
    /// Amazon's number of the package.
    pub package_number: i64,
    /// What Amazon said last.
    whereabouts: Option<String>,
}

impl Store {
    /// Returns the parcels of which Amazon is to be asked where they are, those that were asked for the longest time ago first.
    pub fn travelling_parcels(&self, now: DateTime<Utc>, most: u32) -> Result<Vec<TravellingParcel>> {
        let mut parcels: Vec<TravellingParcel> = self.rows(
            "SELECT parcels.id, order_id, package_number, whereabouts FROM parcels JOIN orders ON orders.id = order_id
             WHERE parcels.id IN (SELECT id FROM parcels WHERE shipped_at > ?2 AND shipped_at <= ?1)
               AND life IN ('shipped', 'completed') AND package_number > 0
               AND coalesce(whereabouts_at, 0) <= ?3
             ORDER BY coalesce(whereabouts_at, 0), parcels.id LIMIT ?4",
            (
                seconds(now - WHEREABOUTS_AFTER),
                seconds(now - WHEREABOUTS_UNTIL),
                seconds(now - WHEREABOUTS_EVERY),
                most,
            ),
            |row| {
                Ok(TravellingParcel {
                    parcel: row.get(0)?,
                    order: TiktokOrderId::new(row.get::<_, String>(1)?),
                    package_number: row.get(2)?,
                    whereabouts: row.get(3)?,
                })
            },
        )?;
        parcels.retain(|parcel| {
            let status = parcel.whereabouts.as_deref().map(PackageStatus::read);
            !status.is_some_and(|status| is_over(&status))
        });
        Ok(parcels)
    }

    /// Notes what Amazon says of a parcel's way; `None` where it says nothing, which leaves what it said before.
    pub fn note_whereabouts(
        &self,
        parcel: &TravellingParcel,
        status: Option<&PackageStatus>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        let word = status.map(PackageStatus::as_str);
        self.write(|transaction| {
            transaction.execute(
                "UPDATE parcels SET whereabouts = coalesce(?2, whereabouts), whereabouts_at = ?3 WHERE id = ?1",
                (parcel.parcel, word, seconds(now)),
            )?;
            if let Some(word) = word.filter(|word| parcel.whereabouts.as_deref() != Some(word)) {
                let text = format!("Amazon says of package {}: {word}", parcel.package_number);
                write_history(transaction, run, &parcel.order, now, "tracking", &text)?;
            }
            Ok(())
        })
    }

    /// Returns what Amazon said of the parcels of an order.
    pub fn whereabouts(&self, order: &TiktokOrderId) -> Result<Vec<Whereabouts>> {
        self.rows(
            "SELECT coalesce(tracking_number, 'a parcel without a number'), whereabouts FROM parcels
             WHERE order_id = ?1 AND whereabouts IS NOT NULL ORDER BY id",
            [order.as_str()],
            |row| {
                Ok(Whereabouts {
                    number: row.get(0)?,
                    status: PackageStatus::read(&row.get::<_, String>(1)?),
                })
            },
        )
    }
}
