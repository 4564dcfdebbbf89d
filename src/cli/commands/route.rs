//! `mcf route <ORDER_ID>`.

use crate::cli::arguments::Route;
use crate::cli::context::Context;
use crate::cli::frame::{self, Job};
use crate::cli::{Exit, Failure};
use crate::domain::state::State;
use crate::jobs;

pub fn run(context: &Context, arguments: &Route) -> Result<Exit, Failure> {
    let job = Job {
        command: "route",
        work: "orders",
        is_dry_run: arguments.dry_run,
    };
    let ran = frame::run(context, &job, context.settings()?, |session| {
        jobs::route::run(session, &arguments.order)
    })?;
    let exit = frame::show(context, &ran);
    let state = ran.report.orders.last().map(|order| order.state);
    Ok(match state {
        Some(state) if exit == Exit::Done => after(state, arguments.dry_run),
        Some(_) | None => exit,
    })
}

/// An order that may not go needs a person; one that went, or would go, is done.
fn after(state: State, is_dry_run: bool) -> Exit {
    match state {
        State::Routed | State::Shipped | State::Completed => Exit::Done,
        State::Ready if is_dry_run => Exit::Done,
        State::Submitting => Exit::VendorUnavailable,
        State::Detected
        | State::Waiting
        | State::Ready
        | State::Flagged
        | State::Cancelling
        | State::Cancelled
        | State::Dismissed
        | State::NotEligible => Exit::PersonNeeded,
    }
}
