//! `mcf poll`: settle what is not certain, detect, act on cancellations, look at what Amazon made of the orders, decide, send.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::detection::{Detected, detect, detect_again, look_elsewhere, sweep};
use super::routing::{Batch, Handled, Planned};
use super::submission::{note_outcome, settle};
use super::summary::{Finished, Work};
use super::{Error, Session, cancellation, fulfillment, lost_units, reminders, retention, sync_inventory, warehouses};
use crate::amazon::Amazon;
use crate::domain::span::Span;
use crate::domain::submission::AskedBy;
use crate::store::Store;
use crate::tiktok::Tiktok;

/// How many orders are in hand at once.
const AT_ONCE: usize = 4;

/// Is told how many orders of how many are done.
type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Does one run.
///
/// # Errors
/// When nothing could be done at all: no credentials, no database, no shop.
pub fn run(session: &Session, progress: Progress<'_>) -> Result<Finished, Error> {
    run_over(session, None, progress)
}

/// Does one run that reads a time once more that a person names, in place of what changed since the last run.
///
/// # Errors
/// As [`run`].
pub fn run_over(session: &Session, again: Option<Span>, progress: Progress<'_>) -> Result<Finished, Error> {
    let mut finished = route_all(session, again, progress);
    if let Some(store) = session.writable_store() {
        if let Ok(Finished { summary, .. }) = &mut finished {
            retention::forget(session, store, summary);
        }
        empty_held_log(store, session.now());
        reminders::tell(store, session.now())?;
        store.count_dispatches(session.now())?;
    }
    finished
}

/// What an erasure left in the log is no trouble of this run: `status` lists it until it is gone.
fn empty_held_log(store: &Store, now: DateTime<Utc>) {
    if let Err(error) = store.finish_unfinished(now) {
        log::warn!("the log of the database could not be emptied: {error}");
    }
}

fn route_all(session: &Session, again: Option<Span>, progress: Progress<'_>) -> Result<Finished, Error> {
    let amazon = session.amazon()?;
    let mut work = Work::default();
    if let Err(error) = settle_open(session, &amazon, &mut work) {
        return stopped(session, work, error);
    }
    let tiktok = session.tiktok()?;
    let mut detected = Detected::default();
    let done = look(session, &tiktok, again, &mut detected, &mut work)
        .and_then(|()| decide(session, &tiktok, &amazon, detected, &mut work, progress));
    if let Err(error) = done {
        if matches!(&error, Error::Tiktok(error) if error.class() == crate::tiktok::Class::ShopMismatch) {
            session.forget_shop()?;
        }
        return stopped(session, work, error);
    }
    let second = sync_inventory::take_second_reading(session, &mut work);
    if let Err(error) = work.go_on_after(second) {
        return stopped(session, work, error);
    }
    Ok(work.finish())
}

/// A run that ends early says what it leaves open.
fn stopped(session: &Session, mut work: Work, error: Error) -> Result<Finished, Error> {
    let is_early = matches!(error, Error::Stopped | Error::TimeIsUp);
    if let Some(store) = session.writable_store().filter(|_| is_early) {
        let undecided = store.undecided(session.now())?.len();
        let uncertain = store.unsettled()?.len();
        work.summary.notes.push(format!(
            "left open: {undecided} orders to decide, {uncertain} to look for at Amazon; the next run goes on"
        ));
    }
    work.end(error);
    Ok(work.finish())
}

/// Settles every order whose outcome is not certain, before anything new is created.
fn settle_open(session: &Session, amazon: &Amazon, work: &mut Work) -> Result<(), Error> {
    let Some(store) = session.writable_store() else {
        return Ok(());
    };
    for intent in store.unsettled()? {
        session.check_stop()?;
        let settled = settle(session, amazon, &intent, AskedBy::Schedule)
            .and_then(|outcome| note_outcome(session, &intent.order, outcome, work));
        work.go_on_after(settled)?;
    }
    Ok(())
}

