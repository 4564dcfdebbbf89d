//! The shop that is played with: a folder, both vendors, a clock; commands in this process, and kills in the middle of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::jobs::import_mappings::{Options, Source, import};
use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV, MCF_WAREHOUSES};
use mcf_connector::sandbox::{Sandbox, Witness, World};
use mcf_connector::store::Store;
use rusqlite::Connection;

use super::folder::folder;
use super::in_process::{self, Command};
use super::judge;
use super::script::Kill;
use super::slack::Slack;
use super::unhurried::unhurried;

/// A Tuesday, 10 o'clock in Los Angeles.
const START: &str = "2026-03-03T18:00:00Z";

pub struct Shop {
    folder: tempfile::TempDir,
    pub sandbox: Sandbox,
    pub slack: Slack,
    pub now: DateTime<Utc>,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Went {
    Well,
    /// Something was not done, and the next run goes on.
    Badly(String),
    Killed,
}

/// All that outlives a process that is killed: its files, and the vendors.
struct Moment {
    files: Vec<(PathBuf, Vec<u8>)>,
    world: World,
}

/// What a witness saw in a run.
#[derive(Default)]
struct Seen {
    calls: usize,
    moment: Option<Moment>,
    breaches: Vec<String>,
}

impl Shop {
    pub fn new() -> Self {
        let now: DateTime<Utc> = START.parse().expect("an instant");
        let mut world = scenario::shop(Clock::starting_at(now));
        unhurried(&mut world);
        for stock in world.amazon.stock.values_mut() {
            stock.fulfillable = 100_000;
        }
        // Who is killed while a new pair comes, and rests until the old one is dead, needs a new consent: crash point 4 has its own test.
        world.settings.refresh_grace = TimeDelta::days(365);
        world.settings.hidden_for = TimeDelta::minutes(3);
        let shop = Self {
            folder: folder(),
            sandbox: Sandbox::start(world).expect("free ports"),
            slack: Slack::open(),
            now,
        };
        shop.furnish();
        shop
    }

    fn furnish(&self) {
        let vendors = self.sandbox.config_toml();
        let vendors = vendors.replacen("[tiktok]\n", "[tiktok]\nrequests_per_minute = 3000\n", 1);
        let text = format!(
            "{vendors}\n[store]\npath = \"mcf.db\"\n\n[retry]\nbackoff_ms = 0\n\n\
             [inventory]\ntiktok_warehouse_ids = [{:?}]\n\n{}",
            MCF_WAREHOUSES[0],
            self.slack.config_toml()
        );
        fs::write(self.config(), text).expect("a file");
        fs::set_permissions(self.config(), PermissionsExt::from_mode(0o600)).expect("a mode");
        let options = Options {
            replace: false,
            dry_run: false,
            imported_by: "a test".to_owned(),
        };
        let store = self.store();
        import(&store, Source::Stdin(&mut MAPPINGS_CSV.as_bytes()), &options, self.now).expect("mappings");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn config(&self) -> PathBuf {
        self.folder().join("config.toml")
    }

    pub fn database(&self) -> PathBuf {
        self.folder().join("mcf.db")
    }

    /// What a person's command opens.
    pub fn store(&self) -> Store {
        Store::open(&self.database()).expect("a database")
    }

    pub fn connection(&self) -> Connection {
        Connection::open(self.database()).expect("a database")
    }

    pub fn pass(&mut self, minutes: i64) {
        self.now += TimeDelta::minutes(minutes);
        self.sandbox.world().set_clock(self.now);
    }

    /// Runs a command by a clock that is off by so much, killed or not. Whoever sees a mutating request come looks whether it may.
    pub fn run(&self, command: &Command, lead: TimeDelta, kill: Option<Kill>) -> Result<Went, String> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (database, by_hand) = (self.database(), matches!(command, Command::Route(_)));
        let noting = Arc::clone(&seen);
        let witness = Witness::new(move |world, entry| {
            let mut seen = noting.lock().expect("no panic");
            let is_answered = world
                .log
                .entries()
                .last()
                .is_some_and(|last| last.arrival == entry.arrival);
            if seen.moment.is_some() {
                return;
            }
            if !is_answered {
                seen.calls += 1;
                seen.breaches
                    .extend(judge::at_the_door(&database, world, entry, by_hand));
            }
            let is_time = |kill: Kill| seen.calls == kill.call && is_answered == kill.is_carried_out;
            if kill.is_some_and(is_time) {
                seen.moment = Some(Moment::of(&database, world));
            }
        });
        self.sandbox.world().witness = Some(witness);
        // What whole processes told before is theirs.
        drop(self.slack.heard());
        let ran = in_process::run(&self.config(), self.now + lead, command);
        self.sandbox.world().witness = None;
        let mut seen = seen.lock().expect("no panic");
        if let Some(breach) = seen.breaches.first() {
            return Err(breach.clone());
        }
        if let Some(moment) = seen.moment.take() {
            self.go_back_to(moment);
            return Ok(Went::Killed);
        }
        match ran {
            Ok(ran) => ran.trouble.map_or(Ok(Went::Well), |trouble| {
                // Nobody takes anything from this shop.
                let is_locked_out = trouble.is_credentials();
                let said = trouble.to_string();
                (!is_locked_out)
                    .then_some(Went::Badly(said.clone()))
                    .ok_or_else(|| format!("E166: the shop is locked out: {said}"))
            }),
            Err(error) => Ok(Went::Badly(error.to_string())),
        }
    }

    /// What a killed process would have done after its last moment has not happened.
    fn go_back_to(&self, moment: Moment) {
        for path in database_files(&self.database()) {
            let _ = fs::remove_file(path);
        }
        for (path, bytes) in moment.files {
            fs::write(&path, bytes).expect("a file");
            fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("a mode");
        }
        let mut world = moment.world;
        world.witness = None;
        *self.sandbox.world() = world;
    }
}

impl Moment {
    fn of(database: &Path, world: &World) -> Self {
        // Orders are handled a few at a time: while this one reads, no other lets the log begin anew.
        let reader = Connection::open(database).expect("a database");
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")
            .expect("a moment");
        let files = database_files(database);
        Self {
            files: files
                .into_iter()
                .filter_map(|path| Some((path.clone(), fs::read(path).ok()?)))
                .collect(),
            world: world.clone(),
        }
    }
}

/// The file that processes share dies with the last of them.
fn database_files(database: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", database.display()));
    ["", "-wal", "-shm", ".tokens"].map(beside).into()
}
