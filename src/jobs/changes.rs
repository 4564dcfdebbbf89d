//! Amazon's list of orders whose status changed. `poll` and `sync-tracking` read it, and share one cursor: what changed is marked in
//! the store before the cursor moves, and stays marked until somebody has read it in full, whoever that is.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::FulfillmentOrderHead;

const CURSOR: &str = "amazon.fulfillment_orders";

/// Amazon's own default look-back, used when nothing is known yet.
const LOOK_BACK: TimeDelta = TimeDelta::hours(36);

/// Status changes may be listed late.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

const PAGES_MAX: usize = 10_000;

/// Reads the list and returns what changed of ours and may have been packed or have ended. The cursor moves after the last page.
pub(super) fn list_changes(session: &Session, amazon: &Amazon) -> Result<Vec<FulfillmentOrderHead>, Error> {
    let (store, now) = (&session.store, session.now());
    let since = store.cursor(CURSOR)?.map_or(now - LOOK_BACK, |cursor| cursor - OVERLAP);
    let mut tokens = HashSet::new();
    let mut changed = Vec::new();
    let mut page: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let found = amazon.fulfillment_orders_since(since, page.as_deref())?;
        let ours = store.changed_among(&found.orders)?;
        if !session.is_dry_run {
            store.note_heads(&found.orders, now)?;
            tell_given_up(session, &found.orders)?;
        }
        changed.extend(found.orders.into_iter().filter(|head| ours.contains(&head.id)));
        match found.next {
            None => {
                if !session.is_dry_run {
                    store.move_cursor(CURSOR, now)?;
                }
                return Ok(changed);
            }
            Some(next) if !tokens.insert(next.clone()) => break,
            Some(next) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle("Amazon's fulfillment orders"))
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
