//! The one blocking sender: paces, sends once, tells how the sending ended, records the call.

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::Scrubber;
use super::clients::Clients;
use super::clock_lead::VendorClocks;
use super::exchange::Exchange;
use super::names::Names;
use super::pacing::Bucket;
use super::record::{AnswerNote, CallOutcome, CallRecord};
use super::request::{Answer, Limits, Outcome, Request, SendError};
use super::retry::{Decision, Failure, RetryPolicy, WAIT_MAX};
use super::{Operation, Peer};
use crate::clock::{Clock, Deadline};
use crate::crash;
use crate::secret::Private;
use crate::stop::Stop;

/// How often a wait looks whether the run was asked to stop.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How much longer than a call's time its end is waited for: the sending side says better what stood in the way.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// Opens the bucket of an operation under a lock, lets it be changed, and keeps the change.
pub type BucketKeeper = Box<dyn Fn(&Operation, &mut dyn FnMut(&mut Bucket)) + Send + Sync>;

/// Keeps the record of a call.
pub type Recorder = Box<dyn Fn(&CallRecord) + Send + Sync>;

/// Sends requests, one at a time per caller; share it between threads behind an `Arc`.
pub struct Sender {
    clients: Arc<Clients>,
    clock: Clock,
    limits: Limits,
    policy: RetryPolicy,
    stop: Arc<Stop>,
    keep_bucket: BucketKeeper,
    record: Recorder,
    vendor_clocks: VendorClocks,
    scrubber: Scrubber,
}

impl Sender {
    /// `stop` is asked from outside when nothing new may start.
    #[must_use]
    pub fn new(
        clock: Clock,
        limits: Limits,
        policy: RetryPolicy,
        stop: Arc<Stop>,
        keep_bucket: BucketKeeper,
        record: Recorder,
    ) -> Self {
        Self {
            clients: Arc::new(Clients::new(limits, Names::anywhere())),
            clock,
            limits,
            policy,
            stop,
            keep_bucket,
            record,
            vendor_clocks: VendorClocks::default(),
            scrubber: Scrubber::default(),
        }
    }

    /// Keeps out of private networks: a name that leads there is not connected to, unless `names` lets it (C30).
    #[must_use]
    pub fn kept_outside(self, names: Names) -> Self {
        let clients = Arc::new(Clients::new(self.limits, names));
        Self { clients, ..self }
    }

