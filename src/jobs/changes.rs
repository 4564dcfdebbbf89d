//! Amazon's list of orders whose status changed. `poll` and `sync-tracking` read it, and share one cursor: what changed is marked in
//! the store before the cursor moves, and stays marked until somebody has read it in full, whoever that is.

use chrono::TimeDelta;

use super::pages::each_page;
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::FulfillmentOrderHead;

const CURSOR: &str = "amazon.fulfillment_orders";

/// Amazon's own default look-back, used when nothing is known yet.
const LOOK_BACK: TimeDelta = TimeDelta::hours(36);

/// Status changes may be listed late.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Reads the list and returns what changed of ours and may have been packed or have ended. The cursor moves after the last page.
pub(super) fn list_changes(session: &Session, amazon: &Amazon) -> Result<Vec<FulfillmentOrderHead>, Error> {
    let (store, now) = (&session.store, session.now());
    let since = store.cursor(CURSOR)?.map_or(now - LOOK_BACK, |cursor| cursor - OVERLAP);
    let mut changed = Vec::new();
    each_page("Amazon's fulfillment orders", |page| {
        if page.is_none() {
            changed.clear();
        }
        let found = amazon.fulfillment_orders_since(since, page)?;
        let ours = store.changed_among(&found.orders)?;
        if !session.is_dry_run {
            store.note_heads(&found.orders, now)?;
            tell_given_up(session, &found.orders)?;
        }
        changed.extend(found.orders.into_iter().filter(|head| ours.contains(&head.id)));
        Ok(found.next)
    })?;
    if !session.is_dry_run {
        store.move_cursor(CURSOR, now)?;
    }
    Ok(changed)
}

/// An order that was given up and closed here is at Amazon after all: only a person can stop it now.
fn tell_given_up(session: &Session, heads: &[FulfillmentOrderHead]) -> Result<(), Error> {
    for (order, id) in session.store.given_up_among(heads)? {
        let message =
            format!("Amazon has {id} after all, though the order is closed here; cancel it in Seller Central");
        let flag = Flag::new(Reason::CancellationConflict, "at_amazon_after_all", message, &order)
            .with_command(format!("mcf status {order}"));
        session.store.raise_flag(&order, &flag, session.now())?;
    }
    Ok(())
}
