//! The life of fulfillment orders at Amazon: which of them may have changed, what Amazon shows of each, and what that means.

mod change_feed;
mod fetch;
mod monitor;
mod status;

pub(super) use change_feed::list_changes;
pub(super) use fetch::news;
pub(super) use monitor::look_at_all;
pub(super) use status::{follow, number_rule};
