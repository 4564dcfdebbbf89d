//! The order of what Amazon left out: the same goods, to where TikTok sends the order now, under the next id.

use chrono::{DateTime, Utc};

use super::decision::{AddressTrouble, Route, Rules, check_address};
use super::speed::{AskedFor, OwnSpeed};
use crate::domain::eligibility::{Eligibility, explain, judge};
use crate::domain::fulfillment::{Draft, DraftItem, NoRest, RestFacts, RestItem, rest};
use crate::domain::ids::FulfillmentOrderId;
use crate::domain::order::Order;
use crate::secret::Private;

/// Returns what goes out once more by a person's word. `sent` is the draft of which Amazon left it out.
///
/// # Errors
/// Why nothing goes, in words. Nothing about the buyer.
pub fn route_rest(
    facts: &RestFacts<'_>,
    sent: &Draft,
    generation: u32,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Route, String> {
    let items = rest(facts).map_err(|none| in_words(&none, &sent.id))?;
    refuse_unwanted(facts.order, rules, now)?;
    let (destination, notes) = check_address(facts.order, rules).map_err(|trouble| match trouble {
        AddressTrouble::Masked => "TikTok masks its address for now".to_owned(),
        AddressTrouble::Flagged(flags) => flags
            .into_iter()
            .map(|flag| flag.message)
            .collect::<Vec<_>>()
            .join("; "),
    })?;
    let item = |item: &RestItem| DraftItem {
        id: item.units.item.clone(),
        sku: item.sku.clone(),
        quantity: item.quantity,
    };
    let told = |item: &RestItem| format!("rest: {} × {}", item.quantity, item.sku);
    Ok(Route {
        explanation: items.iter().map(told).chain(notes).collect(),
        draft: Draft {
            id: FulfillmentOrderId::derive(&facts.order.id, generation),
            destination: Private::new(Some(destination)),
            items: items.iter().map(item).collect(),
            ..sent.clone()
        },
        units: items.into_iter().map(|item| item.units).collect(),
        own: OwnSpeed {
            speed: sent.speed.clone(),
            by: AskedFor::Person,
        },
        deadline: facts.order.deadlines.handed_over_by(),
    })
}

fn in_words(none: &NoRest, id: &FulfillmentOrderId) -> String {
    match none {
        NoRest::AtWork(status) => format!("Amazon still works on {id} ({status}); there is no rest yet"),
        NoRest::Nothing => format!("Amazon calls nothing of {id} cancelled or unfulfillable that TikTok still wants"),
    }
}

/// That all of it was shipped before says nothing about what is missing in it.
pub(super) fn refuse_unwanted(order: &Order, rules: &Rules, now: DateTime<Utc>) -> Result<(), String> {
    if order.cancel_requested {
        return Err("the buyer asks to cancel".to_owned());
    }
    match judge(order, &rules.eligibility, now) {
        Eligibility::Route | Eligibility::NotEligible("shipped_elsewhere" | "nothing_to_ship") => Ok(()),
        Eligibility::Wait { detail, .. } | Eligibility::NotEligible(detail) => Err(explain(detail).to_owned()),
        Eligibility::CancelRequested => Err("the buyer asks to cancel".to_owned()),
        Eligibility::Cancelled => Err("TikTok cancelled it".to_owned()),
        Eligibility::Flagged(flag) => Err(flag.message),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;

    use super::*;
    use crate::domain::fulfillment::tests_support::fulfillment_order;
    use crate::domain::fulfillment::{FulfillmentItem, Shipment, ShipmentItem, ShipmentStatus, ShippingSpeed};
    use crate::domain::ids::LineItemId;
    use crate::domain::order::tests_support::{plain_line, plain_order, plain_recipient};
    use crate::domain::order::{LineStatus, OrderStatus, Recipient};
    use crate::domain::routing::decision::{Decision, decide};
    use crate::domain::routing::known::Units;
    use crate::domain::routing::samples::{lamps, rules};

    const SECOND: &str = "577900000000001012";

    /// Two lamps.
    fn order() -> Order {
        let mut order = plain_order("1");
        order.line_items.push(plain_line(SECOND));
        order
    }

    fn later() -> DateTime<Utc> {
        order().times.created_at + TimeDelta::hours(5)
    }

    fn sent() -> Route {
        match decide(&order(), 1, &lamps(5), &Units::default(), &rules(), later()) {
            Decision::Route(route) => *route,
            other => panic!("no route: {other:?}"),
        }
    }

    /// One of the two left and Amazon says of so many that they won't; the order is by now as `change` makes it.
    fn rest_of(status: &str, unfulfillable: u32, change: fn(&mut Order)) -> Result<Route, String> {
        let mut sent = sent();
        sent.draft.speed = ShippingSpeed::Expedited;
        let item = &sent.draft.items[0];
        let shipment = Shipment {
            id: "S1".into(),
            status: ShipmentStatus::Shipped,
            shipping_at: None,
            items: vec![ShipmentItem {
                id: item.id.clone(),
                sku: item.sku.clone(),
                quantity: 1,
                package_number: Some(1),
            }],
            packages: Vec::new(),
        };
        let item = FulfillmentItem {
            id: item.id.clone(),
            sku: item.sku.clone(),
            quantity: 2,
            cancelled: None,
            unfulfillable: Some(unfulfillable),
        };
        let mut order = order();
        order.line_items[0].status = LineStatus::InTransit;
        change(&mut order);
        let facts = RestFacts {
            found: &fulfillment_order(status, vec![item], vec![shipment]),
            units: &sent.units,
            travelled: &BTreeSet::from([order.line_items[0].id.clone()]),
            order: &order,
        };
        route_rest(&facts, &sent.draft, 2, &rules(), later())
    }

    #[test]
    fn a_rest_is_what_is_missing_under_the_next_id_to_where_tiktok_sends_it_now_at_the_speed_that_it_had_e137() {
        let route = rest_of("COMPLETE_PARTIALLED", 1, |order| {
            let moved = Recipient {
                name: "Sam Whitfield".into(),
                ..plain_recipient()
            };
            order.recipient = Private::new(moved);
        });
        let route = route.expect("E137: a rest");
        let draft = &route.draft;
        assert_eq!(draft.id.as_str(), "TTS-1-2", "E137");
        assert_eq!(draft.speed, ShippingSpeed::Expedited, "E137");
        assert_eq!(draft.items.iter().map(|item| item.quantity).collect::<Vec<_>>(), [1]);
        assert_eq!(route.units[0].lines, [LineItemId::new(SECOND)], "E137");
        assert_eq!(route.explanation[0], "rest: 1 × AMZ-LAMP");
        let before = sent().draft.destination;
        assert!(draft.destination.expose().is_some() && draft.destination.expose() != before.expose());
    }

    #[test]
    fn what_keeps_a_rest_back_is_told_in_words_e137() {
        for (status, unfulfillable, change, words) in [
            (
                "PROCESSING",
                1,
                (|_| {}) as fn(&mut Order),
                "Amazon still works on TTS-1",
            ),
            ("COMPLETE", 0, |_| {}, "Amazon calls nothing of TTS-1 cancelled"),
            (
                "COMPLETE_PARTIALLED",
                1,
                |order| order.cancel_requested = true,
                "the buyer asks to cancel",
            ),
            (
                "COMPLETE_PARTIALLED",
                1,
                |order| order.status = OrderStatus::Cancelled,
                "TikTok cancelled it",
            ),
        ] {
            let why = rest_of(status, unfulfillable, change).expect_err("E137: nothing goes");
            assert!(why.starts_with(words), "E137: {why}");
        }
    }
}
