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
    store
        .backup(to, arguments.force, context.now())
        .map_err(|error| refused(error, "name another file for the copy"))?;
    let key = key_path(to);
    let document = json!({"schema": SCHEMA, "backup": to, "key": key});
    let sentence = format!("wrote {} and its data key {}", to.display(), key.display());
    answer::tell(context, false, &document, &sentence);
    context
        .output
        .talk("keep the key: without it the copy's addresses and tokens can't be read");
    Ok(Exit::Done)
}

/// A file that is in the way is a matter of the command line.
pub fn refused(error: Error, help: &str) -> Failure {
    match error {
        Error::Exists { path } => file::exists(&path),
        Error::SameFile { .. } => Failure::usage(error.to_string(), help),
        error => error.into(),
    }
}
