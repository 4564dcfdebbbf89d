//! What is wrong with the surroundings is said with file, line, key and the next command, and nothing is touched.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use crate::environment::Place;

#[test]
fn without_any_configuration_a_vendor_command_names_the_paths_tried() {
    for command in ["poll", "mappings check", "sync-inventory"] {
        let ran = Place::new().run(command).ends(6);
        for words in ["config.toml", "/etc/mcf-connector/config.toml", "mcf init"] {
            assert!(ran.stderr.contains(words), "{command}: {words}: {ran:?}");
        }
        assert_eq!(
            ran.stdout.lines().filter(|line| line.contains("app_secret = ")).count(),
            0
        );
    }
}

#[test]
fn half_a_configuration_names_every_missing_key_of_a_vendor() {
    let mut place = Place::new();
    place.write(
        "config.toml",
        "[tiktok]\napp_key = \"6abc\"\nshop_id = \"7496\"\n[amazon]\nclient_id = \"amzn1.a\"\n",
    );
    let ran = place.run("mappings check").ends(6);
    for key in [
        "amazon.client_secret",
        "AMAZON_CLIENT_SECRET",
        "amazon.refresh_token",
        "AMAZON_REFRESH_TOKEN",
    ] {
        assert!(ran.stderr.contains(key), "{key}: {ran:?}");
    }
    assert!(!ran.stderr.contains("amazon.client_id"), "{ran:?}");
    place.set("AMAZON_CLIENT_SECRET", "a").set("AMAZON_REFRESH_TOKEN", "b");
    let ran = place.run("poll").ends(6);
    for key in ["tiktok.app_secret", "TIKTOK_APP_SECRET", "tiktok.refresh_token"] {
        assert!(ran.stderr.contains(key), "{key}: {ran:?}");
    }
    assert!(!ran.stderr.contains("tiktok.app_key"), "{ran:?}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_one() {
    let place = Place::new();
    place.write("config.toml", "[retry]\nmax_atempts = 3\n");
    place.run("status").ends(6).says("max_attempts").says("config.toml:2");
    assert!(!place.path("mcf.db").exists());
}

#[test]
fn a_database_that_is_a_text_file_is_refused_and_stays_as_it_is() {
    let place = Place::new();
    let text = "these are notes of somebody, and no database at all, whatever the name of the file says\n";
    place.write("mcf.db", text);
    for command in ["status", "mappings list", "orders hold 1", "purge", "rekey"] {
        place.run(command).ends(6).says("not a database");
    }
    assert_eq!(place.read("mcf.db"), text);
}

#[test]
fn a_newer_database_is_refused() {
    let place = Place::new();
    place
        .database()
        .pragma_update(None, "user_version", 999)
        .expect("a version");
    place.run("status").ends(6).says("newer version");
}

#[test]
fn an_unknown_order_needs_a_person() {
    let place = Place::new();
    for command in [
        "status",
        "orders hold",
        "orders release",
        "orders dismiss",
        "orders erase",
    ] {
        place
            .run(&format!("{command} 576900000000000999"))
            .ends(3)
            .says("576900000000000999 is not known")
            .says("mcf orders list");
    }
}

#[test]
fn a_damaged_page_is_told_by_whatever_command_meets_it_c20() {
    let place = Place::new();
    place.order("576900000000000101", "flagged");
    place
        .database()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("folded");
    let root: u32 = place
        .database()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'orders'", [], |row| {
            row.get(0)
        })
        .expect("a page");
    let mut file = OpenOptions::new()
        .write(true)
        .open(place.path("mcf.db"))
        .expect("a database");
    file.seek(SeekFrom::Start(u64::from(root - 1) * 4096)).expect("a page");
    file.write_all(&[0xff; 4096]).expect("written");
    drop(file);
    for command in ["status", "orders list", "orders hold 576900000000000101"] {
        place.run(command).ends(6).says("is damaged").says("mcf restore BACKUP");
    }
}

#[test]
fn a_missing_folder_of_the_database_is_told_with_what_to_do() {
    Place::new()
        .run("status --db missing/mcf.db")
        .ends(6)
        .says("help: mkdir -p ");
}
