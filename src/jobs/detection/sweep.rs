//! The daily repair sweep: what the list by change time may have missed.
//!
//! Twice over, in few calls: orders that TikTok holds open are searched by their status, and orders that are open here are read by
//! their id. It looks back no further than the first run did: what is older was never meant for this program.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::search::{AHEAD, Detected, is_of_one_search, read_by_id, read_pages};
use crate::domain::order::OrderStatus;
use crate::jobs::{Error, Session};
use crate::tiktok::{OrderQuery, Tiktok};

/// When the last sweep was.
const SWEPT: &str = "tiktok.repair";

/// How far the first run looked back.
const SINCE: &str = "tiktok.orders.since";

const EVERY: TimeDelta = TimeDelta::hours(24);

/// TikTok cancels an order that nobody ships well before this.
const LOOK_BACK_MAX: TimeDelta = TimeDelta::days(30);

/// Sweeps once a day; the first run has just read everything. A dry run leaves the sweep to the next true one.
pub(in crate::jobs) fn sweep(session: &Session, tiktok: &Tiktok, detected: &mut Detected) -> Result<(), Error> {
    let Some(store) = session.writable_store() else {
        return Ok(());
    };
    let now = session.now();
    let since = match store.cursor(SINCE)? {
        Some(since) => since,
        None => {
            let since = now - TimeDelta::hours(i64::from(session.settings.routing.lookback_hours));
            store.move_cursor(SINCE, since)?;
            since
        }
    };
    match store.cursor(SWEPT)? {
        Some(swept) if now < swept + EVERY => return Ok(()),
        Some(_) => {
            let searched = search_open(session, tiktok, since.max(now - LOOK_BACK_MAX), detected);
            if let Err(error) = &searched
                && !is_of_one_search(error)
            {
                return searched;
            }
            read_known(session, tiktok, detected)?;
            searched?;
        }
        None => {}
    }
    Ok(store.move_cursor(SWEPT, now)?)
}

/// Searches by status what TikTok still waits for. A list that can't be read to its end keeps no other from being read.
fn search_open(session: &Session, tiktok: &Tiktok, since: DateTime<Utc>, detected: &mut Detected) -> Result<(), Error> {
    let mut all = Ok(());
    for status in [
        OrderStatus::OnHold,
        OrderStatus::AwaitingShipment,
        OrderStatus::PartiallyShipping,
    ] {
        session.check_stop()?;
        let query = OrderQuery {
            updated_from: since,
            updated_to: session.now() + AHEAD,
            status: Some(status),
            cancel_requested: None,
        };
        match read_pages(session, tiktok, &query, None, detected) {
            Err(error) if is_of_one_search(&error) => all = all.and(Err(error)),
            read => read?,
        }
    }
    all
}

/// Reads by id what is open here, but for the orders that this run reads anyway to decide them.
fn read_known(session: &Session, tiktok: &Tiktok, detected: &mut Detected) -> Result<(), Error> {
    let decided_now: BTreeSet<_> = session.store.undecided(session.now())?.into_iter().collect();
    let mut open = session.store.open_orders()?;
    open.retain(|id| !decided_now.contains(id));
    read_by_id(session, tiktok, &open, detected)
}
