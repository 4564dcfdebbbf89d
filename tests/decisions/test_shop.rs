//! A sandbox, a database and a clock that the tests move.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::config::{Environment, Overrides, Settings};
use mcf_connector::domain::flag::Flag;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::jobs::import_mappings::{Options, Source, import};
use mcf_connector::jobs::{self, Finished, Session, Setup};
use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::tiktok::Order;
use mcf_connector::sandbox::{Operation, Sandbox};
use mcf_connector::store::{OrderFilter, SpeedRow, Store};
use serde_json::Value;

use super::events::events;
use crate::folder::folder;
use crate::unhurried::unhurried;

/// A shop for one test of the jobs, which are called without a command: a folder with a database, both vendors of the sandbox, and a clock.
pub struct TestShop {
    folder: tempfile::TempDir,
    pub sandbox: Sandbox,
    pub now: DateTime<Utc>,
    routing: &'static str,
}

impl TestShop {
    /// The demo's shop without orders, its mapping table imported.
    pub fn open() -> Self {
        Self::with_settings("")
    }

    /// The same with more in the configuration file.
    pub fn with_settings(more: &'static str) -> Self {
        let now = DateTime::from_timestamp(1_767_614_400, 0).expect("an instant");
        let mut world = scenario::shop(Clock::starting_at(now));
        unhurried(&mut world);
        let shop = Self {
            folder: folder(),
            sandbox: Sandbox::start(world).expect("a free port"),
            now,
            routing: more,
        };
        shop.import(MAPPINGS_CSV);
        // The database is not a new one after a loss: it has been at work for days.
        let at_work_since = shop.now - TimeDelta::days(9);
        shop.store().note_whole_since(at_work_since).expect("noted");
        shop
    }

    pub fn store(&self) -> Arc<Store> {
        Arc::new(Store::open(&self.folder.path().join("mcf.db")).expect("a database"))
    }

    pub fn import(&self, csv: &str) {
        let file = self.folder.path().join("mappings.csv");
        std::fs::write(&file, csv).expect("written");
        let options = Options {
            replace: true,
            dry_run: false,
            imported_by: "a test".to_owned(),
        };
        import(&self.store(), Source::File(&file), &options, self.now).expect("imported");
    }

    pub fn pass(&mut self, time: TimeDelta) {
        self.now += time;
        self.sandbox.world().set_clock(self.now);
    }

    pub fn place(&self, kind: OrderKind) -> TiktokOrderId {
        TiktokOrderId::new(self.sandbox.world().place(kind))
    }

    /// Changes an order at TikTok.
    pub fn change(&self, id: &TiktokOrderId, change: impl FnOnce(&mut Order)) {
        let mut world = self.sandbox.world();
        change(world.tiktok.order_mut(id.as_str()).expect("an order"));
    }

    pub fn session(&self, is_dry_run: bool) -> Session {
        Session::start(self.setup(is_dry_run, None)).expect("a session")
    }

    fn setup(&self, is_dry_run: bool, run_time_max: Option<Duration>) -> Setup {
        // The vendors' clock and the run's start together, however long the steps before took.
        self.sandbox.world().set_clock(self.now);
        let config = self.folder.path().join("config.toml");
        let text = format!(
            "{}\n[store]\npath = 'mcf.db'\n[retry]\nbackoff_ms = 1\n{}",
            self.sandbox.config_toml(),
            self.routing
        );
        std::fs::write(&config, text).expect("written");
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).expect("private");
        let environment = Environment {
            variables: std::collections::BTreeMap::new(),
            working_directory: self.folder.path().to_owned(),
            system_folder: self.folder.path().to_owned(),
            user_id: None,
        };
        let overrides = Overrides {
            config: Some(config),
            database: None,
        };
        Setup {
            settings: Settings::load(&environment, &overrides).expect("settings"),
            store: self.store(),
            clock: Clock::starting_at(self.now),
            stop: Arc::default(),
            run_time_max,
            is_dry_run,
        }
    }

    pub fn poll(&self) -> Finished {
        jobs::poll::run(&self.session(false), &|_, _| {}).expect("a run")
    }

    /// A poll that must be over after this time.
    pub fn poll_within(&self, time: Duration) -> Finished {
        let session = Session::start(self.setup(false, Some(time))).expect("a session");
        jobs::poll::run(&session, &|_, _| {}).expect("a run")
    }

    /// A poll that had no trouble.
    pub fn good_poll(&self) -> Finished {
        let finished = self.poll();
        assert!(finished.trouble.is_none(), "{:?}", finished.trouble);
        finished
    }

    pub fn dry_poll(&self) -> Finished {
        jobs::poll::run(&self.session(true), &|_, _| {}).expect("a run")
    }

    pub fn route(&self, id: &TiktokOrderId) -> Finished {
        jobs::route::run(&self.session(false), id, &jobs::route::Word::default()).expect("a run")
    }

    /// The same by a person who settles these doubts.
    pub fn route_with(&self, id: &TiktokOrderId, accept: &[&str]) -> Finished {
        let word = jobs::route::Word {
            accept: accept.iter().map(|detail| (*detail).to_owned()).collect(),
            ..jobs::route::Word::default()
        };
        jobs::route::run(&self.session(false), id, &word).expect("a run")
    }

    /// The same by a person's word.
    pub fn route_by(&self, id: &TiktokOrderId, word: &jobs::route::Word, is_dry_run: bool) -> Finished {
        jobs::route::run(&self.session(is_dry_run), id, word).expect("a run")
    }

    /// The speed that was chosen for an order.
    pub fn speed(&self, id: &TiktokOrderId) -> Option<SpeedRow> {
        self.store().speed_row(id).expect("readable")
    }

    /// The data of all events of a kind.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        events(&self.folder.path().join("mcf.db"), kind)
    }

    pub fn state(&self, id: &TiktokOrderId) -> State {
        self.store().order(id).expect("readable").expect("known").state
    }

    /// How many orders are in a state.
    pub fn count(&self, state: State) -> usize {
        let filter = OrderFilter {
            state: Some(state),
            ..OrderFilter::default()
        };
        self.store().order_rows(&filter).expect("readable").len()
    }

    /// Where an order stands and why.
    pub fn why(&self, id: &TiktokOrderId) -> (State, Option<String>) {
        let order = self.store().order(id).expect("readable").expect("known");
        (order.state, order.state_detail)
    }

    pub fn flags(&self, id: &TiktokOrderId) -> Vec<Flag> {
        self.store().flags(id).expect("readable")
    }

    pub fn history(&self, id: &TiktokOrderId) -> String {
        let rows = self.store().history_rows(id).expect("readable").into_iter();
        rows.map(|row| row.text).collect::<Vec<_>>().join("\n")
    }

    pub fn calls(&self, operation: Operation) -> usize {
        self.sandbox.log().count(operation)
    }

    pub fn creates(&self) -> usize {
        self.calls(Operation::CreateFulfillmentOrder)
    }

    /// The bodies of all creates.
    pub fn created(&self) -> Vec<Value> {
        let log = self.sandbox.log();
        let bodies = log.of(Operation::CreateFulfillmentOrder);
        bodies
            .map(|entry| serde_json::from_slice(&entry.body).expect("JSON"))
            .collect()
    }
}
