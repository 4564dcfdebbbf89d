//! `mcf backup`, `restore`, `purge`, `rekey`.

use std::fs::{self, File};

use chrono::TimeDelta;
use fs4::FileExt;
use rusqlite::Connection;

use crate::environment::Place;

fn filled() -> Place {
    let place = Place::new();
    place
        .feed("mappings import -", "seller_sku,amazon_sku\nLAMP,FBA-LAMP\n")
        .ends(0);
    place
}

#[test]
fn a_backup_comes_back_and_the_replaced_database_is_kept() {
    let place = filled();
    let document = place.run("backup copy.db --json").ends(0).json();
    assert_eq!(
        (&document["backup"], &document["key"]),
        (&"copy.db".into(), &"copy.db.key".into())
    );
    place.run("backup copy.db").ends(2).says("--force");
    place.run("backup mcf.db --force").ends(2).says("database itself");
    place.run("mappings rollback").ends(0);
    place.run("restore copy.db").ends(3).says("--force");
    place
        .run("restore copy.db --force")
        .ends(0)
        .says("mcf.db.before-restore");
    assert_eq!(place.run("mappings list").stdout.lines().count(), 1);
}

#[test]
fn a_backup_into_a_folder_that_is_not_there_says_how_to_make_it() {
    let place = filled();
    for line in ["backup copies/", "backup copies/ --keep 3", "backup copies/ --dry-run"] {
        place
            .run(line)
            .ends(6)
            .says("copies/ is no folder")
            .says("mkdir -p copies/");
    }
}

#[test]
fn a_database_that_is_no_database_can_still_be_replaced() {
    let place = filled();
    place.run("backup copy.db").ends(0);
    place.write(
        "mcf.db",
        "a text where the database was, long enough to be no header of SQLite",
    );
    let _ = fs::remove_file(place.path("mcf.db-wal"));
    place.run("status").ends(6);
    place.run("restore copy.db --force").ends(0);
    place.run("status").ends(0);
}

#[test]
fn a_copy_that_is_no_copy_is_refused() {
    let place = filled();
    place.write(
        "notes.txt",
        "these are notes, and they are quite long, so that nobody takes them for a database",
    );
    place.run("restore notes.txt --force").ends(6).says("not a database");
    place.run("restore missing.db --force").ends(6).says("missing.db");
    assert_eq!(place.run("mappings list").stdout.lines().count(), 1);
}

#[test]
fn a_purge_forgets_old_buyers_once() {
    let mut place = Place::new();
    place.order("576900000000000101", "completed");
    place.order("576900000000000102", "routed");
    place.run("purge").ends(0).says("nothing changed");
    assert_eq!(place.run("purge --quiet").ends(0).stdout, "");
    place.step(TimeDelta::days(40));
    let plan = place.run("purge --dry-run --json").ends(0).json();
    assert_eq!((&plan["orders"], &plan["dryRun"]), (&1.into(), &true.into()));
    assert_eq!(place.run("purge --json").ends(0).json()["orders"], 1);
    place.run("purge --dry-run").ends(0).says("nothing changed");
    place.run("purge").ends(0).says("nothing changed");
}

