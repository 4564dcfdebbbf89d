//! `mcf mappings import|add|remove|suggest|missing|list|export|check|rollback`.

mod by_hand;
mod import;
mod suggest;

use std::io::Write;

use serde_json::{Value, json};

use super::{answer, file};
use crate::cli::arguments::{Mappings, MappingsRollback, OutputFile};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::domain::mapping::{Column, MappingRow};
use crate::jobs::check_mappings::{Finding, check_listings, check_mappings};
use crate::report::SCHEMA;
use crate::report::mapped::{MappingDocument, export_csv, export_json};
use crate::report::missing::MissingReport;
use crate::store::{Error, Store, StoredImport};

/// What to do about a mapping that one side does not know.
const CORRECT: &str = "correct the file, then run: mcf mappings import mappings.csv";

pub fn run(context: &Context, command: &Mappings) -> Result<Exit, Failure> {
    match command {
        Mappings::Import(arguments) => import::run(context, arguments),
        Mappings::Add(arguments) => by_hand::add(context, arguments),
        Mappings::Remove(arguments) => by_hand::remove(context, arguments),
        Mappings::Suggest(arguments) => suggest::run(context, arguments),
        Mappings::Missing => missing(context),
        Mappings::List => list(context),
        Mappings::Export(arguments) => export(context, arguments),
        Mappings::Check => check(context),
        Mappings::Rollback(arguments) => rollback(context, arguments),
    }
}

fn missing(context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let report = MissingReport::read(&store)?;
    if report.missing.is_empty() {
        context.output.talk("no order waits for a mapping");
    }
    answer::show(context, &report, &report.text(&context.output.view(context.now())));
    Ok(Exit::Done)
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let rows = store.with_mappings(|rows| rows.collect::<Vec<_>>())?;
    if rows.is_empty() {
        context
            .output
            .talk("nothing is mapped yet; next: mcf mappings import mappings.csv");
    }
    let cells = |row: &MappingRow| Column::ALL.map(|column| row.cell(column).into_owned()).to_vec();
    let cells: Vec<_> = rows.iter().map(cells).collect();
    let headers = Column::ALL.map(Column::name);
    let text = if rows.is_empty() {
        String::new()
    } else {
        context.output.view(context.now()).table(&headers, &cells)
    };
    let mappings: Vec<_> = rows.iter().map(MappingDocument::from).collect();
    answer::show(context, &json!({"schema": SCHEMA, "mappings": mappings}), &text);
    Ok(Exit::Done)
}

fn export(context: &Context, arguments: &OutputFile) -> Result<Exit, Failure> {
    if let Some(path) = &arguments.output {
        file::refuse_existing(path, arguments.force)?;
    }
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let progress = context.output.progress("writing mappings");
    let total = store.count_mappings()?;
    let Some(path) = &arguments.output else {
        let write = if context.output.json { export_json } else { export_csv };
        let write = |output: &mut dyn Write| write(&store, &mut progress.lines(output, total));
        context.output.stream(write)?;
        return Ok(Exit::Done);
    };
    let rows = file::write_whole_by(path, |output| export_csv(&store, &mut progress.lines(output, total)))?;
    drop(progress);
    let document = json!({"schema": SCHEMA, "output": answer::text(path), "rows": rows});
    let sentence = format!("wrote {rows} mappings to {}", answer::named(path));
    answer::tell(context, false, &document, &sentence);
    Ok(Exit::Done)
}

