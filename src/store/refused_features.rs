//! What Amazon refused beside the goods of single orders, which go without it.

use chrono::{DateTime, Utc};

use super::steps::write_history;
use super::{Error, Result, Store, seconds};
use crate::domain::feature::{Feature, RefusedFeatures};
use crate::domain::ids::TiktokOrderId;

impl Store {
    /// Keeps that Amazon refused a feature; the history says once what that means.
    pub fn keep_refused_feature(&self, id: &TiktokOrderId, feature: Feature, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            let new = transaction.execute(
                "INSERT INTO refused_features (order_id, feature, refused_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                (id.as_str(), feature.as_str(), seconds(now)),
            )?;
            match new {
                0 => Ok(()),
                _ => write_history(transaction, run, id, now, "amazon", feature.given_up()),
            }
        })
    }

    /// Returns what was refused, by order.
    pub fn refused_features(&self) -> Result<RefusedFeatures> {
        let rows: Vec<(String, String)> = self.rows("SELECT order_id, feature FROM refused_features", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let mut refused = RefusedFeatures::new();
        for (order, name) in rows {
            let feature = Feature::read(&name).ok_or(Error::Unreadable { what: "feature" })?;
            refused.entry(TiktokOrderId::new(order)).or_default().insert(feature);
        }
        Ok(refused)
    }
}
