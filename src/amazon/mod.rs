//! Amazon's Selling Partner API: fulfillment outbound 2020-07-01, FBA inventory v1, sellers v1, and Login with Amazon.
//!
//! Owns the wire: addresses, headers, bodies, the meaning of every answer ([`meaning`] has the one table, [`read`] judges whole answers)
//! and the way into the domain. Must never decide what a refusal means for an order, keep a token, or let a wire type out.
//! Every method may fail with an [`Error`]; after a failed write, [`Error::is_outcome_unknown`] says whether to look before anything else.

mod answer;
pub mod body;
pub mod client;
mod convert;
pub mod error;
mod inventory;
pub mod meaning;
pub mod operations;
pub mod read;
mod request;
pub mod token;
mod types;

#[cfg(test)]
mod tests;

pub use answer::was_not_carried_out;
pub use body::{create_body, preview_body};
pub use client::{Amazon, Settings, TokenSource};
pub use error::Error;
pub use meaning::{Flaw, Kind};
pub use read::{InventoryPage, Page};
pub use token::{AccessToken, Credentials, Granted, exchange_code, exchange_refresh_token};
