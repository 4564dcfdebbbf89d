//! `mcf init`: writes a configuration and makes the database. What is there already is never lost.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::answer;
use super::file::{copy_private, write_private};
use crate::cli::arguments::Init;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::{Settings, quoting::shell_quoted, template::TEMPLATE};
use crate::report::SCHEMA;
use crate::run::account;
use crate::store;
use crate::store::vault::key_path;

/// What is done to the configuration.
enum Plan {
    /// There is none.
    Write,
    /// The operator said `--force`: the one that is there is kept under this name.
    Replace { kept: PathBuf },
    /// The database is gone and only its key is there: that is made good, the settings stay.
    Keep,
}

pub fn run(context: &Context, arguments: &Init) -> Result<Exit, Failure> {
    let path = config_path(context);
    account::refuse_as_root(&path)?;
    let plan = plan(context, &path, arguments.force)?;
    if arguments.dry_run {
        let database = planned_database(context, &path, &plan)?;
        tell(context, arguments.dry_run, &plan, &path, &database);
        return Ok(Exit::Done);
    }
    if let Plan::Replace { kept } = &plan {
        copy_private(&path, kept)?;
    }
    if !matches!(plan, Plan::Keep) {
        write_private(&path, TEMPLATE)?;
    }
    let settings = settings(context, &path)?;
    if settings.store.url.is_none()
        && let Some(kept) = store::make_room(&settings.store.path, context.now())?
    {
        let told = format!(
            "the key of the database that is gone is kept as {}",
            answer::named(&kept)
        );
        context.output.talk(&told);
    }
    let store = context.store(&settings)?;
    tell(context, arguments.dry_run, &plan, &path, store.path());
    Ok(Exit::Done)
}

fn plan(context: &Context, path: &Path, force: bool) -> Result<Plan, Failure> {
    if !path.exists() {
        return Ok(Plan::Write);
    }
    if force {
        let kept = store::dated_name(path, ".", context.now());
        return Ok(Plan::Replace { kept });
    }
    let is_database_lost = settings(context, path)
        .is_ok_and(|settings| !settings.store.path.exists() && key_path(&settings.store.path).exists());
    if is_database_lost {
        return Ok(Plan::Keep);
    }
    Err(refused(context, path))
}

fn refused(context: &Context, path: &Path) -> Failure {
    let named = context.overrides.config.as_ref();
    let flag = named.map_or_else(String::new, |config| {
        format!(" --config {}", shell_quoted(&config.to_string_lossy()))
    });
    Failure::person(
        format!("{} is there already; nothing is changed", path.display()),
        format!("mcf init --force{flag} writes a new one and keeps a dated copy of this one"),
    )
}

fn settings(context: &Context, path: &Path) -> Result<Settings, Failure> {
    let mut overrides = context.overrides.clone();
    overrides.config = Some(path.to_owned());
    Ok(Settings::load(&context.environment, &overrides)?)
}

/// The template names no database: without `--db` or `MCF_DB` it is `mcf.db` beside the configuration.
fn planned_database(context: &Context, path: &Path, plan: &Plan) -> Result<PathBuf, Failure> {
    if matches!(plan, Plan::Keep) {
        return Ok(settings(context, path)?.store.path);
    }
    let variable = context.environment.variables.get("MCF_DB").map(PathBuf::from);
    let named = context.overrides.database.clone().or(variable);
    Ok(named.map_or_else(
        || path.with_file_name("mcf.db"),
        |named| context.environment.working_directory.join(named),
    ))
}

fn tell(context: &Context, is_dry_run: bool, plan: &Plan, config: &Path, database: &Path) {
    let is_written = !matches!(plan, Plan::Keep);
    let kept = match plan {
        Plan::Replace { kept } => Some(kept),
        Plan::Write | Plan::Keep => None,
    };
    let next = next_steps(context, config);
    let document = json!({
        "schema": SCHEMA, "dryRun": is_dry_run, "config": answer::text(config), "configWritten": is_written,
        "kept": kept.map(|kept| answer::text(kept)), "database": answer::text(database), "next": next,
    });
    let would = if is_dry_run { "would be " } else { "" };
    let verb = match (is_written, is_dry_run) {
        (true, false) => "wrote",
        (true, true) => "would write",
        (false, false) => "kept",
        (false, true) => "would keep",
    };
    let aside = kept.map_or_else(String::new, |kept| {
        format!("\nthe old one {would}kept as {}", answer::named(kept))
    });
    let text = format!(
        "{verb} {}{aside}\ndatabase {}",
        answer::named(config),
        answer::named(database)
    );
    answer::show(context, &document, &text);
    if !context.output.json {
        let steps = next
            .iter()
            .zip(1..)
            .map(|(step, number)| format!("\n  {number}. {step}"));
        context.output.talk(&format!("next:{}", steps.collect::<String>()));
    }
}

/// What follows the first command: commands to paste, with the configuration that this one was given.
fn next_steps(context: &Context, config: &Path) -> [String; 3] {
    [
        format!(
            "write both apps' keys into {}, then: {}; {}",
            answer::named(config),
            context.command("auth tiktok"),
            context.command("auth amazon")
        ),
        context.command("mappings import mappings.csv"),
        context.command("check"),
    ]
}

/// `--config`, `MCF_CONFIG`, or `config.toml` here.
fn config_path(context: &Context) -> PathBuf {
    let named = context
        .overrides
        .config
        .clone()
        .or_else(|| context.environment.variables.get("MCF_CONFIG").map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from("config.toml"));
    context.environment.working_directory.join(named)
}
