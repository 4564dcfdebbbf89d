//! The commands as a person or a cron job meets them: the real binary, its words, its exit codes, its JSON.

#![expect(clippy::expect_used, reason = "a test fails where something expected is missing")]

mod auth;
mod bad_input;
mod check;
mod environment;
mod errors;
#[path = "../shared/folder.rs"]
mod folder;
mod given_keys;
mod golden;
mod hands;
mod history;
mod hostile;
mod keeping;
mod log;
mod logging;
mod looking;
mod lost;
mod mappings;
mod mappings_by_hand;
#[path = "../shared/masking.rs"]
mod masking;
mod memory;
mod notify;
mod orders;
mod orders_many;
mod outputs;
mod overview;
#[path = "../shared/postgres.rs"]
#[expect(
    dead_code,
    clippy::print_stdout,
    reason = "other suites use all of it, and it says what it skips"
)]
mod postgres;
mod served;
mod terminal;
#[path = "../shared/unhurried.rs"]
mod unhurried;
mod upgrading;
mod usage;
