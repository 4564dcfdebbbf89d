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
    let failure = arguments.check.then(|| alarm(&overview)).flatten();
    let is_news = failure.is_some() || !arguments.check;
    let text = overview.text(&context.output.view(context.now()));
    answer::tell(
        context,
        is_news,
        &answer::with_error(&overview, failure.as_ref()),
        &text,
    );
    Ok(failure.map_or(Exit::Done, |failure| failure.exit))
}

/// What `--check` tells a monitor; the text shows it in full.
fn alarm(overview: &StatusOverview) -> Option<Failure> {
    let mut urgent = overview.attention.iter().filter(|item| item.needs_person);
    let first = urgent.next()?;
    let message = match urgent.count() {
        0 => first.message.clone(),
        more => format!("{} (and {more} more)", first.message),
    };
    Some(Failure::person(message, first.next_command.clone()))
}

fn one(context: &Context, store: &Store, id: &TiktokOrderId, with_address: bool) -> Result<Exit, Failure> {
    let found = OrderReport::read(store, id, with_address)?;
    let report = found.ok_or_else(|| Error::UnknownOrder { order: id.to_string() })?;
    answer::show(context, &report, &report.text(&context.output.view(context.now())));
    Ok(Exit::Done)
}
