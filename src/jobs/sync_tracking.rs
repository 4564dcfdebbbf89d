//! `mcf sync-tracking`: read what changed at Amazon, tell TikTok each parcel's number, watch the clock.

use std::collections::{BTreeSet, HashSet};

use chrono::TimeDelta;

use super::follow::follow;
use super::push::{Pushed, Pusher};
use super::summary::{Finished, Summary, Touched, Troubles};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::event::Event;
use crate::domain::flag::Flag;
use crate::domain::ids::TiktokOrderId;
use crate::domain::parcel::parcels;
use crate::domain::state::State;
use crate::store::Intent;

const CURSOR: &str = "amazon.fulfillment_orders";

/// Amazon's own default look-back, used when nothing is known yet.
const LOOK_BACK: TimeDelta = TimeDelta::hours(36);

/// Status changes may be listed late.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Every open order is read at least this often, because the list shows no part shipments.
const SWEEP: TimeDelta = TimeDelta::hours(2);

const PAGES_MAX: usize = 10_000;

/// From these full hours after shipping on, a parcel whose number TikTok lacks raises an alarm.
const ALARM_HOURS: [i64; 2] = [3, 4];

/// Does one run, for all orders or for one.
///
/// # Errors
/// When nothing could be done at all: no credentials, no database, no shop.
pub fn run(session: &Session, only: Option<&TiktokOrderId>, progress: &dyn Fn(u64, u64)) -> Result<Finished, Error> {
    let amazon = session.amazon()?;
    let mut summary = Summary::default();
    let mut troubles = Troubles::default();
    for name in ["found", "pushed", "waiting", "refused", "overdue"] {
        summary.add(name, 0);
    }
    let work = read_and_push(session, &amazon, only, &mut summary, &mut troubles, progress);
    if let Err(error) = work {
        troubles.note(error);
    }
    Ok(troubles.finish(summary))
}

fn read_and_push(
    session: &Session,
    amazon: &Amazon,
    only: Option<&TiktokOrderId>,
    summary: &mut Summary,
    troubles: &mut Troubles,
    progress: &dyn Fn(u64, u64),
) -> Result<(), Error> {
    let to_read = match only {
        Some(id) => one(session, id)?,
        None => {
            list_changes(session, amazon)?;
            due(session)?
        }
    };
    let total = to_read.len() as u64;
    for (done, intent) in (0..).zip(&to_read) {
        progress(done, total);
        session.check_stop()?;
        match read(session, amazon, intent, summary) {
            Ok(()) => {}
            Err(error) if error.ends_the_run() => return Err(error),
            Err(error) => troubles.note(error),
        }
    }
    progress(total, total);
    if !session.is_dry_run {
        push(session, only, summary, troubles)?;
        watch_the_clock(session, summary)?;
        for id in session.store.complete_orders(session.now())? {
            note_completed(&id, summary);
        }
    }
    Ok(())
}

fn one(session: &Session, id: &TiktokOrderId) -> Result<Vec<Intent>, Error> {
    if session.store.order(id)?.is_none() {
        return Err(Error::OrderNotFound(id.clone()));
    }
    Ok(session.store.newest_intent(id)?.into_iter().collect())
}

/// Reads Amazon's list of orders whose status changed; those of ours are due at once. The cursor moves after the last page.
fn list_changes(session: &Session, amazon: &Amazon) -> Result<(), Error> {
    let now = session.now();
    let since = session
        .store
        .cursor(CURSOR)?
        .map_or(now - LOOK_BACK, |cursor| cursor - OVERLAP);
    let mut tokens = HashSet::new();
    let mut page: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let found = amazon.fulfillment_orders_since(since, page.as_deref())?;
        if !session.is_dry_run {
            session.store.note_heads(&found.orders)?;
        }
        match found.next {
            None => {
                if !session.is_dry_run {
                    session.store.move_cursor(CURSOR, now)?;
                }
                return Ok(());
            }
            Some(next) if !tokens.insert(next.clone()) => break,
            Some(next) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle("Amazon's fulfillment orders"))
}

/// Returns the orders that changed and this run's share of a sweep over the others, the longest unread first.
fn due(session: &Session) -> Result<Vec<Intent>, Error> {
    let open = session.store.open_fulfillment_orders(session.now())?;
    let changed = open.iter().filter(|intent| intent.looked_at.is_none()).count();
    let interval = i64::from(session.settings.schedule.tracking_sync_interval_minutes);
    let share = sweep_share(open.len() - changed, interval);
    Ok(open.into_iter().take(changed + share).collect())
}

/// How many of the unchanged orders one run reads so that each is read every two hours.
fn sweep_share(unchanged: usize, interval_minutes: i64) -> usize {
    let runs = usize::try_from(SWEEP.num_minutes() / interval_minutes.max(1))
        .unwrap_or(1)
        .max(1);
    unchanged.div_ceil(runs)
}

