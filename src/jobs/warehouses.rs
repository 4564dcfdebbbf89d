//! The shop's warehouses: read once a run, kept, and told when TikTok switches one off or back on.

use chrono::{DateTime, TimeDelta, Utc};

use super::session::WAREHOUSES;
use super::{Error, Session};
use crate::domain::ids::WarehouseId;
use crate::domain::warehouse::{Standings, causes, is_disabled, switched_off, take_in};
use crate::store::Store;
use crate::tiktok::Tiktok;

/// What is told of warehouses that are switched off.
const DISABLED: &str = "warehouses.disabled";

/// What is told of warehouses from which nothing is sold for now.
const RESTRICTED: &str = "warehouses.restricted";

/// When they were read last.
const READ: &str = "tiktok.warehouses.read";

/// Hours for which that is believed; `poll` reads them in each of its runs.
const BELIEVED: TimeDelta = TimeDelta::hours(3);

/// Reads the warehouses unless another run has just done so.
pub(super) fn look_if_due(session: &Session, tiktok: &Tiktok) -> Result<(), Error> {
    match session.store.cursor(READ)? {
        Some(read) if session.now() < read + BELIEVED => Ok(()),
        Some(_) | None => look(session, tiktok),
    }
}

/// Reads the warehouses. Where TikTok does not show them they count as they stood last: that is no reason to stop.
pub(super) fn look(session: &Session, tiktok: &Tiktok) -> Result<(), Error> {
    let told = match tiktok.warehouses() {
        Ok(told) => told,
        Err(error) => {
            session.notice(format!(
                "TikTok's warehouses can't be read, and count as they stood last: {error}"
            ));
            return Ok(());
        }
    };
    let configured = &session.settings.inventory.tiktok_warehouse_ids;
    let known = session.standings()?;
    let now_known = take_in(known.clone(), &told, configured);
    let Some(store) = session.writable_store() else {
        session.see_standings(now_known);
        return Ok(());
    };
    if now_known != known {
        store.keep_fact(WAREHOUSES, &now_known, session.now())?;
    }
    store.move_cursor(READ, session.now())?;
    tell(store, &now_known, session.now())
}

/// Tells whether TikTok has switched the warehouse off, as far as is known.
pub(super) fn is_switched_off(session: &Session, id: &WarehouseId) -> Result<bool, Error> {
    Ok(is_disabled(&session.standings()?, id))
}

/// Each disabling is one event, and its end another; so is a time in which nothing is sold.
fn tell(store: &Store, standings: &Standings, now: DateTime<Utc>) -> Result<(), Error> {
    let (disabled, restricted) = causes(standings);
    store.tell_causes_as(DISABLED, disabled, |_| true, |id, _| switched_off(id), now)?;
    Ok(store.tell_causes(RESTRICTED, restricted, |_| true, now)?)
}
