//! `mcf sync-tracking`.

use crate::cli::arguments::SyncTracking;
use crate::cli::context::Context;
use crate::cli::frame::{self, Job};
use crate::cli::{Exit, Failure};
use crate::jobs;

pub fn run(context: &Context, arguments: &SyncTracking) -> Result<Exit, Failure> {
    let job = Job {
        command: "sync-tracking",
        work: "tracking",
        is_dry_run: arguments.dry_run,
    };
    let bar = context.output.progress("reading orders at Amazon");
    let ran = frame::run(context, &job, context.settings()?, |session| {
        jobs::tracking::run(session, arguments.order.as_ref(), &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })
    })?;
    bar.finish_and_clear();
    Ok(frame::show(context, &ran))
}
