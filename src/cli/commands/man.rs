//! `mcf man`: the whole tree of commands in one page.

use std::io;

use anyhow::Context as _;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use serde_json::json;

use super::answer;
use crate::cli::arguments::Cli;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let page = page().context("the page can't be written")?;
    answer::show(context, &json!({"schema": SCHEMA, "man": page}), &page);
    Ok(Exit::Done)
}

fn page() -> io::Result<String> {
    let command = Cli::command();
    let root = Man::new(command.clone());
    let mut page = Vec::new();
    root.render_title(&mut page)?;
    root.render_name_section(&mut page)?;
    root.render_synopsis_section(&mut page)?;
    root.render_description_section(&mut page)?;
    root.render_options_section(&mut page)?;
    for part in command.get_subcommands() {
        part_of(part, "mcf", &mut page)?;
    }
    root.render_extra_section(&mut page)?;
    root.render_version_section(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Writes a command and those under it. Its sections are made subsections of the page.
fn part_of(command: &Command, parent: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    page.extend_from_slice(format!(".SH {:?}\n", name.to_uppercase()).as_bytes());
    let man = Man::new(command.clone().bin_name(&name).display_name(&name));
    let mut sections = Vec::new();
    man.render_description_section(&mut sections)?;
    man.render_synopsis_section(&mut sections)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut sections)?;
    }
    if command.get_after_help().is_some() {
        man.render_extra_section(&mut sections)?;
    }
    page.extend_from_slice(String::from_utf8_lossy(&sections).replace(".SH ", ".SS ").as_bytes());
    command
        .get_subcommands()
        .try_for_each(|part| part_of(part, &name, page))
}
