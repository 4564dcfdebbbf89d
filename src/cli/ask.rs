//! A question before much is changed at once.

use std::io::{self, BufRead, IsTerminal};

use super::{Failure, Output};

/// Asks a person, unless `yes` has said so before.
///
/// # Errors
/// When the person says no, or where nobody can be asked: `what` then says what would be done, `command` does it.
pub fn agreed(output: &Output, yes: bool, what: &str, command: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !can_ask {
        return Err(Failure::person(
            format!("{what}; nothing was done"),
            format!("{command} --yes"),
        ));
    }
    output.urgent(&format!("{what}. Do it? [y/N]"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::unexpected(&error))?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::person("nothing was done", command)),
    }
}
