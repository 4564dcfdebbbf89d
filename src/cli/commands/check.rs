//! `mcf check [tiktok|amazon|mappings]`.

use serde_json::json;

use super::answer;
use crate::cli::arguments::{Check, CheckPart};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::jobs;
use crate::jobs::check::{self, Outcome};
use crate::report::SCHEMA;

pub fn run(context: &Context, arguments: &Check) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let session = context.surroundings.session(settings, store, None, false)?;
    let wants = |part| arguments.part.is_none_or(|wanted| wanted == part);
    let mut checks = Vec::new();
    if arguments.part.is_none() {
        checks.extend(check::machine(&session)?);
    }
    if wants(CheckPart::Tiktok) {
        checks.extend(check::tiktok(&session)?);
    }
    if wants(CheckPart::Amazon) {
        checks.extend(check::amazon(&session)?);
    }
    if wants(CheckPart::Mappings) {
        checks.extend(check::mappings(&session)?);
    }
    if arguments.part != Some(CheckPart::Mappings) {
        checks.extend(check::clock(&session));
    }
    if session.sender.is_stopping() {
        return Err(jobs::Error::Stopped.into());
    }
    let failure = failure(&checks);
    show(context, &checks, failure.as_ref());
    Ok(failure.map_or(Exit::Done, |failure| failure.exit))
}

fn failure(checks: &[check::Check]) -> Option<Failure> {
    let failed: Vec<&check::Check> = checks.iter().filter(|check| check.outcome == Outcome::Failed).collect();
    let first = failed.first()?;
    Some(Failure {
        message: format!(
            "{} of {} checks failed; {}: {}",
            failed.len(),
            checks.len(),
            first.name,
            first.text
        ),
        help: first.help.clone(),
        exit: Exit::PersonNeeded,
    })
}

fn show(context: &Context, checks: &[check::Check], failure: Option<&Failure>) {
    let output = context.output;
    if output.json {
        let failed = checks.iter().filter(|check| check.outcome == Outcome::Failed).count();
        let document = json!({"schema": SCHEMA, "checks": checks, "failed": failed});
        answer::show(context, &answer::with_error(&document, failure), "");
        return;
    }
    output.data(&lines(checks));
    for check in checks.iter().filter(|check| check.outcome != Outcome::Passed) {
        if let Some(help) = &check.help {
            output.talk(&format!("help: {}: {help}", check.name));
        }
    }
}

/// One line for each check, which begins with its outcome.
fn lines(checks: &[check::Check]) -> String {
    checks
        .iter()
        .map(|check| {
            let text = check.text.replace('\n', " ");
            format!("{:<7} {:<20} {text}\n", check.outcome.as_str(), check.name)
        })
        .collect()
}
