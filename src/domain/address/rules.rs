//! What the operator may decide about addresses, and Amazon's limits, which nobody may.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::domain::flag::Detail;

/// Amazon's limit for a name (MWS rules; longer names are refused).
pub(super) const NAME_LENGTH_MAX: usize = 50;
/// Amazon's limit for one address line.
pub(super) const LINE_LENGTH_MAX: usize = 60;
/// How many address lines Amazon has.
pub(super) const LINES_MAX: usize = 3;
/// Amazon's limit for a city.
pub(super) const CITY_LENGTH_MAX: usize = 50;
/// Amazon's limit for a district or county.
pub(super) const DISTRICT_LENGTH_MAX: usize = 150;
/// Amazon's limit for a state or region.
pub(super) const STATE_LENGTH_MAX: usize = 150;
/// Amazon's limit for a postal code.
pub(super) const POSTAL_CODE_LENGTH_MAX: usize = 20;

/// What to do with a kind of address that Amazon may or may not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Send it; Amazon decides.
    Send,
    /// Flag the order for a person.
    Flag,
}

/// The settings of address checking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressRules {
    /// The longest line; a carrier may take less than Amazon's 60. More than 60 counts as 60.
    pub line_length_max: usize,
    /// Post office boxes.
    pub po_boxes: Policy,
    /// APO, FPO and DPO addresses.
    pub military: Policy,
    /// Rural and highway contract routes.
    pub rural_routes: Policy,
    /// Puerto Rico, Guam, the Virgin Islands, American Samoa, the Northern Marianas and the freely associated states.
    pub territories: Policy,
    /// Alaska and Hawaii.
    pub alaska_hawaii: Policy,
    /// Letters outside of ISO 8859-1.
    pub non_latin: Policy,
    /// The countries that the marketplace delivers to, ISO 3166-1 alpha-2. `US` covers its territories.
    pub countries: Vec<String>,
    /// The findings that a person settled for this address.
    pub accepted: BTreeSet<Detail>,
}

impl Default for AddressRules {
    fn default() -> Self {
        Self {
            line_length_max: LINE_LENGTH_MAX,
            po_boxes: Policy::Send,
            military: Policy::Send,
            rural_routes: Policy::Send,
            territories: Policy::Send,
            alaska_hawaii: Policy::Send,
            non_latin: Policy::Flag,
            countries: vec!["US".to_owned()],
            accepted: BTreeSet::new(),
        }
    }
}
