//! One short file per command.

mod check;
mod demo;
mod init;
mod poll;
mod route;
mod sandbox;
mod sync_inventory;
mod sync_tracking;

use super::arguments::Command;
use super::context::Context;
use super::{Exit, Failure};

/// Runs a command.
pub fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Poll(arguments) => poll::run(context, &arguments),
        Command::Route(arguments) => route::run(context, &arguments),
        Command::SyncTracking(arguments) => sync_tracking::run(context, &arguments),
        Command::SyncInventory(arguments) => sync_inventory::run(context, &arguments),
        Command::Init(arguments) => init::run(context, &arguments),
        Command::Check(arguments) => check::run(context, &arguments),
        Command::Demo(arguments) => demo::run(context, &arguments),
        Command::Sandbox(arguments) => sandbox::run(context, &arguments),
        _ => Ok(Exit::Done),
    }
}
