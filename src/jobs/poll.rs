//! `mcf poll`: settle what is not certain, detect, act on cancellations, decide, send.

use std::collections::BTreeSet;

use super::decide::{Candidate, Desk};
use super::intake::Detected;
use super::sent::note_sent;
use super::summary::{Finished, Summary, Troubles};
use super::{Error, Session, cancel, intake, repair, submit};
use crate::amazon::Amazon;
use crate::tiktok::Tiktok;

/// Does one run.
///
/// # Errors
/// When nothing could be done at all: no credentials, no database, no shop.
pub fn run(session: &Session, progress: &dyn Fn(u64, u64)) -> Result<Finished, Error> {
    let amazon = session.amazon()?;
    let mut summary = Summary::default();
    let mut troubles = Troubles::default();
    if let Err(error) = settle_open(session, &amazon, &mut summary, &mut troubles) {
        return Ok(stopped(summary, troubles, error));
    }
    let tiktok = session.tiktok()?;
    let work = detect_and_decide(session, &tiktok, &amazon, &mut summary, &mut troubles, progress);
    if let Err(error) = work {
        if matches!(&error, Error::Tiktok(error) if error.class() == crate::tiktok::Class::ShopMismatch) {
            session.forget_shop()?;
        }
        return Ok(stopped(summary, troubles, error));
    }
    Ok(troubles.finish(summary))
}

fn stopped(summary: Summary, mut troubles: Troubles, error: Error) -> Finished {
    troubles.note(error);
    troubles.finish(summary)
}

/// Settles every order whose outcome is not certain, before anything new is created.
fn settle_open(
    session: &Session,
    amazon: &Amazon,
    summary: &mut Summary,
    troubles: &mut Troubles,
) -> Result<(), Error> {
    if session.is_dry_run {
        return Ok(());
    }
    for intent in session.store.unsettled()? {
        session.check_stop()?;
        match submit::settle(session, amazon, &intent) {
            Ok(sent) => note_sent(session, &intent.order, sent, summary, troubles)?,
            Err(error) if error.ends_the_run() => return Err(error),
            Err(error) => troubles.note(error),
        }
    }
    Ok(())
}

fn detect_and_decide(
    session: &Session,
    tiktok: &Tiktok,
    amazon: &Amazon,
    summary: &mut Summary,
    troubles: &mut Troubles,
    progress: &dyn Fn(u64, u64),
) -> Result<(), Error> {
    let mut detected = Detected::default();
    match intake::detect(session, tiktok, &mut detected) {
        // What was read is stored; the cursor stands, and orders that are known already need not wait for it.
        Err(error @ Error::PagesInCircle(_)) => troubles.note(error),
        read => read?,
    }
    if let Err(error) = repair::sweep(session, tiktok, &mut detected)
        && troubles.note_and_ends(error)
    {
        return Ok(());
    }
    summary.add("detected", detected.new.len());
    summary.notes.extend(detected.unreadable);
    if let Err(error) = cancel::act(session, tiktok, amazon, summary)
        && troubles.note_and_ends(error)
    {
        return Ok(());
    }
    let mut ids = session.store.undecided(session.now())?;
    if session.is_dry_run {
        let known: BTreeSet<_> = ids.iter().cloned().collect();
        ids.extend(detected.new.into_iter().filter(|id| !known.contains(id)));
    }
    let mut desk = Desk::open(session, tiktok, amazon, &ids, summary, troubles)?;
    let candidates = desk.take_candidates();
    let total = candidates.len() as u64;
    for (done, candidate) in (0..).zip(candidates) {
        progress(done, total);
        session.check_stop()?;
        decide_one(&mut desk, &candidate, summary, troubles)?;
    }
    progress(total, total);
    Ok(())
}

/// One order in its own boundary: its trouble is noted and the next one is decided.
fn decide_one(
    desk: &mut Desk<'_>,
    candidate: &Candidate,
    summary: &mut Summary,
    troubles: &mut Troubles,
) -> Result<(), Error> {
    match desk.handle(candidate, false, summary, troubles) {
        Err(error) if error.ends_the_run() => Err(error),
        Err(error) => {
            troubles.note(error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
