//! Whose the database and its key are, by which names they are reached, and what could get out of the memory of this program. What
//! others could have put there is refused before: the database is not opened then, and the refusal names the file.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::super::Session;
use super::{Check, Checks, HostFacts};
use crate::memory::{self, Exposure};
use crate::store::vault::key_path;

pub(super) fn look(session: &Session, facts: &HostFacts, checks: &mut Checks) {
    let (named, database) = (&session.settings.store.path, session.store.path());
    let key = key_path(database);
    let owners: Vec<u32> = [database, &key].into_iter().filter_map(owner).collect();
    checks.push(owned(facts, &owners));
    checks.push(links(named, database, fs::metadata(database).ok().as_ref()));
    let given = session
        .settings
        .store
        .data_key
        .as_ref()
        .map(|key| key.origin.to_string());
    checks.push(match &given {
        Some(origin) => given_key(&key, origin, session.store.is_key_given()),
        None => self::key(&key, database),
    });
    checks.push(memory(memory::exposure()));
}

fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|file| file.uid())
}

/// Root's own files can be opened by root alone: the jobs of a service user would find them closed.
fn owned(facts: &HostFacts, owners: &[u32]) -> Check {
    const NAME: &str = "database.owner";
    match owners
        .iter()
        .find(|owner| facts.user_id.is_some_and(|user| user != **owner))
    {
        None => Check::pass(NAME, "database and key belong to this user"),
        Some(owner) => Check::warn(
            NAME,
            format!("database or key belong to user {owner}, not to {}", facts.user),
            "type commands as the user whose files they are: sudo -u USER -H mcf check host",
        ),
    }
}

/// A second name of the database is refused when it is opened.
fn links(named: &Path, database: &Path, file: Option<&Metadata>) -> Check {
    const NAME: &str = "database.links";
    let names = file.map_or(1, MetadataExt::nlink);
    if named.is_symlink() {
        return Check::pass(NAME, format!("{} is a link to {}", named.display(), database.display()));
    }
    match names {
        0 | 1 => Check::pass(NAME, "no link and no second name leads to it"),
        more => Check::warn(
            NAME,
            format!("{more} names lead to it, left by a restore that was cut off"),
            "the next command that writes takes them back: mcf poll",
        ),
    }
}

/// That it opens what is sealed is proven when the database is opened.
fn key(key: &Path, database: &Path) -> Check {
    const NAME: &str = "key";
    if !key.exists() {
        return Check::pass(NAME, "none yet; it is made with the first secret");
    }
    let there = format!("{} is there", key.display());
    match fs::canonicalize(key) {
        Ok(real) if key.is_symlink() => Check::pass(NAME, format!("{there}, a link to {}", real.display())),
        Ok(real) if real.parent() == database.parent() => Check::pass(
            NAME,
            format!("{there}, beside the database: a copy of the folder opens what is sealed"),
        ),
        Ok(_) | Err(_) => Check::pass(NAME, there),
    }
}

/// A key file beside the database goes before a key that is given.
fn given_key(key: &Path, origin: &str, is_used: bool) -> Check {
    const NAME: &str = "key";
    if is_used {
        return Check::pass(NAME, format!("given by {origin}; none lies beside the database"));
    }
    let path = key.display();
    Check::warn(
        NAME,
        format!("{path} opens what is sealed; the key of {origin} is not used beside it"),
        format!("take the setting away, or, where the two are one key, the file: rm {path}"),
    )
}

fn memory(exposure: Option<Exposure>) -> Check {
    const NAME: &str = "memory";
    match exposure {
        None => Check::pass(
            NAME,
            "no core file of this program is written, no other process may read its memory",
        ),
        Some(Exposure::CoreFile) => Check::warn(
            NAME,
            "a crash of this program may leave a core file with tokens and addresses",
            "let this process lower its own limits, or set LimitCORE=0 in its unit: ulimit -c 0",
        ),
        Some(Exposure::Readable) => Check::warn(
            NAME,
            "other programs of this user may read this one's memory",
            "run it without a debugger; outside of one: mcf check host",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    #[test]
    fn foreign_owners_and_open_memory_are_warnings() {
        let facts = |user_id| HostFacts {
            user_id,
            user: "mcf".to_owned(),
            home: None,
        };
        for (user, owners, outcome) in [
            (Some(998), &[998, 998][..], Outcome::Passed),
            (Some(998), &[998, 0], Outcome::Warning),
            (None, &[998], Outcome::Passed),
            (Some(998), &[], Outcome::Passed),
        ] {
            assert_eq!(owned(&facts(user), owners).outcome, outcome, "{user:?} {owners:?}");
        }
        for (exposure, outcome) in [
            (None, Outcome::Passed),
            (Some(Exposure::CoreFile), Outcome::Warning),
            (Some(Exposure::Readable), Outcome::Warning),
        ] {
            assert_eq!(memory(exposure).outcome, outcome, "E181: {exposure:?}");
        }
    }

    #[test]
    fn a_key_beside_its_database_and_one_by_a_link_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let (database, apart) = (folder.path().join("mcf.db"), folder.path().join("apart"));
        let path = key_path(&database);
        assert!(key(&path, &database).text.starts_with("none yet"));
        fs::write(&path, "").expect("a key");
        assert!(key(&path, &database).text.contains("beside the database"));
        fs::rename(&path, &apart).expect("moved");
        std::os::unix::fs::symlink(&apart, &path).expect("a link");
        assert!(key(&path, &database).text.contains("a link to"));
    }
}
