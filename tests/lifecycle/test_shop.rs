//! A folder, a sandbox and a clock: what every test of this suite starts with.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::jobs::import_mappings::{Options, Source, import};
use mcf_connector::report::Timing;
use mcf_connector::report::order::{OrderDetail, OrderReport};
use mcf_connector::sandbox::amazon::{Ending, Plan, PlannedParcel};
use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::{Log, Sandbox, World};
use mcf_connector::store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::folder::folder;
use crate::unhurried::unhurried;

/// The first order that is placed in a world.
pub const FIRST: &str = "576900000000000101";

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("one JSON document on stdout")
    }

    /// Fails unless the command ended with this code.
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// A shop for one test: a folder with its configuration and database, both vendors of the sandbox, and a clock that the test moves.
/// Whole commands run in it.
pub struct TestShop {
    pub folder: TempDir,
    pub sandbox: Sandbox,
    pub now: DateTime<Utc>,
}

/// The instant at which every test begins.
pub fn morning() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-01-05T08:00:00Z")
        .expect("an instant")
        .to_utc()
}

pub fn new_world() -> World {
    scenario::shop(Clock::starting_at(morning()))
}

impl TestShop {
    /// A shop with the demo's orders and the mapping table in force.
    pub fn demo() -> Self {
        Self::through(scenario::demo(Clock::starting_at(morning())))
    }

    /// The demo's shop some hours later: orders are sent and told, stock is shown.
    pub fn busy() -> Self {
        let mut shop = Self::demo();
        shop.poll();
        shop.pass(60, 1);
        shop.poll();
        shop.pass(60, 3);
        for command in ["sync-tracking", "sync-inventory"] {
            shop.good(&[command]);
        }
        shop
    }

    /// A shop with one order of each of these kinds.
    pub fn of(kinds: &[OrderKind]) -> Self {
        let mut world = new_world();
        for kind in kinds {
            world.place(*kind);
        }
        Self::through(world)
    }

    /// Two lamps and a bulb are ordered; one lamp leaves, and Amazon ends the order.
    pub fn partly_shipped() -> Self {
        let shop = Self::partly_shipped_and_not_read();
        shop.good(&["sync-tracking"]);
        shop
    }

    /// The same, before anybody has looked.
    pub fn partly_shipped_and_not_read() -> Self {
        let mut shop = Self::of(&[OrderKind::SeveralUnits]);
        let parcel = PlannedParcel {
            contents: Some(vec![("FBA-LAMP-BLK".to_owned(), 1)]),
            ..PlannedParcel::default()
        };
        let plan = Plan {
            ending: Ending::ShipsPartly,
            parcels: vec![parcel],
            numbers_early: false,
        };
        shop.sandbox.world().amazon.plans.insert(format!("TTS-{FIRST}"), plan);
        shop.poll();
        shop.pass(60, 3);
        shop
    }

    /// A shop through a world of one's own, with the mapping table in force.
    pub fn through(world: World) -> Self {
        let shop = Self::bare(world);
        shop.import(MAPPINGS_CSV);
        shop
    }

    /// A shop without mappings and without a database.
    pub fn bare(mut world: World) -> Self {
        unhurried(&mut world);
        let shop = Self {
            folder: folder(),
            now: world.now(),
            sandbox: Sandbox::start(world).expect("free ports"),
        };
        shop.write_config();
        shop
    }

    pub fn write_config(&self) {
        let vendors = self.sandbox.config_toml();
        let text = format!("{vendors}\n[store]\npath = \"mcf.db\"\n\n[retry]\nbackoff_ms = 1\n");
        std::fs::write(self.config(), text).expect("a file");
        std::fs::set_permissions(self.config(), PermissionsExt::from_mode(0o600)).expect("a mode");
    }

    /// Lets the shop lie in a schema of PostgreSQL instead of in a file.
    pub fn lies_on(&self, url: &str, schema: &str) {
        let text = std::fs::read_to_string(self.config()).expect("a file");
        let server =
            format!("url = {url:?}\nschema = {schema:?}\ndata_key = \"uLr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=\"");
        std::fs::write(self.config(), text.replace("path = \"mcf.db\"", &server)).expect("a file");
    }

    /// Adds sections to the configuration.
    pub fn configure(&self, settings: &str) {
        let text = std::fs::read_to_string(self.config()).expect("a file");
        std::fs::write(self.config(), format!("{text}\n{settings}")).expect("a file");
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("mcf.db")
    }

    pub fn import(&self, csv: &str) {
        let options = Options {
            replace: false,
            dry_run: false,
            imported_by: "test".to_owned(),
        };
        let store = Store::open(&self.database()).expect("a database");
        import(&store, Source::Stdin(&mut csv.as_bytes()), &options, self.now).expect("mappings");
    }

    /// Runs a command at the shop's instant, with nothing of this process's environment.
    pub fn mcf(&self, arguments: &[&str]) -> Ran {
        self.mcf_with(&[], arguments)
    }

    /// Runs a command with these environment variables, too.
    pub fn mcf_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        self.run(self.folder.path(), variables, arguments)
    }

    /// Runs a command in another folder than the one of the configuration.
    pub fn mcf_in(&self, folder: &Path, arguments: &[&str]) -> Ran {
        self.run(folder, &[], arguments)
    }

    fn run(&self, folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        self.sandbox.world().set_clock(self.now);
        let mut command = Command::cargo_bin("mcf").expect("the binary");
        let output = command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("MCF_NOW", self.now.to_rfc3339())
            .envs(variables.iter().copied())
            .current_dir(folder)
            .args(arguments)
            .output()
            .expect("a process that ends");
        Ran {
            code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Runs a command with `--json` that must do its work.
    pub fn good(&self, arguments: &[&str]) -> Value {
        let with_json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        self.mcf(&with_json).ends_with(0).json()
    }

    pub fn poll(&self) -> Value {
        self.good(&["poll"])
    }

    /// Lets time pass, and every order of the world take so many steps.
    pub fn pass(&mut self, minutes: i64, steps: u32) {
        self.now += TimeDelta::minutes(minutes);
        let mut world = self.sandbox.world();
        world.set_clock(self.now);
        for _ in 0..steps {
            world.advance();
        }
    }

    /// The ids of all orders that Amazon has, oldest first.
    pub fn amazon_ids(&self) -> Vec<String> {
        let world = self.sandbox.world();
        world.amazon.orders.iter().map(|order| order.id.clone()).collect()
    }

    pub fn log(&self) -> Log {
        self.sandbox.log()
    }

    /// Returns how many mutating requests a command sent.
    pub fn mutating_in(&self, arguments: &[&str]) -> usize {
        let before = self.log().mutating();
        self.good(arguments);
        self.log().mutating() - before
    }

    pub fn order(&self, id: &str) -> OrderDetail {
        let store = Store::open(&self.database()).expect("a database");
        let report = OrderReport::read(&store, &TiktokOrderId::new(id), false, &Timing::default(), self.now)
            .expect("a readable order");
        report.expect("a known order").order
    }

    pub fn state(&self, id: &str) -> State {
        self.order(id).state
    }

    /// Returns the reasons and details of an order's flags.
    pub fn flags(&self, id: &str) -> Vec<(String, String)> {
        let flags = self.order(id).flags.into_iter();
        flags
            .map(|flag| (flag.reason().to_string(), flag.detail.to_string()))
            .collect()
    }
}

/// Fails where a folder holds one of these texts in any file.
pub fn assert_no_file_holds(folder: &Path, texts: &[&str]) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        for text in texts {
            let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "I10: {text} in {}", path.display());
        }
    }
}
