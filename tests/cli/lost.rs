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
