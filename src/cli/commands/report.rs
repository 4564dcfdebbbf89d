//! `mcf report --output FILE`.

use std::path::Path;

use serde_json::json;

use super::{answer, file};
use crate::cli::arguments::Report;
use crate::cli::ask::agreed;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, called};
use crate::config::Settings;
use crate::config::quoting::shell_quoted;
use crate::jobs::shop_name;
use crate::report::SCHEMA;
use crate::report::html::{HtmlReport, Reader, ShopTitle, is_report};
use crate::run::timing;
use crate::store::Store;

pub fn run(context: &Context, arguments: &Report) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let path = &arguments.output;
    ask_before_replacing(context, path, arguments.yes)?;
    let store = context.store(&settings)?;
    let shop = shop(&store, &settings)?;
    let report = HtmlReport::read(&store, &timing(&settings), shop, context.now())?;
    let reader = Reader {
        commands: called::repeat,
        ..Reader::new(context.now())
    };
    file::write_whole(path, &report.page(&reader))?;
    let document = json!({"schema": SCHEMA, "output": path});
    answer::tell(context, false, &document, &format!("wrote {}", path.display()));
    Ok(Exit::Done)
}

/// The shop that the database belongs to, else the one that is configured.
fn shop(store: &Store, settings: &Settings) -> Result<ShopTitle, Failure> {
    let bound = store.bound()?.map(|bound| bound.to.shop);
    let id = bound.or_else(|| settings.tiktok.shop_id.clone());
    let name = id.as_deref().map(|id| shop_name(store, id)).transpose()?.flatten();
    Ok(ShopTitle { id, name })
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
