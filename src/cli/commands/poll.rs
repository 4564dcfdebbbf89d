//! `mcf poll`.

use crate::cli::arguments::Poll;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, job};
use crate::domain::span::Span;
use crate::jobs;
use crate::run::Job;

pub fn run(context: &Context, arguments: &Poll) -> Result<Exit, Failure> {
    let again = span(context, arguments)?;
    let job = Job::POLL.dry(arguments.dry_run);
    let progress = context.output.progress("deciding orders");
    let ran = job::run(context, job, |session| {
        jobs::poll::run_over(session, again, &|done, total| {
            progress.at(done, total);
        })
    })?;
    drop(progress);
    Ok(job::show(context, &ran))
}

/// The time that is to be read once more.
fn span(context: &Context, arguments: &Poll) -> Result<Option<Span>, Failure> {
    let Some(since) = &arguments.since else {
        return Ok(None);
    };
    let help = "write a day or an instant that has been: mcf poll --since 2026-01-31 --until 2026-01-31T08:00:00Z";
    let span = Span::read(since, arguments.until.as_deref(), context.now());
    span.map(Some).map_err(|error| Failure::usage(error.to_string(), help))
}
