//! A question before much is changed at once.

use std::io::{self, IsTerminal};

use super::context::Context;
use super::{Failure, hidden};

/// Asks a person, unless `yes` has said so before.
///
/// # Errors
/// When the person says no or stops it, or where nobody can be asked: `what` then says what would be done, `command` does it.
pub fn agreed(context: &Context, yes: bool, what: &str, command: &str) -> Result<(), Failure> {
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
    context.output.urgent(&format!("{what}. Do it? [y/N]"));
    let answer = hidden::waited_for(context, || {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    })?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::person("nothing was done", command)),
    }
}
