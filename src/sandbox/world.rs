//! The state of both vendors, and its time.

use chrono::{DateTime, TimeDelta, Utc};

use super::amazon::Account;
use super::tiktok::Shop;
use super::{Faults, Log, Rates, Settings};
use crate::clock::Clock;

/// Everything that the stand-ins know.
#[derive(Debug)]
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
            clock,
            arrivals: 0,
        }
    }

    /// Returns the present instant of this world.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
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
