//! Amazon's checks and states.

use chrono::TimeDelta;
use mcf_connector::clock::Clock;
use mcf_connector::sandbox::amazon::{Ending, OrderStatus, Plan};
use mcf_connector::sandbox::{CreateMode, Operation, StockShortage, scenario};
use serde_json::{Value, json};

use super::clients::{Amazon, ORDERS, create_request, demo, start};

#[test]
fn login_refuses_each_wrong_part_with_its_own_error() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    let good = {
        let account = &sandbox.world().amazon;
        [
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", account.refresh_token.clone()),
            ("client_id", account.client_id.clone()),
            ("client_secret", account.client_secret.clone()),
        ]
    };
    let with = |index: usize| {
        let mut form = good.clone();
        form[index].1 = "wrong".into();
        let answer = client.exchange(&form);
        (
            answer.status,
            answer.body["error"].as_str().expect("an error").to_owned(),
        )
    };
    assert_eq!(with(1), (400, "invalid_grant".into()));
    assert_eq!(with(2), (401, "invalid_client".into()));
    assert_eq!(with(3), (401, "invalid_client".into()));
    assert_eq!(client.exchange(&good).body["expires_in"], 3600);
}

#[test]
fn access_errors_are_403_and_differ_in_their_details() {
    let sandbox = demo();
    let mut client = Amazon::new(&sandbox);
    let path = "/sellers/v1/marketplaceParticipations";
    let details = |client: &Amazon| {
        let answer = client.get(path);
        (
            answer.status,
            answer.body["errors"][0]["details"]
                .as_str()
                .unwrap_or("none")
                .to_owned(),
        )
    };
    assert_eq!(
        client.get(path).body["payload"][0]["marketplace"]["id"],
        "ATVPDKIKX0DER"
    );
    let now = sandbox.world().now();
    sandbox.world().amazon.expire_access_tokens(now);
    assert_eq!(
        details(&client),
        (403, "The access token you provided has expired.".into())
    );
    client.token = Some("Atza|wrong".into());
    assert_eq!(
        details(&client).1,
        "The access token you provided is revoked, malformed or invalid."
    );
    client.token = None;
    assert_eq!(details(&client).1, "Access token is missing in the request header.");
    assert_eq!(
        client.get("/sellers/v9/nothing").body["errors"][0]["code"],
        "MissingAuthenticationToken"
    );
    let mut client = Amazon::new(&sandbox);
    client.user_agent = "curl".into();
    assert_eq!(client.get(path).status, 400);
}

#[test]
fn a_create_request_is_refused_for_each_wrong_part() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    let refusals: [(&str, Value, &str); 13] = [
        ("/sellerFulfillmentOrderId", json!("x".repeat(41)), "InvalidValue"),
        (
            "/displayableOrderDate",
            json!("yesterday"),
            "timestamp must follow ISO8601",
        ),
        ("/displayableOrderComment", json!(""), "InvalidValue"),
        ("/shippingSpeedCategory", json!("Fast"), "InvalidValue"),
        ("/destinationAddress/name", json!("x".repeat(51)), "InvalidValue"),
        ("/destinationAddress/addressLine2", json!(""), "InvalidValue"),
        (
            "/destinationAddress/stateOrRegion",
            json!("California"),
            "Address.StateOrRegion=California",
        ),
        (
            "/destinationAddress/countryCode",
            json!("CA"),
            "DestinationAddress.CountryCode",
        ),
        (
            "/items/0/sellerSku",
            json!("NOT-AT-FBA"),
            "the SellerSKU for Item Id: 577900000000001011 is invalid.",
        ),
        ("/items/0/quantity", json!(0), "AllQuantityZero"),
        ("/items/0/quantity", json!(251), "250 units"),
        ("/items/0/perUnitPrice", json!({ "value": "1" }), "perUnitPrice"),
        (
            "/items/0/perUnitDeclaredValue",
            json!({ "currencyCode": "USD", "value": 1.5 }),
            "missing value for decimal type",
        ),
    ];
    for (pointer, value, message) in refusals {
        let mut body = create_request("TTS-1");
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("a parent")[key] = value;
        let answer = client.create(&body);
        assert_eq!(answer.status, 400, "{pointer}");
        assert!(answer.error().contains(message), "{pointer}: {}", answer.error());
    }
    let mut body = create_request("TTS-1");
    let address = body["destinationAddress"].as_object_mut().expect("an address");
    address.shift_remove("postalCode");
    assert!(client.create(&body).error().contains("[postalCode]"));
    let twice = body["items"][0].clone();
    body = create_request("TTS-1");
    body["items"].as_array_mut().expect("items").push(twice);
    assert!(client.create(&body).error().contains("unique"), "E42/R12");
    assert!(sandbox.world().amazon.orders.is_empty());
}

