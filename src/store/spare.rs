//! Room for a new pair of tokens beside the database. A vendor that rotates its tokens answers once, and by then the database may
//! refuse to be written: the disk has filled up, no more files can be opened. So the room is taken before the vendor is asked.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::guard::open_own;
use super::vault::folder_of;
use crate::draft;

/// Many times what a sealed pair takes.
const SIZE: usize = 16 * 1024;

/// The text begins after its length.
const LENGTH: usize = 4;

/// A file of zeros that is open, written through and as large as it will ever be.
pub(super) struct Spare {
    file: File,
    path: PathBuf,
}

impl Spare {
    /// Takes the room, mode 0600. What an earlier pair left in it is overwritten.
    pub(super) fn reserve(database: &Path) -> std::io::Result<Self> {
        let path = path(database);
        let mut file = open_own(&path)?;
        file.write_all(&[0; SIZE])?;
        file.sync_all()?;
        draft::sync_folder(folder_of(&path))?;
        Ok(Self { file, path })
    }

    /// Puts the sealed pair into the room; neither space nor a descriptor is needed for it.
    pub(super) fn save(&self, sealed: &[u8]) -> std::io::Result<()> {
        let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
        let whole = [&length.to_le_bytes(), sealed].concat();
        if whole.len() > SIZE {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.file.write_all_at(&whole, 0)?;
        self.file.sync_all()
    }

    /// Gives the room back. A file that stays holds zeros.
    pub(super) fn give_back(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            log::info!("{} stays: {error}", self.path.display());
        }
    }
}

/// Returns where the room lies.
pub(super) fn path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".tokens");
    PathBuf::from(name)
}

/// Returns the sealed pair that was put there; none where the file holds zeros, half a pair, or is not there.
pub(super) fn read(database: &Path) -> Option<Vec<u8>> {
    let whole = fs::read(path(database)).ok()?;
    let (length, rest) = whole.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let sealed = rest.get(..length)?;
    (!sealed.is_empty()).then(|| sealed.to_vec())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_put_into_the_room_is_read_again_and_the_file_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("mcf.db");
        let spare = Spare::reserve(&database).expect("room");
        assert_eq!(read(&database), None, "an empty room");
        spare.save(b"sealed").expect("saved");
        assert_eq!(read(&database).as_deref(), Some(&b"sealed"[..]));
        let metadata = fs::metadata(path(&database)).expect("a file");
        assert_eq!(
            (metadata.len(), metadata.permissions().mode() & 0o777),
            (SIZE as u64, 0o600)
        );
        let again = Spare::reserve(&database).expect("room");
        assert_eq!(read(&database), None, "overwritten");
        assert!(again.save(&[1; SIZE]).is_err(), "never more than the room");
        again.give_back();
        assert!(!path(&database).exists());
    }

    #[test]
    fn a_pair_that_is_cut_off_is_none_c21() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("mcf.db");
        Spare::reserve(&database).expect("room").save(b"sealed").expect("saved");
        let whole = fs::read(path(&database)).expect("a file");
        for length in 0..LENGTH + b"sealed".len() {
            fs::write(path(&database), &whole[..length]).expect("cut");
            assert_eq!(read(&database), None, "C21: {length} bytes");
        }
        fs::write(path(&database), [0xff; SIZE]).expect("other bytes");
        assert_eq!(read(&database), None, "C21: longer than its room");
    }

    #[test]
    fn a_link_under_its_name_leaves_its_target_untouched_e177() {
        let folder = tempfile::tempdir().expect("a folder");
        let (database, target) = (folder.path().join("mcf.db"), folder.path().join("letter.txt"));
        fs::write(&target, "dear reader").expect("a file");
        std::os::unix::fs::symlink(&target, path(&database)).expect("a link");
        assert!(Spare::reserve(&database).is_err());
        assert_eq!(fs::read_to_string(&target).expect("a file"), "dear reader");
    }
}
