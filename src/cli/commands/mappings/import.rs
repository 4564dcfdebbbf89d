//! `mcf mappings import <FILE|URL|->`.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::super::answer;
use crate::cli::arguments::MappingsImport;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, called};
use crate::config::Settings;
use crate::config::quoting::shell_quoted;
use crate::error_chain::beyond;
use crate::jobs::import_mappings::{
    self, DOWNLOAD_BYTES_MAX, DownloadError, ImportError, ImportSummary, Options, RejectedRow, Source,
};
use crate::report::SCHEMA;
use crate::report::text::clean;
use crate::store::Store;
use crate::transport::{Limits, Names, RetryPolicy, Sender};

pub fn run(context: &Context, arguments: &MappingsImport) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let _lock = context.surroundings.keep(&store, arguments.dry_run)?;
    match import(context, &settings, &store, arguments)? {
        Ok(summary) => {
            show(context, arguments.dry_run, &summary);
            Ok(Exit::Done)
        }
        Err(ImportError::Rejected {
            rejected,
            total,
            is_of_the_file,
        }) => {
            let whole = rejected.first().filter(|_| is_of_the_file);
            let failure = match whole {
                Some(row) => whole_file(&arguments.source, &row.message),
                None => some_lines(&arguments.source, total),
            };
            Ok(refuse(context, arguments.dry_run, (&rejected, total), &failure))
        }
        Err(error) => Err(failure(error)),
    }
}

fn import(
    context: &Context,
    settings: &Settings,
    store: &Store,
    arguments: &MappingsImport,
) -> Result<Result<ImportSummary, ImportError>, Failure> {
    let options = Options {
        replace: arguments.replace,
        dry_run: arguments.dry_run,
        imported_by: answer::user(context),
    };
    let text = arguments.source.as_str();
    let progress = context.output.progress("reading mappings");
    let told = |done, total| progress.at(done, total);
    let bring = |source| import_mappings::import_watched(store, source, &options, context.now(), &told);
    if text == "-" {
        return Ok(bring(Source::Stdin(&mut io::stdin().lock())));
    }
    if !text.contains("://") {
        return Ok(bring(Source::File(Path::new(text))));
    }
    let url = Url::parse(text).map_err(|_| Failure::usage("the address can't be read", "write https://…"))?;
    let sender = sender(context, settings);
    Ok(bring(Source::Url(&url, &sender)))
}

/// A download is neither paced nor recorded: it is no call to a vendor.
fn sender(context: &Context, settings: &Settings) -> Sender {
    let limits = Limits {
        body_bytes_max: DOWNLOAD_BYTES_MAX,
        ..Limits::default()
    };
    let policy = RetryPolicy {
        attempts_max: settings.retry.max_attempts,
        backoff: Duration::from_millis(u64::from(settings.retry.backoff_ms)),
    };
    let stop = Arc::clone(&context.surroundings.stop);
    Sender::new(
        context.surroundings.clock,
        limits,
        policy,
        stop,
        Box::new(|_, _| {}),
        Box::new(|_| {}),
    )
    .kept_outside(Names::allowing([]))
}

/// Tells what was imported, or would be.
pub(super) fn show(context: &Context, is_dry_run: bool, summary: &ImportSummary) {
    show_with(context, is_dry_run, summary, &Value::Null);
}

/// Tells it with further fields of the document.
pub(super) fn show_with(context: &Context, is_dry_run: bool, summary: &ImportSummary, further: &Value) {
    for warning in &summary.warnings {
        context.output.talk(&format!("warning: {}", clean(warning)));
    }
    let hidden = summary.warnings_total - summary.warnings.len() as u64;
    if hidden > 0 {
        context.output.talk(&format!("warning: and {hidden} more"));
    }
    let is_news = summary.added + summary.changed + summary.removed > 0;
    answer::tell(
        context,
        is_news,
        &document(is_dry_run, summary, further),
        &sentence(is_dry_run, summary),
    );
}

fn sentence(is_dry_run: bool, summary: &ImportSummary) -> String {
    let counts = format!(
        "{} added, {} changed, {} removed, {} unchanged",
        summary.added, summary.changed, summary.removed, summary.unchanged
    );
    match summary.import_id {
        Some(number) => format!("import {number}: {counts}"),
        None if is_dry_run => format!("dry run: {counts}"),
        None => format!("nothing changed: {counts}"),
    }
}

fn document(is_dry_run: bool, summary: &ImportSummary, further: &Value) -> Value {
    let mut document = json!({
        "schema": SCHEMA, "dryRun": is_dry_run, "importId": summary.import_id,
        "added": summary.added, "changed": summary.changed, "removed": summary.removed,
        "unchanged": summary.unchanged, "rejected": [],
        "warnings": summary.warnings, "warningsTotal": summary.warnings_total,
    });
    if let (Value::Object(fields), Value::Object(further)) = (&mut document, further) {
        fields.extend(further.clone());
    }
    document
}