fn read(session: &Session, amazon: &Amazon, intent: &Intent, summary: &mut Summary) -> Result<(), Error> {
    let before = session.store.parcels_of(&intent.order)?;
    let flags_before = session.store.flags(&intent.order)?;
    let found = follow(session, amazon, intent)?;
    note_new_flags(session, intent, &flags_before, summary)?;
    let Some(found) = found else {
        return Ok(());
    };
    if session.is_dry_run {
        let known: BTreeSet<_> = before
            .iter()
            .filter_map(|parcel| parcel.pushed_number.clone())
            .collect();
        for parcel in parcels(&found) {
            let Some(number) = parcel.tracking_number.filter(|number| !known.contains(number)) else {
                continue;
            };
            summary.count("found");
            let text = format!("would tell TikTok {number} ({})", parcel.carrier_code);
            summary
                .orders
                .push(Touched::new(&intent.order, State::Shipped).explained(text));
        }
        return Ok(());
    }
    let now_known = session.store.parcels_of(&intent.order)?.len();
    summary.add("found", now_known.saturating_sub(before.len()));
    Ok(())
}

/// What Amazon said may have flagged the order: a person sees it in this run's table.
fn note_new_flags(session: &Session, intent: &Intent, before: &[Flag], summary: &mut Summary) -> Result<(), Error> {
    let flags = session.store.flags(&intent.order)?;
    if flags.iter().all(|flag| before.contains(flag)) {
        return Ok(());
    }
    if let Some(stored) = session.store.order(&intent.order)? {
        summary.count("flagged");
        summary.orders.push(Touched {
            fulfillment_order: Some(intent.id.clone()),
            flags,
            ..Touched::new(&intent.order, stored.state)
        });
    }
    Ok(())
}

fn push(
    session: &Session,
    only: Option<&TiktokOrderId>,
    summary: &mut Summary,
    troubles: &mut Troubles,
) -> Result<(), Error> {
    let parcels = session.store.parcels_to_push(session.now())?;
    let parcels: Vec<_> = parcels
        .into_iter()
        .filter(|parcel| only.is_none_or(|id| parcel.order == *id))
        .collect();
    if parcels.is_empty() {
        return Ok(());
    }
    let mut pusher = Pusher::open(session)?;
    for parcel in &parcels {
        session.check_stop()?;
        let pushed = match pusher.push(parcel) {
            Ok(pushed) => pushed,
            Err(error) if error.ends_the_run() => return Err(error),
            Err(error) => {
                summary.count("waiting");
                troubles.note(error);
                continue;
            }
        };
        let state = session
            .store
            .order(&parcel.order)?
            .map_or(State::Shipped, |stored| stored.state);
        let mut touched = Touched::new(&parcel.order, state);
        touched.fulfillment_order = Some(parcel.fulfillment_order.clone());
        match pushed {
            Pushed::Told(text) => {
                summary.count("pushed");
                touched.explanation.push(text);
            }
            Pushed::Refused(flag) => {
                summary.count("refused");
                touched.flags.push(flag);
            }
            Pushed::Waits(why) => {
                summary.count("waiting");
                touched.explanation.push(why);
            }
        }
        summary.orders.push(touched);
    }
    Ok(())
}

/// An order whose last number was just told shows its end in the same row.
fn note_completed(id: &TiktokOrderId, summary: &mut Summary) {
    let mut is_listed = false;
    for row in summary.orders.iter_mut().filter(|row| row.id == *id) {
        row.state = State::Completed;
        is_listed = true;
    }
    if !is_listed {
        let row = Touched::new(id, State::Completed).explained("all parcels are shipped and told");
        summary.orders.push(row);
    }
}

/// Raises an alarm for each parcel that left hours ago and that TikTok knows nothing of, once an hour mark.
fn watch_the_clock(session: &Session, summary: &mut Summary) -> Result<(), Error> {
    let now = session.now();
    let [first, _] = ALARM_HOURS;
    for parcel in session.store.late_parcels(now - TimeDelta::hours(first))? {
        let Some(shipped_at) = parcel.shipped_at else {
            continue;
        };
        summary.count("overdue");
        let hours = (now - shipped_at).num_hours();
        let mark = ALARM_HOURS.into_iter().rfind(|mark| hours >= *mark).unwrap_or(first);
        let event = Event::TrackingOverdue {
            order: parcel.order.clone(),
            shipped_at,
            hours,
        };
        session.store.tell_overdue(&parcel, mark, &event, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_reads_every_open_order_within_two_hours() {
        assert_eq!(sweep_share(5_000, 30), 1_250);
        assert_eq!(sweep_share(1, 30), 1);
        assert_eq!(sweep_share(0, 30), 0);
        assert_eq!(sweep_share(10, 240), 10, "an interval beyond two hours reads all");
    }
}
