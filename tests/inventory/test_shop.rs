//! A shop, an account, a database and a clock that is moved by hand.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::config::{Environment, Overrides, Settings};
use mcf_connector::jobs::import_mappings::{Options, Source, import};
use mcf_connector::jobs::sync_inventory::{self, InventoryRun};
use mcf_connector::jobs::{Error, Finished, Session, Setup, poll};
use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV};
use mcf_connector::sandbox::{Operation, Sandbox, World};
use mcf_connector::store::Store;
use serde_json::Value;

use super::events::events;
use crate::folder::folder;
use crate::unhurried::unhurried;
use tempfile::TempDir;

pub const MCF: &str = "7068517275539719942";
pub const GARAGE: &str = "7068517275539720555";
pub const LAMP: &str = "1729592969712207013";
pub const LAMP_WHITE: &str = "1729592969712207014";
pub const KIT: &str = "1729592969712211204";
pub const SOCKS: &str = "1729592969712213301";
pub const BOX: &str = "1729592969712215401";
pub const PAD: &str = "1729592969712219601";
pub const STAND: &str = "1729592969712221701";

/// A shop for one test of the stock: a folder with a database, both vendors of the sandbox without limits, and a clock.
pub struct TestShop {
    folder: TempDir,
    pub sandbox: Sandbox,
    pub store: Arc<Store>,
    pub settings: Settings,
    pub now: DateTime<Utc>,
}

impl TestShop {
    /// The demo's shop without orders.
    pub fn new() -> Self {
        Self::with(scenario::shop(Clock::starting_at(start())), MAPPINGS_CSV)
    }

    pub fn with(mut world: World, mappings: &str) -> Self {
        unhurried(&mut world);
        let folder = folder();
        let sandbox = Sandbox::start(world).expect("a free port");
        let settings = settings(&folder, &sandbox);
        let store = Arc::new(Store::open(&settings.store.path).expect("a database"));
        let shop = Self {
            folder,
            sandbox,
            store,
            settings,
            now: start(),
        };
        shop.import(mappings);
        shop
    }

    pub fn import(&self, mappings: &str) {
        let options = Options {
            replace: true,
            dry_run: false,
            imported_by: "a test".to_owned(),
        };
        let mut bytes = mappings.as_bytes();
        let source = Source::Stdin(&mut bytes);
        import(&self.store, source, &options, self.now).expect("good mappings");
    }

    pub fn session(&self, is_dry_run: bool) -> Session {
        Session::start(Setup {
            settings: self.settings.clone(),
            store: Arc::clone(&self.store),
            clock: Clock::starting_at(self.now),
            stop: Arc::default(),
            run_time_max: None,
            is_dry_run,
        })
        .expect("a session")
    }

    /// One run an hour after the one before.
    pub fn sync(&mut self) -> InventoryRun {
        self.pass(TimeDelta::hours(1));
        self.try_sync(false).expect("a run")
    }

    pub fn try_sync(&self, is_forced: bool) -> Result<InventoryRun, Error> {
        sync_inventory::run(&self.session(false), is_forced, &|_, _| {})
    }

    pub fn poll(&mut self) -> Finished {
        self.pass(TimeDelta::minutes(5));
        poll::run(&self.session(false), &|_, _| {}).expect("a run")
    }

    pub fn pass(&mut self, time: TimeDelta) {
        self.now += time;
        self.sandbox.world().set_clock(self.now);
    }

    pub fn set_stock(&self, figures: &[(&str, u32)]) {
        let mut world = self.sandbox.world();
        for (sku, units) in figures {
            world.amazon.set_stock(sku, *units);
        }
    }

    /// What TikTok shows in our warehouse.
    pub fn shown(&self, sku: &str) -> u32 {
        let world = self.sandbox.world();
        world.tiktok.stock(sku, MCF).expect("a variant in the warehouse")
    }

    /// The bodies of all stock updates since the log was cleared.
    pub fn updates(&self) -> Vec<Value> {
        let log = self.sandbox.log();
        let bodies = log.of(Operation::UpdateInventory).map(|entry| &entry.body);
        bodies.map(|body| serde_json::from_slice(body).expect("JSON")).collect()
    }

    pub fn clear_log(&self) {
        self.sandbox.world().log.clear();
    }

    pub fn mutating(&self) -> usize {
        self.sandbox.log().mutating()
    }

    /// The data of all events of a kind.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        events(&self.folder.path().join("mcf.db"), kind)
    }
}

pub fn count(run: &InventoryRun, name: &str) -> u64 {
    run.finished.summary.counts.get(name).copied().unwrap_or_default()
}

pub fn notes(run: &InventoryRun) -> String {
    run.finished.summary.notes.join("\n")
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
}

fn settings(folder: &TempDir, sandbox: &Sandbox) -> Settings {
    let path = folder.path().join("config.toml");
    let text = format!(
        "[retry]\nmax_attempts = 1\n\n[store]\npath = \"mcf.db\"\n\n{}",
        sandbox
            .config_toml()
            .replace("[tiktok]\n", "[tiktok]\nrequests_per_minute = 6000\n")
    );
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("changed");
    let environment = Environment {
        variables: BTreeMap::new(),
        working_directory: folder.path().to_owned(),
        system_folder: folder.path().join("etc"),
        user_id: None,
    };
    let overrides = Overrides {
        config: Some(path),
        database: None,
    };
    Settings::load(&environment, &overrides).expect("good settings")
}
