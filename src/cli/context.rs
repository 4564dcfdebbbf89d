//! What every command starts with: the surroundings, the settings, the clock, the database.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use clap::CommandFactory;

use super::arguments::{Cli, Global};
use super::{Failure, Output, logging, upgrade};
use crate::config::quoting::shell_quoted;
use crate::config::{Environment, Overrides, Settings};
use crate::run::Surroundings;
use crate::stop::Stop;
use crate::store::Store;

/// The surroundings of one command.
pub struct Context {
    /// Where things are written.
    pub output: Output,
    /// The environment variables and folders.
    pub environment: Environment,
    /// `--config` and `--db`.
    pub overrides: Overrides,
    /// What a run gets: the clock, and whether the operator asks it to stop.
    pub surroundings: Surroundings,
}

impl Context {
    /// Reads the surroundings.
    pub fn new(global: Global, output: Output, stop: Arc<Stop>) -> Result<Self, Failure> {
        let environment = Environment::of_process()?;
        let clock = environment.clock()?;
        logging::start(
            global.verbose,
            environment.variables.get("RUST_LOG").and_then(|asked| asked.to_str()),
        );
        // A file that may not grow is told like a full disk; by itself the signal would end the run between an answer and its row.
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())
            .map_err(|error| Failure::unexpected(&error))?;
        Ok(Self {
            output,
            environment,
            overrides: Overrides {
                config: global.config,
                database: global.db,
            },
            surroundings: Surroundings {
                clock,
                stop,
                upgrade: upgrade::shown(output),
            },
        })
    }

    /// Returns a command to paste, with the configuration and the database that this one was given.
    pub fn command(&self, words: &str) -> String {
        format!("mcf {words}{}", self.options(""))
    }

    /// Returns advice whose commands name the configuration and the database that this one was given.
    pub fn repeated(&self, advice: &str) -> String {
        let options = self.options(advice);
        if options.is_empty() {
            return advice.to_owned();
        }
        let line = Cli::command();
        let names = line.get_subcommands().map(clap::Command::get_name);
        names.fold(advice.to_owned(), |advice, name| {
            advice.replace(&format!("mcf {name}"), &format!("mcf{options} {name}"))
        })
    }

    /// Returns the options that name what this command was given, but for those that stand in the advice already.
    fn options(&self, advice: &str) -> String {
        let Overrides { config, database } = &self.overrides;
        let given = [("--config", config), ("--db", database)].into_iter();
        let given = given.filter(|(option, _)| !advice.contains(option));
        let words = given.filter_map(|(option, path)| {
            let path = path.as_ref()?;
            Some(format!(" {option} {}", shell_quoted(&path.to_string_lossy())))
        });
        words.collect()
    }

    /// Returns the present instant of the run.
    pub fn now(&self) -> DateTime<Utc> {
        self.surroundings.now()
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
        Ok(self.surroundings.open_store(settings)?)
    }
}
