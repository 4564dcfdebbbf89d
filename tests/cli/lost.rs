//! Nothing slips: no configuration, a database that is lost, locks that somebody holds, readers that stay.

use std::fs;

use crate::environment::Place;

#[test]
fn without_a_configuration_nothing_is_made_and_the_places_are_named_e160() {
    let place = Place::bare();
    place.write("mappings.csv", "seller_sku,amazon_sku\nLAMP,FBA-LAMP\n");
    for line in [
        "status",
        "status --json",
        "metrics",
        "report --output page.html",
        "orders list",
        "mappings list",
        "mappings import mappings.csv",
        "purge",
        "rekey",
        "backup copy.db",
        "poll",
        "check",
        "schedule cron",
    ] {
        place
            .run(line)
            .ends(6)
            .says(&place.path("config.toml").display().to_string())
            .says("/etc/mcf-connector/config.toml");
    }
    let left: Vec<_> = fs::read_dir(place.path("")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_named_database_alone_counts_as_a_configuration() {
    let place = Place::bare();
    place.run("status --db here.db").ends(0);
    place.run("mappings list --db here.db").ends(0);
    place.run("init").ends(0);
    place.run("status").ends(0);
}

#[test]
fn a_lock_that_some_process_holds_is_not_waited_for_without_end_e170() {
    let place = Place::new();
    place.run("status").ends(0);
    let held = fs::File::create(place.path("mcf.db.lock")).expect("a file");
    held.lock().expect("held");
    place.run("status").ends(75).says("has held").says("fuser");
    drop(held);
    place.run("status").ends(0);
}

#[test]
fn a_backup_that_can_not_lie_where_it_was_wanted_is_told_with_6_e178_a15() {
    let place = Place::new();
    place.run("status").ends(0);
    place.run("backup no/such/copy.db").ends(6).says("no/such");
    place.run("backup /dev/null --force").ends(6).says("device");
}

#[test]
fn two_restores_keep_both_replaced_databases_e163() {
    let place = Place::new();
    place.run("status").ends(0);
    place.run("backup copy.db").ends(0);
    let kept = || {
        let document = place.run("restore copy.db --force --json").ends(0).json();
        document["kept"].as_str().expect("a name").to_owned()
    };
    let (first, second) = (kept(), kept());
    assert_ne!(first, second);
    for name in [first, second] {
        assert!(place.path(&name).exists() && place.path(&format!("{name}.key")).exists());
    }
}

#[test]
fn a_lost_database_is_told_with_the_command_that_brings_it_back_e174() {
    let place = Place::new();
    place.run("status").ends(0);
    place.run("backup copy.db").ends(0);
    for rest in [Some(""), Some("x"), None] {
        let _ = fs::remove_file(place.path("mcf.db-wal"));
        match rest {
            Some(rest) => place.write("mcf.db", rest),
            None => fs::remove_file(place.path("mcf.db")).expect("gone"),
        }
        for line in ["status", "mappings list", "purge", "metrics"] {
            place.run(line).ends(6).says("copy.db").says("mcf restore");
        }
        place.run("restore copy.db --force").ends(0);
        place.run("status").ends(0);
    }
}

#[test]
fn init_makes_a_fresh_database_and_keeps_the_key_of_the_lost_one_e174() {
    let place = Place::bare();
    place.run("init").ends(0);
    let key = place.read("mcf.db.key");
    fs::remove_file(place.path("mcf.db")).expect("gone");
    place.run("status").ends(6);
    place.run("init").ends(0).says("is kept as");
    place.run("status").ends(0);
    assert_ne!(place.read("mcf.db.key"), key);
    let kept = fs::read_dir(place.path("")).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        path != place.path("mcf.db.key") && fs::read_to_string(path).is_ok_and(|text| text == key)
    });
    assert!(kept);
}

#[test]
fn a_database_with_a_second_hard_link_is_refused_by_every_command_and_under_both_names_e175() {
    let place = Place::new();
    place.run("status").ends(0);
    place.run("backup copy.db").ends(0);
    place.write("mappings.csv", "seller_sku,amazon_sku\nLAMP,FBA-LAMP\n");
    let (database, second) = (place.path("mcf.db"), place.path("second.db"));
    fs::hard_link(&database, &second).expect("a second name");
    let bytes = fs::read(&database).expect("a file");
    for line in [
        "status",
        "orders list",
        "mappings import mappings.csv",
        "metrics",
        "purge",
        "rekey",
        "backup other.db",
        "restore copy.db --force",
        "restore copy.db --force --dry-run",
        "report --output page.html",
        "poll",
        "status --db second.db",
    ] {
        let ran = place.run(line).ends(6).says("another name").says("find ");
        assert!(ran.stderr.contains("-samefile"), "E175: {ran:?}");
    }
    assert_eq!(fs::read(&database).expect("a file"), bytes);
    for made in ["second.db.key", "second.db.lock", "other.db", "page.html"] {
        assert!(!place.path(made).exists(), "E175: {made}");
    }
    std::os::unix::fs::symlink(&second, place.path("link.db")).expect("a link");
    place.run("status --db link.db").ends(6);
    fs::remove_file(&second).expect("gone");
    place.run("status").ends(0);
    fs::hard_link(place.path("copy.db"), &second).expect("a snapshot of the backup");
    place.run("restore copy.db --force").ends(0);
    place.run("status").ends(0);
}
