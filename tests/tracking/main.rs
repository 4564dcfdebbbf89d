//! Tracking from Amazon to TikTok: the jobs against the sandbox of both vendors, with a clock that is moved.

#![expect(clippy::expect_used, reason = "a helper of a test fails the test that calls it")]

mod bad_week;
mod cancelled;
mod carriers;
mod changes;
mod clock;
mod counting;
#[path = "../shared/dice.rs"]
mod dice;
mod dismissed;
#[path = "../shared/folder.rs"]
mod folder;
mod look;
mod lost_units;
mod month;
mod neighbours;
mod numbers;
mod refusals;
mod refused_cancels;
mod small_disk;
mod stage;
mod storm;
#[path = "../shared/unhurried.rs"]
mod unhurried;
mod units;
mod week;
mod wrong_clock;
