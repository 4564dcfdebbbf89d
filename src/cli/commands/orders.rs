//! `mcf orders list|export|hold|release|dismiss|restore|approve|erase`.

mod many;

use std::io::Write;

use serde_json::json;

use super::{answer, file};
use crate::cli::arguments::{ExportFormat, Orders, OrdersExport, OrdersList};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::jobs::hand::Verb;
use crate::report::SCHEMA;
use crate::report::causes::Causes;
use crate::report::export::{OrderList, Written, write_csv, write_json, write_lines};
use crate::store::{self, OrderFilter, Store};

pub fn run(context: &Context, command: &Orders) -> Result<Exit, Failure> {
    let (arguments, verb) = match command {
        Orders::List(arguments) if arguments.group => return causes(context, arguments),
        Orders::List(arguments) => return list(context, arguments),
        Orders::Export(arguments) => return export(context, arguments),
        Orders::Hold(arguments) => (arguments, Verb::HOLD),
        Orders::Release(arguments) => (arguments, Verb::RELEASE),
        Orders::Dismiss(arguments) => (arguments, Verb::DISMISS),
        Orders::Restore(arguments) => (arguments, Verb::RESTORE),
        Orders::Approve(arguments) => (arguments, Verb::APPROVE),
        Orders::Erase(arguments) => (arguments, Verb::ERASE),
    };
    many::run(context, arguments, verb)
}

/// What keeps the orders back, one row a cause.
fn causes(context: &Context, arguments: &OrdersList) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let causes = Causes::read(&store, &arguments.filters.filter(None))?;
    if causes.groups.is_empty() {
        context.output.talk("no such orders carry a flag");
    }
    answer::show(context, &causes, &causes.text(&context.output.view(context.now())));
    Ok(Exit::Done)
}

fn list(context: &Context, arguments: &OrdersList) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let filter = arguments.filters.filter(Some(arguments.limit));
    if arguments.jsonl {
        context.output.stream(|output| write_lines(&store, &filter, output))?;
        return Ok(Exit::Done);
    }
    let list = OrderList::read(&store, &filter)?;
    if list.orders.is_empty() {
        context.output.talk("no such orders");
        answer::show(context, &list, "");
        return Ok(Exit::Done);
    }
    answer::show(context, &list, &list.text(&context.output.view(context.now())));
    if list.orders.len() == arguments.limit as usize {
        context
            .output
            .talk(&format!("the newest {}; --limit shows more", arguments.limit));
    }
    Ok(Exit::Done)
}

fn export(context: &Context, arguments: &OrdersExport) -> Result<Exit, Failure> {
    if let Some(path) = &arguments.file.output {
        file::refuse_existing(path, arguments.file.force)?;
    }
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let filter = arguments.filters.filter(None);
    let format = if context.output.json && arguments.file.output.is_none() {
        ExportFormat::Json
    } else {
        arguments.format
    };
    let progress = context.output.progress("writing orders");
    let total = store.count_orders(&filter)?;
    let write = |output: &mut dyn Write| write(&store, &filter, format, &mut progress.lines(output, total));
    let Some(path) = &arguments.file.output else {
        context.output.stream(write)?;
        return Ok(Exit::Done);
    };
    let count = file::write_whole_by(path, write)?;
    drop(progress);
    let document = json!({"schema": SCHEMA, "output": answer::text(path), "rows": count});
    let sentence = format!("wrote {count} orders to {}", answer::named(path));
    answer::tell(context, false, &document, &sentence);
    Ok(Exit::Done)
}

fn write(store: &Store, filter: &OrderFilter, format: ExportFormat, output: &mut dyn Write) -> store::Result<Written> {
    match format {
        ExportFormat::Csv => write_csv(store, filter, output),
        ExportFormat::Json => write_json(store, filter, output),
    }
}
