//! `mcf init`.

use std::path::PathBuf;

use super::file::write_private;
use crate::cli::arguments::Init;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::{Settings, template::TEMPLATE};

pub fn run(context: &Context, arguments: &Init) -> Result<Exit, Failure> {
    let path = config_path(context);
    let is_new = !path.exists();
    if is_new || arguments.force {
        write_private(&path, TEMPLATE)?;
    }
    let mut overrides = context.overrides.clone();
    overrides.config = Some(path.clone());
    let settings = Settings::load(&context.environment, &overrides)?;
    let store = context.store(&settings)?;
    let wrote = is_new || arguments.force;
    if context.output.json {
        let document = serde_json::json!({
            "schema": 1, "config": path, "configWritten": wrote, "database": store.path(),
        });
        context.output.data(&crate::report::json(&document).unwrap_or_default());
        return Ok(Exit::Done);
    }
    let verb = if wrote { "wrote" } else { "kept" };
    context.output.data(&format!("{verb} {}", path.display()));
    context.output.data(&format!("database {}", store.path().display()));
    context
        .output
        .talk("next: put the credentials into the configuration, then run `mcf check`");
    Ok(Exit::Done)
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
