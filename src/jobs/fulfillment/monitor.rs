//! What `poll` reads of the life of orders at Amazon, so that no trouble waits for the next `sync-tracking`: those that Amazon lists as
//! ended badly, those that were just accepted, and those that it does not begin with. Parcels are `sync-tracking`'s business.

use std::collections::BTreeSet;

use super::change_feed::list_changes;
use super::fetch::news;
use super::status::follow;
use crate::amazon::Amazon;
use crate::domain::deadline::NOT_BEGUN;
use crate::domain::fulfillment::FulfillmentStatus;
use crate::domain::ids::FulfillmentOrderId;
use crate::jobs::summary::Work;
use crate::jobs::{Error, Session};
use crate::store::Intent;

/// Looks at Amazon with one list call and one read for each order that needs it.
pub(in crate::jobs) fn look_at_all(session: &Session, amazon: &Amazon, work: &mut Work) -> Result<(), Error> {
    if session.is_dry_run() {
        return Ok(());
    }
    let mut read = BTreeSet::new();
    for id in bad_ends(session, amazon, work)? {
        session.check_stop()?;
        if let Some(intent) = session.store.intent(&id)? {
            let looked = look(session, amazon, &intent, work);
            work.go_on_after(looked)?;
            read.insert(id);
        }
    }
    for intent in session.store.first_looks(session.unknown_grace(), session.now())? {
        session.check_stop()?;
        if read.insert(intent.id.clone()) {
            let looked = look(session, amazon, &intent, work);
            work.go_on_after(looked)?;
        }
    }
    watch_idle(session, amazon, work)
}

/// Returns the orders that Amazon lists as ended otherwise than shipped, or in a way that nobody knows. The others that changed are
/// marked for `sync-tracking`.
fn bad_ends(session: &Session, amazon: &Amazon, work: &mut Work) -> Result<Vec<FulfillmentOrderId>, Error> {
    if !session.store.has_open_at_amazon()? {
        return Ok(Vec::new());
    }
    let changed = match list_changes(session, amazon) {
        Ok(changed) => changed,
        Err(error) => {
            work.go_on_after(Err(error))?;
            Vec::new()
        }
    };
    let ends_badly =
        |status: &FulfillmentStatus| status.leaves_units_out() || matches!(status, FulfillmentStatus::Other(_));
    let bad = changed.into_iter().filter(|head| ends_badly(&head.status));
    Ok(bad.map(|head| head.id).collect())
}

fn look(session: &Session, amazon: &Amazon, intent: &Intent, work: &mut Work) -> Result<(), Error> {
    let before = session.store.flags(&intent.order)?;
    let followed = follow(session, amazon, intent);
    if let Some(touched) = news(session, intent, &before)? {
        work.summary.count("flagged");
        work.summary.orders.push(touched);
    }
    followed.map(drop)
}

/// Reads orders that Amazon has not begun with for a day, each once a day: nothing in Amazon's list of changes tells of them.
fn watch_idle(session: &Session, amazon: &Amazon, work: &mut Work) -> Result<(), Error> {
    for intent in session.store.not_begun(session.now() - NOT_BEGUN)? {
        session.check_stop()?;
        work.go_on_after(follow(session, amazon, &intent).map(drop))?;
    }
    Ok(())
}
