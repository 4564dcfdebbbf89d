//! What every job works with: the store, the clock, the settings, and clients that renew their own tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::Error;
use super::notices::Notices;
use crate::clock::{Clock, LEAD_MAX};
use crate::config::{Handling, RoutingSettings, Settings};
use crate::domain::address::{AddressRules, Policy};
use crate::domain::eligibility::EligibilityRules;
use crate::domain::feature::{Feature, RefusedFeatures};
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::approval::Approved;
use crate::domain::routing::doubts::Accepted;
use crate::domain::routing::{KindRules, PreviewRules, Rules};
use crate::domain::submission::{Moment, Uptime, whole_from};
use crate::domain::warehouse::Standings;
use crate::stop::Stop;
use crate::store::{Store, Vendor};
use crate::transport::{Limits, Operation, Peer, Rate, RetryPolicy, Scrubber, Sender};

/// A database without a run for longer than this, or than three intervals of `poll`, may be an older copy of another one.
const REST_MAX: TimeDelta = TimeDelta::hours(1);

/// The fact with how each warehouse stood when it was read last.
pub(super) const WAREHOUSES: &str = "tiktok.warehouses";

/// What a session is made of.
pub struct Setup {
    /// The settings.
    pub settings: Settings,
    /// The database.
    pub store: Arc<Store>,
    /// The clock of the run.
    pub clock: Clock,
    /// Asked from outside when nothing new may start.
    pub stop: Arc<Stop>,
    /// When the run must be over, so that it ends before its next one is due.
    pub run_time_max: Option<Duration>,
    /// Whether nothing may be changed, here or at a vendor.
    pub is_dry_run: bool,
}

/// One run of a command.
pub struct Session {
    /// The settings.
    pub settings: Settings,
    /// The database.
    pub store: Arc<Store>,
    /// The one sender.
    pub sender: Arc<Sender>,
    /// The clock of the run.
    pub clock: Clock,
    /// Whether nothing may be changed, here or at a vendor; see [`Self::is_dry_run`] and [`Self::writable_store`].
    is_dry_run: bool,
    pub(super) notices: Notices,
    /// How the warehouses stand by a look that is not kept, because nothing may be changed.
    standings_seen: Mutex<Option<Standings>>,
}

impl Session {
    /// Starts a session.
    ///
    /// # Errors
    /// When the HTTP client can't start.
    pub fn start(setup: Setup) -> Result<Self, Error> {
        let limits = Limits {
            run_ends_at: setup.run_time_max.map(|time| Instant::now() + time),
            ..Limits::default()
        };
        let policy = RetryPolicy {
            attempts_max: setup.settings.retry.max_attempts,
            backoff: Duration::from_millis(u64::from(setup.settings.retry.backoff_ms)),
        };
        let tiktok_per_minute = f64::from(setup.settings.tiktok.requests_per_minute);
        let (buckets, calls, clock) = (Arc::clone(&setup.store), Arc::clone(&setup.store), setup.clock);
        let keep_bucket = move |operation: &Operation, change: &mut dyn FnMut(&mut crate::transport::Bucket)| {
            let rate = published_rate(operation, tiktok_per_minute);
            if let Err(error) = buckets.with_bucket(operation, rate, clock, change) {
                log::error!(operation = operation.name; "the pacing of a call can't be kept: {error}");
            }
        };
        let is_dry_run = setup.is_dry_run;
        let record = move |record: &crate::transport::CallRecord| {
            log::debug!(
                order_id = record.order_id, operation = record.operation.name, request_id = record.note.request_id;
                "{record}"
            );
            let mut record = record.clone();
            // A dry run changes nothing about an order.
            record.note.said = record.note.said.filter(|_| !is_dry_run);
            if let Err(error) = calls.record_call(&record) {
                log::error!(operation = record.operation.name; "a call can't be recorded: {error}");
            }
        };
        let sender = Sender::new(
            clock,
            limits,
            policy,
            setup.stop,
            Box::new(keep_bucket),
            Box::new(record),
        );
        know_secrets(sender.scrubber(), &setup.settings, &setup.store)?;
        let session = Self {
            settings: setup.settings,
            store: setup.store,
            sender: Arc::new(sender),
            clock,
            is_dry_run: setup.is_dry_run,
            notices: Notices::default(),
            standings_seen: Mutex::default(),
        };
        session.note_whole_since()?;
        Ok(session)
    }

    /// An older copy of the database must not be taken for one that knows all that was sent (E164).
    fn note_whole_since(&self) -> Result<(), Error> {
        let Some(store) = self.writable_store() else {
            return Ok(());
        };
        let interval = TimeDelta::minutes(i64::from(self.settings.schedule.order_poll_interval_minutes));
        let rest_max = REST_MAX.max(interval * 3);
        if let Some(since) = whole_from(store.whole_since()?, store.runs_before()?, rest_max, self.now()) {
            store.note_whole_since(since)?;
        }
        Ok(())
    }

