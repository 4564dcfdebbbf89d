//! What one run does: load → plan (pure, printable) → apply (one item, one commit) → summary.
//!
//! Owns the order of things: what is read from whom, what is decided by `domain`, what is written first.
//! Must never print, never hold a transaction open over a request, and never let one order stop the others.
//! Whatever works with the store may fail because the database refuses.

mod address_change;
mod apply;
pub mod binding;
mod cancellation;
pub mod check;
pub mod check_mappings;
mod clients;
pub mod consent;
mod detection;
mod error;
mod fulfillment;
pub mod hand;
mod help;
pub mod import_mappings;
mod lost_units;
mod notices;
pub mod poll;
mod reminders;
mod retention;
mod routing;
pub mod session;
mod stock;
mod submission;
pub mod suggest_mappings;
pub mod summary;
pub mod sync_inventory;
mod tokens;
pub mod tracking;
mod warehouses;

pub use clients::shop_name;
pub use error::{Error, store_behind};
pub use routing::route;
pub use session::{Session, Setup};
pub use summary::{Finished, Plan, Summary, Touched};
pub use tokens::amazon_credentials;
