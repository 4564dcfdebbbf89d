//! The text of crontab lines and of systemd units that run the jobs at the configured intervals.
//!
//! Pure: writes no file and starts nothing. Minutes are spread so that the jobs do not meet at the full hour. An instance's name keeps
//! two shops on one host apart; what is printed is added to what is there and never replaces it.

mod cron;
mod rhythm;
mod systemd;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use rhythm::Rhythm;

use super::behaviour::ScheduleSettings;

pub use cron::{cron, cron_recipe};
pub use systemd::{UnitFile, by_hand, is_of_another_shop, state_directory, systemd, systemd_enable, systemd_script};

/// How many daily backups are kept.
const BACKUPS_KEPT: u32 = 14;

/// The longest name of an instance.
const NAME_LENGTH_MAX: usize = 32;

/// The longest name of an account that systemd takes.
const ACCOUNT_LENGTH_MAX: usize = 31;

/// How the scheduled program is called.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The program, absolute.
    pub program: &'a Path,
    /// The configuration file, absolute.
    pub config: Option<&'a Path>,
    /// The database, absolute; its folder is the only one that a systemd unit may write to.
    pub database: &'a Path,
    /// Whether a server keeps the shop: its backups are the server's.
    pub is_served: bool,
    /// Whether the database was named by `--db` or `MCF_DB`, which the scheduler does not have.
    pub is_database_named: bool,
    /// The user whose files these are.
    pub user: &'a str,
    /// Whether systemd makes the user, with a folder below `/var/lib` of its own.
    pub is_user_made: bool,
    /// Whether an administrator calls the program as that user, by sudo.
    pub is_by_admin: bool,
    /// What keeps this shop apart from others on the host.
    pub name: Option<&'a str>,
    /// Where the metrics go; `None` is beside the database.
    pub metrics: Option<&'a Path>,
    /// The folder of the daily backups; `None` is beside the database.
    pub backups: Option<&'a Path>,
    /// Where the page goes; `None` is beside the database.
    pub report: Option<&'a Path>,
    /// The folder from which systemd reads the secrets; `None` is `credentials` below `/etc/mcf-connector`.
    pub credentials: Option<&'a Path>,
    /// How many endpoints are configured; each has a secret.
    pub webhooks: usize,
    /// Where the page listens that systemd is to keep up.
    pub page: Option<SocketAddr>,
}

impl Invocation<'_> {
    /// Returns what units and log tags begin with: `mcf`, or `mcf-NAME`.
    #[must_use]
    pub fn instance(&self) -> String {
        self.name.map_or_else(|| "mcf".to_owned(), |name| format!("mcf-{name}"))
    }

    /// Returns the mark at the end of each crontab line: the name, else a short hash of what is called.
    fn mark(&self) -> String {
        let name = self.name.map_or_else(|| short_hash(&self.about()), str::to_owned);
        format!("# mcf:{name}")
    }

    /// Returns the file that tells this shop from others.
    fn about(&self) -> String {
        self.config.unwrap_or(self.database).display().to_string()
    }

    /// Returns the options that name the shop.
    fn settings(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, path: &Path| words.extend([name.to_owned(), path.to_string_lossy().into_owned()]);
        if let Some(config) = self.config {
            option("--config", config);
        }
        if self.config.is_none() || self.is_database_named {
            option("--db", self.database);
        }
        words
    }

    fn call(&self) -> Vec<String> {
        let program = self.program.to_string_lossy().into_owned();
        std::iter::once(program).chain(self.settings()).collect()
    }

    fn words(&self, job: &Job) -> Vec<String> {
        let mut words = self.call();
        words.push("--quiet".to_owned());
        words.extend(job.arguments.iter().cloned());
        words
    }

    /// Returns the call that prints this schedule again.
    fn itself(&self, scheduler: &str) -> Vec<String> {
        let mut words = self.call();
        words.extend(["schedule".to_owned(), scheduler.to_owned()]);
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let named = [
            ("--name", self.name.map(str::to_owned)),
            ("--metrics", self.metrics.map(path)),
            ("--backups", self.backups.map(path)),
            ("--report", self.report.map(path)),
            ("--serve", self.page.map(|address| address.to_string())),
        ];
        for (option, value) in named {
            words.extend(value.into_iter().flat_map(|value| [option.to_owned(), value]));
        }
        words
    }

    fn beside_database(&self, name: &str) -> PathBuf {
        self.database.with_file_name(name)
    }

    fn metrics_file(&self) -> PathBuf {
        let beside = || {
            self.beside_database("metrics")
                .join(format!("{}.prom", self.instance()))
        };
        self.metrics.map_or_else(beside, Path::to_owned)
    }

    fn report_file(&self) -> PathBuf {
        let beside = || self.beside_database("report").join(format!("{}.html", self.instance()));
        self.report.map_or_else(beside, Path::to_owned)
    }

    fn credentials_folder(&self) -> PathBuf {
        let folder = Path::new("/etc/mcf-connector/credentials");
        let own = || self.name.map_or_else(|| folder.to_owned(), |name| folder.join(name));
        self.credentials.map_or_else(own, Path::to_owned)
    }

    fn backups_folder(&self) -> PathBuf {
        let name = self
            .name
            .map_or_else(|| "backups".to_owned(), |name| format!("backups/{name}"));
        self.backups.map_or_else(|| self.beside_database(&name), Path::to_owned)
    }
}

