//! What lies beside a database under a dated name: what a restore replaced, with its key, and what it was before an upgrade. And the
//! other names of one file: those that a restore gives, and those that it must never have.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::ground::beside;
use super::vault::{folder_of, key_path};
use super::{Error, Result, Store};

const LABEL: &str = ".before-restore-";
const UPGRADE_LABEL: &str = ".before-";
/// What a database may have beside it; the key first, the database itself last.
const ENDINGS: [&str; 7] = [".key", ".tokens", "-wal", "-shm", "-journal", ".lock", ""];
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Returns the name that a restore gives to what it replaces; nothing has it yet, so that a second restore keeps both.
#[must_use]
pub fn kept_name(database: &Path, now: DateTime<Utc>) -> PathBuf {
    dated_name(database, LABEL, now)
}

/// Returns what stands before the date in the name of a copy from before an upgrade to this version of the schema.
pub(super) fn upgrade_label(to: u32) -> String {
    format!("{UPGRADE_LABEL}{to:04}-")
}

/// Returns a name beside a file, dated and in UTC, that nothing has yet, nor a key of that name.
#[must_use]
pub fn dated_name(file: &Path, label: &str, now: DateTime<Utc>) -> PathBuf {
    let dated = beside(file, &format!("{label}{}", now.format(TIME)));
    let again = (2..).map(|count| beside(&dated, &format!("-{count}")));
    let is_free = |name: &PathBuf| !name.exists() && !key_path(name).exists();
    std::iter::once(dated.clone())
        .chain(again)
        .find(is_free)
        .unwrap_or(dated)
}

/// Returns who keeps a copy and since when, where its name is exactly one that is given beside `database`.
fn kept_as(database: &Path, name: &Path) -> Option<(Keeper, DateTime<Utc>)> {
    let text = |path: &Path| path.file_name()?.to_str().map(str::to_owned);
    let name = text(name)?;
    let rest = name.strip_prefix(&text(database)?)?;
    if let Some(dated) = rest.strip_prefix(LABEL) {
        return Some((Keeper::Restore, dated_at(dated)?));
    }
    let (version, dated) = rest.strip_prefix(UPGRADE_LABEL)?.split_once('-')?;
    let to = version.parse().ok()?;
    (upgrade_label(to) == format!("{UPGRADE_LABEL}{version}-")).then_some(())?;
    Some((Keeper::Upgrade { to }, dated_at(dated)?))
}

/// Returns the instant that a name says, where it is exactly one that [`kept_name`] gives beside `database`.
pub(super) fn kept_at(database: &Path, name: &Path) -> Option<DateTime<Utc>> {
    kept_as(database, name)
        .filter(|(keeper, _)| *keeper == Keeper::Restore)
        .map(|(_, at)| at)
}

/// Reads what [`dated_name`] puts behind its label.
fn dated_at(rest: &str) -> Option<DateTime<Utc>> {
    let (dated, again) = rest
        .split_once('-')
        .map_or((rest, None), |(dated, again)| (dated, Some(again)));
    let is_count = |text: &str| {
        text.parse::<u32>()
            .is_ok_and(|count| count >= 2 && count.to_string() == text)
    };
    let at = NaiveDateTime::parse_from_str(dated, TIME).ok()?;
    (at.format(TIME).to_string() == dated && again.is_none_or(is_count)).then(|| at.and_utc())
}

/// Refuses a database that has a second name: SQLite keeps a log beside each, and what is written by one name is lost or torn by the
/// other (E175). The names that a restore gives before it was cut off are not counted: [`take_back_names`] takes them away.
pub(super) fn refuse_second_name(database: &Path) -> Result<()> {
    let Ok(file) = fs::metadata(database) else {
        return Ok(());
    };
    if !file.is_file() || file.nlink() <= 1 + names_of_a_restore(database, &file).len() as u64 {
        return Ok(());
    }
    Err(Error::SecondName {
        path: database.to_owned(),
        other: other_name(database, &file),
    })
}

/// Makes good a restore that was cut off before it replaced anything: its second name for the database would be one of the file that
/// goes on. Who calls holds the turn, so that no restore is under way.
pub(super) fn take_back_names(database: &Path) -> Result<()> {
    let Ok(file) = fs::metadata(database) else {
        return Ok(());
    };
    if file.nlink() == 1 {
        return Ok(());
    }
    for kept in names_of_a_restore(database, &file) {
        let (log, kept_log) = (beside(database, "-wal"), beside(&kept, "-wal"));
        if kept_log.exists() && !log.exists() {
            fs::rename(&kept_log, &log).map_err(|source| unusable(&kept_log, source))?;
        }
        for name in [key_path(&kept), kept] {
            remove(&name)?;
        }
    }
    Ok(())
}

