//! Every kind of order of the demo's shop ends where it belongs, with a reason.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::{FIRST, TestShop};

#[test]
fn every_kind_of_order_ends_in_its_state_with_its_reason() {
    let mut shop = TestShop::demo();
    let first = shop.poll();
    assert_eq!(first["counts"]["detected"], 17);
    assert_eq!(shop.state("576900000000000109"), State::Waiting, "on hold");
    shop.pass(50, 1);
    shop.poll();
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
        let order = shop.order(&format!("576900000000000{number}"));
        assert_eq!(order.state, state, "I2: {kind:?}");
        let found = order
            .flags
            .first()
            .map(|flag| flag.reason().to_string())
            .unwrap_or_default();
        assert_eq!(found, reason, "{kind:?}");
    }
    assert_eq!(shop.log().effects(Operation::CreateFulfillmentOrder), 10, "I1");
}

#[test]
fn the_parts_of_packs_and_bundles_go_out_under_amazons_skus() {
    let shop = TestShop::of(&[OrderKind::Bundle, OrderKind::ThreePack, OrderKind::MappedBundle]);
    shop.poll();
    let world = shop.sandbox.world();
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
fn orders_that_tiktok_combines_go_each_by_itself_and_show_their_group_e193() {
    let mut shop = TestShop::of(&[OrderKind::Plain, OrderKind::ThreePack]);
    for order in shop.sandbox.world().tiktok.orders.values_mut() {
        let group = serde_json::json!("577087614418520388");
        order.overrides.insert("auto_combine_group_id".to_owned(), group);
    }
    shop.poll();
    let ids = [FIRST, "576900000000000102"];
    assert_eq!(shop.amazon_ids().len(), 2, "E193: an order each");
    shop.pass(60, 3);
    assert_eq!(
        shop.good(&["sync-tracking"])["counts"]["pushed"],
        2,
        "E193: a number each"
    );
    for id in ids {
        let order = &shop.good(&["status", id])["order"];
        assert_eq!(order["autoCombineGroupId"], "577087614418520388", "E193");
        assert_eq!(order["state"], "completed", "E193");
    }
}

#[test]
fn a_corrected_address_clears_its_flag_at_the_next_poll() {
    let mut shop = TestShop::of(&[OrderKind::BadAddress]);
    shop.poll();
    assert_eq!(shop.flags(FIRST)[0].0, "INVALID_ADDRESS");
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        let order = world.tiktok.orders.get_mut(FIRST).expect("the order");
        order.address.postal_code = "95110".to_owned();
        order.updated_at = now;
    }
    shop.pass(5, 0);
    shop.poll();
    assert_eq!((shop.state(FIRST), shop.flags(FIRST)), (State::Routed, Vec::new()));
}

#[test]
fn stock_that_arrives_clears_its_flag_at_the_next_poll() {
    let mut shop = TestShop::of(&[OrderKind::OutOfStock]);
    shop.poll();
    assert_eq!(shop.flags(FIRST)[0].0, "INSUFFICIENT_INVENTORY");
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-WHT", 3);
    shop.pass(40, 0);
    shop.poll();
    assert_eq!((shop.state(FIRST), shop.flags(FIRST)), (State::Routed, Vec::new()));
}

#[test]
fn a_mapping_that_is_imported_clears_its_flag_at_the_next_poll() {
    let mut shop = TestShop::of(&[OrderKind::Unmapped]);
    shop.poll();
    assert_eq!(shop.flags(FIRST)[0].0, "SKU_NOT_MAPPED");
    shop.sandbox.world().amazon.set_stock("FBA-MUG", 9);
    shop.import("seller_sku,amazon_sku\nMUG-NEW-01,FBA-MUG\n");
    shop.pass(5, 0);
    shop.poll();
    assert_eq!((shop.state(FIRST), shop.flags(FIRST)), (State::Routed, Vec::new()));
}

