//! `mcf check [tiktok|amazon|mappings]`.

use crate::cli::arguments::{Check, CheckPart};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::jobs::check::{self, Outcome};
use crate::report::text::View;

pub fn run(context: &Context, arguments: &Check) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let session = context.session(settings, store, None, false)?;
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
    show(context, &checks);
    Ok(exit(&checks))
}

fn exit(checks: &[check::Check]) -> Exit {
    if checks.iter().all(|check| check.outcome != Outcome::Failed) {
        Exit::Done
    } else {
        Exit::PersonNeeded
    }
}

fn show(context: &Context, checks: &[check::Check]) {
    let output = context.output;
    if output.json {
        let failed = checks.iter().filter(|check| check.outcome == Outcome::Failed).count();
        let document = serde_json::json!({"schema": 1, "checks": checks, "failed": failed});
        output.data(&crate::report::json(&document).unwrap_or_default());
        return;
    }
    output.data(&table(&output.view(context.now()), checks));
    for check in checks.iter().filter(|check| check.outcome != Outcome::Passed) {
        if let Some(help) = &check.help {
            output.talk(&format!("help: {}: {help}", check.name));
        }
    }
}

fn table(view: &View, checks: &[check::Check]) -> String {
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| {
            vec![
                check.outcome.as_str().to_owned(),
                check.name.to_owned(),
                check.text.clone(),
            ]
        })
        .collect();
    view.table(&["result", "check", "found"], &rows)
}
