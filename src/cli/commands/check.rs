//! `mcf check [tiktok|amazon|mappings|host]`.

use serde_json::json;

use super::answer;
use crate::cli::arguments::{Check, CheckPart};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, called};
use crate::config::{self, Settings};
use crate::error_chain::causes;
use crate::jobs;
use crate::jobs::check::{self, HostFacts, Outcome, Part};
use crate::report::SCHEMA;
use crate::trust::Exposure;
use crate::{run as runs, store};

pub fn run(context: &Context, arguments: &Check) -> Result<Exit, Failure> {
    if let Err(error) = Settings::load(&context.environment, &context.overrides)
        && let Some(exposed) = exposed_file(error)
    {
        return Ok(ended(context, vec![exposed]));
    }
    let settings = context.settings()?;
    let store = match context.surroundings.open_store(&settings) {
        Err(runs::Error::Store(error @ store::Error::Exposed { .. })) if is_mode(&error) => {
            return Ok(ended(
                context,
                vec![exposed("database.files", causes(&error), error.into())],
            ));
        }
        opened => opened?,
    };
    let session = context.surroundings.session(settings, store, None, false)?;
    let progress = context.output.progress("looking at all");
    let checks = check::run(&session, &facts(context), arguments.part.map(part))?;
    drop(progress);
    if session.sender.is_stopping() {
        return Err(jobs::Error::Stopped.into());
    }
    Ok(ended(context, checks))
}

fn part(part: CheckPart) -> Part {
    match part {
        CheckPart::Tiktok => Part::Tiktok,
        CheckPart::Amazon => Part::Amazon,
        CheckPart::Mappings => Part::Mappings,
        CheckPart::Host => Part::Host,
    }
}

fn facts(context: &Context) -> HostFacts {
    HostFacts {
        user_id: context.environment.user_id,
        user: answer::user(context),
        home: context.environment.variables.get("HOME").map(Into::into),
    }
}

/// Modes are what a check is there to name; with them no other command goes on.
fn exposed_file(error: config::Error) -> Option<check::Check> {
    let exposure = match &error {
        config::Error::Exposed { exposure, .. } => exposure,
        config::Error::NamedFile { source, .. } => match source.as_ref() {
            config::Error::Exposed { exposure, .. } => exposure,
            _ => return None,
        },
        _ => return None,
    };
    let is_mode = is_of_mode(*exposure);
    is_mode.then(|| exposed("config", causes(&error), error.into()))
}

fn is_mode(error: &store::Error) -> bool {
    matches!(error, store::Error::Exposed { exposure, .. } if is_of_mode(*exposure))
}

fn is_of_mode(exposure: Exposure) -> bool {
    matches!(
        exposure,
        Exposure::Readable | Exposure::Writable | Exposure::FolderWritable
    )
}

fn exposed(name: &'static str, text: String, failure: Failure) -> check::Check {
    check::Check::fail(name, text, failure.help.unwrap_or_default())
}

fn ended(context: &Context, mut checks: Vec<check::Check>) -> Exit {
    for check in &mut checks {
        check.help = check.help.as_deref().map(|help| context.repeated(help));
    }
    let failure = failure(&checks);
    show(context, &checks, failure.as_ref());
    failure.map_or(Exit::Done, |failure| failure.exit)
}

fn failure(checks: &[check::Check]) -> Option<Failure> {
    let failed: Vec<&check::Check> = checks.iter().filter(|check| check.outcome == Outcome::Failed).collect();
    let first = failed.first()?;
    let message = format!(
        "{} of {} checks failed; {}: {}",
        failed.len(),
        checks.len(),
        first.name,
        first.text
    );
    Some(Failure {
        help: first.help.clone(),
        ..Failure::person(message, "")
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
    output.data(&called::repeat(&lines(checks)));
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
