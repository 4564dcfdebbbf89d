//! What is wrong with the surroundings is said with file, line, key and the next command, and nothing is touched.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{PermissionsExt, symlink};

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

/// Stands for a secret that belongs to another user, as one that only root may read does for the service user.
#[test]
fn a_secret_file_without_read_permission_is_named_with_its_key_and_why_c26() {
    let place = Place::new();
    place.write("config.toml", "[amazon]\nclient_secret_file = \"client\"\n");
    place.write("client", "client-canary\n");
    for mode in [0o000, 0o200] {
        fs::set_permissions(place.path("client"), fs::Permissions::from_mode(mode)).expect("closed");
        let ran = place.run_without_privileges("status").ends(6);
        let file = place.path("client").display().to_string();
        for words in [
            "config.toml:2:22: ",
            "`amazon.client_secret_file`",
            &file,
            "ermission denied",
            "help: look at `ls -ld",
        ] {
            assert!(ran.stderr.contains(words), "C26: {mode:o}: {words}: {ran:?}");
        }
        assert!(!ran.stderr.contains("canary"), "C26: {ran:?}");
        assert!(!place.path("mcf.db").exists(), "C26: nothing is made");
    }
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
fn a_folder_in_place_of_the_configuration_is_told_and_no_chmod_is_advised_for_it() {
    let place = Place::new();
    fs::create_dir(place.path("settings")).expect("a folder");
    let ran = place
        .run("status --config settings")
        .ends(6)
        .says("name a file, not a folder");
    assert!(!ran.stderr.contains("chmod"), "{ran:?}");
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated_a14() {
    for line in [
        "poll --app-secret hunter2",
        "poll TIKTOK_APP_SECRET=hunter2",
        "poll --refresh-token=hunter2 --json",
    ] {
        let ran = Place::new().run(line).ends(2).says("app_secret_file");
        assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
    }
    let document = Place::new().run("route --json").ends(2).json();
    assert_eq!(
        document["error"]["message"],
        "the following required arguments were not provided: <ORDER_ID>"
    );
}

#[test]
fn an_endpoint_can_be_given_by_variables_alone() {
    let mut place = Place::new();
    place
        .set("WEBHOOK_1_URL", "http://127.0.0.1:9/hook")
        .set("WEBHOOK_2_URL", "https://hooks.example.com/services/x")
        .set("WEBHOOK_2_FORMAT", "slack");
    place
        .run("notify test --dry-run")
        .ends(0)
        .says("127.0.0.1:9")
        .says("hooks.example.com");
    place.set("WEBHOOK_1_SECRET", "hunter2");
    let ran = place
        .run("status")
        .ends(6)
        .says("WEBHOOK_1_SECRET")
        .says("openssl rand");
    assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
}

#[test]
fn a_missing_folder_of_the_database_is_told_with_what_to_do() {
    Place::new()
        .run("status --db missing/mcf.db")
        .ends(6)
        .says("help: mkdir -p ");
}

#[test]
fn an_output_goes_to_a_stream_or_into_a_whole_file_and_its_obstacle_is_named_with_6_a15() {
    let place = Place::new();
    place.run("status").ends(0);
    for stream in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let ran = place.run(&format!("report --output {stream}")).ends(0);
        assert!(ran.stdout.contains("<html"), "{stream}: {ran:?}");
    }
    fs::create_dir(place.path("folder")).expect("a folder");
    symlink("nowhere", place.path("loose")).expect("a link");
    for (output, words) in [
        ("no/such/page.html", "mkdir -p"),
        ("folder", "folder"),
        ("/sys/page.html", "/sys"),
        ("/dev/full", "the disk is full"),
        ("loose", "leads nowhere"),
    ] {
        for command in ["report", "metrics"] {
            let ran = place.run(&format!("{command} --output {output}")).ends(6).says(words);
            assert!(ran.stderr.contains("help:"), "{output}: {ran:?}");
        }
    }
    assert!(!place.path("nowhere").exists() && place.path("loose").is_symlink());
    place.write("real.html", "old");
    symlink("real.html", place.path("page.html")).expect("a link");
    place
        .run("report --output page.html --yes")
        .ends(6)
        .says("page.html is a link to")
        .says("help: name the file itself");
    assert_eq!(place.read("real.html"), "old");
    place
        .run("report --output real.html")
        .ends(3)
        .says("real.html is no report");
    place.run("report --output real.html --yes").ends(0);
    assert!(place.path("page.html").is_symlink() && place.read("real.html").contains("<html"));
    place.run("init --config loose").ends(6).says("leads nowhere");
}

#[test]
fn a_stream_that_is_redirected_to_a_file_keeps_what_the_file_held_a15() {
    let place = Place::new();
    place.run("status").ends(0);
    place.write("page.html", "before\n");
    for line in ["report --output /dev/stdout", "mappings export --output /dev/stdout"] {
        let log = OpenOptions::new().append(true).open(place.path("page.html"));
        let ran = std::process::Command::new(assert_cmd::cargo::cargo_bin!("mcf"))
            .args(line.split_whitespace())
            .current_dir(place.path(""))
            .env_clear()
            .env("MCF_DB", "mcf.db")
            .stdout(log.expect("a file"))
            .status();
        assert!(ran.expect("the binary runs").success(), "{line}");
    }
    let page = place.read("page.html");
    assert!(page.starts_with("before\n") && page.contains("</html>"), "{page}");
    assert!(page.contains("safety_stock,enabled"), "{page}");
}
