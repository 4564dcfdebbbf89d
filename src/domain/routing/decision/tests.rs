mod approval;
mod parked;

use chrono::TimeDelta;

use super::super::known::Stock;
use super::super::samples::{LAMP, SHADE, key, known, lamp_and_shade, lamps, mappings, rules, stock};
use super::*;
use crate::domain::flag::{Detail, Reason};
use crate::domain::ids::{AmazonSku, SellerSku, TiktokSkuId};
use crate::domain::mapping::MappingRow;
use crate::domain::mapping::examples::row;
use crate::domain::order::tests_support::{plain_line, plain_order, plain_recipient};
use crate::domain::order::{LineStatus, OrderType};

/// Decides about an order; a route takes its units.
fn decided(order: &Order, known: &mut Known) -> Decision {
    let now = order.times.created_at + TimeDelta::hours(5);
    let decision = decide(order, 1, known, &Units::default(), &rules(), now);
    if let Decision::Route(route) = &decision {
        known.stock.take(&Units::of(&route.draft));
    }
    decision
}

fn flags(decision: Decision) -> Vec<Flag> {
    match decision {
        Decision::Flag(flags) => flags,
        other => panic!("not flagged: {other:?}"),
    }
}

fn routed(decision: Decision) -> Route {
    match decision {
        Decision::Route(route) => *route,
        other => panic!("not routed: {other:?}"),
    }
}

fn reasons(decision: Decision) -> Vec<Detail> {
    let flags = flags(decision).into_iter();
    flags.map(|flag| flag.detail).collect()
}

#[test]
fn a_plain_order_becomes_a_draft_and_takes_its_units() {
    let mut order = plain_order("576900000000000101");
    order.line_items.push(plain_line("577900000000001012"));
    let mut lamps = lamps(5);
    let route = routed(decided(&order, &mut lamps));
    assert_eq!(route.draft.id.as_str(), "TTS-576900000000000101");
    assert_eq!(route.draft.displayable_date, order.times.created_at, "E72");
    assert_eq!(route.draft.items[0].quantity, 2);
    assert_eq!(lamps.stock.of(&AmazonSku::new("AMZ-LAMP")), Some(3));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut order = plain_order("1");
    let mut recipient = plain_recipient();
    recipient.postal_code.clear();
    order.recipient = Private::new(recipient);
    let found = reasons(decided(&order, &mut known(MappingSet::default(), stock(5))));
    assert_eq!(found, [Detail::PostalCodeMissing, Detail::SkuNotMapped], "E23, E38");
}

#[test]
fn two_unmapped_products_are_one_flag_with_both_names() {
    let mut order = plain_order("1");
    let mut other = plain_line("577900000000001012");
    other.sku_id = TiktokSkuId::new("1729592969712209104");
    other.seller_sku = None;
    order.line_items.push(other);
    let flags = flags(decided(&order, &mut known(MappingSet::default(), stock(5))));
    assert_eq!(flags.len(), 1);
    assert!(flags[0].message.contains("1729592969712207013") && flags[0].message.contains("1729592969712209104"));
}

#[test]
fn stock_that_is_not_known_is_neither_zero_nor_enough() {
    let found = reasons(decided(&plain_order("1"), &mut known(mappings(), Stock::default())));
    assert_eq!(found, [Detail::StockUnknown], "E51");
}

#[test]
fn the_last_unit_goes_to_the_order_that_is_decided_first() {
    let mut lamps = lamps(1);
    routed(decided(&plain_order("1"), &mut lamps));
    let found = reasons(decided(&plain_order("2"), &mut lamps));
    assert_eq!(found, [Detail::StockTooLow], "E52");
}

#[test]
fn a_masked_address_waits_without_a_flag() {
    let mut order = plain_order("1");
    let mut recipient = plain_recipient();
    recipient.name = "D*** W***".into();
    order.recipient = Private::new(recipient);
    let decision = decided(&order, &mut lamps(5));
    assert!(
        matches!(decision, Decision::Wait { detail, .. } if detail == "masked"),
        "E22"
    );
}

#[test]
fn cancelled_units_stay_out() {
    let mut order = plain_order("1");
    let mut cancelled = plain_line("577900000000001012");
    cancelled.status = LineStatus::Cancelled;
    order.line_items.push(cancelled);
    let route = routed(decided(&order, &mut lamps(5)));
    assert_eq!(route.draft.items[0].quantity, 1, "E48");
}

