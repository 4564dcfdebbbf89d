//! `mcf poll`.

use crate::cli::arguments::DryRun;
use crate::cli::context::Context;
use crate::cli::frame::{self, Job};
use crate::cli::{Exit, Failure};
use crate::jobs;

pub fn run(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let job = Job {
        command: "poll",
        work: "orders",
        is_dry_run: arguments.dry_run,
    };
    let bar = context.output.progress("deciding orders");
    let ran = frame::run(context, &job, context.settings()?, |session| {
        jobs::poll::run(session, &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })
    })?;
    bar.finish_and_clear();
    Ok(frame::show(context, &ran))
}
