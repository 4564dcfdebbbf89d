//! `mcf pause` and `mcf resume`.

use chrono::{DateTime, Local, Utc};
use serde_json::json;

use super::answer;
use crate::cli::arguments::{DryRun, Pause as Arguments};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::domain::event::instant;
use crate::domain::pause::{Pause, until};
use crate::report::SCHEMA;

/// Keeps new fulfillment orders back.
pub fn pause(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let now = context.now();
    let until = arguments.until.as_deref().map(|text| end(text, now)).transpose()?;
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let before = store.pause(now)?;
    let pause = Pause {
        since: before.as_ref().map_or(now, |before| before.since),
        until,
        because: arguments.because.clone().filter(|text| !text.trim().is_empty()),
    };
    let is_changed = before.as_ref() != Some(&pause);
    if is_changed && !arguments.dry_run {
        store.keep_pause(&pause, &answer::user(context), now)?;
    }
    let document = json!({
        "schema": SCHEMA, "dryRun": arguments.dry_run, "changed": is_changed && !arguments.dry_run, "paused": pause,
    });
    let verb = if arguments.dry_run { "would be paused" } else { "paused" };
    let end = match pause.until {
        Some(until) => format!("until {}", instant(until)),
        None => "until mcf resume".to_owned(),
    };
    let sentence = format!(
        "{verb} {end}: no new fulfillment orders; cancellations, tracking and stock go on, and mcf route ID sends one all the same"
    );
    answer::tell(context, is_changed, &document, &sentence);
    Ok(Exit::Done)
}

fn end(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    let help = "write an instant to come, such as 2026-01-31T18:00:00Z, or an hour: mcf pause --until 18:00";
    until(text, now, &Local).map_err(|error| Failure::usage(error.to_string(), help))
}

/// Lets new fulfillment orders go again.
pub fn resume(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let was_paused = store.pause(context.now())?.is_some();
    if was_paused && !arguments.dry_run {
        store.end_pause(&answer::user(context), context.now())?;
    }
    let document = json!({
        "schema": SCHEMA, "dryRun": arguments.dry_run, "changed": was_paused && !arguments.dry_run,
        "paused": was_paused && arguments.dry_run,
    });
    let sentence = match (was_paused, arguments.dry_run) {
        (false, _) => "not paused; nothing changed",
        (true, true) => "would go on: the next mcf poll would send what waits",
        (true, false) => "goes on: the next mcf poll sends what waits",
    };
    answer::tell(context, was_paused, &document, sentence);
    Ok(Exit::Done)
}
