//! What we send and read, held against Amazon's published models, where those lie beside the project.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "all of this is test code")]

use std::fs;
use std::path::Path;

use chrono::DateTime;
use mcf_connector::amazon::{Error, Flaw, Kind, create_body, operations, preview_body, read};
use mcf_connector::domain::fulfillment::{
    Destination, Draft, DraftItem, FulfillmentStatus, PackageStatus, ShipmentStatus, ShippingSpeed,
};
use mcf_connector::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId, TiktokOrderId};
use mcf_connector::secret::Private;
use mcf_connector::transport::{Answer, Operation};
use serde_json::{Value, json};

const OUTBOUND: &str = "fulfillmentOutbound_2020-07-01.json";
const PAIRS: &str = "static-sandbox-2023/fulfillmentOutbound_2020-07-01.json";
const INVENTORY_PAIRS: &str = "static-sandbox-2023/fbaInventory.json";

/// Reads a model. `None`, said aloud, where the models are not there.
fn model(name: &str) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/specs/amazon");
    match fs::read_to_string(folder.join(name)) {
        Ok(text) => Some(serde_json::from_str(&text).expect("a model is JSON")),
        Err(_) => {
            println!("skipped: no {name} beside the project");
            None
        }
    }
}

fn draft() -> Draft {
    let order = TiktokOrderId::new("576900000000000101");
    let destination = Destination {
        name: "Dana Example".to_owned(),
        lines: vec!["100 Sample Street".to_owned(), "Unit 4".to_owned(), "Rear".to_owned()],
        city: Some("Troy".to_owned()),
        district: Some("Oakland".to_owned()),
        state: Some("MI".to_owned()),
        postal_code: "48084".to_owned(),
        country_code: "US".to_owned(),
        phone: Some("+12485550147".to_owned()),
    };
    Draft {
        id: FulfillmentOrderId::derive(&order, 1),
        displayable_id: order,
        displayable_date: DateTime::from_timestamp(1_767_612_042, 0).expect("a valid instant"),
        comment: "Thank you for your order!".to_owned(),
        speed: ShippingSpeed::Standard,
        marketplace_id: "ATVPDKIKX0DER".to_owned(),
        features: Vec::new(),
        destination: Private::new(Some(destination)),
        items: vec![DraftItem {
            id: FulfillmentItemId::new("1"),
            sku: AmazonSku::new("MUG-BLUE-11"),
            quantity: 2,
        }],
    }
}

/// Returns a validator for one definition of a model that also refuses fields that the model does not have.
fn validator(mut model: Value, definition: &str) -> jsonschema::Validator {
    let definitions = model["definitions"].as_object_mut().expect("definitions");
    for schema in definitions.values_mut() {
        if schema.get("properties").is_some() {
            schema["additionalProperties"] = json!(false);
        }
    }
    let schema = json!({"$ref": format!("#/definitions/{definition}"), "definitions": model["definitions"]});
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft4);
    options.build(&schema).expect("a schema")
}

fn faults(body: &str, definition: &str) -> Option<Vec<String>> {
    let body: Value = serde_json::from_str(body).expect("a body is JSON");
    let validator = validator(model(OUTBOUND)?, definition);
    Some(validator.iter_errors(&body).map(|error| error.to_string()).collect())
}

#[test]
fn the_create_body_is_one_that_the_model_allows() {
    let body = create_body(&draft()).expect("a body");
    let Some(found) = faults(&body, "CreateFulfillmentOrderRequest") else {
        return;
    };
    assert_eq!(found, Vec::<String>::new());
    let broken = body.replace("displayableOrderComment", "comment");
    assert!(
        !faults(&broken, "CreateFulfillmentOrderRequest")
            .expect("a model")
            .is_empty()
    );
}

#[test]
fn the_preview_body_is_one_that_the_model_allows() {
    let body = preview_body(&draft()).expect("a body");
    if let Some(found) = faults(&body, "GetFulfillmentPreviewRequest") {
        assert_eq!(found, Vec::<String>::new());
    }
}

