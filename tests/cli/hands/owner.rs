//! A command typed as root among the files of a service user (E161).

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};

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

/// Puts a link of nobody into the place, which is open to all like `/tmp`.
fn is_planted(place: &Place, name: &str, target: &str, mode: u32) -> bool {
    fs::set_permissions(place.path(""), fs::Permissions::from_mode(mode)).expect("a mode");
    symlink(place.path(target), place.path(name)).expect("a link");
    let given = lchown(place.path(name), Some(NOBODY), None);
    given.is_ok()
}

#[test]
fn nothing_is_read_or_written_through_a_link_that_another_user_planted_e177() {
    let place = Place::new();
    place.run("status").ends(0);
    place.write("letter.txt", "dear reader");
    place.write("other.toml", "");
    fs::create_dir(place.path("apart")).expect("a folder");
    for (name, target, lines) in [
        (
            "page.html",
            "letter.txt",
            &[
                "report --output page.html",
                "metrics --output page.html",
                "orders export --output page.html --force",
                "mappings export --output page.html --force",
                "backup page.html --force",
                "init --config page.html --force",
            ] as &[&str],
        ),
        ("way", "apart", &["report --output way/page.html", "backup way/copy.db"]),
        ("copy.db.key", "letter.txt", &["backup copy.db --force"]),
        ("mcf.db.key", "letter.txt", &["status", "rekey"]),
        ("mcf.db.tokens", "letter.txt", &["status", "purge"]),
        ("mcf.db.orders.lock", "letter.txt", &["rekey"]),
        ("link.db", "mcf.db", &["status --db link.db"]),
        ("config.toml", "other.toml", &["status"]),
    ] {
        let own = fs::rename(place.path(name), place.path("own")).is_ok();
        if !is_planted(&place, name, target, 0o1777) {
            return;
        }
        for line in lines {
            let ran = place.run(line).ends(6);
            assert!(
                ran.stderr.contains(name) && ran.stderr.contains("link"),
                "E177: {line}: {ran:?}"
            );
        }
        assert!(place.path(name).is_symlink(), "E177: {name} is as it was");
        fs::remove_file(place.path(name)).expect("gone");
        if own {
            fs::rename(place.path("own"), place.path(name)).expect("back");
        }
    }
    assert_eq!(place.read("letter.txt"), "dear reader");
    assert_eq!(fs::read_dir(place.path("apart")).expect("a folder").count(), 0);
    place.run("report --output page.html").ends(0);
    place.run("status").ends(0);
}
