//! `mcf schedule cron|systemd`.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use super::answer;
use super::file::write_whole;
use crate::cli::arguments::{Schedule, Scheduler};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::quoting::shell_quoted;
use crate::config::schedule::{self, Invocation, UnitFile};
use crate::config::{ScheduleSettings, Settings};
use crate::report::SCHEMA;
use crate::run::account;

const ROOT: &str = "root";

pub fn run(context: &Context, arguments: &Schedule) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let program = std::env::current_exe().context("this program can't tell where it lies")?;
    let own = answer::user(context);
    let user = arguments.user.as_deref().unwrap_or(&own);
    let variables = &context.environment.variables;
    let absolute = |path: &std::path::PathBuf| context.environment.working_directory.join(path);
    let [metrics, backups, report, credentials] = [
        &arguments.metrics,
        &arguments.backups,
        &arguments.report,
        &arguments.credentials,
    ]
    .map(|path| path.as_ref().map(absolute));
    let invocation = Invocation {
        program: &program,
        config: settings.file.as_deref(),
        database: &settings.store.path,
        is_served: settings.store.url.is_some(),
        is_database_named: context.overrides.database.is_some() || variables.contains_key("MCF_DB"),
        user,
        is_user_made: user == ROOT && schedule::state_directory(&settings.store.path).is_some(),
        is_by_admin: variables.contains_key("SUDO_USER") || own != user,
        name: arguments.name.as_deref(),
        metrics: metrics.as_deref(),
        backups: backups.as_deref(),
        report: report.as_deref(),
        credentials: credentials.as_deref(),
        webhooks: settings.webhooks.len(),
        page: arguments.serve,
    };
    match (arguments.scheduler, &arguments.dir) {
        (Scheduler::Cron, _) => cron(context, &settings.schedule, &invocation),
        (Scheduler::Systemd, None) => systemd(context, &settings.schedule, &invocation),
        (Scheduler::Systemd, Some(folder)) => write_units(context, arguments, &settings.schedule, &invocation, folder)?,
    }
    warn_of_user(context, arguments.scheduler, &invocation);
    remind(context, &settings, arguments.scheduler);
    Ok(Exit::Done)
}

/// Jobs of root write files that are root's; those of an account that is not there do not run.
fn warn_of_user(context: &Context, scheduler: Scheduler, invocation: &Invocation<'_>) {
    let user = invocation.user;
    let is_made = invocation.is_user_made && scheduler == Scheduler::Systemd;
    if user == ROOT && !is_made {
        context
            .output
            .urgent("warning: the jobs would run as root; name a service user: --user mcf");
    } else if user != ROOT && account::id_of(user).is_none() && user.parse::<u32>().is_err() {
        context.output.urgent(&format!(
            "warning: this machine has no account {user}; make it: sudo useradd --system --create-home {user}"
        ));
    }
}

fn cron(context: &Context, schedule: &ScheduleSettings, invocation: &Invocation<'_>) {
    let text = schedule::cron(schedule, invocation);
    let recipe = schedule::cron_recipe(invocation);
    answer::show(
        context,
        &json!({"schema": SCHEMA, "crontab": text, "add": recipe}),
        &text,
    );
    context.output.talk(&format!(
        "add them to the crontab, beside all that stands there: {recipe}"
    ));
}

fn systemd(context: &Context, schedule: &ScheduleSettings, invocation: &Invocation<'_>) {
    let units = schedule::systemd(schedule, invocation);
    let script = schedule::systemd_script(&units, invocation);
    answer::show(context, &document(&units, None), &script);
}

fn document(units: &[UnitFile], folder: Option<&Path>) -> serde_json::Value {
    let files: Vec<_> = units
        .iter()
        .map(|unit| json!({"name": unit.name, "text": unit.text}))
        .collect();
    let enable = schedule::systemd_enable(units);
    json!({"schema": SCHEMA, "units": files, "enable": enable.trim_end(), "folder": folder.map(answer::text)})
}

