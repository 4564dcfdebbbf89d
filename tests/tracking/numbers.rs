//! When a number goes to TikTok, and which one.

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::amazon::{Plan, PlannedParcel};
use mcf_connector::sandbox::scenario::OrderKind;

use super::stage::{Stage, amazon_id, count, one};

#[test]
fn what_has_not_shipped_is_waited_for_without_an_attempt() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    stage.steps(2);
    for _ in 0..4 {
        stage.minutes(30);
        let finished = stage.sync();
        assert_eq!((count(&finished, "pushed"), count(&finished, "refused")), (0, 0), "E93");
    }
    assert_eq!(stage.log().effects(Operation::MarkPackageShipped), 0);
    assert!(stage.flags(&order).is_empty());
}

#[test]
fn an_early_number_of_a_pending_shipment_is_told_at_once() {
    let mut stage = Stage::new();
    let early = Plan {
        numbers_early: true,
        ..Plan::default()
    };
    let order = stage.routed_with(OrderKind::Plain, early);
    stage.steps(2);
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.told(&order), stage.numbers(&order), "E94");
    assert_eq!(stage.state(&order), "routed", "it has not left");
    stage.steps(1);
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.calls(Operation::MarkPackageShipped), 1);
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn a_complete_order_without_a_number_waits_and_no_other_number_stands_in() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("")));
    assert_eq!(count(&stage.sync(), "waiting"), 1, "E95");
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.calls(Operation::MarkPackageShipped), 0, "E95, E96");
    assert_eq!(stage.state(&order), "shipped");
    stage.replace_number(&order, "1Z50V7420300000777");
    for _ in 0..4 {
        stage.minutes(30);
        stage.sync();
    }
    assert_eq!(stage.told(&order), ["1Z50V7420300000777"], "E95");
    assert_eq!(stage.state(&order), "completed");
}

#[test]
fn the_number_of_the_package_is_never_told() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::TwoParcels, Plan::default());
    stage.sync();
    let package_numbers: Vec<String> = stage.world(|world| {
        let order = world.amazon.order(&amazon_id(&order)).expect("an order");
        let parcels = order.shipments.iter().flat_map(|shipment| &shipment.parcels);
        parcels.map(|parcel| parcel.number.to_string()).collect()
    });
    let bodies: Vec<String> = stage
        .log()
        .of(Operation::MarkPackageShipped)
        .map(|entry| String::from_utf8_lossy(&entry.body).into_owned())
        .collect();
    assert_eq!((bodies.len(), package_numbers.len()), (2, 2));
    for number in package_numbers {
        assert!(bodies.iter().all(|body| !body.contains(&number)), "E96");
    }
}

fn with_own_number(carrier: &str, number: Option<&str>) -> Plan {
    Plan {
        parcels: vec![PlannedParcel {
            carrier: carrier.to_owned(),
            tracking_number: number.map(str::to_owned),
            amazon_tracking_number: Some("AFTN0000004711".to_owned()),
            contents: None,
        }],
        numbers_early: true,
        ..Plan::default()
    }
}

#[test]
fn amazons_own_number_goes_with_single_item_orders_where_the_operator_wants_it() {
    let mut stage = Stage::with("[tracking]\nuse_aftn = true\n");
    let single = stage.routed_with(OrderKind::Plain, with_own_number("USPS", Some("")));
    let several = stage.routed_with(OrderKind::SeveralUnits, with_own_number("UPS", None));
    stage.steps(2);
    stage.minutes(30);
    stage.sync();
    let [(number, carrier, _)] = &stage.at_tiktok(&single)[..] else {
        panic!("one parcel");
    };
    assert_eq!(
        (number.as_str(), carrier.as_str()),
        ("AFTN0000004711", "Amazon Logistics"),
        "E97, E100"
    );
    assert_eq!(
        stage.told(&several),
        stage.numbers(&several),
        "E97: the carrier's number"
    );
    // The carrier's number comes later: the one correction is not spent on it.
    stage.replace_number(&single, "9400100000000000000001");
    stage.steps(1);
    for _ in 0..5 {
        stage.minutes(30);
        stage.sync();
    }
    assert_eq!(stage.told(&single), ["AFTN0000004711"], "E97");
    assert_eq!(stage.state(&single), "completed");
}

#[test]
fn amazons_own_number_appearing_later_does_not_replace_the_carriers() {
    let mut stage = Stage::with("[tracking]\nuse_aftn = true\n");
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("1Z50V7420300000001")));
    stage.sync();
    stage.world(|world| {
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order");
        order.shipments[0].parcels[0].amazon_tracking_number = Some("AFTN0000004711".to_owned());
    });
    stage.minutes(13 * 60);
    stage.sync();
    assert_eq!(stage.told(&order), ["1Z50V7420300000001"]);
    assert_eq!(stage.calls(Operation::UpdateOrderShippingInfo), 0);
}

#[test]
fn a_number_that_amazon_never_gave_is_not_told() {
    let mut stage = Stage::new();
    let order = stage.routed_with(
        OrderKind::Plain,
        Plan {
            numbers_early: true,
            ..Plan::default()
        },
    );
    stage.steps(2);
    stage.minutes(15);
    stage.world(|world| world.tiktok.order_mut(&order).expect("an order").status = "ON_HOLD".to_owned());
    stage.sync();
    let connection = stage.database();
    connection
        .execute(
            "UPDATE parcels SET tracking_number = '1ZFOREIGN000000001', next_attempt_at = NULL",
            [],
        )
        .expect("changed");
    stage.forget_log();
    let finished = stage.try_sync();
    assert_eq!(count(&finished, "refused"), 1, "E108");
    assert_eq!(stage.calls(Operation::MarkPackageShipped), 0, "E108");
    assert_eq!(stage.details(&order), ["not_amazons_number"], "E108");
}

#[test]
fn one_number_may_serve_several_orders_of_one_address() {
    let mut stage = Stage::new();
    let shared = || one("UPS", Some("1Z50V7420300000009"));
    let orders = [OrderKind::Plain, OrderKind::SeveralUnits].map(|kind| stage.routed_with(kind, shared()));
    stage.steps(4);
    stage.minutes(15);
    stage.sync();
    for order in orders {
        assert_eq!(stage.told(&order), ["1Z50V7420300000009"]);
        assert_eq!(stage.state(&order), "completed");
    }
}

#[test]
fn a_dry_run_tells_what_it_would_do_and_changes_nothing() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.forget_log();
    let finished = stage.dry_run();
    let number = stage.numbers(&order).remove(0);
    let text = format!("would tell TikTok {number} (Amazon Logistics)");
    assert_eq!(finished.summary.orders[0].explanation, [text]);
    assert_eq!(stage.log().mutating(), 0);
    assert_eq!(stage.state(&order), "routed");
    stage.sync();
    stage.forget_log();
    stage.sync();
    assert_eq!(stage.log().mutating(), 0, "the second time changes nothing");
}
