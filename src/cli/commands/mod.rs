//! One short file per command.

mod answer;
mod auth;
mod backup;
mod check;
mod completions;
mod demo;
mod file;
mod init;
mod log;
mod man;
mod mappings;
mod metrics;
mod notify;
mod orders;
mod pause;
mod poll;
mod purge;
mod rekey;
mod report;
mod restore;
mod route;
mod sandbox;
mod schedule;
mod serve;
mod status;
mod store;
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
        Command::Mappings(command) => mappings::run(context, &command),
        Command::Status(arguments) => status::run(context, &arguments),
        Command::Metrics(arguments) => metrics::run(context, &arguments),
        Command::Log(arguments) => log::run(context, &arguments),
        Command::Init(arguments) => init::run(context, &arguments),
        Command::Auth(command) => auth::run(context, &command),
        Command::Check(arguments) => check::run(context, &arguments),
        Command::Demo(arguments) => demo::run(context, &arguments),
        Command::Sandbox(arguments) => sandbox::run(context, &arguments),
        Command::Orders(command) => orders::run(context, &command),
        Command::Pause(arguments) => pause::pause(context, &arguments),
        Command::Resume(arguments) => pause::resume(context, &arguments),
        Command::Notify(command) => notify::run(context, &command),
        Command::Report(arguments) => report::run(context, &arguments),
        Command::Serve(arguments) => serve::run(context, &arguments),
        Command::Schedule(arguments) => schedule::run(context, &arguments),
        Command::Backup(arguments) => backup::run(context, &arguments),
        Command::Restore(arguments) => restore::run(context, &arguments),
        Command::Store(command) => store::run(context, &command),
        Command::Purge(arguments) => purge::run(context, &arguments),
        Command::Rekey(arguments) => rekey::run(context, &arguments),
        Command::Completions(arguments) => Ok(completions::run(context, &arguments)),
        Command::Man => man::run(context),
    }
}