/// Says that a file is none of mappings; one of a spreadsheet program is looked for under the name that it is best saved by.
fn whole_file(source: &str, why: &str) -> Failure {
    let name = Path::new(source);
    let is_spreadsheet = name.extension().is_some_and(|kind| kind != "csv" && kind != "json");
    let saved = if is_spreadsheet && !source.contains("://") {
        again(&name.with_extension("csv").to_string_lossy())
    } else {
        again(source)
    };
    Failure::person(
        format!("{} can't be imported: {why}", named(source)),
        format!("when it is saved so: mcf mappings import {saved}"),
    )
}

fn some_lines(source: &str, total: u64) -> Failure {
    let noun = if total == 1 { "line" } else { "lines" };
    Failure::person(
        format!("{}: {total} {noun} can't be used; nothing was imported", named(source)),
        format!("correct them, then: mcf mappings import {}", again(source)),
    )
}

/// Writes a source as an argument. An address may hold a secret.
fn again(source: &str) -> String {
    if source.contains("://") {
        return "ADDRESS".to_owned();
    }
    shell_quoted(source)
}

/// Names where the rows came from; of an address its host alone.
fn named(source: &str) -> String {
    match Url::parse(source).ok().filter(|_| source.contains("://")) {
        Some(url) => url.host_str().unwrap_or_default().to_owned(),
        None if source == "-" => "standard input".to_owned(),
        None => source.to_owned(),
    }
}

fn refuse(context: &Context, is_dry_run: bool, rejected: (&[RejectedRow], u64), failure: &Failure) -> Exit {
    if !context.output.json {
        context.output.data(&called::repeat(&lines(rejected.0, rejected.1)));
    }
    nothing_imported(context, is_dry_run, rejected, failure)
}

/// Ends an import of which nothing was stored: under `--json` in the shape of one.
pub(super) fn nothing_imported(
    context: &Context,
    is_dry_run: bool,
    (rejected, total): (&[RejectedRow], u64),
    failure: &Failure,
) -> Exit {
    if context.output.json {
        let document = json!({
            "schema": SCHEMA, "dryRun": is_dry_run, "importId": null,
            "added": 0, "changed": 0, "removed": 0, "unchanged": 0,
            "rejected": rejected, "rejectedTotal": total, "error": failure.run_error(),
        });
        context.output.data(&called::json(&document));
    }
    context.output.explain(failure);
    failure.exit
}

fn lines(rejected: &[RejectedRow], total: u64) -> String {
    let line = |row: &RejectedRow| format!("line {}: {}\n", row.line, clean(&row.message));
    let mut lines: String = rejected.iter().map(line).collect();
    let hidden = total - rejected.len() as u64;
    if hidden > 0 {
        lines.push_str(&format!("and {hidden} more\n"));
    }
    lines
}

pub(super) fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Store(error) => error.into(),
        ImportError::Download(error) => download(&error),
        ref error @ ImportError::Read { ref source, .. } if is_about_the_path(source) => Failure {
            help: Some("check the path: ls -l shows what is there; - reads standard input".to_owned()),
            exit: Exit::Unusable,
            ..Failure::unexpected(error)
        },
        ref error @ ImportError::IsAFolder(_) => Failure {
            help: Some("name a file in it: mcf mappings import FOLDER/mappings.csv".to_owned()),
            exit: Exit::Unusable,
            ..Failure::unexpected(error)
        },
        ref error @ (ImportError::FileChanged(_) | ImportError::TooLarge { .. }) => Failure {
            help: Some("correct the file and import it again".to_owned()),
            exit: Exit::PersonNeeded,
            ..Failure::unexpected(error)
        },
        error @ (ImportError::Rejected { .. }
        | ImportError::Taken(_)
        | ImportError::NotMapped { .. }
        | ImportError::Read { .. }
        | ImportError::Temporary(_)) => Failure::unexpected(&error),
    }
}

/// Another path would do.
fn is_about_the_path(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename
    )
}

fn download(error: &DownloadError) -> Failure {
    let message = error.to_string();
    let said = Failure {
        beneath: beyond(error, &message),
        ..Failure::person(message, "")
    };
    let (exit, help) = match error {
        DownloadError::Insecure => (Exit::Usage, "use an https:// address, or download the file yourself"),
        _ if error.is_passing() => (Exit::VendorUnavailable, "run the command again later"),
        _ => (Exit::PersonNeeded, "check the address, or download the file yourself"),
    };
    Failure {
        help: Some(help.to_owned()),
        exit,
        ..said
    }
}
