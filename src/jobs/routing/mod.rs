//! Routing: orders are taken up in batches, the nearest deadline first, and what `domain::routing` says of each is done.
//!
//! Owns the order of things: details, mappings and stock are read once for a batch, then each order has its turn at the units, then
//! each is stored or sent on its own, after a last look at TikTok. Decides nothing itself: `load` and `suggest` gather facts, `permit` asks
//! `domain::submission` for the door, `apply` stores and shows effects. Must never create: that is `submission`'s work alone.

mod apply;
mod batch;
mod carry_out;
mod load;
mod never_shown;
mod permit;
mod preview;
mod rest;
pub mod route;
mod suggest;
mod unread;

pub(super) use batch::{Batch, Planned};
pub(super) use carry_out::Handled;
