//! Whether TikTok still wants an order as it was sent: the last look before the same body goes out a second time.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::decision::{AddressTrouble, Rules, check_address};
use super::needs::to_ship;
use super::rest::refuse_unwanted;
use crate::domain::eligibility::{Eligibility, judge};
use crate::domain::fulfillment::Draft;
use crate::domain::ids::LineItemId;
use crate::domain::order::{LineItem, LineStatus, Order};
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
    match waiting == lines_of(units) {
        true => to_the_same(order, sent, rules),
        false => Wanted::NotAsSent,
    }
}

/// Compares the same of what Amazon left out: the other units of the order have left. `travelled` are those that a parcel stands for.
#[must_use]
pub fn rest_wanted(
    order: &Order,
    sent: &Draft,
    units: &[ItemUnits],
    travelled: &BTreeSet<LineItemId>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Wanted {
    let is_sent = |line: &&LineItem| lines_of(units).contains(&line.id);
    let is_as_sent = |line: &LineItem| match travelled.contains(&line.id) {
        true => line.status != LineStatus::Cancelled,
        false => line.status == LineStatus::AwaitingShipment,
    };
    let mut lines = order.line_items.iter().filter(is_sent);
    match refuse_unwanted(order, rules, now).is_ok() && lines.all(is_as_sent) {
        true => to_the_same(order, sent, rules),
        false => Wanted::NotAsSent,
    }
}

fn lines_of(units: &[ItemUnits]) -> BTreeSet<&LineItemId> {
    units.iter().flat_map(|item| &item.lines).collect()
}

fn to_the_same(order: &Order, sent: &Draft, rules: &Rules) -> Wanted {
    match check_address(order, rules) {
        Ok((destination, _)) if sent.destination.expose().as_ref() == Some(&destination) => Wanted::AsSent,
        Err(AddressTrouble::Masked) => Wanted::NotKnown,
        Ok(_) | Err(AddressTrouble::Flagged(_)) => Wanted::NotAsSent,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::order::tests_support::{plain_line, plain_order, plain_recipient};
    use crate::domain::order::{OrderStatus, Recipient};
    use crate::domain::routing::decision::{Decision, Route, decide};
    use crate::domain::routing::known::Units;
    use crate::domain::routing::samples::{lamps, rules};
    use crate::secret::Private;

    fn later(order: &Order) -> DateTime<Utc> {
        order.times.created_at + TimeDelta::hours(5)
    }

    /// What the plain order was sent as.
    fn sent() -> Route {
        let order = plain_order("1");
        match decide(&order, 1, &lamps(5), &Units::default(), &rules(), later(&order)) {
            Decision::Route(route) => *route,
            other => panic!("no route: {other:?}"),
        }
    }

    fn to(change: impl FnOnce(&mut Recipient)) -> Order {
        let mut recipient = plain_recipient();
        change(&mut recipient);
        Order {
            recipient: Private::new(recipient),
            ..plain_order("1")
        }
    }

    #[test]
    fn only_the_very_units_to_the_very_address_may_go_out_a_second_time() {
        let mut larger = plain_order("1");
        larger.line_items.push(plain_line("577900000000001012"));
        let mut gone = plain_order("1");
        gone.status = OrderStatus::Cancelled;
        let mut wished = plain_order("1");
        wished.cancel_requested = true;
        let sent = sent();
        for (order, expected, what) in [
            (plain_order("1"), Wanted::AsSent, "nothing changed"),
            (
                to(|there| there.postal_code.push_str("-1234")),
                Wanted::NotAsSent,
                "E36: the address",
            ),
            (
                to(|there| there.postal_code.clear()),
                Wanted::NotAsSent,
                "E23: no address",
            ),
            (
                to(|there| there.name = "D*** W***".into()),
                Wanted::NotKnown,
                "E22: masked",
            ),
            (larger, Wanted::NotAsSent, "the units"),
            (gone, Wanted::NotAsSent, "I13: cancelled"),
            (wished, Wanted::NotAsSent, "E85: its buyer wishes to cancel"),
        ] {
            let now = later(&order);
            assert_eq!(
                wanted(&order, &sent.draft, &sent.units, &rules(), now),
                expected,
                "{what}"
            );
        }
    }

    #[test]
    fn a_rest_goes_out_again_while_what_travels_is_not_cancelled_and_what_is_missing_still_waits_e137() {
        const FIRST: &str = "577900000000001011";
        const SECOND: &str = "577900000000001012";
        type Change = fn(&mut Order);
        let route = sent();
        let mut units = route.units.clone();
        units[0].lines.push(LineItemId::new(SECOND));
        let travelled = BTreeSet::from([LineItemId::new(FIRST)]);
        let table: [(Change, Wanted); 6] = [
            (|_| {}, Wanted::AsSent),
            (
                |order| order.line_items[0].status = LineStatus::Cancelled,
                Wanted::NotAsSent,
            ),
            (
                |order| order.line_items[1].status = LineStatus::Cancelled,
                Wanted::NotAsSent,
            ),
            (
                |order| order.line_items[1].status = LineStatus::InTransit,
                Wanted::NotAsSent,
            ),
            (|order| order.line_items.push(plain_line("9")), Wanted::AsSent),
            (|order| order.cancel_requested = true, Wanted::NotAsSent),
        ];
        for (number, (change, expected)) in table.into_iter().enumerate() {
            let mut order = plain_order("1");
            order.line_items.push(plain_line(SECOND));
            order.line_items[0].status = LineStatus::InTransit;
            change(&mut order);
            let now = later(&order);
            let found = rest_wanted(&order, &route.draft, &units, &travelled, &rules(), now);
            assert_eq!(found, expected, "E137: row {number}");
        }
    }
}
