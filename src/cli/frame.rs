//! The frame around a job: lock, run row, notices, the job itself, delivery, report, exit code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::context::Context;
use super::{Exit, Failure, trouble};
use crate::config::{Settings, WebhookFormat};
use crate::crash;
use crate::domain::event::Event;
use crate::jobs::{Finished, Plan, Session, Touched, binding};
use crate::notify::{self, DeliveryLimits, DeliverySummary, Endpoint, Format};
use crate::report::run::{NOTIFIED, PlannedOrder, PlannedUnits, RunReport, TouchedOrder};
use crate::store::{Lock, RunOutcome, Store, Vendor};
use crate::transport::{Names, RetryPolicy, Sender};

/// How much of the time until the next run is the vendors'; the rest is for telling the endpoints.
const VENDORS_SHARE: f64 = 0.9;

/// A job to be run: its name in the run log, its lock, how often it should run.
pub struct Job {
    /// E.g. `poll`.
    pub command: &'static str,
    /// The kind of work that may run once at a time.
    pub work: &'static str,
    /// Whether nothing may be changed.
    pub is_dry_run: bool,
}

/// A job that ran.
pub struct Ran {
    /// What to print.
    pub report: RunReport,
    /// Why it could not do all.
    pub failure: Option<Failure>,
}

/// Runs a job inside its frame. A dry run takes no lock, writes no row and tells nobody.
pub fn run(
    context: &Context,
    job: &Job,
    settings: Settings,
    work: impl FnOnce(&Session) -> Result<Finished, crate::jobs::Error>,
) -> Result<Ran, Failure> {
    let store = context.store(&settings)?;
    require_credentials(&settings, &store)?;
    require_own(&settings, &store)?;
    let started_at = context.now();
    let interval = interval(job.command, &settings);
    let (run_time_max, due_at) = (interval.mul_f64(VENDORS_SHARE), Instant::now() + interval);
    if job.is_dry_run {
        let session = context.session(settings, store, Some(run_time_max), true)?;
        let finished = worked(&session, work);
        return Ok(ran(context, job, started_at, finished, None));
    }
    let _lock = Lock::take(store.path(), job.work, started_at)?;
    crash::point("lock");
    let endpoints = endpoints(&settings)?;
    // Another run may have bound it while this one waited for the lock.
    require_own(&settings, &store)?;
    binding::bind(&store, &settings, false, started_at)?;
    notify::register(&store, &endpoints)?;
    store.begin_run(job.command, started_at)?;
    store.add_events(&[Event::ConnectorStarted { at: started_at }], started_at)?;
    let session = context.session(settings, Arc::clone(&store), Some(run_time_max), false)?;
    let finished = worked(&session, work);
    if finished.trouble.is_none() {
        binding::bind(&store, &session.settings, true, context.now())?;
    }
    let delivered = close(context, &store, &endpoints, job.command, &finished, due_at)?;
    Ok(ran(context, job, started_at, finished, Some(delivered)))
}

