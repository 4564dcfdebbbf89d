//! `mcf purge`.

use chrono::TimeDelta;
use serde_json::json;

use super::answer;
use crate::cli::arguments::DryRun;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;
use crate::store::{KeptCopy, Purged};

pub fn run(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let now = store.by_vendors(context.now())?;
    let progress = context.output.progress("looking for what is past its retention");
    let retention = TimeDelta::days(i64::from(settings.privacy.retention_days));
    if arguments.dry_run {
        let copies = store.old_copies(retention, now);
        let planned = store.plan_purge(retention, now)?;
        drop(progress);
        tell(context, true, &planned, &copies);
        return Ok(Exit::Done);
    }
    let _lock = store.take("keeping", now)?;
    let copies = store.old_copies(retention, now);
    let removed = store.remove_copies(&copies);
    let purged = store.purge(retention, now)?;
    drop(progress);
    removed?;
    tell(context, false, &purged, &copies);
    Ok(Exit::Done)
}

fn tell(context: &Context, is_dry_run: bool, purged: &Purged, copies: &[KeptCopy]) {
    let files: Vec<_> = copies
        .iter()
        .flat_map(|copy| &copy.files)
        .map(|file| answer::text(file))
        .collect();
    let Purged {
        orders,
        calls,
        events,
        runs,
    } = *purged;
    let document = json!({
        "schema": SCHEMA, "dryRun": is_dry_run, "orders": orders, "calls": calls, "events": events, "runs": runs,
        "copies": files,
    });
    let is_news = orders + calls + events + runs + files.len() > 0;
    let what = format!("the buyers of {orders} orders");
    let logs = format!("{calls} calls, {events} events and {runs} runs");
    let sentence = match (is_news, is_dry_run) {
        (false, _) => "nothing is past its retention; nothing changed".to_owned(),
        (true, false) => format!("erased {what}; dropped {logs}{}", named("removed", copies)),
        (true, true) => format!("would erase {what} and drop {logs}{}", named("would remove", copies)),
    };
    answer::tell(context, is_news, &document, &sentence);
}

/// What restores and upgrades kept.
fn named(verb: &str, copies: &[KeptCopy]) -> String {
    let names: Vec<String> = copies.iter().map(|copy| answer::named(&copy.path)).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("; {verb} {}", names.join(", "))
}
