//! Orders that TikTok moves into one of our warehouses after they were placed: a move need not show in the list by change time.

use chrono::TimeDelta;

use super::search::{Detected, read_by_id};
use crate::domain::eligibility::is_elsewhere;
use crate::domain::state::{State, Step};
use crate::jobs::{Error, Session};
use crate::tiktok::Tiktok;

/// When the orders of other warehouses were read last.
const READ: &str = "tiktok.elsewhere";

/// Twice within the six hours in which an order that moves in is to be created.
const EVERY: TimeDelta = TimeDelta::hours(3);

/// TikTok cancels an order that nobody ships well before this.
const LOOK_BACK_MAX: TimeDelta = TimeDelta::days(30);

/// Reads what lies in other warehouses and can still be shipped, and takes up what lies in ours by now.
pub(in crate::jobs) fn look_elsewhere(
    session: &Session,
    tiktok: &Tiktok,
    detected: &mut Detected,
) -> Result<(), Error> {
    let (Some(store), now) = (session.writable_store(), session.now()) else {
        return Ok(());
    };
    let rules = session.rules().eligibility;
    if store.cursor(READ)?.is_some_and(|read| now < read + EVERY) || rules.warehouses.is_empty() {
        return Ok(());
    }
    let elsewhere = store.orders_elsewhere(now - LOOK_BACK_MAX)?;
    read_by_id(session, tiktok, &elsewhere, detected)?;
    for id in &elsewhere {
        let Some(stored) = store.order(id)?.filter(|stored| stored.state == State::NotEligible) else {
            continue;
        };
        if !is_elsewhere(&stored.order, &rules) {
            let why = "it lies in a warehouse of ours by now; it is decided anew";
            store.step(id, State::NotEligible, Step::Release, why, now)?;
        }
    }
    Ok(store.move_cursor(READ, now)?)
}
