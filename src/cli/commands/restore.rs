//! `mcf restore <FILE>`. The target is not opened first: it may be damaged, or its key may be gone.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{answer, backup};
use crate::cli::arguments::Restore;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;
use crate::run::{account, location};
use crate::store::{self, Address, Error, Location, Opening};

pub fn run(context: &Context, arguments: &Restore) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let target = location(&settings)?;
    let opening = Opening {
        now: context.now(),
        watch: &|_| {},
        key: settings.store.key(),
    };
    let restored = match &target {
        Location::File(path) => {
            account::refuse_as_root(path)?;
            into_file(context, arguments, path, opening)
        }
        Location::Server(address) => into_server(context, arguments, address, opening),
    };
    let kept = restored.map_err(refused)?;
    tell(context, arguments.dry_run, &target.name(), kept.as_deref());
    Ok(Exit::Done)
}

fn into_file(
    context: &Context,
    arguments: &Restore,
    target: &Path,
    opening: Opening<'_>,
) -> store::Result<Option<PathBuf>> {
    let (file, force) = (&arguments.file, arguments.force);
    if arguments.dry_run {
        store::check_restore(file, target, force, opening.key)?;
        return Ok(target.exists().then(|| store::kept_name(target, context.now())));
    }
    let progress = context.output.progress("copying the database");
    let told = |done, total| progress.at(done, total);
    store::restore_watched(file, target, force, opening, &answer::user(context), &told)
}

fn into_server(
    context: &Context,
    arguments: &Restore,
    target: &Address,
    opening: Opening<'_>,
) -> store::Result<Option<PathBuf>> {
    let (file, force) = (&arguments.file, arguments.force);
    if arguments.dry_run {
        store::check_restore_served(file, target, force, opening)?;
        return Ok(None);
    }
    let progress = context.output.progress("copying the database");
    let told = |done, total| progress.at(done, total);
    let kept = store::restore_served(file, target, force, opening, &answer::user(context), &told)?;
    Ok(kept.map(PathBuf::from))
}

/// What is there already only a person may give up.
fn refused(error: Error) -> Failure {
    match error {
        Error::Exists { path } => Failure::person(
            format!("{} exists already", path.display()),
            "add --force: what is there stays under a dated name",
        ),
        error => backup::refused(error, "name the copy, not the database itself"),
    }
}

fn tell(context: &Context, is_dry_run: bool, target: &Path, kept: Option<&Path>) {
    let document = json!({"schema": SCHEMA, "dryRun": is_dry_run, "database": answer::text(target), "kept": kept.map(answer::text)});
    let (verb, is) = if is_dry_run {
        ("would restore", "would be")
    } else {
        ("restored", "is")
    };
    let aside = kept.map_or_else(String::new, |kept| {
        format!("; the old one {is} kept as {}", answer::named(kept))
    });
    let sentence = format!("{verb} {}{aside}", answer::named(target));
    answer::tell(context, true, &document, &sentence);
    if !is_dry_run {
        context
            .output
            .talk("next: mcf status shows what the copy knows; mcf poll asks Amazon before it sends anything");
    }
}
