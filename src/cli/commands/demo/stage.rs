//! The stage: the sandbox, the folder, the clock that is moved, and the commands that are run on it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

use super::super::file::write_private;
use super::super::sandbox::config_text;
use crate::cli::context::Context;
use crate::cli::{Failure, job};
use crate::clock::Clock;
use crate::config::{Environment, Overrides, Settings};
use crate::domain::ids::TiktokOrderId;
use crate::jobs::import_mappings::{Options, Source, import};
use crate::jobs::{self, Finished, Session};
use crate::run::{Job, Surroundings};
use crate::sandbox::scenario::{self, MAPPINGS_CSV, OrderKind};
use crate::sandbox::{Log, Sandbox};
use crate::store::Store;

/// A command that was run.
#[derive(Serialize)]
pub(super) struct Step {
    /// When, by the clock of the play.
    at: DateTime<Utc>,
    /// Why it was run now.
    title: String,
    /// What an operator would type.
    command: &'static str,
    /// What the command itself reports.
    result: Value,
}

/// Where the demo is played.
pub(super) struct Stage<'a> {
    host: &'a Context,
    folder: PathBuf,
    sandbox: Sandbox,
    orders: Vec<(TiktokOrderId, OrderKind)>,
    now: DateTime<Utc>,
    steps: Vec<Step>,
}

/// Two MCF warehouses, and speeds that TikTok's deadline decides.
fn config(sandbox: &Sandbox) -> String {
    let vendors = config_text(sandbox, "mcf.db");
    let warehouses = scenario::MCF_WAREHOUSES;
    format!("{vendors}\n[routing]\ndeadline = \"upgrade\"\n\n[inventory]\ntiktok_warehouse_ids = {warehouses:?}\n")
}

impl<'a> Stage<'a> {
    /// Starts the sandbox and writes the configuration and the mapping table.
    pub(super) fn open(host: &'a Context, folder: PathBuf) -> Result<Self, Failure> {
        let now = scenario::morning(host.now());
        let mut world = scenario::shop(Clock::starting_at(now));
        let kinds = OrderKind::ALL.into_iter().chain(OrderKind::BY_RULE);
        let orders = kinds
            .map(|kind| (TiktokOrderId::new(world.place(kind)), kind))
            .collect();
        let sandbox = Sandbox::start(world).map_err(|error| Failure::unexpected(&error))?;
        write_private(&folder.join("config.toml"), config(&sandbox))?;
        write_private(&folder.join("mappings.csv"), MAPPINGS_CSV)?;
        Ok(Self {
            host,
            folder,
            sandbox,
            orders,
            now,
            steps: Vec::new(),
        })
    }

