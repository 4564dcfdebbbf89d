//! A shop as a front end holds it that lives long: it looks briefly, by the settings as they are at that moment.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Error, Surroundings, timing};
use crate::config::{self, Settings};
use crate::domain::ids::TiktokOrderId;
use crate::jobs::{self, shop_name};
use crate::report::Timing;
use crate::report::html::ShopTitle;
use crate::report::order::OrderReport;
use crate::store::{self, Store};

/// Reads the settings, each time as they are then: cron's next run reads them so, too.
pub type Reading = dyn Fn() -> Result<Settings, config::Error> + Send + Sync;

/// An operator's console: where a person looks after a shop.
pub struct Console {
    pub(super) surroundings: Surroundings,
    settings: Box<Reading>,
    user: String,
}

/// One look at the shop.
pub struct Look<'a> {
    /// What is asked.
    pub store: &'a Store,
    /// What is in force.
    pub settings: &'a Settings,
    /// How often each command should run.
    pub timing: Timing,
    /// The instant of the look.
    pub now: DateTime<Utc>,
}

impl Console {
    /// Makes a console; `user` is who the history names for what is done there.
    #[must_use]
    pub fn new(surroundings: Surroundings, settings: Box<Reading>, user: String) -> Self {
        Self {
            surroundings,
            settings,
            user,
        }
    }

    /// Returns the present instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.surroundings.now()
    }

    /// Returns who the history names.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Looks at the shop, and is no reason for a run to wait.
    ///
    /// # Errors
    /// When the settings or the database can't be read.
    pub fn look<T>(&self, ask: impl FnOnce(&Look<'_>) -> store::Result<T>) -> Result<T, Error> {
        let settings = self.settings()?;
        let brief = match &settings.store.url {
            None => Store::open_read_only(&settings.store.path, settings.store.key())?,
            Some(_) => None,
        };
        let store = match brief {
            Some(store) => Arc::new(store),
            None => self.surroundings.open_store(&settings)?,
        };
        Ok(ask(&self.at(&settings, &store))?)
    }

    /// Returns an order with its buyer's address. The history says first who looked, so that no look goes unnoticed.
    ///
    /// # Errors
    /// When the settings or the database can't be read or written.
    pub fn look_at_buyer(&self, id: &TiktokOrderId) -> Result<Option<OrderReport>, Error> {
        let settings = self.settings()?;
        let store = self.surroundings.open_store(&settings)?;
        if store.order_row(id)?.is_none() {
            return Ok(None);
        }
        let noted = format!("the buyer's address was shown to {} on the page", self.user);
        store.note(id, "operator", &noted, self.now())?;
        Ok(OrderReport::read(&store, id, true, &timing(&settings), self.now())?)
    }

    pub(super) fn settings(&self) -> Result<Settings, Error> {
        (self.settings)().map_err(|error| jobs::Error::from(error).into())
    }

    fn at<'a>(&self, settings: &'a Settings, store: &'a Store) -> Look<'a> {
        Look {
            store,
            settings,
            timing: timing(settings),
            now: self.now(),
        }
    }
}

impl Look<'_> {
    /// Returns the shop that the database belongs to, else the one that is configured.
    pub fn shop(&self) -> store::Result<ShopTitle> {
        shop(self.store, self.settings)
    }
}

/// Returns the shop that the database belongs to, else the one that is configured.
pub fn shop(store: &Store, settings: &Settings) -> store::Result<ShopTitle> {
    let bound = store.bound()?.map(|bound| bound.to.shop);
    let id = bound.or_else(|| settings.tiktok.shop_id.clone());
    let name = id.as_deref().map(|id| shop_name(store, id)).transpose()?.flatten();
    Ok(ShopTitle { id, name })
}
