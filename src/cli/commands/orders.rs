//! `mcf orders list|export|hold|release|dismiss|restore|approve|erase`.

mod approve;
mod hand;

use anyhow::Context as _;
use serde_json::json;

use super::{answer, file};
use crate::cli::arguments::{Orders, OrdersExport, OrdersList};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;
use crate::report::export::OrderList;
use crate::store::OrderFilter;

pub fn run(context: &Context, command: &Orders) -> Result<Exit, Failure> {
    match command {
        Orders::List(arguments) => list(context, arguments),
        Orders::Export(arguments) => export(context, arguments),
        Orders::Hold(arguments) => hand::run(context, arguments, hand::hold),
        Orders::Release(arguments) => hand::run(context, arguments, hand::release),
        Orders::Dismiss(arguments) => hand::run(context, arguments, hand::dismiss),
        Orders::Restore(arguments) => hand::run(context, arguments, hand::restore),
        Orders::Approve(arguments) => approve::run(context, arguments),
        Orders::Erase(arguments) => hand::run(context, arguments, hand::erase),
    }
}

fn list(context: &Context, arguments: &OrdersList) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let filter = OrderFilter {
        state: arguments.state,
        reason: arguments.reason,
        since: arguments.since,
        limit: Some(arguments.limit),
    };
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
    let filter = OrderFilter {
        state: arguments.state,
        since: arguments.since,
        ..OrderFilter::default()
    };
    let list = OrderList::read(&store, &filter)?;
    let csv = list.csv().context("the orders can't be written")?;
    let Some(path) = &arguments.file.output else {
        answer::show(context, &list, &csv);
        return Ok(Exit::Done);
    };
    file::write_whole(path, &csv)?;
    let count = list.orders.len();
    let document = json!({"schema": SCHEMA, "output": path, "rows": count});
    let sentence = format!("wrote {count} orders to {}", path.display());
    answer::tell(context, false, &document, &sentence);
    Ok(Exit::Done)
}