    pub(super) fn orders(&self) -> &[(TiktokOrderId, OrderKind)] {
        &self.orders
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub(super) fn log(&self) -> Log {
        self.sandbox.log()
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// Writes for people; with `--json` everything is in the document at the end.
    pub(super) fn tell(&self, text: &str) {
        if !self.host.output.json {
            self.host.output.data(text);
        }
    }

    /// Lets time pass on both sides, and every order of the world take so many steps.
    pub(super) fn pass(&mut self, time: TimeDelta, steps: u32) {
        self.now += time;
        let mut world = self.sandbox.world();
        world.set_clock(self.now);
        for _ in 0..steps {
            world.advance();
        }
    }

    pub(super) fn import(&mut self, title: &str) -> Result<(), Failure> {
        let command = "mcf mappings import mappings.csv";
        self.head(title, command);
        let context = self.context();
        let store = context.store(&context.settings()?)?;
        let options = Options {
            replace: false,
            dry_run: false,
            imported_by: "mcf demo".to_owned(),
        };
        let file = self.folder.join("mappings.csv");
        let summary = import(&store, Source::File(&file), &options, context.now())
            .map_err(|error| Failure::unexpected(&error))?;
        self.tell(&format!(
            "   mappings: {} added, {} warnings",
            summary.added, summary.warnings_total
        ));
        let result = serde_json::to_value(summary).context("the import has no JSON form")?;
        self.note(title, command, result);
        Ok(())
    }

    pub(super) fn poll(&mut self, title: &str) -> Result<(), Failure> {
        self.job(title, "mcf poll", Job::POLL, |session| {
            jobs::poll::run(session, &|_, _| {})
        })
    }

    pub(super) fn sync_tracking(&mut self, title: &str) -> Result<(), Failure> {
        self.job(title, "mcf sync-tracking", Job::SYNC_TRACKING, |session| {
            jobs::tracking::run(session, None, &|_, _| {})
        })
    }

    pub(super) fn sync_inventory(&mut self, title: &str) -> Result<(), Failure> {
        self.job(title, "mcf sync-inventory", Job::SYNC_INVENTORY, |session| {
            Ok(jobs::sync_inventory::run(session, false, &|_, _| {})?.finished)
        })
    }

    /// Lets real time pass on both sides: every order takes its next step, one more buyer orders where one is named, and the commands
    /// run as cron runs them. What a job could not do shows on the page, as it does in a shop.
    pub(super) fn go_on(&mut self, passed: TimeDelta, buyer: Option<OrderKind>) -> Result<(), Failure> {
        self.pass(passed, 1);
        if let Some(kind) = buyer {
            self.sandbox.world().place(kind);
        }
        let context = self.context();
        job::run(&context, Job::POLL, |session| jobs::poll::run(session, &|_, _| {}))?;
        job::run(&context, Job::SYNC_TRACKING, |session| {
            jobs::tracking::run(session, None, &|_, _| {})
        })?;
        job::run(&context, Job::SYNC_INVENTORY, |session| {
            Ok(jobs::sync_inventory::run(session, false, &|_, _| {})?.finished)
        })?;
        Ok(())
    }

    /// Runs a job as its command does. What a job could not do ends the play: then there is something to repair.
    fn job(
        &mut self,
        title: &str,
        typed: &'static str,
        job: Job,
        run: impl FnOnce(&Session) -> Result<Finished, jobs::Error>,
    ) -> Result<(), Failure> {
        self.head(title, typed);
        let context = self.context();
        let ran = job::run(&context, job, run)?;
        self.tell(&format!("   {}", ran.report.summary()));
        let result = serde_json::to_value(&ran.report).context("the run has no JSON form")?;
        self.note(title, typed, result);
        ran.failure.map_or(Ok(()), Err)
    }

    fn head(&self, title: &str, command: &str) {
        let number = self.steps.len() + 1;
        let time = self.now.format("%H:%M UTC");
        self.tell(&format!("\n{number}. {title}\n   {time} $ {command}"));
    }

    fn note(&mut self, title: &str, command: &'static str, result: Value) {
        self.steps.push(Step {
            at: self.now,
            title: title.to_owned(),
            command,
            result,
        });
    }

    /// Makes the surroundings of the next command: the stage's files and clock, and no variable of the operator.
    pub(super) fn context(&self) -> Context {
        let host = &self.host.environment;
        Context {
            output: self.host.output,
            environment: Environment {
                variables: std::collections::BTreeMap::new(),
                working_directory: self.folder.clone(),
                system_folder: self.folder.clone(),
                user_id: host.user_id,
            },
            overrides: Overrides {
                config: Some(self.folder.join("config.toml")),
                database: None,
            },
            surroundings: Surroundings {
                clock: Clock::starting_at(self.now),
                stop: Arc::clone(&self.host.surroundings.stop),
                upgrade: Arc::clone(&self.host.surroundings.upgrade),
            },
        }
    }

    /// Opens the demo's database and settings, to look at what became of everything.
    pub(super) fn look(&self) -> Result<(Arc<Store>, Settings), Failure> {
        let context = self.context();
        let settings = context.settings()?;
        Ok((context.store(&settings)?, settings))
    }
}
