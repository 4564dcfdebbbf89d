//! `mcf init`: writes a configuration and makes the database. What is there already is never lost.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::answer;
use super::file::{copy_private, read, write_private};
use crate::cli::arguments::Init;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::{GivenKey, Origin, Settings, quoting::shell_quoted, template::TEMPLATE};
use crate::report::SCHEMA;
use crate::run::{account, location};
use crate::secret::Secret;
use crate::store;
use crate::store::vault::{Vault, key_path};

/// The data key of a shop on a server, beside the configuration.
const KEY_FILE: &str = "data.key";

/// The line of the template that says where a key is that does not lie beside the database.
const NO_KEY: &str = "#data_key = \"\"";

/// What is done to the configuration.
enum Plan {
    /// There is none.
    Write,
    /// The operator said `--force`: the one that is there is kept under this name.
    Replace { kept: PathBuf },
    /// The database is gone and only its key is there, or it lies on a server and has no key yet: that is made good, the settings stay.
    Keep,
}

pub fn run(context: &Context, arguments: &Init) -> Result<Exit, Failure> {
    let path = config_path(context);
    account::refuse_as_root(&path)?;
    let plan = plan(context, &path, arguments.force)?;
    if arguments.dry_run {
        let database = planned_database(context, &path, &plan)?;
        tell(context, arguments.dry_run, &plan, &path, &database, None);
        return Ok(Exit::Done);
    }
    if let Plan::Replace { kept } = &plan {
        copy_private(&path, kept)?;
    }
    if !matches!(plan, Plan::Keep) {
        write_private(&path, TEMPLATE)?;
    }
    let mut settings = settings(context, &path)?;
    let key = if settings.store.url.is_some() {
        key_of_all_hosts(context, &plan, &path, &mut settings)?
    } else {
        make_room(context, &settings)?;
        None
    };
    let store = context.store(&settings)?;
    tell(context, arguments.dry_run, &plan, &path, store.path(), key.as_deref());
    Ok(Exit::Done)
}

fn make_room(context: &Context, settings: &Settings) -> Result<(), Failure> {
    if let Some(kept) = store::make_room(&settings.store.path, context.now())? {
        let told = format!(
            "the key of the database that is gone is kept as {}",
            answer::named(&kept)
        );
        context.output.talk(&told);
    }
    Ok(())
}

/// Nothing lies beside a database on a server. The first host makes the data key in a file of its own, and the others get it from there:
/// a second key would open nothing. Returns the file that was made.
fn key_of_all_hosts(
    context: &Context,
    plan: &Plan,
    config: &Path,
    settings: &mut Settings,
) -> Result<Option<PathBuf>, Failure> {
    if settings.store.data_key.is_some() {
        return Ok(None);
    }
    let file = config.with_file_name(KEY_FILE);
    if !file.exists() {
        let place = location(settings)?;
        if place.is_made()? {
            let message = format!(
                "{} has its data key already, and it is not here",
                place.name().display()
            );
            let help = "copy it from a host that has it, and name it: [store] data_key_file, or MCF_DATA_KEY";
            return Err(Failure::unusable(message, help));
        }
        write_private(&file, Vault::fresh(&file).map_err(store::Error::from)?.text())?;
    }
    let text = String::from_utf8_lossy(&read(&file)?).into_owned();
    settings.store.data_key = Some(GivenKey {
        text: Secret::new(text),
        origin: Origin::SecretFile(file.clone()),
    });
    if !matches!(plan, Plan::Keep) {
        let named = format!("data_key_file = \"{KEY_FILE}\"");
        write_private(config, TEMPLATE.replacen(NO_KEY, &named, 1))?;
    } else {
        context.output.talk(&format!(
            "name the key in {}: under [store], data_key_file = \"{KEY_FILE}\"",
            answer::named(config)
        ));
    }
    Ok(Some(file))
}

fn plan(context: &Context, path: &Path, force: bool) -> Result<Plan, Failure> {
    if !path.exists() {
        return Ok(Plan::Write);
    }
    if force {
        let kept = store::dated_name(path, ".", context.now());
        return Ok(Plan::Replace { kept });
    }
    let is_begun = settings(context, path).is_ok_and(|settings| match settings.store.url {
        Some(_) => settings.store.data_key.is_none(),
        None => !settings.store.path.exists() && key_path(&settings.store.path).exists(),
    });
    if is_begun {
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
        return Ok(location(&settings(context, path)?)?.name());
    }
    if let Ok(settings) = Settings::load(&context.environment, &context.overrides)
        && settings.store.url.is_some()
    {
        return Ok(location(&settings)?.name());
    }
    let variable = context.environment.variables.get("MCF_DB").map(PathBuf::from);
    let named = context.overrides.database.clone().or(variable);
    Ok(named.map_or_else(
        || path.with_file_name("mcf.db"),
        |named| context.environment.working_directory.join(named),
    ))
}

fn tell(context: &Context, is_dry_run: bool, plan: &Plan, config: &Path, database: &Path, key: Option<&Path>) {
    let is_written = !matches!(plan, Plan::Keep);
    let kept = match plan {
        Plan::Replace { kept } => Some(kept),
        Plan::Write | Plan::Keep => None,
    };
    let next = next_steps(context, config);
    let mut document = json!({
        "schema": SCHEMA, "dryRun": is_dry_run, "config": answer::text(config), "configWritten": is_written,
        "kept": kept.map(|kept| answer::text(kept)), "database": answer::text(database), "next": next,
    });
    if let Some(key) = key {
        document["key"] = json!(answer::text(key));
    }
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
    let key_line = key.map_or_else(String::new, |key| format!("\ndata key {}", answer::named(key)));
    let text = format!(
        "{verb} {}{aside}\ndatabase {}{key_line}",
        answer::named(config),
        answer::named(database)
    );
    answer::show(context, &document, &text);
    if let Some(key) = key {
        context.output.talk(&format!(
            "carry {} to each host that works with this shop, and keep a copy where the server's backups are not: nothing else opens what is stored",
            answer::named(key)
        ));
    }
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