#[test]
fn a_sku_that_amazon_refuses_flags_its_order_and_the_others_go_on() {
    let mut world = super::test_shop::new_world();
    world.place(OrderKind::Plain);
    world.place(OrderKind::ThreePack);
    let shop = TestShop::through(world);
    let refusal = mcf_connector::sandbox::Disturbance::Json {
        status: 400,
        body: serde_json::json!({"errors": [{"code": "InvalidInput", "message": "Seller SKU is invalid.", "details": ""}]}),
    };
    shop.sandbox.world().faults.next(
        Operation::CreateFulfillmentOrder,
        mcf_connector::sandbox::Fault::before(refusal),
    );
    shop.poll();
    let mut states = [shop.state(FIRST), shop.state("576900000000000102")];
    states.sort_by_key(|state| state.as_str());
    assert_eq!(states, [State::Flagged, State::Routed], "R17");
}

#[test]
fn what_is_no_sale_like_others_is_sent_shown_by_its_kind_and_counted_apart_e145_e146_e153() {
    let mut shop = TestShop::of(&[
        OrderKind::Plain,
        OrderKind::Sample,
        OrderKind::RefundableSample,
        OrderKind::Replacement,
        OrderKind::Exchange,
        OrderKind::PreOrder,
        OrderKind::MadeToOrder,
        OrderKind::TemporaryListing,
    ]);
    shop.poll();
    let expected = [
        ("normal", State::Routed),
        ("sample", State::Routed),
        ("sample", State::Routed),
        ("replacement", State::Routed),
        ("exchange", State::Routed),
        ("pre_order", State::Waiting),
        ("made_to_order", State::Routed),
        ("temporary_listing", State::Flagged),
    ];
    for ((kind, state), number) in expected.into_iter().zip(101..) {
        let shown = shop.good(&["status", &format!("576900000000000{number}")])["order"].clone();
        assert_eq!(
            (shown["kind"].as_str(), shown["state"].as_str()),
            (Some(kind), Some(state.as_str()))
        );
    }
    let replacement = shop.good(&["status", "576900000000000104"])["order"].clone();
    assert_eq!(replacement["replacedOrderId"], FIRST, "E146");
    let text = shop.mcf(&["status", "576900000000000104"]).ends_with(0).stdout;
    assert!(text.contains(&format!("replacement of order {FIRST}")), "E146: {text}");
    let live = shop.order("576900000000000108").flags.remove(0);
    assert_eq!(live.reason().to_string(), "SKU_NOT_MAPPED", "E153");
    assert!(live.message.contains("one LIVE"), "E153: {}", live.message);
    let metrics = shop.good(&["metrics"]);
    assert_eq!(metrics["ordersByKind"]["sample"], 2, "E145");
    assert_eq!(metrics["ordersByKind"]["normal"], 1, "E145");
    let before = shop.log().effects(Operation::CreateFulfillmentOrder);
    shop.pass(4 * 24 * 60, 0);
    shop.poll();
    assert_eq!(shop.state("576900000000000106"), State::Routed, "released");
    assert_eq!(shop.log().effects(Operation::CreateFulfillmentOrder), before + 1, "I1");
}

#[test]
fn a_sample_that_the_operator_wants_to_see_goes_by_a_persons_word_e145() {
    let shop = TestShop::of(&[OrderKind::Sample, OrderKind::Replacement]);
    let config = std::fs::read_to_string(shop.config()).expect("a file");
    let routing = "[routing]\nsamples = \"flag\"\nreplacements = \"flag\"\n";
    std::fs::write(shop.config(), format!("{config}\n{routing}")).expect("a file");
    shop.poll();
    assert_eq!(
        shop.flags(FIRST),
        [("ORDER_NOT_SUPPORTED".to_owned(), "sample".to_owned())],
        "E145"
    );
    assert_eq!(shop.flags("576900000000000102")[0].1, "replacement", "E146");
    shop.mcf(&["route", FIRST]).ends_with(3);
    shop.mcf(&["route", FIRST, "--accept", "replacement"]).ends_with(3);
    shop.good(&["route", FIRST, "--accept", "sample"]);
    assert_eq!(shop.state(FIRST), State::Routed, "E145");
    assert_eq!(shop.log().effects(Operation::CreateFulfillmentOrder), 1, "I1");
}
