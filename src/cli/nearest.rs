//! A flag that a command does not have: the nearest one that it has, never one of another command.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::Cli;

/// Words for what `--because` takes.
const REASONS: [&str; 5] = ["reason", "why", "comment", "note", "message"];

/// How much alike two flags must be spelled.
const ALIKE_MIN: f64 = 0.6;

/// Corrects what clap suggests in place of an unknown flag, since it looks at other commands as well, and returns it with the command
/// that helps.
pub fn of_the_command(error: clap::Error, arguments: &[OsString]) -> (clap::Error, String) {
    let command = meant(arguments);
    let help = format!("{} --help", command.get_bin_name().unwrap_or("mcf"));
    (corrected(error, &command), help)
}

fn corrected(mut error: clap::Error, command: &Command) -> clap::Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    if error.kind() != ErrorKind::UnknownArgument || !typed.starts_with("--") {
        return error;
    }
    let nearest = nearest(&typed.clone(), command);
    error.remove(ContextKind::SuggestedArg);
    error.remove(ContextKind::Suggested);
    if let Some(nearest) = nearest {
        error.insert(ContextKind::SuggestedArg, ContextValue::String(nearest));
    }
    error
}

/// Returns the command that the words of a line name.
fn meant(arguments: &[OsString]) -> Command {
    let mut root = Cli::command();
    root.build();
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    words.fold(root, |command, word| {
        let found = command.find_subcommand(word).cloned();
        found.unwrap_or(command)
    })
}

fn nearest(typed: &str, command: &Command) -> Option<String> {
    let typed = typed.trim_start_matches('-').split('=').next().unwrap_or_default();
    let flags: Vec<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
    let because = flags.contains(&"because") && REASONS.contains(&typed);
    let alike = |flag: &&str| strsim::normalized_damerau_levenshtein(flag, typed);
    let best = flags
        .iter()
        .copied()
        .max_by(|one, other| alike(one).total_cmp(&alike(other)));
    let best = if because {
        Some("because")
    } else {
        best.filter(|flag| alike(flag) >= ALIKE_MIN)
    };
    best.map(|flag| format!("--{flag}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_flag_is_one_of_the_command() {
        for (line, flag) in [
            ("mcf pause --reason x", Some("--because")),
            ("mcf route 1 --why x", Some("--because")),
            ("mcf poll --dry-rum", Some("--dry-run")),
            ("mcf --jsno poll", Some("--json")),
            ("mcf poll --because x", None),
            ("mcf status --group", None),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let typed = words
                .iter()
                .filter_map(|word| word.to_str())
                .find(|word| word.starts_with("--"));
            assert_eq!(
                nearest(typed.expect("a flag"), &meant(&words)).as_deref(),
                flag,
                "{line}"
            );
        }
    }
}
