//! `mcf report --output FILE`.

use serde_json::json;

use super::{answer, file};
use crate::cli::arguments::Report;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;
use crate::report::html::HtmlReport;
use crate::run::timing;

pub fn run(context: &Context, arguments: &Report) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let report = HtmlReport::read(&store, &timing(&settings), context.now())?;
    let path = &arguments.output;
    file::write_whole(path, &report.page())?;
    let document = json!({"schema": SCHEMA, "output": path});
    answer::tell(context, false, &document, &format!("wrote {}", path.display()));
    Ok(Exit::Done)
}
