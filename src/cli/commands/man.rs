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

/// Exit codes, variables and files.
const ENDING: &str = include_str!("man/ending.roff");

/// When the page was last looked through.
const DATE: &str = "2026-11-29";

/// Readers of the source want no longer lines; the reader of the page sees none of them.
const LINE_MAX: usize = 80;

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let page = page().context("the page can't be written")?;
    answer::show(context, &json!({"schema": SCHEMA, "man": page}), &page);
    Ok(Exit::Done)
}

fn page() -> io::Result<String> {
    let command = Cli::command();
    let root = Man::new(command.clone()).title("MCF").date(DATE);
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
    page.extend_from_slice(ENDING.as_bytes());
    Ok(tidy(&String::from_utf8_lossy(&page)))
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

/// Makes what clap wrote a page that `mandoc -T lint` has nothing to say about: a section of examples in their own lines, no empty
/// macros, no line too long. The exit codes that `--help` ends with have a section of their own.
fn tidy(page: &str) -> String {
    let mut tidy = String::new();
    let mut is_example = false;
    for line in page.replace(".br\n\n.br\n", ".sp\n").lines().map(str::trim_end) {
        let is_macro = line.starts_with('.');
        if is_example && (is_macro || line.is_empty()) {
            tidy.push_str(".fi\n");
            is_example = false;
        }
        match line {
            "Example:" | "Examples:" => {
                is_example = true;
                tidy.push_str(".nf\n");
            }
            ".SH EXTRA" | ".SS EXTRA" => {
                tidy.push_str(&line.replace("EXTRA", "EXAMPLES"));
                tidy.push('\n');
            }
            _ if is_example || is_macro => {
                tidy.push_str(line);
                tidy.push('\n');
            }
            _ => fold(line, &mut tidy),
        }
    }
    without_codes(&tidy)
}

fn without_codes(page: &str) -> String {
    match (page.find("\nExit codes:"), page.find(".SH \"EXIT STATUS\"")) {
        (Some(from), Some(to)) if from < to => format!("{}\n{}", &page[..from].trim_end(), &page[to..]),
        _ => page.to_owned(),
    }
}

/// Breaks a line between words. No line begins with what would be a macro.
fn fold(line: &str, page: &mut String) {
    let mut length = 0;
    for word in line.split(' ') {
        let fits = length + 1 + word.len() <= LINE_MAX || word.starts_with(['.', '\'']);
        if length > 0 {
            page.push(if fits { ' ' } else { '\n' });
        }
        length = if fits && length > 0 {
            length + 1 + word.len()
        } else {
            word.len()
        };
        page.push_str(word);
    }
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_page_has_the_sections_that_a_reader_looks_for() {
        let page = page().expect("a page");
        for section in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXAMPLES",
            "\"EXIT STATUS\"",
            "ENVIRONMENT",
            "FILES",
        ] {
            assert_eq!(page.matches(&format!("\n.SH {section}\n")).count(), 1, "{section}");
        }
        assert!(!page.contains("Exit codes:") && !page.contains("EXTRA"));
        assert_eq!(page.matches("\n.nf\n").count(), page.matches("\n.fi\n").count());
    }

    #[test]
    fn mandoc_has_nothing_to_say_about_the_page() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mcf.1");
        std::fs::write(&file, page().expect("a page")).expect("written");
        let Ok(linted) = Command::new("mandoc").args(["-T", "lint"]).arg(&file).output() else {
            eprintln!("skipped: this machine has no mandoc");
            return;
        };
        assert_eq!(String::from_utf8_lossy(&linted.stdout), "");
    }
}
