use super::*;
use crate::domain::ids::{SellerSku, TiktokSkuId};
use crate::domain::mapping::examples::{bundled, line, row};
use crate::domain::mapping::{Unmapped, expand};
use crate::domain::order::tests_support::plain_order;
use crate::domain::routing::known::Stock;
use crate::domain::routing::samples::{LAMP, key, known};

fn unmapped(seller_sku: &str) -> MappingProblem {
    MappingProblem::NotMapped(Unmapped {
        sku_id: TiktokSkuId::new(LAMP),
        product_id: None,
        seller_sku: Some(SellerSku::new(seller_sku)),
        product_name: None,
        is_temporary: false,
    })
}

#[test]
fn what_is_missing_is_mapped_what_amazon_can_not_take_is_dismissed_and_the_rest_is_looked_at() {
    let (import, dismiss) = ("mcf mappings import mappings.csv", "mcf orders dismiss 1");
    for (problem, reason, command) in [
        (unmapped("LAMP"), Reason::SkuNotMapped, import),
        (MappingProblem::Disabled(key(LAMP)), Reason::SkuNotMapped, import),
        (MappingProblem::TooManyItems(101), Reason::OrderNotSupported, dismiss),
        (MappingProblem::TooManyUnits(251), Reason::OrderNotSupported, dismiss),
        (MappingProblem::NothingToSend, Reason::OrderNotSupported, "mcf route 1"),
        (
            MappingProblem::UnusableQuantity(TiktokSkuId::new(LAMP)),
            Reason::OrderNotSupported,
            import,
        ),
    ] {
        let flag = mapping_flag(&plain_order("1"), &problem, &Known::default());
        assert_eq!(
            (flag.reason(), flag.next_command.as_str()),
            (reason, command),
            "{problem}"
        );
    }
}

#[test]
fn a_person_is_asked_what_was_meant_only_where_something_is_near_e39() {
    let mut known = Known::default();
    known
        .suggestions
        .insert(SellerSku::new("LAMP"), vec!["LAMP-1".to_owned()]);
    known.suggestions.insert(SellerSku::new("FAR"), Vec::new());
    assert_eq!(
        suggestion(&unmapped("LAMP"), &known),
        "; did you mean \"LAMP-1\"?",
        "E39"
    );
    for problem in [unmapped("FAR"), unmapped("NEVER-SEEN"), MappingProblem::NothingToSend] {
        assert_eq!(suggestion(&problem, &known), "", "E39: {problem}");
    }
}

/// A lamp by itself and a cozy set are ordered; the lamp is in two other sets as well, which are not.
fn lamp_and_set() -> (Plan, MappingSet) {
    let mappings = MappingSet::from_rows([
        bundled(key("1"), "AMZ-LAMP", "evening"),
        bundled(key("1"), "AMZ-VASE", "evening"),
        row(key("2"), "AMZ-LAMP"),
        bundled(key("3"), "AMZ-SHADE", "cozy"),
        bundled(key("3"), "AMZ-BULB", "cozy"),
        bundled(key("4"), "AMZ-LAMP", "morning"),
        bundled(key("4"), "AMZ-CUP", "morning"),
    ])
    .expect("a valid set");
    let lines = [line("a", "2", None, "P"), line("b", "3", None, "Q")];
    let plan = expand(&lines, &mappings).expect("a plan");
    (plan, mappings)
}

#[test]
fn a_bundle_is_named_only_where_the_order_needs_the_sku_by_it_e44() {
    let (plan, mappings) = lamp_and_set();
    for (sku, expected) in [
        ("AMZ-SHADE", " (part of bundle \"cozy\")"),
        ("AMZ-BULB", " (part of bundle \"cozy\")"),
        ("AMZ-LAMP", ""),
        ("AMZ-CUP", ""),
    ] {
        assert_eq!(
            in_bundle(&AmazonSku::new(sku), &plan, &mappings),
            expected,
            "E44: {sku}"
        );
    }
}

#[test]
fn unknown_stock_and_too_little_stock_stay_two_flags_and_two_of_a_kind_become_one() {
    let (plan, mappings) = lamp_and_set();
    let mut stock = Stock::default();
    stock.set(AmazonSku::new("AMZ-LAMP"), 0);
    let flags = shortages(&plain_order("1"), &plan, &known(mappings, stock), &Units::default());
    let merged = merge(flags);
    let told: Vec<_> = merged
        .iter()
        .map(|flag| flag.message.split("AMZ-").count() - 1)
        .collect();
    assert_eq!(
        told,
        [2, 1],
        "the bulb and the shade are unknown, the lamp is short: {merged:?}"
    );
}
