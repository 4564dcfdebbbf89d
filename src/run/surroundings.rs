//! What a run gets from who starts it, and what it is begun with.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Error, account};
use crate::clock::Clock;
use crate::config::{Settings, is_address};
use crate::jobs::{self, Session, Setup};
use crate::stop::Stop;
use crate::store::{Address, Location, Lock, LockError, Opening, Store, Watch};

/// The clock of a run, and whether it is asked to stop.
pub struct Surroundings {
    /// The clock of the run.
    pub clock: Clock,
    /// Whether the operator asks the run to stop.
    pub stop: Arc<Stop>,
    /// Hears how far the upgrade of a database is.
    pub upgrade: Arc<Watch>,
}

/// Returns where the shop of these settings lies.
///
/// # Errors
/// When the address of a server is none.
pub fn location(settings: &Settings) -> Result<Location, Error> {
    Ok(match &settings.store.url {
        Some(url) => Location::Server(Box::new(Address::read(url.expose(), &settings.store.schema)?)),
        None => Location::File(settings.store.path.clone()),
    })
}

/// Returns the database that was named: an address of PostgreSQL with the schema of a shop, or a file.
///
/// # Errors
/// When the address of a server is none.
pub fn location_of(file: &Path, named: &Path, schema: &str) -> Result<Location, Error> {
    Ok(match named.to_str().filter(|text| is_address(text)) {
        Some(url) => Location::Server(Box::new(Address::read(url, schema)?)),
        None => Location::File(file.to_owned()),
    })
}

impl Surroundings {
    /// Opens the database, making it where there is none and bringing it up to date.
    ///
    /// # Errors
    /// When it can't be used, or when root would write among the files of another user.
    pub fn open_store(&self, settings: &Settings) -> Result<Arc<Store>, Error> {
        let (now, watch) = (self.now(), self.upgrade.as_ref());
        let key = settings.store.key();
        let opening = Opening { now, watch, key };
        let store = match location(settings)? {
            Location::File(path) => {
                account::refuse_as_root(&path)?;
                Store::open_watched(&path, opening)?
            }
            Location::Server(address) => {
                let store = Store::open_served(&address, opening)?;
                match settings.store.key_file() {
                    Some(file) => store.keyed_by(file)?,
                    None => store,
                }
            }
        };
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
