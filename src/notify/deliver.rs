//! Delivery: queue what is new, send what is due, remember how it ended.
//!
//! Jobs call this at the end of a run. Each endpoint has its own thread and its own time, so a dead one costs a run one time-out
//! and the others nothing. A failed delivery waits longer each time and is given up after about three days; newer ones do not
//! wait for it, so that a message which an endpoint can't read does not block the rest. The most urgent go first, so order is not
//! promised; the message's `timestamp` tells it. Slack gets all that is due in one message. An endpoint that answers 404 or 410 gets
//! nothing more until `mcf notify flush` (R30). A call fails only where the database refuses; an endpoint's trouble is in the summary.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use thiserror::Error;

use super::{Endpoint, Format, NotAKey, envelope};
use crate::domain::event::instant;
use crate::store::{self, Delivery, DeliveryResult, Due, LockError, Store, StoredEvent};
use crate::transport::retry::retry_after;
use crate::transport::{Answer, KeptOut, Limits, Outcome, SendError, Sender};

/// Tries of one delivery; with the waits below they span about three days.
const ATTEMPTS_MAX: u32 = 20;
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
const WAIT_MAX: TimeDelta = TimeDelta::hours(6);
/// The longest time that an endpoint may ask us to wait (R13).
const ASKED_MAX: TimeDelta = TimeDelta::hours(24);
/// The longest wait that an endpoint asks for and that a run spends on it; chat services take one message a second (E167).
const WAITED_MAX: Duration = Duration::from_secs(5);
const WAITED_MIN: Duration = Duration::from_secs(1);
/// Deliveries that may wait for one endpoint; the least urgent and oldest beyond are given up (E115).
const QUEUE_MAX: u32 = 1000;

/// What telling the endpoints may cost a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryLimits {
    /// Deliveries to one endpoint.
    pub deliveries_max: u32,
    /// Time after which no further delivery starts.
    pub time_max: Duration,
}

impl DeliveryLimits {
    /// For the end of a cron run.
    pub const RUN: Self = Self {
        deliveries_max: 100,
        time_max: Duration::from_secs(20),
    };
    /// For `mcf notify flush`.
    pub const FLUSH: Self = Self {
        deliveries_max: QUEUE_MAX,
        time_max: Duration::from_secs(300),
    };
}

/// Returns the limits of a [`Sender`] for endpoints: they are given less patience than vendors.
#[must_use]
pub fn send_limits(run_ends_at: Option<Instant>) -> Limits {
    Limits {
        timeout: Duration::from_secs(10),
        body_bytes_max: 1024 * 1024,
        run_ends_at,
    }
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliverySummary {
    /// Taken by an endpoint in this run.
    pub delivered: u32,
    /// Still to be delivered.
    pub waiting: u32,
    /// Tries that failed in this run.
    pub failed: u32,
    /// Given up in this run: too many tries, or too many waiting.
    pub given_up: u32,
    /// Endpoints that said in this run that they are gone (R30), by name.
    pub disabled: Vec<String>,
}

impl DeliverySummary {
    fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.waiting += other.waiting;
        self.failed += other.failed;
        self.given_up += other.given_up;
        self.disabled.extend(other.disabled);
    }
}

/// Why an endpoint did not take a message. It shows the host at most, never the address.
#[derive(Debug, Error)]
pub enum NotTaken {
    /// It says that it is gone.
    #[error("it answered {status}: there is nobody at this address")]
    Gone {
        /// 404 or 410.
        status: u16,
    },
    /// It points elsewhere; messages are never sent to an address that the operator did not write.
    #[error("it answered {status}, a redirect; configure the final address")]
    Redirected {
        /// 3xx.
        status: u16,
    },
    /// It refuses or is in trouble.
    #[error("it answered {status}")]
    Refused {
        /// The status.
        status: u16,
        /// How long it asks us to wait.
        wait: Option<Duration>,
    },
    /// Its name leads into a private network.
    #[error("{host} leads into a private network; if that is meant, set allow_private = true beside its url")]
    Private {
        /// The host.
        host: String,
    },
    /// It does not answer.
    #[error(transparent)]
    NoAnswer(SendError),
    /// The message can't be signed.
    #[error(transparent)]
    NotAKey(#[from] NotAKey),
}

/// Makes the endpoints known at the start of a run, so that a new one hears of what happens in its first run.
pub fn register(store: &Store, endpoints: &[Endpoint]) -> store::Result<()> {
    endpoints
        .iter()
        .try_for_each(|endpoint| store.add_endpoint(&endpoint.name()))
}

/// Queues what is new and delivers what is due; in quiet hours only what they don't hold back. Nothing is sent while another process
/// delivers.
pub fn deliver(
    store: &Store,
    sender: &Sender,
    endpoints: &[Endpoint],
    limits: DeliveryLimits,
    is_quiet: bool,
) -> store::Result<DeliverySummary> {
    let due = if is_quiet { Due::InQuietHours } else { Due::Now };
    run(store, sender, endpoints, limits, due)
}

/// Delivers all that is queued, also what should wait, and also to endpoints that were disabled.
pub fn flush(
    store: &Store,
    sender: &Sender,
    endpoints: &[Endpoint],
    limits: DeliveryLimits,
) -> store::Result<DeliverySummary> {
    run(store, sender, endpoints, limits, Due::All)
}

/// Counts what [`flush`] would try to deliver. Nothing is queued or sent.
pub fn waiting(store: &Store, endpoints: &[Endpoint]) -> store::Result<u32> {
    let mut count = 0;
    for (name, endpoints) in by_address(endpoints) {
        let wants = |kind: &str| endpoints.iter().any(|endpoint| endpoint.wants(kind));
        let waiting = store.waiting_deliveries(&name)? + store.unqueued_events(&name, wants)?;
        count += waiting.min(QUEUE_MAX);
    }
    Ok(count)
}

/// Sends one `connector.started` event, marked as a test, and returns the status of the answer. Nothing is stored.
///
/// # Errors
/// When the endpoint does not take it.
pub fn test_endpoint(sender: &Sender, endpoint: &Endpoint) -> Result<u16, NotTaken> {
    let now = sender.clock().now();
    let event = StoredEvent {
        id: 0,
        kind: "connector.started".to_owned(),
        at: now,
        data: json!({"startedAt": instant(now), "test": true}),
    };
    attempt(sender, endpoint, &[&event])
}

/// Tells each dead-man's switch that `poll` did its work, once and unstored: a sign of life that comes late is none.
pub fn beat(sender: &Sender, endpoints: &[Endpoint]) {
    let now = sender.clock().now();
    let event = StoredEvent {
        id: now.timestamp(),
        kind: "heartbeat".to_owned(),
        at: now,
        data: json!({"command": "poll"}),
    };
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.has_heartbeat) {
        if let Err(problem) = attempt(sender, endpoint, &[&event]) {
            log::warn!("endpoint {} did not take the heartbeat: {problem}", endpoint.name());
        }
    }
}