    /// Notes what a person should know and no order stands for.
    pub(super) fn notice(&self, text: String) {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    /// Returns what turned up on the way that a person should know, each once.
    #[must_use]
    pub fn take_notices(&self) -> Vec<String> {
        let mut notices = std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner));
        notices.dedup();
        notices
    }

    /// Returns the store to write to; `None` in a dry run, which changes nothing.
    pub(super) fn writable_store(&self) -> Option<&Store> {
        (!self.is_dry_run).then_some(&*self.store)
    }

    /// Tells whether nothing may be changed, here or at a vendor.
    pub(super) fn is_dry_run(&self) -> bool {
        self.is_dry_run
    }

    /// Returns the present instant of the run.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Returns what a person should know about this machine's clock: it dates every request, and TikTok refuses one that it finds
    /// more than 30 seconds ahead or 5 minutes behind (E111).
    #[must_use]
    pub fn clock_warning(&self) -> Option<String> {
        let lead = self.sender.clock_lead()?;
        let word = if lead > TimeDelta::zero() { "ahead of" } else { "behind" };
        (lead.abs() > LEAD_MAX).then(|| {
            let seconds = lead.num_seconds().abs();
            format!("this machine's clock is {seconds} seconds {word} the vendors'; set it: timedatectl set-ntp true")
        })
    }

    /// Keeps how far this machine's clock is ahead of the vendors', for the commands that ask no vendor.
    pub fn note_clock(&self) -> Result<(), Error> {
        let has_told = [Peer::Tiktok, Peer::Amazon]
            .iter()
            .any(|peer| self.sender.time_at(*peer).is_some());
        let lead = self.sender.clock_lead().filter(|lead| *lead > LEAD_MAX);
        match self.writable_store().filter(|_| has_told) {
            Some(store) => Ok(store.keep_clock_lead(lead, self.clock.uncorrected())?),
            None => Ok(()),
        }
    }

    /// Pulls back what a clock that was ahead has left in the future, and returns what a person should know about it. Before a vendor has
    /// told the time, and where it shows that this clock is behind, only what is asked again by it.
    pub fn pull_back_times(&self) -> Result<Option<String>, Error> {
        let Some(store) = self.writable_store() else {
            return Ok(None);
        };
        let now = self.now();
        let told = [Peer::Tiktok, Peer::Amazon].map(|peer| self.sender.time_at(peer));
        let is_sure = told
            .into_iter()
            .flatten()
            .max()
            .is_some_and(|told| now + LEAD_MAX >= told);
        if !store.may_lie_ahead(now)? {
            return Ok(None);
        }
        let found = store.pull_back(now, is_sure)?;
        let rows: Vec<String> = found.iter().map(|(table, rows)| format!("{table} {rows}")).collect();
        Ok((!rows.is_empty()).then(|| {
            format!(
                "times beyond the vendors' clocks were pulled back ({}): this machine's clock was ahead",
                rows.join(", ")
            )
        }))
    }

    /// Reads a list whose first times the clock gives. Where the first answer shows that the clock was ahead, the list is read once
    /// more, with the right times.
    pub(super) fn with_right_clock<T>(&self, mut read: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let pulled_back = self.clock.pulled_back();
        let done = read();
        match self.clock.pulled_back() == pulled_back {
            true => done,
            false => read(),
        }
    }

    /// Returns the moment of Amazon's very last answer, by every clock that is at hand. A clock that was set by hand is not that of the
    /// machine's start.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            local: self.now(),
            vendor: self.sender.time_at(Peer::Amazon),
            uptime: uptime().filter(|_| !self.clock.is_moved()),
        }
    }

    /// How far apart the two looks must be that allow a second send.
    pub(super) fn unknown_grace(&self) -> Duration {
        Duration::from_secs(60 * u64::from(self.settings.retry.unknown_grace_minutes))
    }

    /// Returns an error once the run was asked to stop or its time is up: nothing new is begun then.
    pub(super) fn check_stop(&self) -> Result<(), Error> {
        if self.sender.is_stopping() {
            Err(Error::Stopped)
        } else if self.sender.is_time_up() {
            Err(Error::TimeIsUp)
        } else {
            Ok(())
        }
    }

    /// Returns the rules of the decision as the operator set them.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let routing = &self.settings.routing;
        Rules {
            eligibility: EligibilityRules {
                grace: TimeDelta::minutes(i64::from(routing.grace_minutes)),
                warehouses: self.settings.inventory.tiktok_warehouse_ids.clone(),
            },
            address: address_rules(routing, self.settings.amazon.country()),
            speed: routing.speeds.clone(),
            order_comment: routing.order_comment.clone(),
            marketplace_id: self.settings.amazon.marketplace_id.clone(),
            kinds: KindRules {
                are_samples_flagged: routing.samples == Handling::Flag,
                are_replacements_flagged: routing.replacements == Handling::Flag,
            },
            warehouses: self.warehouses(),
            features: features(routing),
            refused_features: self.refused_features(),
            accepted: self.accepted(),
            approval: routing.approval,
            approved: self.approved(),
            named_speeds: self.named_speeds(),
            preview: routing.asks_for_preview().then_some(PreviewRules {
                holds_unfulfillable: routing.preview,
                fee_share_max: routing.fee_share_max,
            }),
        }
    }

    /// Where it can't be read, what Amazon refused before it refuses again.
    fn refused_features(&self) -> RefusedFeatures {
        self.store.refused_features().unwrap_or_else(|error| {
            log::error!("what Amazon refused can't be read: {error}");
            RefusedFeatures::new()
        })
    }

    /// Remembers for this run how the warehouses stand, where that is not kept.
    pub(super) fn see_standings(&self, standings: Standings) {
        *self.standings_seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(standings);
    }

    /// Returns how the warehouses stood when they were read last.
    pub(super) fn standings(&self) -> Result<Standings, Error> {
        let seen = self.standings_seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = seen.clone() {
            return Ok(seen);
        }
        let known = self.store.fact::<Standings>(WAREHOUSES)?;
        Ok(known.map(|(standings, _)| standings).unwrap_or_default())
    }

    /// Where it can't be read no warehouse counts as switched off: TikTok refuses what it does not take.
    fn warehouses(&self) -> Standings {
        self.standings().unwrap_or_else(|error| {
            log::error!("how the warehouses stood can't be read: {error}");
            Standings::new()
        })
    }

    /// Where they can't be read the orders go as they would without.
    fn named_speeds(&self) -> BTreeMap<TiktokOrderId, ShippingSpeed> {
        self.store.named_speeds().unwrap_or_else(|error| {
            log::error!("the speeds that persons named can't be read: {error}");
            BTreeMap::new()
        })
    }

    /// Where it can't be read nothing is accepted: the orders are flagged and wait.
    fn accepted(&self) -> Accepted {
        self.store.acceptances().unwrap_or_else(|error| {
            log::error!("what persons accepted can't be read: {error}");
            Accepted::new()
        })
    }

    /// Where it can't be read nothing is approved: the orders wait.
    fn approved(&self) -> Approved {
        self.store.approvals().unwrap_or_else(|error| {
            log::error!("what persons approved can't be read: {error}");
            Approved::new()
        })
    }
}

