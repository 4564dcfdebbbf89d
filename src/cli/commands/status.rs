//! `mcf status [ORDER_ID]`.

use super::answer;
use crate::cli::arguments::Status;
use crate::cli::context::{Context, intervals};
use crate::cli::{Exit, Failure};
use crate::domain::ids::TiktokOrderId;
use crate::report::order::OrderReport;
use crate::report::status::StatusOverview;
use crate::store::{Error, Store};

pub fn run(context: &Context, arguments: &Status) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    if let Some(order) = &arguments.order {
        return one(context, &store, order, arguments.address);
    }
    let overview = StatusOverview::read(&store, &intervals(&settings), context.now())?;
    let needs_person = overview.needs_person();
    let is_news = needs_person || !arguments.check;
    let text = overview.text(&context.output.view(context.now()));
    answer::tell(context, is_news, &overview, &text);
    Ok(if arguments.check && needs_person {
        Exit::PersonNeeded
    } else {
        Exit::Done
    })
}

fn one(context: &Context, store: &Store, id: &TiktokOrderId, with_address: bool) -> Result<Exit, Failure> {
    let found = OrderReport::read(store, id, with_address)?;
    let report = found.ok_or_else(|| Error::UnknownOrder { order: id.to_string() })?;
    answer::show(context, &report, &report.text(&context.output.view(context.now())));
    Ok(Exit::Done)
}
