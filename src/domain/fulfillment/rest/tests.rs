use proptest::prelude::*;

use super::*;
use crate::domain::fulfillment::tests_support::fulfillment_order;
use crate::domain::fulfillment::{Shipment, ShipmentItem};
use crate::domain::ids::FulfillmentItemId;
use crate::domain::order::tests_support::{plain_line, plain_order};
use crate::domain::parcel::choose_units;

const LINES: [&str; 4] = ["l1", "l2", "l3", "l4"];

fn order(lines: usize, cancelled: &[usize], travelled: &BTreeSet<LineItemId>) -> Order {
    let mut order = plain_order("1");
    let line = |position: usize| {
        let mut line = plain_line(LINES[position]);
        if cancelled.contains(&position) {
            line.status = LineStatus::Cancelled;
        } else if travelled.contains(&line.id) {
            line.status = LineStatus::InTransit;
        }
        line
    };
    order.line_items = (0..lines).map(line).collect();
    order
}

fn units(lines: usize, per_line: u32) -> ItemUnits {
    ItemUnits {
        item: FulfillmentItemId::new("i1"),
        lines: LINES[..lines].iter().copied().map(LineItemId::new).collect(),
        per_line,
    }
}

/// An order of so many pieces, of which so many left and so many are called unfulfillable.
fn found(status: &str, quantity: u32, left: u32, unfulfillable: Option<u32>) -> FulfillmentOrder {
    let sku = AmazonSku::new("AMZ-LAMP");
    let held = ShipmentItem {
        id: FulfillmentItemId::new("i1"),
        sku: sku.clone(),
        quantity: left,
        package_number: Some(1),
    };
    let shipment = Shipment {
        id: "S1".into(),
        status: ShipmentStatus::Shipped,
        shipping_at: None,
        items: vec![held],
        packages: Vec::new(),
    };
    let item = FulfillmentItem {
        id: FulfillmentItemId::new("i1"),
        sku,
        quantity,
        cancelled: None,
        unfulfillable,
    };
    let shipments = if left > 0 { vec![shipment] } else { Vec::new() };
    fulfillment_order(status, vec![item], shipments)
}

fn travelled(lines: &[&str]) -> BTreeSet<LineItemId> {
    lines.iter().copied().map(LineItemId::new).collect()
}

/// Returns the pieces and the units of the rest.
fn rest_of(
    found: &FulfillmentOrder,
    per_line: u32,
    gone: &[&str],
    cancelled: &[usize],
) -> Result<(u32, Vec<String>), NoRest> {
    let lines = (found.items[0].quantity / per_line) as usize;
    let travelled = travelled(gone);
    let facts = RestFacts {
        found,
        units: &[units(lines, per_line)],
        travelled: &travelled,
        order: &order(lines, cancelled, &travelled),
    };
    let items = rest(&facts)?;
    assert_eq!(items.len(), 1);
    let lines = items[0].units.lines.iter().map(ToString::to_string).collect();
    Ok((items[0].quantity, lines))
}

fn is(quantity: u32, lines: &[&str]) -> Result<(u32, Vec<String>), NoRest> {
    Ok((quantity, lines.iter().map(|line| (*line).to_owned()).collect()))
}

#[test]
fn what_amazon_calls_left_out_is_the_rest_and_nothing_else_e137() {
    let partly = |left, said| found("COMPLETE_PARTIALLED", 2, left, said);
    assert_eq!(rest_of(&partly(1, Some(1)), 1, &["l1"], &[]), is(1, &["l2"]), "E137");
    assert_eq!(
        rest_of(&partly(1, None), 1, &["l1"], &[]),
        Err(NoRest::Nothing),
        "E137: Amazon does not call it so"
    );
    assert_eq!(
        rest_of(&partly(2, Some(1)), 1, &["l1", "l2"], &[]),
        Err(NoRest::Nothing),
        "a shipment holds it all the same"
    );
    let dead = found("UNFULFILLABLE", 2, 1, None);
    assert_eq!(
        rest_of(&dead, 1, &["l1"], &[]),
        is(1, &["l2"]),
        "E78: its status says it of all"
    );
}

#[test]
fn while_amazon_works_on_it_there_is_no_rest() {
    for status in ["New", "Received", "Planning", "Processing", "Sorting"] {
        let found = found(status, 2, 1, Some(1));
        let at_work = Err(NoRest::AtWork(found.status.clone()));
        assert_eq!(rest_of(&found, 1, &["l1"], &[]), at_work, "{status}");
        assert!(!names_a_rest(&found));
    }
    let mut planned = found("COMPLETE_PARTIALLED", 2, 1, Some(1));
    planned.shipments[0].status = ShipmentStatus::Pending;
    assert!(
        matches!(rest_of(&planned, 1, &[], &[]), Err(NoRest::AtWork(_))),
        "a shipment is planned"
    );
}

