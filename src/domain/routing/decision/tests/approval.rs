//! Orders that wait for a person's word.

use super::*;
use crate::domain::routing::approval::{APPROVAL, Approval, units_of};

/// Every order waits; the plain one is approved, and a doubt about its address is accepted.
fn approved(order: &Order) -> Rules {
    let mut rules = Rules {
        approval: Approval::All,
        ..rules()
    };
    rules.approved.insert(order.id.clone(), units_of(order));
    let doubt = std::collections::BTreeSet::from([Detail::PoBox]);
    rules.accepted.insert(order.id.clone(), doubt);
    rules
}

fn at(order: &Order, rules: &Rules) -> Decision {
    let now = order.times.created_at + TimeDelta::hours(5);
    decide(order, 1, &lamps(5), &Units::default(), rules, now)
}

#[test]
fn an_order_that_is_in_order_waits_for_approval_and_what_is_wrong_is_told_before() {
    let (order, rules) = (plain_order("1"), approved(&plain_order("1")));
    routed(at(&order, &rules));
    let waits = Decision::Wait {
        detail: APPROVAL.to_owned(),
        until: None,
    };
    assert_eq!(at(&plain_order("2"), &rules), waits);
    let unmapped = Order {
        id: plain_order("2").id,
        ..lamp_and_shade()
    };
    assert_eq!(flags(at(&unmapped, &rules))[0].detail, Detail::SkuNotMapped);
}

#[test]
fn what_was_approved_or_accepted_of_another_address_does_not_hold_in_the_last_look() {
    let before = plain_order("1");
    let rules = approved(&before);
    let moved = Order {
        recipient: Private::new(crate::domain::order::Recipient {
            postal_code: "95111".into(),
            ..plain_recipient()
        }),
        ..before.clone()
    };
    for (after, holds) in [(&before, true), (&moved, false)] {
        let last = rules.at_last_look(&before, after);
        assert_eq!(last.approved.contains_key(&before.id), holds, "approved");
        assert_eq!(!last.accepted[&before.id].is_empty(), holds, "accepted");
    }
}
