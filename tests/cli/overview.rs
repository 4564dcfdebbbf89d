//! `mcf status`, `metrics`, `report`, `schedule`: without credentials, without a configuration, without a database.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use serde_json::Value;

use crate::environment::Place;

#[test]
fn status_works_at_once_and_check_says_that_a_person_is_needed() {
    let place = Place::new();
    let document = place.run("status --json").ends(0).json();
    assert_eq!(document["orders"]["routed"], 0);
    assert_eq!(document["commands"][0]["overdue"], true);
    place.run("status --check --quiet").ends(3).says("mcf poll");
    assert!(place.path("mcf.db").exists());
}

#[test]
fn status_check_is_silent_when_all_is_well() {
    let mut place = Place::new();
    let at = place.now().timestamp();
    for command in ["poll", "sync-tracking", "sync-inventory"] {
        place
            .database()
            .execute(
                "INSERT INTO runs (command, started_at, ended_at, outcome, process_id) VALUES (?1, ?2, ?2, 'ok', 1)",
                (command, at),
            )
            .expect("a run");
    }
    place.step(TimeDelta::minutes(6));
    assert_eq!(place.run("status --check --quiet").ends(0).stdout, "");
    place.step(TimeDelta::minutes(6));
    place.run("status --check --quiet").ends(3).says("mcf poll");
}

#[test]
fn the_address_is_shown_for_one_order_only() {
    Place::new().run("status --address").ends(2);
    Place::new().run("status 1 --check").ends(2);
}

#[test]
fn metrics_since_a_day_are_for_people_and_programs_and_not_for_prometheus() {
    let place = Place::new();
    place.order("576900000000000101", "routed");
    let all = place.run("metrics --json").ends(0).json();
    assert_eq!((&all["ordersDetected"], &all["since"]), (&1.into(), &Value::Null));
    let day = place.now().format("%Y-%m-%d").to_string();
    let since = place.run(&format!("metrics --since {day} --json")).ends(0).json();
    assert_eq!(since["since"], format!("{day}T00:00:00Z"));
    place
        .run("metrics --since 2026-01-01 --format prometheus")
        .ends(2)
        .says("increase(");
    place.run("metrics --since 2999-01-01").ends(2).says("future");
}

#[test]
fn metrics_come_as_text_json_and_prometheus_and_into_a_file_that_others_may_read() {
    let place = Place::new();
    place.run("metrics").ends(0).says("metrics\t");
    assert_eq!(place.run("metrics --format json").ends(0).json()["ordersDetected"], 0);
    let text = place.run("metrics --format prometheus").ends(0).stdout;
    assert!(text.contains("# TYPE "));
    for _ in 0..2 {
        place.run("metrics --format prometheus --output mcf.prom").ends(0);
    }
    assert_eq!(place.read("mcf.prom"), text);
    place.run("metrics --output /dev/full").ends(6).says("/dev/full");
    let mode = fs::metadata(place.path("mcf.prom"))
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    place
        .run("metrics --output missing/mcf.prom")
        .ends(6)
        .says("no folder missing");
    place
        .run("report --output missing/page.html")
        .ends(6)
        .says("mkdir -p missing");
}

#[test]
fn the_report_is_one_page() {
    let place = Place::new();
    let document = place.run("report --output page.html --json").ends(0).json();
    assert_eq!(document["output"], "page.html");
    assert!(place.read("page.html").starts_with("<!DOCTYPE html>"));
    place.run("report --output page.html").ends(0).says("wrote page.html");
}

#[test]
fn a_file_that_is_no_report_is_replaced_only_after_a_word() {
    let place = Place::new();
    for (name, text) in [("notes.html", "<!DOCTYPE html><title>mine</title>"), ("empty", "")] {
        place.write(name, text);
        let refused = place.run(&format!("report --output {name}")).ends(3);
        assert!(
            refused
                .stderr
                .contains(&format!("{name} is no report and would be replaced; nothing was done"))
                && refused
                    .stderr
                    .contains(&format!("help: mcf report --output {name} --yes")),
            "{refused:?}"
        );
        assert_eq!(place.read(name), text);
        let document = place.run(&format!("report --output {name} --json")).ends(3).json();
        assert_eq!(document["error"]["exitCode"], 3);
    }
    place.run("report --output notes.html --yes").ends(0);
    place.run("report --output notes.html").ends(0).says("wrote notes.html");
    assert!(place.read("notes.html").contains("</html>"));
}

#[test]
fn the_schedule_calls_this_program_with_absolute_paths() {
    let place = Place::new();
    let text = place.run("schedule cron").ends(0).stdout;
    let line = text.lines().find(|line| line.contains(" poll ")).unwrap_or_default();
    assert!(line.contains("/mcf --db /") && line.contains("/mcf.db"), "{text}");
    place.write("config.toml", "[schedule]\norder_poll_interval_minutes = 10\n");
    place
        .run("schedule cron")
        .ends(0)
        .says("1-59/10 * * * *")
        .says("config.toml");
    let document = place.run("schedule systemd --json").ends(0).json();
    assert_eq!(document["units"].as_array().map(Vec::len), Some(14));
    let units = place.run("schedule systemd").ends(0).says("User=seller");
    assert!(units.stdout.contains("systemctl enable --now") || units.stdout.contains("enable --now"));
}
