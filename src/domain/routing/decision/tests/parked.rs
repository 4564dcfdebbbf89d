//! Orders that are parked as data errors: beyond Amazon's limits, without a usable quantity, without a SKU.

use super::*;
use crate::domain::order::BundlePart;

#[test]
fn what_no_order_at_amazon_holds_is_kept_with_the_limit_named_and_never_lowered() {
    let pack = |quantity| {
        let row = MappingRow {
            quantity,
            ..row(key(LAMP), "AMZ-LAMP")
        };
        MappingSet::from_rows([row]).expect("a valid set")
    };
    let mut two = plain_order("1");
    two.line_items.push(plain_line("577900000000001012"));
    let kept = flags(decided(&two, &mut known(pack(126), stock(1_000))));
    assert_eq!(
        (kept[0].reason(), kept[0].detail.as_str()),
        (Reason::OrderNotSupported, "too_many_units"),
        "E49"
    );
    assert!(
        kept[0].message.contains("252") && kept[0].message.contains("250"),
        "E49: {}",
        kept[0].message
    );
    let route = routed(decided(&two, &mut known(pack(125), stock(1_000))));
    assert_eq!(route.draft.items[0].quantity, 250, "E49");
    let mut broken = plain_order("1");
    broken.line_items[0].parts = vec![BundlePart {
        sku_id: TiktokSkuId::new(SHADE),
        product_id: None,
        seller_sku: None,
        count: 0,
    }];
    let shade = MappingSet::from_rows([row(key(SHADE), "AMZ-SHADE")]).expect("a valid set");
    let kept = flags(decided(&broken, &mut known(shade, stock(5))));
    assert_eq!(kept[0].reason(), Reason::OrderNotSupported, "E50: {kept:?}");
}

#[test]
fn a_listing_without_seller_sku_is_parked_with_its_name_and_no_id_is_taken_for_a_sku() {
    let mut order = plain_order("1");
    order.line_items[0].seller_sku = None;
    let by_text = MappingSet::from_rows([row(MappingKey::SellerSku(SellerSku::new(LAMP)), "AMZ-LAMP")]);
    let found = flags(decided(&order, &mut known(by_text.expect("a valid set"), stock(5))));
    assert_eq!(found[0].reason(), Reason::SkuNotMapped, "E37");
    let name = order.line_items[0].product_name.clone().expect("a name");
    assert!(found[0].message.contains(&name), "E37: {}", found[0].message);
}