/// Why a copy lies beside its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// A restore put another database in its place.
    Restore,
    /// A newer program changed its schema.
    Upgrade {
        /// To this version.
        to: u32,
    },
}

/// What a database was before it was replaced or changed, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCopy {
    /// What kept it.
    pub keeper: Keeper,
    /// Its name, without the ending of any of its files.
    pub path: PathBuf,
    /// When it was last in use: the time in its name, or that of its newest file. A time to come is no time of a file.
    pub at: DateTime<Utc>,
    /// Its files, the key first: without it the buyers in the others can't be read.
    pub files: Vec<PathBuf>,
}

impl Store {
    /// Returns what restores and upgrades have kept beside the database, files or schemas, the oldest first. It holds buyers that the
    /// database may have forgotten.
    #[must_use]
    pub fn kept_copies(&self, now: DateTime<Utc>) -> Vec<KeptCopy> {
        if self.is_served() {
            return self.kept_schemas().unwrap_or_else(|error| {
                log::warn!("what is kept on the server can't be listed: {error}");
                Vec::new()
            });
        }
        copies_beside(&self.path, now)
    }

    /// Returns the kept copies that are older than `retention`.
    #[must_use]
    pub fn old_copies(&self, retention: TimeDelta, now: DateTime<Utc>) -> Vec<KeptCopy> {
        let mut copies = self.kept_copies(now);
        copies.retain(|copy| copy.at < now - retention);
        copies
    }

    /// Removes kept copies (E179).
    ///
    /// # Errors
    /// When a file can't be removed, or a schema of a server can't be dropped.
    pub fn remove_copies(&self, copies: &[KeptCopy]) -> Result<()> {
        match self.is_served() {
            true => copies.iter().try_for_each(|copy| self.drop_kept(copy)),
            false => remove_all(copies),
        }
    }
}

/// Returns what lies beside a database under the dated names of restores and upgrades, the oldest first.
pub(super) fn copies_beside(database: &Path, now: DateTime<Utc>) -> Vec<KeptCopy> {
    let entries = fs::read_dir(folder_of(database)).into_iter().flatten().flatten();
    let paths: BTreeSet<PathBuf> = entries.map(|entry| without_ending(&entry.path())).collect();
    let mut copies: Vec<_> = paths
        .into_iter()
        .filter_map(|path| kept_copy(database, path, now))
        .collect();
    copies.sort_by_key(|copy| copy.at);
    copies
}

/// Removes the copies of upgrades but for the newest ones, so that upgrade after upgrade does not fill the disk.
pub(super) fn remove_all_but(database: &Path, count: usize, now: DateTime<Utc>) -> Result<()> {
    let mut copies = copies_beside(database, now);
    copies.retain(|copy| matches!(copy.keeper, Keeper::Upgrade { .. }));
    let old = copies.len().saturating_sub(count);
    remove_all(&copies[..old])
}

fn remove_all(copies: &[KeptCopy]) -> Result<()> {
    let mut files = copies.iter().flat_map(|copy| &copy.files);
    files.try_for_each(|file| remove(file))
}

fn kept_copy(database: &Path, path: PathBuf, now: DateTime<Utc>) -> Option<KeptCopy> {
    let (keeper, named_at) = kept_as(database, &path)?;
    let is_own = |file: &PathBuf| fs::symlink_metadata(file).is_ok_and(|found| found.is_file());
    let files: Vec<PathBuf> = ENDINGS
        .iter()
        .map(|ending| beside(&path, ending))
        .filter(is_own)
        .collect();
    let holds_buyers = files.iter().any(|file| *file == path || *file == key_path(&path));
    let written = |file: &PathBuf| Some(DateTime::from(fs::metadata(file).ok()?.modified().ok()?));
    let newest = files.iter().filter_map(written).filter(|at| *at <= now).max();
    let at = newest.map_or(named_at, |at| at.max(named_at));
    holds_buyers.then_some(KeptCopy {
        keeper,
        path,
        at,
        files,
    })
}

fn without_ending(path: &Path) -> PathBuf {
    let name = path.to_string_lossy();
    let ending = ENDINGS
        .iter()
        .find(|ending| !ending.is_empty() && name.ends_with(*ending));
    ending.map_or_else(|| path.to_owned(), |ending| name[..name.len() - ending.len()].into())
}

