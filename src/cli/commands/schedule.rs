//! `mcf schedule cron|systemd`.

use anyhow::Context as _;
use serde_json::json;

use super::answer;
use crate::cli::arguments::{Schedule, Scheduler};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::schedule::{self, Invocation, UnitFile};
use crate::config::{ScheduleSettings, Settings};
use crate::report::SCHEMA;

pub fn run(context: &Context, arguments: &Schedule) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let program = std::env::current_exe().context("this program can't tell where it lies")?;
    let user = answer::user(context);
    let invocation = Invocation {
        program: &program,
        config: settings.file.as_deref(),
        database: &settings.store.path,
        user: &user,
    };
    match arguments.scheduler {
        Scheduler::Cron => cron(context, &settings.schedule, &invocation),
        Scheduler::Systemd => systemd(context, &settings.schedule, &invocation),
    }
    remind(context, &settings);
    Ok(Exit::Done)
}

fn cron(context: &Context, schedule: &ScheduleSettings, invocation: &Invocation<'_>) {
    let text = schedule::cron(schedule, invocation);
    answer::show(context, &json!({"schema": SCHEMA, "crontab": text}), &text);
}

fn systemd(context: &Context, schedule: &ScheduleSettings, invocation: &Invocation<'_>) {
    let units = schedule::systemd(schedule, invocation);
    let enable = schedule::systemd_enable(schedule);
    let files: Vec<_> = units
        .iter()
        .map(|unit| json!({"name": unit.name, "text": unit.text}))
        .collect();
    let document = json!({"schema": SCHEMA, "units": files, "enable": enable.trim_end()});
    let commands: Vec<String> = units.iter().map(UnitFile::to_string).collect();
    answer::show(context, &document, &format!("{}\n{enable}", commands.join("\n")));
}

/// A scheduler does not have the variables of the shell in which the command was tried.
fn remind(context: &Context, settings: &Settings) {
    if settings.file.is_none() {
        context
            .output
            .talk("warning: there is no configuration file; the scheduler must be given the variables, too");
    }
}
