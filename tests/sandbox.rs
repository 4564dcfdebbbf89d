//! The stand-ins are as strict as the vendors: raw requests with an own signature, over real HTTP.

#![expect(clippy::expect_used, reason = "a helper of a test fails the test that calls it")]

#[path = "sandbox/amazon.rs"]
mod amazon;
#[path = "sandbox/clients.rs"]
mod clients;
#[path = "sandbox/control.rs"]
mod control;
#[path = "sandbox/faults.rs"]
mod faults;
#[path = "sandbox/inventory.rs"]
mod inventory;
#[path = "sandbox/tiktok.rs"]
mod tiktok;