/// Writes the unit files; where one of these names is another shop's, none.
fn write_units(
    context: &Context,
    arguments: &Schedule,
    schedule: &ScheduleSettings,
    invocation: &Invocation<'_>,
    folder: &Path,
) -> Result<(), Failure> {
    if !folder.is_dir() {
        let help = format!("mkdir -p {}", shell_quoted(&folder.to_string_lossy()));
        return Err(Failure::unusable(format!("{} is no folder", folder.display()), help));
    }
    let units = schedule::systemd(schedule, invocation);
    for unit in &units {
        refuse_others(&folder.join(&unit.name), unit, invocation)?;
    }
    if !arguments.dry_run {
        for unit in &units {
            write_whole(&folder.join(&unit.name), &unit.text)?;
        }
    }
    let verb = if arguments.dry_run { "would write" } else { "wrote" };
    let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
    let text = format!("{verb} to {}: {}", answer::named(folder), names.join(" "));
    answer::show(context, &document(&units, Some(folder)), &text);
    if !arguments.dry_run {
        let output = context.output;
        output.talk(&format!("next: {}", schedule::systemd_enable(&units).trim_end()));
        if let Some(call) = schedule::by_hand(invocation) {
            output.talk(&format!("by hand, as the user that systemd makes: {call} status"));
        }
    }
    Ok(())
}

fn refuse_others(path: &Path, unit: &UnitFile, invocation: &Invocation<'_>) -> Result<(), Failure> {
    let found = fs::read_to_string(path).unwrap_or_default();
    let whose = if schedule::is_of_another_shop(&found, invocation) {
        "is another shop's"
    } else if unit.is_not(&found) {
        "is a unit that this program did not write"
    } else {
        return Ok(());
    };
    Err(Failure::person(
        format!("{} {whose}; nothing is written", path.display()),
        "choose a name for this one: mcf schedule systemd --name SHOP",
    ))
}

/// A scheduler does not have the variables of the shell in which the command was typed.
fn remind(context: &Context, settings: &Settings, scheduler: Scheduler) {
    let output = context.output;
    let who = match scheduler {
        Scheduler::Cron => "cron",
        Scheduler::Systemd => "systemd",
    };
    let variables = context.environment.settings_in_variables();
    if !variables.is_empty() {
        output.urgent(&format!(
            "warning: {who} will not have what stands in this shell only: {}",
            variables.join(", ")
        ));
        let config = settings.file.as_deref().map_or_else(
            || "config.toml (mcf init writes one)".to_owned(),
            |file| file.display().to_string(),
        );
        for secret in variables.iter().filter_map(|name| SecretFile::of(name)) {
            output.urgent(&secret.help(&settings.store.path, &config));
        }
    } else if settings.file.is_none() {
        output.talk("warning: there is no configuration file; the scheduler must be given the variables, too");
    }
}

/// A secret of a variable, as the file that a scheduled run can read.
struct SecretFile<'a> {
    variable: &'a str,
    section: String,
    key: String,
}

impl<'a> SecretFile<'a> {
    fn of(variable: &'a str) -> Option<Self> {
        let is_secret = ["_SECRET", "_TOKEN", "_SECRET_KEY"]
            .iter()
            .any(|end| variable.ends_with(end));
        let (section, key) = match variable.strip_prefix("WEBHOOK_") {
            Some(rest) => ("[webhooks]".to_owned(), rest.split_once('_')?.1),
            None => variable
                .split_once('_')
                .map(|(section, key)| (section.to_lowercase(), key))?,
        };
        is_secret.then(|| Self {
            variable,
            section: format!("[{section}]"),
            key: key.to_lowercase(),
        })
    }

    /// Names the file and the key, never the value.
    fn help(&self, database: &Path, config: &str) -> String {
        let path = database.with_file_name(self.variable.to_lowercase());
        let path = path.to_string_lossy();
        format!(
            "help: (umask 077; printenv {} > {}), then write into {} of {config}: {}_file = {:?}",
            self.variable,
            shell_quoted(&path),
            self.section,
            self.key,
            path
        )
    }
}
