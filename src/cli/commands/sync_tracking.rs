//! `mcf sync-tracking`.

use crate::cli::arguments::SyncTracking;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, job};
use crate::jobs;
use crate::run::Job;

pub fn run(context: &Context, arguments: &SyncTracking) -> Result<Exit, Failure> {
    let job = Job::SYNC_TRACKING.dry(arguments.dry_run);
    let progress = context.output.progress("reading orders at Amazon");
    let ran = job::run(context, job, |session| {
        jobs::tracking::run(session, arguments.order.as_ref(), &|done, total| {
            progress.at(done, total);
        })
    })?;
    drop(progress);
    Ok(job::show(context, &ran))
}
