//! The values and the rules of the trade. Pure: no clock, no file, no network, nothing above it.

pub mod address;
pub mod fulfillment;
pub mod ids;
pub mod inventory;
pub mod mapping;
pub(crate) mod open_enum;
pub mod order;
pub mod shop;