#[test]
fn a_dry_purge_counts_all_that_the_purge_removes_and_removes_nothing() {
    let mut place = Place::new();
    place.order("576900000000000101", "cancelled");
    let at = place.now().timestamp();
    place
        .database()
        .execute_batch(&format!(
            "INSERT INTO runs (id, command, started_at, ended_at, process_id, outcome)
                 VALUES (1, 'poll', {at}, {at}, 7, 'ok'), (2, 'poll', {at}, {at} + 1, 7, 'ok');
             INSERT INTO api_calls (run_id, at, peer, operation, method, path, outcome, duration_ms)
                 VALUES (1, {at}, 'tiktok', 'x', 'GET', '/', 'answered', 1), (1, {at}, 'tiktok', 'x', 'GET', '/', 'answered', 1);
             INSERT INTO events (kind, at, data) VALUES ('error', {at}, '{{}}'), ('error', {at}, '{{}}'), ('error', {at}, '{{}}'), ('error', {at}, '{{}}');"
        ))
        .expect("old rows");
    place.step(TimeDelta::days(100));
    let counts = |line: &str| {
        let document = place.run(line).ends(0).json();
        ["orders", "calls", "events", "runs"].map(|name| document[name].as_u64().unwrap_or_default())
    };
    let plan = counts("purge --dry-run --json");
    assert_eq!(plan, [1, 2, 3, 1]);
    place
        .run("purge --dry-run")
        .ends(0)
        .says("would erase the buyers of 1 orders and drop 2 calls, 3 events and 1 runs");
    assert_eq!(counts("purge --dry-run --json"), plan, "the dry run removed something");
    assert_eq!(counts("purge --json"), plan);
    assert_eq!(counts("purge --json"), [0; 4]);
}

#[test]
fn dry_runs_of_backup_restore_rekey_and_init_refuse_what_the_true_ones_refuse_and_write_nothing() {
    let place = Place::new();
    place.run("init --dry-run").ends(0).says("would write").says("mcf.db");
    assert!(!place.path("config.toml").exists() && !place.path("mcf.db").exists());
    let place = filled();
    let (database, key) = (
        fs::read(place.path("mcf.db")).expect("a file"),
        place.read("mcf.db.key"),
    );
    place
        .run("backup copy.db --dry-run")
        .ends(0)
        .says("would write copy.db and its data key copy.db.key");
    assert!(!place.path("copy.db").exists() && !place.path("copy.db.key").exists());
    place
        .run("backup mcf.db --dry-run --force")
        .ends(2)
        .says("database itself");
    place.run("backup copy.db").ends(0);
    place.run("backup copy.db --dry-run").ends(2).says("--force");
    place.run("restore copy.db --dry-run").ends(3).says("--force");
    place.run("restore missing.db --dry-run --force").ends(6);
    place
        .run("restore copy.db --dry-run --force")
        .ends(0)
        .says("would restore")
        .says("would be kept as");
    let names = fs::read_dir(place.path("")).expect("a folder");
    let kept = names.filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().contains("before-restore")
    });
    assert_eq!(kept.count(), 0);
    place.run("rekey --dry-run").ends(0).says("would change the data key");
    assert_eq!(place.read("mcf.db.key"), key);
    assert_eq!(fs::read(place.path("mcf.db")).expect("a file"), database);
}

#[test]
fn the_data_key_changes_and_what_works_meanwhile_makes_it_wait() {
    let place = filled();
    let key = place.read("mcf.db.key");
    let lock = File::create(place.path("mcf.db.orders.lock")).expect("a file");
    FileExt::try_lock(&lock).expect("locked");
    place.run("rekey").ends(75);
    assert_eq!(place.read("mcf.db.key"), key);
    drop(lock);
    place.run("rekey").ends(0).says("changed the data key");
    assert_ne!(place.read("mcf.db.key"), key);
    place.run("status").ends(0);
}

/// A program that keeps the database as it is now in view, such as a forgotten shell.
fn long_reader(place: &Place) -> Connection {
    let reader = place.database();
    reader.execute_batch("BEGIN").expect("begun");
    assert_eq!(buyers(&reader), buyers(&place.database()));
    reader
}

fn buyers(connection: &Connection) -> i64 {
    let query = "SELECT count(recipient_sealed) FROM orders";
    connection.query_row(query, [], |row| row.get(0)).expect("a number")
}

/// Counts the rows of `status` about a log that could not be emptied.
fn held_logs(place: &Place) -> usize {
    let document = place.run("status --json").ends(0).json();
    let rows = document["attention"].as_array().expect("rows");
    rows.iter().filter(|row| row["kind"] == "log").count()
}