#[test]
fn an_address_that_is_still_masked_near_the_deadline_is_flagged() {
    let mut order = plain_order("1");
    order.recipient = Private::new(crate::domain::order::Recipient {
        name: "D*** W***".into(),
        ..plain_recipient()
    });
    let at = |order: &Order, hours| {
        let now = due_at(&order.deadlines, &order.times) - TimeDelta::hours(hours);
        decide(order, 1, &lamps(5), &Units::default(), &rules(), now)
    };
    assert!(matches!(at(&order, 13), Decision::Wait { .. }), "E22");
    let found = flags(at(&order, 12));
    assert_eq!(
        (found[0].reason(), found[0].detail.as_str()),
        (Reason::InvalidAddress, "masked"),
        "E22"
    );
    order.deadlines.ship_by = None;
    assert!(
        matches!(at(&order, 13), Decision::Wait { .. }),
        "E22: no deadline named"
    );
    assert!(matches!(at(&order, 12), Decision::Flag(_)), "E22: no deadline named");
}

#[test]
fn a_doubt_about_an_address_names_the_command_that_accepts_it_and_then_the_order_goes_d24() {
    let to = |postal_code: &str, region_code: &str| Order {
        recipient: Private::new(crate::domain::order::Recipient {
            postal_code: postal_code.into(),
            region_code: region_code.into(),
            ..plain_recipient()
        }),
        ..plain_order("1")
    };
    for (order, command) in [
        (to("10001", "US"), "mcf route 1 --accept postal_code_state_mismatch"),
        (to("", "US"), "mcf route 1"),
        (to("95110", "CA"), "mcf orders dismiss 1"),
    ] {
        let found = flags(decided(&order, &mut lamps(5)));
        assert_eq!(found[0].next_command, command, "D24: {}", found[0].detail.as_str());
    }
    let doubtful = to("10001", "US");
    let mut rules = rules();
    let details = std::collections::BTreeSet::from([Detail::PostalCodeStateMismatch]);
    rules.accepted.insert(doubtful.id.clone(), details);
    let now = doubtful.times.created_at + TimeDelta::hours(5);
    routed(decide(&doubtful, 1, &lamps(5), &Units::default(), &rules, now));
}

#[test]
fn an_unknown_sku_is_flagged_with_its_near_matches() {
    let mut known = lamps(5);
    let near = vec!["SHADE-REED".to_owned(), "SHADE_RED".to_owned()];
    known.suggestions.insert(SellerSku::new("SHADE-RED"), near);
    let found = flags(decided(&lamp_and_shade(), &mut known));
    assert!(
        found[0]
            .message
            .contains("; did you mean \"SHADE-REED\" or \"SHADE_RED\"?"),
        "E38, E39: {}",
        found[0].message
    );
    assert_eq!(found[0].next_command, "mcf mappings missing", "E38");
    assert_eq!(known.stock, stock(5), "E38: nothing is taken");
}

#[test]
fn an_order_with_one_unmapped_unit_stays_whole() {
    let found = flags(decided(&lamp_and_shade(), &mut lamps(5)));
    assert!(
        found[0].message.ends_with("goes as a whole or not at all"),
        "E47: {}",
        found[0].message
    );
    assert!(!found[0].message.contains("AMZ-LAMP"), "E47: the lamp lacks nothing");
}

#[test]
fn a_bundle_lacks_as_a_whole_what_one_part_lacks_and_names_it() {
    let part = |sku| MappingRow {
        bundle: Some("cozy".to_owned()),
        ..row(key(LAMP), sku)
    };
    let bundle = MappingSet::from_rows([part("AMZ-LAMP"), part("AMZ-SHADE")]).expect("a valid set");
    let mut stock = stock(5);
    stock.set(AmazonSku::new("AMZ-SHADE"), 0);
    let mut known = known(bundle, stock);
    let found = flags(decided(&plain_order("1"), &mut known));
    assert_eq!(
        found[0].message, "AMZ-SHADE (part of bundle \"cozy\"): 1 needed, 0 can be promised",
        "E44"
    );
    assert_eq!(known.stock.of(&AmazonSku::new("AMZ-LAMP")), Some(5), "E44");
}

#[test]
fn a_pack_of_three_takes_three_units() {
    let pack = MappingRow {
        quantity: 3,
        ..row(key(LAMP), "AMZ-LAMP")
    };
    let mappings = MappingSet::from_rows([pack]).expect("a valid set");
    let mut enough = known(mappings.clone(), stock(3));
    assert_eq!(
        routed(decided(&plain_order("1"), &mut enough)).draft.items[0].quantity,
        3,
        "E43"
    );
    let found = flags(decided(&plain_order("1"), &mut known(mappings, stock(2))));
    assert_eq!(found[0].detail.as_str(), "stock_too_low", "E43");
}

