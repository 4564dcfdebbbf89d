use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::store::tests_support::{fill, filled_at, store};
use crate::store::vault::VaultError;
use crate::store::{LockError, Vendor};

const ORDER: &str = "576900000000000101";

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    names.sort();
    names
}

fn orders(path: &Path) -> usize {
    let store = Store::open(path).expect("a store");
    assert!(
        store.tokens(Vendor::Tiktok).expect("opened").is_some(),
        "its key opens it"
    );
    let count: i64 = store
        .connection()
        .query_row("SELECT count(*) FROM orders", [], |row| row.get(0))
        .expect("a number");
    usize::try_from(count).expect("a number")
}

/// Returns a folder with a database of one order, and a backup of it in a folder of its own.
fn backed_up() -> (tempfile::TempDir, Store, PathBuf) {
    let (folder, store) = store();
    fill(&store, ORDER, "routed");
    let apart = folder.path().join("apart");
    fs::create_dir(&apart).expect("a folder");
    let backup = apart.join("copy.db");
    store.backup(&backup, false, filled_at()).expect("a backup");
    (folder, store, backup)
}

#[test]
fn a_backup_is_two_private_files_that_open_elsewhere() {
    let (_folder, store, backup) = backed_up();
    assert_eq!(names(backup.parent().expect("a folder")), ["copy.db", "copy.db.key"]);
    for path in [&backup, &key_path(&backup)] {
        let mode = fs::metadata(path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "I9");
    }
    fill(&store, "2", "routed");
    assert_eq!((orders(&backup), orders(store.path())), (1, 2));
}

#[test]
fn a_backup_replaces_nothing_unless_told_and_never_the_database_itself() {
    let (folder, store, backup) = backed_up();
    fill(&store, "2", "routed");
    let again = store.backup(&backup, false, filled_at());
    assert!(matches!(again, Err(Error::Exists { .. })));
    store.backup(&backup, true, filled_at()).expect("replaced");
    assert_eq!(orders(&backup), 2);
    let other_name = folder.path().join("apart/../mcf.db");
    for itself in [store.path(), &other_name] {
        assert!(matches!(
            store.backup(itself, true, filled_at()),
            Err(Error::SameFile { .. })
        ));
    }
    let nowhere = folder.path().join("no/such/folder.db");
    assert!(matches!(
        store.backup(&nowhere, false, filled_at()),
        Err(Error::File { .. })
    ));
}

#[test]
fn a_backup_is_whole_while_others_write() {
    let (folder, store) = store();
    fill(&store, ORDER, "routed");
    let writer = Store::open(store.path()).expect("a store");
    std::thread::scope(|scope| {
        scope.spawn(|| (0..50).for_each(|number| drop(fill(&writer, &number.to_string(), "routed"))));
        for number in 0..5 {
            let backup = folder.path().join(format!("{number}.db"));
            store.backup(&backup, false, filled_at()).expect("a backup");
            examine(&backup, None).expect("sound");
        }
    });
}

#[test]
fn a_restore_brings_back_the_whole_old_state_and_keeps_the_replaced_one() {
    let (folder, store, backup) = backed_up();
    fill(&store, "2", "routed");
    store.rekey("seller", filled_at()).expect("another key");
    let path = store.path().to_owned();
    assert!(matches!(
        restore(&backup, &path, false, filled_at()),
        Err(Error::Exists { .. })
    ));
    let kept = restore(&backup, &path, true, filled_at()).expect("restored");
    drop(store);
    assert_eq!(orders(&path), 1);
    assert_eq!(kept, Some(folder.path().join("mcf.db.before-restore-20260105T010042Z")));
    assert_eq!(orders(&kept.expect("kept")), 2);
    assert_eq!(names(backup.parent().expect("a folder")), ["copy.db", "copy.db.key"]);
    let keys = fs::read_to_string(key_path(&path)).expect("keys");
    assert_eq!(
        keys.lines().count(),
        1,
        "the key of the replaced database is not kept here"
    );
}

#[test]
fn a_restore_needs_no_database_to_be_there() {
    let (folder, _store, backup) = backed_up();
    let path = folder.path().join("new.db");
    restore(&backup, &path, false, filled_at()).expect("restored");
    assert_eq!(orders(&path), 1);
    let mode = fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "I9");
}

#[test]
fn a_log_that_was_left_behind_is_not_read_into_a_copy() {
    let (folder, store, backup) = backed_up();
    for number in 0..20 {
        fill(&store, &number.to_string(), "routed");
    }
    let leave_log = |path: &Path| fs::copy(beside(store.path(), "-wal"), beside(path, "-wal")).expect("a log");
    let path = folder.path().join("new.db");
    assert!(leave_log(&path) > 0);
    restore(&backup, &path, false, filled_at()).expect("restored");
    assert_eq!(orders(&path), 1);
    leave_log(&backup);
    let source = Store::open(&path).expect("a store");
    source.backup(&backup, true, filled_at()).expect("replaced");
    assert_eq!(orders(&backup), 1);
}

