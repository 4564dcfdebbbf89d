//! `mcf poll`.

use crate::cli::arguments::DryRun;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, job};
use crate::jobs;
use crate::run::Job;

pub fn run(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let job = Job::poll(arguments.dry_run);
    let bar = context.output.progress("deciding orders");
    let ran = job::run(context, job, |session| {
        jobs::poll::run(session, &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })
    })?;
    bar.finish_and_clear();
    Ok(job::show(context, &ran))
}
