//! What a run gets from who starts it, and what it is begun with.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Error, account};
use crate::clock::Clock;
use crate::config::Settings;
use crate::jobs::{self, Session, Setup};
use crate::stop::Stop;
use crate::store::{Address, Lock, LockError, Opening, Store, Watch};

/// The clock of a run, and whether it is asked to stop.
pub struct Surroundings {
    /// The clock of the run.
    pub clock: Clock,
    /// Whether the operator asks the run to stop.
    pub stop: Arc<Stop>,
    /// Hears how far the upgrade of a database is.
    pub upgrade: Arc<Watch>,
}

impl Surroundings {
    /// Opens the database, making it where there is none and bringing it up to date.
    ///
    /// # Errors
    /// When it can't be used, or when root would write among the files of another user.
    pub fn open_store(&self, settings: &Settings) -> Result<Arc<Store>, Error> {
        if let Some(url) = &settings.store.url {
            let address = Address::read(url.expose(), &settings.store.schema)?;
            let (now, watch) = (self.now(), self.upgrade.as_ref());
            let key = settings.store.key();
            let store = Store::open_served(&address, Opening { now, watch, key })?;
            return Ok(Arc::new(store.going_by(self.clock)));
        }
        account::refuse_as_root(&settings.store.path)?;
        let (now, watch) = (self.now(), self.upgrade.as_ref());
        let key = settings.store.key();
        let store = Store::open_watched(&settings.store.path, Opening { now, watch, key })?;
        Ok(Arc::new(store.going_by(self.clock)))
    }

    /// Returns the present instant of the run.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Takes the lock of what keeps the database: a restore must not replace the file meanwhile. A dry run takes none.
    ///
    /// # Errors
    /// When another process keeps the file.
    pub fn keep(&self, store: &Store, is_dry_run: bool) -> Result<Option<Lock>, LockError> {
        if is_dry_run {
            return Ok(None);
        }
        store.take("keeping", self.now()).map(Some)
    }

    /// Starts a session with both vendors' clients.
    ///
    /// # Errors
    /// When the HTTP client can't start or the database refuses.
    pub fn session(
        &self,
        settings: Settings,
        store: Arc<Store>,
        run_time_max: Option<Duration>,
        is_dry_run: bool,
    ) -> Result<Session, jobs::Error> {
        Session::start(Setup {
            settings,
            store,
            clock: self.clock,
            stop: Arc::clone(&self.stop),
            run_time_max,
            is_dry_run,
        })
    }
}
