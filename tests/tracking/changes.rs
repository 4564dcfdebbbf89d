//! Numbers and shipments that change after they were told, and people who type numbers themselves.

use mcf_connector::sandbox::amazon::{OrderStatus, Parcel, Plan, Shipment, ShipmentStatus};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::tiktok::Package;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::refusals::refuse_mark;
use super::stage::{Stage, amazon_id, count, one};

#[test]
fn a_number_replaced_the_next_day_is_amended_once_and_both_are_kept() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("1Z50V7420300000001")));
    stage.sync();
    assert_eq!(stage.state(&order), "completed");
    stage.replace_number(&order, "1Z50V7420300000002");
    for _ in 0..30 {
        stage.minutes(60);
        stage.sync();
    }
    assert_eq!(stage.told(&order), ["1Z50V7420300000002"], "E101");
    assert_eq!(
        stage.calls(Operation::MarkPackageShipped),
        1,
        "E104: written once by the first call"
    );
    assert_eq!(stage.calls(Operation::UpdateOrderShippingInfo), 1, "E101, E104");
    let history = stage.history(&order);
    assert!(
        history.contains("corrected from 1Z50V7420300000001 to 1Z50V7420300000002"),
        "E101: {history}"
    );
    let numbers: Vec<String> = stage.query(
        "SELECT number FROM parcel_numbers WHERE number <> ?1 ORDER BY number",
        "",
    );
    assert_eq!(numbers, ["1Z50V7420300000001", "1Z50V7420300000002"], "E101");
}

#[test]
fn the_correction_of_a_split_order_names_the_parcel() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::TwoParcels, Plan::default());
    stage.sync();
    let numbers = stage.numbers(&order);
    stage.replace_number(&order, "TBA305999999999");
    stage.minutes(13 * 60);
    stage.sync();
    let mut told = stage.told(&order);
    told.sort();
    let mut wanted = vec!["TBA305999999999".to_owned(), numbers[1].clone()];
    wanted.sort();
    assert_eq!(told, wanted, "E101");
    assert_eq!(stage.calls(Operation::UpdatePackageShippingInfo), 1, "E101");
    assert_eq!(stage.calls(Operation::UpdateOrderShippingInfo), 0, "E101");
}

#[test]
fn a_second_change_or_a_late_one_is_flagged_and_not_tried_in_a_loop() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("1Z50V7420300000001")));
    stage.sync();
    for number in ["1Z50V7420300000002", "1Z50V7420300000003"] {
        stage.replace_number(&order, number);
        stage.minutes(13 * 60);
        stage.sync();
    }
    for _ in 0..20 {
        stage.minutes(60);
        stage.sync();
    }
    assert_eq!(stage.told(&order), ["1Z50V7420300000002"], "E101");
    assert_eq!(stage.details(&order), ["correction_closed"], "E101");
    assert_eq!(
        stage.calls(Operation::UpdateOrderShippingInfo),
        2,
        "E102: one refusal, no loop"
    );
    assert!(
        stage.events("tracking.overdue").is_empty(),
        "TikTok has a number in time"
    );
}

#[test]
fn a_correction_whose_answer_is_lost_is_read_back() {
    use mcf_connector::sandbox::{Disturbance, Fault};
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("1Z50V7420300000001")));
    stage.sync();
    stage.replace_number(&order, "1Z50V7420300000002");
    stage.minutes(13 * 60);
    stage.world(|world| {
        world
            .faults
            .next(Operation::UpdateOrderShippingInfo, Fault::after(Disturbance::Drop));
        world
            .faults
            .script(Operation::GetOrders, 2, 3, Fault::before(Disturbance::Drop));
    });
    assert!(stage.try_sync().trouble.is_some(), "E103");
    stage.world(|world| world.faults.clear());
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.calls(Operation::UpdateOrderShippingInfo), 1, "E103");
    assert_eq!(stage.told(&order), ["1Z50V7420300000002"]);
    assert!(stage.flags(&order).is_empty());
}

fn type_by_hand(stage: &Stage, order: &str, number: &str) {
    stage.world(|world| {
        let now = world.now();
        let shop = &mut world.tiktok;
        let package = Package {
            id: "1153900000000077777".to_owned(),
            order_id: order.to_owned(),
            line_ids: shop.orders[order].lines.iter().map(|line| line.id.clone()).collect(),
            tracking_number: number.to_owned(),
            provider_id: "7117859084333745966".to_owned(),
            shipped_at: now,
            corrected: false,
            non_mcf: true,
        };
        let entry = shop.order_mut(order).expect("an order");
        for line in &mut entry.lines {
            line.package_id = Some(package.id.clone());
            line.display_status = "AWAITING_COLLECTION".to_owned();
        }
        entry.set_status("AWAITING_COLLECTION", now);
        shop.packages.insert(package.id.clone(), package);
    });
}

