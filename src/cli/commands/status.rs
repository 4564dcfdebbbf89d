//! `mcf status [ORDER_ID]`.

use super::answer;
use crate::cli::arguments::Status;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::Timing;
use crate::report::audit::{self, AuditReport};
use crate::report::order::OrderReport;
use crate::report::status::StatusOverview;
use crate::run::timing;
use crate::store::{Error, Store};

pub fn run(context: &Context, arguments: &Status) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    if arguments.verify_audit {
        return verify(context, &store, arguments.audit_head.as_deref());
    }
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

/// One line, too; what is wrong is the answer.
fn verify(context: &Context, store: &Store, head: Option<&str>) -> Result<Exit, Failure> {
    let progress = context.output.progress("going through the history");
    let report = AuditReport::read(store, head, &mut |done, total| progress.at(done, total))?;
    drop(progress);
    let failure = report
        .broken()
        .map(|finding| Failure::person(format!("the history is broken: {finding}"), audit::NEXT_COMMAND));
    let document = answer::with_error(&report, failure.as_ref());
    answer::tell(context, failure.is_some(), &document, &report.line());
    let Some(failure) = failure else {
        return Ok(Exit::Done);
    };
    if !context.output.json {
        context.output.urgent(&format!("help: {}", audit::NEXT_COMMAND));
    }
    Ok(failure.exit)
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
