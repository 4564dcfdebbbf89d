//! `mcf demo`: one day in the life of a shop, played by the real jobs against a sandbox of both vendors.
//!
//! Each step is a command as cron would run it: its own clock, its own session, the same database. Only the world between the
//! steps is moved by hand. Nothing of the operator's environment is read, so that no real vendor can be reached.

mod ending;
mod open;
mod place;
mod stage;

use chrono::TimeDelta;

use crate::cli::arguments::Demo;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use ending::Ending;
use place::Place;
use stage::Stage;

pub fn run(context: &Context, arguments: &Demo) -> Result<Exit, Failure> {
    let place = Place::make(context, arguments.keep.as_ref().map(Option::as_deref))?;
    let mut stage = Stage::open(context, place.folder().to_owned())?;
    stage.tell(&place.welcome());
    play(&mut stage)?;
    if let Some(listen) = arguments.serve {
        open::keep(&mut stage, listen)?;
        return Ok(Exit::Done);
    }
    let mutating_before = stage.log().mutating();
    play_again(&mut stage)?;
    let ending = Ending::read(stage, mutating_before, &place)?;
    if context.output.json {
        context.output.data(&crate::report::json(&ending).unwrap_or_default());
    } else {
        context.output.data(&ending.text(&context.output));
    }
    Ok(Exit::Done)
}

/// The day: orders come, Amazon packs, parcels leave.
fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
    stage.import("The mapping table says which TikTok product is which Amazon SKU")?;
    let orders = stage.orders().len();
    stage.poll(&format!("{orders} orders of the last hours are at TikTok"))?;
    stage.pass(TimeDelta::minutes(50), 1);
    stage.poll("50 minutes later: the hour of remorse is over for the order that was on hold")?;
    stage.pass(TimeDelta::minutes(30), 1);
    stage.sync_tracking("Half an hour later: Amazon packs, nothing has left yet")?;
    stage.sync_inventory("TikTok must not sell more than Amazon has")?;
    stage.pass(TimeDelta::minutes(90), 2);
    stage.sync_tracking("90 minutes later: the parcels have left, TikTok wants their numbers within four hours")
}

/// The same commands once more: running twice changes nothing.
fn play_again(stage: &mut Stage<'_>) -> Result<(), Failure> {
    stage.pass(TimeDelta::minutes(5), 0);
    stage.poll("Five minutes later, all once more: nothing is sent twice")?;
    stage.sync_tracking("The parcels are known")?;
    stage.sync_inventory("The figures are equal")
}
