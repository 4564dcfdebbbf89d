//! One run of a command, whoever asks for it: lock, run row, events, the job itself, delivery to the endpoints, report.
//!
//! Owns what stands around a job and nothing of what it does. Must never print, read an argument or know an exit code: each front end
//! says in its own words how a run went.

pub mod account;
mod actions;
mod console;
mod endpoints;
mod error;
mod report;
mod surroundings;
mod timing;
mod trouble;

use std::sync::Arc;
use std::time::Instant;

use chrono::Local;

use crate::config::Settings;
use crate::crash;
use crate::domain::event::Event;
use crate::jobs::{self, Finished, Session, binding};
use crate::notify::{self, DeliveryLimits, DeliverySummary, Endpoint};
use crate::report::run::RunReport;
use crate::store::{RunOutcome, Store, Vendor};

pub use actions::Done;
pub use console::{Console, Look, shop};
pub use endpoints::{endpoint_sender, endpoints};
pub use error::Error;
pub use surroundings::{Surroundings, location, location_of};
pub use timing::timing;

/// How much of the time until the next run is the vendors'; the rest is for telling the endpoints.
const VENDORS_SHARE: f64 = 0.9;

/// A job to be run: its name in the run log, its lock, how often it should run.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    command: &'static str,
    work: &'static str,
    is_dry_run: bool,
}

impl Job {
    /// `mcf poll`.
    pub const POLL: Self = Self::new("poll", "orders");
    /// `mcf route`.
    pub const ROUTE: Self = Self::new("route", "orders");
    /// `mcf sync-tracking`.
    pub const SYNC_TRACKING: Self = Self::new("sync-tracking", "tracking");
    /// `mcf sync-inventory`.
    pub const SYNC_INVENTORY: Self = Self::new("sync-inventory", "inventory");

    /// `work` is what may run once at a time.
    const fn new(command: &'static str, work: &'static str) -> Self {
        Self {
            command,
            work,
            is_dry_run: false,
        }
    }

    /// The same where only the plan may be asked for.
    #[must_use]
    pub const fn dry(self, is_dry_run: bool) -> Self {
        Self { is_dry_run, ..self }
    }
}

/// A job that ran.
#[derive(Debug)]
pub struct Ran {
    /// What it did; its `error` is left to who shows it.
    pub report: RunReport,
    /// Why it could not do all.
    pub trouble: Option<jobs::Error>,
}

/// Runs a job. A dry run takes no lock, writes no row and tells nobody.
///
/// # Errors
/// When nothing was begun: no database, no credentials, another run at work.
pub fn run(
    surroundings: &Surroundings,
    job: Job,
    settings: Settings,
    work: impl FnOnce(&Session) -> Result<Finished, jobs::Error>,
) -> Result<Ran, Error> {
    let store = surroundings.open_store(&settings)?;
    require_credentials(&settings, &store)?;
    require_own(&settings, &store)?;
    let started_at = surroundings.now();
    let interval = timing::of(job.command, &settings);
    let (run_time_max, due_at) = (interval.mul_f64(VENDORS_SHARE), Instant::now() + interval);
    if job.is_dry_run {
        let session = surroundings.session(settings, store, Some(run_time_max), true)?;
        let finished = worked(&session, work);
        return Ok(report::ran(surroundings, job, started_at, finished, None));
    }
    let _lock = store.take(job.work, started_at)?;
    crash::point("lock");
    let endpoints = endpoints(&settings)?;
    // Another run may have bound it while this one waited for the lock.
    require_own(&settings, &store)?;
    binding::bind(&store, &settings, false, started_at)?;
    notify::register(&store, &endpoints)?;
    store.begin_run(job.command, started_at)?;
    store.add_events(&[Event::ConnectorStarted { at: started_at }], started_at)?;
    let session = surroundings.session(settings, Arc::clone(&store), Some(run_time_max), false)?;
    let finished = worked(&session, work);
    if finished.trouble.is_none() {
        binding::bind(&store, &session.settings, true, surroundings.now())?;
    }
    let delivered = close(surroundings, &session, &endpoints, job.command, &finished, due_at)?;
    Ok(report::ran(surroundings, job, started_at, finished, Some(delivered)))
}

