//! What lies at a database and beside it is opened only where nobody else could have put it there (E177, C28).

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::ground::{beside, real_path};
use super::vault::{folder_of, key_path};
use super::{Error, Result};
use crate::trust::{self, Exposure};

/// What SQLite and this program read beside a database. A log that somebody else wrote would be read into it.
const BESIDE: [&str; 4] = ["-wal", "-shm", "-journal", ".tokens"];

/// Refuses a database that others could have put there or could replace: by a link of theirs, a file of theirs, a folder open to all.
pub(super) fn refuse_foreign_hands(named: &Path) -> Result<()> {
    let user = trust::this_user();
    if let Some((link, exposure)) = trust::planted_link(named, user) {
        return exposed(&link, Some(exposure));
    }
    let database = real_path(named);
    let folder = folder_of(&database);
    if let Ok(metadata) = fs::metadata(folder) {
        exposed(folder, trust::of_folder(&metadata))?;
    }
    if let Ok(metadata) = fs::metadata(&database) {
        exposed(&database, trust::of_file(&metadata, user))?;
    }
    for suffix in BESIDE {
        let path = beside(&database, suffix);
        if let Ok(metadata) = fs::symlink_metadata(&path) {
            exposed(&path, of_own_file(&metadata, user))?;
        }
    }
    refuse_foreign_key(&key_path(&database), user)
}

/// Refuses a database that everybody may read.
pub(super) fn refuse_readable(database: &Path) -> Result<()> {
    let metadata = fs::metadata(database).ok().filter(Metadata::is_file);
    exposed(database, metadata.as_ref().and_then(trust::of_secret))
}

/// A key may be a link of this user to a place that is this user's: so it can lie on another disk than the database.
fn refuse_foreign_key(key: &Path, user: Option<u32>) -> Result<()> {
    let Ok(link) = fs::symlink_metadata(key) else {
        return Ok(());
    };
    exposed(key, trust::of_file(&link, user).filter(|_| !link.is_symlink()))?;
    if link.is_symlink() {
        let foreign = matches!(trust::of_file(&link, user), Some(Exposure::Foreign(_)));
        exposed(key, foreign.then(|| Exposure::ForeignLink(link.uid())))?;
    }
    let Ok(real) = fs::canonicalize(key) else {
        return exposed(key, Some(Exposure::NoFile));
    };
    let (file, folder) = (fs::metadata(&real), fs::metadata(folder_of(&real)));
    let Ok((file, folder)) = file.and_then(|file| Ok((file, folder?))) else {
        return exposed(key, Some(Exposure::NoFile));
    };
    exposed(&real, of_own_file(&file, user).or_else(|| trust::of_secret(&file)))?;
    exposed(folder_of(&real), trust::of_folder(&folder))
}

fn of_own_file(metadata: &Metadata, user: Option<u32>) -> Option<Exposure> {
    if metadata.is_file() {
        trust::of_file(metadata, user)
    } else {
        Some(Exposure::NoFile)
    }
}

fn exposed(path: &Path, exposure: Option<Exposure>) -> Result<()> {
    exposure.map_or(Ok(()), |exposure| {
        Err(Error::Exposed {
            path: path.to_owned(),
            exposure,
        })
    })
}

/// Opens a file of ours, made where there is none (mode 0600), without following a link that somebody planted under its name, and
/// without changing what is there.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(|error| match path.is_symlink() {
            // The system has several words for it, by who made the link and where.
            true => io::Error::other("a link stands under its name; remove the link"),
            false => error,
        })?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.nlink() > 1 {
        return Err(io::Error::other(
            "it is no file of its own: another name leads to it, or it is a device; remove it",
        ));
    }
    if let Some(Exposure::Foreign(owner)) = trust::of_file(&metadata, trust::this_user()) {
        return Err(io::Error::other(format!("it belongs to user {owner}; remove it")));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    use super::*;
    use crate::store::Store;
    use crate::store::tests_support::{fill, store};

    fn refusal(path: &Path) -> Option<(PathBuf, Exposure)> {
        match Store::open(path).map(drop) {
            Ok(()) => None,
            Err(Error::Exposed { path, exposure }) => Some((path, exposure)),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn closed() -> (tempfile::TempDir, PathBuf) {
        let (folder, store) = store();
        fill(&store, "1", "routed");
        let path = store.path().to_owned();
        (folder, path)
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    }

    #[test]
    fn a_link_beside_the_database_is_neither_followed_nor_written_through_e177() {
        let (folder, path) = closed();
        let target = folder.path().join("letter.txt");
        fs::write(&target, "dear reader").expect("a file");
        set(&target, 0o600);
        for suffix in BESIDE {
            let link = beside(&path, suffix);
            let _ = fs::remove_file(&link);
            symlink(&target, &link).expect("a link");
            assert_eq!(refusal(&path), Some((link.clone(), Exposure::NoFile)), "E177");
            fs::remove_file(&link).expect("gone");
        }
        assert_eq!(fs::read_to_string(&target).expect("a file"), "dear reader");
        assert_eq!(refusal(&path), None);
    }

    #[test]
    fn a_key_by_a_link_must_lie_where_only_its_user_writes_e177() {
        let (folder, path) = closed();
        let (key, apart) = (key_path(&path), folder.path().join("apart"));
        fs::create_dir(&apart).expect("a folder");
        let real = apart.join("shop.key");
        fs::rename(&key, &real).expect("moved");
        symlink(&real, &key).expect("a link");
        assert_eq!(refusal(&path), None, "this user's own place");
        set(&apart, 0o777);
        assert_eq!(refusal(&path), Some((apart.clone(), Exposure::FolderWritable)));
        set(&apart, 0o1777);
        assert_eq!(refusal(&path), None, "nobody else can replace it in a sticky folder");
        set(&real, 0o644);
        assert_eq!(refusal(&path), Some((real.clone(), Exposure::Readable)));
        set(&real, 0o602);
        assert_eq!(refusal(&path), Some((real.clone(), Exposure::Writable)));
        fs::remove_file(&real).expect("gone");
        assert_eq!(refusal(&path), Some((key.clone(), Exposure::NoFile)), "leads nowhere");
        assert!(!real.exists(), "no key is made through a link");
    }

    #[test]
    fn a_folder_open_to_all_and_a_file_open_to_all_are_refused_and_a_sticky_folder_is_not_e177_c28() {
        let (folder, path) = closed();
        set(folder.path(), 0o777);
        assert_eq!(
            refusal(&path),
            Some((folder.path().to_owned(), Exposure::FolderWritable))
        );
        set(folder.path(), 0o1777);
        assert_eq!(refusal(&path), None);
        for (mode, exposure) in [(0o644, Exposure::Readable), (0o666, Exposure::Writable)] {
            for file in [path.clone(), key_path(&path)] {
                set(&file, mode);
                assert_eq!(refusal(&path), Some((file.clone(), exposure)), "C28");
                set(&file, 0o640);
            }
        }
        assert_eq!(refusal(&path), None, "its group is its owner's choice");
    }
}
