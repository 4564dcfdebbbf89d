//! A shop moves: from a file to a server, and back, whole in one transaction.
//!
//! While it is copied nobody writes to what it comes from, and no run may be under way there. What is copied stays there, and might go
//! on working: all that is not younger than the copy is looked for at Amazon before it is sent from there.

use std::fs;
use std::path::{Path, PathBuf};

use super::backup::{Alone, is_same_file, replace, written};
use super::carry::{Carried, Carrying, Told};
use super::engine::{Address, TransactionBehavior};
use super::ground::real_path;
use super::vault::{Vault, key_path};
use super::{Error, Lock, Opening, Result, Store, guard, kept, open, runs, served};

/// Where a shop lies.
#[derive(Debug, Clone)]
pub enum Location {
    /// In a file.
    File(PathBuf),
    /// In a schema of PostgreSQL.
    Server(Box<Address>),
}

impl Location {
    /// Returns it as people name it, without a password.
    #[must_use]
    pub fn name(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Server(address) => address.to_string().into(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(one), Self::File(other)) => is_same_file(one, other),
            (one, other) => one.name() == other.name(),
        }
    }

    /// Tells whether a shop is there.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub fn is_made(&self) -> Result<bool> {
        match self {
            Self::File(path) => Ok(path.exists()),
            Self::Server(address) => served::is_made(address),
        }
    }

    /// Opens what is there, and makes nothing.
    fn opened(&self, opening: Opening<'_>) -> Result<Store> {
        if !self.is_made()? {
            return Err(Error::NothingThere { path: self.name() });
        }
        match self {
            Self::File(path) => Store::open_watched(path, opening),
            Self::Server(address) => Store::open_served(address, opening),
        }
    }
}

/// What a copy did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// What was carried over.
    pub carried: Carried,
    /// The name under which stays what was there before: a file, or a schema.
    pub kept: Option<PathBuf>,
}

/// Copies all that a shop has, and proves that it arrived: every row, and the chain of its history. It is whole afterwards, or nothing
/// is changed. Sealed values are sealed anew with the key of where they go.
///
/// # Errors
/// [`Error::NotEmpty`] unless `force`; when a run is under way on either side, a key is missing, or a database refuses.
pub fn copy(from: &Location, to: &Location, force: bool, opening: Opening<'_>, told: Told<'_>) -> Result<Copied> {
    refuse_same(from, to)?;
    let source = from.opened(opening)?;
    let _runs = source.take_all(opening.now)?;
    let connection = source.connection();
    let still = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if still.server().is_some() {
        still.execute_batch("SET LOCAL idle_in_transaction_session_timeout = 0")?;
    }
    let vault = source.vault();
    match to {
        Location::Server(address) => {
            let (carried, kept) = served::fill(address, opening, force, |transaction, target, _| {
                let carrying = Carrying {
                    from: &still,
                    opened_by: &vault,
                    sealed_by: target,
                    told,
                };
                let carried = carrying.over(transaction)?;
                runs::move_cursor(transaction, runs::WHOLE_SINCE, opening.now)?;
                Ok(carried)
            })?;
            let kept = kept.map(PathBuf::from);
            Ok(Copied { carried, kept })
        }
        Location::File(path) => {
            refuse_filled(path, force)?;
            let path = &fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            let _alone = Alone::with(path, opening.now)?;
            let target = key_of(path, opening)?;
            let (copy, carried) = written(&still, (&vault, &target), path, told)?;
            open::alone(copy.path(), |transaction| {
                runs::move_cursor(transaction, runs::WHOLE_SINCE, opening.now)
            })?;
            let keys = match target.is_given() {
                true => String::new(),
                false => target.text(),
            };
            let kept = replace(copy, path, &keys, opening.now)?;
            Ok(Copied { carried, kept })
        }
    }
}

/// Tells whether [`copy`] would copy. Nothing is written.
///
/// # Errors
/// As for [`copy`], but for runs under way.
pub fn check_copy(from: &Location, to: &Location, force: bool, opening: Opening<'_>) -> Result<()> {
    refuse_same(from, to)?;
    drop(from.opened(opening)?);
    match to {
        Location::Server(address) => served::check_fill(address, opening, force),
        Location::File(path) => refuse_filled(path, force),
    }
}

fn refuse_same(from: &Location, to: &Location) -> Result<()> {
    if from.is(to) {
        return Err(Error::SameFile { path: to.name() });
    }
    Ok(())
}

/// A file in which nothing has happened yet makes room without a word.
fn refuse_filled(path: &Path, force: bool) -> Result<()> {
    guard::refuse_foreign_hands(path)?;
    kept::refuse_second_name(&real_path(path))?;
    if force || !path.exists() {
        return Ok(());
    }
    match open::reader(path).and_then(|file| served::is_empty(&file)) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Error::NotEmpty { path: path.to_owned() }),
    }
}

/// The key of a file: the one beside it, the one that is given, or a new one.
fn key_of(path: &Path, opening: Opening<'_>) -> Result<Vault> {
    if let Some(given) = Vault::given(path, opening.key)? {
        return Ok(given);
    }
    Ok(match key_path(path).exists() {
        true => Vault::beside(path, false)?,
        false => Vault::fresh(path)?,
    })
}

impl Store {
    /// Takes every work, so that no run reads or writes meanwhile.
    pub(super) fn take_all(&self, now: chrono::DateTime<chrono::Utc>) -> Result<Vec<Lock>> {
        let take = |work: &&'static str| Ok(self.take(work, now)?);
        super::lock::WORKS.iter().map(take).collect()
    }
}
