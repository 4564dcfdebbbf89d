//! Judges whole answers: status, body, errors, and what they say in the terms of the domain.
//!
//! These functions need no network; an answer from a file is judged as one that came over HTTP.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::convert;
use super::error::Error;
use super::meaning::{Flaw, Kind, classify};
use super::operations::{
    CANCEL, CREATE, FULFILLMENT_ORDER, FULFILLMENT_ORDERS, INVENTORY, MARKETPLACES, PREVIEW, TRACKING,
};
use super::types::{
    Accepted, Envelope, InventoryPayload, OrderListPayload, OrderPayload, Participation, PreviewPayload,
    TrackingPayload, VendorError,
};
use crate::domain::fulfillment::{FulfillmentOrder, FulfillmentOrderHead, Marketplace, PackageTracking, Preview};
use crate::domain::ids::FulfillmentOrderId;
use crate::domain::inventory::AmazonStock;
use crate::transport::{Answer, Operation};

/// One page of the list of fulfillment orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The orders; may be none while there is a next page.
    pub orders: Vec<FulfillmentOrderHead>,
    /// The token of the next page. `None` on the last one.
    pub next: Option<String>,
}

/// One page of stock figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryPage {
    /// The figures.
    pub stocks: Vec<AmazonStock>,
    /// The token of the next page; it lives for 30 seconds. `None` on the last one.
    pub next: Option<String>,
}

/// Reads the answer of `getMarketplaceParticipations`.
pub fn marketplaces(answer: &Answer) -> Result<Vec<Marketplace>, Error> {
    let rows: Vec<Participation> = payload(&MARKETPLACES, answer)?;
    Ok(rows.into_iter().filter_map(convert::marketplace).collect())
}

/// Reads the answer of `getFulfillmentPreview`: one preview per speed.
pub fn previews(answer: &Answer) -> Result<Vec<Preview>, Error> {
    let payload: PreviewPayload = payload(&PREVIEW, answer)?;
    convert::previews(payload).map_err(|flaw| Error::unreadable(&PREVIEW, answer, flaw))
}

/// Reads the answer of `createFulfillmentOrder`: 200 with `{}` is all that Amazon says to an order that it takes.
///
/// # Errors
/// When Amazon refuses, or when the answer can't be relied on: then the outcome is unknown. That is so, too, for 202 (taken, to be
/// carried out later, as in v2026-07-04) and for an answer that says more than nothing, or our id.
pub fn created(answer: &Answer, id: &FulfillmentOrderId) -> Result<(), Error> {
    accepted(&CREATE, answer, id)?;
    let body: Value = json(&answer.body).map_err(|flaw| Error::unreadable(&CREATE, answer, flaw))?;
    let flaw = if answer.status != 200 {
        Flaw::NotYet
    } else if names_another(&body, id) {
        Flaw::OtherOrder
    } else if !is_empty_or_ours(&body, id) {
        Flaw::Unexpected
    } else {
        return Ok(());
    };
    Err(Error::unreadable(&CREATE, answer, flaw))
}

/// The names under which Amazon's versions give our id.
const ID_NAMES: [&str; 3] = ["sellerFulfillmentOrderId", "orderId", "fulfillmentOrderId"];

/// Tells whether a body gives another id than ours, on any of its first levels.
fn names_another(body: &Value, id: &FulfillmentOrderId) -> bool {
    body.as_object().into_iter().flatten().any(|(name, value)| match value {
        Value::String(text) => ID_NAMES.contains(&name.as_str()) && text != id.as_str(),
        Value::Object(_) => names_another(value, id),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
    })
}

