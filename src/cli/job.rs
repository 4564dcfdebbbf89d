//! A job as the command line runs it and tells of it.

use super::context::Context;
use super::{Exit, Failure, called};
use crate::jobs::{self, Finished, Session};
use crate::report::run::RunReport;
use crate::run::{self, Job};

/// A job that ran.
pub struct Ran {
    /// What to print.
    pub report: RunReport,
    /// Why it could not do all.
    pub failure: Option<Failure>,
}

/// Runs a job with the settings of the command.
pub fn run(
    context: &Context,
    job: Job,
    work: impl FnOnce(&Session) -> Result<Finished, jobs::Error>,
) -> Result<Ran, Failure> {
    let run::Ran { mut report, trouble } = run::run(&context.surroundings, job, context.settings()?, work)?;
    let failure = trouble.map(|trouble| {
        let follows = trouble.what_follows();
        let mut failure = Failure::from(trouble);
        if failure.exit == Exit::VendorUnavailable {
            failure.message.push_str(follows);
        }
        failure.unless_stopped(&context.surroundings.stop)
    });
    report.error = failure.as_ref().map(Failure::run_error);
    Ok(Ran { report, failure })
}

/// Prints a run and returns its exit code.
pub fn show(context: &Context, ran: &Ran) -> Exit {
    let output = context.output;
    if output.json {
        output.data(&called::json(&ran.report));
    } else if !(output.quiet && ran.report.is_idle()) {
        output.data(&ran.report.text(&output.view(context.now())));
    }
    match &ran.failure {
        Some(failure) => {
            output.explain(failure);
            failure.exit
        }
        None => Exit::Done,
    }
}
