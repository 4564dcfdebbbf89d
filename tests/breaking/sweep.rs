//! Killed at system calls, one after another, under `strace`; and the order of system calls around a create.

use std::process::Command;

use mcf_connector::sandbox::scenario::OrderKind;

use super::bench::{states, violations};
use super::road::Road;

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").output().is_ok();
    if !found {
        println!("strace is not installed: the sweep over system calls is skipped");
    }
    found
}

/// Runs a poll under `strace` with these arguments; its record lies in `trace` in the road's folder.
fn traced(road: &Road, arguments: &[&str]) -> Option<i32> {
    road.sandbox.world().set_clock(road.now);
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "trace", "-s", "64"])
        .args(arguments)
        .arg(env!("CARGO_BIN_EXE_mcf"))
        .arg("poll")
        .env_clear()
        .env("HOME", road.folder.path())
        .env("PATH", "/usr/bin:/bin")
        .env("MCF_NOW", road.now.to_rfc3339())
        .current_dir(road.folder.path())
        .output();
    output.expect("strace").status.code()
}

/// Kills a poll at the `nth` call of `name` in any of its threads; `false` when it ended before.
fn killed_at(name: &str, nth: usize) -> bool {
    let mut road = Road::of(&[OrderKind::Plain]);
    let calls = format!("trace={name}");
    let kill = format!("inject={name}:signal=KILL:when={nth}");
    let code = traced(&road, &["-e", &calls, "-e", &kill]);
    let was_killed = code != Some(0);
    for minutes in [5, 20, 20] {
        road.pass(minutes, 0);
        let code = road.mcf(&["poll"]).code;
        assert!([0, 4].contains(&code), "{name} {nth}: {code}");
    }
    assert_eq!(violations(&road), Vec::<String>::new(), "{name} {nth}");
    let states: Vec<String> = states(&road).into_values().collect();
    assert_eq!(states, ["routed"], "{name} {nth}: I2");
    assert_eq!(road.sandbox.world().amazon.orders.len(), 1, "{name} {nth}: I1");
    was_killed
}

/// Returns how many cases were killed, with so many calls skipped after each.
fn sweep(step: usize) -> usize {
    let mut cases = 0;
    for name in ["pwrite64", "fsync", "fdatasync", "sendto", "recvfrom", "writev"] {
        let mut nth = 1;
        while killed_at(name, nth) {
            cases += 1;
            nth += step;
        }
    }
    cases
}

#[test]
fn a_poll_that_is_killed_at_some_system_calls_loses_and_doubles_nothing() {
    if has_strace() {
        println!("system calls: {} cases, 0 violations", sweep(40));
    }
}

#[test]
#[ignore = "takes many minutes: cargo test --test breaking -- --ignored a_poll_that_is_killed_at_every"]
fn a_poll_that_is_killed_at_every_system_call_loses_and_doubles_nothing() {
    if has_strace() {
        println!("system calls: {} cases, 0 violations", sweep(1));
    }
}

#[test]
fn an_fsync_lies_between_the_intent_and_the_first_byte_of_the_create_i5() {
    if !has_strace() {
        return;
    }
    let road = Road::of(&[OrderKind::Plain]);
    let calls = "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg";
    assert_eq!(traced(&road, &["-e", calls]), Some(0));
    let trace = std::fs::read_to_string(road.folder.path().join("trace")).expect("a record");
    let lines: Vec<&str> = trace.lines().collect();
    let create = lines
        .iter()
        .position(|line| line.contains("POST /fba/outbound/2020-07-01/fulfillmentOrders "))
        .expect("the create in the record");
    let written = lines[..create].iter().rposition(|line| line.contains("pwrite64("));
    let synced = lines[..create].iter().rposition(|line| line.contains("sync("));
    assert!(
        synced > written,
        "I5: {:#?}",
        &lines[create.saturating_sub(12)..=create]
    );
}
