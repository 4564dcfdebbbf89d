//! Which orders that still need a person were told of again, and for which step before which deadline.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::engine::params;
use super::{OrderFilter, Result, Store, instant, outbox, seconds};
use crate::domain::event::Event;
use crate::domain::flag::Flagged;
use crate::domain::ids::TiktokOrderId;
use crate::domain::reminder::{Reminded, is_to_leave};
use crate::domain::state::State;

impl Store {
    /// Returns every flag of the orders that are still to leave.
    pub fn flagged_to_leave(&self) -> Result<Vec<Flagged>> {
        let mut flagged = Vec::new();
        for state in State::ALL.into_iter().filter(|state| is_to_leave(*state)) {
            let state = Some(state);
            flagged.extend(self.flagged_of(&OrderFilter {
                state,
                ..OrderFilter::default()
            })?);
        }
        Ok(flagged)
    }

    /// Returns what was told last of each order.
    pub fn reminders(&self) -> Result<BTreeMap<TiktokOrderId, Reminded>> {
        let told = self.rows("SELECT order_id, deadline, hours FROM reminders", [], |row| {
            let order = TiktokOrderId::new(row.get::<_, String>("order_id")?);
            let (deadline, hours) = (instant(row.get("deadline")?), row.get("hours")?);
            Ok((order, Reminded { deadline, hours }))
        })?;
        Ok(told.into_iter().collect())
    }

    /// Tells once more of an order.
    pub fn remind(&self, order: &TiktokOrderId, told: Reminded, event: &Event, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO reminders (order_id, deadline, hours) VALUES (?1, ?2, ?3)
                 ON CONFLICT (order_id) DO UPDATE SET deadline = excluded.deadline, hours = excluded.hours",
                params![order.as_str(), seconds(told.deadline), told.hours],
            )?;
            outbox::insert(transaction, event, now)
        })
    }
}
