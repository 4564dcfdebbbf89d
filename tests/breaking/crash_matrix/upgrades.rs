//! Killed at any step of an upgrade, the database is the old or the new one, and the next start makes the same one copy.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::common::command;
use super::super::older::{STEPS_BACK, older};
use super::super::test_shop::{TestShop, new_world};

/// Each step, and whether the database is of the new version where the program dies at it.
const STEPS: [(&str, bool); 6] = [
    ("upgrade.copying:1", false),
    ("upgrade.copied:1", false),
    ("migration.before:1", false),
    ("migration.step:1", false),
    ("migration.step:2", false),
    ("migration.after:1", true),
];
fn version(path: &Path) -> u32 {
    let connection = Connection::open(path).expect("a database");
    let check: String = connection
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .expect("a finding");
    assert_eq!(check, "ok", "{}", path.display());
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .expect("a version")
}

fn copies(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.to_string_lossy().contains("mcf.db.before"))
        .collect()
}

#[test]
fn crash_matrix_killed_in_an_upgrade_the_database_is_old_or_new_and_copied_once_e113() {
    for (step, is_new) in STEPS {
        let shop = TestShop::bare(new_world());
        let folder = shop.folder.path();
        let database = folder.join("mcf.db");
        let newest = older(&database, 6_000_000);
        let killed = command(&shop, &["status"]).env("MCF_CRASH_AT", step).output();
        assert_eq!(killed.expect("a process").status.code(), None, "{step} was not reached");
        let expected = if is_new { newest } else { newest - STEPS_BACK };
        assert_eq!(version(&database), expected, "{step}");
        let ran = command(&shop, &["status"]).output().expect("a process");
        assert!(ran.status.success(), "{step}: {ran:?}");
        assert_eq!(version(&database), newest, "{step}");
        let copies = copies(folder);
        assert_eq!(copies.len(), 1, "{step}: {copies:?}");
        assert_eq!(version(&copies[0]), newest - STEPS_BACK, "{step}");
    }
}
