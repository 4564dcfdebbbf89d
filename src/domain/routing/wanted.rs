//! Whether TikTok still wants an order as it was sent: the last look before the same body goes out a second time.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::decision::{AddressTrouble, Rules, check_address};
use super::needs::to_ship;
use crate::domain::eligibility::{Eligibility, judge};
use crate::domain::fulfillment::Draft;
use crate::domain::ids::LineItemId;
use crate::domain::order::Order;
use crate::domain::parcel::ItemUnits;
use crate::domain::submission::Wanted;

/// Compares what TikTok says now with what was sent: the status, the wish to cancel, the units, the address. Mappings and settings
/// that changed since do not matter: the body that is out may have arrived.
#[must_use]
pub fn wanted(order: &Order, sent: &Draft, units: &[ItemUnits], rules: &Rules, now: DateTime<Utc>) -> Wanted {
    if judge(order, &rules.eligibility, now) != Eligibility::Route {
        return Wanted::NotAsSent;
    }
    let waiting: BTreeSet<&LineItemId> = to_ship(order).map(|line| &line.id).collect();
    let sent_units: BTreeSet<&LineItemId> = units.iter().flat_map(|item| &item.lines).collect();
    if waiting != sent_units {
        return Wanted::NotAsSent;
    }
    match check_address(order, rules) {
        Ok((destination, _)) if sent.destination.expose().as_ref() == Some(&destination) => Wanted::AsSent,
        Err(AddressTrouble::Masked) => Wanted::NotKnown,
        Ok(_) | Err(AddressTrouble::Flagged(_)) => Wanted::NotAsSent,
    }
}
