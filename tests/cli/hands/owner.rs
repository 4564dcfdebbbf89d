//! A command typed as root among the files of a service user (E161).

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};

use crate::environment::Place;

/// The account that every system has and no service of ours.
const NOBODY: u32 = 65_534;

/// Gives the place and all that lies in it to nobody; `false`, and said, where that is not allowed.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn is_given_away(place: &Place, without: &[&str]) -> bool {
    let files = fs::read_dir(place.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry"));
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.retain(|path| !without.iter().any(|name| path.ends_with(name)));
    paths.push(place.path(""));
    let given = paths.iter().try_for_each(|path| chown(path, Some(NOBODY), None));
    if given.is_err() {
        eprintln!("skipped: only root can give files away");
    }
    given.is_ok()
}

fn owners(place: &Place) -> Vec<(String, u32)> {
    let files = fs::read_dir(place.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry"));
    let mut owners: Vec<_> = files
        .map(|file| {
            let owner = file.metadata().expect("a file").uid();
            (file.file_name().to_string_lossy().into_owned(), owner)
        })
        .collect();
    owners.sort();
    owners
}

#[test]
fn root_is_told_to_type_it_as_the_service_user_and_takes_no_file_e161() {
    let place = Place::bare();
    place.write("config.toml", "");
    place.run("status").ends(0);
    if !is_given_away(&place, &[]) {
        return;
    }
    let before = owners(&place);
    for line in ["status", "poll", "orders hold 1", "--config config.toml mappings list"] {
        let ran = place.run(line).ends(6).says(&format!("sudo -u nobody -H mcf {line}"));
        assert!(!ran.stderr.contains("chown"), "{ran:?}");
    }
    assert_eq!(owners(&place), before);
}

#[test]
fn a_database_of_the_service_user_is_not_opened_as_root_whoever_wrote_the_configuration_e161() {
    let place = Place::bare();
    place.write("config.toml", "");
    place.run("status").ends(0);
    if !is_given_away(&place, &["config.toml"]) {
        return;
    }
    let before = owners(&place);
    for line in ["status", "--db mcf.db mappings list", "restore copy.db --force"] {
        place.run(line).ends(6).says("sudo -u nobody -H mcf");
    }
    assert_eq!(owners(&place), before);
}

#[test]
fn nothing_is_made_as_root_in_the_folder_of_another_user_e161() {
    let place = Place::bare();
    if !is_given_away(&place, &[]) {
        return;
    }
    place.run("init").ends(6).says("sudo -u nobody -H mcf init");
    place
        .run("--db new.db status")
        .ends(6)
        .says("sudo -u nobody -H mcf --db new.db status");
    assert_eq!(owners(&place), []);
}
