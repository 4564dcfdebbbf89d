//! Units that TikTok cancels after the create: told while the whole can be stopped, and again when one of them has left.

use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::amazon::{OrderStatus, ShipmentStatus};
use mcf_connector::sandbox::scenario::OrderKind;

use super::stage::{Stage, amazon_id, plan};

const LAMPS: &[(&str, u32)] = &[("FBA-LAMP-BLK", 2)];

/// The seller cancels one unit, and TikTok has carried it out: no request, no deadline.
fn seller_cancels(stage: &Stage, order: &str, position: usize, is_shown: bool) {
    stage.world(|world| {
        let now = world.now();
        let line = &mut world.tiktok.order_mut(order).expect("an order").lines[position];
        let unit = line.id.clone();
        if is_shown {
            line.display_status = "CANCELLED".to_owned();
        }
        world.tiktok.seller_cancels(order, unit, now);
    });
}

fn bulb_of_its_own(stage: &Stage) -> String {
    let boxes = plan(&[
        ("UPS", Some("1Z50V7420300000001"), Some(LAMPS)),
        ("UPS", Some("1Z50V7420300000002"), None),
    ]);
    stage.routed_with(OrderKind::SeveralUnits, boxes)
}

#[test]
fn a_line_that_the_seller_cancels_after_the_create_is_told_in_the_next_run_e133() {
    for is_shown in [true, false] {
        let mut stage = Stage::new();
        let order = bulb_of_its_own(&stage);
        seller_cancels(&stage, &order, 2, is_shown);
        stage.minutes(5);
        stage.poll();
        let flag = stage.flags(&order).remove(0);
        assert_eq!(
            (flag.reason().as_str(), flag.detail.as_str()),
            ("CANCELLATION_CONFLICT", "part_cancelled"),
            "E133"
        );
        let sku = stage.world(|world| world.tiktok.orders[&order].lines[2].seller_sku.clone());
        for word in [sku.as_str(), "Seller Central", "sends the rest", "let it go"] {
            assert!(flag.message.contains(word), "E133: {word}: {}", flag.message);
        }
        assert_eq!(stage.state(&order), "routed", "E133");
        stage.minutes(5);
        stage.poll();
        assert_eq!(stage.events("order.failed").len(), 1, "E133: told once");
        assert_eq!(
            stage.calls(Operation::CancelFulfillmentOrder),
            0,
            "E133: a person decides"
        );
        assert_eq!(stage.calls(Operation::ApproveCancellation), 0, "E133: nobody asked");
    }
}

#[test]
fn the_cancelled_lines_parcel_is_never_told_and_its_leaving_is_told_again_e133_e135() {
    let mut stage = Stage::new();
    let order = bulb_of_its_own(&stage);
    seller_cancels(&stage, &order, 2, true);
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.details(&order), ["part_cancelled"], "E133");
    stage.steps(4);
    for _ in 0..3 {
        stage.minutes(15);
        stage.sync();
        stage.poll();
    }
    assert_eq!(stage.told(&order), ["1Z50V7420300000001"], "E133, E135");
    assert_eq!(stage.details(&order), ["cancelled_unit_left"], "E133: raised again");
    assert_eq!(stage.events("order.failed").len(), 2, "E133");
    let message = stage.flags(&order).remove(0).message;
    assert!(message.contains("1Z50V7420300000002"), "I15: {message}");
}

#[test]
fn cancelled_whole_in_seller_central_the_rest_is_sent_by_route_as_the_flag_says_e133() {
    let mut stage = Stage::new();
    let order = bulb_of_its_own(&stage);
    seller_cancels(&stage, &order, 2, true);
    stage.minutes(5);
    stage.poll();
    stage.world(|world| {
        let now = world.now();
        let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
        for shipment in &mut order.shipments {
            shipment.status = ShipmentStatus::CancelledBySeller;
        }
        order.set_status(OrderStatus::Cancelled, now);
    });
    stage.minutes(30);
    stage.poll();
    assert!(!stage.details(&order).contains(&"part_cancelled".to_owned()), "E133");
    stage.route(&order);
    let items = stage.world(|world| {
        let second = world
            .amazon
            .order(&format!("{}-2", amazon_id(&order)))
            .expect("the rest");
        second
            .items
            .iter()
            .map(|item| (item.sku.clone(), item.quantity))
            .collect::<Vec<_>>()
    });
    assert_eq!(items, [("FBA-LAMP-BLK".to_owned(), 2)], "E133, E48");
}

#[test]
fn letting_it_go_takes_it_off_the_list_and_the_rest_is_told_e133_e138() {
    let mut stage = Stage::new();
    let order = bulb_of_its_own(&stage);
    seller_cancels(&stage, &order, 2, true);
    stage.minutes(5);
    stage.poll();
    let id = mcf_connector::domain::ids::TiktokOrderId::new(&order);
    let routed = mcf_connector::domain::state::State::Routed;
    stage
        .store
        .dismiss(&id, routed, true, "by hand", stage.now)
        .expect("dismissed");
    stage.minutes(5);
    stage.poll();
    assert!(stage.details(&order).is_empty(), "E138: not told again");
    stage.steps(4);
    stage.minutes(15);
    stage.sync();
    assert_eq!(stage.told(&order), ["1Z50V7420300000001"], "E138");
    assert_eq!(
        stage.details(&order),
        ["cancelled_unit_left"],
        "E133: its leaving is news"
    );
}
