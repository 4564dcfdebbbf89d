//! Which orders persons approved.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::engine::Transaction;
use super::steps::write_history;
use super::{Error, Result, Store, seconds};
use crate::domain::ids::{LineItemId, TiktokOrderId};
use crate::domain::routing::approval::Approved;

impl Store {
    /// Keeps that a person approved an order with these units. `text` says who and why, for the history.
    pub fn approve(
        &self,
        id: &TiktokOrderId,
        units: &BTreeSet<LineItemId>,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        let units = serde_json::to_string(units).map_err(|_| Error::Unreadable { what: "units" })?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO approvals (order_id, units, approved_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (order_id) DO UPDATE SET units = excluded.units, approved_at = excluded.approved_at",
                (id.as_str(), &units, seconds(now)),
            )?;
            write_history(transaction, run, id, now, "operator", text)
        })
    }

    /// Returns what is approved, by order.
    pub fn approvals(&self) -> Result<Approved> {
        let rows: Vec<(String, String)> = self.rows("SELECT order_id, units FROM approvals", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        rows.into_iter()
            .map(|(order, units)| {
                let units = serde_json::from_str(&units).map_err(|_| Error::Unreadable { what: "units" })?;
                Ok((TiktokOrderId::new(order), units))
            })
            .collect()
    }
}

/// Ends the approval of an order whose address is another by now.
pub(super) fn end(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    now: DateTime<Utc>,
) -> Result<()> {
    if transaction.execute("DELETE FROM approvals WHERE order_id = ?1", [id.as_str()])? > 0 {
        let text = "the address changed: the approval no longer holds";
        write_history(transaction, run, id, now, "operator", text)?;
    }
    Ok(())
}