/// Looks for orders. What was read is stored and the cursor stands: orders that are known already need not wait for a search that failed.
fn look(
    session: &Session,
    tiktok: &Tiktok,
    again: Option<Span>,
    detected: &mut Detected,
    work: &mut Work,
) -> Result<(), Error> {
    warehouses::look(session, tiktok)?;
    if let Some(span) = again {
        return work.go_on_after(detect_again(session, tiktok, span, detected));
    }
    work.go_on_after(detect(session, tiktok, detected))?;
    work.go_on_after(sweep(session, tiktok, detected))?;
    work.go_on_after(look_elsewhere(session, tiktok, detected))
}

fn decide(
    session: &Session,
    tiktok: &Tiktok,
    amazon: &Amazon,
    detected: Detected,
    work: &mut Work,
    progress: Progress<'_>,
) -> Result<(), Error> {
    work.summary.add("detected", detected.new.len());
    work.summary.notes.extend(detected.unreadable);
    let cancellations = cancellation::act(session, tiktok, amazon, work)?;
    fulfillment::look_at_all(session, amazon, work)?;
    work.summary.join(lost_units::tell(session)?);
    let mut ids = session.store.undecided(session.now())?;
    ids.extend(detected.not_stored);
    let mut batch = Batch::open(session, tiktok, amazon, &ids, work)?;
    batch.heed(cancellations);
    let mut plans = Vec::new();
    for candidate in batch.take_candidates() {
        session.check_stop()?;
        match batch.plan(candidate, AskedBy::Schedule) {
            Ok(turn) => {
                turn.rows.into_iter().for_each(|row| work.summary.touch(row));
                plans.extend(turn.planned);
            }
            Err(error) => work.go_on_after(Err(error))?,
        }
    }
    carry_out_all(session, &batch, &plans, work, progress)
}

/// Sends or stores what was decided, the nearest deadline first, a few at a time: each order's calls follow each other, and only
/// the vendors' rates, not their latency, say how many orders a run can do. This thread takes part.
fn carry_out_all(
    session: &Session,
    batch: &Batch<'_>,
    plans: &[Planned],
    work: &mut Work,
    progress: Progress<'_>,
) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let handled: Mutex<Vec<(usize, Handled)>> = Mutex::new(Vec::new());
    let total = plans.len() as u64;
    let done = |position: usize, one: Handled| {
        let mut handled = handled.lock().unwrap_or_else(PoisonError::into_inner);
        handled.push((position, one));
        progress(handled.len() as u64, total);
    };
    progress(0, total);
    std::thread::scope(|scope| {
        for _ in 1..AT_ONCE.min(plans.len()) {
            scope.spawn(|| take_turns(session, batch, plans, &next, &done));
        }
        take_turns(session, batch, plans, &next, &done);
    });
    let mut handled = handled.into_inner().unwrap_or_else(PoisonError::into_inner);
    handled.sort_by_key(|(position, _)| *position);
    let mut end = Ok(());
    for (_, part) in handled {
        work.join(part.work);
        end = end.and(part.result);
    }
    end
}

/// Takes one plan after the other until none is left or one of them ends the run.
fn take_turns(
    session: &Session,
    batch: &Batch<'_>,
    plans: &[Planned],
    next: &AtomicUsize,
    done: &(dyn Fn(usize, Handled) + Sync),
) {
    loop {
        let position = next.fetch_add(1, Ordering::Relaxed);
        let Some(planned) = plans.get(position) else {
            return;
        };
        let mut handled = match session.check_stop() {
            Ok(()) => batch.carry_out(planned),
            Err(stopped) => Handled::ended(stopped),
        };
        handled.result = handled.work.go_on_after(handled.result);
        if handled.result.is_err() {
            next.store(plans.len(), Ordering::Relaxed);
        }
        done(position, handled);
    }
}
