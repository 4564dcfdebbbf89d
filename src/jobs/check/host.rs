//! This machine: user, configuration, database and its key, disk, SQLite, schedule, last backup.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use super::super::{Error, Session};
use super::files;
use super::schedule::{self, Scheduled};
use super::{Check, Checks, HostFacts, first_of};
use crate::store::{Standing, sqlite_version, vault::key_path};
use crate::trust;

/// Less room on the disk than this is worth a word.
const ROOM_MIN: u64 = 200 * 1024 * 1024;

/// A backup that is older is worth a word: the schedule makes one a day.
const BACKUP_HOURS_MAX: i64 = 49;

pub(super) fn look(session: &Session, facts: &HostFacts, checks: &mut Checks) -> Result<(), Error> {
    checks.push(user(facts));
    checks.push(config(session.settings.file.as_deref()));
    if session.store.is_served() {
        return served(session, facts, checks);
    }
    let path = session.store.path();
    checks.push(database(path, &session.store.integrity()?));
    checks.push(modes(&session.store.exposed_files()));
    files::look(session, facts, checks);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let room = fs4::available_space(folder.unwrap_or(Path::new("."))).ok();
    checks.push(disk(room));
    checks.push(Check::pass("sqlite", format!("SQLite {}", sqlite_version())));
    let scheduled = schedule::look(session, facts, checks);
    let copies = copies(path, &scheduled, session.now());
    checks.push(backup(&copies));
    checks.push(copies_past(session, &copies));
    Ok(())
}

/// A server has its own keeper: what stands on this host is the schedule.
fn served(session: &Session, facts: &HostFacts, checks: &mut Checks) -> Result<(), Error> {
    let standing = session.store.standing()?.unwrap_or_default();
    let sentence = format!("{} on {}", session.store.path().display(), standing.engine);
    checks.push(Check::pass("database", sentence));
    checks.push(standbys(&standing));
    schedule::look(session, facts, checks);
    Ok(())
}

/// A standby that is behind when it takes over does not know of an order that was sent.
fn standbys(standing: &Standing) -> Check {
    const NAME: &str = "database.standbys";
    let Standing {
        is_standby,
        standbys,
        asynchronous,
        lag_seconds,
        ..
    } = standing;
    let lag = lag_seconds.map_or_else(String::new, |seconds| format!(", {seconds:.1} s behind"));
    match (is_standby, standbys, asynchronous) {
        (true, ..) => Check::warn(
            NAME,
            format!("this server follows another one{lag}: it lets read only"),
            "name the primary in [store] url, or all hosts with target_session_attrs=read-write",
        ),
        (false, 0, _) => Check::pass(NAME, "none follows it"),
        (false, all, 0) => Check::pass(NAME, format!("{all} follow it in step{lag}")),
        (false, all, asynchronous) => Check::warn(
            NAME,
            format!(
                "{asynchronous} of the {all} that follow it may lack what is confirmed{lag}: after a failover an order could be sent twice"
            ),
            "on the server: ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()",
        ),
    }
}

fn user(facts: &HostFacts) -> Check {
    const NAME: &str = "user";
    match facts.user_id {
        Some(0) => Check::warn(
            NAME,
            "this is root: the jobs need a user of their own, and none of root's rights",
            "make a user of its own (README, Install) and type commands as that one",
        ),
        _ => Check::pass(NAME, format!("runs as {}", facts.user)),
    }
}

fn config(file: Option<&Path>) -> Check {
    const NAME: &str = "config";
    let Some(path) = file else {
        return Check::pass(NAME, "no file: the settings come from variables alone");
    };
    let mode = fs::metadata(path).map_or(0, |file| file.permissions().mode() & 0o777);
    Check::pass(NAME, format!("{}, mode {mode:04o}", path.display()))
}

fn database(path: &Path, damage: &[String]) -> Check {
    const NAME: &str = "database";
    let path = path.display();
    if damage.is_empty() {
        return Check::pass(NAME, format!("{path} is whole"));
    }
    Check::fail(
        NAME,
        damage.join("; "),
        format!("mcf restore BACKUP --db {path} --force"),
    )
}

fn modes(exposed: &[PathBuf]) -> Check {
    const NAME: &str = "database.files";
    let files: Vec<String> = exposed.iter().map(|path| path.display().to_string()).collect();
    if files.is_empty() {
        return Check::pass(NAME, "for this user alone");
    }
    Check::fail(
        NAME,
        format!("open to others: {}", files.join(", ")),
        format!("chmod 600 {}", files.join(" ")),
    )
}

