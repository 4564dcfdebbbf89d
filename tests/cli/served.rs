//! A shop on PostgreSQL: its data key, its backups, and the way there and back. Skipped where no PostgreSQL is installed.

use chrono::TimeDelta;
use mcf_connector::sandbox::scenario::OrderKind;

use crate::auth::Shop;
use crate::check::shop;
use crate::environment::Place;
use crate::postgres::fresh_schema;

const KEY: &str = "uLr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=";

/// Names a schema of a server to a place, as the environment of a host does.
fn served(place: &mut Place) -> Option<(String, String)> {
    let (url, schema) = fresh_schema()?;
    place.set("MCF_STORE_URL", &url).set("MCF_STORE_SCHEMA", &schema);
    Some((url, schema))
}

/// A host on which `init` was typed.
fn first_host() -> Option<(Place, (String, String))> {
    let mut place = Place::bare();
    let address = served(&mut place)?;
    place
        .run("init")
        .ends(0)
        .says("data key ")
        .says("to each host that works with this shop");
    Some((place, address))
}

/// Another host of the same shop, with a key file as it was carried over.
fn other_host((url, schema): &(String, String), key: Option<&str>) -> Place {
    let mut place = Place::bare();
    place.set("MCF_STORE_URL", url).set("MCF_STORE_SCHEMA", schema);
    place.write("config.toml", "[store]\ndata_key_file = \"data.key\"\n");
    match key {
        Some(key) => place.write("data.key", key),
        None => place.write("config.toml", ""),
    }
    place
}

#[test]
fn init_on_a_server_makes_one_key_and_other_hosts_must_bring_it() {
    let Some((first, address)) = first_host() else { return };
    assert!(first.read("config.toml").contains("\ndata_key_file = \"data.key\"\n"));
    assert!(!first.path("mcf.db").exists());
    first.run("pause --because stocktaking").ends(0);
    let other = other_host(&address, None);
    other
        .run("status")
        .ends(6)
        .says("no data key is given")
        .says("mcf init");
    other
        .run("init")
        .ends(6)
        .says("has its data key already")
        .says("help: copy it");
    assert!(!other.path("data.key").exists());
    let other = other_host(&address, Some(&first.read("data.key")));
    other.run("status").ends(0).says("stocktaking");
    other.run("init").ends(3).says("is there already");
}

#[test]
fn init_goes_on_where_a_configuration_names_a_server_and_no_key_is_made_yet() {
    let mut place = Place::bare();
    if served(&mut place).is_none() {
        return;
    }
    place.write("config.toml", "[store]\n");
    place.run("init").ends(0).says("data_key_file = \"data.key\"");
    assert_eq!(place.read("config.toml"), "[store]\n", "what a person wrote stays");
    place.write("config.toml", "[store]\ndata_key_file = \"data.key\"\n");
    place.run("status --verify-audit").ends(0);
}

#[test]
fn a_new_key_shuts_the_other_hosts_out_until_they_have_it() {
    let Some((first, address)) = first_host() else { return };
    first.run("pause --because stocktaking").ends(0);
    let other = other_host(&address, Some(&first.read("data.key")));
    let before = first.read("data.key");
    first.run("rekey").ends(0).says("they are refused until they have it");
    let after = first.read("data.key");
    assert!(
        after != before && after.lines().count() == 1,
        "the old key is forgotten"
    );
    first.run("status --verify-audit").ends(0);
    other.run("resume").ends(6).says("not the one of this database");
    other.write("data.key", &after);
    other.run("resume").ends(0);
    other.run("status --verify-audit").ends(0);
    let mut by_variable = other_host(&address, None);
    by_variable.set("MCF_DATA_KEY", after.trim());
    by_variable.run("rekey").ends(6).says("given from outside");
}

/// A day of a shop: orders in all kinds of states, parcels, stock, hands.
fn day() -> Shop {
    let mut shop = shop("");
    for kind in [
        OrderKind::Plain,
        OrderKind::TwoParcels,
        OrderKind::Unmapped,
        OrderKind::BadAddress,
        OrderKind::OnHold,
    ] {
        shop.sandbox.world().place(kind);
    }
    pass(&mut shop, 65, 0);
    shop.place.run("poll").ends(0);
    shop.place.run("orders hold --state flagged --yes").ends(0);
    pass(&mut shop, 65, 3);
    for line in [
        "sync-tracking",
        "sync-inventory",
        "pause --because stocktaking",
        "resume",
    ] {
        shop.place.run(line).ends(0);
    }
    shop
}

fn pass(shop: &mut Shop, minutes: i64, steps: u32) {
    shop.place.step(TimeDelta::minutes(minutes));
    let mut world = shop.sandbox.world();
    world.set_clock(shop.place.now());
    (0..steps).for_each(|_| world.advance());
}

fn log_of(place: &Place, database: &str) -> String {
    let ran = place.run(&format!("log --json --since 2020-01-01 --db {database}"));
    place.run(&format!("status --verify-audit --db {database}")).ends(0);
    ran.ends(0).stdout
}

