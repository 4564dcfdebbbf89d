//! Orders that still need a person are told again before their deadlines; what is told and when is `domain::reminder`.

use chrono::{DateTime, Utc};

use crate::domain::reminder::by_order;
use crate::store::{Result, Store};

/// Tells what is due.
pub fn tell(store: &Store, now: DateTime<Utc>) -> Result<()> {
    let orders = by_order(store.flagged_to_leave()?, &store.reminders()?);
    for (order, flagged) in &orders {
        if let Some((told, event)) = flagged.reminder(now) {
            store.remind(order, told, &event, now)?;
        }
    }
    Ok(())
}
