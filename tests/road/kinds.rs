//! Every kind of order of the demo's shop ends where it belongs, with a reason.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::road::{FIRST, Road};

#[test]
fn every_kind_of_order_ends_in_its_state_with_its_reason() {
    let mut road = Road::demo();
    let first = road.poll();
    assert_eq!(first["counts"]["detected"], 17);
    assert_eq!(road.state("576900000000000109"), State::Waiting, "on hold");
    road.pass(50, 1);
    road.poll();
    let expected = [
        (State::Routed, ""),
        (State::Routed, ""),
        (State::Routed, ""),
        (State::Routed, ""),
        (State::Routed, ""),
        (State::Flagged, "SKU_NOT_MAPPED"),
        (State::Flagged, "INVALID_ADDRESS"),
        (State::Flagged, "INSUFFICIENT_INVENTORY"),
        (State::Routed, ""),
        (State::Cancelled, ""),
        (State::Cancelled, ""),
        (State::Routed, ""),
        (State::NotEligible, ""),
        (State::NotEligible, ""),
        (State::Routed, ""),
        (State::Routed, ""),
        (State::Routed, ""),
    ];
    for ((state, reason), (number, kind)) in expected.into_iter().zip((101..).zip(OrderKind::ALL)) {
        let order = road.order(&format!("576900000000000{number}"));
        assert_eq!(order.state, state, "I2: {kind:?}");
        let found = order
            .flags
            .first()
            .map(|flag| flag.reason().to_string())
            .unwrap_or_default();
        assert_eq!(found, reason, "{kind:?}");
    }
    assert_eq!(road.log().effects(Operation::CreateFulfillmentOrder), 10, "I1");
}

#[test]
fn the_parts_of_packs_and_bundles_go_out_under_amazons_skus() {
    let road = Road::of(&[OrderKind::Bundle, OrderKind::ThreePack, OrderKind::MappedBundle]);
    road.poll();
    let world = road.sandbox.world();
    let sent: Vec<Vec<(&str, u32)>> = (101..104)
        .map(|number| {
            let order = world
                .amazon
                .order(&format!("TTS-576900000000000{number}"))
                .expect("an order");
            let mut items: Vec<_> = order
                .items
                .iter()
                .map(|item| (item.sku.as_str(), item.quantity))
                .collect();
            items.sort_unstable();
            items
        })
        .collect();
    assert_eq!(
        sent,
        [
            vec![("FBA-BULB-4PK", 2), ("FBA-LAMP-BLK", 1)],
            vec![("FBA-SOCK-1", 3)],
            vec![("FBA-PAD-GRY", 1), ("FBA-SOCK-1", 2)],
        ]
    );
}

#[test]
fn a_corrected_address_clears_its_flag_at_the_next_poll() {
    let mut road = Road::of(&[OrderKind::BadAddress]);
    road.poll();
    assert_eq!(road.flags(FIRST)[0].0, "INVALID_ADDRESS");
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        let order = world.tiktok.orders.get_mut(FIRST).expect("the order");
        order.address.postal_code = "95110".to_owned();
        order.updated_at = now;
    }
    road.pass(5, 0);
    road.poll();
    assert_eq!((road.state(FIRST), road.flags(FIRST)), (State::Routed, Vec::new()));
}

#[test]
fn stock_that_arrives_clears_its_flag_at_the_next_poll() {
    let mut road = Road::of(&[OrderKind::OutOfStock]);
    road.poll();
    assert_eq!(road.flags(FIRST)[0].0, "INSUFFICIENT_INVENTORY");
    road.sandbox.world().amazon.set_stock("FBA-LAMP-WHT", 3);
    road.pass(40, 0);
    road.poll();
    assert_eq!((road.state(FIRST), road.flags(FIRST)), (State::Routed, Vec::new()));
}

#[test]
fn a_mapping_that_is_imported_clears_its_flag_at_the_next_poll() {
    let mut road = Road::of(&[OrderKind::Unmapped]);
    road.poll();
    assert_eq!(road.flags(FIRST)[0].0, "SKU_NOT_MAPPED");
    road.sandbox.world().amazon.set_stock("FBA-MUG", 9);
    road.import("seller_sku,amazon_sku\nMUG-NEW-01,FBA-MUG\n");
    road.pass(5, 0);
    road.poll();
    assert_eq!((road.state(FIRST), road.flags(FIRST)), (State::Routed, Vec::new()));
}

#[test]
fn a_sku_that_amazon_refuses_flags_its_order_and_the_others_go_on() {
    let mut world = super::road::shop();
    world.place(OrderKind::Plain);
    world.place(OrderKind::ThreePack);
    let road = Road::through(world);
    let refusal = mcf_connector::sandbox::Disturbance::Json {
        status: 400,
        body: serde_json::json!({"errors": [{"code": "InvalidInput", "message": "Seller SKU is invalid.", "details": ""}]}),
    };
    road.sandbox.world().faults.next(
        Operation::CreateFulfillmentOrder,
        mcf_connector::sandbox::Fault::before(refusal),
    );
    road.poll();
    let mut states = [road.state(FIRST), road.state("576900000000000102")];
    states.sort_by_key(|state| state.as_str());
    assert_eq!(states, [State::Flagged, State::Routed], "R17");
}
