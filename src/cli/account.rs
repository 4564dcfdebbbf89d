//! The command line of this process, to be typed as another account of this machine.

use std::env;
use std::path::Path;

use crate::config::quoting::shell_quoted;
use crate::run::account::{name_of, owner_of};
use crate::trust::this_user;

/// Returns the advice to type the same command as the owner of a file, where that is somebody else than this user: a file is never
/// taken from its user, whose jobs would stop.
pub fn advice(path: &Path) -> Option<String> {
    let owner = owner_of(path)?;
    (owner != this_user()?).then(|| as_user(owner))
}

/// Returns the command line of this process, to be typed as another user.
pub fn as_user(id: u32) -> String {
    let user = name_of(id).map_or_else(|| format!("'#{id}'"), |name| shell_quoted(&name));
    let words: Vec<String> = env::args().skip(1).collect();
    let is_given = |option: &str| words.iter().any(|word| word.split('=').next() == Some(option));
    let mut call = format!("sudo -u {user} -H mcf");
    // sudo does not pass these on.
    for (option, variable) in [("--config", "MCF_CONFIG"), ("--db", "MCF_DB")] {
        if let (false, Ok(value)) = (is_given(option), env::var(variable)) {
            call += &format!(" {option} {}", shell_quoted(&value));
        }
    }
    for word in &words {
        call += &format!(" {}", shell_quoted(word));
    }
    call
}
