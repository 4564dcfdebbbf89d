//! What surrounds a run: environment variables, working directory, user. A value, so that tests need no process environment.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::error::{Error, Origin, Problem};
use crate::clock::Clock;
use crate::trust;

/// The surroundings of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The environment variables.
    pub variables: BTreeMap<String, OsString>,
    /// What relative paths on the command line and in variables start from.
    pub working_directory: PathBuf,
    /// The folder of the settings of the whole machine, `/etc/mcf-connector`.
    pub system_folder: PathBuf,
    /// The user that runs the program; `None` where the system does not tell.
    pub user_id: Option<u32>,
}

impl Environment {
    /// Returns the surroundings of this process.
    ///
    /// # Errors
    /// When the working directory is gone.
    pub fn of_process() -> Result<Self, Error> {
        let working_directory = env::current_dir().map_err(|source| Error::Unreadable {
            path: PathBuf::from("."),
            source,
        })?;
        let variables = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Ok(Self {
            variables: variables.collect(),
            working_directory,
            system_folder: PathBuf::from("/etc/mcf-connector"),
            user_id: trust::this_user(),
        })
    }

    /// Returns the clock of a run: the system's, or one that starts at `MCF_NOW`.
    ///
    /// # Errors
    /// When `MCF_NOW` is not an RFC 3339 instant.
    pub fn clock(&self) -> Result<Clock, Error> {
        let Some(text) = self.variable("MCF_NOW")? else {
            return Ok(Clock::system());
        };
        let instant = DateTime::parse_from_rfc3339(text).map_err(|_| Error::Value {
            origin: Origin::Variable("MCF_NOW".to_owned()),
            key: "MCF_NOW".to_owned(),
            problem: Problem::NotAnInstant,
        })?;
        Ok(Clock::starting_at(instant.with_timezone(&Utc)))
    }

    /// Returns the names of the variables that are settings, which a scheduler does not have.
    #[must_use]
    pub fn settings_in_variables(&self) -> Vec<&str> {
        let is_setting = |name: &str| {
            ["TIKTOK_", "AMAZON_", "WEBHOOK_"]
                .iter()
                .any(|start| name.starts_with(start))
                || ["MCF_DATA_KEY", "MCF_STORE_URL"].contains(&name)
        };
        let set = self.variables.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, _)| name.as_str())
            .filter(|name| is_setting(name))
            .collect()
    }

    /// Returns a variable without white space around it; an empty one counts as not set.
    pub(super) fn variable(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(value) = self.variables.get(name) else {
            return Ok(None);
        };
        let text = value.to_str().ok_or_else(|| Error::NotUnicode {
            variable: name.to_owned(),
        })?;
        Ok(Some(text.trim()).filter(|text| !text.is_empty()))
    }

    /// Returns where a configuration file is looked for when none is named, best first.
    pub(super) fn config_candidates(&self) -> Result<Vec<PathBuf>, Error> {
        let mut candidates = vec![self.working_directory.join("config.toml")];
        if let Some(folder) = self.user_config_folder()? {
            candidates.push(folder.join("mcf-connector/config.toml"));
        }
        candidates.push(self.system_folder.join("config.toml"));
        Ok(candidates)
    }

    /// `$XDG_CONFIG_HOME` counts only when absolute (XDG Base Directory Specification).
    fn user_config_folder(&self) -> Result<Option<PathBuf>, Error> {
        let named = self.variable("XDG_CONFIG_HOME")?.map(PathBuf::from);
        if let Some(folder) = named.filter(|folder| folder.is_absolute()) {
            return Ok(Some(folder));
        }
        Ok(self.variable("HOME")?.map(|home| Path::new(home).join(".config")))
    }

    /// Returns a path of the command line or of a variable as an absolute one.
    #[must_use]
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.working_directory.join(path)
    }
}
