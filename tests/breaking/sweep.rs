//! Killed at system calls, one after another, under `strace`; and the order of system calls around a create.
//!
//! The binary is that of the profile: `cargo test --release` sweeps the one that ships.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mcf_connector::sandbox::scenario::OrderKind;

use super::common::{states, violations};
use super::test_shop::TestShop;

pub fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").output().is_ok();
    if !found {
        println!("strace is not installed: the sweep over system calls is skipped");
    }
    found
}

/// Runs a command under `strace` with these arguments; its record lies in `trace` in the shop's folder.
pub fn traced(shop: &TestShop, run: &[&str], arguments: &[&str]) -> Option<i32> {
    shop.sandbox.world().set_clock(shop.now);
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "trace", "-s", "64"])
        .args(arguments)
        .arg(env!("CARGO_BIN_EXE_mcf"))
        .args(run)
        .env_clear()
        .env("HOME", shop.folder.path())
        .env("PATH", "/usr/bin:/bin")
        .env("MCF_NOW", shop.now.to_rfc3339())
        .current_dir(shop.folder.path())
        .output();
    output.expect("strace").status.code()
}

/// A command that is killed, in a shop that leads to it, and where the order must be in the end.
#[derive(Clone, Copy)]
pub struct Killed {
    pub run: &'static str,
    pub shop: fn() -> TestShop,
    pub end: &'static str,
}

pub const POLL: Killed = Killed {
    run: "poll",
    shop: || TestShop::of(&[OrderKind::Plain]),
    end: "routed",
};

pub const TRACKING: Killed = Killed {
    run: "sync-tracking",
    shop: || {
        let mut shop = TestShop::of(&[OrderKind::TwoParcels]);
        shop.poll();
        shop.pass(30, 3);
        shop
    },
    end: "completed",
};

/// The calls by which a run changes its file and talks to the vendors.
const CALLS: [&str; 6] = ["pwrite64", "fsync", "fdatasync", "sendto", "recvfrom", "writev"];

/// Kills a run at its `nth` call of `name`; `false` when it ended before.
fn killed_at(killed: Killed, name: &str, nth: usize) -> bool {
    let mut shop = (killed.shop)();
    let calls = format!("trace={name}");
    let kill = format!("inject={name}:signal=KILL:when={nth}");
    let code = traced(&shop, &[killed.run], &["-e", &calls, "-e", &kill]);
    assert!(matches!(code, None | Some(0)), "{name} {nth}: {code:?}");
    for minutes in [5, 20, 20] {
        shop.pass(minutes, 0);
        let code = shop.mcf(&[killed.run]).code;
        assert!([0, 4].contains(&code), "{name} {nth}: {code}");
    }
    assert_eq!(violations(&shop), Vec::<String>::new(), "{name} {nth}");
    let states: Vec<String> = states(&shop).into_values().collect();
    assert_eq!(states, [killed.end], "{name} {nth}: I2");
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 1, "{name} {nth}: I1");
    code.is_none()
}

/// Kills a run at the first call of `name` and then at every `step`th until none is left, two runs at a time. Returns how many
/// were killed.
fn sweep(killed: Killed, name: &str, step: usize) -> usize {
    let (next, cases, is_over) = (AtomicUsize::new(1), AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        while !is_over.load(Ordering::Relaxed) {
            if killed_at(killed, name, next.fetch_add(step, Ordering::Relaxed)) {
                cases.fetch_add(1, Ordering::Relaxed);
            } else {
                is_over.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    cases.into_inner()
}

fn sweep_all(killed: Killed, step: usize) {
    if !has_strace() {
        return;
    }
    let mut cases = 0;
    for name in CALLS {
        let count = sweep(killed, name, step);
        println!("{} {name}: {count} cases", killed.run);
        cases += count;
    }
    println!("{}: {cases} system calls, 0 violations", killed.run);
}

/// `strace` counts the calls of each thread by itself: where two threads make the same call, the later one's are never reached.
#[test]
fn each_call_of_the_sweep_is_made_by_one_thread_so_that_none_is_left_out() {
    if !has_strace() {
        return;
    }
    for killed in [POLL, TRACKING] {
        let shop = (killed.shop)();
        let calls = format!("trace={}", CALLS.join(","));
        assert_eq!(traced(&shop, &[killed.run], &["-e", &calls]), Some(0));
        let trace = std::fs::read_to_string(shop.folder.path().join("trace")).expect("a record");
        for name in CALLS {
            let begins = format!(" {name}(");
            let made = trace.lines().filter(|line| line.contains(&begins));
            let threads: Vec<&str> = made.filter_map(|line| line.split(' ').next()).collect();
            println!("{} {name}: {} calls", killed.run, threads.len());
            let by = |thread: &str| threads.iter().filter(|other| **other == thread).count();
            let busiest = threads.iter().map(|thread| by(thread)).max().unwrap_or_default();
            // The thread that listens for signals looks into its own pair of sockets once when it begins and once at the end.
            let listening = if name == "recvfrom" { 2 } else { 0 };
            assert!(
                threads.len() - busiest <= listening,
                "{} {name}: {threads:?}",
                killed.run
            );
        }
    }
}

#[test]
fn a_run_that_is_killed_at_some_system_calls_loses_and_doubles_nothing() {
    sweep_all(POLL, 40);
    sweep_all(TRACKING, 40);
}

#[test]
#[ignore = "takes minutes; with the binary as it ships: \
            cargo test --release --test breaking -- --ignored --nocapture killed_at_every_system_call"]
fn a_poll_that_is_killed_at_every_system_call_loses_and_doubles_nothing() {
    sweep_all(POLL, 1);
}

#[test]
#[ignore = "takes minutes; with the binary as it ships: \
            cargo test --release --test breaking -- --ignored --nocapture killed_at_every_system_call"]
fn a_tracking_run_that_is_killed_at_every_system_call_loses_and_doubles_nothing() {
    sweep_all(TRACKING, 1);
}

#[test]
fn an_fsync_lies_between_the_intent_and_the_first_byte_of_the_create_i5() {
    if !has_strace() {
        return;
    }
    let shop = TestShop::of(&[OrderKind::Plain]);
    let calls = "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg";
    assert_eq!(traced(&shop, &["poll"], &["-e", calls]), Some(0));
    let trace = std::fs::read_to_string(shop.folder.path().join("trace")).expect("a record");
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
