//! Amazon: Login with Amazon and the Selling Partner API on one port.
//!
//! Fulfillment Outbound v2020-07-01, FBA Inventory v1 and Sellers v1, as far as a connector needs them, with the checks that the
//! vendor is known to make. Where the documentation names a refusal but not its words, the words are ours: a client must not read them.

mod address;
mod create;
mod features;
mod gate;
mod inventory;
pub(super) mod life;
mod lwa;
mod outbound;
mod preview;
mod render;
mod sellers;
mod state;

use serde_json::{Value, json};

pub use state::{
    Account, Ending, FulfillmentOrder, Item, OrderStatus, Parcel, Plan, PlannedParcel, Shipment, ShipmentStatus, Stock,
};

use super::http::{Reply, Request};
use super::{Operation, World};

/// An error envelope: `{"errors":[{"code","message","details"}]}`.
#[derive(Debug)]
struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    details: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: String::new(),
        }
    }

    /// 400 `InvalidInput`.
    fn input(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidInput", message)
    }

    /// Refuses a value as Amazon words it.
    fn invalid_value(value: &str, field: &str) -> Self {
        Self::input(format!(
            "Value {value} for parameter {field} is invalid. Reason: InvalidValue."
        ))
    }

    /// 403 `Unauthorized`, told apart by its details only.
    fn unauthorized(details: &str) -> Self {
        let mut refusal = Self::new(403, "Unauthorized", "Access to requested resource is denied.");
        refusal.details = details.to_owned();
        refusal
    }
}

type Answer = Result<Reply, Refusal>;

const OUTBOUND: &str = "2020-07-01";

/// Finds the operation of a request.
pub(super) fn recognise(request: &Request) -> Option<Operation> {
    let (method, path) = request.route();
    let operation = match (method, path.as_slice()) {
        ("POST", ["auth", "o2", "token"]) => Operation::ExchangeToken,
        ("POST", ["fba", "outbound", OUTBOUND, "fulfillmentOrders", "preview"]) => Operation::GetFulfillmentPreview,
        ("POST", ["fba", "outbound", OUTBOUND, "fulfillmentOrders"]) => Operation::CreateFulfillmentOrder,
        ("GET", ["fba", "outbound", OUTBOUND, "fulfillmentOrders"]) => Operation::ListAllFulfillmentOrders,
        ("GET", ["fba", "outbound", OUTBOUND, "fulfillmentOrders", _]) => Operation::GetFulfillmentOrder,
        ("PUT", ["fba", "outbound", OUTBOUND, "fulfillmentOrders", _, "cancel"]) => Operation::CancelFulfillmentOrder,
        ("GET", ["fba", "outbound", OUTBOUND, "tracking"]) => Operation::GetPackageTrackingDetails,
        ("GET", ["fba", "inventory", "v1", "summaries"]) => Operation::GetInventorySummaries,
        ("GET", ["sellers", "v1", "marketplaceParticipations"]) => Operation::GetMarketplaceParticipations,
        _ => return None,
    };
    Some(operation)
}

/// Answers a request with Amazon's headers.
pub(super) fn answer(world: &mut World, operation: Option<Operation>, request: &Request, serial: u64) -> Reply {
    let result = match operation {
        Some(Operation::ExchangeToken) => Ok(lwa::exchange(world, request)),
        Some(operation) => gate::admit(world, operation, request).and_then(|()| dispatch(world, operation, request)),
        None => Err(Refusal::new(
            403,
            "MissingAuthenticationToken",
            "Missing Authentication Token",
        )),
    };
    let reply = result.unwrap_or_else(|refusal| refused(&refusal));
    let reply = reply.with_header("x-amzn-requestid", format!("00000000-0000-4000-8000-{serial:012}"));
    let limit = operation.and_then(|operation| world.rates.limit(operation));
    match limit.filter(|_| matches!(reply.status, 200..=209 | 400 | 404)) {
        Some(limit) => reply.with_header("x-amzn-ratelimit-limit", limit.per_second.to_string()),
        None => reply,
    }
}

fn refused(refusal: &Refusal) -> Reply {
    let error = json!({ "code": refusal.code, "message": refusal.message, "details": refusal.details });
    let reply = Reply::json(refusal.status, &json!({ "errors": [error] }));
    match refusal.status {
        429 => reply.with_header("x-amzn-errortype", "TooManyRequestsException"),
        _ => reply,
    }
}

/// Returns the body that comes with an HTTP status of a fault.
pub(super) fn error_page(status: u16) -> Reply {
    refused(&match status {
        429 => quota_exceeded(),
        503 => Refusal::new(
            503,
            "ServiceUnavailable",
            "Service is temporarily unavailable. Please try again.",
        ),
        _ => Refusal::new(
            status,
            "InternalFailure",
            "We encountered an internal error. Please try again.",
        ),
    })
}

fn quota_exceeded() -> Refusal {
    Refusal::new(
        429,
        "QuotaExceeded",
        "You exceeded your quota for the requested resource.",
    )
}

fn dispatch(world: &mut World, operation: Operation, request: &Request) -> Answer {
    match operation {
        Operation::GetFulfillmentPreview => preview::preview(world, request),
        Operation::CreateFulfillmentOrder => create::create(world, request),
        Operation::GetFulfillmentOrder => outbound::get(world, request),
        Operation::ListAllFulfillmentOrders => outbound::list(world, request),
        Operation::CancelFulfillmentOrder => outbound::cancel(world, request),
        Operation::GetPackageTrackingDetails => outbound::tracking(world, request),
        Operation::GetInventorySummaries => inventory::summaries(world, request),
        Operation::GetMarketplaceParticipations => Ok(sellers::participations(&world.amazon)),
        Operation::ExchangeToken
        | Operation::GetToken
        | Operation::RefreshToken
        | Operation::GetShops
        | Operation::SearchOrders
        | Operation::GetOrders
        | Operation::MarkPackageShipped
        | Operation::UpdateOrderShippingInfo
        | Operation::UpdatePackageShippingInfo
        | Operation::GetPackage
        | Operation::GetShippingProviders
        | Operation::GetWarehouses
        | Operation::GetDeliveryOptions
        | Operation::SearchCancellations
        | Operation::CreateCancellation
        | Operation::ApproveCancellation
        | Operation::RejectCancellation
        | Operation::GetRejectReasons
        | Operation::SearchProducts
        | Operation::SearchInventory
        | Operation::UpdateInventory
        | Operation::DeactivateProducts => Err(Refusal::new(
            403,
            "MissingAuthenticationToken",
            "Missing Authentication Token",
        )),
    }
}

/// Answers 200 with a payload.
fn payload(payload: &Value) -> Reply {
    Reply::json(200, &json!({ "payload": payload }))
}
