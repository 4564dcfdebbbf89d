//! Seals what is personal or secret before it reaches the disk, under data keys that lie beside the database.
//!
//! The key file (`<database>.key`, mode 0600) holds one key per line, `<id> <base64>`; the last one seals, all of them open.
//! A copy of the database alone opens nothing.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use thiserror::Error;

use crate::draft;
pub(super) use crate::trust::folder_of;

const NONCE_LENGTH: usize = 24;
const KEY_LENGTH: usize = 32;

/// Why something can't be sealed or opened.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The key file can't be read or written.
    #[error("the data key {} can't be used", path.display())]
    File {
        /// The key file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The key file holds something else.
    #[error("line {line} of the data key {} is not a key", path.display())]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The key file is gone, and the database holds values that only it opens.
    #[error("the data key {} is missing: put it back from where it was, or restore a backup with its key", path.display())]
    Gone {
        /// The key file.
        path: PathBuf,
    },
    /// No key of the file opens the value.
    #[error("the data key that opens this value is missing or the value is damaged")]
    KeyMissing,
    /// The system gave no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

struct DataKey {
    id: u8,
    bytes: [u8; KEY_LENGTH],
}

/// The data keys of one database.
pub struct Vault {
    path: PathBuf,
    keys: Vec<DataKey>,
}

impl Vault {
    /// Opens the keys beside a database. Where there is none, `may_make` says whether the first one is made:
    /// only a database that holds nothing sealed may get a new key.
    ///
    /// # Errors
    /// When the key file can't be read, written or understood, or is gone.
    pub fn beside(database: &Path, may_make: bool) -> Result<Self, VaultError> {
        let path = key_path(database);
        if !path.exists() {
            if !may_make {
                return Err(VaultError::Gone { path });
            }
            let first = format!("1 {}\n", STANDARD.encode(random::<KEY_LENGTH>()?));
            place(&path, &first, false)?;
        }
        Self::read(path)
    }

    fn read(path: PathBuf) -> Result<Self, VaultError> {
        let text = fs::read_to_string(&path).map_err(|source| file_error(&path, source))?;
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let key = parse(line).ok_or_else(|| VaultError::Malformed {
                path: path.clone(),
                line: index + 1,
            })?;
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(VaultError::Malformed { path, line: 1 });
        }
        Ok(Self { path, keys })
    }

    /// Reads the key file again: another process may have changed the key since.
    ///
    /// # Errors
    /// When the key file can't be read or understood.
    pub fn refresh(&mut self) -> Result<(), VaultError> {
        *self = Self::read(self.path.clone())?;
        Ok(())
    }

    /// Seals a value under the newest key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let key = self.keys.last().ok_or(VaultError::KeyMissing)?;
        let nonce = random::<NONCE_LENGTH>()?;
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), plain)
            .map_err(|_| VaultError::KeyMissing)?;
        let mut whole = Vec::with_capacity(1 + NONCE_LENGTH + sealed.len());
        whole.push(key.id);
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        Ok(whole)
    }

    /// Opens a sealed value. While a backup is being put back, two keys may carry one number.
    ///
    /// # Errors
    /// When its key is gone or the value is damaged.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.keys
            .iter()
            .find_map(|key| opened(key, sealed))
            .ok_or(VaultError::KeyMissing)
    }

    /// Adds a new key that seals from now on; the old ones still open.
    ///
    /// # Errors
    /// When the key file can't be replaced.
    pub fn add_key(&mut self) -> Result<(), VaultError> {
        let newest = self.keys.last().map_or(0, |key| key.id);
        let key = DataKey {
            id: newest.checked_add(1).unwrap_or(1),
            bytes: random()?,
        };
        self.keys.push(key);
        place(&self.path, &self.text(), true)
    }

    /// Forgets all keys but the newest and those that open one of these values. What else they sealed can't be opened again.
    ///
    /// # Errors
    /// When the key file can't be replaced.
    pub fn forget_unused(&mut self, values: &[Vec<u8>]) -> Result<(), VaultError> {
        let newest = self.keys.pop();
        self.keys
            .retain(|key| values.iter().any(|value| opened(key, value).is_some()));
        self.keys.extend(newest);
        place(&self.path, &self.text(), true)
    }

    fn text(&self) -> String {
        self.keys
            .iter()
            .map(|key| format!("{} {}\n", key.id, STANDARD.encode(key.bytes)))
            .collect()
    }
}

