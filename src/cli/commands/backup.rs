//! `mcf backup <FILE>`.

use serde_json::json;

use super::{answer, file};
use crate::cli::arguments::Backup;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;
use crate::store::Error;
use crate::store::vault::key_path;

pub fn run(context: &Context, arguments: &Backup) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let to = &arguments.file;
    let made = if arguments.dry_run {
        store.check_backup(to, arguments.force)
    } else {
        store.backup(to, arguments.force, context.now())
    };
    made.map_err(|error| refused(error, "name another file for the copy"))?;
    tell(context, arguments);
    Ok(Exit::Done)
}

fn tell(context: &Context, arguments: &Backup) {
    let (to, key) = (&arguments.file, key_path(&arguments.file));
    let document = json!({"schema": SCHEMA, "dryRun": arguments.dry_run, "backup": to, "key": key});
    let verb = if arguments.dry_run { "would write" } else { "wrote" };
    let sentence = format!("{verb} {} and its data key {}", to.display(), key.display());
    answer::tell(context, false, &document, &sentence);
    if !arguments.dry_run {
        context
            .output
            .talk("keep the key: without it the copy's addresses and tokens can't be read");
    }
}

/// A file that is in the way is a matter of the command line.
pub fn refused(error: Error, help: &str) -> Failure {
    match error {
        Error::Exists { path } => file::exists(&path),
        Error::SameFile { .. } => Failure::usage(error.to_string(), help),
        error => error.into(),
    }
}
