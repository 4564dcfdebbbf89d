//! Which units travel under which number.

use mcf_connector::sandbox::amazon::Plan;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::refusals::refuse_mark;
use super::stage::{Stage, plan};

#[test]
fn two_parcels_name_their_own_units() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::TwoParcels, Plan::default());
    stage.sync();
    let at_tiktok = stage.at_tiktok(&order);
    let mut units: Vec<String> = at_tiktok.iter().flat_map(|(_, _, units)| units.clone()).collect();
    units.sort();
    assert_eq!(at_tiktok.len(), 2);
    assert_eq!(units, stage.lines(&order), "each unit once");
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn a_complete_order_is_read_again_until_amazon_says_what_is_in_each_parcel() {
    let mut stage = Stage::new();
    let lamp: &[(&str, u32)] = &[("FBA-LAMP-BLK", 1)];
    let boxes = plan(&[
        ("UPS", Some("1Z50V7420300000001"), Some(lamp)),
        ("UPS", Some("1Z50V7420300000002"), None),
    ]);
    let order = stage.shipped_with(OrderKind::SeveralUnits, boxes);
    let unpacked = Fault::after(Disturbance::Patch {
        pointer: "/payload/fulfillmentShipments/0/fulfillmentShipmentItem/0/packageNumber".to_owned(),
        value: 0.into(),
    });
    stage.world(|world| world.faults.next(Operation::GetFulfillmentOrder, unpacked));
    stage.sync();
    assert_eq!(stage.told(&order).len(), 1);
    for _ in 0..4 {
        stage.minutes(30);
        stage.sync();
    }
    assert_eq!(stage.told(&order).len(), 2);
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn two_boxes_of_one_sku_name_one_unit_each_where_tiktok_lets_them() {
    let mut stage = Stage::new();
    let lamp: &[(&str, u32)] = &[("FBA-LAMP-BLK", 1)];
    let boxes = plan(&[
        ("UPS", Some("1Z50V7420300000001"), Some(lamp)),
        ("UPS", Some("1Z50V7420300000002"), None),
    ]);
    let order = stage.shipped_with(OrderKind::SeveralUnits, boxes);
    stage.sync();
    let units: Vec<usize> = stage
        .at_tiktok(&order)
        .iter()
        .map(|(_, _, units)| units.len())
        .collect();
    assert_eq!(units, [1, 2]);
}

#[test]
fn where_a_sku_may_not_be_split_the_first_number_stands_for_all_and_the_second_is_noted() {
    let mut stage = Stage::new();
    let lamp: &[(&str, u32)] = &[("FBA-LAMP-BLK", 1)];
    let bulb: &[(&str, u32)] = &[("FBA-BULB-4PK", 1)];
    let boxes = plan(&[
        ("UPS", Some("1Z50V7420300000001"), Some(lamp)),
        ("UPS", Some("1Z50V7420300000002"), Some(lamp)),
        ("UPS", Some("1Z50V7420300000003"), Some(bulb)),
    ]);
    let order = stage.shipped_with(OrderKind::SeveralUnits, boxes);
    refuse_mark(&stage, 21_011_036, 1);
    stage.sync();
    stage.minutes(30);
    stage.sync();
    let at_tiktok = stage.at_tiktok(&order);
    let told: Vec<(&str, usize)> = at_tiktok
        .iter()
        .map(|(number, _, units)| (number.as_str(), units.len()))
        .collect();
    assert_eq!(told, [("1Z50V7420300000001", 2), ("1Z50V7420300000003", 1)], "E105");
    let history = stage.history(&order);
    assert!(
        history.contains("Amazon's number is 1Z50V7420300000002"),
        "E105: {history}"
    );
    assert!(history.contains("only noted here"), "E105");
    assert_eq!(stage.state(&order), "completed", "E105");
}

#[test]
fn the_parts_of_a_bundle_that_travel_apart_go_under_the_first_number() {
    let mut stage = Stage::new();
    let socks: &[(&str, u32)] = &[("FBA-SOCK-1", 2)];
    let apart = plan(&[
        ("UPS", Some("1Z50V7420300000001"), Some(socks)),
        ("USPS", Some("9400100000000000000003"), None),
    ]);
    let order = stage.shipped_with(OrderKind::MappedBundle, apart);
    stage.sync();
    assert_eq!(stage.told(&order), ["1Z50V7420300000001"], "E105");
    assert!(
        stage.history(&order).contains("9400100000000000000003"),
        "E105: the second is kept"
    );
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn a_unit_that_tiktok_cancelled_is_left_out() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::SeveralUnits, Plan::default());
    let lines = stage.lines(&order);
    stage.world(|world| {
        let line = &mut world.tiktok.order_mut(&order).expect("an order").lines[1];
        line.display_status = "CANCELLED".to_owned();
    });
    stage.sync();
    let [(_, _, units)] = &stage.at_tiktok(&order)[..] else {
        panic!("one parcel");
    };
    assert_eq!(units, &[lines[0].clone(), lines[2].clone()]);
    assert!(stage.history(&order).contains("left out"));
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn an_order_that_tiktok_cancelled_while_its_parcel_left_is_flagged_once() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.world(|world| {
        let now = world.now();
        world.tiktok.order_mut(&order).expect("an order").cancel("SYSTEM", now);
    });
    for _ in 0..3 {
        stage.sync();
        stage.minutes(30);
    }
    assert_eq!(stage.details(&order), ["cancelled_at_tiktok"]);
    assert_eq!(
        stage.calls(Operation::MarkPackageShipped),
        0,
        "seen before, not by refusal"
    );
}
