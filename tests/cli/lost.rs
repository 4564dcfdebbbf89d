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
