//! `mcf sync-inventory` against both stand-ins over real HTTP: one stock figure on both sides.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod brake;
#[path = "../shared/events.rs"]
mod events;
mod figures;
#[path = "../shared/folder.rs"]
mod folder;
mod many;
mod refusals;
mod test_shop;
#[path = "../shared/unhurried.rs"]
mod unhurried;
