//! What is asked of Amazon beside the goods: a box that does not name it, and no carrier of its own.

use std::collections::BTreeSet;

use mcf_connector::domain::flag::Detail;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::{Value, json};

use super::test_shop::TestShop;

const BOTH: &str = "[routing]\nunbranded_box = true\nblock_amazon_logistics = true\n";

/// Amazon can't do this for the lamp.
fn lacks(shop: &TestShop, feature: &str) {
    let lamp = BTreeSet::from(["FBA-LAMP-BLK".to_owned()]);
    let mut world = shop.sandbox.world();
    world.amazon.lacking_features.insert(feature.to_owned(), lamp);
}

/// The next preview says that all is well, which promises nothing.
fn says_yes(shop: &TestShop) {
    let fault = Fault::after(Disturbance::Patch {
        pointer: "/payload/fulfillmentPreviews/0/isFulfillable".to_owned(),
        value: json!(true),
    });
    let mut world = shop.sandbox.world();
    world.faults.next(Operation::GetFulfillmentPreview, fault);
}

fn features(body: &Value) -> Vec<&str> {
    let list = body["featureConstraints"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter().filter_map(|one| one["featureName"].as_str()).collect()
}

#[test]
fn nothing_is_asked_unless_the_settings_want_it_and_then_in_every_create_e152() {
    let shop = TestShop::open();
    shop.place(OrderKind::Plain);
    shop.good_poll();
    assert!(features(&shop.created()[0]).is_empty(), "off by default");
    let shop = TestShop::with_settings(BOTH);
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    assert_eq!(features(&shop.created()[0]), ["BLOCK_AMZL", "BLANK_BOX"], "E152");
    assert!(shop.history(&id).contains("asked of Amazon: BLOCK_AMZL"), "E152");
}

#[test]
fn an_order_for_which_the_preview_has_no_plain_box_goes_branded_and_says_so_e74_e152() {
    let shop = TestShop::with_settings(BOTH);
    let id = shop.place(OrderKind::Plain);
    lacks(&shop, "BLANK_BOX");
    shop.good_poll();
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1), "E74");
    assert_eq!(features(&shop.created()[0]), ["BLOCK_AMZL"], "E74, E152");
    assert!(
        shop.history(&id).contains("it goes branded"),
        "E152: {}",
        shop.history(&id)
    );
}

#[test]
fn an_order_from_which_amazons_carrier_can_not_be_kept_away_is_flagged_by_name_and_not_sent_e152() {
    let shop = TestShop::with_settings(BOTH);
    let id = shop.place(OrderKind::Plain);
    lacks(&shop, "BLOCK_AMZL");
    shop.good_poll();
    let flag = shop.flags(&id).remove(0);
    assert_eq!((flag.detail, shop.creates()), (Detail::FeatureRefused, 0), "E152");
    assert!(flag.message.contains("BLOCK_AMZL"), "E152: {}", flag.message);
    shop.sandbox.world().amazon.lacking_features.clear();
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E152: it clears itself");
}

#[test]
fn a_plain_box_that_only_the_create_refuses_gives_way_in_the_next_run_e74() {
    let shop = TestShop::with_settings("[routing]\nunbranded_box = true\n");
    let id = shop.place(OrderKind::Plain);
    lacks(&shop, "BLANK_BOX");
    says_yes(&shop);
    shop.good_poll();
    let flag = shop.flags(&id).remove(0);
    assert_eq!(flag.detail, Detail::FeatureRefused, "E74");
    assert!(flag.message.contains("it goes branded"), "E74: {}", flag.message);
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E74");
    assert_eq!(features(&shop.created()[1]), Vec::<&str>::new(), "E74");
    shop.good_poll();
    assert_eq!(shop.creates(), 2, "I1");
}

#[test]
fn a_block_that_only_the_create_refuses_is_flagged_and_not_sent_again_e152() {
    let shop = TestShop::with_settings("[routing]\nblock_amazon_logistics = true\n");
    let id = shop.place(OrderKind::Plain);
    lacks(&shop, "BLOCK_AMZL");
    says_yes(&shop);
    shop.good_poll();
    assert_eq!(shop.flags(&id)[0].detail, Detail::FeatureRefused, "E152");
    shop.good_poll();
    assert_eq!(shop.creates(), 1, "E152");
    assert!(shop.flags(&id)[0].message.contains("BLOCK_AMZL"), "E152");
}

#[test]
fn an_order_that_turns_out_invalid_names_what_it_asked_for_e152() {
    let mut shop = TestShop::with_settings("[routing]\nblock_amazon_logistics = true\n");
    let id = shop.place(OrderKind::Plain);
    lacks(&shop, "BLOCK_AMZL");
    shop.sandbox.world().settings.features_are_refused_late = true;
    says_yes(&shop);
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed);
    for _ in 0..4 {
        shop.sandbox.world().advance();
        shop.pass(chrono::TimeDelta::hours(1));
        shop.good_poll();
    }
    let flags = shop.flags(&id);
    let flag = flags
        .iter()
        .find(|flag| flag.detail == Detail::Invalid)
        .expect("a flag");
    assert!(
        flag.message.contains("it asked for BLOCK_AMZL"),
        "E152: {}",
        flag.message
    );
}