#[test]
fn every_operation_is_one_of_the_models() {
    let models = [OUTBOUND, "fbaInventory.json", "sellers.json"].map(model);
    let [Some(outbound), Some(inventory), Some(sellers)] = models else {
        return;
    };
    for operation in operations::ALL {
        let method = operation.method.to_lowercase();
        let named =
            [&outbound, &inventory, &sellers].map(|model| &model["paths"][operation.path][&method]["operationId"]);
        assert!(named.contains(&&json!(operation.name)), "{}", operation.name);
    }
}

/// Returns the pairs of one operation as (key of the request, answer).
fn pairs(model: &Value, operation: &Operation) -> Vec<(Value, Answer)> {
    let responses = &model["paths"][operation.path][operation.method.to_lowercase()]["responses"];
    let responses = responses.as_object().expect("responses");
    let mut pairs = Vec::new();
    for (status, response) in responses {
        let of_status = response["x-amzn-api-sandbox"]["static"].as_array();
        for pair in of_status.into_iter().flatten() {
            let answer = Answer {
                status: status.parse().expect("a status"),
                headers: Vec::new(),
                body: pair["response"].to_string().into_bytes(),
            };
            pairs.push((pair["request"]["parameters"].clone(), answer));
        }
    }
    assert!(pairs.len() > 1, "pairs of {}", operation.name);
    pairs
}

fn kind<T>(result: Result<T, Error>) -> Option<Kind> {
    result.err().map(|error| error.kind())
}

#[test]
fn every_static_answer_to_a_create_is_understood() {
    let Some(model) = model(PAIRS) else { return };
    for (request, answer) in pairs(&model, &operations::CREATE) {
        let id = request["body"]["value"]["sellerFulfillmentOrderId"]
            .as_str()
            .expect("an id");
        let expected = match id {
            "FBATestOrder-11" => None,
            "FBATestOrder-1" => Some(Kind::AlreadyExists),
            _ => Some(Kind::InvalidAddress),
        };
        let result = read::created(&answer, &FulfillmentOrderId::new(id));
        let is_unknown = result.as_ref().is_err_and(Error::is_outcome_unknown);
        assert!(!is_unknown, "{id}");
        assert_eq!(kind(result), expected, "{id}");
    }
}

#[test]
fn every_static_answer_to_a_read_is_understood() {
    let Some(model) = model(PAIRS) else { return };
    for (request, answer) in pairs(&model, &operations::FULFILLMENT_ORDER) {
        let id = FulfillmentOrderId::new(request["sellerFulfillmentOrderId"]["value"].as_str().expect("an id"));
        let order = read::fulfillment_order(&answer, &id).expect("understood");
        assert_eq!(order.is_some(), answer.status == 200, "{id}");
        let Some(order) = order else { continue };
        assert_eq!(order.status, FulfillmentStatus::Processing);
        assert_eq!(order.shipments[0].status, ShipmentStatus::Pending);
        assert!(
            order.shipments[0]
                .items
                .iter()
                .all(|item| item.package_number.is_none())
        );
        assert_eq!(order.items.iter().map(|item| item.quantity).sum::<u32>(), 4);
        assert!(order.destination.expose().is_some());
    }
}

#[test]
fn every_static_answer_to_a_cancel_is_understood() {
    let Some(model) = model(PAIRS) else { return };
    for (request, answer) in pairs(&model, &operations::CANCEL) {
        let id = FulfillmentOrderId::new(request["sellerFulfillmentOrderId"]["value"].as_str().expect("an id"));
        assert_eq!(kind(read::cancel_requested(&answer, &id)), None, "{id}");
    }
}

