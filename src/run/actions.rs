//! What a person does at a console: the same code, the same locks and the same lines in the history as on the command line.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{Console, Error, Job, Look, Ran, endpoint_sender, endpoints, run};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::mapping::{Column, MappingKey};
use crate::domain::pause::Pause;
use crate::domain::routing::approval::Approved;
use crate::jobs::hand::{self, Operator, Refusal, Verb};
use crate::jobs::import_mappings::{self, ImportError, ImportSummary, Options};
use crate::jobs::route;
use crate::jobs::suggest_mappings::{Suggestion, suggest};
use crate::notify::{self, DeliveryLimits, Endpoint};
use crate::report::search::Search;
use crate::store::{self, OrderRow, Store};

/// What the history adds to a reason that was given at a console.
const ON_THE_PAGE: &str = "on the page";

/// How long both vendors may be read while a person waits.
const LOOK_TIME_MAX: Duration = Duration::from_secs(60);

/// What was done to an order, or would be: a sentence, or why not.
pub type Done = Result<String, Refusal>;

/// An endpoint by its name, with the status of its answer to a test event, or why it did not take that.
pub type Tested = (String, Result<u16, String>);

impl Look<'_> {
    /// Returns what a person could do to an order, and would thereby change.
    pub fn offers(&self, id: &TiktokOrderId) -> store::Result<Vec<Verb>> {
        let Some(row) = self.store.order_row(id)? else {
            return Ok(Vec::new());
        };
        let approved = self.store.approvals()?;
        Ok(hand::offered(&self.operator(&approved), &row))
    }

    /// Says what would be done to an order.
    pub fn would(&self, id: &TiktokOrderId, verb: Verb) -> store::Result<Done> {
        let approved = self.store.approvals()?;
        Ok(done(&self.operator(&approved), id.as_str(), verb, true))
    }

    /// Returns the orders that a search means and to which something would be done.
    pub fn meant(&self, search: &Search, verb: Verb) -> store::Result<Vec<TiktokOrderId>> {
        let approved = self.store.approvals()?;
        hand::meant(&self.operator(&approved), &search.filter(), verb)
    }

    fn operator<'a>(&'a self, approved: &'a Approved) -> Operator<'a> {
        Operator {
            store: self.store,
            settings: self.settings,
            approved,
            name: "",
            because: None,
            now: self.now,
        }
    }
}

impl Console {
    /// Does something to orders, each by itself.
    ///
    /// # Errors
    /// When the settings or the database can't be used, or another process keeps the database. Nothing is done then.
    pub fn hand(&self, ids: &[TiktokOrderId], verb: Verb, because: Option<&str>) -> Result<Vec<Done>, Error> {
        let settings = self.settings()?;
        let store = self.surroundings.open_store(&settings)?;
        let _lock = self.surroundings.keep(&store, false)?;
        let approved = store.approvals()?;
        let because = on_the_page(because);
        let operator = Operator {
            store: &store,
            settings: &settings,
            approved: &approved,
            name: self.user(),
            because: Some(&because),
            now: self.now(),
        };
        Ok(ids.iter().map(|id| done(&operator, id.as_str(), verb, false)).collect())
    }

    /// Routes one order now, or shows what would be sent and why.
    ///
    /// # Errors
    /// When nothing was begun: no database, no credentials, another run at work.
    pub fn route(&self, id: &TiktokOrderId, word: route::Word, is_dry_run: bool) -> Result<Ran, Error> {
        let word = route::Word {
            because: Some(on_the_page(word.because.as_deref())),
            by: self.user().to_owned(),
            ..word
        };
        let job = Job::ROUTE.dry(is_dry_run);
        run(&self.surroundings, job, self.settings()?, |session| {
            route::run(session, id, &word)
        })
    }

    /// Maps a product by what was typed of each column.
    ///
    /// # Errors
    /// When the settings or the database can't be used, or another process keeps the database.
    pub fn map(
        &self,
        texts: Vec<(Column, String)>,
        replace: bool,
    ) -> Result<Result<ImportSummary, ImportError>, Error> {
        self.keeping(|console, store| import_mappings::add(store, texts, &console.options(replace), console.now()))
    }

    /// Takes a product's SKU at Amazon out of the mappings.
    ///
    /// # Errors
    /// When the settings or the database can't be used, or another process keeps the database.
    pub fn unmap(&self, key: &MappingKey, amazon_sku: &AmazonSku) -> Result<Result<ImportSummary, ImportError>, Error> {
        self.keeping(|console, store| {
            import_mappings::remove(store, key, Some(amazon_sku), &console.options(false), console.now())
        })
    }

