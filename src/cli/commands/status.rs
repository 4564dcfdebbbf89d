//! `mcf status [ORDER_ID]`.

use super::answer;
use crate::cli::arguments::Status;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::Timing;
use crate::report::order::OrderReport;
use crate::report::status::StatusOverview;
use crate::run::timing;
use crate::store::{Error, Store};

pub fn run(context: &Context, arguments: &Status) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let timing = timing(&settings);
    if let Some(order) = &arguments.order {
        return one(context, &store, &timing, order, arguments.address);
    }
    let overview = StatusOverview::read(&store, &timing, context.now())?;
    if arguments.check {
        return Ok(check(context, &overview));
    }
    answer::show(context, &overview, &overview.text(&context.output.view(context.now())));
    Ok(Exit::Done)
}

/// One line for a monitor.
fn check(context: &Context, overview: &StatusOverview) -> Exit {
    let failure = alarm(overview);
    let document = answer::with_error(overview, failure.as_ref());
    answer::tell(context, failure.is_some(), &document, &overview.headline());
    failure.map_or(Exit::Done, |failure| failure.exit)
}

/// What `--check` tells a program as the `error`.
fn alarm(overview: &StatusOverview) -> Option<Failure> {
    let (message, next_command, more) = overview.first_need()?;
    let message = match more {
        0 => message,
        more => format!("{message} (and {more} more)"),
    };
    Some(Failure::person(message, next_command))
}

fn one(context: &Context, store: &Store, timing: &Timing, text: &str, with_address: bool) -> Result<Exit, Failure> {
    let found = match store.find_order(text)? {
        Some(id) => OrderReport::read(store, &id, with_address, timing, context.now())?,
        None => None,
    };
    let report = found.ok_or_else(|| Error::UnknownOrder { order: text.to_owned() })?;
    answer::show(context, &report, &report.text(&context.output.view(context.now())));
    Ok(Exit::Done)
}