#[test]
fn a_second_create_with_one_id_is_refused() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    let first = client.create(&create_request("TTS-1"));
    assert_eq!((first.status, first.body), (200, json!({})));
    let second = client.create(&create_request("TTS-1"));
    let message = "A create request already exists for MerchantFulfillmentOrderId : TTS-1";
    assert_eq!((second.status, second.error()), (400, message), "E64/M1");
    assert_eq!(
        client.get(&format!("{ORDERS}/TTS-2")).error(),
        "Requested order 'TTS-2' not found"
    );
    assert_eq!(sandbox.log().effects(Operation::CreateFulfillmentOrder), 1);
    assert_eq!(sandbox.log().count(Operation::CreateFulfillmentOrder), 2);
}

#[test]
fn the_create_modes_do_what_they_are_named_after() {
    let try_mode = |mode: CreateMode| {
        let mut world = scenario::shop(Clock::system());
        world.settings.create_mode = mode;
        let sandbox = start(world);
        let client = Amazon::new(&sandbox);
        let first = client.create(&create_request("TTS-1"));
        (sandbox, client, first)
    };
    for (mode, orders) in [(CreateMode::KeepFirst, 1), (CreateMode::CreateAgain, 2)] {
        let (sandbox, client, _) = try_mode(mode);
        assert_eq!(client.create(&create_request("TTS-1")).status, 200);
        assert_eq!(sandbox.world().amazon.orders.len(), orders, "M2, M3");
    }
    let (sandbox, client, _) = try_mode(CreateMode::HiddenAtFirst);
    assert_eq!(client.get(&format!("{ORDERS}/TTS-1")).status, 400, "M4");
    sandbox.world().move_clock(TimeDelta::seconds(6));
    assert_eq!(
        client.order("TTS-1")["fulfillmentOrder"]["fulfillmentOrderStatus"],
        "RECEIVED"
    );
    let (sandbox, client, first) = try_mode(CreateMode::AcceptedThenInvalid);
    assert_eq!(first.status, 202, "M5");
    sandbox.world().advance();
    assert_eq!(
        client.order("TTS-1")["fulfillmentOrder"]["fulfillmentOrderStatus"],
        "INVALID"
    );
    let (sandbox, _, first) = try_mode(CreateMode::AcceptedThenNormal);
    sandbox.world().advance();
    assert_eq!(
        (first.status, sandbox.world().amazon.orders[0].status),
        (202, OrderStatus::Planning),
        "M6"
    );
    let (_, _, first) = try_mode(CreateMode::AnswersOtherId);
    assert_ne!(first.body["payload"]["sellerFulfillmentOrderId"], "TTS-1", "M7");
    let (_sandbox, client, _) = try_mode(CreateMode::ShowsOtherItems);
    assert_eq!(client.order("TTS-1")["fulfillmentOrderItems"][0]["quantity"], 3, "M8");
}

#[test]
fn an_order_is_planned_packed_and_shipped_and_its_stock_goes_with_it() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    assert_eq!(client.create(&create_request("TTS-1")).status, 200);
    assert_eq!(sandbox.world().amazon.stock["FBA-LAMP-BLK"].fulfillable, 38);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let order = client.order("TTS-1");
        statuses.push(
            order["fulfillmentOrder"]["fulfillmentOrderStatus"]
                .as_str()
                .expect("a status")
                .to_owned(),
        );
        if statuses.len() == 3 {
            let shipment = &order["fulfillmentShipments"][0];
            assert_eq!(shipment["fulfillmentShipmentStatus"], "PENDING");
            assert_eq!(shipment["fulfillmentShipmentItem"][0]["packageNumber"], 0);
            assert_eq!(shipment.get("fulfillmentShipmentPackage"), None, "E95");
        }
        sandbox.world().advance();
    }
    assert_eq!(statuses, ["RECEIVED", "PLANNING", "PROCESSING", "COMPLETE"]);
    let package = client.order("TTS-1")["fulfillmentShipments"][0]["fulfillmentShipmentPackage"][0].clone();
    assert_eq!(package["carrierCode"], "Amazon Logistics");
    let tracked = client.get(&format!(
        "/fba/outbound/2020-07-01/tracking?packageNumber={}",
        package["packageNumber"]
    ));
    assert_eq!(tracked.body["payload"]["trackingNumber"], package["trackingNumber"]);
    let stock = &sandbox.world().amazon.stock["FBA-LAMP-BLK"];
    assert_eq!((stock.fulfillable, stock.reserved), (38, 0));
}

