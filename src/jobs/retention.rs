//! What is past its retention goes at the end of a poll, too: who forgets to plan `mcf purge` keeps no buyer longer.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Session, Summary};
use crate::error_chain::causes;
use crate::store::{Error, LockError, Result, Store};

/// How many buyers one run forgets; the next one goes on.
const AT_ONCE: usize = 1000;

/// Removes what is due, and says so. What can't be removed now is no trouble of this run.
pub(super) fn forget(session: &Session, store: &Store, summary: &mut Summary) {
    let retention = TimeDelta::days(i64::from(session.settings.privacy.retention_days));
    match due(store, retention, session.now()) {
        Ok((0, 0)) | Err(Error::Lock(LockError::Busy { .. })) => {}
        Ok((orders, copies)) => {
            let days = retention.num_days();
            let copies = if copies > 0 {
                format!(", and {copies} kept copies of the database")
            } else {
                String::new()
            };
            summary.notes.push(format!(
                "erased the buyers of {orders} orders, {days} days after their delivery or cancellation{copies}"
            ));
        }
        Err(error) => summary.notes.push(format!(
            "what is past its retention could not be removed ({}): mcf purge",
            causes(&error)
        )),
    }
}

fn due(store: &Store, retention: TimeDelta, now: DateTime<Utc>) -> Result<(usize, usize)> {
    let now = store.by_vendors(now)?;
    let orders = store.forget_buyers(retention, AT_ONCE, now)?;
    let copies = store.old_copies(retention, now);
    store.remove_copies(&copies)?;
    Ok((orders, copies.len()))
}
