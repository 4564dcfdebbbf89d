//! `mcf sync-inventory`.

use crate::cli::arguments::SyncInventory;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, job};
use crate::domain::inventory::plan::{Figure, PartFigure};
use crate::jobs;
use crate::report::run::{StockFigures, StockPart};
use crate::run::Job;

pub fn run(context: &Context, arguments: &SyncInventory) -> Result<Exit, Failure> {
    let job = Job::SYNC_INVENTORY.dry(arguments.dry_run);
    let mut figures = Vec::new();
    let progress = context.output.progress("writing stock to TikTok");
    let mut ran = job::run(context, job, |session| {
        let run = jobs::sync_inventory::run(session, arguments.force, &|done, total| progress.at(done, total))?;
        figures = run.figures;
        Ok(run.finished)
    })?;
    drop(progress);
    ran.report.figures = figures.into_iter().map(row).collect();
    Ok(job::show(context, &ran))
}

fn row(figure: Figure) -> StockFigures {
    StockFigures {
        tiktok_product_id: figure.product,
        tiktok_sku_id: figure.sku,
        amazon_skus: figure.parts.iter().map(|part| part.sku.clone()).collect(),
        shown: figure.shown,
        amazon: figure.amazon,
        wanted: figure.wanted,
        withheld: figure.withheld.map(|why| why.to_string()),
        parts: figure.parts.into_iter().map(part).collect(),
    }
}

fn part(part: PartFigure) -> StockPart {
    StockPart {
        amazon_sku: part.sku,
        per_unit: part.per_unit,
        fulfillable: part.holding.map(|holding| holding.fulfillable),
        promised: part.holding.map(|holding| holding.promised),
        safety_stock: part.holding.map(|holding| holding.safety_stock),
        promisable: part.holding.map(|holding| holding.promisable()),
    }
}