    /// Undoes an import, which must be the newest one in force; the inner error says that it is not.
    ///
    /// # Errors
    /// When the settings or the database can't be used, or another process keeps the database.
    pub fn undo_import(&self, import: i64) -> Result<Result<(), store::Error>, Error> {
        match self
            .keeping(|console, store| store.rollback_import(Some(import), &console.on_the_page(), console.now()))?
        {
            Err(refused @ (store::Error::NoImport | store::Error::NotTheNewestImport { .. })) => Ok(Err(refused)),
            undone => Ok(Ok(undone.map(drop)?)),
        }
    }

    /// Sends a test event to each endpoint, and says how that went.
    ///
    /// # Errors
    /// When the settings, an endpoint's address or its secret can't be read.
    pub fn test_endpoints(&self) -> Result<Vec<Tested>, Error> {
        let settings = self.settings()?;
        let endpoints = endpoints(&settings)?;
        let until = Instant::now() + DeliveryLimits::FLUSH.time_max;
        let sender = endpoint_sender(&self.surroundings, &endpoints, until);
        let test = |endpoint: &Endpoint| {
            let taken = notify::test_endpoint(&sender, endpoint);
            (endpoint.name(), taken.map_err(|error| error.to_string()))
        };
        Ok(endpoints.iter().map(test).collect())
    }

    /// Compares the listings that no mapping names with Amazon's inventory. Reads both vendors and changes nothing.
    ///
    /// # Errors
    /// When a vendor can't be reached or refuses, or when the settings or the database can't be used.
    pub fn suggestions(&self) -> Result<Vec<Suggestion>, Error> {
        let settings = self.settings()?;
        let store = self.surroundings.open_store(&settings)?;
        let session = self.surroundings.session(settings, store, Some(LOOK_TIME_MAX), false)?;
        Ok(suggest(&session)?)
    }

    fn options(&self, replace: bool) -> Options {
        Options {
            replace,
            dry_run: false,
            imported_by: self.on_the_page(),
        }
    }

    fn on_the_page(&self) -> String {
        format!("{} {ON_THE_PAGE}", self.user())
    }

    /// Works with the database while no other process keeps it.
    fn keeping<T>(&self, work: impl FnOnce(&Self, &Store) -> T) -> Result<T, Error> {
        let settings = self.settings()?;
        let store = self.surroundings.open_store(&settings)?;
        let _lock = self.surroundings.keep(&store, false)?;
        Ok(work(self, &store))
    }

    /// Keeps new fulfillment orders back.
    ///
    /// # Errors
    /// When the settings or the database can't be used.
    pub fn pause(&self, until: Option<DateTime<Utc>>, because: Option<&str>) -> Result<(), Error> {
        let (settings, now) = (self.settings()?, self.now());
        let store = self.surroundings.open_store(&settings)?;
        let before = store.pause(now)?;
        let pause = Pause {
            since: before.map_or(now, |before| before.since),
            until,
            because: because.map(str::to_owned),
        };
        Ok(store.keep_pause(&pause, &self.on_the_page(), now)?)
    }

    /// Lets new fulfillment orders go again.
    ///
    /// # Errors
    /// When the settings or the database can't be used.
    pub fn resume(&self) -> Result<(), Error> {
        let settings = self.settings()?;
        let store = self.surroundings.open_store(&settings)?;
        if store.pause(self.now())?.is_some() {
            store.end_pause(&self.on_the_page(), self.now())?;
        }
        Ok(())
    }
}

fn on_the_page(because: Option<&str>) -> String {
    match because {
        Some(because) => format!("{because} ({ON_THE_PAGE})"),
        None => ON_THE_PAGE.to_owned(),
    }
}

fn done(operator: &Operator<'_>, name: &str, verb: Verb, is_dry_run: bool) -> Done {
    let (id, action) = hand::do_to(operator, name, verb, is_dry_run);
    let row = id.and_then(|id| row(operator.store, &id));
    let action = action?;
    let unknown = || store::Error::UnknownOrder { order: name.to_owned() };
    Ok(action.sentence(&row.ok_or_else(unknown)?, is_dry_run))
}

fn row(store: &Store, id: &TiktokOrderId) -> Option<OrderRow> {
    store.order_row(id).ok().flatten()
}
