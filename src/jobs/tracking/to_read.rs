//! What a run reads at Amazon: the rule is `domain::tracking::to_read`'s.

use std::collections::BTreeSet;

use crate::domain::deadline::CORRECTION_OPEN;
use crate::domain::ids::FulfillmentOrderId;
use crate::domain::tracking::to_read::{ToRead, to_read};
use crate::jobs::{Error, Session};

/// Returns what this run reads, in this order.
pub(super) fn due(session: &Session, listed: &BTreeSet<FulfillmentOrderId>) -> Result<Vec<FulfillmentOrderId>, Error> {
    let (store, now) = (&session.store, session.now());
    let accepted = store.first_looks(session.unknown_grace(), now)?;
    let found = ToRead {
        open: store.orders_to_sweep()?,
        listed: listed.clone(),
        accepted: accepted.into_iter().map(|intent| intent.id).collect(),
        ended: store.ended_orders(now - CORRECTION_OPEN)?,
    };
    let interval = i64::from(session.settings.schedule.tracking_sync_interval_minutes);
    Ok(to_read(found, interval, now))
}