/// Names every missing credential of both vendors at once, before anything is begun.
fn require_credentials(settings: &Settings, store: &Store) -> Result<(), Error> {
    let tiktok = match store.tokens(Vendor::Tiktok)? {
        Some(_) => settings.tiktok.credentials_beside_stored_tokens(),
        None => settings.tiktok.credentials(),
    };
    let amazon = match jobs::amazon_credentials(store, &settings.amazon) {
        Ok(_) => None,
        Err(jobs::Error::Config(missing)) => Some(missing),
        Err(error) => return Err(error.into()),
    };
    let missing = [tiktok.err(), amazon].into_iter().flatten();
    let mut missing = missing.collect::<Vec<_>>().into_iter();
    match missing.next() {
        Some(first) => Err(Error::Credentials {
            first: Box::new(first),
            others: missing.collect(),
        }),
        None => Ok(()),
    }
}

/// A database that belongs to another shop or account is left as it is, and nothing is asked of a vendor.
fn require_own(settings: &Settings, store: &Store) -> Result<(), Error> {
    match binding::refused(store, settings)? {
        Some(other) => Err(Error::OtherAccount(other)),
        None => Ok(()),
    }
}

/// Runs the work between two looks at the stored times: what an earlier run left in the future is not worked with, and what this one
/// wrote before a vendor told the time does not stay.
fn worked(session: &Session, work: impl FnOnce(&Session) -> Result<Finished, jobs::Error>) -> Finished {
    let mut notes = Vec::new();
    let worked = session.pull_back_times().and_then(|note| {
        notes.extend(note);
        work(session)
    });
    let mut finished = worked.unwrap_or_else(|error| Finished {
        summary: jobs::Summary::default(),
        trouble: Some(error),
    });
    let is_cut_off = finished.trouble.as_ref().is_some_and(jobs::Error::is_passing);
    if session.sender.is_stopping() && is_cut_off {
        // The call that was not waited for is no vendor's trouble.
        finished.trouble = Some(jobs::Error::Stopped);
    }
    finished.summary.notes.extend(session.take_notices());
    notes.extend(session.clock_warning());
    match session.pull_back_times() {
        Ok(note) => notes.extend(note),
        Err(error) => finished.trouble = finished.trouble.or(Some(error)),
    }
    if let Err(error) = session.note_clock() {
        finished.trouble = finished.trouble.or(Some(error));
    }
    finished.summary.notes.extend(notes);
    finished
}

/// Writes the run's last events and row, then delivers what is due, as far as there is time before the next run.
fn close(
    surroundings: &Surroundings,
    session: &Session,
    endpoints: &[Endpoint],
    command: &str,
    finished: &Finished,
    due_at: Instant,
) -> Result<DeliverySummary, Error> {
    let (now, store) = (surroundings.now(), &*session.store);
    trouble::tell(store, command, finished.trouble.as_ref(), now)?;
    let end = store.chain_end()?;
    let stopped = Event::ConnectorStopped {
        at: now,
        audit_rows: end.rows,
        audit_head: end.head,
    };
    store.add_events(&[stopped], now)?;
    let counts = serde_json::to_value(&finished.summary.counts).unwrap_or_default();
    let outcome = report::outcome(finished);
    store.end_run(outcome, &counts, now)?;
    if endpoints.is_empty() {
        return Ok(DeliverySummary::default());
    }
    let sender = endpoint_sender(surroundings, endpoints, due_at);
    if command == "poll" && outcome == RunOutcome::Ok {
        notify::beat(&sender, endpoints);
    }
    let quiet = session.settings.alerts.quiet;
    let is_quiet = quiet.is_some_and(|hours| hours.hold_at(now.with_timezone(&Local).time()));
    Ok(notify::deliver(
        store,
        &sender,
        endpoints,
        DeliveryLimits::RUN,
        is_quiet,
    )?)
}
