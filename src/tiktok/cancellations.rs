//! Cancellations: finding requests, agreeing to them, declining them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::client::{Call, Tiktok};
use super::orders::UnreadableOrder;
use super::{Error, convert, operations};
use crate::domain::ids::{CancelId, TiktokOrderId};
use crate::domain::shop::{Cancellation, CancellationStatus, RejectReason};

/// Cancellations a page, the most that TikTok gives.
const PAGE_SIZE: &str = "50";

/// Which cancellations to search; what is not set does not narrow the search.
#[derive(Debug, Clone, Default)]
pub struct CancellationQuery {
    /// Only those of these orders.
    pub order_ids: Vec<TiktokOrderId>,
    /// Only those in this status.
    pub status: Option<CancellationStatus>,
    /// Changed at this instant or later.
    pub updated_from: Option<DateTime<Utc>>,
    /// Changed before this instant.
    pub updated_to: Option<DateTime<Utc>>,
}

/// A page of cancellations.
#[derive(Debug, Clone)]
pub struct CancellationPage {
    /// The cancellations.
    pub cancellations: Vec<Cancellation>,
    /// Those that could not be read, by their orders.
    pub unreadable: Vec<UnreadableOrder>,
    /// The opaque token of the next page.
    pub next: Option<String>,
}

impl Tiktok {
    /// Reads a page of cancellations, oldest change first.
    pub fn search_cancellations(
        &self,
        query: &CancellationQuery,
        page: Option<&str>,
    ) -> Result<CancellationPage, Error> {
        let mut call = Call::new(&operations::SEARCH_CANCELLATIONS, &[])?
            .query("page_size", PAGE_SIZE)
            .query("sort_field", "update_time")
            .query("sort_order", "ASC");
        if let Some(token) = page {
            call = call.query("page_token", token);
        }
        if let [only] = query.order_ids.as_slice() {
            call = call.about(only);
        }
        let mut answer = self.call(&call.body(&filter(query))?)?;
        let read = answer.page("cancellations")?.into_iter().map(convert::cancellation);
        let (cancellations, unreadable) = convert::sorted(read);
        Ok(CancellationPage {
            cancellations,
            unreadable,
            next: answer.next_page()?,
        })
    }

    /// Agrees to a cancellation. The same `key` (at most 255 characters) makes a repeat harmless.
    ///
    /// # Errors
    /// See [`Tiktok`]; [`super::Class::CancellationSettled`] when it is answered already.
    pub fn approve_cancellation(&self, order: &TiktokOrderId, cancel: &CancelId, key: &str) -> Result<(), Error> {
        let call = Call::new(&operations::APPROVE_CANCELLATION, &[cancel.as_str()])?.about(order);
        self.call(&call.query("idempotency_key", key)).map(drop)
    }

    /// Declines a cancellation for one of TikTok's reasons, see [`Tiktok::reject_reasons`].
    ///
    /// # Errors
    /// As of [`Tiktok::approve_cancellation`].
    pub fn reject_cancellation(
        &self,
        order: &TiktokOrderId,
        cancel: &CancelId,
        reason: &str,
        key: &str,
    ) -> Result<(), Error> {
        let call = Call::new(&operations::REJECT_CANCELLATION, &[cancel.as_str()])?.about(order);
        let call = call
            .query("idempotency_key", key)
            .body(&json!({ "reject_reason": reason }))?;
        self.call(&call).map(drop)
    }

    /// Reads the reasons that TikTok accepts for declining this cancellation; they differ by market and over time.
    pub fn reject_reasons(&self, order: &TiktokOrderId, cancel: &CancelId) -> Result<Vec<RejectReason>, Error> {
        let call = Call::new(&operations::GET_REJECT_REASONS, &[])?
            .about(order)
            .query("return_or_cancel_id", cancel.as_str());
        let mut answer = self.call(&call)?;
        let reasons = answer.list("reasons")?;
        let read = reasons
            .into_iter()
            .map(convert::reject_reason)
            .collect::<Result<_, _>>();
        read.map_err(|error| answer.field(&error))
    }
}

fn filter(query: &CancellationQuery) -> Map<String, Value> {
    let mut filter = Map::new();
    if !query.order_ids.is_empty() {
        filter.insert("order_ids".into(), json!(query.order_ids));
    }
    if let Some(status) = &query.status {
        filter.insert("cancel_status".into(), json!([status]));
    }
    if let Some(from) = query.updated_from {
        filter.insert("update_time_ge".into(), json!(from.timestamp()));
    }
    if let Some(to) = query.updated_to {
        filter.insert("update_time_lt".into(), json!(to.timestamp() + 1));
    }
    filter
}
