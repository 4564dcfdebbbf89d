//! `mcf restore <FILE>`. The target is not opened first: it may be damaged, or its key may be gone.

use serde_json::json;

use super::{answer, backup};
use crate::cli::arguments::Restore;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;
use crate::store;

pub fn run(context: &Context, arguments: &Restore) -> Result<Exit, Failure> {
    let target = context.settings()?.store.path;
    let is_replaced = target.exists();
    store::restore(&arguments.file, &target, arguments.force, context.now())
        .map_err(|error| backup::refused(error, "name the copy, not the database itself"))?;
    let kept = is_replaced.then(|| format!("{}.before-restore", target.display()));
    let document = json!({"schema": SCHEMA, "database": target, "kept": kept});
    let aside = kept.map_or_else(String::new, |kept| format!("; the old one is kept as {kept}"));
    let sentence = format!("restored {}{aside}", target.display());
    answer::tell(context, true, &document, &sentence);
    context
        .output
        .talk("next: mcf status shows what the copy knows; mcf poll asks Amazon before it sends anything");
    Ok(Exit::Done)
}
