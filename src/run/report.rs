//! What a run did, as its report shows it.

use chrono::{DateTime, Utc};

use super::{Job, Ran, Surroundings};
use crate::domain::eligibility::explain;
use crate::jobs::{Error, Finished, Plan, Touched, store_behind};
use crate::notify::DeliverySummary;
use crate::report::run::{NOTIFIED, PlannedOrder, PlannedUnits, RunReport, TouchedOrder};
use crate::store::RunOutcome;

pub(super) fn ran(
    surroundings: &Surroundings,
    job: Job,
    started_at: DateTime<Utc>,
    finished: Finished,
    delivered: Option<DeliverySummary>,
) -> Ran {
    let mut report = RunReport::new(job.command, started_at, outcome(&finished), surroundings.now());
    report.run.dry_run = job.is_dry_run;
    report.counts.extend(finished.summary.counts);
    if let Some(delivered) = delivered.filter(|delivered| delivered.delivered > 0) {
        report.counts.insert(NOTIFIED, u64::from(delivered.delivered));
    }
    report.notes = finished.summary.notes;
    report.orders = finished.summary.orders.into_iter().map(row).collect();
    Ran {
        report,
        trouble: finished.trouble,
    }
}

/// How the run ended, for its row.
pub(super) fn outcome(finished: &Finished) -> RunOutcome {
    match &finished.trouble {
        None => RunOutcome::Ok,
        Some(Error::Stopped | Error::TimeIsUp) => RunOutcome::Interrupted,
        Some(error) if error.is_credentials() => RunOutcome::CredentialsRefused,
        Some(error) if store_behind(error).is_some() => RunOutcome::Failed,
        Some(
            Error::Braked(_)
            | Error::OrderNotFound(_)
            | Error::Held(_)
            | Error::NotAccepted { .. }
            | Error::Dismissed(_)
            | Error::NoWarehouse,
        ) => RunOutcome::PersonNeeded,
        Some(Error::Store(_) | Error::Config(_)) => RunOutcome::Failed,
        Some(_) => RunOutcome::VendorUnavailable,
    }
}

fn row(touched: Touched) -> TouchedOrder {
    let mut explanation = touched.explanation;
    if explanation.is_empty() {
        explanation.extend(touched.detail.as_deref().map(explain).map(str::to_owned));
    }
    TouchedOrder {
        tiktok_order_id: touched.id,
        state: touched.state,
        detail: touched.detail,
        mcf_order_id: touched.fulfillment_order,
        flags: touched.flags,
        explanation: (!explanation.is_empty()).then(|| explanation.join("; ")),
        plan: touched.plan.map(planned),
    }
}

fn planned(plan: Plan) -> PlannedOrder {
    let units = |(amazon_sku, quantity)| PlannedUnits { amazon_sku, quantity };
    PlannedOrder {
        shipping_speed: plan.shipping_speed.to_string(),
        items: plan.items.into_iter().map(units).collect(),
    }
}
