//! `mcf route <ORDER_ID>`.

use crate::cli::arguments::Route;
use crate::cli::context::Context;
use crate::cli::frame::{self, Job};
use crate::cli::{Exit, Failure};
use crate::domain::state::State;
use crate::jobs;
use crate::report::run::TouchedOrder;

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
    Ok(match ran.report.orders.last() {
        Some(order) if exit == Exit::Done => after(order, arguments.dry_run),
        Some(_) | None => exit,
    })
}

/// An order that may not go needs a person; one that went, or would go, is done. Of one that left, nothing can be sent any more:
/// where its flags ask for that, route was refused.
fn after(order: &TouchedOrder, is_dry_run: bool) -> Exit {
    match order.state {
        State::Shipped | State::Completed if !order.flags.is_empty() => Exit::PersonNeeded,
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
