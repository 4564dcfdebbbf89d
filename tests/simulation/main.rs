//! Weeks of a shop from one seed: what arrives, what buyers wish, what goes wrong at both vendors, a clock that is off, a person's
//! hand, and kills, all in one process. After every command it is looked whether anything is so that must never be.
//!
//! A hundred seeds are in the suite. More by name, since it takes minutes:
//! `SIMULATION_SEEDS=3000 cargo test --release --test simulation -- --ignored --nocapture thousands_of_seeds`.
//! A seed that fails prints the shortest script that still does, and the command that plays it again.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests fail and talk as tests do"
)]

#[path = "../shared/dice.rs"]
mod dice;
#[path = "../shared/folder.rs"]
mod folder;
mod hands;
#[path = "../shared/in_process.rs"]
mod in_process;
#[path = "../shared/invariants.rs"]
mod invariants;
mod judge;
mod play;
mod scenes;
mod script;
mod shop;
mod shrink;
mod slack;
mod slips;
#[path = "../shared/unhurried.rs"]
mod unhurried;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use play::{Figures, Spoiler, play};
use script::{Step, script};

/// Rounds of a script in the suite, and in the longer runs by name.
const SHORT: usize = 3;
const LONG: usize = 40;

/// Each scene four times, among what chance brings.
#[test]
fn a_hundred_seeds_lose_nothing_and_double_nothing() {
    seeds(1..101, SHORT);
}

/// `SIMULATION_SEEDS` says how many, `SIMULATION_FIRST` from which on.
#[test]
#[ignore = "takes minutes: SIMULATION_SEEDS=3000 cargo test --release --test simulation -- --ignored --nocapture thousands_of_seeds"]
fn thousands_of_seeds() {
    let first = number("SIMULATION_FIRST").unwrap_or(1_000);
    seeds(first..first + number("SIMULATION_SEEDS").unwrap_or(2_000), SHORT);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test simulation -- --ignored --nocapture weeks_of_a_busy_shop"]
fn weeks_of_a_busy_shop() {
    let first = number("SIMULATION_FIRST").unwrap_or(500_000);
    seeds(first..first + number("SIMULATION_SEEDS").unwrap_or(100), LONG);
}

/// `SIMULATION_SEED` is the seed, `SIMULATION_STEPS` what is left of its script.
#[test]
#[ignore = "plays one script again: SIMULATION_SEED=17 SIMULATION_STEPS=3,9 cargo test --test simulation -- --ignored --nocapture one_script"]
fn one_script() {
    let rounds = number("SIMULATION_ROUNDS").map_or(SHORT, |rounds| usize::try_from(rounds).expect("few"));
    let whole = script(number("SIMULATION_SEED").unwrap_or(1), rounds);
    let wanted: Option<Vec<usize>> = std::env::var("SIMULATION_STEPS").ok().map(|steps| {
        let steps = steps.split(',').map(|step| step.trim().parse().expect("a number"));
        steps.collect()
    });
    let wanted = wanted.unwrap_or_else(|| (0..whole.len()).collect());
    for step in &wanted {
        println!("{step:>4}  {:?}", whole[*step]);
    }
    let steps: Vec<&Step> = wanted.iter().map(|step| &whole[*step]).collect();
    let played = play(&steps, Spoiler::of_the_environment());
    println!("{played:?}");
    assert_eq!(played.err(), None);
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

/// Plays the seeds in two threads; the first that fails is shrunk and printed.
fn seeds(seeds: std::ops::Range<u64>, rounds: usize) {
    let (next, sum, failed) = (
        AtomicU64::new(seeds.start),
        Mutex::new(Figures::default()),
        Mutex::new(Vec::new()),
    );
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || !failed.lock().expect("no panic").is_empty() {
                return;
            }
            let whole = script(seed, rounds);
            match play(&whole.iter().collect::<Vec<_>>(), Spoiler::None) {
                Ok(figures) => sum.lock().expect("no panic").add(&figures),
                Err(breach) => failed.lock().expect("no panic").push((seed, breach)),
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    let failed = failed.into_inner().expect("no panic");
    let report = failed.first().map(|(seed, breach)| {
        println!("seed {seed} fails: {breach}; the shortest script is looked for");
        shrink::report(*seed, rounds, breach, Spoiler::None)
    });
    assert!(report.is_none(), "{}", report.unwrap_or_default());
    let count = seeds.end - seeds.start;
    println!(
        "simulation: {count} seeds, {}, 0 lost, 0 doubled",
        sum.into_inner().expect("no panic")
    );
}

/// A program that sends anew after it was killed, in place of asking first: the judge must see it, the script must become short, and
/// the command that is printed must show the same.
#[test]
#[ignore = "takes a minute: cargo test --release --test simulation -- --ignored --nocapture a_program_that_doubles_an_order_is_found"]
fn a_program_that_doubles_an_order_is_found_and_the_command_that_is_printed_shows_it_again() {
    let spoiler = Spoiler::DoublesAfterAKill;
    let breach_of = |seed| play(&script(seed, SHORT).iter().collect::<Vec<_>>(), spoiler).err();
    let (seed, breach) = (1..200)
        .find_map(|seed| Some((seed, breach_of(seed)?)))
        .expect("a seed with a kill after a create");
    assert!(breach.contains("I1: "), "{breach}");
    let said = shrink::report(seed, SHORT, &breach, spoiler);
    println!("{said}");
    let (steps, command) = said.split_once("\nagain: ").expect("a command");
    let (head, steps) = steps.split_once(":\n").expect("steps");
    assert!(head.starts_with(&format!("seed {seed} fails: I1: ")), "{head}");
    assert!(steps.lines().count() <= 5, "{steps}");
    let again = played_by(command);
    assert!(steps.lines().all(|step| again.contains(step)), "{again}");
    assert!(again.contains("I1: ") && again.contains("1 failed"), "{again}");
}

/// Runs the test that a command names, with its variables, and returns what it says.
fn played_by(command: &str) -> String {
    let (variables, test) = command
        .split_once("cargo test --test simulation -- ")
        .expect("a command");
    let variables = variables
        .split_whitespace()
        .filter_map(|variable| variable.split_once('='));
    let ran = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(test.split_whitespace())
        .envs(variables)
        .output()
        .expect("a process");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// A program that forgets an order that it has read.
#[test]
#[ignore = "takes minutes: cargo test --release --test simulation -- --ignored --nocapture a_program_that_loses_an_order_is_found"]
fn a_program_that_loses_an_order_is_found() {
    let is_found = |seed| {
        let played = play(&script(seed, SHORT).iter().collect::<Vec<_>>(), Spoiler::ForgetsAnOrder);
        played.err().is_some_and(|breach| breach.contains("I2: "))
    };
    assert!((1..10).any(is_found));
}

#[test]
fn a_seed_is_one_script() {
    assert_eq!(format!("{:?}", script(7, SHORT)), format!("{:?}", script(7, SHORT)));
    assert_ne!(format!("{:?}", script(7, SHORT)), format!("{:?}", script(8, SHORT)));
}
