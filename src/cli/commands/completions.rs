//! `mcf completions <SHELL>`.

use clap::CommandFactory;
use serde_json::json;

use super::answer;
use crate::cli::Exit;
use crate::cli::arguments::{Cli, Completions};
use crate::cli::context::Context;
use crate::report::SCHEMA;

pub fn run(context: &Context, arguments: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "mcf", &mut script);
    let script = String::from_utf8_lossy(&script);
    let document = json!({"schema": SCHEMA, "shell": arguments.shell.to_string(), "script": script});
    answer::show(context, &document, &script);
    Exit::Done
}
