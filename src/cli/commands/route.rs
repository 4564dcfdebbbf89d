//! `mcf route <ORDER_ID>`.

use super::answer;
use crate::cli::arguments::Route;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, job};
use crate::domain::state::State;
use crate::jobs;
use crate::report::run::TouchedOrder;
use crate::run::Job;

pub fn run(context: &Context, arguments: &Route) -> Result<Exit, Failure> {
    let job = Job::ROUTE.dry(arguments.dry_run);
    let word = jobs::route::Word {
        accept: arguments.accept.clone(),
        rest: arguments.rest,
        speed: arguments.speed.clone(),
        because: arguments.because.clone(),
        by: answer::user(context),
    };
    let mut ran = job::run(context, job, |session| {
        jobs::route::run(session, &arguments.order, &word)
    })?;
    let refusal = match ran.report.orders.last() {
        Some(order) if ran.failure.is_none() => refusal(order, after(order, arguments.dry_run))
            .map(|refusal| refusal.unless_stopped(&context.surroundings.stop)),
        Some(_) | None => None,
    };
    // The text shows the order and why; a program looks for the error.
    if let (Some(refusal), true) = (&refusal, context.output.json) {
        ran.report.error = Some(refusal.run_error());
    }
    let exit = job::show(context, &ran);
    Ok(refusal.map_or(exit, |refusal| refusal.exit))
}

/// Why the order did not go, where it did not.
fn refusal(order: &TouchedOrder, exit: Exit) -> Option<Failure> {
    if exit == Exit::Done {
        return None;
    }
    let why = match order.flags.first() {
        Some(flag) => format!("{}: {}", flag.reason(), flag.message),
        None => order.explanation.clone().unwrap_or_default(),
    };
    let id = &order.tiktok_order_id;
    let flag = order.flags.first();
    let help = flag.map_or_else(|| format!("mcf status {id}"), |flag| flag.next_command.clone());
    Some(Failure {
        exit,
        ..Failure::person(format!("order {id} is {}: {why}", order.state), help)
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
