//! Accounts of this machine, as `/etc/passwd` names them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Error;
use crate::trust::this_user;

const ACCOUNTS: &str = "/etc/passwd";

/// Returns the name of a user id.
#[must_use]
pub fn name_of(id: u32) -> Option<String> {
    find(|_, found| found == id).map(|(name, _)| name)
}

/// Returns the user id of a name.
#[must_use]
pub fn id_of(name: &str) -> Option<u32> {
    find(|found, _| found == name).map(|(_, id)| id)
}

/// Refuses to make or to write what would become root's among the files of another user (E161).
///
/// # Errors
/// When it would.
pub fn refuse_as_root(path: &Path) -> Result<(), Error> {
    let Some(owner) = owner_of(path).filter(|owner| *owner != 0) else {
        return Ok(());
    };
    // A folder of nobody whom this machine knows, such as one mounted into a container, is root's to use.
    let is_another_users = path.exists() || name_of(owner).is_some();
    if this_user() != Some(0) || !is_another_users {
        return Ok(());
    }
    Err(Error::AnotherUsers {
        path: path.to_owned(),
        owner,
        name: name_of(owner).unwrap_or_else(|| owner.to_string()),
    })
}

/// Returns the owner of a path, or of the folder in which it would be made.
#[must_use]
pub fn owner_of(path: &Path) -> Option<u32> {
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
