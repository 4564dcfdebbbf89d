//! `mcf report --output FILE`.

use serde_json::json;

use super::answer;
use super::file::{self, Kind};
use crate::cli::arguments::Report;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, called};
use crate::report::SCHEMA;
use crate::report::html::{HtmlReport, Reader, is_report};
use crate::run::{shop, timing};

const REPORT: Kind = Kind {
    name: "report",
    command: "mcf report --output",
    is_ours: is_report,
};

pub fn run(context: &Context, arguments: &Report) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let path = &arguments.output;
    file::ask_before_replacing(context, path, &REPORT, arguments.yes)?;
    let store = context.store(&settings)?;
    let shop = shop(&store, &settings)?;
    let report = HtmlReport::read(&store, &timing(&settings), shop, context.now())?;
    let reader = Reader {
        commands: called::repeat,
        ..Reader::new(context.now())
    };
    file::write_whole(path, &report.page(&reader))?;
    let document = json!({"schema": SCHEMA, "output": answer::text(path)});
    answer::tell(context, false, &document, &format!("wrote {}", answer::named(path)));
    Ok(Exit::Done)
}