fn disk(room: Option<u64>) -> Check {
    const NAME: &str = "disk";
    let mebibytes = |bytes: u64| bytes / 1024 / 1024;
    match room {
        None => Check::pass(NAME, "the system does not say how much room there is"),
        Some(room) if room < ROOM_MIN => Check::warn(
            NAME,
            format!("only {} MiB are free beside the database", mebibytes(room)),
            "make room: a run that finds the disk full ends with 6",
        ),
        Some(room) => Check::pass(NAME, format!("{} MiB are free beside the database", mebibytes(room))),
    }
}

/// A copy of the database.
#[derive(Debug, Clone)]
struct Copy {
    path: PathBuf,
    hours: i64,
    is_exposed: bool,
}

/// The copies beside the database, in the folder that the schedule writes to, and in those that a scheduled line names.
fn copies(database: &Path, scheduled: &[Scheduled], now: DateTime<Utc>) -> Vec<Copy> {
    let beside = database.with_file_name("backups");
    let named = scheduled.iter().filter_map(|job| {
        let (_, after) = job.call.split_once(" backup ")?;
        let word = after.split_whitespace().next()?;
        Some(PathBuf::from(word.trim_matches(['"', '\''])))
    });
    let own = database.parent().map(Path::to_owned);
    let instances: Vec<PathBuf> = files_of(&beside).into_iter().filter(|path| path.is_dir()).collect();
    let folders: BTreeSet<PathBuf> = named.chain(own).chain([beside]).chain(instances).collect();
    let files = folders.iter().flat_map(|folder| files_of(folder));
    files
        .filter(|path| is_copy(path))
        .filter_map(|path| read_copy(path, now))
        .collect()
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// A copy has its key beside it. A database that is opened has a lock, too, and what a restore or an upgrade kept says so in its name.
fn is_copy(path: &Path) -> bool {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    key_path(path).exists() && !Path::new(&lock).exists() && !path.to_string_lossy().contains(".before-")
}

fn read_copy(path: PathBuf, now: DateTime<Utc>) -> Option<Copy> {
    let metadata = fs::metadata(&path).ok()?;
    let age = now - DateTime::<Utc>::from(metadata.modified().ok()?);
    let key = fs::metadata(key_path(&path)).ok();
    let mut files = [Some(metadata), key].into_iter().flatten();
    Some(Copy {
        hours: age.num_hours(),
        is_exposed: files.any(|file| trust::of_secret(&file).is_some()),
        path,
    })
}

fn backup(copies: &[Copy]) -> Check {
    const NAME: &str = "backup";
    let exposed: Vec<String> = copies
        .iter()
        .filter(|copy| copy.is_exposed)
        .flat_map(|copy| [copy.path.clone(), key_path(&copy.path)])
        .map(|path| path.display().to_string())
        .collect();
    if !exposed.is_empty() {
        return Check::fail(
            NAME,
            format!("open to others: {}", exposed.join(", ")),
            format!("chmod 600 {}", exposed.join(" ")),
        );
    }
    let add = "mcf backup DIR --keep 14; mcf schedule cron has a line that does it daily";
    match copies.iter().min_by_key(|copy| copy.hours) {
        None => Check::warn(NAME, "none is found in backups/ beside the database", add),
        Some(Copy { path, hours, .. }) if *hours > BACKUP_HOURS_MAX => Check::warn(
            NAME,
            format!("the last one is {hours} hours old: {}", path.display()),
            add,
        ),
        Some(Copy { path, hours, .. }) => Check::pass(NAME, format!("{} hours old: {}", hours.max(&0), path.display())),
    }
}

/// What a purge erased lives on in every copy that is older: those that restores and upgrades kept go with a purge, the others by hand.
fn copies_past(session: &Session, copies: &[Copy]) -> Check {
    let days = session.settings.privacy.retention_days;
    let kept = session
        .store
        .old_copies(TimeDelta::days(i64::from(days)), session.now());
    let hours_max = i64::from(days) * 24;
    let old = copies.iter().filter(|copy| copy.hours > hours_max);
    let old: Vec<&Path> = old.map(|copy| copy.path.as_path()).collect();
    let kept: Vec<&Path> = kept.iter().map(|copy| copy.path.as_path()).collect();
    past_retention(days, &old, &kept)
}

fn past_retention(days: u32, old: &[&Path], kept: &[&Path]) -> Check {
    const NAME: &str = "copies";
    let names = |paths: &[&Path]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
    let all = names(&[old, kept].concat());
    if all.is_empty() {
        return Check::pass(NAME, format!("none is found that is older than {days} days"));
    }
    let fix = match names(old).as_slice() {
        [] => "mcf purge".to_owned(),
        files => format!(
            "rm {}",
            files
                .iter()
                .map(|file| format!("{file} {file}.key"))
                .collect::<Vec<_>>()
                .join(" ")
        ),
    };
    Check::warn(
        NAME,
        format!("hold buyers past the retention of {days} days: {}", first_of(&all)),
        fix,
    )
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    #[test]
    fn a_standby_that_may_lack_what_is_confirmed_is_a_warning() {
        let standing = |is_standby, standbys, asynchronous| Standing {
            engine: "PostgreSQL 15".into(),
            is_standby,
            standbys,
            asynchronous,
            lag_seconds: Some(3.25),
        };
        for (standing, outcome, words) in [
            (standing(false, 0, 0), Outcome::Passed, "none follows it"),
            (
                standing(false, 2, 0),
                Outcome::Passed,
                "2 follow it in step, 3.2 s behind",
            ),
            (
                standing(false, 2, 1),
                Outcome::Warning,
                "1 of the 2 that follow it may lack what is confirmed",
            ),
            (
                standing(true, 0, 0),
                Outcome::Warning,
                "follows another one, 3.2 s behind: it lets read only",
            ),
        ] {
            let check = standbys(&standing);
            assert_eq!(check.outcome, outcome, "{check:?}");
            assert!(check.text.contains(words), "{check:?}");
        }
    }

    #[test]
    fn root_little_room_and_an_old_backup_are_warnings_and_open_modes_fail() {
        let facts = |user_id| HostFacts {
            user_id,
            user: "mcf".to_owned(),
            home: None,
        };
        assert_eq!(user(&facts(Some(0))).outcome, Outcome::Warning);
        assert_eq!(user(&facts(Some(998))).outcome, Outcome::Passed);
        assert_eq!(disk(Some(ROOM_MIN - 1)).outcome, Outcome::Warning);
        assert_eq!(disk(Some(ROOM_MIN)).outcome, Outcome::Passed);
        assert_eq!(disk(None).outcome, Outcome::Passed, "not known is not little");
        assert_eq!(modes(&[PathBuf::from("mcf.db")]).outcome, Outcome::Failed);
        assert_eq!(modes(&[]).outcome, Outcome::Passed);
        assert_eq!(
            database(Path::new("mcf.db"), &["page 3".to_owned()]).outcome,
            Outcome::Failed
        );
    }

    /// The program brings its own, so that no older one of the machine can be met.
    #[test]
    fn the_sqlite_that_is_built_in_knows_all_that_is_asked_of_it_c23() {
        let version: Vec<u32> = sqlite_version()
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect();
        assert!(version >= vec![3, 38], "C23: {version:?}");
    }

    #[test]
    fn a_copy_past_the_retention_is_named_with_what_removes_it() {
        let (old, kept) = (Path::new("/b/mcf-1.db"), Path::new("/d/mcf.db.before-restore-1"));
        for (old, kept, outcome, fix) in [
            (&[][..], &[][..], Outcome::Passed, None),
            (&[old], &[], Outcome::Warning, Some("rm /b/mcf-1.db /b/mcf-1.db.key")),
            (&[], &[kept], Outcome::Warning, Some("mcf purge")),
        ] {
            let check = past_retention(25, old, kept);
            assert_eq!((check.outcome, check.help.as_deref()), (outcome, fix), "{}", check.text);
        }
    }

    #[test]
    fn the_newest_copy_counts_and_an_open_one_fails() {
        let copy = |hours, is_exposed| Copy {
            path: PathBuf::from(format!("/b/{hours}.db")),
            hours,
            is_exposed,
        };
        for (copies, outcome) in [
            (vec![], Outcome::Warning),
            (vec![copy(900, false), copy(3, false)], Outcome::Passed),
            (vec![copy(900, false)], Outcome::Warning),
            (vec![copy(900, true), copy(3, false)], Outcome::Failed),
        ] {
            assert_eq!(backup(&copies).outcome, outcome, "{copies:?}");
        }
    }
}