fn run(
    store: &Store,
    sender: &Sender,
    endpoints: &[Endpoint],
    limits: DeliveryLimits,
    due: Due,
) -> store::Result<DeliverySummary> {
    let _lock = match store.take("notifications", sender.clock().now()) {
        Ok(lock) => lock,
        Err(LockError::Busy { .. }) => return all_waiting(store, endpoints, sender.clock().now()),
        Err(error) => return Err(error.into()),
    };
    let rounds: Vec<Round<'_>> = by_address(endpoints)
        .into_iter()
        .map(|(name, endpoints)| Round {
            store,
            sender,
            name,
            endpoints,
            limits,
            due,
        })
        .collect();
    let results: Vec<store::Result<DeliverySummary>> = std::thread::scope(|scope| {
        let threads: Vec<_> = rounds.iter().map(|round| scope.spawn(|| round.run())).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut summary = DeliverySummary::default();
    for result in results {
        summary.add(result?);
    }
    Ok(summary)
}

/// Queues what is new, so that the length of the queue is true, and leaves the telling to who does it already.
fn all_waiting(store: &Store, endpoints: &[Endpoint], now: DateTime<Utc>) -> store::Result<DeliverySummary> {
    let mut summary = DeliverySummary::default();
    for (name, endpoints) in by_address(endpoints) {
        let wants = |kind: &str| endpoints.iter().any(|endpoint| endpoint.wants(kind));
        store.add_endpoint(&name)?;
        store.queue_deliveries(&name, wants, now)?;
        summary.waiting += store.waiting_deliveries(&name)?;
    }
    Ok(summary)
}

/// An address that is configured twice is one endpoint that wants what either entry wants.
fn by_address(endpoints: &[Endpoint]) -> BTreeMap<String, Vec<&Endpoint>> {
    let mut addresses: BTreeMap<String, Vec<&Endpoint>> = BTreeMap::new();
    for endpoint in endpoints {
        addresses.entry(endpoint.name()).or_default().push(endpoint);
    }
    addresses
}

/// One endpoint's part of a run.
struct Round<'a> {
    store: &'a Store,
    sender: &'a Sender,
    name: String,
    endpoints: Vec<&'a Endpoint>,
    limits: DeliveryLimits,
    due: Due,
}

impl Round<'_> {
    fn run(&self) -> store::Result<DeliverySummary> {
        let started = Instant::now();
        let mut summary = self.queue()?;
        let Some(endpoint) = self.endpoints.first() else {
            return Ok(summary);
        };
        let (deliveries_max, at_once) = match endpoint.format {
            Format::Json => (self.limits.deliveries_max, 1),
            Format::Slack => (QUEUE_MAX, QUEUE_MAX as usize),
        };
        let due = self
            .store
            .due_deliveries(&self.name, self.due, deliveries_max, self.now())?;
        for message in due.chunks(at_once) {
            if started.elapsed() > self.limits.time_max || !self.tell(endpoint, message, started, &mut summary)? {
                break;
            }
        }
        summary.waiting = self.store.waiting_deliveries(&self.name)?;
        Ok(summary)
    }

    fn queue(&self) -> store::Result<DeliverySummary> {
        let wants = |kind: &str| self.endpoints.iter().any(|endpoint| endpoint.wants(kind));
        self.store.add_endpoint(&self.name)?;
        if self.due == Due::All {
            self.store.enable_endpoint(&self.name)?;
        }
        self.store.queue_deliveries(&self.name, wants, self.now())?;
        Ok(DeliverySummary {
            given_up: self.store.limit_deliveries(&self.name, QUEUE_MAX, self.now())?,
            ..DeliverySummary::default()
        })
    }

    /// Makes one try and returns whether the endpoint may be told more in this run.
    fn tell(
        &self,
        endpoint: &Endpoint,
        message: &[Delivery],
        started: Instant,
        summary: &mut DeliverySummary,
    ) -> store::Result<bool> {
        let problem = match self.attempt(endpoint, message, started) {
            Ok(_) => {
                summary.delivered += u32::try_from(message.len()).unwrap_or(u32::MAX);
                self.note(message, |_| DeliveryResult::Delivered)?;
                return Ok(true);
            }
            Err(NotTaken::NoAnswer(SendError::Stopping | SendError::RunEnds | SendError::Deferred { .. })) => {
                return Ok(false);
            }
            Err(problem) => problem,
        };
        log::warn!(
            "endpoint {} did not take {} events: {problem}",
            self.name,
            message.len()
        );
        summary.failed += 1;
        if let NotTaken::Gone { .. } = problem {
            self.store
                .disable_endpoint(&self.name, &problem.to_string(), self.now())?;
            summary.disabled.push(self.name.clone());
        }
        let result = |delivery: &Delivery| after(&problem, delivery.attempts + 1, self.now());
        let is_given_up = |delivery: &&Delivery| matches!(result(delivery), DeliveryResult::GivenUp(_));
        summary.given_up += u32::try_from(message.iter().filter(is_given_up).count()).unwrap_or(u32::MAX);
        self.note(message, result)?;
        Ok(false)
    }

    /// Sends, and again after each wait of seconds that the endpoint asks for, while the run has time for it.
    fn attempt(&self, endpoint: &Endpoint, message: &[Delivery], started: Instant) -> Result<u16, NotTaken> {
        let events: Vec<&StoredEvent> = message.iter().map(|delivery| &delivery.event).collect();
        loop {
            let refused = match attempt(self.sender, endpoint, &events) {
                Err(NotTaken::Refused {
                    status,
                    wait: Some(wait),
                }) if wait <= WAITED_MAX => (
                    NotTaken::Refused {
                        status,
                        wait: Some(wait),
                    },
                    wait.max(WAITED_MIN),
                ),
                other => return other,
            };
            let (refused, wait) = refused;
            if started.elapsed() + wait > self.limits.time_max || self.sender.pause(wait).is_err() {
                return Err(refused);
            }
        }
    }

    fn note(&self, message: &[Delivery], result: impl Fn(&Delivery) -> DeliveryResult) -> store::Result<()> {
        message.iter().try_for_each(|delivery| {
            self.store
                .record_delivery(&self.name, delivery.event.id, &result(delivery), self.now())
        })
    }

    fn now(&self) -> DateTime<Utc> {
        self.sender.clock().now()
    }
}

