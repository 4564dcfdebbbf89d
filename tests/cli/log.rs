//! `mcf log`: what happened over all orders, oldest first.

use std::process::{Command, Stdio};

use chrono::TimeDelta;
use serde_json::Value;

use crate::environment::Place;

const ORDER: &str = "576900000000000101";

/// A run that saw, called, decided and told something, and a hand that held it.
fn busy() -> Place {
    let place = Place::new();
    place.order(ORDER, "flagged");
    let at = (place.now() - TimeDelta::minutes(10)).timestamp();
    place
        .database()
        .execute_batch(&format!(
            "INSERT INTO runs (id, command, started_at, ended_at, outcome, counts, process_id)
                 VALUES (1, 'poll', {at}, {at} + 3, 'ok', '{{\"detected\": 1, \"routed\": 0}}', 1);
             INSERT INTO api_calls (id, run_id, order_id, at, peer, operation, method, path, duration_ms, outcome, status, code, request_id)
                 VALUES (7, 1, '{ORDER}', {at} + 1, 'tiktok', 'getOrderDetail', 'GET', '/x', 31, 'answered', 200, '0', 'req-7');
             INSERT INTO history (order_id, run_id, at, after_call, kind, from_state, to_state, text) VALUES
                 ('{ORDER}', 1, {at} + 1, 7, 'state', 'detected', 'flagged', 'the postal code is missing'),
                 ('{ORDER}', 1, {at} + 1, 7, 'flag', NULL, NULL, 'INVALID_ADDRESS (postal_code_missing): the postal code is missing'),
                 ('{ORDER}', NULL, {at} + 60, 7, 'operator', NULL, NULL, 'held by the operator');
             INSERT INTO events (kind, order_id, at, data)
                 VALUES ('order.failed', '{ORDER}', {at} + 1, '{{\"orderId\": \"{ORDER}\", \"reason\": \"INVALID_ADDRESS\", \"error\": \"it is missing\"}}');"
        ))
        .expect("rows");
    place
}

fn kinds(document: &Value) -> Vec<&str> {
    let entries = document["entries"].as_array().expect("entries").iter();
    entries.map(|entry| entry["kind"].as_str().expect("a kind")).collect()
}

#[test]
fn everything_that_happened_is_one_sequence_oldest_first_as_lines_and_as_json() {
    let place = busy();
    let document = place.run("log --json").ends(0).json();
    assert_eq!(
        kinds(&document),
        ["run", "call", "state", "flag", "event", "run", "hand"]
    );
    let call = &document["entries"][1];
    assert_eq!(
        (
            &call["orderId"],
            &call["operation"],
            &call["httpStatus"],
            &call["requestId"]
        ),
        (&ORDER.into(), &"getOrderDetail".into(), &200.into(), &"req-7".into())
    );
    assert_eq!(document["entries"][0]["orderId"], Value::Null);
    assert_eq!(document["entries"][5]["text"], "poll ended as ok: 1 detected");
    let text = place.run("log").ends(0).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(
        lines[2],
        "2026-01-05 11:50:01  state  576900000000000101  detected → flagged: the postal code is missing"
    );
    assert_eq!(
        lines[4],
        "2026-01-05 11:50:01  event  576900000000000101  order.failed, reason: INVALID_ADDRESS, error: it is missing"
    );
    let lines = place.run("log --jsonl").ends(0).stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(Value::Array(lines), document["entries"]);
}

#[test]
fn what_is_shown_is_chosen_by_time_order_and_kind() {
    let mut place = busy();
    let shown = |place: &Place, flags: &str| -> usize {
        let document = place.run(&format!("log --json {flags}")).ends(0).json();
        document["entries"].as_array().map_or(0, Vec::len)
    };
    for (flags, count) in [
        ("--kind state", 1),
        ("--kind state,hand", 2),
        ("--kind run", 2),
        ("--kind event", 1),
        ("--order 576900000000000101", 5),
        ("--order 5", 0),
        ("--since 2026-01-05T11:51:00Z", 1),
        ("--until 2026-01-05T11:50:00Z", 1),
        ("--since 2026-01-01 --until 2026-01-02", 0),
    ] {
        assert_eq!(shown(&place, flags), count, "{flags}");
    }
    place.step(TimeDelta::hours(24));
    assert_eq!(shown(&place, ""), 0, "the last 24 hours");
    assert_eq!(shown(&place, "--since 2026-01-05"), 7);
    place.run("log").ends(0).says("nothing happened");
    for wrong in [
        "log --kind statee",
        "log --since tomorrow",
        "log --follow --json",
        "log --follow --until 2026-01-01",
    ] {
        place.run(wrong).ends(2);
    }
}

#[test]
fn many_entries_come_whole_and_in_order_and_a_reader_that_goes_away_is_no_error_a9() {
    let place = busy();
    place
        .database()
        .execute_batch(&format!(
            "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 3000)
             INSERT INTO history (order_id, at, after_call, kind, text)
                 SELECT '{ORDER}', 1767600000 + number / 7, 7, 'note', 'number ' || number FROM numbers;"
        ))
        .expect("rows");
    let text = place.run("log --kind event --since 2026-01-01").ends(0).stdout;
    let numbers: Vec<usize> = text
        .lines()
        .filter_map(|line| line.rsplit_once("number ")?.1.parse().ok())
        .collect();
    assert_eq!(numbers, (1..=3000).collect::<Vec<_>>());
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("mcf"))
        .args(["log", "--since", "2026-01-01", "--db", "mcf.db"])
        .current_dir(place.path(""))
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn following_shows_what_is_written_later() {
    use std::io::{BufRead, BufReader};
    let place = busy();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("mcf"))
        .args([
            "log",
            "--follow",
            "--kind",
            "hand",
            "--since",
            "2026-01-05",
            "--db",
            "mcf.db",
        ])
        .current_dir(place.path(""))
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let first = lines.next().expect("a line").expect("text");
    assert!(first.ends_with("held by the operator"), "{first}");
    place.run(&format!("orders hold {ORDER}")).ends(0);
    let second = lines.next().expect("a line").expect("text");
    child.kill().expect("killed");
    child.wait().expect("an end");
    assert!(
        second.ends_with("held by the operator") && second.contains(ORDER),
        "{second}"
    );
}
