//! The command line: what may be typed, what is printed, with which exit code the process ends.
//!
//! Owns clap, the terminal and the exit codes; one short file per command translates arguments, calls a job or a report, and
//! prints. Must never decide anything about an order, and is the only room that writes to stdout and stderr.

mod account;
mod arguments;
mod ask;
mod called;
mod commands;
mod context;
mod exit;
mod failure;
mod fault;
mod hidden;
mod job;
mod logging;
mod nearest;
mod output;
mod progress;
mod signals;
mod store_help;
mod upgrade;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

pub use arguments::Cli;
pub use exit::Exit;

use crate::memory;
use crate::stop::Stop;
use context::Context;
use failure::Failure;
use output::Output;
use signals::Manner;

/// Runs one command line and returns the exit code of the process.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    memory::keep_inside();
    fault::tell_places_alone(Output::aside);
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => run(cli).into(),
        Err(error) => {
            let wants_json = error.use_stderr() && arguments.iter().any(|argument| argument == "--json");
            let may_be_secret = arguments.iter().any(|argument| argument == "auth");
            let (error, help) = nearest::of_the_command(error, &arguments);
            Output::usage(&error, &help, wants_json, may_be_secret).into()
        }
    }
}

fn run(cli: Cli) -> Exit {
    called::remember(&cli.global);
    let output = Output::new(&cli.global);
    let (manner, stop) = (Manner::of(&cli.command), Arc::new(Stop::default()));
    let result = fault::caught(|| {
        signals::listen(&stop, output, manner)
            .and_then(|()| Context::new(cli.global, output, Arc::clone(&stop)))
            .and_then(|context| commands::run(cli.command, &context))
    });
    Output::close(match result {
        Ok(exit) if manner == Manner::Serves => exit,
        Ok(exit) => exit.unless_stopped(&stop),
        Err(failure) => output.failure(&failure.unless_stopped(&stop)),
    })
}
