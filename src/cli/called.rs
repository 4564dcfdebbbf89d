//! How the program was called: every command that an output names repeats the flags of this call, so that it can be pasted.

use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use clap::CommandFactory;
use serde::Serialize;
use serde_json::Value;

use super::arguments::{Cli, Global};
use crate::config::quoting::shell_quoted;

/// The flags of this call, each with its name.
static FLAGS: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();

static COMMANDS: LazyLock<clap::Command> = LazyLock::new(Cli::command);

/// Keeps the flags that say which configuration and which database are meant.
pub fn remember(global: &Global) {
    let given = [("--config", &global.config), ("--db", &global.db)];
    let given = given
        .into_iter()
        .filter_map(|(name, path)| Some((name, path.as_deref()?)));
    let _ = FLAGS.set(given.map(|(name, path)| (name, argument(path))).collect());
}

/// Writes the commands that a text names with the flags of this call.
pub fn repeat(text: &str) -> String {
    match FLAGS.get() {
        Some(flags) if !flags.is_empty() => repeated(text, flags),
        Some(_) | None => text.to_owned(),
    }
}

/// Renders a report as one JSON document in which commands are written so.
pub fn json(document: &impl Serialize) -> String {
    let document = match FLAGS.get() {
        Some(flags) if !flags.is_empty() => serde_json::to_value(document).map(|mut value| {
            repeat_in(&mut value, flags);
            crate::report::json(&value)
        }),
        Some(_) | None => Ok(crate::report::json(document)),
    };
    document.and_then(|text| text).unwrap_or_default()
}

/// Renders one of many documents as one line.
pub fn json_line(document: &impl Serialize) -> String {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    if let Some(flags) = FLAGS.get() {
        repeat_in(&mut value, flags);
    }
    crate::report::json_line(&value).unwrap_or_default()
}

fn repeat_in(value: &mut Value, flags: &[(&str, String)]) {
    match value {
        Value::String(text) => *text = repeated(text, flags),
        Value::Array(values) => values.iter_mut().for_each(|value| repeat_in(value, flags)),
        Value::Object(fields) => fields.values_mut().for_each(|value| repeat_in(value, flags)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A database may be named by an address: what is printed never holds its password.
fn argument(path: &Path) -> String {
    shell_quoted(&without_password(&path.to_string_lossy()))
}

fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((account, host)) => {
            let user = account.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}{path}")
        }
        None => address.to_owned(),
    }
}

fn repeated(text: &str, flags: &[(&str, String)]) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("mcf ") {
        let follows_a_word =
            rest[..start].ends_with(|letter: char| letter.is_alphanumeric() || "/-_.".contains(letter));
        let name = start + "mcf".len();
        let end = if follows_a_word {
            0
        } else {
            words_of_the_command(&rest[name..])
        };
        written.push_str(&rest[..name + end]);
        rest = &rest[name + end..];
        if end > 0 {
            let arguments = rest.split(['`', ';', '\n']).next().unwrap_or_default();
            let missing = flags.iter().filter(|(name, _)| !arguments.contains(name));
            written.extend(missing.map(|(name, value)| format!(" {name} {value}")));
        }
    }
    written.push_str(rest);
    written
}

/// Returns how much of the text after the program's name is the name of a command; 0 where it is none.
fn words_of_the_command(text: &str) -> usize {
    let (mut command, mut end) = (&*COMMANDS, 0);
    while let Some(rest) = text[end..].strip_prefix(' ') {
        let length = rest.find(|letter: char| !letter.is_ascii_alphabetic() && letter != '-');
        let word = &rest[..length.unwrap_or(rest.len())];
        let Some(found) = command.find_subcommand(word) else {
            break;
        };
        command = found;
        end += 1 + word.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_a_text_names_repeats_the_flags_of_the_call() {
        let flags = [
            ("--config", "shop.toml".to_owned()),
            ("--db", "'my shop.db'".to_owned()),
        ];
        let both = "--config shop.toml --db 'my shop.db'";
        for (text, expected) in [
            ("mcf poll", format!("mcf poll {both}")),
            ("mcf orders release 5", format!("mcf orders release {both} 5")),
            (
                "it is held until `mcf orders release 5`",
                format!("it is held until `mcf orders release {both} 5`"),
            ),
            (
                "authorise it again; mcf check tiktok proves it",
                format!("authorise it again; mcf check {both} tiktok proves it"),
            ),
            (
                "mcf status or mcf poll",
                format!("mcf status {both} or mcf poll {both}"),
            ),
            (
                "mcf restore BACKUP --db shop.db --force",
                "mcf restore --config shop.toml BACKUP --db shop.db --force".to_owned(),
            ),
        ] {
            let once = repeated(text, &flags);
            assert_eq!(once, expected);
            assert_eq!(repeated(&once, &flags), expected, "twice is once");
        }
        for text in [
            "mcf.db",
            "the mcf user",
            "/usr/local/bin/mcf poll",
            "mcf --version",
            "a mcf",
            "mcf ",
        ] {
            assert_eq!(repeated(text, &flags), text);
        }
    }

    #[test]
    fn the_password_of_an_address_is_never_repeated() {
        for (address, expected) in [
            (
                "postgres://mcf:s3cr:e@t@db.example/shop?x=1",
                "postgres://mcf@db.example/shop?x=1",
            ),
            ("postgres://db.example/shop", "postgres://db.example/shop"),
            ("/var/lib/mcf/mcf.db", "/var/lib/mcf/mcf.db"),
        ] {
            assert_eq!(without_password(address), expected);
        }
    }
}
