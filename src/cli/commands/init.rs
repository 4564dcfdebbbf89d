//! `mcf init`.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::answer;
use super::file::write_private;
use crate::cli::arguments::Init;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::{Settings, template::TEMPLATE};
use crate::report::SCHEMA;

pub fn run(context: &Context, arguments: &Init) -> Result<Exit, Failure> {
    let path = config_path(context);
    let is_written = !path.exists() || arguments.force;
    if arguments.dry_run {
        let database = planned_database(context, &path, is_written)?;
        tell(context, arguments.dry_run, is_written, &path, &database);
        return Ok(Exit::Done);
    }
    if is_written {
        write_private(&path, TEMPLATE)?;
    }
    let store = context.store(&settings(context, &path)?)?;
    tell(context, arguments.dry_run, is_written, &path, store.path());
    Ok(Exit::Done)
}

fn settings(context: &Context, path: &Path) -> Result<Settings, Failure> {
    let mut overrides = context.overrides.clone();
    overrides.config = Some(path.to_owned());
    Ok(Settings::load(&context.environment, &overrides)?)
}

/// The template names no database: without `--db` or `MCF_DB` it is `mcf.db` beside the configuration.
fn planned_database(context: &Context, path: &Path, is_written: bool) -> Result<PathBuf, Failure> {
    if !is_written {
        return Ok(settings(context, path)?.store.path);
    }
    let variable = context.environment.variables.get("MCF_DB").map(PathBuf::from);
    let named = context.overrides.database.clone().or(variable);
    Ok(named.map_or_else(
        || path.with_file_name("mcf.db"),
        |named| context.environment.working_directory.join(named),
    ))
}

fn tell(context: &Context, is_dry_run: bool, is_written: bool, config: &Path, database: &Path) {
    let document = json!({
        "schema": SCHEMA, "dryRun": is_dry_run, "config": config, "configWritten": is_written, "database": database,
    });
    let verb = match (is_written, is_dry_run) {
        (true, false) => "wrote",
        (true, true) => "would write",
        (false, false) => "kept",
        (false, true) => "would keep",
    };
    let text = format!("{verb} {}\ndatabase {}", config.display(), database.display());
    answer::show(context, &document, &text);
    if !context.output.json {
        context
            .output
            .talk("next: put the credentials into the configuration, then run `mcf check`");
    }
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
