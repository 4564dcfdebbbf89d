//! TikTok Shop: the Open API and the token host on one port.
//!
//! Every call but those of the token host is checked as the vendor's "common parameters" and "sign your API request" pages say, before its
//! handler sees it.

mod cancellations;
mod catalogue;
mod fulfillment;
mod gate;
mod inventory;
pub(super) mod life;
mod order;
mod orders;
mod render;
mod state;
mod tokens;

use serde_json::{Value, json};

pub use order::{Address, Component, Line, Order};
pub use state::{CancelStatus, Cancellation, Package, Product, ProviderOption, Shop, Sku, Tokens, Warehouse};

use super::http::{Reply, Request};
use super::{Operation, World};

/// What a handler made of a request.
struct Outcome {
    data: Value,
    effect: bool,
}

impl Outcome {
    fn read(data: Value) -> Self {
        Self { data, effect: false }
    }

    fn changed(data: Value) -> Self {
        Self { data, effect: true }
    }
}

/// An error envelope.
#[derive(Debug)]
struct Refusal {
    status: u16,
    code: i64,
    message: String,
}

impl Refusal {
    /// An error that TikTok sends with status 200, as it does for errors of the trade.
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self::with_status(200, code, message)
    }

    fn with_status(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// Code 36009004, which stands for about a dozen mistakes in a request.
    fn request(message: impl Into<String>) -> Self {
        Self::with_status(400, 36_009_004, message)
    }

    fn missing(field: &str) -> Self {
        Self::request(format!("Invalid parameter: param body.{field} is missing"))
    }
}

type Answer = Result<Outcome, Refusal>;

/// Finds the operation of a request.
pub(super) fn recognise(request: &Request) -> Option<Operation> {
    let (method, path) = request.route();
    let operation = match (method, path.as_slice()) {
        ("GET", ["api", "v2", "token", "get"]) => Operation::GetToken,
        ("GET", ["api", "v2", "token", "refresh"]) => Operation::RefreshToken,
        ("GET", ["authorization", "202309", "shops"]) => Operation::GetShops,
        ("POST", ["order", "202309", "orders", "search"]) => Operation::SearchOrders,
        ("GET", ["order", "202309" | "202507", "orders"]) => Operation::GetOrders,
        ("POST", ["fulfillment", "202309", "orders", _, "packages"]) => Operation::MarkPackageShipped,
        ("POST", ["fulfillment", "202309", "orders", _, "shipping_info", "update"]) => {
            Operation::UpdateOrderShippingInfo
        }
        ("POST", ["fulfillment", "202309", "packages", _, "shipping_info", "update"]) => {
            Operation::UpdatePackageShippingInfo
        }
        ("GET", ["fulfillment", "202309", "packages", _]) => Operation::GetPackage,
        ("GET", ["logistics", "202309", "delivery_options", _, "shipping_providers"]) => {
            Operation::GetShippingProviders
        }
        ("GET", ["logistics", "202309", "warehouses"]) => Operation::GetWarehouses,
        ("GET", ["logistics", "202309", "warehouses", _, "delivery_options"]) => Operation::GetDeliveryOptions,
        ("POST", ["return_refund", "202309", "cancellations", "search"]) => Operation::SearchCancellations,
        ("POST", ["return_refund", "202309" | "202602", "cancellations"]) => Operation::CreateCancellation,
        ("POST", ["return_refund", "202309", "cancellations", _, "approve"]) => Operation::ApproveCancellation,
        ("POST", ["return_refund", "202309", "cancellations", _, "reject"]) => Operation::RejectCancellation,
        ("GET", ["return_refund", "202309", "reject_reasons"]) => Operation::GetRejectReasons,
        ("POST", ["product", "202309" | "202502", "products", "search"]) => Operation::SearchProducts,
        ("POST", ["product", "202309", "inventory", "search"]) => Operation::SearchInventory,
        ("POST", ["product", "202309", "products", _, "inventory", "update"]) => Operation::UpdateInventory,
        ("POST", ["product", "202309", "products", "deactivate"]) => Operation::DeactivateProducts,
        _ => return None,
    };
    Some(operation)
}

