//! The values and the rules of the trade. Pure: no clock, no file, no network, nothing above it.

pub mod address;
pub mod address_change;
pub mod binding;
pub mod cancellation;
pub mod deadline;
pub mod effect;
pub mod eligibility;
pub mod event;
pub mod flag;
pub mod fulfillment;
pub mod ids;
pub mod inventory;
pub mod mapping;
pub(crate) mod open_enum;
pub mod order;
pub mod parcel;
pub mod part_cancellation;
pub mod pause;
pub mod routing;
pub mod shop;
pub mod spelling;
pub mod state;
pub mod submission;
pub mod told;
pub mod tracking;
pub mod tracking_number;
