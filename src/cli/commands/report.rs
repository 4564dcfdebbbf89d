//! `mcf report --output FILE`.

use std::path::Path;

use serde_json::json;

use super::{answer, file};
use crate::cli::arguments::Report;
use crate::cli::ask::agreed;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::quoting::shell_quoted;
use crate::report::SCHEMA;
use crate::report::html::{HtmlReport, is_report};
use crate::run::timing;

pub fn run(context: &Context, arguments: &Report) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let path = &arguments.output;
    ask_before_replacing(context, path, arguments.yes)?;
    let store = context.store(&settings)?;
    let report = HtmlReport::read(&store, &timing(&settings), context.now())?;
    file::write_whole(path, &report.page())?;
    let document = json!({"schema": SCHEMA, "output": path});
    answer::tell(context, false, &document, &format!("wrote {}", path.display()));
    Ok(Exit::Done)
}

/// A page of this command is replaced by each run; anything else is somebody's work.
fn ask_before_replacing(context: &Context, path: &Path, yes: bool) -> Result<(), Failure> {
    match file::beginning(path)? {
        Some(beginning) if !is_report(&beginning) => {
            let what = format!("{} is no report and would be replaced", path.display());
            let command = format!("mcf report --output {}", shell_quoted(&path.to_string_lossy()));
            agreed(context, yes, &what, &command)
        }
        Some(_) | None => Ok(()),
    }
}
