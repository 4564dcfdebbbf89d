//! Detection: which orders TikTok has that must be looked at.
//!
//! Owns the cursor: it stands for what TikTok has surely shown, and moves in the transaction of the orders that it covers. `search` reads
//! by change time, `sweep` looks once a day for what no list showed, `pages` is the one loop through any vendor's list. Nothing here
//! decides about an order or sends one; what can't be read is noted, never left out in silence.

mod elsewhere;
mod pages;
mod search;
mod sweep;

pub(super) use elsewhere::look_elsewhere;
pub(super) use pages::each_page;
pub(super) use search::{AHEAD, Detected, detect, detect_again, read_pages};
pub(super) use sweep::sweep;
