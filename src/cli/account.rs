//! Accounts of this machine, as `/etc/passwd` names them.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Failure;
use crate::config::quoting::shell_quoted;
use crate::trust::this_user;

const ACCOUNTS: &str = "/etc/passwd";

/// Returns the name of a user id.
pub fn name_of(id: u32) -> Option<String> {
    find(|_, found| found == id).map(|(name, _)| name)
}

/// Returns the user id of a name.
pub fn id_of(name: &str) -> Option<u32> {
    find(|found, _| found == name).map(|(_, id)| id)
}

/// Returns the advice to type the same command as the owner of a file, where that is somebody else than this user: a file is never
/// taken from its user, whose jobs would stop.
pub fn advice(path: &Path) -> Option<String> {
    let owner = owner_of(path)?;
    (owner != this_user()?).then(|| as_user(owner))
}

/// Refuses to make or to write what would become root's among the files of another user (E161).
pub fn refuse_as_root(path: &Path) -> Result<(), Failure> {
    let Some(owner) = owner_of(path).filter(|owner| *owner != 0) else {
        return Ok(());
    };
    // A folder of nobody whom this machine knows, such as one mounted into a container, is root's to use.
    let is_another_users = path.exists() || name_of(owner).is_some();
    if this_user() != Some(0) || !is_another_users {
        return Ok(());
    }
    let user = name_of(owner).unwrap_or_else(|| owner.to_string());
    Err(Failure::unusable(
        format!(
            "{} belongs to user {user}, whose runs would stop at files of root",
            path.display()
        ),
        as_user(owner),
    ))
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

/// Returns the owner of a path, or of the folder in which it would be made.
fn owner_of(path: &Path) -> Option<u32> {
    let mut there = path.ancestors().map(|path| {
        if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        }
    });
    there
        .find_map(|path| fs::metadata(path).ok())
        .map(|metadata| metadata.uid())
}

fn find(is_wanted: impl Fn(&str, u32) -> bool) -> Option<(String, u32)> {
    let text = fs::read_to_string(ACCOUNTS).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?.parse().ok()?);
        is_wanted(name, id).then(|| (name.to_owned(), id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_zero_and_nobody_has_a_name_that_is_not_there() {
        assert_eq!((name_of(0).as_deref(), id_of("root")), (Some("root"), Some(0)));
        assert_eq!((name_of(4_123_456_789), id_of("no such user")), (None, None));
    }
}