#[test]
fn units_that_tiktok_cancelled_stay_out_e89() {
    let partly = found("COMPLETE_PARTIALLED", 3, 1, Some(2));
    assert_eq!(rest_of(&partly, 1, &["l1"], &[1]), is(1, &["l3"]), "E89");
    assert_eq!(rest_of(&partly, 1, &["l1"], &[1, 2]), Err(NoRest::Nothing), "E89");
}

#[test]
fn a_pack_that_came_in_part_gets_its_pieces_and_no_second_number_e105() {
    let partly = found("COMPLETE_PARTIALLED", 6, 2, Some(4));
    assert_eq!(rest_of(&partly, 3, &["l1"], &[]), is(4, &["l1", "l2"]), "E105");
    assert_eq!(
        rest_of(&partly, 3, &["l1"], &[0]),
        is(3, &["l2"]),
        "its unit is cancelled"
    );
    assert_eq!(
        rest_of(&partly, 3, &["l1", "l2"], &[]),
        is(4, &["l1", "l2"]),
        "one number was told for both"
    );
}

proptest! {
    /// What was sent and the rest are what was ordered, never more; each unit gets its number once; nothing cancelled goes.
    #[test]
    fn the_rest_and_what_was_sent_are_what_was_ordered_e137(
        lines in 1_usize..=4, per_line in 1_u32..=3,
        rounds in prop::collection::vec((0_u32..=12, 0_u32..=12, prop::option::of(0_usize..4)), 1..6),
    ) {
        let ordered = per_line * u32::try_from(lines).unwrap_or(0);
        let (mut sent, mut gone, mut cancelled) = (0, BTreeSet::new(), Vec::new());
        let (mut quantity, mut units) = (ordered, units(lines, per_line));
        for (left, said, cancel) in rounds {
            let left = left.min(quantity);
            // Amazon's figures may contradict its shipments.
            let (named, said) = (said, said.min(quantity - left));
            sent += left;
            let chosen = match left {
                0 => Vec::new(),
                _ => choose_units(&[(units.item.clone(), left)], std::slice::from_ref(&units), |_| 0, &gone),
            };
            for line in chosen {
                prop_assert!(gone.insert(line), "one number a unit");
            }
            cancelled.extend(cancel);
            let found = found("COMPLETE_PARTIALLED", quantity, left, Some(named));
            let order = order(lines, &cancelled, &gone);
            let facts = RestFacts { found: &found, units: std::slice::from_ref(&units), travelled: &gone, order: &order };
            let Ok(mut items) = rest(&facts) else {
                prop_assert!(said == 0 || !cancelled.is_empty(), "what Amazon named is never dropped");
                break;
            };
            let item = items.remove(0);
            prop_assert!(item.quantity <= said, "never more than Amazon named");
            prop_assert!(sent + item.quantity <= ordered, "never more than was ordered");
            if cancelled.is_empty() {
                prop_assert_eq!(item.quantity, said);
            }
            for line in &item.units.lines {
                prop_assert!(!cancelled.iter().any(|at| LINES.get(*at).is_some_and(|id| line.as_str() == *id)));
            }
            quantity = item.quantity;
            units = item.units;
        }
        if sent == ordered {
            prop_assert_eq!(gone.len(), lines, "each unit has a number");
        }
    }
}

#[test]
fn an_order_names_a_rest_where_amazon_says_so_of_any_unit_e137() {
    assert!(names_a_rest(&found("COMPLETE_PARTIALLED", 2, 1, Some(1))), "E137");
    assert!(!names_a_rest(&found("COMPLETE_PARTIALLED", 2, 1, None)), "E137");
    assert!(!names_a_rest(&found("COMPLETE", 2, 2, Some(0))), "E137");
}

#[test]
fn of_an_ended_order_whose_shipment_does_not_say_what_it_holds_only_amazons_own_figures_count_e78() {
    let mut silent = found("UNFULFILLABLE", 2, 1, None);
    silent.shipments[0].items.clear();
    assert_eq!(rest_of(&silent, 1, &["l1"], &[]), Err(NoRest::Nothing), "E78");
    silent.items[0].unfulfillable = Some(1);
    assert_eq!(rest_of(&silent, 1, &["l1"], &[]), is(1, &["l2"]), "E78");
}
