//! `mcf store copy`: a shop moves from a file to PostgreSQL, or back.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{answer, backup};
use crate::cli::arguments::{StoreCommand, StoreCopy};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::Settings;
use crate::report::SCHEMA;
use crate::run::{account, location, location_of};
use crate::store::{Copied, Location, Opening, check_copy, copy};

pub fn run(context: &Context, command: &StoreCommand) -> Result<Exit, Failure> {
    let StoreCommand::Copy(arguments) = command;
    let mut settings = Settings::load(&context.environment, &context.overrides)?;
    if let Some(schema) = &arguments.schema {
        settings.store.schema.clone_from(schema);
    }
    let [from, to] = [&arguments.from, &arguments.to].map(|named| named_location(context, &settings, named.as_deref()));
    let (from, to) = (from?, to?);
    for place in [&from, &to] {
        if let Location::File(path) = place {
            account::refuse_as_root(path)?;
        }
    }
    let copied = copied(context, &settings, arguments, (&from, &to))?;
    tell(context, copied.as_ref(), &from.name(), &to.name());
    Ok(Exit::Done)
}

/// What is not named is the database of the settings.
fn named_location(context: &Context, settings: &Settings, named: Option<&Path>) -> Result<Location, Failure> {
    Ok(match named {
        Some(named) => location_of(&context.environment.absolute(named), named, &settings.store.schema)?,
        None => {
            settings.require_source(&context.environment, &context.overrides)?;
            location(settings)?
        }
    })
}

fn copied(
    context: &Context,
    settings: &Settings,
    arguments: &StoreCopy,
    (from, to): (&Location, &Location),
) -> Result<Option<Copied>, Failure> {
    let opening = Opening {
        now: context.now(),
        watch: context.surroundings.upgrade.as_ref(),
        key: settings.store.key(),
    };
    let done = if arguments.dry_run {
        check_copy(from, to, arguments.force, opening).map(|()| None)
    } else {
        let progress = context.output.progress("copying the shop");
        copy(from, to, arguments.force, opening, &|done, total| {
            progress.at(done, total)
        })
        .map(Some)
    };
    done.map_err(|error| backup::refused(error, "name another place with --to"))
}

/// Nothing was copied where it was only tried.
fn tell(context: &Context, copied: Option<&Copied>, from: &Path, to: &Path) {
    let carried = copied.map(|copied| &copied.carried);
    let kept: Option<&PathBuf> = copied.and_then(|copied| copied.kept.as_ref());
    let document = json!({
        "schema": SCHEMA, "dryRun": copied.is_none(), "from": answer::text(from), "to": answer::text(to),
        "kept": kept.map(|kept| answer::text(kept)), "tables": carried.map(|carried| carried.tables),
        "rows": carried.map(|carried| carried.rows), "auditRows": carried.map(|carried| carried.end.rows),
        "auditHead": carried.map(|carried| &carried.end.head),
    });
    let (from, to) = (answer::named(from), answer::named(to));
    let aside = kept.map_or_else(String::new, |kept| {
        format!("; what was there is kept as {}", answer::named(kept))
    });
    let sentence = match carried {
        None => format!("would copy {from} to {to}"),
        Some(carried) => format!(
            "copied {} rows of {} tables from {from} to {to}, and the history arrived whole{aside}",
            carried.rows, carried.tables
        ),
    };
    answer::tell(context, true, &document, &sentence);
    if copied.is_some() {
        context.output.talk(&format!(
            "next: stop the schedule of {from}, which still has the shop: two that work would both send; then name {to} in [store] and type mcf check host"
        ));
    }
}