/// Answers a request in TikTok's envelope.
pub(super) fn answer(world: &mut World, operation: Option<Operation>, request: &Request, serial: u64) -> Reply {
    let result = match operation {
        None => Err(Refusal::with_status(
            404,
            36_009_009,
            "Invalid path. The request path does not exist.",
        )),
        Some(operation) => gate::admit(world, operation, request).and_then(|()| dispatch(world, operation, request)),
    };
    let request_id = format!("{}{serial:018X}", world.now().format("%Y%m%d%H%M%S"));
    match result {
        Ok(outcome) => {
            // The token host writes it in lower case.
            let message = if matches!(operation, Some(Operation::GetToken | Operation::RefreshToken)) {
                "success"
            } else {
                "Success"
            };
            let envelope = json!({ "code": 0, "message": message, "request_id": request_id, "data": outcome.data });
            Reply::json(200, &envelope).with_effect(outcome.effect)
        }
        Err(Refusal { status, code, message }) => {
            let envelope = json!({ "code": code, "message": message, "request_id": request_id, "data": null });
            Reply::json(status, &envelope)
        }
    }
}

/// Returns the body that comes with an HTTP status of a fault.
pub(super) fn error_page(status: u16) -> Reply {
    let (code, message) = match status {
        429 => (
            36_009_002,
            "Too many requests. You've made too many requests in a short period of time.",
        ),
        504 => (36_009_007, "Request timeout."),
        _ => (36_009_003, "Internal error. Please try again."),
    };
    Reply::json(
        status,
        &json!({ "code": code, "message": message, "request_id": "2026010518150000FAULT", "data": null }),
    )
}

fn dispatch(world: &mut World, operation: Operation, request: &Request) -> Answer {
    match operation {
        Operation::GetToken => tokens::get(world, request),
        Operation::RefreshToken => tokens::refresh(world, request),
        Operation::GetShops => Ok(catalogue::shops(&world.tiktok)),
        Operation::SearchOrders => orders::search(world, request),
        Operation::GetOrders => orders::detail(world, request),
        Operation::MarkPackageShipped => fulfillment::mark_shipped(world, request),
        Operation::UpdateOrderShippingInfo => fulfillment::update_order(world, request),
        Operation::UpdatePackageShippingInfo => fulfillment::update_package(world, request),
        Operation::GetPackage => fulfillment::package(&world.tiktok, request),
        Operation::GetShippingProviders => catalogue::shipping_providers(&world.tiktok, request),
        Operation::GetWarehouses => Ok(catalogue::warehouses(&world.tiktok)),
        Operation::GetDeliveryOptions => Ok(catalogue::delivery_options(&world.tiktok)),
        Operation::SearchCancellations => cancellations::search(world, request),
        Operation::CreateCancellation => cancellations::create(world, request),
        Operation::ApproveCancellation => cancellations::approve(world, request),
        Operation::RejectCancellation => cancellations::reject(world, request),
        Operation::GetRejectReasons => cancellations::reject_reasons(&world.tiktok, request),
        Operation::SearchProducts => catalogue::search_products(world, request),
        Operation::SearchInventory => inventory::search(&world.tiktok, request),
        Operation::UpdateInventory => inventory::update(world, request),
        Operation::DeactivateProducts => inventory::deactivate(&mut world.tiktok, request),
        Operation::ExchangeToken
        | Operation::GetFulfillmentPreview
        | Operation::CreateFulfillmentOrder
        | Operation::GetFulfillmentOrder
        | Operation::ListAllFulfillmentOrders
        | Operation::CancelFulfillmentOrder
        | Operation::GetPackageTrackingDetails
        | Operation::GetInventorySummaries
        | Operation::GetMarketplaceParticipations => Err(Refusal::with_status(
            404,
            36_009_009,
            "Invalid path. The request path does not exist.",
        )),
    }
}

/// Reads the JSON object of a body; an absent body is an empty object.
fn body(request: &Request) -> Result<Value, Refusal> {
    if request.body.is_empty() {
        return Ok(json!({}));
    }
    match request.json() {
        Some(value) if value.is_object() => Ok(value),
        _ => Err(Refusal::request("Invalid parameter: the body is not a JSON object")),
    }
}

/// Reads a required text of a body.
fn required<'body>(body: &'body Value, field: &str) -> Result<&'body str, Refusal> {
    match body.get(field).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(Refusal::missing(field)),
    }
}

/// Reads an optional list of texts of a body; an absent one is empty.
fn texts(body: &Value, field: &str, count_max: usize) -> Result<Vec<String>, Refusal> {
    let invalid = || Refusal::request(format!("Invalid parameter: param body.{field} must be a list of texts"));
    match body.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= count_max => {
            let texts = list.iter().map(|entry| entry.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or_else(invalid)
        }
        Some(_) => Err(invalid()),
    }
}

/// Reads a required page size of a query.
fn page_size(request: &Request, most: usize) -> Result<usize, Refusal> {
    let size = request.query("page_size").and_then(|text| text.parse().ok());
    size.filter(|size| (1..=most).contains(size))
        .ok_or_else(|| Refusal::request(format!("Invalid parameter: page_size must be between 1 and {most}")))
}
