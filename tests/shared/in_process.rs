//! Commands run in this process as the command line runs them: the lock, the run's row, its events, its job.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::config::{Environment, Overrides, Settings};
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::jobs::{self, Session};
use mcf_connector::run::{self, Job, Ran, Surroundings};

/// A command that cron or a person gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Poll,
    SyncTracking,
    SyncInventory,
    Route(String),
}

impl Command {
    fn job(&self) -> Job {
        match self {
            Self::Poll => Job::POLL,
            Self::SyncTracking => Job::SYNC_TRACKING,
            Self::SyncInventory => Job::SYNC_INVENTORY,
            Self::Route(_) => Job::ROUTE,
        }
    }

    fn work(&self, session: &Session) -> Result<jobs::Finished, jobs::Error> {
        match self {
            Self::Poll => jobs::poll::run(session, &|_, _| {}),
            Self::SyncTracking => jobs::tracking::run(session, None, &|_, _| {}),
            Self::SyncInventory => jobs::sync_inventory::run(session, false, &|_, _| {}).map(|run| run.finished),
            Self::Route(id) => jobs::route::run(session, &TiktokOrderId::new(id), &jobs::route::Word::default()),
        }
    }
}

fn settings(config: &Path) -> Settings {
    let folder = config.parent().expect("a folder").to_owned();
    let environment = Environment {
        variables: BTreeMap::new(),
        working_directory: folder.clone(),
        system_folder: folder,
        user_id: None,
    };
    let overrides = Overrides {
        config: Some(config.to_owned()),
        database: None,
    };
    Settings::load(&environment, &overrides).expect("settings")
}

/// Runs a command with the configuration in this file, by a clock that shows this instant.
pub fn run(config: &Path, now: DateTime<Utc>, command: &Command) -> Result<Ran, run::Error> {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let surroundings = Surroundings {
        clock: Clock::starting_at(now),
        stop: Arc::default(),
        upgrade: Arc::new(|_| {}),
    };
    run::run(&surroundings, command.job(), settings(config), |session| {
        command.work(session)
    })
}
