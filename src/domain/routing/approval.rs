//! Approval: where the settings want it, an order that is in order waits for a person's word before it is sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{LineItemId, TiktokOrderId};
use crate::domain::order::Order;

/// Why an order waits that a person has not approved, and the word under which an approval is kept.
pub const APPROVAL: &str = "approval";

/// Which orders wait for a person's word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Approval {
    /// None.
    #[default]
    Off,
    /// Every one.
    All,
}

/// What persons approved: the units of each order as it was then. The address that it covered, too, is watched where it is stored.
pub type Approved = BTreeMap<TiktokOrderId, BTreeSet<LineItemId>>;

/// Returns the units that an approval of the order covers.
#[must_use]
pub fn units_of(order: &Order) -> BTreeSet<LineItemId> {
    order.live_lines().map(|line| line.id.clone()).collect()
}

/// Tells whether an order must wait for a person's word. One whose units changed since it was approved is asked for once more.
#[must_use]
pub fn is_awaited(approval: Approval, approved: &Approved, order: &Order) -> bool {
    approval == Approval::All && approved.get(&order.id) != Some(&units_of(order))
}

#[cfg(test)]
mod tests {
    use super::super::samples::lamp_and_shade;
    use super::*;
    use crate::domain::order::LineStatus;

    #[test]
    fn an_approval_holds_until_the_units_change() {
        let mut order = lamp_and_shade();
        let mut approved = Approved::new();
        assert!(is_awaited(Approval::All, &approved, &order), "nobody approved it");
        assert!(!is_awaited(Approval::Off, &approved, &order), "nobody need to");
        approved.insert(order.id.clone(), units_of(&order));
        assert!(!is_awaited(Approval::All, &approved, &order));
        order.line_items[1].status = LineStatus::Cancelled;
        assert!(is_awaited(Approval::All, &approved, &order), "a unit is cancelled");
    }
}