#[test]
fn every_static_answer_to_a_list_is_understood() {
    let Some(model) = model(PAIRS) else { return };
    for (request, answer) in pairs(&model, &operations::FULFILLMENT_ORDERS) {
        match read::fulfillment_orders(&answer) {
            Ok(page) => {
                assert!(page.orders.len() >= 4 && page.next.is_none());
                let is_known = |status: &FulfillmentStatus| !matches!(status, FulfillmentStatus::Other(_));
                assert!(
                    page.orders
                        .iter()
                        .all(|order| is_known(&order.status) && order.status_updated_at.is_some())
                );
            }
            Err(error) => assert_eq!((error.kind(), answer.status), (Kind::InvalidInput, 400), "{request}"),
        }
    }
}

#[test]
fn every_static_answer_to_a_preview_is_understood() {
    let Some(model) = model(PAIRS) else { return };
    for (request, answer) in pairs(&model, &operations::PREVIEW) {
        match read::previews(&answer) {
            Ok(previews) => {
                assert!(previews[0].is_fulfillable);
                assert_eq!(previews[0].fees[0].amount, "19.71");
                assert!(previews[0].latest_arrival_at.is_some());
            }
            Err(error) => {
                assert_eq!(error.kind(), Kind::InvalidAddress, "{request}");
                assert_eq!(error.parameter(), Some("Address.CountryCode"));
            }
        }
    }
}

#[test]
fn every_static_answer_to_tracking_is_understood() {
    let Some(model) = model(PAIRS) else { return };
    for (_, answer) in pairs(&model, &operations::TRACKING) {
        let tracking = read::package_tracking(&answer).expect("understood");
        assert_eq!(tracking.is_some(), answer.status == 200);
        let Some(tracking) = tracking else { continue };
        assert_eq!(tracking.status, Some(PackageStatus::Delivered));
        assert_eq!(tracking.tracking_number.as_deref(), Some("1Z50V7420354708051"));
        assert_eq!(
            tracking.customer_link.as_deref(),
            Some("https://www.swiship.com/track?id=1Z50V7420354708051")
        );
    }
}

#[test]
fn every_static_answer_to_an_inventory_question_is_understood() {
    let Some(model) = model(INVENTORY_PAIRS) else { return };
    for (_, answer) in pairs(&model, &operations::INVENTORY) {
        match read::inventory_page(&answer) {
            Ok(page) => {
                assert_eq!(page.next.as_deref(), Some("seed"));
                let stock = page
                    .stocks
                    .iter()
                    .find(|stock| stock.sku.as_str() == "Silicon Power 32GB");
                assert_eq!(stock.expect("the SKU").fulfillable, Some(66));
                assert_eq!(page.stocks[0].updated_at, None);
            }
            Err(error) => assert_eq!(error.kind(), Kind::Unavailable),
        }
    }
}

#[test]
fn the_static_answer_about_marketplaces_is_understood() {
    let Some(model) = model("sellers.json") else { return };
    let operation = &operations::MARKETPLACES;
    let response = &model["paths"][operation.path]["get"]["responses"]["200"];
    let body = response["x-amzn-api-sandbox"]["static"][0]["response"].to_string();
    let answer = Answer {
        status: 200,
        headers: Vec::new(),
        body: body.into_bytes(),
    };
    let marketplaces = read::marketplaces(&answer).expect("understood");
    assert_eq!(marketplaces[0].id, "ATVPDKIKX0DER");
    assert_eq!(marketplaces[0].is_participating, Some(true));
}

#[test]
fn an_answer_cut_off_is_unreadable_at_every_byte() {
    let whole = include_str!("../fixtures/amazon/fulfillment_order_shipped.json").trim_end();
    let id = FulfillmentOrderId::new("TTS-576900000000000101");
    for length in (0..whole.len()).step_by(7) {
        let answer = Answer {
            status: 200,
            headers: Vec::new(),
            body: whole.as_bytes()[..length].to_vec(),
        };
        let kind = kind(read::fulfillment_order(&answer, &id));
        let is_flaw = matches!(kind, Some(Kind::Unreadable(Flaw::Empty | Flaw::NotJson { .. })));
        assert!(is_flaw, "R2: {length} bytes: {kind:?}");
    }
}
