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

/// Calls that the start of any program makes, too, and how many of them say nothing of this one.
const AT_THE_START: [(&str, usize); 3] = [("mmap", 60), ("openat", 60), ("pread64", 4)];

/// What a plain `write` goes to of what lies on a disk. Threads wake each other by it, too, and that can't fail.
const WRITTEN: [&str; 4] = [
    "mcf.db.lock",
    "mcf.db.orders.lock",
    "mcf.db.tracking.lock",
    "mcf.db.tokens",
];

/// At how many places each fails in the whole set; a command that makes fewer such calls is done sooner.
const PLACES: usize = 30;

/// How many calls fail in the whole set at least.
const STRUCK_MIN: usize = 300;

/// Lets the `nth` call of `name` fail, then runs three times more; returns what is wrong, and whether the call was made at all.
fn failing_at(killed: Killed, (name, error): (&str, &str), nth: usize) -> (bool, Vec<String>) {
    let mut shop = (killed.shop)();
    let calls = format!("trace={name}");
    let inject = format!("inject={name}:error={error}:when={nth}");
    let files = WRITTEN.map(|name| shop.folder.path().join(name).display().to_string());
    let mut options = vec!["-e", &calls, "-e", &inject];
    if name == "write" {
        options.extend(files.iter().flat_map(|file| ["-P", file.as_str()]));
    }
    let code = traced(&shop, &[killed.run], &options);
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

/// An error at each place of a command that is asked for, until the command makes no such call any more.
struct Case {
    killed: Killed,
    error: (&'static str, &'static str),
    places: Vec<usize>,
}

/// Plays the cases in two threads; returns how many calls failed.
fn fail(cases: &[Case]) -> usize {
    let (next, struck) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found = std::sync::Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            for place in &case.places {
                let (was_reached, wrong) = failing_at(case.killed, case.error, *place);
                found.lock().expect("no panic").extend(wrong);
                if !was_reached {
                    break;
                }
                struck.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    let (found, struck) = (found.into_inner().expect("no panic"), struck.into_inner());
    println!("failing system calls: {struck} struck, {} lost or doubled", found.len());
    assert_eq!(found, Vec::<String>::new());
    struck
}

/// The `turn`th place at which a call fails: writes and reads of the database are many, so that some are left out.
fn place(name: &str, turn: usize) -> usize {
    let start = AT_THE_START.iter().find(|(other, _)| *other == name);
    let step = if name.starts_with('p') { 5 } else { 1 };
    1 + start.map_or(0, |(_, calls)| *calls) + turn * step
}

#[test]
fn some_system_calls_that_fail_lose_and_double_nothing() {
    if !has_strace() {
        return;
    }
    let case = |killed, error: (&'static str, _), turn| Case {
        killed,
        error,
        places: vec![place(error.0, turn)],
    };
    let cases = [
        case(POLL, ("pwrite64", "ENOSPC"), 1),
        case(POLL, ("fdatasync", "EIO"), 4),
        case(POLL, ("openat", "EMFILE"), 4),
        case(POLL, ("recvfrom", "ECONNRESET"), 4),
        case(TRACKING, ("writev", "EPIPE"), 2),
    ];
    fail(&cases);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test breaking -- --ignored --nocapture three_hundred_failing_system_calls"]
fn three_hundred_failing_system_calls_lose_and_double_nothing() {
    if !has_strace() {
        return;
    }
    let cases = [POLL, TRACKING].into_iter().flat_map(|killed| {
        ERRORS.into_iter().map(move |error| Case {
            killed,
            error,
            places: (0..PLACES).map(|turn| place(error.0, turn)).collect(),
        })
    });
    let struck = fail(&Vec::from_iter(cases));
    assert!(struck >= STRUCK_MIN, "{struck} calls failed");
}
