//! The state of both vendors, and its time.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::amazon::Account;
use super::tiktok::Shop;
use super::{Entry, Faults, Log, Rates, Settings};
use crate::clock::Clock;

type Sees = dyn Fn(&World, &Entry) + Send + Sync;

/// Sees each request twice: when it has arrived, before anything is done about it, and when it has been answered.
#[derive(Clone)]
pub struct Witness(Arc<Sees>);

impl Witness {
    /// What sees them; an entry that was answered has a place in the world's log.
    pub fn new(sees: impl Fn(&World, &Entry) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sees))
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Witness")
    }
}

/// Everything that the stand-ins know.
#[derive(Debug, Clone)]
pub struct World {
    /// How they behave.
    pub settings: Settings,
    /// What goes wrong.
    pub faults: Faults,
    /// How often they may be called.
    pub rates: Rates,
    /// The shop at TikTok.
    pub tiktok: Shop,
    /// The seller's account at Amazon.
    pub amazon: Account,
    /// What has arrived.
    pub log: Log,
    /// Who sees each request, for tests that stop the time.
    pub witness: Option<Witness>,
    clock: Clock,
    /// How many requests have arrived.
    pub(super) arrivals: u64,
}

impl World {
    /// Returns a world with an empty shop and an empty account; [`super::scenario::demo`] returns one with something in it.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            settings: Settings::default(),
            faults: Faults::default(),
            rates: Rates::default(),
            tiktok: Shop::new(clock.now()),
            amazon: Account::new(),
            log: Log::default(),
            witness: None,
            clock,
            arrivals: 0,
        }
    }

    /// Returns the present instant of this world.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn witness(&self, entry: &Entry) {
        if let Some(Witness(sees)) = &self.witness {
            sees(self, entry);
        }
    }

    /// Moves the clock; it runs on from there. What is due by then happens with the next request.
    pub fn move_clock(&mut self, by: TimeDelta) {
        self.clock = Clock::starting_at(self.now() + by);
    }

    /// Sets the clock to an instant; it runs on from there.
    pub fn set_clock(&mut self, now: DateTime<Utc>) {
        self.clock = Clock::starting_at(now);
    }
}
