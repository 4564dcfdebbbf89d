//! What may be typed, and what the program says of itself.

use crate::environment::Place;

/// Commands that need no vendor, no configuration and no database.
const OFFLINE: [&str; 25] = [
    "pause",
    "resume",
    "init",
    "status",
    "status 1",
    "log",
    "metrics",
    "mappings import missing.csv",
    "mappings list",
    "mappings export",
    "mappings rollback",
    "orders list",
    "orders export",
    "orders hold 1",
    "orders release 1",
    "orders dismiss 1",
    "orders erase 1",
    "notify test",
    "notify flush",
    "notify verify missing.txt",
    "report --output page.html",
    "schedule cron",
    "backup copy.db",
    "restore missing.db",
    "purge",
];

#[test]
fn every_command_answers_json_with_one_document_also_when_it_fails() {
    for line in OFFLINE.into_iter().chain([
        "rekey",
        "schedule systemd",
        "completions bash",
        "man",
        "mappings check",
        "check nonsense",
        "polll",
        "metrics --format prometheus",
        "status --check",
        "check mappings",
        "notify test --dry-run",
    ]) {
        let ran = Place::new().run(&format!("{line} --json"));
        let document = ran.json();
        let failed = !document["error"].is_null();
        assert_eq!(failed, ran.code != 0, "{line}: {ran:?}");
        if failed {
            assert_eq!(document["error"]["exitCode"], ran.code, "{line}");
            assert!(document["error"]["message"].is_string(), "{line}");
        }
    }
}

#[test]
fn every_command_has_help_with_an_example_to_paste() {
    let commands = [
        "poll",
        "route",
        "sync-tracking",
        "sync-inventory",
        "mappings",
        "mappings import",
        "mappings add",
        "mappings remove",
        "mappings missing",
        "mappings list",
        "mappings export",
        "mappings check",
        "mappings rollback",
        "status",
        "log",
        "metrics",
        "init",
        "pause",
        "resume",
        "auth",
        "auth tiktok",
        "auth amazon",
        "check",
        "orders",
        "orders list",
        "orders export",
        "orders hold",
        "orders release",
        "orders dismiss",
        "orders restore",
        "orders approve",
        "orders erase",
        "notify",
        "notify test",
        "notify flush",
        "notify verify",
        "report",
        "schedule",
        "backup",
        "restore",
        "purge",
        "rekey",
        "demo",
        "sandbox",
        "serve",
        "completions",
        "man",
    ];
    for command in commands {
        let ran = Place::new().run(&format!("{command} --help")).ends(0);
        let first = ran.stdout.lines().next().unwrap_or_default();
        assert!(
            first.split_whitespace().count() > 2 && !first.starts_with("Usage"),
            "{command}: {first}"
        );
        assert!(
            ran.stdout.contains("Example") && ran.stdout.contains("\n  mcf "),
            "{command}: {ran:?}"
        );
    }
}

#[test]
fn an_unknown_command_or_flag_is_a_usage_error_with_a_suggestion() {
    Place::new().run("statos").ends(2).says("status");
    Place::new().run("poll --dry-rum").ends(2).says("--dry-run");
    Place::new().run("status ../1").ends(2);
    assert!(!Place::new().path("mcf.db").exists());
}

#[test]
fn the_man_page_and_the_completions_name_every_command() {
    let place = Place::new();
    let page = place.run("man").ends(0).stdout;
    assert!(
        page.contains(".TH") && page.contains("MCF MAPPINGS IMPORT") && page.contains("MCF REKEY"),
        "{page}"
    );
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        place.run(&format!("completions {shell}")).ends(0).says("sync-tracking");
    }
    assert!(!place.path("mcf.db").exists(), "neither needs a database");
}
