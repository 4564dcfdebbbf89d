//! A file while it is written: it lies beside its target under a name that only this program gives, is held as long as its process
//! lives, and takes the target's place when it is whole. What nobody holds was left by a process that was killed, and goes with the
//! next start that finds it.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use tempfile::{Builder, NamedTempFile};

use crate::trust::{self, folder_of};

const PREFIX: &str = ".mcf-";
const ENDING: &str = ".unfinished";

/// How often another name is tried where a sweep took the file before it was held.
const TRIES: usize = 8;

/// Makes a file for its owner alone in `folder`, where it is to be [`place`]d. What killed processes left there goes first.
///
/// # Errors
/// When the folder can't be written to.
pub fn draft_in(folder: &Path) -> io::Result<NamedTempFile> {
    sweep(folder);
    for _ in 0..TRIES {
        let draft = Builder::new().prefix(PREFIX).suffix(ENDING).tempfile_in(folder)?;
        if is_held(draft.as_file())? {
            return Ok(draft);
        }
    }
    Err(io::Error::other(
        "another program takes each file away that is made in the folder",
    ))
}

/// Gives a draft that is written and synced its name, so that it has it after a power cut, too.
///
/// # Errors
/// When it can't be renamed.
pub fn place(draft: NamedTempFile, path: &Path) -> io::Result<()> {
    draft.persist(path)?;
    sync_folder(folder_of(path))
}

/// Makes durable which names a folder holds.
///
/// # Errors
/// When the folder can't be opened or synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes the drafts of processes that were killed. What can't be removed is met again by the next sweep.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if let Some(draft) = draft_of(folder, &entry.file_name())
            && let Some(_held) = abandoned(&draft)
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes the folders of processes that were killed: those in `parent` whose names begin so and that nobody [`hold`]s.
pub fn sweep_folders(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_named_so = entry.file_name().to_string_lossy().starts_with(prefix);
        if is_named_so
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && let Some(_held) = unheld(&entry.path())
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Holds a folder as long as what is returned lives, so that no other process takes it for one that was left.
///
/// # Errors
/// When it can't be opened.
pub fn hold(folder: &Path) -> io::Result<File> {
    let held = File::open(folder)?;
    // A file system without locks holds nothing, and nothing is swept there either.
    let _ = FileExt::try_lock(&held);
    Ok(held)
}

/// Returns the draft that a name in a folder belongs to: SQLite gives a file of its own a longer name.
fn draft_of(folder: &Path, name: &OsStr) -> Option<PathBuf> {
    let name = name.to_str()?;
    let (unique, _) = name.strip_prefix(PREFIX)?.split_once(ENDING)?;
    Some(folder.join(format!("{PREFIX}{unique}{ENDING}")))
}

/// What is to be held while the rest of a draft is removed; none where its process lives.
fn abandoned(draft: &Path) -> Option<Option<File>> {
    match fs::symlink_metadata(draft) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(None),
        Ok(found) if found.is_file() => unheld(draft).map(Some),
        Ok(_) | Err(_) => None,
    }
}

/// Opens a file or folder of this user's that no process holds.
fn unheld(path: &Path) -> Option<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path).ok()?;
    let is_own = Some(file.metadata().ok()?.uid()) == trust::this_user();
    (is_own && FileExt::try_lock(&file).is_ok()).then_some(file)
}

/// Tells whether a new file is ours: a sweep that came between its making and its holding has removed it, or is about to.
fn is_held(file: &File) -> io::Result<bool> {
    match FileExt::try_lock(file) {
        Err(TryLockError::WouldBlock) => Ok(false),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file.metadata()?.nlink() > 0),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_being_written_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let live = draft_in(folder.path()).expect("a draft");
        for left in [
            ".mcf-abc123.unfinished",
            ".mcf-abc123.unfinished-journal",
            ".mcf-gone.unfinished-wal",
        ] {
            fs::write(folder.path().join(left), "half").expect("a file");
        }
        let beside = format!("{}-journal", live.path().display());
        fs::write(&beside, "in use").expect("a file");
        sweep(folder.path());
        let mut expected = vec![live.path().to_owned(), PathBuf::from(beside)];
        expected.sort();
        let found: Vec<_> = names(folder.path())
            .iter()
            .map(|name| folder.path().join(name))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_only_looks_like_a_draft_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let letter = folder.path().join("letter.txt");
        fs::write(&letter, "dear reader").expect("a file");
        symlink(&letter, folder.path().join(".mcf-link.unfinished")).expect("a link");
        fs::create_dir(folder.path().join(".mcf-folder.unfinished")).expect("a folder");
        for other in [".mcf-notes", "mcf-abc.unfinished", ".tmpAbCdEf"] {
            fs::write(folder.path().join(other), "mine").expect("a file");
        }
        let before = names(folder.path());
        sweep(folder.path());
        assert_eq!(names(folder.path()), before);
    }

    #[test]
    fn a_draft_that_is_placed_has_its_name_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.html");
        place(draft_in(folder.path()).expect("a draft"), &path).expect("placed");
        assert_eq!(names(folder.path()), ["report.html"]);
    }

    #[test]
    fn a_folder_that_a_killed_process_left_goes_and_one_that_is_held_stays() {
        let parent = tempfile::tempdir().expect("a folder");
        for name in ["mcf-demo-live", "mcf-demo-dead", "others"] {
            fs::create_dir(parent.path().join(name)).expect("a folder");
        }
        fs::write(parent.path().join("mcf-demo-dead/mcf.db"), "x").expect("a file");
        let _held = hold(&parent.path().join("mcf-demo-live")).expect("held");
        sweep_folders(parent.path(), "mcf-demo-");
        assert_eq!(names(parent.path()), ["mcf-demo-live", "others"]);
    }
}
