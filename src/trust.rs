//! Who besides the user of this process could have written a file, or could put another in its place. What is secret or decides
//! about orders is neither read nor written through the hands of others (E177).

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

const READABLE_BY_OTHERS: u32 = 0o004;
const WRITABLE_BY_OTHERS: u32 = 0o002;
const STICKY: u32 = 0o1000;
/// The user that may do all without any mode.
const ROOT: u32 = 0;

/// Who else can get at a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Exposure {
    /// Its mode lets everybody read it, and it holds secrets.
    #[error("holds secrets and is readable by others")]
    Readable,
    /// Its mode lets everybody write it.
    #[error("is writable by others")]
    Writable,
    /// Everybody may put another file in its place.
    #[error("is a folder that is writable by others, who could put other files in the place of those in it")]
    FolderWritable,
    /// Somebody else owns it.
    #[error("belongs to user {0}, who is neither root nor the user that runs this program")]
    Foreign(u32),
    /// A link of somebody else.
    #[error("is a link of user {0}, who is neither root nor the user that runs this program")]
    ForeignLink(u32),
    /// A link, a folder or a device where a file of our own belongs.
    #[error("is a link, a folder or a device where a file of its own belongs")]
    NoFile,
}

impl Exposure {
    /// Returns the command that mends it; the path is quoted for a shell.
    #[must_use]
    pub fn help(self, path: &str) -> String {
        match self {
            Self::Readable | Self::Writable => format!("chmod 600 {path}"),
            Self::FolderWritable => format!("chmod o-w {path}"),
            // Never chown: the jobs of its user would stop.
            Self::Foreign(owner) => format!("type it as the user of {path}: sudo -u '#{owner}' -H mcf …"),
            Self::ForeignLink(_) | Self::NoFile => format!("look at ls -ld {path}, then: rm {path}"),
        }
    }
}

/// Returns the user whose rights this process has. `/proc/self` itself is root's where a process may not be traced.
#[must_use]
pub fn this_user() -> Option<u32> {
    own_status("Uid:")?.split_whitespace().nth(1)?.parse().ok()
}

/// Returns what the system says of this process behind a name such as `Uid:`.
pub(crate) fn own_status(name: &str) -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::to_owned)
}

/// Tells who could have written a file, where that is somebody besides root and `user`.
#[must_use]
pub fn of_file(file: &Metadata, user: Option<u32>) -> Option<Exposure> {
    if is_foreign(file, user) {
        return Some(Exposure::Foreign(file.uid()));
    }
    (file.mode() & WRITABLE_BY_OTHERS != 0).then_some(Exposure::Writable)
}

/// Tells whether everybody may read a file.
#[must_use]
pub fn of_secret(file: &Metadata) -> Option<Exposure> {
    (file.mode() & READABLE_BY_OTHERS != 0).then_some(Exposure::Readable)
}

/// Tells whether everybody may replace the files of a folder. In a sticky one such as `/tmp` others add files and replace none.
#[must_use]
pub fn of_folder(folder: &Metadata) -> Option<Exposure> {
    let is_replaceable = is_open(folder) && folder.mode() & STICKY == 0;
    is_replaceable.then_some(Exposure::FolderWritable)
}

/// Returns the first link on a path that somebody else put into a folder that is open to all: where it leads is that one's choice.
#[must_use]
pub fn planted_link(path: &Path, user: Option<u32>) -> Option<(PathBuf, Exposure)> {
    path.ancestors().find_map(|part| {
        let link = fs::symlink_metadata(part).ok().filter(Metadata::is_symlink)?;
        let folder = fs::metadata(folder_of(part)).ok()?;
        let is_planted = is_foreign(&link, user) && is_open(&folder);
        is_planted.then(|| (part.to_owned(), Exposure::ForeignLink(link.uid())))
    })
}

fn is_foreign(file: &Metadata, user: Option<u32>) -> bool {
    user.is_some_and(|user| file.uid() != ROOT && file.uid() != user)
}

fn is_open(folder: &Metadata) -> bool {
    folder.mode() & WRITABLE_BY_OTHERS != 0
}

/// Returns the folder in which a file lies.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_process_knows_its_user() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let owner = file.as_file().metadata().expect("a file").uid();
        assert_eq!(this_user(), Some(owner));
    }

    #[test]
    fn owner_and_mode_say_who_else_gets_at_a_file_e177_c28() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        fs::write(&path, "").expect("a file");
        let facts = |path: &Path, mode| {
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
            fs::metadata(path).expect("there")
        };
        let owner = facts(&path, 0o600).uid();
        for (mode, by_hand, by_eye) in [
            (0o600, None, None),
            (0o640, None, None),
            (0o644, None, Some(Exposure::Readable)),
            (0o602, Some(Exposure::Writable), None),
        ] {
            let file = facts(&path, mode);
            assert_eq!(
                (of_file(&file, Some(owner)), of_secret(&file)),
                (by_hand, by_eye),
                "{mode:o}"
            );
        }
        let file = facts(&path, 0o600);
        assert_eq!(of_file(&file, None), None, "no user is known, none is foreign");
        let stranger = (owner != ROOT).then_some(Exposure::Foreign(owner));
        assert_eq!(of_file(&file, Some(owner + 1)), stranger);
        for (mode, open) in [(0o700, false), (0o777, true), (0o1777, false), (0o770, false)] {
            assert_eq!(of_folder(&facts(folder.path(), mode)).is_some(), open, "{mode:o}");
        }
    }

    #[test]
    fn a_link_of_another_user_in_a_folder_open_to_all_is_planted_e177() {
        let folder = tempfile::tempdir().expect("a folder");
        let (link, below) = (folder.path().join("link"), folder.path().join("link/page.html"));
        symlink("elsewhere", &link).expect("a link");
        let owner = fs::symlink_metadata(&link).expect("a link").uid();
        let set = |mode| fs::set_permissions(folder.path(), Permissions::from_mode(mode)).expect("a mode");
        for (mode, user, is_planted) in [
            (0o1777, owner + 1, owner != ROOT),
            (0o1777, owner, false),
            (0o755, owner + 1, false),
        ] {
            set(mode);
            for path in [&link, &below] {
                let found = planted_link(path, Some(user)).map(|(path, _)| path);
                assert_eq!(found.as_ref() == Some(&link), is_planted, "{mode:o} {user}");
            }
        }
    }
}
