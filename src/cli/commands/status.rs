//! `mcf status [ORDER_ID]`.

use super::answer;
use crate::cli::arguments::Status;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::domain::event::instant;
use crate::domain::ids::TiktokOrderId;
use crate::domain::pause::Pause;
use crate::report::order::OrderReport;
use crate::report::status::{RESUME, StatusOverview};
use crate::run::timing;
use crate::store::{Error, Store};

pub fn run(context: &Context, arguments: &Status) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    if let Some(order) = &arguments.order {
        return one(context, &store, order, arguments.address);
    }
    let overview = StatusOverview::read(&store, &timing(&settings), context.now())?;
    let failure = arguments.check.then(|| alarm(&overview)).flatten();
    let is_news = failure.is_some() || !arguments.check;
    let text = overview.text(&context.output.view(context.now()));
    answer::tell(
        context,
        is_news,
        &answer::with_error(&overview, failure.as_ref()),
        &text,
    );
    Ok(failure.map_or(Exit::Done, |failure| failure.exit))
}

/// What `--check` tells a monitor; the text shows it in full.
fn alarm(overview: &StatusOverview) -> Option<Failure> {
    let pause = overview.paused.as_ref().map(|pause| (paused(pause), RESUME.to_owned()));
    let urgent = overview.attention.iter().filter(|item| item.needs_person);
    let urgent = urgent.map(|item| (item.message.clone(), item.next_command.clone()));
    let mut alarms = pause.into_iter().chain(urgent);
    let (first, next_command) = alarms.next()?;
    let message = match alarms.count() {
        0 => first,
        more => format!("{first} (and {more} more)"),
    };
    Some(Failure::person(message, next_command))
}

fn paused(pause: &Pause) -> String {
    let end = pause
        .until
        .map_or_else(String::new, |until| format!(" until {}", instant(until)));
    let because = pause
        .because
        .as_ref()
        .map_or_else(String::new, |because| format!(" ({because})"));
    format!("new orders are paused since {}{end}{because}", instant(pause.since))
}

fn one(context: &Context, store: &Store, id: &TiktokOrderId, with_address: bool) -> Result<Exit, Failure> {
    let found = OrderReport::read(store, id, with_address)?;
    let report = found.ok_or_else(|| Error::UnknownOrder { order: id.to_string() })?;
    answer::show(context, &report, &report.text(&context.output.view(context.now())));
    Ok(Exit::Done)
}
