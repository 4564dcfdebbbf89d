//! A data key that is given by a variable, a credential or a named file, and lies nowhere beside the database.

use std::fs;

use crate::environment::Place;

const KEY: &str = "uLr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=";
const OTHER: &str = "AAr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=";
const MAPPINGS: &str = "seller_sku,amazon_sku\nLAMP,FBA-LAMP\n";

/// A place that `init` and an import were typed in, so that something is sealed.
fn begun(variable: Option<(&str, &str)>) -> Place {
    let mut place = Place::bare();
    if let Some((name, value)) = variable {
        place.set(name, value);
    }
    place.run("init").ends(0);
    place.feed("mappings import -", MAPPINGS).ends(0);
    place.run("pause --because stocktaking").ends(0);
    place
}

fn without_key_file(place: &Place) {
    assert!(place.path("mcf.db").exists() && !place.path("mcf.db.key").exists());
}

#[test]
fn init_with_a_given_key_writes_no_key_file_and_every_command_goes_on_with_it() {
    let place = begun(Some(("MCF_DATA_KEY", KEY)));
    place.run("status --verify-audit").ends(0);
    place.run("purge").ends(0);
    place
        .run("check host")
        .says("ok      key")
        .says("given by environment variable MCF_DATA_KEY; none lies beside the database");
    without_key_file(&place);
}

#[test]
fn another_key_is_refused_with_what_gives_the_right_one_and_so_is_none() {
    let mut place = begun(Some(("MCF_DATA_KEY", KEY)));
    place.run("backup copy.db").ends(0);
    place.set("MCF_DATA_KEY", OTHER);
    place
        .run("status")
        .ends(6)
        .says("the data key that is given is not the one of this database")
        .says("help: give the one of this database (MCF_DATA_KEY, or [store] data_key_file)");
    place.set("MCF_DATA_KEY", "");
    place
        .run("status")
        .ends(6)
        .says("mcf.db.key is missing")
        .says("or give it: MCF_DATA_KEY, [store] data_key_file");
    without_key_file(&place);
    let text = place.read("copy.db.key");
    assert_eq!(text, format!("1 {KEY}\n"));
    place.set("MCF_DATA_KEY", &text);
    place.run("status").ends(0);
}

#[test]
fn a_key_in_a_named_file_or_a_credential_opens_the_database_and_check_says_which() {
    let mut place = begun(None);
    fs::create_dir_all(place.path("secrets")).expect("a folder");
    fs::rename(place.path("mcf.db.key"), place.path("secrets/mcf_data_key")).expect("moved");
    let config = place
        .read("config.toml")
        .replace("#data_key = \"\"", "data_key_file = \"secrets/mcf_data_key\"");
    place.write("config.toml", &config);
    place
        .run("check host")
        .says("ok      key")
        .says("secrets/mcf_data_key; none lies beside the database");
    place.write("config.toml", &config.replace("data_key_file = ", "#data_key_file = "));
    place.run("status").ends(6);
    let folder = place.path("secrets");
    place.set("CREDENTIALS_DIRECTORY", &folder.to_string_lossy());
    place.run("status --verify-audit").ends(0);
    without_key_file(&place);
}

#[test]
fn a_key_file_beside_the_database_goes_before_a_given_key_and_check_warns() {
    let mut place = begun(None);
    place.set("MCF_DATA_KEY", OTHER);
    place.run("status").ends(0);
    place
        .run("check host")
        .says("warning key")
        .says("the key of environment variable MCF_DATA_KEY is not used beside it")
        .says("rm ");
}

#[test]
fn a_restore_seals_with_the_key_that_is_given_and_that_is_how_a_given_key_is_changed() {
    let mut place = begun(Some(("MCF_DATA_KEY", KEY)));
    for line in ["rekey", "rekey --dry-run"] {
        place
            .run(line)
            .ends(6)
            .says("given from outside")
            .says("mcf restore FILE --force");
    }
    place.run("backup copy.db").ends(0);
    place.set("MCF_DATA_KEY", OTHER);
    place.run("restore copy.db --force").ends(0);
    place.run("status --verify-audit").ends(0);
    assert_eq!(place.run("mappings list").stdout.lines().count(), 1);
    without_key_file(&place);
    place.set("MCF_DATA_KEY", KEY);
    place.run("status").ends(6);
}

#[test]
fn what_is_no_key_is_refused_and_never_repeated() {
    let mut place = Place::new();
    let refused = place.set("MCF_DATA_KEY", "hunter2hunter2").run("status").ends(6);
    let refused = refused.says("environment variable MCF_DATA_KEY: `store.data_key` must be 32 bytes in base64");
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    assert!(!place.path("mcf.db").exists());
}