#[test]
fn what_a_person_typed_is_not_overwritten() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    type_by_hand(&stage, &order, "1Z00000000000000HD");
    for _ in 0..3 {
        stage.sync();
        stage.minutes(30);
    }
    assert_eq!(stage.told(&order), ["1Z00000000000000HD"], "E107");
    assert_eq!(stage.details(&order), ["other_number_at_tiktok"], "E107");
    assert_eq!(
        stage.calls(Operation::MarkPackageShipped),
        0,
        "E107: seen before, not by refusal"
    );
    assert_eq!(stage.events("order.failed").len(), 1, "E107: one alert");
}

#[test]
fn what_a_person_typed_over_our_number_is_not_corrected_away() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("1Z50V7420300000001")));
    stage.sync();
    stage.world(|world| {
        let package = world.tiktok.packages.values_mut().next().expect("a parcel");
        package.tracking_number = "1Z00000000000000HD".to_owned();
    });
    stage.replace_number(&order, "1Z50V7420300000002");
    for _ in 0..4 {
        stage.minutes(13 * 60);
        stage.sync();
    }
    assert_eq!(stage.told(&order), ["1Z00000000000000HD"], "E107");
    assert_eq!(stage.calls(Operation::UpdateOrderShippingInfo), 0, "E107");
    assert_eq!(stage.details(&order), ["other_number_at_tiktok"], "E107");
}

fn replace_shipment(stage: &Stage, order: &str, number: Option<&str>) {
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(order)).expect("an order");
        let old = &mut order.shipments[0];
        old.status = ShipmentStatus::CancelledByFulfiller;
        let contents = old.parcels[0].contents.clone();
        order.shipments.push(Shipment {
            id: "Dreplaced".to_owned(),
            status: ShipmentStatus::Pending,
            shipping_at: now,
            parcels: vec![Parcel {
                number: 2_600_001,
                carrier: "UPS".to_owned(),
                tracking_number: number.map(str::to_owned),
                amazon_tracking_number: None,
                contents,
            }],
        });
    });
}

#[test]
fn a_shipment_that_amazon_replaces_before_anything_was_told_gives_its_units_to_the_new_one() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    stage.steps(2);
    stage.minutes(30);
    stage.sync();
    replace_shipment(&stage, &order, Some("1Z50V7420300000002"));
    stage.steps(1);
    for _ in 0..5 {
        stage.minutes(30);
        stage.sync();
    }
    assert_eq!(stage.told(&order), ["1Z50V7420300000002"], "E80");
    assert_eq!(stage.state(&order), "completed", "E80");
}

type Contents = Vec<(String, u32)>;

/// A pending shipment of one parcel.
fn pending(stage: &Stage, number: u32, tracking: Option<&str>, contents: &Contents) -> Shipment {
    Shipment {
        id: format!("D{number}"),
        status: ShipmentStatus::Pending,
        shipping_at: stage.now,
        parcels: vec![Parcel {
            number,
            carrier: "UPS".to_owned(),
            tracking_number: tracking.map(str::to_owned),
            amazon_tracking_number: None,
            contents: contents.clone(),
        }],
    }
}

fn set_shipments(stage: &Stage, order: &str, shipments: Vec<Shipment>) {
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(order)).expect("an order");
        order.shipments = shipments;
        order.set_status(OrderStatus::Processing, now);
    });
}

/// The contents of an order's only parcel, as one unit of an item and the rest.
fn one_and_the_rest(stage: &Stage, order: &str) -> (Contents, Contents) {
    let mut rest = stage.world(|world| {
        let order = world.amazon.order(&amazon_id(order)).expect("an order");
        order.shipments[0].parcels[0].contents.clone()
    });
    let several = rest
        .iter_mut()
        .find(|(_, units)| *units > 1)
        .expect("an item of several");
    several.1 -= 1;
    (vec![(several.0.clone(), 1)], rest)
}

fn told_units(stage: &Stage, order: &str) -> Vec<String> {
    let mut units: Vec<String> = stage
        .at_tiktok(order)
        .into_iter()
        .flat_map(|(_, _, units)| units)
        .collect();
    units.sort();
    units
}

