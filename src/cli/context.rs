//! What every command starts with: the surroundings, the settings, the clock, the database.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::arguments::Global;
use super::{Failure, Output, account};
use crate::clock::Clock;
use crate::config::{Environment, Overrides, Settings};
use crate::jobs::{Session, Setup};
use crate::report::Intervals;
use crate::report::text::clean;
use crate::stop::Stop;
use crate::store::{Lock, Store};

/// The surroundings of one command.
pub struct Context {
    /// Where things are written.
    pub output: Output,
    /// The environment variables and folders.
    pub environment: Environment,
    /// The clock of the run.
    pub clock: Clock,
    /// `--config` and `--db`.
    pub overrides: Overrides,
    /// Whether the operator asks the run to stop.
    pub stop: Arc<Stop>,
}

impl Context {
    /// Reads the surroundings.
    pub fn new(global: Global, output: Output, stop: Arc<Stop>) -> Result<Self, Failure> {
        let environment = Environment::of_process()?;
        let clock = environment.clock()?;
        start_log(global.verbose);
        // A file that may not grow is told like a full disk; by itself the signal would end the run between an answer and its row.
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())
            .map_err(|error| Failure::unexpected(&error))?;
        Ok(Self {
            output,
            environment,
            clock,
            overrides: Overrides {
                config: global.config,
                database: global.db,
            },
            stop,
        })
    }

    /// Returns the present instant of the run.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Loads and checks the settings, telling what is allowed but probably not meant.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let settings = Settings::load(&self.environment, &self.overrides)?;
        settings.require_source(&self.environment, &self.overrides)?;
        for warning in &settings.warnings {
            self.output.talk(&format!("warning: {warning}"));
        }
        Ok(settings)
    }

    /// Opens the database, making it where there is none.
    pub fn store(&self, settings: &Settings) -> Result<Arc<Store>, Failure> {
        account::refuse_as_root(&settings.store.path)?;
        Ok(Arc::new(Store::open(&settings.store.path)?))
    }

    /// Takes the lock of what keeps the database: a restore must not replace the file meanwhile. A dry run takes none.
    pub fn keep(&self, store: &Store, is_dry_run: bool) -> Result<Option<Lock>, Failure> {
        if is_dry_run {
            return Ok(None);
        }
        Ok(Some(Lock::take(store.path(), "keeping", self.now())?))
    }

    /// Starts a session with both vendors' clients.
    pub fn session(
        &self,
        settings: Settings,
        store: Arc<Store>,
        run_time_max: Option<Duration>,
        is_dry_run: bool,
    ) -> Result<Session, Failure> {
        Ok(Session::start(Setup {
            settings,
            store,
            clock: self.clock,
            stop: Arc::clone(&self.stop),
            run_time_max,
            is_dry_run,
        })?)
    }
}

/// Returns how often each job should run.
pub fn intervals(settings: &Settings) -> Intervals {
    let minutes = |minutes: u32| TimeDelta::minutes(i64::from(minutes));
    Intervals {
        poll: minutes(settings.schedule.order_poll_interval_minutes),
        sync_tracking: minutes(settings.schedule.tracking_sync_interval_minutes),
        sync_inventory: minutes(settings.schedule.inventory_sync_interval_minutes),
    }
}

fn start_log(verbose: u8) {
    let level = match verbose {
        0 => log::LevelFilter::Off,
        1 => log::LevelFilter::Info,
        _ => log::LevelFilter::Debug,
    };
    let mut builder = env_logger::Builder::new();
    builder
        .filter_level(log::LevelFilter::Off)
        .filter_module("mcf_connector", level)
        .format(|line, record| {
            let (time, level) = (line.timestamp(), record.level());
            let style = line.default_level_style(level);
            let said = clean(&record.args().to_string());
            writeln!(line, "[{time} {style}{level:<5}{style:#} {}] {said}", record.target())
        });
    // A second command in one process (the demo) finds a logger installed: that is no error.
    let _ = builder.try_init();
}
