//! What lies beside a database because something was put in its place: the replaced database and its key under a dated name. And
//! the other names of one file: those that a restore gives, and those that it must never have.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::ground::beside;
use super::vault::{folder_of, key_path};
use super::{Error, Result};

const LABEL: &str = ".before-restore-";
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Returns the name that a restore gives to what it replaces; nothing has it yet, so that a second restore keeps both.
#[must_use]
pub fn kept_name(database: &Path, now: DateTime<Utc>) -> PathBuf {
    dated_name(database, LABEL, now)
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

/// Returns the instant that a name says, where it is exactly one that [`kept_name`] gives beside `database`.
pub(super) fn kept_at(database: &Path, name: &Path) -> Option<DateTime<Utc>> {
    let text = |path: &Path| path.file_name()?.to_str().map(str::to_owned);
    let name = text(name)?;
    let rest = name.strip_prefix(&text(database)?)?.strip_prefix(LABEL)?;
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
    use crate::store::Store;
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
        ] {
            assert_eq!(at(name), None, "{name}");
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