/// An SKU that Amazon does not list is a failure. A listing that no mapping names may be meant for another warehouse: it is only told.
fn check(context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let skus = store.mapped_amazon_skus()?.len();
    let session = context.surroundings.session(settings, store, None, false)?;
    let progress = context.output.progress("comparing SKUs with both vendors");
    let findings = check_mappings(&session.store, &session.amazon()?)?;
    let unmapped = check_listings(&session);
    drop(progress);
    if let Err(error) = &unmapped {
        context
            .output
            .talk(&format!("warning: TikTok's listings were not compared: {error}"));
    }
    let unmapped = unmapped.ok();
    let document = json!({"schema": SCHEMA, "skus": skus, "findings": findings, "unmapped": unmapped});
    let failure = findings
        .first()
        .map(|finding| Failure::person(finding.to_string(), CORRECT));
    let listings = unmapped.unwrap_or_default();
    let text = found(skus, &findings, &listings);
    answer::show(context, &answer::with_error(&document, failure.as_ref()), &text);
    if !findings.is_empty() || !listings.is_empty() {
        context.output.talk(&format!("help: {CORRECT}"));
    }
    Ok(failure.map_or(Exit::Done, |failure| failure.exit))
}

fn found(skus: usize, findings: &[Finding], listings: &[Finding]) -> String {
    let all = findings
        .is_empty()
        .then(|| format!("Amazon lists all {skus} mapped SKUs"));
    let texts = findings.iter().chain(listings).map(ToString::to_string);
    all.into_iter().chain(texts).collect::<Vec<_>>().join("\n")
}

/// The newest import is undone once: going further back takes its number, so that a command run twice does not undo two.
fn rollback(context: &Context, arguments: &MappingsRollback) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let _lock = context.surroundings.keep(&store, arguments.dry_run)?;
    let imports = store.mapping_imports()?;
    let meant = match arguments.import {
        Some(number) => imports.iter().find(|import| import.id == number),
        None => imports.first(),
    };
    match meant {
        Some(import) if import.undone_at.is_some() => {
            let sentence = format!("import {} is undone already; nothing changed", import.id);
            answer::tell(context, false, &undone(import, arguments.dry_run, false), &sentence);
            further_back(context, &imports);
        }
        None if arguments.import.is_none() => {
            let document =
                json!({"schema": SCHEMA, "dryRun": arguments.dry_run, "rolledBack": false, "importId": null});
            answer::tell(context, false, &document, "no import was ever made; nothing changed");
        }
        Some(import) => undo(context, &store, import.id, arguments.dry_run)?,
        None => {
            let number = arguments.import.unwrap_or_default();
            return Err(Failure::person(
                format!("there is no import {number}"),
                "mcf mappings rollback --dry-run shows the newest one",
            ));
        }
    }
    Ok(Exit::Done)
}

fn undo(context: &Context, store: &Store, number: i64, is_dry_run: bool) -> Result<(), Failure> {
    let undoing = if is_dry_run {
        store.import_to_undo(Some(number))
    } else {
        store.rollback_import(Some(number), &answer::user(context), context.now())
    };
    let import = undoing.map_err(|error| match error {
        Error::NotTheNewestImport { newest, .. } => {
            Failure::person(error.to_string(), format!("mcf mappings rollback --import {newest}"))
        }
        error => error.into(),
    })?;
    let verb = if is_dry_run { "would undo" } else { "undid" };
    let sentence = format!(
        "{verb} import {} of {} from {}: {} added, {} changed, {} removed",
        import.id,
        context.output.view(context.now()).date(import.imported_at),
        crate::report::text::clean(&import.source),
        import.added,
        import.changed,
        import.removed
    );
    answer::tell(context, true, &undone(&import, is_dry_run, !is_dry_run), &sentence);
    Ok(())
}

fn undone(import: &StoredImport, is_dry_run: bool, is_rolled_back: bool) -> Value {
    json!({
        "schema": SCHEMA, "dryRun": is_dry_run, "rolledBack": is_rolled_back, "importId": import.id,
        "importedAt": import.imported_at, "source": import.source, "added": import.added,
        "changed": import.changed, "removed": import.removed, "undoneAt": import.undone_at,
    })
}

fn further_back(context: &Context, imports: &[StoredImport]) {
    if let Some(import) = imports.iter().find(|import| import.undone_at.is_none()) {
        let hint = format!("to go further back: mcf mappings rollback --import {}", import.id);
        context.output.talk(&hint);
    }
}