#[test]
fn units_in_transfer_are_not_promised_and_told() {
    let mut known = lamps(0);
    known.stock.set_in_transfer(AmazonSku::new("AMZ-LAMP"), 20);
    let found = flags(decided(&plain_order("1"), &mut known));
    assert!(
        found[0]
            .message
            .ends_with("20 are in transfer between Amazon's warehouses"),
        "E53: {}",
        found[0].message
    );
}

#[test]
fn a_sku_that_amazons_inventory_does_not_list_is_parked_with_what_may_be_why() {
    let found = flags(decided(&plain_order("1"), &mut known(mappings(), Stock::default())));
    assert_eq!(found[0].detail.as_str(), "stock_unknown", "E45");
    assert!(
        found[0].message.contains("AMZ-LAMP") && found[0].message.contains("FBA"),
        "E45"
    );
    assert_eq!(found[0].next_command, "mcf route 1", "E45");
}

#[test]
fn samples_gifts_and_zero_price_orders_are_routed_like_any_other() {
    for order_type in ["NORMAL", "ZERO_LOTTERY", "AUCTION"] {
        let mut order = plain_order("1");
        order.order_type = Some(OrderType::read(order_type));
        order.total = Some(crate::domain::order::Money {
            amount: "0".into(),
            currency: "USD".into(),
        });
        routed(decided(&order, &mut lamps(5)));
    }
}

#[test]
fn a_line_item_in_an_unknown_status_holds_the_order() {
    let mut order = lamp_and_shade();
    order.line_items[1].status = LineStatus::Other("ON_THE_MOON".into());
    let found = flags(decided(&order, &mut lamps(5)));
    assert_eq!(found[0].detail.as_str(), "unknown_line_item_status", "E15");
}

#[test]
fn the_explanation_names_the_rule_of_each_item_and_nothing_about_the_buyer() {
    let rows = [
        row(key(LAMP), "AMZ-LAMP"),
        MappingRow {
            shipping_speed: Some(ShippingSpeed::Priority),
            ..row(MappingKey::SellerSku(SellerSku::new("SHADE-RED")), "AMZ-LAMP")
        },
    ];
    let mut known = known(MappingSet::from_rows(rows).expect("a valid set"), stock(5));
    let route = routed(decided(&lamp_and_shade(), &mut known));
    assert_eq!(
        route.explanation,
        [
            "1 × AMZ-LAMP for 1 unit(s), by tiktok_sku_id \"1729592969712207013\"",
            "1 × AMZ-LAMP for 1 unit(s), by seller_sku \"SHADE-RED\"",
            "speed: Priority, by a mapping",
            "address: phone: brought into international form",
        ]
    );
}

#[test]
fn a_plan_made_again_says_what_changed() {
    let order = plain_order("1");
    let before = routed(decided(&order, &mut lamps(5)));
    assert!(before.changes_since(&before.clone()).is_empty());
    let mut moved = order.clone();
    moved.recipient = Private::new(crate::domain::order::Recipient {
        lines: ["7 Elm St".into(), String::new(), String::new(), String::new()],
        ..plain_recipient()
    });
    let after = routed(decided(&moved, &mut lamps(5)));
    assert_eq!(after.changes_since(&before), ["the address"], "E36");
    let pack = MappingRow {
        quantity: 2,
        ..row(key(LAMP), "AMZ-LAMP")
    };
    let mut packs = known(MappingSet::from_rows([pack]).expect("a valid set"), stock(5));
    let after = routed(decided(&order, &mut packs));
    assert_eq!(after.changes_since(&before), ["the items"], "E46");
}

proptest::proptest! {
    #[test]
    fn ids_and_quantities_survive(
        id in 1_u64..=u64::MAX,
        units in proptest::collection::btree_set(1_u64..=u64::MAX, 1..12),
        pack in 1_u32..=20,
    ) {
        let mut order = plain_order(&id.to_string());
        order.line_items = units.iter().map(|unit| plain_line(&unit.to_string())).collect();
        let mappings = MappingSet::from_rows([MappingRow { quantity: pack, ..row(key(LAMP), "AMZ-LAMP") }]);
        let route = routed(decided(&order, &mut known(mappings.expect("a valid set"), stock(1_000))));
        proptest::prop_assert_eq!(route.draft.displayable_id, order.id.clone());
        proptest::prop_assert_eq!(route.draft.id.as_str(), format!("TTS-{id}"));
        let sent: u64 = route.draft.items.iter().map(|item| u64::from(item.quantity)).sum();
        proptest::prop_assert_eq!(sent, units.len() as u64 * u64::from(pack));
        let told: std::collections::BTreeSet<u64> = route.units.iter().flat_map(|item| &item.lines)
            .map(|line| line.as_str().parse().expect("a number")).collect();
        proptest::prop_assert_eq!(told, units);
    }
}
