//! The stand-ins are as strict as the vendors: raw requests with an own signature, over real HTTP.

#[path = "sandbox/amazon.rs"]
mod amazon;
#[path = "sandbox/clients.rs"]
mod clients;
#[path = "sandbox/control.rs"]
mod control;
#[path = "sandbox/faults.rs"]
mod faults;
#[path = "sandbox/tiktok.rs"]
mod tiktok;
