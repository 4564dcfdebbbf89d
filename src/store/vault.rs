//! Seals what is personal or secret before it reaches the disk, under data keys that lie beside the database or are given from outside.
//!
//! Each value is bound to its place, its table, column and row: put elsewhere it does not open.
//!
//! The key file (`<database>.key`, mode 0600) holds one key per line, `<id> <base64>`; the last one seals, all of them open. What is
//! given from outside is such a text, too, or the base64 alone; it counts where there is no key file, and is never written.
//! A copy of the database alone opens nothing.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use thiserror::Error;

use crate::draft;
use crate::secret::Secret;
pub(super) use crate::trust::folder_of;

const NONCE_LENGTH: usize = 24;
const KEY_LENGTH: usize = 32;

/// What a value begins with that is bound to its place. Those of before begin with the number of their key, which is never 0.
const BOUND: u8 = 0;

/// Where a sealed value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// What names the row in its table.
    pub row: &'a str,
}

impl<'a> Place<'a> {
    /// Names a place.
    #[must_use]
    pub const fn new(table: &'a str, column: &'a str, row: &'a str) -> Self {
        Self { table, column, row }
    }

    fn bytes(&self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\0").into_bytes()
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} in {}", self.column, self.row, self.table)
    }
}

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
    /// The key is there, and the value does not open in its place.
    #[error("{place} does not open: it was sealed for another row, it is damaged, or its data key is another one")]
    NotOpened {
        /// Where it lies.
        place: String,
    },
    /// The key that is given from outside opens nothing here.
    #[error("the data key that is given is not the one of this database")]
    OtherKey,
    /// What is given from outside is no key.
    #[error("the data key that is given is not 32 bytes in base64")]
    NotAKey,
    /// The key lies in no file of this program.
    #[error("the data key is given from outside: this program can change only a key file beside the database")]
    ChangedOutside,
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
    is_given: bool,
}

impl Vault {
    /// Opens the keys beside a database, or where there are none those that are given from outside.
    ///
    /// # Errors
    /// As for [`Vault::beside`], and when what is given is no key.
    pub fn of(database: &Path, given: Option<&Secret>, may_make: bool) -> Result<Self, VaultError> {
        match Self::given(database, given)? {
            Some(vault) => Ok(vault),
            None => Self::beside(database, may_make),
        }
    }

    /// Opens the keys that are given from outside, where none lie beside the database.
    ///
    /// # Errors
    /// When what is given is no key.
    pub fn given(database: &Path, given: Option<&Secret>) -> Result<Option<Self>, VaultError> {
        let path = key_path(database);
        let Some(given) = given.filter(|_| !path.exists()) else {
            return Ok(None);
        };
        let keys = given.expose().trim().lines().map(parse).collect::<Option<Vec<_>>>();
        let keys = keys.filter(|keys| !keys.is_empty()).ok_or(VaultError::NotAKey)?;
        Ok(Some(Self {
            path,
            keys,
            is_given: true,
        }))
    }

