//! Stock for people: what is low, how long it lasts, when it runs out.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use super::text::View;
use crate::domain::inventory::{Inbound, cover};
use crate::store::{Result, StockRow, Store};

/// A SKU under its threshold, or one that does not last long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LowStock {
    /// The SKU at Amazon.
    pub sku: String,
    /// Units that Amazon can ship; `null` when not known.
    pub fulfillable: Option<i64>,
    /// Units left after what was promised since.
    pub remaining: Option<i64>,
    /// Units on their way to Amazon, by how far they are; each `null` when not known.
    pub inbound: Inbound,
    /// When Amazon was asked.
    pub read_at: DateTime<Utc>,
    /// Whether it is under its threshold.
    pub is_low: bool,
    /// For how many days it lasts at the pace of the last two weeks; `null` when nothing was sold.
    pub days_of_cover: Option<i64>,
    /// The day on which it runs out at that pace.
    pub runs_out_on: Option<NaiveDate>,
}

/// Reads the stock figures of all SKUs with what was sold in the days of the pace.
pub(super) fn rows(store: &Store, now: DateTime<Utc>) -> Result<Vec<StockRow>> {
    store.stock_rows(now - TimeDelta::days(cover::DAYS))
}

/// Reads what is low or does not last.
pub(super) fn low(store: &Store, now: DateTime<Utc>) -> Result<Vec<LowStock>> {
    let mut rows = rows(store, now)?;
    rows.retain(|row| row.is_low || days_of_cover(row).is_some_and(|days| days <= cover::SHORT));
    Ok(rows.into_iter().map(|row| low_stock(row, now)).collect())
}

impl LowStock {
    pub(super) fn cells(&self, view: &View) -> Vec<String> {
        vec![
            self.sku.clone(),
            units(self.fulfillable),
            units(self.remaining),
            units(self.inbound.units()),
            self.days_of_cover.map_or_else(String::new, |days| days.to_string()),
            self.runs_out_on.map_or_else(String::new, |day| day.to_string()),
            view.time(Some(self.read_at)),
        ]
    }
}

/// Returns for how many days a SKU lasts; `None` where its figure is not known or nothing was sold.
pub(super) fn days_of_cover(row: &StockRow) -> Option<i64> {
    cover::days(row.remaining?, row.sold)
}

/// Returns the day on which a SKU runs out.
pub(super) fn runs_out_on(row: &StockRow, now: DateTime<Utc>) -> Option<NaiveDate> {
    cover::runs_out_on(row.remaining?, row.sold, now)
}

fn low_stock(row: StockRow, now: DateTime<Utc>) -> LowStock {
    LowStock {
        days_of_cover: days_of_cover(&row),
        runs_out_on: runs_out_on(&row, now),
        sku: row.sku,
        fulfillable: row.fulfillable,
        remaining: row.remaining,
        inbound: row.inbound,
        read_at: row.read_at,
        is_low: row.is_low,
    }
}

/// Writes units; what is not known is `unknown`, never 0.
pub fn units(count: Option<i64>) -> String {
    count.map_or_else(|| "unknown".to_owned(), |count| count.to_string())
}
