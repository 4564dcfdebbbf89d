//! What whole answers become, and how the client behaves against a server on loopback.

mod http;
mod server;

use chrono::DateTime;

use super::meaning::{Flaw, Kind};
use super::read;
use crate::domain::fulfillment::{
    Destination, Draft, DraftItem, FulfillmentStatus, PackageStatus, ShipmentStatus, ShippingSpeed,
};
use crate::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId, TiktokOrderId};
use crate::secret::Private;
use crate::transport::Answer;

pub(super) fn draft() -> Draft {
    let order = TiktokOrderId::new("576900000000000101");
    let item = |id: &str, sku: &str, quantity| DraftItem {
        id: FulfillmentItemId::new(id),
        sku: AmazonSku::new(sku),
        quantity,
    };
    Draft {
        id: FulfillmentOrderId::derive(&order, 1),
        displayable_id: order,
        displayable_date: DateTime::from_timestamp(1_767_612_042, 0).expect("a valid instant"),
        comment: "Thank you for your order!".to_owned(),
        speed: ShippingSpeed::Standard,
        marketplace_id: "ATVPDKIKX0DER".to_owned(),
        features: Vec::new(),
        destination: Private::new(Some(destination())),
        items: vec![item("1", "MUG-BLUE-11", 2), item("2", "007", 1)],
    }
}

fn destination() -> Destination {
    Destination {
        name: "Dana Example".to_owned(),
        lines: vec!["100 Sample Street".to_owned(), "Unit 4".to_owned()],
        city: Some("Troy".to_owned()),
        district: None,
        state: Some("MI".to_owned()),
        postal_code: "48084".to_owned(),
        country_code: "US".to_owned(),
        phone: Some("+12485550147".to_owned()),
    }
}