    /// Makes a first key for a database, and leaves it to the caller to write it down.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn fresh(database: &Path) -> Result<Self, VaultError> {
        let key = DataKey {
            id: 1,
            bytes: random()?,
        };
        Ok(Self {
            path: key_path(database),
            keys: vec![key],
            is_given: false,
        })
    }

    /// Tells whether the keys were given from outside: they lie in no file beside the database.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.is_given
    }

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
            place(&path, &Self::fresh(database)?.text(), false)?;
        }
        Self::read(path)
    }

    /// Opens the keys of a file, which a change of the key is written to.
    ///
    /// # Errors
    /// When it can't be read or understood.
    pub fn read(path: PathBuf) -> Result<Self, VaultError> {
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
        Ok(Self {
            path,
            keys,
            is_given: false,
        })
    }

    /// Reads the key file again: another process may have changed the key since.
    ///
    /// # Errors
    /// When the key file can't be read or understood.
    pub fn refresh(&mut self) -> Result<(), VaultError> {
        if !self.is_given || self.path.exists() {
            *self = Self::read(self.path.clone())?;
        }
        Ok(())
    }

    /// Seals a value for its place, under the newest key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn seal(&self, plain: &[u8], place: Place<'_>) -> Result<Vec<u8>, VaultError> {
        let key = self.keys.last().ok_or(VaultError::KeyMissing)?;
        let nonce = random::<NONCE_LENGTH>()?;
        let sealed = cipher(key)
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &place.bytes(),
                },
            )
            .map_err(|_| VaultError::KeyMissing)?;
        let mut whole = Vec::with_capacity(2 + NONCE_LENGTH + sealed.len());
        whole.extend_from_slice(&[BOUND, key.id]);
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        Ok(whole)
    }

    /// Opens a value that was sealed for this place. While a backup is being put back, two keys may carry one number.
    ///
    /// # Errors
    /// When its key is gone, the value is damaged, or it was sealed for another place.
    pub fn open(&self, sealed: &[u8], place: Place<'_>) -> Result<Vec<u8>, VaultError> {
        let value = sealed.strip_prefix(&[BOUND]);
        let opened = value.and_then(|value| self.find(value, &place.bytes()));
        opened.ok_or_else(|| match value.and_then(<[u8]>::first) {
            Some(id) if !self.keys.iter().any(|key| key.id == *id) => VaultError::KeyMissing,
            Some(_) | None => VaultError::NotOpened {
                place: place.to_string(),
            },
        })
    }

    /// Opens a value also as versions before sealed it, bound to no place: for what such a version wrote and nobody has sealed anew.
    ///
    /// # Errors
    /// As for [`Vault::open`].
    pub fn open_any(&self, sealed: &[u8], place: Place<'_>) -> Result<Vec<u8>, VaultError> {
        if sealed.first() == Some(&BOUND) {
            return self.open(sealed, place);
        }
        self.find(sealed, &[]).ok_or(VaultError::KeyMissing)
    }

    fn find(&self, value: &[u8], bound_to: &[u8]) -> Option<Vec<u8>> {
        self.keys.iter().find_map(|key| opened(key, value, bound_to))
    }

    /// Adds a new key that seals from now on; the old ones still open.
    ///
    /// # Errors
    /// When the key file can't be replaced, or the key is given from outside.
    pub fn add_key(&mut self) -> Result<(), VaultError> {
        if self.is_given {
            return Err(VaultError::ChangedOutside);
        }
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
    pub fn forget_unused(&mut self, values: &[SealedValue]) -> Result<(), VaultError> {
        if self.is_given {
            return Ok(());
        }
        let newest = self.keys.pop();
        let opens = |key: &DataKey, value: &SealedValue| {
            let bound = value.sealed.strip_prefix(&[BOUND]);
            bound.is_some_and(|bound| opened(key, bound, &value.place().bytes()).is_some())
        };
        self.keys.retain(|key| values.iter().any(|value| opens(key, value)));
        self.keys.extend(newest);
        place(&self.path, &self.text(), true)
    }

    /// Returns the keys as a key file holds them.
    #[must_use]
    pub fn text(&self) -> String {
        self.keys
            .iter()
            .map(|key| format!("{} {}\n", key.id, STANDARD.encode(key.bytes)))
            .collect()
    }
}

/// A sealed value and where it lies.
#[derive(Debug, Clone)]
pub struct SealedValue {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What names the row in its table.
    pub row: String,
    /// The value.
    pub sealed: Vec<u8>,
}

impl SealedValue {
    /// Returns where it lies.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::new(&self.table, &self.column, &self.row)
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
    let (id, encoded) = line.trim().split_once(' ').unwrap_or(("1", line.trim()));
    let bytes = STANDARD.decode(encoded.trim()).ok()?;
    Some(DataKey {
        id: id.parse().ok()?,
        bytes: bytes.try_into().ok()?,
    })
}