    /// Returns the clock of the run.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Returns what cleans texts from outside; tell it every secret.
    #[must_use]
    pub fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }

    /// Returns how far this machine's clock was ahead of a vendor's when one answered last; negative where it was behind. `None`
    /// while no answer has told its time, and where a clock that is not the system's is not ahead.
    #[must_use]
    pub fn clock_lead(&self) -> Option<TimeDelta> {
        self.vendor_clocks.lead()
    }

    /// Returns the time at a vendor, by its very last answer. `None` where that bore none.
    #[must_use]
    pub fn time_at(&self, peer: Peer) -> Option<DateTime<Utc>> {
        self.vendor_clocks.time_at(peer)
    }

    /// Tells whether the run was asked to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.is_asked()
    }

    /// Tells whether the time of the run is up, but for what is in hand.
    #[must_use]
    pub fn is_time_up(&self) -> bool {
        self.could_outlast_the_run(Instant::now())
    }

    /// Waits its turn, sends once and records the call.
    pub fn send(&self, request: &Request) -> Outcome {
        self.send_before(None, request)
    }

    /// The same, unless the deadline has passed when its turn comes.
    pub fn send_before(&self, deadline: Option<Deadline>, request: &Request) -> Outcome {
        if let Err(error) = self.wait_turn(request.operation) {
            return Outcome::NotSent(error);
        }
        self.send_in_turn(deadline, request)
    }

    /// Sends at once, since [`Self::wait_turn`] was called for it before.
    pub fn send_in_turn(&self, deadline: Option<Deadline>, request: &Request) -> Outcome {
        if deadline.is_some_and(|deadline| deadline.has_passed(self.clock)) {
            return Outcome::NotSent(SendError::TooLate);
        }
        let sent_at = self.clock.uncorrected();
        let started = Instant::now();
        let in_hand = self.stop.take_in_hand(described(request));
        let outcome = self.exchange(request, started).without_secrets(request, &self.scrubber);
        drop(in_hand);
        let (kind, status, note) = match &outcome {
            Outcome::Answered(answer) => {
                self.vendor_clocks
                    .note(request.operation.peer, answer, sent_at, self.clock);
                (CallOutcome::Answered, Some(answer.status), self.noted(request, answer))
            }
            Outcome::NotSent(_) => (CallOutcome::NotSent, None, AnswerNote::default()),
            Outcome::Unknown(_) => (CallOutcome::Unknown, None, AnswerNote::default()),
        };
        (self.record)(&CallRecord {
            operation: request.operation,
            order_id: request.order_id.clone(),
            // The answer may have shown that the clock was ahead.
            at: sent_at - self.clock.pulled_back(),
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome: kind,
            status,
            note,
        });
        crash::point_of(request.operation.name, "after");
        outcome
    }

    /// Waits, unless the run is to end before.
    ///
    /// # Errors
    /// When the run was asked to stop, or ends before a call after the wait would.
    pub fn pause(&self, pause: Duration) -> Result<(), SendError> {
        self.wait(pause)
    }

    fn noted(&self, request: &Request, answer: &Answer) -> AnswerNote {
        let note = (request.note)(answer);
        AnswerNote {
            code: note.code.and_then(|code| self.scrubber.word(&code)),
            request_id: note.request_id.and_then(|id| self.scrubber.request_id(&id)),
            said: note
                .said
                .map(|said| Private::new(self.scrubber.sentence(said.expose()))),
        }
    }

    /// Makes tries until one succeeds or the retry decision says to give up. Each try must build and sign its request anew.
    ///
    /// # Errors
    /// The error of the last try.
    pub fn repeat<T, E>(
        &self,
        operation: &Operation,
        failure_of: impl Fn(&E) -> Failure,
        attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        self.repeat_while(operation, failure_of, || true, attempt)
    }

    /// The same, where it is asked after each wait whether the call is still meant.
    ///
    /// # Errors
    /// The error of the last try.
    pub fn repeat_while<T, E>(
        &self,
        operation: &Operation,
        failure_of: impl Fn(&E) -> Failure,
        is_meant: impl Fn() -> bool,
        mut attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut count = 1;
        loop {
            let error = match attempt() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let failure = failure_of(&error);
            if let Some(asked) = failure.asked_wait() {
                (self.keep_bucket)(operation, &mut |bucket| bucket.drain(self.clock.now(), asked));
            }
            match self.policy.decide(failure, operation.repeat, count, jitter()) {
                Decision::Wait(pause) if self.wait(pause).is_ok() && is_meant() => count += 1,
                Decision::Wait(_) | Decision::GiveUp => return Err(error),
            }
        }
    }

    /// Follows a rate that the vendor announced for an operation.
    pub fn follow_rate(&self, operation: &Operation, per_second: f64) {
        (self.keep_bucket)(operation, &mut |bucket| bucket.follow(per_second));
    }

    /// Tells whether a call that begins at `start` could last beyond the end of the run.
    fn could_outlast_the_run(&self, start: Instant) -> bool {
        let end = self.limits.run_ends_at;
        end.is_some_and(|end| start + self.limits.timeout > end)
    }

    /// Gives back a turn that was waited for and is not used.
    pub fn give_back_turn(&self, operation: &Operation) {
        (self.keep_bucket)(operation, &mut Bucket::give_back);
    }

    /// Waits until a call of the operation may leave.
    ///
    /// # Errors
    /// When that would be after the run's end, or after a minute, or the run was asked to stop.
    pub fn wait_turn(&self, operation: &Operation) -> Result<(), SendError> {
        if matches!(operation.peer, Peer::Webhook | Peer::Download) {
            return self.wait(Duration::ZERO);
        }
        let mut pause = Duration::ZERO;
        (self.keep_bucket)(operation, &mut |bucket| {
            pause = bucket.take(self.clock.now());
            if pause > WAIT_MAX {
                bucket.give_back();
            }
        });
        if pause > WAIT_MAX {
            let seconds = pause.as_secs();
            return Err(SendError::Deferred { seconds });
        }
        self.wait(pause)
    }

    fn wait(&self, pause: Duration) -> Result<(), SendError> {
        let until = Instant::now() + pause;
        if self.could_outlast_the_run(until) {
            return Err(SendError::RunEnds);
        }
        loop {
            if self.is_stopping() {
                return Err(SendError::Stopping);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(LOOK_AGAIN));
        }
    }

    /// Waits for the answer: no longer than a call may take, whatever holds the thread that sends it, and once the run was asked to stop
    /// only for a short time (E170).
    fn exchange(&self, request: &Request, started: Instant) -> Outcome {
        let exchange = Exchange {
            clients: Arc::clone(&self.clients),
            limits: self.limits,
        };
        let told = match exchange.begin(request, started) {
            Ok(told) => told,
            Err(source) => return Outcome::NotSent(SendError::NoThread { source }),
        };
        loop {
            match told.recv_timeout(LOOK_AGAIN) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Timeout) if started.elapsed() > self.limits.timeout + AFTERWARDS => {
                    let host = request.url.host_str().unwrap_or_default().to_owned();
                    let seconds = self.limits.timeout.as_secs();
                    return Outcome::Unknown(SendError::TooSlow { host, seconds });
                }
                Err(RecvTimeoutError::Timeout) if !self.stop.is_grace_over() => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Outcome::Unknown(SendError::Abandoned);
                }
            }
        }
    }
}

/// Says what a request is, for who asks what is still in hand.
fn described(request: &Request) -> String {
    let name = request.operation.name;
    match &request.order_id {
        Some(order) => format!("{name} for order {order}"),
        None => name.to_owned(),
    }
}

/// Returns a random number from 0 to 1.
fn jitter() -> f64 {
    let random = getrandom::u32().unwrap_or(u32::MAX);
    f64::from(random) / f64::from(u32::MAX)
}
