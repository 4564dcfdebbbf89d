//! What the rules decide by: one parcel, what TikTok showed of its order, and what the operator set.

use chrono::{DateTime, Utc};

use super::carrier::CarrierRules;
use super::look::Units;
use crate::domain::eligibility::EligibilityRules;
use crate::domain::ids::{DeliveryOptionId, TiktokOrderId};
use crate::domain::order::Order;
use crate::domain::shop::ShippingProvider;

/// What is known of a parcel whose number is to be told.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The order.
    pub order: &'a TiktokOrderId,
    /// The market of the shop, e.g. `US`.
    pub market: &'a str,
    /// The parcel.
    pub parcel: Parcel<'a>,
    /// Other parcels of the order with the same number, which TikTok was told of none.
    pub twins: Vec<Units<'a>>,
    /// What TikTok showed of the order in the look before numbers are told.
    pub seen: Option<&'a Order>,
    /// What it showed when the order was read for this parcel, the last time.
    pub read: Option<&'a Order>,
    /// The carriers that TikTok offers, once it was asked.
    pub offer: Option<&'a Offer>,
}

/// The carriers of a delivery option, or TikTok's words where it lists none.
pub type Offer = Result<Vec<ShippingProvider>, String>;

/// A parcel as it is known now.
#[derive(Debug, Clone)]
pub struct Parcel<'a> {
    /// The units that it stands for, and the numbers that TikTok may have for them.
    pub units: Units<'a>,
    /// The newest number that Amazon gave.
    pub number: Option<&'a str>,
    /// Every number that Amazon ever gave for it.
    pub given: Vec<&'a str>,
    /// Whether a number of it was on its way, so that TikTok may have it.
    pub may_be_told: bool,
    /// Whether TikTok surely took one.
    pub is_told: bool,
    /// When it left.
    pub shipped_at: Option<DateTime<Utc>>,
    /// The carrier as Amazon writes it.
    pub carrier_code: &'a str,
    /// The carrier as TikTok names it, where one was chosen before.
    pub carrier_name: Option<&'a str>,
    /// How TikTok delivers the order; carriers depend on it.
    pub delivery_option: Option<&'a DeliveryOptionId>,
}

/// What the operator set.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Which orders are ours.
    pub eligibility: &'a EligibilityRules,
    /// Which carrier a code means.
    pub carriers: &'a CarrierRules,
}