#[test]
fn a_cancel_is_a_request_until_the_next_step() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    client.create(&create_request("TTS-1"));
    let cancel = format!("{ORDERS}/TTS-1/cancel");
    assert_eq!(client.put(&cancel).body, json!({}));
    assert_eq!(
        client.order("TTS-1")["fulfillmentOrder"]["fulfillmentOrderStatus"],
        "RECEIVED",
        "E88"
    );
    assert!(client.put(&cancel).error().contains("DuplicateCancelRequest"), "E91");
    sandbox.world().advance();
    let order = client.order("TTS-1");
    assert_eq!(order["fulfillmentOrder"]["fulfillmentOrderStatus"], "CANCELLED");
    assert_eq!(order["fulfillmentOrderItems"][0]["cancelledQuantity"], 2);
    assert_eq!(sandbox.world().amazon.stock["FBA-LAMP-BLK"].fulfillable, 40);
    client.create(&create_request("TTS-2"));
    sandbox.world().advance();
    sandbox.world().advance();
    assert_eq!(client.put(&format!("{ORDERS}/TTS-2/cancel")).status, 400, "E87");
}

#[test]
fn stock_that_does_not_suffice_refuses_or_leaves_an_unfulfillable_order() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 1);
    assert_eq!(client.create(&create_request("TTS-1")).status, 400);
    sandbox.world().settings.stock_shortage = StockShortage::Unfulfillable;
    assert_eq!(client.create(&create_request("TTS-1")).status, 200);
    sandbox.world().advance();
    sandbox.world().advance();
    assert_eq!(
        sandbox.world().amazon.orders[0].status,
        OrderStatus::Unfulfillable,
        "E78"
    );
    let mut preview = create_request("x");
    preview["address"] = preview["destinationAddress"].clone();
    let answer = client
        .send("POST", &format!("{ORDERS}/preview"), Some(&preview))
        .expect("an answer");
    assert_eq!(answer.body["payload"]["fulfillmentPreviews"][0]["isFulfillable"], false);
}

#[test]
fn part_of_an_order_can_be_shipped_and_the_rest_never() {
    let sandbox = demo();
    let parcels = serde_json::from_value(
        json!([{ "carrier": "UPS", "amazonTrackingNumber": "AFTN1111111111", "contents": [["FBA-LAMP-BLK", 1]] }]),
    )
    .expect("parcels");
    let plan = Plan {
        ending: Ending::ShipsPartly,
        parcels,
        numbers_early: true,
    };
    sandbox.world().amazon.plans.insert("TTS-1".into(), plan);
    let client = Amazon::new(&sandbox);
    client.create(&create_request("TTS-1"));
    sandbox.world().advance();
    sandbox.world().advance();
    let early = client.order("TTS-1")["fulfillmentShipments"][0].clone();
    assert_eq!(early["fulfillmentShipmentStatus"], "PENDING", "E94");
    assert!(
        early["fulfillmentShipmentPackage"][0]["trackingNumber"]
            .as_str()
            .expect("a number")
            .starts_with("1Z")
    );
    assert_eq!(
        early["fulfillmentShipmentPackage"][0]["amazonFulfillmentTrackingNumber"], "AFTN1111111111",
        "E97"
    );
    sandbox.world().advance();
    let order = client.order("TTS-1");
    assert_eq!(
        order["fulfillmentOrder"]["fulfillmentOrderStatus"], "COMPLETE_PARTIALLED",
        "E79"
    );
    assert_eq!(order["fulfillmentOrderItems"][0]["unfulfillableQuantity"], 1);
}

#[test]
fn a_list_goes_on_with_its_token_alone_and_knows_no_other_spelling() {
    let sandbox = demo();
    sandbox.world().settings.amazon_page_size = 2;
    let client = Amazon::new(&sandbox);
    for number in 1..=3 {
        client.create(&create_request(&format!("TTS-{number}")));
    }
    let page = |query: &str| client.get(&format!("{ORDERS}?{query}")).body["payload"].clone();
    let encoded = |page: &Value| {
        let token = page["nextToken"].as_str().expect("a token");
        url::form_urlencoded::byte_serialize(token.as_bytes()).collect::<String>()
    };
    let first = page("queryStartDate=2026-01-01T00:00:00Z");
    let empty = page(&format!("nextToken={}", encoded(&first)));
    assert_eq!(empty["fulfillmentOrders"], json!([]));
    let last = page(&format!("nextToken={}", encoded(&empty)));
    assert_eq!(
        (
            &last["fulfillmentOrders"][0]["sellerFulfillmentOrderId"],
            &last["nextToken"]
        ),
        (&json!("TTS-3"), &Value::Null)
    );
    let again = page(&format!("NextToken={}", encoded(&first)));
    assert_eq!(again["fulfillmentOrders"], first["fulfillmentOrders"]);
    assert_eq!(
        client.get(&format!("{ORDERS}?queryStartDate=fdfdsfds")).error(),
        "timestamp must follow ISO8601"
    );
}