/// Tells whether a body says nothing but, at most, our id.
fn is_empty_or_ours(body: &Value, id: &FulfillmentOrderId) -> bool {
    match body {
        Value::Object(fields) => fields.iter().all(|(name, value)| {
            let is_our_id = ID_NAMES.contains(&name.as_str()) && value.as_str() == Some(id.as_str());
            is_our_id || is_empty_or_ours(value, id)
        }),
        Value::Array(list) => list.is_empty(),
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Reads the answer of `cancelFulfillmentOrder`. A request that was made before counts as made.
///
/// # Errors
/// When Amazon refuses, or when the answer can't be relied on: then the outcome is unknown.
pub fn cancel_requested(answer: &Answer, id: &FulfillmentOrderId) -> Result<(), Error> {
    match accepted(&CANCEL, answer, id) {
        Err(error) if error.kind() == Kind::DuplicateCancel => Ok(()),
        result => result,
    }
}

/// Reads the answer of `getFulfillmentOrder`. `None` only where Amazon surely does not know the id.
///
/// # Errors
/// When Amazon refuses for another reason, the answer can't be relied on, or it speaks of another order.
pub fn fulfillment_order(answer: &Answer, id: &FulfillmentOrderId) -> Result<Option<FulfillmentOrder>, Error> {
    let payload: OrderPayload = match payload(&FULFILLMENT_ORDER, answer) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        result => result?,
    };
    let flawed = |flaw| Error::unreadable(&FULFILLMENT_ORDER, answer, flaw);
    let order = convert::fulfillment_order(payload).map_err(flawed)?;
    if order.id == *id {
        Ok(Some(order))
    } else {
        Err(flawed(Flaw::OtherOrder))
    }
}

/// Reads the answer of `listAllFulfillmentOrders`. Rows without an id are left out: they can't be ours.
///
/// # Errors
/// When Amazon refuses or the answer can't be relied on. No list is an error unless a next page is named.
pub fn fulfillment_orders(answer: &Answer) -> Result<Page, Error> {
    let payload: OrderListPayload = payload(&FULFILLMENT_ORDERS, answer)?;
    let next = payload.next_token.filter(|token| !token.is_empty());
    let rows = match payload.fulfillment_orders {
        Some(rows) => rows,
        None if next.is_some() => Vec::new(),
        None => {
            let flaw = Flaw::Missing("fulfillmentOrders");
            return Err(Error::unreadable(&FULFILLMENT_ORDERS, answer, flaw));
        }
    };
    let orders = rows.into_iter().filter_map(convert::head).collect();
    Ok(Page { orders, next })
}

/// Reads the answer of `getPackageTrackingDetails`. `None` where Amazon does not know the package, which it says
/// with a 404 or with an `InvalidInput` whose message is `null` (static sandbox of 2023).
///
/// # Errors
/// When Amazon refuses for another reason or the answer can't be relied on.
pub fn package_tracking(answer: &Answer) -> Result<Option<PackageTracking>, Error> {
    match payload::<TrackingPayload>(&TRACKING, answer) {
        Ok(payload) => Ok(Some(convert::package_tracking(payload))),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) if error.kind() == Kind::InvalidInput && error.message().is_none() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads one page of the answer of `getInventorySummaries`. Rows without a SKU are left out.
pub fn inventory_page(answer: &Answer) -> Result<InventoryPage, Error> {
    let envelope: Envelope<InventoryPayload> = good(&INVENTORY, answer)?;
    let rows = envelope.payload.and_then(|payload| payload.inventory_summaries);
    let rows = rows.ok_or_else(|| Error::unreadable(&INVENTORY, answer, Flaw::Missing("inventorySummaries")))?;
    let next = envelope.pagination.and_then(|pagination| pagination.next_token);
    Ok(InventoryPage {
        stocks: rows.into_iter().filter_map(convert::stock).collect(),
        next: next.filter(|token| !token.is_empty()),
    })
}

fn accepted(operation: &'static Operation, answer: &Answer, id: &FulfillmentOrderId) -> Result<(), Error> {
    let envelope: Envelope<Accepted> = good(operation, answer)?;
    let named = envelope.payload.and_then(|payload| payload.seller_fulfillment_order_id);
    match named {
        Some(named) if named != id.as_str() => Err(Error::unreadable(operation, answer, Flaw::OtherOrder)),
        Some(_) | None => Ok(()),
    }
}

fn payload<T: DeserializeOwned>(operation: &'static Operation, answer: &Answer) -> Result<T, Error> {
    let envelope: Envelope<T> = good(operation, answer)?;
    envelope
        .payload
        .ok_or_else(|| Error::unreadable(operation, answer, Flaw::Missing("payload")))
}

/// Returns the frame of a good answer, or the error that the answer is.
fn good<T: DeserializeOwned>(operation: &'static Operation, answer: &Answer) -> Result<Envelope<T>, Error> {
    if !(200..300).contains(&answer.status) {
        return Err(bad(operation, answer));
    }
    let envelope: Envelope<T> = json(&answer.body).map_err(|flaw| Error::unreadable(operation, answer, flaw))?;
    match envelope.errors.iter().flatten().next() {
        Some(words) => {
            let kind = Kind::Unreadable(Flaw::ErrorsInside);
            Err(Error::refused(operation, answer, kind, words))
        }
        None => Ok(envelope),
    }
}

/// Returns the error that a bad answer is.
fn bad(operation: &'static Operation, answer: &Answer) -> Error {
    match first_reason(answer) {
        Ok(words) => {
            let kind = classify(answer.status, &words).unwrap_or(Kind::Unreadable(Flaw::Redirect));
            Error::refused(operation, answer, kind, &words)
        }
        Err(flaw) => {
            let kind = meaning_of_status(answer.status, flaw);
            Error::refused(operation, answer, kind, &VendorError::default())
        }
    }
}

/// Says what a bad answer means that gives no reason: its status alone counts, and of a web page (a gateway's) hardly that.
pub(super) fn meaning_of_status(status: u16, flaw: Flaw) -> Kind {
    match classify(status, &VendorError::default()) {
        Some(kind @ (Kind::Unavailable | Kind::Throttled)) => kind,
        Some(kind @ (Kind::NotFound | Kind::AccessDenied | Kind::TokenRefused)) if flaw != Flaw::Html => kind,
        Some(_) => Kind::Unreadable(flaw),
        None => Kind::Unreadable(Flaw::Redirect),
    }
}

/// Returns the first of the errors in a bad answer.
pub(super) fn first_reason(answer: &Answer) -> Result<VendorError, Flaw> {
    let envelope: Envelope<serde::de::IgnoredAny> = json(&answer.body)?;
    let mut errors = envelope.errors.unwrap_or_default();
    if errors.is_empty() {
        return Err(Flaw::NoErrors);
    }
    Ok(errors.swap_remove(0))
}

/// Reads JSON and says what is wrong with it without quoting it.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Flaw> {
    match body.trim_ascii().first() {
        None => return Err(Flaw::Empty),
        Some(b'<') => return Err(Flaw::Html),
        Some(b'{') => {}
        // Serde would read a list as an object's fields in order.
        Some(_) => return Err(Flaw::NotJson { line: 1, column: 1 }),
    }
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            Flaw::Shape { line, column }
        } else {
            Flaw::NotJson { line, column }
        }
    })
}