#[test]
fn a_shop_moved_to_postgresql_and_back_has_the_same_history_and_works_on() {
    let Some((url, schema)) = fresh_schema() else { return };
    let mut shop = day();
    let before = log_of(&shop.place, "mcf.db");
    shop.place.set("MCF_DATA_KEY", KEY).set("MCF_STORE_SCHEMA", &schema);
    let there = format!("store copy --from mcf.db --to {url}");
    shop.place.run(&format!("{there} --dry-run")).ends(0).says("would copy");
    shop.place
        .run(&there)
        .ends(0)
        .says("the history arrived whole")
        .says("next: stop the schedule of");
    assert_eq!(log_of(&shop.place, &url), before, "byte for byte");
    shop.place.run(&format!("store copy --from {url} --to back.db")).ends(0);
    assert_eq!(log_of(&shop.place, "back.db"), before, "byte for byte");
    assert!(!shop.place.path("back.db.key").exists(), "the given key serves it");
    let figures = |database: &str| {
        shop.place
            .run(&format!("metrics --format prometheus --db {database}"))
            .stdout
    };
    assert_eq!(figures(&url), figures("mcf.db"));
    shop.sandbox.world().place(OrderKind::Plain);
    pass(&mut shop, 65, 1);
    for line in ["poll", "sync-tracking", "sync-inventory", "status --verify-audit"] {
        shop.place.run(&format!("{line} --db {url}")).ends(0);
    }
}

#[test]
fn what_is_not_empty_is_left_or_kept_under_a_dated_name_e179() {
    let Some((url, schema)) = fresh_schema() else { return };
    let mut shop = day();
    shop.place.set("MCF_DATA_KEY", KEY).set("MCF_STORE_SCHEMA", &schema);
    let there = format!("store copy --from mcf.db --to {url}");
    shop.place.run(&there).ends(0);
    shop.place.run(&format!("pause --because later --db {url}")).ends(0);
    shop.place
        .run(&there)
        .ends(3)
        .says("is not empty")
        .says("help: add --force");
    shop.place.run(&format!("{there} --dry-run")).ends(3);
    let forced = shop.place.run(&format!("{there} --force --json")).ends(0).json();
    let kept = forced["kept"].as_str().expect("a name");
    assert!(kept.starts_with(&format!("{schema}_before_2026")), "{kept}");
    shop.place.run(&format!("status --db {url}")).ends(0);
    let status = |schema: &str| {
        let mut host = Place::bare();
        host.set("MCF_DATA_KEY", KEY)
            .set("MCF_STORE_SCHEMA", schema)
            .set("MCF_DB", &url);
        host.run("status --verify-audit").ends(0);
        host.run("status --json").json()["paused"].clone()
    };
    assert_eq!(status(kept)["because"], "later");
    assert!(status(&schema).is_null());
    shop.place.step(TimeDelta::days(26));
    shop.place
        .run(&format!("purge --dry-run --db {url}"))
        .ends(0)
        .says(&format!("would remove {kept}"));
    shop.place
        .run(&format!("purge --db {url}"))
        .ends(0)
        .says(&format!("removed {kept}"));
    shop.place
        .run(&format!("store copy --from {url} --to gone.db --schema {kept}"))
        .ends(6)
        .says("holds no shop");
    let back = format!("store copy --from {url} --to mcf.db");
    shop.place.run(&back).ends(3).says("is not empty");
    let kept = shop.place.run(&format!("{back} --force --json")).ends(0).json();
    let kept = kept["kept"].as_str().expect("a name").to_owned();
    assert!(std::path::Path::new(&kept).exists(), "{kept}");
    shop.place.run(&format!("status --verify-audit --db {kept}")).ends(0);
    shop.place.run(&format!("store copy --from {url} --to {url}")).ends(2);
    let other = fresh_schema().expect("a server").1;
    shop.place
        .run(&format!("store copy --from {url} --to new.db --schema {other}"))
        .ends(6)
        .says("holds no shop");
}

#[test]
fn a_backup_of_a_server_is_the_same_portable_file_and_comes_back_into_either_engine() {
    let Some((url, schema)) = fresh_schema() else { return };
    let mut shop = day();
    shop.place.set("MCF_DATA_KEY", KEY).set("MCF_STORE_SCHEMA", &schema);
    shop.place.run(&format!("store copy --from mcf.db --to {url}")).ends(0);
    shop.place.run(&format!("backup copy.db --db {url}")).ends(0);
    assert_eq!(shop.place.read("copy.db.key"), format!("1 {KEY}\n"));
    let before = log_of(&shop.place, &url);
    assert_eq!(log_of(&shop.place, "copy.db"), before, "byte for byte");
    // Into a file, without the key being given: the backup's own one goes with it.
    shop.place.run("restore copy.db --db elsewhere.db").ends(0);
    shop.place.run("status --verify-audit --db elsewhere.db").ends(0);
    // Back into the server, over what happened since.
    shop.place.run(&format!("pause --because later --db {url}")).ends(0);
    shop.place
        .run(&format!("restore copy.db --db {url}"))
        .ends(3)
        .says("is not empty");
    shop.place
        .run(&format!("restore copy.db --db {url} --force"))
        .ends(0)
        .says(&format!("{schema}_before_2026"));
    let after = log_of(&shop.place, &url);
    let lines = |text: &str| text.lines().count();
    assert!(
        lines(&after) > lines(&before) && after.contains("a copy was put back by seller"),
        "{after}"
    );
    // A file's backup goes into another schema, sealed with the key that is given there.
    shop.place.run("backup file.db --db mcf.db").ends(0);
    let other = fresh_schema().expect("a server").1;
    shop.place.set("MCF_STORE_SCHEMA", &other);
    shop.place.run(&format!("restore file.db --db {url}")).ends(0);
    pass(&mut shop, 65, 1);
    for line in ["poll", "status --verify-audit"] {
        shop.place.run(&format!("{line} --db {url}")).ends(0);
    }
}