fn opened(key: &DataKey, value: &[u8], bound_to: &[u8]) -> Option<Vec<u8>> {
    let (id, rest) = value.split_first()?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_LENGTH)?;
    let nonce: [u8; NONCE_LENGTH] = nonce.try_into().ok()?;
    let payload = Payload {
        msg: sealed,
        aad: bound_to,
    };
    (key.id == *id)
        .then(|| cipher(key).decrypt(&XNonce::from(nonce), payload).ok())
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

/// Seals as the versions before did.
#[cfg(test)]
pub(super) fn old_form(vault: &Vault, plain: &[u8]) -> Vec<u8> {
    let (key, nonce) = (vault.keys.last().expect("a key"), [7; NONCE_LENGTH]);
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), plain).expect("sealed");
    [&[key.id][..], &nonce, &sealed].concat()
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

    const HERE: Place<'_> = Place::new("orders", "recipient_sealed", "576900000000000101");

    fn value(sealed: &[u8]) -> SealedValue {
        SealedValue {
            table: HERE.table.into(),
            column: HERE.column.into(),
            row: HERE.row.into(),
            sealed: sealed.to_vec(),
        }
    }

    #[test]
    fn what_is_sealed_opens_again_and_does_not_show_the_text() {
        let (_folder, vault) = vault();
        let sealed = vault.seal(b"1842 Larkspur Ave", HERE).expect("sealed");
        assert!(!sealed.windows(8).any(|window| window == b"Larkspur"));
        assert_eq!(vault.open(&sealed, HERE).expect("opened"), b"1842 Larkspur Ave");
    }

    #[test]
    fn a_value_opens_in_its_own_place_alone_and_the_error_names_the_place() {
        let (_folder, vault) = vault();
        let sealed = vault.seal(b"1842 Larkspur Ave", HERE).expect("sealed");
        for place in [
            Place {
                row: "576900000000000102",
                ..HERE
            },
            Place {
                column: "tiktok_words_sealed",
                ..HERE
            },
            Place {
                table: "fulfillment_orders",
                ..HERE
            },
            Place {
                column: "recipient_sealed\u{0}576900000000000101",
                row: "",
                ..HERE
            },
        ] {
            let error = vault.open(&sealed, place).expect_err("another place");
            assert!(matches!(&error, VaultError::NotOpened { .. }), "{error}");
            assert!(
                error.to_string().contains(place.row) && error.to_string().contains(place.table),
                "{error}"
            );
            assert!(vault.open_any(&sealed, place).is_err());
        }
    }

    #[test]
    fn what_a_version_before_sealed_opens_only_where_that_is_asked_for() {
        let (_folder, vault) = vault();
        let old = old_form(&vault, b"1842 Larkspur Ave");
        assert_eq!(vault.open_any(&old, HERE).expect("opened"), b"1842 Larkspur Ave");
        assert!(matches!(vault.open(&old, HERE), Err(VaultError::NotOpened { .. })));
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
        let old = vault.seal(b"old", HERE).expect("sealed");
        vault.add_key().expect("a key");
        assert_eq!(vault.open(&old, HERE).expect("opened"), b"old");
        let new = vault.seal(b"new", HERE).expect("sealed");
        vault.forget_unused(&[value(&old), value(&new)]).expect("kept");
        assert_eq!(vault.open(&old, HERE).expect("needed still"), b"old");
        vault.forget_unused(&[value(&new)]).expect("forgotten");
        assert!(matches!(vault.open(&old, HERE), Err(VaultError::KeyMissing)));
        let again = Vault::beside(&folder.path().join("mcf.db"), true).expect("a vault");
        assert_eq!(again.open(&new, HERE).expect("opened"), b"new");
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
        let mut sealed = vault.seal(b"text", HERE).expect("sealed");
        if let Some(last) = sealed.last_mut() {
            *last ^= 1;
        }
        assert!(matches!(vault.open(&sealed, HERE), Err(VaultError::NotOpened { .. })));
        assert!(vault.open(&[], HERE).is_err() && vault.open_any(&[], HERE).is_err());
    }
}