/// Decides what follows the `attempts`-th failed try.
fn after(problem: &NotTaken, attempts: u32, now: DateTime<Utc>) -> DeliveryResult {
    let asked = match problem {
        NotTaken::Refused { wait: Some(wait), .. } => TimeDelta::from_std(*wait).unwrap_or(ASKED_MAX).min(ASKED_MAX),
        NotTaken::Refused { wait: None, .. }
        | NotTaken::Gone { .. }
        | NotTaken::Redirected { .. }
        | NotTaken::Private { .. }
        | NotTaken::NoAnswer(_)
        | NotTaken::NotAKey(_) => TimeDelta::zero(),
    };
    let why = problem.to_string();
    // What a gone endpoint missed is kept for the day it is back.
    if attempts >= ATTEMPTS_MAX && !matches!(problem, NotTaken::Gone { .. }) {
        return DeliveryResult::GivenUp(why);
    }
    let doubled = FIRST_WAIT * 2_i32.pow(attempts.saturating_sub(1).min(10));
    DeliveryResult::Later(now + doubled.min(WAIT_MAX).max(asked), why)
}

fn attempt(sender: &Sender, endpoint: &Endpoint, events: &[&StoredEvent]) -> Result<u16, NotTaken> {
    let now = sender.clock().now();
    match sender.send(&envelope::request(endpoint, events, now)?) {
        Outcome::Answered(answer) => judge(&answer, now),
        Outcome::NotSent(SendError::KeptOut(KeptOut::Private { host })) => Err(NotTaken::Private { host }),
        Outcome::NotSent(error) | Outcome::Unknown(error) => Err(NotTaken::NoAnswer(error)),
    }
}

fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<u16, NotTaken> {
    let status = answer.status;
    match status {
        200..=299 => Ok(status),
        300..=399 => Err(NotTaken::Redirected { status }),
        404 | 410 => Err(NotTaken::Gone { status }),
        _ => Err(NotTaken::Refused {
            status,
            wait: answer.header("retry-after").and_then(|header| retry_after(header, now)),
        }),
    }
}