fn short_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the name of an instance.
///
/// # Errors
/// When it is empty, too long, or has other signs than a unit's name and a log tag bear on every system.
pub fn instance_name(text: &str) -> Result<String, String> {
    let is_allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if text.is_empty() || text.len() > NAME_LENGTH_MAX || !text.chars().all(is_allowed) {
        return Err(format!("at most {NAME_LENGTH_MAX} of a-z, 0-9 and -"));
    }
    Ok(text.to_owned())
}

/// Reads the name of an account (useradd(8), systemd's "User/Group Name Syntax").
///
/// # Errors
/// When it is none that a unit may name.
pub fn account_name(text: &str) -> Result<String, String> {
    let is_inner = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let begins_well = text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    if !begins_well || text.len() > ACCOUNT_LENGTH_MAX || !text.chars().all(is_inner) {
        return Err(format!(
            "the name of an account: at most {ACCOUNT_LENGTH_MAX} of a-z, 0-9, _ and -, no digit first"
        ));
    }
    Ok(text.to_owned())
}

/// One job and when it runs.
struct Job {
    /// What its unit and its log tag end with.
    name: &'static str,
    arguments: Vec<String>,
    description: &'static str,
    minutes: u32,
    /// The first minute of the hour, where the rhythm leaves a choice.
    offset: u32,
    rhythm: Rhythm,
    /// The folder that must be there.
    folder: Option<PathBuf>,
}

impl Job {
    fn new(name: &'static str, description: &'static str, minutes: u32, offset: u32) -> Self {
        Self {
            name,
            arguments: vec![name.to_owned()],
            description,
            minutes,
            offset,
            rhythm: Rhythm::within(minutes),
            folder: None,
        }
    }

    fn writing_to(mut self, folder: &Path, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|word| (*word).to_owned()));
        self.folder = Some(folder.to_owned());
        self
    }
}

/// Offsets differ modulo 5, so that no job of the day falls into the minute of a poll every five minutes.
fn jobs(schedule: &ScheduleSettings, invocation: &Invocation<'_>) -> Vec<Job> {
    let (metrics, backups) = (invocation.metrics_file(), invocation.backups_folder());
    let report = invocation.report_file();
    let (metrics_text, report_text) = (metrics.to_string_lossy(), report.to_string_lossy());
    let into = format!("{}/", backups.to_string_lossy());
    let mut jobs = vec![
        Job::new(
            "poll",
            "Route TikTok orders to Amazon",
            schedule.order_poll_interval_minutes,
            1,
        ),
        Job::new(
            "sync-tracking",
            "Pass tracking numbers to TikTok",
            schedule.tracking_sync_interval_minutes,
            3,
        ),
        Job::new(
            "sync-inventory",
            "Keep stock levels equal",
            schedule.inventory_sync_interval_minutes,
            14,
        ),
        Job::new("metrics", "Write counters and latencies", 5, 0).writing_to(
            metrics.parent().unwrap_or(Path::new("/")),
            &["--format", "prometheus", "--output", &metrics_text],
        ),
        Job::new("report", "Write the page", 60, 22)
            .writing_to(report.parent().unwrap_or(Path::new("/")), &["--output", &report_text]),
        Job::new("purge", "Remove buyer data past its retention", 24 * 60, 37),
        Job::new("backup", "Copy the database", 24 * 60, 52)
            .writing_to(&backups, &[&into, "--keep", &BACKUPS_KEPT.to_string()]),
    ];
    jobs.retain(|job| !(invocation.is_served && job.name == "backup"));
    jobs
}