/// Names every missing credential of both vendors at once, before anything is begun.
fn require_credentials(settings: &Settings, store: &Store) -> Result<(), Failure> {
    let tiktok = match store.tokens(Vendor::Tiktok)? {
        Some(_) => settings.tiktok.credentials_beside_stored_tokens(),
        None => settings.tiktok.credentials(),
    };
    let failures: Vec<Failure> = [tiktok.err(), settings.amazon.credentials().err()]
        .into_iter()
        .flatten()
        .map(Failure::from)
        .collect();
    let message = failures
        .iter()
        .map(|failure| failure.message.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    match failures.into_iter().next() {
        Some(failure) => Err(Failure { message, ..failure }),
        None => Ok(()),
    }
}

/// A database that belongs to another shop or account is left as it is, and nothing is asked of a vendor.
fn require_own(settings: &Settings, store: &Store) -> Result<(), Failure> {
    let Some(other) = binding::refused(store, settings)? else {
        return Ok(());
    };
    Err(Failure {
        message: other.to_string(),
        help: Some(format!(
            "put the former {} back, or give the other account a database of its own: mcf poll --db OTHER.db",
            other.key()
        )),
        exit: Exit::Unusable,
    })
}

/// Runs the work between two looks at the stored times: what an earlier run left in the future is not worked with, and what this one
/// wrote before a vendor told the time does not stay.
fn worked(session: &Session, work: impl FnOnce(&Session) -> Result<Finished, crate::jobs::Error>) -> Finished {
    let mut notes = Vec::new();
    let worked = session.pull_back_times().and_then(|note| {
        notes.extend(note);
        work(session)
    });
    let mut finished = worked.unwrap_or_else(|error| Finished {
        summary: crate::jobs::Summary::default(),
        trouble: Some(error),
    });
    let is_cut_off = finished.trouble.as_ref().is_some_and(crate::jobs::Error::is_passing);
    if session.sender.is_stopping() && is_cut_off {
        // The call that was not waited for is no vendor's trouble.
        finished.trouble = Some(crate::jobs::Error::Stopped);
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
    context: &Context,
    store: &Store,
    endpoints: &[Endpoint],
    command: &str,
    finished: &Finished,
    due_at: Instant,
) -> Result<DeliverySummary, Failure> {
    let now = context.now();
    trouble::tell(store, command, finished.trouble.as_ref(), now)?;
    store.add_events(&[Event::ConnectorStopped { at: now }], now)?;
    let counts = serde_json::to_value(&finished.summary.counts).unwrap_or_default();
    store.end_run(outcome(finished), &counts, now)?;
    if endpoints.is_empty() {
        return Ok(DeliverySummary::default());
    }
    let sender = endpoint_sender(context, endpoints, due_at)?;
    Ok(notify::deliver(store, &sender, endpoints, DeliveryLimits::RUN)?)
}

/// Makes the sender for endpoints: no pacing, no repetition, no record beside the deliveries' own, and no private network but where
/// that is allowed.
pub fn endpoint_sender(context: &Context, endpoints: &[Endpoint], ends_at: Instant) -> Result<Sender, Failure> {
    let once = RetryPolicy {
        attempts_max: 1,
        backoff: Duration::ZERO,
    };
    let limits = notify::send_limits(Some(ends_at));
    Sender::new(
        context.clock,
        limits,
        once,
        Arc::clone(&context.stop),
        Box::new(|_, _| {}),
        Box::new(|_| {}),
    )
    .and_then(|sender| sender.kept_outside(Names::allowing(endpoints.iter().filter_map(Endpoint::private_host))))
    .map_err(|error| Failure::unexpected(&error))
}

/// Reads the endpoints out of the settings.
pub fn endpoints(settings: &Settings) -> Result<Vec<Endpoint>, Failure> {
    settings
        .webhooks
        .iter()
        .map(|webhook| {
            let format = match webhook.format {
                WebhookFormat::Json => Format::Json,
                WebhookFormat::Slack => Format::Slack,
            };
            let url = webhook
                .url
                .expose()
                .parse()
                .map_err(|error: url::ParseError| Failure::unexpected(&error))?;
            Endpoint::new(url, webhook.secret.as_ref(), webhook.events.clone(), format)
                .map(|endpoint| endpoint.in_private_network(webhook.allow_private))
                .map_err(|error| Failure::unexpected(&error))
        })
        .collect()
}

fn outcome(finished: &Finished) -> RunOutcome {
    match &finished.trouble {
        None => RunOutcome::Ok,
        Some(crate::jobs::Error::Stopped | crate::jobs::Error::TimeIsUp) => RunOutcome::Interrupted,
        Some(error) if error.is_credentials() => RunOutcome::CredentialsRefused,
        Some(error) if crate::jobs::store_behind(error).is_some() => RunOutcome::Failed,
        Some(
            crate::jobs::Error::Braked(_)
            | crate::jobs::Error::OrderNotFound(_)
            | crate::jobs::Error::Held(_)
            | crate::jobs::Error::NotAccepted { .. }
            | crate::jobs::Error::Dismissed(_)
            | crate::jobs::Error::NoWarehouse,
        ) => RunOutcome::PersonNeeded,
        Some(crate::jobs::Error::Store(_) | crate::jobs::Error::Config(_)) => RunOutcome::Failed,
        Some(_) => RunOutcome::VendorUnavailable,
    }
}

/// After how long the next run is due.
fn interval(command: &str, settings: &Settings) -> Duration {
    let minutes = match command {
        "sync-tracking" => settings.schedule.tracking_sync_interval_minutes,
        "sync-inventory" => settings.schedule.inventory_sync_interval_minutes,
        _ => settings.schedule.order_poll_interval_minutes,
    };
    Duration::from_secs(u64::from(minutes) * 60)
}

fn ran(
    context: &Context,
    job: &Job,
    started_at: DateTime<Utc>,
    finished: Finished,
    delivered: Option<DeliverySummary>,
) -> Ran {
    let mut report = RunReport::new(job.command, started_at, outcome(&finished), context.now());
    report.run.dry_run = job.is_dry_run;
    report.counts.extend(finished.summary.counts);
    if let Some(delivered) = delivered.filter(|delivered| delivered.delivered > 0) {
        report.counts.insert(NOTIFIED, u64::from(delivered.delivered));
    }
    report.notes = finished.summary.notes;
    report.orders = finished.summary.orders.into_iter().map(row).collect();
    let failure = finished.trouble.map(Failure::from);
    let failure = failure.map(|failure| failure.unless_stopped(&context.stop));
    report.error = failure.as_ref().map(Failure::run_error);
    Ran { report, failure }
}

fn row(touched: Touched) -> TouchedOrder {
    let mut explanation = touched.explanation;
    if explanation.is_empty() {
        explanation.extend(
            touched
                .detail
                .as_deref()
                .map(crate::domain::eligibility::explain)
                .map(str::to_owned),
        );
    }
    TouchedOrder {
        tiktok_order_id: touched.id,
        state: touched.state,
        detail: touched.detail,
        mcf_order_id: touched.fulfillment_order,
        flags: touched.flags,
        explanation: (!explanation.is_empty()).then(|| explanation.join("; ")),
        plan: touched.plan.map(planned),
    }
}

fn planned(plan: Plan) -> PlannedOrder {
    let units = |(amazon_sku, quantity)| PlannedUnits { amazon_sku, quantity };
    PlannedOrder {
        shipping_speed: plan.shipping_speed.to_string(),
        items: plan.items.into_iter().map(units).collect(),
    }
}

/// Prints a run and returns its exit code.
pub fn show(context: &Context, ran: &Ran) -> Exit {
    let output = context.output;
    if output.json {
        output.data(&crate::report::json(&ran.report).unwrap_or_default());
    } else if !(output.quiet && ran.report.is_idle()) {
        output.data(&ran.report.text(&output.view(context.now())));
    }
    match &ran.failure {
        Some(failure) => {
            output.explain(failure);
            failure.exit
        }
        None => Exit::Done,
    }
}