#[test]
fn a_replacement_carries_the_unit_of_the_shipment_that_came_to_nothing() {
    let mut stage = Stage::new();
    let early = Plan {
        numbers_early: true,
        ..Plan::default()
    };
    let order = stage.routed_with(OrderKind::SeveralUnits, early);
    stage.steps(2);
    let (one, rest) = one_and_the_rest(&stage, &order);
    let first = pending(&stage, 1, None, &one);
    let second = pending(&stage, 2, Some("1Z50V7420300000002"), &rest);
    stage.minutes(30);
    set_shipments(&stage, &order, vec![first.clone(), second.clone()]);
    stage.sync();
    let cancelled = Shipment {
        status: ShipmentStatus::CancelledByFulfiller,
        ..first
    };
    let third = pending(&stage, 3, Some("1Z50V7420300000003"), &one);
    stage.minutes(30);
    set_shipments(&stage, &order, vec![cancelled, second, third]);
    stage.sync();
    assert_eq!(told_units(&stage, &order), stage.lines(&order), "E80: each unit once");
}

#[test]
fn a_parcel_that_amazon_repacks_before_it_is_told_is_told_as_it_is_now() {
    let mut stage = Stage::new();
    let early = Plan {
        numbers_early: true,
        ..Plan::default()
    };
    let order = stage.routed_with(OrderKind::SeveralUnits, early);
    stage.steps(2);
    let (one, rest) = one_and_the_rest(&stage, &order);
    let all: Contents = [one.clone(), rest.clone()].concat();
    stage.minutes(30);
    set_shipments(
        &stage,
        &order,
        vec![pending(&stage, 1, Some("1Z50V7420300000001"), &all)],
    );
    refuse_mark(&stage, 21_011_044, 1);
    stage.sync();
    stage.minutes(31);
    let first = pending(&stage, 1, Some("1Z50V7420300000002"), &one);
    let second = pending(&stage, 2, Some("1Z50V7420300000003"), &rest);
    set_shipments(&stage, &order, vec![first, second]);
    stage.sync();
    let mut told = stage.told(&order);
    told.sort();
    assert_eq!(told, ["1Z50V7420300000002", "1Z50V7420300000003"]);
    assert_eq!(told_units(&stage, &order), stage.lines(&order));
}

#[test]
fn a_shipment_that_amazon_replaces_after_its_number_was_told_costs_the_correction() {
    let mut stage = Stage::new();
    let early = Plan {
        numbers_early: true,
        ..one("UPS", Some("1Z50V7420300000001"))
    };
    let order = stage.routed_with(OrderKind::Plain, early);
    stage.steps(2);
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.told(&order), ["1Z50V7420300000001"], "E94");
    replace_shipment(&stage, &order, None);
    for _ in 0..5 {
        stage.minutes(30);
        let finished = stage.sync();
        assert_eq!(count(&finished, "refused"), 0);
    }
    assert_eq!(stage.told(&order), ["1Z50V7420300000001"], "E95: no new number yet");
    stage.world(|world| {
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order");
        order.shipments[1].parcels[0].tracking_number = Some("1Z50V7420300000002".to_owned());
    });
    stage.steps(1);
    for _ in 0..5 {
        stage.minutes(30);
        stage.sync();
    }
    assert_eq!(stage.told(&order), ["1Z50V7420300000002"], "E80");
    assert_eq!(stage.calls(Operation::UpdateOrderShippingInfo), 1, "E80");
    assert_eq!(stage.state(&order), "completed", "E80");
}

#[test]
fn a_poll_that_reads_amazons_list_first_keeps_no_number_from_tiktok() {
    let mut stage = Stage::new();
    let (whole, part) = (stage.routed(OrderKind::Plain), stage.routed(OrderKind::Plain));
    stage.minutes(10);
    stage.poll();
    stage.steps(4);
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(&part)).expect("an order at Amazon");
        order.set_status(OrderStatus::CompletePartialled, now);
    });
    for _ in 0..20 {
        stage.minutes(5);
        assert!(stage.poll().trouble.is_none());
    }
    stage.sync();
    assert_eq!(stage.told(&whole).len(), 1, "marked by the poll, read by the sync");
    assert_eq!(stage.told(&part).len(), 1, "read by the poll, told by the sync");
}

#[test]
fn one_order_that_amazon_denies_keeps_no_other_number_from_tiktok_e69() {
    let mut stage = Stage::new();
    let orders = [stage.routed(OrderKind::Plain), stage.routed(OrderKind::Plain)];
    stage.steps(4);
    stage.minutes(30);
    let body = serde_json::json!({ "errors": [{ "code": "Unauthorized", "message": "Access to requested resource is denied." }] });
    let denied = Fault::before(Disturbance::Json { status: 403, body });
    stage.world(|world| world.faults.next(Operation::GetFulfillmentOrder, denied));
    let run = stage.try_sync();
    assert!(run.trouble.is_some_and(|error| !error.is_credentials()), "E69");
    let told = |stage: &Stage| orders.iter().map(|order| stage.told(order).len()).sum::<usize>();
    assert_eq!(told(&stage), 1, "E69: the other one is told");
    stage.minutes(30);
    stage.sync();
    assert_eq!(told(&stage), 2, "E69");
}
