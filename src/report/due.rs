//! Deadlines: which open orders are due when, how those that were due went, by speed and carrier.

use chrono::{DateTime, Utc};

use super::dispatch::{LateDispatch, LateDispatchRate};
use super::export::{ListedOrder, listed};
use super::html::dispatch::DEADLINES_MAX;
use crate::domain::deadline::dispatch::Due;
use crate::store::{Result, Store};

/// What is due, and what was.
#[derive(Debug, Clone)]
pub struct DueOrders {
    /// The open orders with the nearest deadlines, one more than is shown where there are more.
    pub next: Vec<ListedOrder>,
    /// The orders that were due in the last 30 days.
    pub handed_over: Vec<Due>,
    /// The same orders by speed and by carrier.
    pub groups: LateDispatch,
    /// The share of late ones.
    pub rate: LateDispatchRate,
}

impl DueOrders {
    /// Reads them.
    pub fn read(store: &Store, now: DateTime<Utc>) -> Result<Self> {
        let nearest = u32::try_from(DEADLINES_MAX + 1).unwrap_or(u32::MAX);
        let due = store.due_orders(LateDispatchRate::SPAN, now)?;
        Ok(Self {
            next: store.orders_by_deadline(nearest)?.into_iter().map(listed).collect(),
            groups: LateDispatch::of(&due, now),
            rate: LateDispatchRate::of(&due, now),
            handed_over: due,
        })
    }
}
