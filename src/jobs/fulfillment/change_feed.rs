//! Amazon's list of orders whose status changed. `poll` and `sync-tracking` read it, and share one cursor: what changed is marked in
//! the store before the cursor moves, and stays marked until somebody has read it in full, whoever that is.

use chrono::TimeDelta;

use crate::amazon::Amazon;
use crate::domain::fulfillment::{FulfillmentOrderHead, after_all};
use crate::jobs::detection::each_page;
use crate::jobs::{Error, Session};
use crate::transport::Peer;

const CURSOR: &str = "amazon.fulfillment_orders";

/// Amazon's own default look-back, used when nothing is known yet.
const LOOK_BACK: TimeDelta = TimeDelta::hours(36);

/// Amazon names no figure for how late its list is; its other lists were seen hours late.
const OVERLAP: TimeDelta = TimeDelta::hours(3);

/// Reads the list and returns what changed of ours and may have been packed or have ended. The cursor moves after the last page.
pub(in crate::jobs) fn list_changes(session: &Session, amazon: &Amazon) -> Result<Vec<FulfillmentOrderHead>, Error> {
    session.with_right_clock(|| read_list(session, amazon))
}

fn read_list(session: &Session, amazon: &Amazon) -> Result<Vec<FulfillmentOrderHead>, Error> {
    let (store, began) = (&session.store, session.now());
    let since = store
        .cursor(CURSOR)?
        .map_or(began - LOOK_BACK, |cursor| cursor - OVERLAP);
    let (mut changed, mut newest) = (Vec::new(), None);
    each_page("Amazon's fulfillment orders", |page| {
        if page.is_none() {
            changed.clear();
        }
        let found = amazon.fulfillment_orders_since(since, page)?;
        let ours = store.changed_among(&found.orders)?;
        if let Some(store) = session.writable_store() {
            store.note_heads(&found.orders, session.now())?;
            tell_given_up(session, &found.orders)?;
        }
        newest = newest.max(found.orders.iter().filter_map(|head| head.status_updated_at).max());
        changed.extend(found.orders.into_iter().filter(|head| ours.contains(&head.id)));
        Ok(found.next)
    })?;
    // The cursor never lies beyond Amazon's own time: that of its answers, else of the newest change that it showed.
    let shown = session.sender.time_at(Peer::Amazon).or(newest);
    if let (Some(shown), Some(store)) = (shown, session.writable_store()) {
        store.move_cursor(CURSOR, shown.min(began).min(session.now()))?;
    }
    Ok(changed)
}

/// An order that was given up and closed here is at Amazon after all: only a person can stop it now.
fn tell_given_up(session: &Session, heads: &[FulfillmentOrderHead]) -> Result<(), Error> {
    for (order, id) in session.store.given_up_among(heads)? {
        session
            .store
            .raise_flag(&order, &after_all(&id, &order), session.now())?;
    }
    Ok(())
}
