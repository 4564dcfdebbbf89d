use chrono::{DateTime, Utc};
use serde_json::json;

use super::*;
use crate::domain::order::{FulfillmentType, LineStatus, OrderStatus, ShippingType};
use crate::domain::shop::CancellationStatus;

const ORDER: &str = include_str!("../../../fixtures/tiktok/order_bundle.json");

fn sample() -> Value {
    serde_json::from_str(ORDER).expect("the fixture is JSON")
}

fn at(seconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0)
}

/// The fixture with one value set; `Value::Null` stands for an explicit null.
fn with(pointer: &str, value: Value) -> Value {
    let mut order = sample();
    *order.pointer_mut(pointer).expect("the field is in the fixture") = value;
    order
}

fn without(parent: &str, key: &str) -> Value {
    let mut order = sample();
    let object = order.pointer_mut(parent).and_then(Value::as_object_mut);
    object
        .expect("an object")
        .shift_remove(key)
        .expect("the field is there");
    order
}

#[test]
fn an_order_is_read_with_its_units_parts_deadlines_and_address() {
    let order = order(sample()).expect("a readable order");
    assert_eq!(order.id.as_str(), "576900000000000301");
    assert_eq!(order.status, OrderStatus::PartiallyShipping);
    assert_eq!(order.fulfillment_type, Some(FulfillmentType::Seller));
    assert_eq!(order.shipping_type, Some(ShippingType::Seller));
    assert_eq!(order.is_on_hold_order, Some(true));
    assert_eq!(order.times.paid_at, at(1_767_484_841));
    assert_eq!(order.times.release_at, None, "0 is not set");
    assert_eq!(order.deadlines.ship_by, at(1_767_707_600));
    assert_eq!(order.total.as_ref().map(|total| total.amount.as_str()), Some("93.45"));
    let [shipped, bundle] = order.line_items.as_slice() else {
        panic!("two units");
    };
    assert_eq!(shipped.status, LineStatus::AwaitingCollection);
    assert_eq!(shipped.tracking_number.as_deref(), Some("TBA305900000101"));
    assert_eq!(
        (&bundle.package_id, &bundle.tracking_number, &bundle.seller_sku),
        (&None, &None, &None),
        "E37"
    );
    let counts: Vec<u32> = bundle.parts.iter().map(|part| part.count).collect();
    assert_eq!(counts, [1, 2]);
    let recipient = order.recipient.expose();
    assert_eq!(recipient.lines[0], "9100 Biscayne Blvd");
    assert_eq!(recipient.districts[3].name, "Miami Shores");
}

#[test]
fn what_must_be_there_is_an_error_of_its_order_and_names_the_field_alone() {
    for (parent, key, why) in [
        ("", "id", "id is missing"),
        ("", "status", "status is missing"),
        ("", "create_time", "create_time is missing"),
        ("", "line_items", "line_items is missing"),
        ("/line_items/1", "id", "line_items[1].id is missing"),
        ("/line_items/1", "sku_id", "line_items[1].sku_id is missing"),
        (
            "/line_items/1/combined_listing_skus/0",
            "sku_count",
            "line_items[1].combined_listing_skus[0].sku_count is missing",
        ),
    ] {
        let unreadable = order(without(parent, key)).expect_err(key);
        assert_eq!(unreadable.why, why, "R5");
        assert_eq!(unreadable.id.is_none(), why == "id is missing");
    }
}

#[test]
fn what_must_not_be_misread_is_an_error_in_a_wrong_form() {
    for (pointer, value) in [
        ("/id", json!("../1")),
        ("/status", json!(["ON_HOLD"])),
        ("/is_buyer_request_cancel", json!("maybe")),
        ("/is_cod", json!({})),
        ("/order_type", json!({})),
        ("/line_items", json!({})),
        ("/line_items/0", json!("Marguerite")),
        ("/line_items/1/combined_listing_skus/0/sku_count", json!(0)),
        ("/line_items/1/combined_listing_skus/0/sku_count", json!(-1)),
        ("/line_items/1/combined_listing_skus/0/sku_count", json!(1.5)),
        ("/recipient_address", json!("Marguerite Dubois-Okafor")),
    ] {
        let unreadable = order(with(pointer, value)).expect_err(pointer);
        assert!(
            unreadable.why.ends_with("is not readable"),
            "R5, E50: {}",
            unreadable.why
        );
        assert!(!unreadable.why.contains("Marguerite"), "E119");
    }
}

#[test]
fn what_nothing_depends_on_may_be_absent_null_or_odd() {
    for value in [json!(null), json!({ "odd": 1 }), json!([])] {
        for pointer in ["/payment", "/paid_time", "/rts_sla_time", "/delivery_option_name"] {
            assert!(order(with(pointer, value.clone())).is_ok(), "R5: {pointer} {value}");
        }
    }
    let held = order(with("/recipient_address", Value::Null)).expect("readable");
    assert_eq!(held.recipient.expose().name, "", "E08");
}

#[test]
fn words_and_numbers_that_nobody_knows_are_kept() {
    let odd = order(with("/status", json!("TELEPORTED"))).expect("readable");
    assert_eq!(odd.status, OrderStatus::Other("TELEPORTED".into()), "E15, R4");
    let silent = order(without("/line_items/0", "display_status")).expect("readable");
    assert_eq!(silent.line_items[0].status, LineStatus::Other(String::new()));
    let number = order(with("/id", json!(576_900_000_000_000_301_i64))).expect("readable");
    assert_eq!(number.id.as_str(), "576900000000000301", "R7");
    let milliseconds = order(with("/update_time", json!(1_767_591_200_000_i64))).expect("readable");
    assert_eq!(Some(milliseconds.times.updated_at), at(1_767_591_200), "E16");
}

