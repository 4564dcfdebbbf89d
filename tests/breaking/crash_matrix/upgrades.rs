//! Killed at any step of an upgrade, the database is the old or the new one, and the next start makes the same one copy.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::common::command;
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
/// The program is killed in the middle of two migrations.
const STEPS_BACK: u32 = 2;

/// Makes a database of some megabytes as an older version made it; returns the newest version.
fn older(path: &Path) -> u32 {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/migrations");
    let files = fs::read_dir(folder).expect("migrations");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let connection = Connection::open(path).expect("a database");
    let newest = u32::try_from(files.len()).expect("a version");
    let version = newest - STEPS_BACK;
    for file in &files[..version as usize] {
        let statements = fs::read_to_string(file).expect("statements");
        connection.execute_batch(&statements).expect("a schema");
    }
    connection
        .execute_batch(
            "INSERT INTO events (kind, at, data) VALUES ('error', 0, '\"' || hex(zeroblob(6000000)) || '\"')",
        )
        .expect("some megabytes");
    connection
        .pragma_update(None, "user_version", version)
        .expect("a version");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("private");
    newest
}

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
        let newest = older(&database);
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
