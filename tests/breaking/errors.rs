//! System calls that fail, one after another, under `strace`: the disk is full or broken, descriptors run out, connections break.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::common::{states, violations};
use super::sweep::{Killed, POLL, TRACKING, has_strace, traced};

/// A call and how it fails. What SQLite can't do is refused and done by the next run; what a vendor may have got is asked for.
const ERRORS: [(&str, &str); 15] = [
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("pread64", "EIO"),
    ("fsync", "EIO"),
    ("fdatasync", "EIO"),
    ("ftruncate", "EIO"),
    ("unlink", "EACCES"),
    ("write", "ENOSPC"),
    ("mmap", "ENOMEM"),
    ("openat", "EMFILE"),
    ("connect", "ETIMEDOUT"),
    ("sendto", "ECONNRESET"),
    ("writev", "EPIPE"),
    ("recvfrom", "ECONNRESET"),
    ("recvfrom", "ETIMEDOUT"),
];

/// Calls that the start of any program makes, too: the first ones say nothing of this one.
const LATER: [&str; 2] = ["mmap", "openat"];
const START: usize = 60;

/// How often each fails in the whole set; both commands together make three hundred.
const EACH: usize = 10;

/// Lets the `nth` call of `name` fail, then runs three times more; returns what is wrong, and whether the call was made at all.
fn failing_at(killed: Killed, (name, error): (&str, &str), nth: usize) -> (bool, Vec<String>) {
    let mut shop = (killed.shop)();
    let calls = format!("trace={name}");
    let inject = format!("inject={name}:error={error}:when={nth}");
    let code = traced(&shop, &[killed.run], &["-e", &calls, "-e", &inject]);
    let trace = std::fs::read_to_string(shop.folder.path().join("trace")).expect("a record");
    let mut found = Vec::new();
    // 101 is a panic; a signal is a crash.
    if !matches!(code, Some(0 | 1 | 4 | 6)) {
        found.push(format!("ends with {code:?}"));
    }
    for minutes in [5, 20, 20] {
        shop.pass(minutes, 0);
        let ran = shop.mcf(&[killed.run]);
        if ![0, 4].contains(&ran.code) {
            found.push(format!("the next run ends with {}: {}", ran.code, ran.stderr));
        }
    }
    found.extend(violations(&shop));
    let ends: Vec<String> = states(&shop).into_values().collect();
    if ends != [killed.end] || shop.sandbox.world().amazon.orders.len() != 1 {
        found.push(format!("I2: {ends:?}"));
    }
    let said = |wrong: String| format!("{} with {error} at {name} {nth}: {wrong}", killed.run);
    (trace.contains("(INJECTED)"), found.into_iter().map(said).collect())
}

/// Plays the cases in two threads.
fn fail(cases: &[(Killed, (&'static str, &'static str), usize)]) {
    if !has_strace() {
        return;
    }
    let (next, reached) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found = std::sync::Mutex::new(Vec::new());
    let work = || {
        while let Some((killed, error, nth)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (was_reached, wrong) = failing_at(*killed, *error, *nth);
            reached.fetch_add(usize::from(was_reached), Ordering::Relaxed);
            found.lock().expect("no panic").extend(wrong);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    let found = found.into_inner().expect("no panic");
    println!(
        "failing system calls: {} runs, {} of them struck, {} lost or doubled",
        cases.len(),
        reached.into_inner(),
        found.len()
    );
    assert_eq!(found, Vec::<String>::new());
}

fn nth(name: &str, turn: usize, step: usize) -> usize {
    let first = if LATER.contains(&name) { START } else { 1 };
    first + turn * step
}

#[test]
fn some_system_calls_that_fail_lose_and_double_nothing() {
    let cases: Vec<_> = [
        ("pwrite64", "ENOSPC"),
        ("fdatasync", "EIO"),
        ("openat", "EMFILE"),
        ("recvfrom", "ECONNRESET"),
    ]
    .into_iter()
    .map(|error| (POLL, error, nth(error.0, 2, 2)))
    .chain([(TRACKING, ("sendto", "ECONNRESET"), 3)])
    .collect();
    fail(&cases);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test breaking -- --ignored --nocapture three_hundred_failing_system_calls"]
fn three_hundred_failing_system_calls_lose_and_double_nothing() {
    let cases: Vec<_> = [POLL, TRACKING]
        .into_iter()
        .flat_map(|killed| {
            ERRORS
                .iter()
                .flat_map(move |error| (0..EACH).map(move |turn| (killed, *error, nth(error.0, turn, 3))))
        })
        .collect();
    fail(&cases);
}
