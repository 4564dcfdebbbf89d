//! `mcf metrics`.

use serde_json::json;

use super::answer;
use super::file::{self, Kind};
use crate::cli::arguments::{Metrics, MetricsFormat};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::{self, metrics, prometheus};
use crate::run::timing;

/// The monitor's file is written every few minutes: it is known by its beginning.
const METRICS: Kind = Kind {
    name: "file of metrics",
    command: "mcf metrics --output",
    // A collector's folder may hold the file before its first figures.
    is_ours: |text| text.is_empty() || metrics::is_metrics(text),
};

pub fn run(context: &Context, arguments: &Metrics) -> Result<Exit, Failure> {
    let format = format(context, arguments)?;
    if let Some(path) = &arguments.output {
        file::ask_before_replacing(context, path, &METRICS, arguments.yes)?;
    }
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let since = arguments.since.as_ref().map(|typed| typed.at);
    let metrics = metrics::Metrics::read(&store, &timing(&settings), since, context.now())?;
    let text = match format {
        MetricsFormat::Text => metrics.text(&context.output.view(context.now())),
        MetricsFormat::Json => report::json(&metrics).unwrap_or_default(),
        MetricsFormat::Prometheus => prometheus::exposition(&metrics, context.now()),
    };
    let Some(path) = &arguments.output else {
        context.output.data(&text);
        return Ok(Exit::Done);
    };
    file::write_whole(path, &text)?;
    let document = json!({"schema": report::SCHEMA, "output": answer::text(path)});
    answer::tell(context, false, &document, &format!("wrote {}", answer::named(path)));
    Ok(Exit::Done)
}

/// With `--json` stdout holds JSON; another form can only go to a file. A counter of Prometheus is no counter where it starts anew.
fn format(context: &Context, arguments: &Metrics) -> Result<MetricsFormat, Failure> {
    match arguments.format {
        Some(MetricsFormat::Prometheus) if arguments.since.is_some() => Err(Failure::usage(
            "Prometheus counts from the first day on",
            "leave out --since and ask Prometheus: increase(mcf_orders_routed_total[1d])",
        )),
        None if context.output.json => Ok(MetricsFormat::Json),
        None => Ok(MetricsFormat::Text),
        Some(MetricsFormat::Text | MetricsFormat::Prometheus) if context.output.json && arguments.output.is_none() => {
            Err(Failure::usage(
                "--json and --format contradict each other",
                "leave out one of them, or write to a file with --output",
            ))
        }
        Some(format) => Ok(format),
    }
}