fn ok(body: &str) -> Answer {
    Answer {
        status: 200,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

const SHIPPED: &str = include_str!("../../fixtures/amazon/fulfillment_order_shipped.json");

fn our_id() -> FulfillmentOrderId {
    FulfillmentOrderId::new("TTS-576900000000000101")
}

#[test]
fn a_shipped_order_is_read_whole() {
    let order = read::fulfillment_order(&ok(SHIPPED), &our_id())
        .expect("readable")
        .expect("there");
    assert_eq!(order.status, FulfillmentStatus::CompletePartialled, "R20");
    assert_eq!(order.displayable_id.as_deref(), Some("576900000000000101"), "R7");
    assert_eq!(order.status_updated_at, None, "a bad time is no time");
    assert_eq!(order.destination, draft().destination);
    assert_eq!((order.items[1].sku.as_str(), order.items[1].quantity), ("007", 1));
    assert_eq!(
        (order.items[1].cancelled, order.items[1].unfulfillable),
        (None, Some(1)),
        "R5"
    );
    let [cancelled, shipped] = order.shipments.as_slice() else {
        panic!("two shipments");
    };
    assert_eq!(cancelled.status, ShipmentStatus::CancelledByFulfiller, "E80");
    assert_eq!(cancelled.items[0].package_number, None, "0 means not packed");
    assert_eq!(shipped.status, ShipmentStatus::Shipped);
    assert_eq!(shipped.shipping_at.map(|at| at.timestamp()), Some(1_767_762_240));
    let numbers: Vec<Option<&str>> = shipped
        .packages
        .iter()
        .map(|package| package.tracking_number.as_deref())
        .collect();
    assert_eq!(numbers, [Some("TBA000000000101"), None], "E82/E95");
    assert_eq!(
        shipped.packages[1].amazon_tracking_number.as_deref(),
        Some("AFTN0000000101")
    );
}

#[test]
fn an_order_of_another_id_is_not_ours() {
    let error = read::fulfillment_order(&ok(SHIPPED), &FulfillmentOrderId::new("TTS-1")).expect_err("another order");
    assert_eq!(error.kind(), Kind::Unreadable(Flaw::OtherOrder), "M7");
}

#[test]
fn what_is_missing_is_named_and_a_negative_quantity_is_no_quantity() {
    let table = [
        (
            "\"quantity\": 2, \"cancelledQuantity\"",
            "\"cancelledQuantity\"",
            Flaw::Missing("quantity"),
        ),
        (
            "\"quantity\": 2, \"cancelledQuantity\"",
            "\"quantity\": -2, \"cancelledQuantity\"",
            Flaw::Nonsense("quantity"),
        ),
        (
            "\"sellerSku\": \"007\"",
            "\"sellerSku\": null",
            Flaw::Missing("sellerSku"),
        ),
        (
            "\"sellerFulfillmentOrderItemId\": 2,",
            "",
            Flaw::Missing("sellerFulfillmentOrderItemId"),
        ),
        (
            "\"fulfillmentOrderItems\"",
            "\"other\"",
            Flaw::Missing("fulfillmentOrderItems"),
        ),
        ("\"fulfillmentOrder\"", "\"other\"", Flaw::Missing("fulfillmentOrder")),
        ("\"payload\"", "\"other\"", Flaw::Missing("payload")),
    ];
    for (from, to, flaw) in table {
        assert!(SHIPPED.contains(from), "{from}");
        let error = read::fulfillment_order(&ok(&SHIPPED.replace(from, to)), &our_id()).expect_err("a flaw");
        assert_eq!(error.kind(), Kind::Unreadable(flaw), "R5/R11: {from}");
    }
}

#[test]
fn only_a_sure_not_found_is_none() {
    let judge = |status, body: &str| read::fulfillment_order(&Answer { status, ..ok(body) }, &our_id());
    let refusal = |message: &str| format!(r#"{{"errors":[{{"code":"InvalidInput","message":"{message}"}}]}}"#);
    assert_eq!(judge(404, "").expect("sure"), None);
    assert_eq!(
        judge(400, &refusal("Requested order 'TTS-7' not found")).expect("sure"),
        None
    );
    for (status, body) in [
        (403, refusal("Access to requested resource is denied.")),
        (404, "<html>".to_owned()),
        (404, r#"{"errors":[{"code":"MissingAuthenticationToken"}]}"#.to_owned()),
        (400, refusal("null")),
        (500, refusal("not found")),
        (200, "{}".to_owned()),
    ] {
        assert!(judge(status, &body).is_err(), "E69: {status} {body}");
    }
}

#[test]
fn a_list_may_be_empty_but_not_absent() {
    let page = |body: &str| read::fulfillment_orders(&ok(body));
    let rows = r#"{"payload":{"fulfillmentOrders":[{"sellerFulfillmentOrderId":"TTS-7","fulfillmentOrderStatus":"ON_ICE"},{}],"nextToken":""}}"#;
    let read = page(rows).expect("readable");
    assert_eq!(read.orders.len(), 1);
    assert_eq!(
        read.orders[0].status,
        FulfillmentStatus::Other("ON_ICE".to_owned()),
        "R4"
    );
    assert_eq!(read.next, None);
    let empty = page(r#"{"payload":{"fulfillmentOrders":[],"nextToken":"t"}}"#).expect("readable");
    assert_eq!((empty.orders.len(), empty.next.as_deref()), (0, Some("t")), "E07");
    assert!(page(r#"{"payload":{"nextToken":"t"}}"#).is_ok());
    assert!(page(r#"{"payload":{}}"#).is_err());
    assert!(page("{}").is_err());
}

#[test]
fn stock_that_amazon_does_not_tell_is_unknown() {
    let body = include_str!("../../fixtures/amazon/inventory_page.json");
    let page = read::inventory_page(&ok(body)).expect("readable");
    assert_eq!(page.next.as_deref(), Some("next page+/=&"));
    let [mug, other] = page.stocks.as_slice() else {
        panic!("two SKUs: a row without one is nobody's");
    };
    assert_eq!(
        (mug.fulfillable, mug.reserved, mug.in_transfer),
        (Some(5), Some(20), Some(18)),
        "E53/E54"
    );
    assert_eq!(
        (other.sku.as_str(), other.fulfillable, other.updated_at),
        ("007", None, None),
        "R23"
    );
    assert!(read::inventory_page(&ok(r#"{"payload":{}}"#)).is_err());
}

#[test]
fn a_preview_without_fees_has_unknown_fees_and_one_without_an_answer_is_refused() {
    let preview = |body: &str| read::previews(&ok(&format!(r#"{{"payload":{{"fulfillmentPreviews":[{body}]}}}}"#)));
    let read = preview(
        r#"{"shippingSpeedCategory":"Standard","isFulfillable":false,"orderUnfulfillableReasons":["InvalidDestinationAddress"],
        "estimatedFees":[{"name":"a","amount":{"currencyCode":"USD","value":"1.00"}},{"name":"b"}],
        "unfulfillablePreviewItems":[{"itemUnfulfillableReasons":["NoStock"]}]}"#,
    );
    let read = read.expect("readable");
    assert!(read[0].fees.is_empty(), "E75: a sum without one fee would be wrong");
    assert_eq!(read[0].unfulfillable_reasons, ["InvalidDestinationAddress", "NoStock"]);
    assert!(preview(r#"{"shippingSpeedCategory":"Standard"}"#).is_err());
}

#[test]
fn a_package_that_amazon_does_not_know_is_none_and_a_link_is_decoded() {
    let body = r#"{"payload":{"trackingNumber":"1Z1","customerTrackingLink":"https%3A%2F%2Ft.example%2F1%0A","carrierCode":"UPS","shipToAddress":{},"currentStatus":"UNDISPLAYED"}}"#;
    let tracking = read::package_tracking(&ok(body)).expect("readable").expect("there");
    assert_eq!(tracking.customer_link.as_deref(), Some("https://t.example/1"));
    assert_eq!(
        tracking.status,
        Some(PackageStatus::Other("UNDISPLAYED".to_owned())),
        "E15"
    );
    let refused = r#"{"errors":[{"code":"InvalidInput","message":"null","details":""}]}"#;
    let answer = Answer {
        status: 400,
        ..ok(refused)
    };
    assert_eq!(read::package_tracking(&answer).expect("sure"), None);
}