#[test]
fn a_restore_that_is_cut_off_before_the_rename_leaves_the_old_database_and_can_be_repeated() {
    let (folder, store, backup) = backed_up();
    fill(&store, "2", "routed");
    store.rekey("seller", filled_at()).expect("another key");
    fill(&store, "3", "routed");
    // The files as a killed process leaves them: the last order is in the log alone.
    let path = folder.path().join("killed.db");
    for suffix in ["", "-wal", ".key"] {
        fs::copy(beside(store.path(), suffix), beside(&path, suffix)).expect("a copy");
    }
    set_aside(&path, &kept_name(&path, filled_at())).expect("kept");
    add_keys(&path, &read_key(&backup).expect("a key")).expect("placed");
    assert_eq!(orders(&path), 3, "the whole old one, and it opens");
    fill(&Store::open(&path).expect("a store"), "4", "routed");
    let kept = restore(&backup, &path, true, filled_at()).expect("restored");
    assert_eq!(orders(&path), 1);
    assert_eq!(orders(&kept.expect("kept")), 4);
}

#[test]
fn a_damaged_database_can_be_replaced_too() {
    let (folder, _store, backup) = backed_up();
    let path = folder.path().join("damaged.db");
    fs::write(&path, "no longer a database, and long enough to be read as one header").expect("a file");
    fs::write(beside(&path, "-wal"), "leftover").expect("a file");
    let kept = restore(&backup, &path, true, filled_at()).expect("restored");
    assert_eq!(orders(&path), 1);
    let kept = fs::read_to_string(kept.expect("a name")).expect("kept");
    assert!(kept.starts_with("no longer"));
}

#[test]
fn what_is_no_sound_database_of_ours_is_not_restored() {
    let (folder, store, backup) = backed_up();
    let refused = |from: &Path| restore(from, store.path(), true, filled_at()).expect_err("refused");
    let foreign = folder.path().join("foreign.db");
    let songs = Connection::open(&foreign).expect("a database");
    songs.execute_batch("CREATE TABLE songs (name TEXT)").expect("a table");
    assert!(matches!(refused(&foreign), Error::NotADatabase { .. }));
    let text = folder.path().join("notes.txt");
    for contents in [
        "",
        "these are notes, and they are long enough to be taken for a database header or not",
    ] {
        fs::write(&text, contents).expect("a file");
        assert!(matches!(refused(&text), Error::NotADatabase { .. }), "{contents:?}");
    }
    assert!(matches!(refused(folder.path()), Error::IsAFolder { .. }));
    assert!(matches!(refused(&folder.path().join("none.db")), Error::Open { .. }));
    assert!(matches!(refused(store.path()), Error::SameFile { .. }));

    let mut bytes = fs::read(&backup).expect("a file");
    let start = bytes.len() / 2;
    bytes[start..].fill(0x5a);
    let damaged = folder.path().join("damaged.db");
    fs::write(&damaged, bytes).expect("a file");
    assert!(matches!(refused(&damaged), Error::Damaged { .. }));

    let newer = Connection::open(&backup).expect("a database");
    newer.pragma_update(None, "user_version", 999).expect("a version");
    drop(newer);
    assert!(matches!(refused(&backup), Error::Newer { .. }), "C19");
    assert_eq!(orders(store.path()), 1, "untouched");
    let kept = names(folder.path())
        .into_iter()
        .find(|name| name.contains("before-restore"));
    assert_eq!(kept, None);
}

#[test]
fn a_backup_whose_key_is_missing_or_another_one_is_not_restored() {
    let (folder, store, backup) = backed_up();
    let other = folder.path().join("other.db");
    drop(Store::open(&other).expect("a store"));
    fs::copy(key_path(&other), key_path(&backup)).expect("a copy");
    let refused = restore(&backup, store.path(), true, filled_at());
    assert!(matches!(refused, Err(Error::Vault(VaultError::KeyMissing))));
    fs::remove_file(key_path(&backup)).expect("removed");
    let refused = restore(&backup, store.path(), true, filled_at());
    assert!(matches!(refused, Err(Error::Vault(VaultError::Gone { .. }))));
}

#[test]
fn nothing_is_restored_under_a_run() {
    let (_folder, store, backup) = backed_up();
    let _run = Lock::take(store.path(), "inventory", filled_at()).expect("a lock");
    let refused = restore(&backup, store.path(), true, filled_at());
    assert!(matches!(refused, Err(Error::Lock(LockError::Busy { .. }))));
}

#[test]
fn a_second_restore_keeps_what_the_first_one_kept_e163() {
    let (_folder, store, backup) = backed_up();
    fill(&store, "2", "routed");
    let path = store.path().to_owned();
    drop(store);
    let again = || {
        restore(&backup, &path, true, filled_at())
            .expect("restored")
            .expect("kept")
    };
    let (first, second) = (again(), again());
    assert_eq!((orders(&first), orders(&second), orders(&path)), (2, 1, 1));
}

#[test]
fn a_forced_backup_after_a_new_key_leaves_a_copy_that_opens_at_every_step_e178() {
    let (_folder, store, backup) = backed_up();
    store.rekey("seller", filled_at()).expect("another key");
    fill(&store, "2", "routed");
    add_keys(&backup, &read_key(store.path()).expect("a key")).expect("placed");
    assert_eq!(orders(&backup), 1, "killed before the copy: the old one opens");
    store.backup(&backup, true, filled_at()).expect("replaced");
    assert_eq!(orders(&backup), 2);
    assert_eq!(read_key(&backup).expect("a key").lines().count(), 1);
}

#[test]
fn a_copy_is_not_written_through_a_link_or_over_a_device_e178() {
    let (folder, store, backup) = backed_up();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&backup, &link).expect("a link");
    for target in [link.as_path(), Path::new("/dev/null")] {
        let refused = store.backup(target, true, filled_at());
        assert!(matches!(refused, Err(Error::File { .. })), "{refused:?}");
    }
    assert!(fs::symlink_metadata(&link).expect("still there").is_symlink());
}
