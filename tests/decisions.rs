//! Whole runs of `poll` and `route` against the sandbox, in process: what is found, what is decided about it, what is sent.

#![expect(clippy::expect_used, reason = "a helper of a test fails the test that calls it")]

#[path = "decisions/again.rs"]
mod again;
#[path = "decisions/amazon.rs"]
mod amazon;
#[path = "decisions/answers.rs"]
mod answers;
#[path = "shared/events.rs"]
mod events;
#[path = "decisions/features.rs"]
mod features;
#[path = "shared/folder.rs"]
mod folder;
#[path = "decisions/intake.rs"]
mod intake;
#[path = "decisions/mappings.rs"]
mod mappings;
#[path = "decisions/pages.rs"]
mod pages;
#[path = "decisions/preview.rs"]
mod preview;
#[path = "decisions/sent.rs"]
mod sent;
#[path = "decisions/test_shop.rs"]
mod test_shop;
#[path = "decisions/time_is_up.rs"]
mod time_is_up;
#[path = "shared/unhurried.rs"]
mod unhurried;
#[path = "decisions/warehouses.rs"]
mod warehouses;