#[test]
fn one_unreadable_order_leaves_the_others() {
    let (read, unreadable) = sorted([sample(), json!("nonsense"), without("", "status"), sample()].map(order));
    assert_eq!((read.len(), unreadable.len()), (2, 2));
    assert_eq!(unreadable[0].id, None);
    assert_eq!(unreadable[1].id, Some(TiktokOrderId::new("576900000000000301")));
}

#[test]
fn a_missing_stock_figure_is_unknown_and_one_odd_variant_leaves_the_others() {
    let listing = json!({ "product_id": "1", "skus": [
        { "id": "11", "seller_sku": "", "warehouse_inventory": [{ "warehouse_id": "w", "available_quantity": "7" }, { "warehouse_id": "v" }] },
        { "id": "12" },
        { "id": 13, "warehouse_inventory": [{ "warehouse_id": "w", "available_quantity": -2 }] },
    ] });
    let (read, unreadable) = sorted(listing_stock(listing));
    assert_eq!(read.len(), 2);
    let figures: Vec<_> = read[0].warehouses.iter().map(|stock| stock.available).collect();
    assert_eq!(figures, [Some(7), None], "E51");
    assert_eq!(read[0].seller_sku, None);
    assert_eq!(read[1].warehouses[0].available, Some(-2), "R23");
    assert_eq!(unreadable[0].to_string(), "sku 12 warehouse_inventory is missing");
}

#[test]
fn a_refused_variant_carries_all_codes_outermost_first() {
    let wire = json!({ "code": 12_052_990, "message": "Check failed", "detail": { "sku_id": "11",
        "extra_errors": [{ "code": 12_052_531, "message": "The warehouse is disabled." }] } });
    let refusal = stock_refusal(serde_json::from_value(wire).expect("readable"));
    assert_eq!(refusal.codes, [12_052_990, 12_052_531]);
    assert_eq!(refusal.sku_id.map(|id| id.to_string()).as_deref(), Some("11"));
}

#[test]
fn the_nearest_deadline_of_a_cancellation_counts_and_its_spellings_are_one() {
    for word in ["CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED"] {
        let request = json!({ "cancel_id": "4", "order_id": "5", "cancel_status": word, "cancel_type": "REQUEST_CANCEL_REFUND",
            "seller_next_action_response": [{ "action": "?", "deadline": 1_767_666_600 }, { "deadline": 1_767_666_500 }, {}] });
        let request = cancellation(request).expect("readable");
        assert_eq!(request.status, CancellationStatus::Withdrawn);
        assert_eq!(request.answer_by, at(1_767_666_500));
    }
    let unreadable = cancellation(json!({ "order_id": "5" })).expect_err("no status");
    assert_eq!(unreadable.id, Some(TiktokOrderId::new("5")));
}

#[test]
fn a_token_pair_needs_the_access_token_and_is_not_thrown_away_for_what_else_is_missing() {
    let tokens_of = |value| tokens(serde_json::from_value(value).expect("an object"));
    let whole = json!({ "access_token": "a", "access_token_expire_in": 1_768_176_000, "refresh_token": "r" });
    let pair = tokens_of(whole.clone()).expect("a pair");
    assert_eq!(
        (pair.access_expires_at, pair.refresh_expires_at),
        (at(1_768_176_000), None)
    );
    let without = |key: &str| {
        let mut part = whole.clone();
        part[key] = Value::Null;
        tokens_of(part)
    };
    assert!(without("access_token").is_err());
    assert_eq!(
        without("access_token_expire_in").expect("a pair").access_expires_at,
        None
    );
    assert_eq!(without("refresh_token").expect("a pair").refresh_token, None);
}

#[test]
fn a_parcel_tells_whether_it_is_counted_against_the_mcf_warehouse() {
    let asked = crate::domain::ids::PackageId::new("1153");
    let read = |value| package(serde_json::from_value(value).expect("an object"), &asked).expect("readable");
    let counted =
        read(json!({ "order_line_item_ids": ["1", 2], "biz_extension_tags": ["NON_MCF"], "tracking_number": "" }));
    assert_eq!(
        (counted.is_counted_against_mcf(), counted.line_items.len()),
        (Some(true), 2),
        "E123"
    );
    assert_eq!((counted.tracking_number, counted.id), (None, asked.clone()), "E95");
    assert_eq!(
        read(json!({ "biz_extension_tags": [] })).is_counted_against_mcf(),
        Some(false)
    );
    assert_eq!(read(json!({})).is_counted_against_mcf(), None, "not said is not no");
}

#[test]
fn a_listing_without_seller_sku_keeps_its_ids() {
    let read = listing(json!({ "id": 1_729_592_969_712_207_008_i64, "skus": [{ "id": "11", "seller_sku": " " }] }));
    let read = read.expect("readable");
    assert_eq!(
        (read.id.as_str(), &read.skus[0].seller_sku),
        ("1729592969712207008", &None),
        "E37"
    );
    assert!(listing(json!({ "id": "1" })).is_err(), "missing variants are not none");
}