#[track_caller]
fn ends_with_the_log_held(place: &Place, line: &str, done: &str) {
    let ran = place.run(line).ends(6).says(done).says("mcf.db-wal").says("mcf purge");
    assert!(
        !ran.stderr.contains("another run") && !ran.stderr.contains("nothing was done"),
        "{ran:?}"
    );
    assert_eq!(held_logs(place), 1);
    place.run("status").ends(0).says("mcf purge");
}

#[test]
fn buyers_erased_beside_a_long_reader_are_gone_and_the_next_purge_empties_the_log_e158() {
    for (line, done) in [
        ("purge", "the buyers of 1 orders are erased"),
        (
            "orders erase 576900000000000101",
            "the buyer of order 576900000000000101 is erased",
        ),
    ] {
        let mut place = Place::new();
        place.order("576900000000000101", "completed");
        place.step(TimeDelta::days(40));
        let reader = long_reader(&place);
        ends_with_the_log_held(&place, line, done);
        assert_eq!((buyers(&place.database()), buyers(&reader)), (0, 1), "{line}");
        place.run("purge").ends(6);
        drop(reader);
        place.run("purge").ends(0);
        assert_eq!(held_logs(&place), 0, "{line}");
    }
}

#[test]
fn a_key_changed_beside_a_long_reader_keeps_the_old_one_until_the_log_is_empty_e158() {
    let place = filled();
    place.run("pause").ends(0);
    let reader = long_reader(&place);
    ends_with_the_log_held(&place, "rekey", "the data key is changed");
    assert_eq!(place.read("mcf.db.key").lines().count(), 2);
    drop(reader);
    place.run("purge").ends(0);
    assert_eq!(held_logs(&place), 0);
    assert_eq!(place.read("mcf.db.key").lines().count(), 1);
    place.run("status").ends(0).says("mcf resume");
}

#[test]
fn a_long_reader_is_no_trouble_where_nothing_was_erased() {
    let place = filled();
    let _reader = long_reader(&place);
    place.run("purge").ends(0).says("nothing changed");
    assert_eq!(held_logs(&place), 0);
}

#[test]
fn what_a_restore_kept_is_named_with_its_age_and_purged_after_its_retention_e179() {
    let mut place = filled();
    place.run("backup copy.db").ends(0);
    let kept = place.run("restore copy.db --force --json").ends(0).json()["kept"].clone();
    let kept = kept.as_str().expect("a name").to_owned();
    let files = [kept.clone(), format!("{kept}.key")];
    let foreign = [
        "mcf.db.before-restore-mine",
        "mcf.db.before-restore-20250105T010042Z.bak",
    ];
    for name in foreign {
        place.write(name, "not of this program");
    }
    let link = "mcf.db.before-restore-20250105T010042Z";
    std::os::unix::fs::symlink(place.path("copy.db"), place.path(link)).expect("a link");
    place.step(TimeDelta::days(3));
    place.run("status").ends(0).says(&kept).says("3 days ago");
    place.run("purge --dry-run").ends(0).says("nothing changed");
    place.step(TimeDelta::days(28));
    let plan = place.run("purge --dry-run --json").ends(0).json();
    let named: Vec<_> = plan["copies"].as_array().expect("files").iter().collect();
    let is_named = |name: &String| {
        named
            .iter()
            .any(|path| path.as_str().is_some_and(|path| path.ends_with(name)))
    };
    assert!(
        files.iter().all(is_named) && !plan.to_string().contains("20250105"),
        "E179: {plan}"
    );
    assert!(
        files.iter().all(|name| place.path(name).exists()),
        "a dry run removes nothing"
    );
    place.run("purge").ends(0).says(&kept);
    assert!(!files.iter().any(|name| place.path(name).exists()), "E179");
    assert!(foreign.iter().all(|name| place.path(name).exists()));
    assert!(place.path(link).is_symlink() && place.path("copy.db").exists());
    let status = place.run("status").ends(0);
    assert!(!status.stdout.contains("before-restore"), "{status:?}");
    place.run("purge").ends(0).says("nothing changed");
}
