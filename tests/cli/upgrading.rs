//! A database of an older version, as a newer program meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;
use rusqlite::Connection;

use crate::environment::Place;

/// The statements of each version of the schema, the oldest first.
fn migrations() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/migrations");
    let files = fs::read_dir(folder).expect("migrations");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    // Beside them lie those of the other engine.
    files.retain(|file| file.is_file());
    files.sort();
    files
        .iter()
        .map(|file| fs::read_to_string(file).expect("statements"))
        .collect()
}

/// Makes the database of a place as the version before made it, with one run in it, and returns that version.
fn older(place: &Place) -> u32 {
    let migrations = migrations();
    let version = u32::try_from(migrations.len()).expect("a version") - 1;
    place.write("mcf.db", "");
    let connection = Connection::open(place.path("mcf.db")).expect("a database");
    for statements in &migrations[..migrations.len() - 1] {
        connection.execute_batch(statements).expect("a schema");
    }
    connection
        .execute_batch("INSERT INTO runs (id, command, started_at, process_id) VALUES (7, 'poll', 1767610000, 1)")
        .expect("a run");
    connection
        .pragma_update(None, "user_version", version)
        .expect("a version");
    version
}

fn version(path: &Path) -> u32 {
    let connection = Connection::open(path).expect("a database");
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .expect("a version")
}

/// The names that begin as those of copies do.
fn copies(place: &Place) -> Vec<String> {
    let names = fs::read_dir(place.path("")).expect("a folder");
    let names = names.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("mcf.db.before")).collect();
    names.sort();
    names
}

#[test]
fn a_database_is_copied_before_a_newer_program_changes_it_and_once() {
    let place = Place::new();
    let from = older(&place);
    let to = from + 1;
    let copy = format!("mcf.db.before-{to:04}-20260105T120000Z");
    let ran = place.run("status").ends(0);
    let said = format!("the database is brought from version {from} to {to}; as it was, it is kept in ");
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with(&said) && ran.stderr.trim_end().ends_with(&copy),
        "{}",
        ran.stderr
    );
    assert_eq!(
        copies(&place),
        std::slice::from_ref(&copy),
        "the data key is not copied"
    );
    assert_eq!(
        (version(&place.path(&copy)), version(&place.path("mcf.db"))),
        (from, to)
    );
    let mode = fs::metadata(place.path(&copy)).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let old = Connection::open(place.path(&copy)).expect("a database");
    let run: i64 = old
        .query_row("SELECT id FROM runs", [], |row| row.get(0))
        .expect("a run");
    assert_eq!(run, 7, "it is what the database was");
    assert_eq!(place.run("status").ends(0).stderr, "");
    assert_eq!(copies(&place), [copy]);
}

/// The page about it shows the line with the versions of another day.
#[test]
fn the_page_of_upgrading_shows_what_is_said() {
    let without_digits = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "0");
    let place = Place::new();
    older(&place);
    let said = place.run("status").ends(0).stderr;
    let (_, name) = said.trim_end().rsplit_once('/').expect("a path");
    let said = said.split("kept in ").next().unwrap_or_default();
    let page = without_digits(include_str!("../../docs/upgrading.md"));
    let line = format!(
        "\n{}kept in /var/lib/mcf/{}\n",
        without_digits(said),
        without_digits(name)
    );
    assert!(page.contains(&line), "{line}");
}

#[test]
fn a_new_database_is_no_upgrade() {
    let place = Place::new();
    assert_eq!(place.run("status").ends(0).stderr, "");
    assert_eq!(copies(&place), [""; 0]);
}

#[test]
fn an_upgrade_without_room_for_the_copy_is_refused_and_changes_nothing_e113() {
    let place = Place::new();
    let from = older(&place);
    let before = fs::read(place.path("mcf.db")).expect("a database");
    let limit = format!(
        "ulimit -f {} && exec {} status",
        before.len() / 2 / 1024,
        assert_cmd::cargo::cargo_bin!("mcf").display()
    );
    let output = Command::new("bash")
        .args(["-c", &limit])
        .current_dir(place.path(""))
        .env_clear()
        .env("MCF_DB", "mcf.db")
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(said.contains("no room for the copy of 1 MiB"), "{said}");
    assert!(said.contains("help: make room on it"), "{said}");
    assert_eq!(copies(&place), [""; 0]);
    assert_eq!(version(&place.path("mcf.db")), from);
    place.run("status").ends(0);
    assert_eq!(copies(&place).len(), 1);
}

#[test]
fn a_copy_from_before_an_upgrade_is_named_and_goes_when_its_retention_is_over_e179() {
    let mut place = Place::new();
    older(&place);
    place.run("status").ends(0).says("was kept before an upgrade");
    place.run("purge").ends(0);
    assert_eq!(copies(&place).len(), 1);
    place.step(TimeDelta::days(31));
    place.run("purge --dry-run").ends(0).says("would remove");
    place.run("purge").ends(0).says("removed");
    assert_eq!(copies(&place), [""; 0], "E179");
}

#[test]
fn two_copies_are_kept_and_older_ones_make_room() {
    let place = Place::new();
    let to = older(&place) + 1;
    for name in [
        "mcf.db.before-0007-20250901T120000Z",
        "mcf.db.before-0009-20251001T120000Z",
    ] {
        place.write(name, "of an older version");
        let old = fs::File::open(place.path(name)).expect("a file");
        old.set_modified(std::time::UNIX_EPOCH).expect("a time");
    }
    place.run("status").ends(0);
    assert_eq!(
        copies(&place),
        [
            "mcf.db.before-0009-20251001T120000Z".to_owned(),
            format!("mcf.db.before-{to:04}-20260105T120000Z")
        ]
    );
}

#[test]
fn the_copy_takes_the_way_back_with_the_key_of_the_database() {
    let place = Place::new();
    let from = older(&place);
    place.run("status").ends(0);
    let copy = copies(&place).remove(0);
    fs::copy(place.path("mcf.db.key"), place.path(&format!("{copy}.key"))).expect("a key");
    place.run(&format!("restore {copy} --force")).ends(0);
    assert_eq!(version(&place.path("mcf.db")), from, "a former program opens it");
}
