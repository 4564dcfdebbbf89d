//! temp

pub mod amazon;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod jobs;
pub mod notify;
pub mod report;
pub mod sandbox;
pub mod secret;
pub mod store;
pub mod tiktok;
pub mod transport;
