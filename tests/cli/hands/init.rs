//! `mcf init` over what is there already.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::environment::Place;

const FILLED: &str = "[tiktok]\napp_key = \"6f0kq2example\"\n";

fn names(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path("")).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn init_over_a_configuration_needs_a_person_and_changes_nothing_e165() {
    let place = Place::new();
    place.write("config.toml", FILLED);
    place.run("init").ends(3).says("config.toml").says("mcf init --force");
    place.run("init --dry-run").ends(3);
    assert_eq!(place.read("config.toml"), FILLED);
    assert_eq!(names(&place), ["config.toml"], "nothing is made");
}

#[test]
fn a_forced_init_says_where_the_old_configuration_is_kept_e165() {
    let place = Place::new();
    place.write("config.toml", FILLED);
    let document = place.run("init --force --json").ends(0).json();
    let kept = document["kept"].as_str().expect("a path").to_owned();
    assert!(kept.ends_with("config.toml.20260105T120000Z"), "{kept}");
    assert_eq!(fs::read_to_string(&kept).expect("a copy"), FILLED);
    let mode = fs::metadata(&kept).expect("a copy").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(place.read("config.toml").starts_with("# Settings of mcf"));
}

#[test]
fn a_second_forced_init_in_the_same_second_keeps_both_copies_e165() {
    let place = Place::new();
    place.write("config.toml", FILLED);
    place.run("init --force").ends(0).says("kept");
    place.write("config.toml", "# second\n");
    place.run("init --force").ends(0);
    let copies: Vec<String> = names(&place)
        .into_iter()
        .filter(|name| name.starts_with("config.toml."))
        .collect();
    assert_eq!(copies.len(), 2, "{copies:?}");
    let texts: Vec<String> = copies.iter().map(|name| place.read(name)).collect();
    assert!(texts.contains(&FILLED.to_owned()) && texts.contains(&"# second\n".to_owned()));
}

#[test]
fn a_dry_forced_init_says_the_copy_and_makes_none_e165() {
    let place = Place::new();
    place.write("config.toml", FILLED);
    let document = place.run("init --force --dry-run --json").ends(0).json();
    assert!(
        document["kept"]
            .as_str()
            .is_some_and(|path| path.contains("config.toml."))
    );
    assert_eq!(names(&place), ["config.toml"]);
}

#[test]
fn init_says_the_next_three_steps_with_the_configuration_that_was_named() {
    let place = Place::bare();
    let ran = place.run("init --config shop.toml").ends(0);
    for step in [
        "1. write both apps' keys into",
        "mcf auth tiktok --config shop.toml; mcf auth amazon --config shop.toml",
        "2. mcf mappings import mappings.csv --config shop.toml",
        "3. mcf check --config shop.toml",
    ] {
        assert!(ran.stderr.contains(step), "{step}: {ran:?}");
    }
    let document = Place::bare().run("init --json").ends(0).json();
    assert_eq!(document["next"].as_array().map(Vec::len), Some(3), "{document}");
}