fn names_of_a_restore(database: &Path, file: &Metadata) -> Vec<PathBuf> {
    let mut names = names_beside(database, file);
    names.retain(|name| kept_at(database, name).is_some());
    names
}

fn other_name(database: &Path, file: &Metadata) -> Option<PathBuf> {
    names_beside(database, file)
        .into_iter()
        .find(|name| kept_at(database, name).is_none())
}

/// Returns the other names in its folder that lead to the file itself.
fn names_beside(database: &Path, file: &Metadata) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder_of(database)).into_iter().flatten().flatten();
    let is_same = |path: &PathBuf| {
        let found = fs::symlink_metadata(path);
        found.is_ok_and(|found| (found.dev(), found.ino()) == (file.dev(), file.ino()))
    };
    entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name() != database.file_name() && is_same(path))
        .collect()
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(unusable(path, source)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn unusable(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests_support::{fill, filled_at, store};

    #[test]
    fn only_a_name_that_a_restore_gives_is_taken_for_one() {
        let database = Path::new("/srv/shop/mcf.db");
        let at = |name: &str| kept_at(database, &Path::new("/srv/shop").join(name));
        let given = kept_name(database, filled_at());
        assert_eq!(kept_at(database, &given), Some(filled_at()));
        assert_eq!(at("mcf.db.before-restore-20260105T010042Z-2"), Some(filled_at()));
        for name in [
            "mcf.db",
            "mcf.db.before-restore-",
            "mcf.db.before-restore-20260105T010042Z-1",
            "mcf.db.before-restore-20260105T010042Z-02",
            "mcf.db.before-restore-20260105T010042Z-two",
            "mcf.db.before-restore-20260105T010042Z.key",
            "mcf.db.before-restore-20260105T010042Z.bak",
            "mcf.db.before-restore-20260105T010042",
            "mcf.db.before-restore-20261305T010042Z",
            "mcf.db.before-restore-2026-01-05T010042Z",
            "mcf.db.before-restore-026105T010042Z",
            "mcf.db.before-restore-my-own-copy",
            "other.db.before-restore-20260105T010042Z",
            "mcf.db-before-restore-20260105T010042Z",
            "mcf.db.before-0023-20260105T010042Z",
        ] {
            assert_eq!(at(name), None, "{name}");
        }
    }

    #[test]
    fn only_a_name_that_an_upgrade_gives_is_taken_for_one() {
        let database = Path::new("/srv/shop/mcf.db");
        let of = |name: &str| kept_as(database, &Path::new("/srv/shop").join(name));
        let kept = |to| Some((Keeper::Upgrade { to }, filled_at()));
        let given = dated_name(database, &upgrade_label(23), filled_at());
        assert_eq!(given, Path::new("/srv/shop/mcf.db.before-0023-20260105T010042Z"));
        assert_eq!(kept_as(database, &given), kept(23));
        assert_eq!(of("mcf.db.before-12345-20260105T010042Z-2"), kept(12345));
        for name in [
            "mcf.db.before-23-20260105T010042Z",
            "mcf.db.before-00023-20260105T010042Z",
            "mcf.db.before-0023-my-own-copy",
            "mcf.db.before--20260105T010042Z",
            "mcf.db.before-+023-20260105T010042Z",
            "mcf.db.before.new",
            "other.db.before-0023-20260105T010042Z",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn a_restore_that_was_cut_off_leaves_no_second_name_and_its_log_comes_back_e175() {
        let (_folder, store) = store();
        fill(&store, "1", "routed");
        let path = store.path().to_owned();
        drop(store);
        let kept = kept_name(&path, filled_at());
        fs::hard_link(&path, &kept).expect("a second name");
        fs::hard_link(key_path(&path), key_path(&kept)).expect("its key");
        fs::write(beside(&kept, "-wal"), "").expect("a log");
        refuse_second_name(&path).expect("one name of ours and none else");
        drop(Store::open(&path).expect("opened"));
        for name in [kept.clone(), key_path(&kept), beside(&kept, "-wal")] {
            assert!(!name.exists(), "E175: {}", name.display());
        }
        fs::hard_link(&path, &kept).expect("a second name");
        let apart = path.with_file_name("apart.db");
        fs::hard_link(&path, &apart).expect("a third name");
        let refused = Store::open(&path).map(drop);
        assert!(
            matches!(&refused, Err(Error::SecondName { other, .. }) if other.as_ref() == Some(&apart)),
            "{refused:?}"
        );
        assert!(kept.exists(), "nothing is touched");
    }
}