/// Tells every secret of both vendors and of the endpoints, so that neither vendor's answers can repeat the other's.
fn know_secrets(scrubber: &Scrubber, settings: &Settings, store: &Store) -> Result<(), Error> {
    let Settings { tiktok, amazon, .. } = settings;
    let configured = [
        &tiktok.app_secret,
        &tiktok.access_token,
        &tiktok.refresh_token,
        &amazon.client_secret,
        &amazon.refresh_token,
        &amazon.aws_access_key,
        &amazon.aws_secret_key,
    ];
    let endpoints = settings.webhooks.iter();
    let endpoints = endpoints.flat_map(|webhook| [Some(&webhook.url), webhook.secret.as_ref()]);
    for secret in configured.into_iter().map(Option::as_ref).chain(endpoints).flatten() {
        scrubber.know(secret);
    }
    for vendor in [Vendor::Tiktok, Vendor::Amazon] {
        if let Some(stored) = store.tokens(vendor)? {
            scrubber.know(&stored.access);
            stored.refresh.iter().for_each(|refresh| scrubber.know(refresh));
        }
    }
    Ok(())
}

/// Reads how long this machine has been up; `None` where the system does not say.
fn uptime() -> Option<Uptime> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let up = std::fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, hundredths) = up.split_whitespace().next()?.split_once('.')?;
    let (seconds, hundredths): (i64, i64) = (seconds.parse().ok()?, hundredths.parse().ok()?);
    Some(Uptime {
        boot: boot.trim().to_owned(),
        milliseconds: seconds * 1000 + hundredths * 10,
    })
}

fn features(routing: &RoutingSettings) -> Vec<Feature> {
    let wished = [
        (Feature::BlockAmzl, routing.block_amazon_logistics),
        (Feature::BlankBox, routing.unbranded_box),
    ];
    let wished = wished.into_iter().filter(|(_, is_wished)| *is_wished);
    wished.map(|(feature, _)| feature).collect()
}

fn address_rules(routing: &RoutingSettings, country: Option<&str>) -> AddressRules {
    let policy = |handling| match handling {
        Handling::Send => Policy::Send,
        Handling::Flag => Policy::Flag,
    };
    AddressRules {
        line_length_max: routing.address_line_max,
        po_boxes: policy(routing.po_boxes),
        rural_routes: policy(routing.rural_routes),
        military: policy(routing.military),
        territories: policy(routing.territories),
        alaska_hawaii: policy(routing.alaska_hawaii),
        non_latin: policy(routing.non_latin),
        countries: vec![country.unwrap_or("US").to_owned()],
        accepted: BTreeSet::new(),
    }
}

/// TikTok publishes no figure per operation; the operator's setting holds for each.
fn published_rate(operation: &Operation, tiktok_per_minute: f64) -> Rate {
    match operation.peer {
        Peer::Tiktok => Rate {
            per_second: tiktok_per_minute / 60.0,
            ..operation.rate
        },
        Peer::Amazon | Peer::Webhook | Peer::Download => operation.rate,
    }
}
