//! `mcf sync-inventory`.

use crate::cli::arguments::DryRun;
use crate::cli::context::Context;
use crate::cli::frame::{self, Job};
use crate::cli::{Exit, Failure};
use crate::jobs;
use crate::jobs::sync_inventory::Figure;
use crate::report::run::StockFigures;

pub fn run(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let job = Job {
        command: "sync-inventory",
        work: "inventory",
        is_dry_run: arguments.dry_run,
    };
    let mut figures = Vec::new();
    let mut ran = frame::run(context, &job, context.settings()?, |session| {
        let run = jobs::sync_inventory::run(session)?;
        figures = run.figures;
        Ok(run.finished)
    })?;
    ran.report.figures = figures.into_iter().map(row).collect();
    Ok(frame::show(context, &ran))
}

fn row(figure: Figure) -> StockFigures {
    StockFigures {
        tiktok_product_id: figure.product,
        tiktok_sku_id: figure.sku,
        amazon_skus: figure.amazon_skus,
        shown: figure.shown,
        wanted: figure.wanted,
    }
}
