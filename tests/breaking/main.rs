//! Breaking the program everywhere: killed at named points and at system calls, in storms of faults, two at a time. Whatever
//! happens, one order is created once and none is forgotten.
//!
//! By name, since they take minutes; the binary is that of the profile, so that `--release` breaks the one that ships:
//!
//! - `cargo test --release --test breaking -- --ignored --nocapture`: storms of a thousand orders and in every create mode,
//!   a poll and a tracking run killed at every system call, failing system calls, every power cut (these need `strace`), random
//!   kills;
//! - the same with `four_hosts`: four hosts on one PostgreSQL, 2,000 and 10,000 orders;
//! - `cargo test --features crash-points --test breaking crash_matrix -- --nocapture`: killed at every named point;
//! - `tests/mutations/run`: each broken variant of the program must make one of these suites fail.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests fail and talk as tests do"
)]

mod common;
#[cfg(feature = "crash-points")]
mod crash_matrix;
#[path = "../shared/dice.rs"]
mod dice;
mod drafts;
mod errors;
#[path = "../shared/folder.rs"]
mod folder;
mod hosts;
#[path = "../shared/in_process.rs"]
#[expect(dead_code, reason = "the simulation uses all of it")]
mod in_process;
#[path = "../shared/invariants.rs"]
mod invariants;
mod kills;
mod life;
mod older;
mod outage;
#[path = "../shared/postgres.rs"]
mod postgres_server;
mod power;
#[cfg(feature = "crash-points")]
mod rest;
mod stop;
mod storm;
mod suspended;
mod sweep;
#[path = "../lifecycle/test_shop.rs"]
#[expect(dead_code, reason = "the shop's own tests use all of it")]
mod test_shop;
mod together;
#[path = "../shared/unhurried.rs"]
mod unhurried;
