//! `mcf mappings suggest`.

use serde_json::{Value, json};

use super::super::answer;
use super::{by_hand, import};
use crate::cli::arguments::MappingsSuggest;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, ask, called};
use crate::domain::mapping::MappingRow;
use crate::jobs::import_mappings::{ImportSummary, import_rows};
use crate::jobs::suggest_mappings::{Match, Suggestion, suggest};
use crate::report::SCHEMA;
use crate::report::stock::units;
use crate::report::text::Layout;
use crate::store::Store;

/// Takes the equal ones without looking at each.
const APPLY: &str = "mcf mappings suggest --apply";

pub fn run(context: &Context, arguments: &MappingsSuggest) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let session = context.surroundings.session(settings, store, None, false)?;
    let progress = context.output.progress("comparing SKUs of both vendors");
    let suggestions = suggest(&session)?;
    drop(progress);
    if arguments.apply {
        return apply(context, &session.store, arguments, &suggestions);
    }
    let document = json!({"schema": SCHEMA, "suggestions": suggestions});
    answer::show(context, &document, &text(context, &suggestions));
    let equal = equal(&suggestions).len();
    if suggestions.is_empty() {
        context
            .output
            .talk("no live listing without a mapping is spelled like an Amazon SKU");
    } else if equal > 0 {
        context.output.talk(&format!("the {equal} equal ones at once: {APPLY}"));
    }
    Ok(Exit::Done)
}

fn equal(suggestions: &[Suggestion]) -> Vec<&Suggestion> {
    let equal = suggestions.iter().filter(|suggestion| suggestion.kind == Match::Equal);
    equal.collect()
}

/// Maps the equal ones as one import, once a person agreed; the near ones are shown as lines to paste.
fn apply(
    context: &Context,
    store: &Store,
    arguments: &MappingsSuggest,
    suggestions: &[Suggestion],
) -> Result<Exit, Failure> {
    let equal = equal(suggestions).len();
    let noun = if equal == 1 { "seller SKU" } else { "seller SKUs" };
    let question = format!("{equal} {noun} would be mapped to the equal SKU at Amazon");
    if !context.output.json {
        answer::show(context, &Value::Null, &text(context, suggestions));
    }
    let is_agreed = arguments.yes || arguments.dry_run || equal == 0;
    if let Err(refusal) = ask::agreed(context, is_agreed, &question, APPLY) {
        let document = json!({"schema": SCHEMA, "count": equal, "suggestions": suggestions});
        if context.output.json {
            answer::show(context, &answer::with_error(&document, Some(&refusal)), "");
        }
        context.output.explain(&refusal);
        return Ok(refusal.exit);
    }
    let summary = map(context, store, arguments.dry_run, suggestions)?;
    let further = json!({"suggestions": suggestions});
    import::show_with(context, arguments.dry_run, &summary, &further);
    Ok(Exit::Done)
}

/// What somebody mapped meanwhile stays as it is.
fn map(
    context: &Context,
    store: &Store,
    is_dry_run: bool,
    suggestions: &[Suggestion],
) -> Result<ImportSummary, Failure> {
    let _lock = context.surroundings.keep(store, is_dry_run)?;
    let rows: Vec<MappingRow> = equal(suggestions).into_iter().map(|found| found.row.clone()).collect();
    let keys: Vec<_> = rows.iter().map(|row| row.key.clone()).collect();
    let mapped = store.mapping_candidates(&keys)?;
    let rows = rows.into_iter().filter(|row| mapped.get(&row.key).is_empty());
    let options = by_hand::options(context, false, is_dry_run);
    import_rows(store, rows.collect(), APPLY, &options, context.now()).map_err(import::failure)
}

/// For people the lines to paste stand below the table, where nothing breaks them.
fn text(context: &Context, suggestions: &[Suggestion]) -> String {
    let view = context.output.view(context.now());
    let is_pipe = view.layout == Layout::Pipe;
    let headers = ["match", "seller sku", "amazon sku", "in stock", "because", "product"];
    let rows: Vec<_> = suggestions.iter().map(|found| cells(found, is_pipe)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let table = view.table(&headers, &rows);
    let near = suggestions.iter().filter(|found| found.kind == Match::Near && !is_pipe);
    let lines: String = near
        .map(|found| format!("{}\n", called::repeat(&found.command)))
        .collect();
    match lines.as_str() {
        "" => table,
        lines => format!("{table}\nOf the near ones paste what is right:\n{lines}"),
    }
}

fn cells(found: &Suggestion, is_pipe: bool) -> Vec<String> {
    let kind = match found.kind {
        Match::Equal => "equal",
        Match::Near => "near",
    };
    let cells = [
        kind.to_owned(),
        found.seller_sku.to_string(),
        found.amazon_sku.to_string(),
        units(found.fulfillable),
        found.because.to_owned(),
        found.product_name.clone().unwrap_or_default(),
    ];
    cells
        .into_iter()
        .chain(is_pipe.then(|| found.command.clone()))
        .collect()
}