/// Returns where the data key of a database lies.
#[must_use]
pub fn key_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

fn parse(line: &str) -> Option<DataKey> {
    let (id, encoded) = line.trim().split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    Some(DataKey {
        id: id.parse().ok()?,
        bytes: bytes.try_into().ok()?,
    })
}

fn opened(key: &DataKey, sealed: &[u8]) -> Option<Vec<u8>> {
    let (id, rest) = sealed.split_first()?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_LENGTH)?;
    let nonce: [u8; NONCE_LENGTH] = nonce.try_into().ok()?;
    (key.id == *id)
        .then(|| cipher(key).decrypt(&XNonce::from(nonce), sealed).ok())
        .flatten()
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(key.bytes))
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], VaultError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

/// Puts a whole file (mode 0600) in place, durably. Without `replace`, a file that another process made first is left alone.
pub(super) fn place(path: &Path, text: &str, replace: bool) -> Result<(), VaultError> {
    let error = |source| file_error(path, source);
    let mut file = draft::draft_in(folder_of(path)).map_err(error)?;
    file.write_all(text.as_bytes()).map_err(error)?;
    file.as_file().sync_all().map_err(error)?;
    let placed = if replace {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    match placed {
        Err(failure) if replace || failure.error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(error(failure.error));
        }
        Ok(_) | Err(_) => {}
    }
    draft::sync_folder(folder_of(path)).map_err(error)
}

fn file_error(path: &Path, source: std::io::Error) -> VaultError {
    VaultError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn vault() -> (tempfile::TempDir, Vault) {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = Vault::beside(&folder.path().join("mcf.db"), true).expect("a vault");
        (folder, vault)
    }

    #[test]
    fn what_is_sealed_opens_again_and_does_not_show_the_text() {
        let (_folder, vault) = vault();
        let sealed = vault.seal(b"1842 Larkspur Ave").expect("sealed");
        assert!(!sealed.windows(8).any(|window| window == b"Larkspur"));
        assert_eq!(vault.open(&sealed).expect("opened"), b"1842 Larkspur Ave");
    }

    #[test]
    fn the_key_file_is_for_its_owner_alone() {
        let (folder, _vault) = vault();
        let mode = fs::metadata(folder.path().join("mcf.db.key"))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "I9");
    }

    #[test]
    fn after_a_new_key_old_values_open_until_the_old_key_is_forgotten() {
        let (folder, mut vault) = vault();
        let old = vault.seal(b"old").expect("sealed");
        vault.add_key().expect("a key");
        assert_eq!(vault.open(&old).expect("opened"), b"old");
        let new = vault.seal(b"new").expect("sealed");
        vault.forget_unused(&[old.clone(), new.clone()]).expect("kept");
        assert_eq!(vault.open(&old).expect("needed still"), b"old");
        vault.forget_unused(std::slice::from_ref(&new)).expect("forgotten");
        assert!(matches!(vault.open(&old), Err(VaultError::KeyMissing)));
        let again = Vault::beside(&folder.path().join("mcf.db"), true).expect("a vault");
        assert_eq!(again.open(&new).expect("opened"), b"new");
    }

    #[test]
    fn a_missing_key_is_not_replaced_by_another_one() {
        let (folder, _vault) = vault();
        let database = folder.path().join("mcf.db");
        fs::remove_file(key_path(&database)).expect("removed");
        assert!(matches!(Vault::beside(&database, false), Err(VaultError::Gone { .. })));
        assert!(!key_path(&database).exists());
    }

    #[test]
    fn a_damaged_value_is_an_error_not_a_guess() {
        let (_folder, vault) = vault();
        let mut sealed = vault.seal(b"text").expect("sealed");
        if let Some(last) = sealed.last_mut() {
            *last ^= 1;
        }
        assert!(matches!(vault.open(&sealed), Err(VaultError::KeyMissing)));
        assert!(vault.open(&[]).is_err());
    }
}
