//! Settings: where they come from, what they may be, what they are when nothing is said.
//!
//! Owns the configuration file, the environment variables over it, secrets in files and systemd credentials, and every default.
//! Must never ask a vendor, print, change a file, or put the value of a setting into an error: it may be a secret.
//!
//! - A file named by `--config` or `MCF_CONFIG` must exist; else the first of `./config.toml`,
//!   `$XDG_CONFIG_HOME/mcf-connector/config.toml` and `/etc/mcf-connector/config.toml` is read, and none is fine, too.
//! - A variable beats a systemd credential, which beats the file. What is empty counts as not set.
//! - Variables are named `TIKTOK_<KEY>`, `AMAZON_<KEY>`, `WEBHOOK_<NUMBER>_<KEY>`, `MCF_DATA_KEY`, and by the bare key for `[schedule]`.
//!   The systemd credential of a secret has the same name in lower case.
//! - Paths in the file start from the file's folder, because cron runs everything in the home folder;
//!   paths on the command line and in variables start from the working directory.
//! - Bad values are refused at once; missing credentials only by who needs them (`credentials()`).

mod amazon;
mod behaviour;
mod catalogue;
mod credential;
mod duplicate;
mod environment;
mod error;
mod file;
mod nearest;
pub(crate) mod quoting;
mod region;
pub mod schedule;
mod section;
mod serve;
mod shown;
mod speeds;
pub mod template;
#[cfg(test)]
mod tests;
mod tiktok;
mod warning;
mod web;
mod webhooks;

use std::path::{Path, PathBuf};

pub use amazon::{AmazonApp, AmazonCredentials, AmazonSettings};
pub use behaviour::{
    AlertSettings, GivenKey, Handling, InventorySettings, PrivacySettings, RetrySettings, RoutingSettings,
    ScheduleSettings, StoreSettings, TrackingSettings,
};
pub use credential::signing_key;
pub use environment::Environment;
pub use error::{Error, MarketplaceNote, MissingKey, Origin, Problem};
pub use region::Region;
pub use serve::ServeSettings;
pub use shown::Shown;
pub use tiktok::{TiktokApp, TiktokCredentials, TiktokSettings};
pub use warning::Warning;
pub use webhooks::{Webhook, WebhookFormat};

use crate::secret::Secret;
use section::Section;

/// What the command line says about settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--db`.
    pub database: Option<PathBuf>,
}

/// Where settings were looked for, for the error that names missing credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sources {
    /// The file that was read.
    file: Option<PathBuf>,
    /// The paths tried, when no file was found.
    tried: Vec<PathBuf>,
}

/// All settings of a run, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The shop at TikTok.
    pub tiktok: TiktokSettings,
    /// The account at Amazon.
    pub amazon: AmazonSettings,
    /// The database.
    pub store: StoreSettings,
    /// How often each job runs.
    pub schedule: ScheduleSettings,
    /// How often a failed call is made again within a run.
    pub retry: RetrySettings,
    /// How orders go to Amazon.
    pub routing: RoutingSettings,
    /// Stock levels.
    pub inventory: InventorySettings,
    /// Tracking numbers and carriers.
    pub tracking: TrackingSettings,
    /// Who is told about events.
    pub webhooks: Vec<Webhook>,
    /// Where the page is shown.
    pub serve: ServeSettings,
    /// When people are told.
    pub alerts: AlertSettings,
    /// How long buyer data is kept.
    pub privacy: PrivacySettings,
    /// What is allowed but probably not meant.
    pub warnings: Vec<Warning>,
    /// The configuration file that was read, absolute.
    pub file: Option<PathBuf>,
}

impl Settings {
    /// Finds, reads and checks the settings.
    ///
    /// # Errors
    /// When a named file is missing, a file is unreadable or open to others, or anything in it or in the environment cannot be.
    /// Missing credentials are no error here.
    pub fn load(environment: &Environment, overrides: &Overrides) -> Result<Self, Error> {
        let search = file::find(environment, overrides.config.as_deref())?;
        let table = search.file.as_ref().map(file::ConfigFile::parse).transpose()?;
        let root = Section::root(environment, search.file.as_ref(), table.as_ref());
        let path = search.file.as_ref().map(|file| file.path.clone());
        let sources = Sources {
            tried: if path.is_some() {
                Vec::new()
            } else {
                search.tried.clone()
            },
            file: path,
        };
        let mut settings = Self::read(root, sources)?;
        match named_database(environment, overrides)? {
            Some(Named::File(path)) => (settings.store.path, settings.store.url) = (path, None),
            Some(Named::Server(url)) => settings.store.url = Some(url),
            None => {}
        }
        settings.warnings = warning::of(&settings);
        Ok(settings)
    }

    /// Refuses to go on where nobody said which shop and database are meant: neither a file, nor a database, nor the variables that
    /// name both vendors. In a wrong folder a command would make a new database and show zeros.
    ///
    /// # Errors
    /// [`Error::NothingNamed`] with the places that were searched.
    pub fn require_source(&self, environment: &Environment, overrides: &Overrides) -> Result<(), Error> {
        let is_database_named = self.store.url.is_some() || named_database(environment, overrides)?.is_some();
        if self.file.is_some() || is_database_named {
            return Ok(());
        }
        let tiktok = self.tiktok.credentials_beside_stored_tokens().err();
        let missing: Vec<MissingKey> = [tiktok, self.amazon.credentials().err()]
            .into_iter()
            .flatten()
            .flat_map(Error::missing_keys)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let tried = environment.config_candidates()?;
        Err(Error::NothingNamed { tried, missing })
    }

    fn read(mut root: Section<'_>, sources: Sources) -> Result<Self, Error> {
        let settings = Self {
            file: sources.file.clone(),
            tiktok: TiktokSettings::read(root.section("tiktok", Some("TIKTOK_"))?, sources.clone())?,
            amazon: AmazonSettings::read(root.section("amazon", Some("AMAZON_"))?, sources)?,
            store: StoreSettings::read(root.section("store", Some("MCF_"))?)?,
            schedule: ScheduleSettings::read(root.section("schedule", Some(""))?)?,
            retry: RetrySettings::read(root.section("retry", None)?)?,
            routing: RoutingSettings::read(root.section("routing", None)?)?,
            inventory: InventorySettings::read(root.section("inventory", None)?)?,
            tracking: TrackingSettings::read(root.section("tracking", None)?)?,
            webhooks: webhooks::read(root.sections("webhooks", "WEBHOOK", "url")?)?,
            serve: ServeSettings::read(root.section("serve", None)?)?,
            alerts: AlertSettings::read(root.section("alerts", None)?)?,
            privacy: PrivacySettings::read(root.section("privacy", None)?)?,
            warnings: Vec::new(),
        };
        root.finish()?;
        Ok(settings)
    }
}

/// A database that was named outside of the file.
enum Named {
    File(PathBuf),
    Server(Secret),
}

/// Tells whether a text means a server rather than a file.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

/// `--db`, or `MCF_DB`: a path, or an address of PostgreSQL.
fn named_database(environment: &Environment, overrides: &Overrides) -> Result<Option<Named>, Error> {
    let variable = environment.variable("MCF_DB")?.map(Path::new);
    let named = overrides.database.as_deref().or(variable);
    Ok(named.map(|path| match path.to_str() {
        Some(url) if is_address(url) => Named::Server(Secret::new(url)),
        _ => Named::File(environment.absolute(path)),
    }))
}
