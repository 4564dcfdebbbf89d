use super::*;
use crate::domain::ids::{SellerSku, TiktokSkuId};
use crate::domain::mapping::examples::{bundled, line, row};
use crate::domain::mapping::{MappingRow, Unmapped, expand};
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
    let missing = "mcf mappings missing";
    for (problem, reason, command) in [
        (unmapped("LAMP"), Reason::SkuNotMapped, missing),
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
fn a_product_whose_text_amazon_has_as_a_sku_and_one_that_is_switched_off_have_their_line_ready() {
    let off = |row: MappingRow| MappingRow { enabled: false, ..row };
    let mut known = Known::default();
    known.namesakes.insert(AmazonSku::new("RED LAMP"));
    let command =
        |problem: MappingProblem, known: &Known| mapping_flag(&plain_order("1"), &problem, known).next_command;
    let ready = format!("mcf mappings add --sku-id {LAMP} --amazon-sku 'RED LAMP'");
    assert_eq!(command(unmapped("RED LAMP"), &known), ready, "E38");
    assert_eq!(command(unmapped("LAMP"), &known), "mcf mappings missing", "E38");
    let three = MappingRow {
        quantity: 3,
        ..row(key(LAMP), "FBA-LAMP")
    };
    known.mappings = MappingSet::from_rows([off(three)]).expect("a mapping");
    let again = format!("mcf mappings add --sku-id {LAMP} --amazon-sku FBA-LAMP --quantity 3 --replace");
    assert_eq!(command(MappingProblem::Disabled(key(LAMP)), &known), again);
    let bundle = ["A", "B"].map(|part| off(bundled(key(LAMP), part, "SET")));
    known.mappings = MappingSet::from_rows(bundle).expect("a bundle");
    let import = "mcf mappings import mappings.csv";
    assert_eq!(
        command(MappingProblem::Disabled(key(LAMP)), &known),
        import,
        "a typed row is no bundle"
    );
}

#[test]
fn several_products_of_one_order_have_the_command_that_stands_for_all() {
    let mut known = Known::default();
    known.namesakes.insert(AmazonSku::new("RED LAMP"));
    let order = plain_order("1");
    let flags = ["RED LAMP", "LAMP"].map(|text| mapping_flag(&order, &unmapped(text), &known));
    assert_eq!(merge(&order.id, flags.to_vec())[0].next_command, "mcf mappings missing");
    let same = ["RED LAMP"; 2].map(|text| mapping_flag(&order, &unmapped(text), &known));
    assert!(merge(&order.id, same.to_vec())[0].next_command.contains("mappings add"));
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
    let merged = merge(&TiktokOrderId::new("1"), flags);
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
