//! Orders: the search by change time and the detail by id. Only the detail has the parts of bundles.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::client::{Call, Tiktok};
use super::codes::Class;
use super::{Error, convert, operations};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{Order, OrderStatus};
use crate::domain::routing::Unread;

/// Orders a page, the most that TikTok gives.
const PAGE_SIZE: &str = "100";

/// Ids in one detail call, the most that TikTok takes.
const IDS_MAX: usize = 50;

/// After so many failures of single orders in a row, without an answer, TikTok is taken to fail altogether.
const FAILED_ALONE_MAX: usize = 2;

/// Which orders to search, by the time of their last status change.
///
/// A buyer's wish to cancel does not change the status: search for it apart, with `cancel_requested`.
/// TikTok may give orders from outside of the window; let windows overlap and drop doubles by id.
#[derive(Debug, Clone)]
pub struct OrderQuery {
    /// Changed at this instant or later; whole seconds count.
    pub updated_from: DateTime<Utc>,
    /// Changed before this instant; a part of a second counts as a whole one.
    pub updated_to: DateTime<Utc>,
    /// Only orders in this status.
    pub status: Option<OrderStatus>,
    /// Only orders whose buyer asks to cancel, or only others.
    pub cancel_requested: Option<bool>,
}

/// A page of orders. An empty page with a next token is not the end.
#[derive(Debug, Clone)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// Those that could not be read.
    pub unreadable: Vec<UnreadableOrder>,
    /// The opaque token of the next page; TikTok forgets it soon.
    pub next: Option<String>,
    /// Whether TikTok neither gave a list nor said that there are none: nothing may be concluded from such a page.
    pub is_silent: bool,
}

/// What the detail call found. An asked id that is in neither list is one that TikTok said nothing about.
#[derive(Debug, Clone, Default)]
pub struct FoundOrders {
    /// The orders.
    pub orders: Vec<Order>,
    /// Those that could not be read, or that TikTok refuses to show.
    pub unreadable: Vec<UnreadableOrder>,
}

impl FoundOrders {
    /// Tells whether TikTok said anything about this order.
    #[must_use]
    pub fn is_about(&self, id: &TiktokOrderId) -> bool {
        self.orders.iter().any(|order| order.id == *id)
            || self.unreadable.iter().any(|order| order.id.as_ref() == Some(id))
    }

    fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.unreadable.is_empty()
    }
}

/// An order that TikTok gave in a form that can't be used: hold it and tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableOrder {
    /// Its id, where at least that is readable.
    pub id: Option<TiktokOrderId>,
    /// The field or the refusal; never its contents.
    pub why: String,
    /// Whether TikTok refused to show it, instead of showing something that can't be used.
    pub is_refused: bool,
}

impl UnreadableOrder {
    /// Returns what of it is told.
    #[must_use]
    pub fn told(&self) -> Unread<'_> {
        Unread {
            why: &self.why,
            is_refused: self.is_refused,
        }
    }

    /// Says which order it is where only one was asked for.
    #[must_use]
    pub fn of(self, id: &TiktokOrderId) -> Self {
        Self {
            id: Some(id.clone()),
            ..self
        }
    }
}

impl Tiktok {
    /// Reads a page of the orders that changed in a window, oldest change first.
    pub fn search_orders(&self, query: &OrderQuery, page: Option<&str>) -> Result<OrderPage, Error> {
        let mut call = Call::new(&operations::SEARCH_ORDERS, &[])?
            .query("page_size", PAGE_SIZE)
            .query("sort_field", "update_time")
            .query("sort_order", "ASC");
        if let Some(token) = page {
            call = call.query("page_token", token);
        }
        let mut answer = self.call(&call.body(&filter(query))?)?;
        let is_silent = answer.is_silent("orders");
        let (orders, unreadable) = convert::sorted(answer.page("orders")?.into_iter().map(convert::order));
        Ok(OrderPage {
            orders,
            unreadable,
            next: answer.next_page()?,
            is_silent,
        })
    }

    /// Reads orders by id, in as many calls as it takes. Orders that were not asked for are left out of the answer.
    ///
    /// An id that TikTok refuses to show, or fails over, does not spoil its neighbours: they are then asked one by one. So they are after
    /// an answer that shows none of them, which may be one whose contents were lost.
    ///
    /// # Errors
    /// See [`Tiktok`]; an error says nothing about any of the orders.
    pub fn orders(&self, ids: &[TiktokOrderId]) -> Result<FoundOrders, Error> {
        let mut found = FoundOrders::default();
        for chunk in ids.chunks(IDS_MAX) {
            self.find(chunk, &mut found)?;
        }
        Ok(found)
    }

    fn find(&self, ids: &[TiktokOrderId], found: &mut FoundOrders) -> Result<(), Error> {
        match (self.orders_of(ids), ids) {
            (Ok(part), several) if part.is_empty() && several.len() > 1 => {
                several.chunks(1).try_for_each(|only| self.find(only, found))
            }
            (Ok(part), [only]) => {
                let unreadable = part.unreadable.into_iter().map(|order| order.of(only));
                found.unreadable.extend(unreadable);
                found.orders.extend(part.orders);
                Ok(())
            }
            (Ok(part), _) => {
                found.orders.extend(part.orders);
                found.unreadable.extend(part.unreadable);
                Ok(())
            }
            (Err(error), [only]) if is_about_an_id(&error) => {
                found.unreadable.push(UnreadableOrder {
                    id: Some(only.clone()),
                    why: error.to_string(),
                    is_refused: true,
                });
                Ok(())
            }
            (Err(error), several) if is_about_an_id(&error) => {
                several.chunks(1).try_for_each(|only| self.find(only, found))
            }
            (Err(error), several) if several.len() > 1 && may_come_from_one(&error) => {
                self.find_alone(several, error, found)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Asks one by one after a failure of all of them, which may come from one. Unless another one is answered, it comes from none.
    fn find_alone(&self, ids: &[TiktokOrderId], failure: Error, found: &mut FoundOrders) -> Result<(), Error> {
        let mut failed = Vec::new();
        let mut is_answered = false;
        for id in ids {
            match self.find(std::slice::from_ref(id), found) {
                Ok(()) => is_answered = true,
                Err(error) if !may_come_from_one(&error) => return Err(error),
                Err(error) => failed.push(UnreadableOrder {
                    id: Some(id.clone()),
                    why: error.to_string(),
                    is_refused: true,
                }),
            }
            if !is_answered && failed.len() >= FAILED_ALONE_MAX {
                return Err(failure);
            }
        }
        if !is_answered {
            return Err(failure);
        }
        found.unreadable.append(&mut failed);
        Ok(())
    }

    fn orders_of(&self, ids: &[TiktokOrderId]) -> Result<FoundOrders, Error> {
        let joined: Vec<&str> = ids.iter().map(TiktokOrderId::as_str).collect();
        let mut call = Call::new(&operations::GET_ORDERS, &[])?.query("ids", joined.join(","));
        if let [only] = ids {
            call = call.about(only);
        }
        let mut answer = self.call(&call)?;
        let (mut orders, mut unreadable) = convert::sorted(answer.page("orders")?.into_iter().map(convert::order));
        orders.retain(|order| ids.contains(&order.id));
        unreadable.retain(|order| order.id.as_ref().is_none_or(|id| ids.contains(id)));
        Ok(FoundOrders { orders, unreadable })
    }
}

/// TikTok may fail over a single order, and give the whole call back with its failure.
fn may_come_from_one(error: &Error) -> bool {
    matches!(
        error.class(),
        Class::Input | Class::Transient | Class::Unreadable | Class::Other
    )
}

fn is_about_an_id(error: &Error) -> bool {
    matches!(error.class(), Class::NotOurs | Class::NotFound)
}

fn filter(query: &OrderQuery) -> Map<String, Value> {
    let mut filter = Map::new();
    let to = query.updated_to.timestamp() + i64::from(query.updated_to.timestamp_subsec_nanos() > 0);
    filter.insert("update_time_ge".into(), json!(query.updated_from.timestamp()));
    filter.insert("update_time_lt".into(), json!(to));
    if let Some(status) = &query.status {
        filter.insert("order_status".into(), json!(status));
    }
    if let Some(requested) = query.cancel_requested {
        filter.insert("is_buyer_request_cancel".into(), json!(requested));
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_covers_the_last_part_of_a_second() {
        let second = |nanos| DateTime::from_timestamp(1_767_614_400, nanos).expect("a valid instant");
        let query = OrderQuery {
            updated_from: second(900),
            updated_to: second(1),
            status: Some(OrderStatus::AwaitingShipment),
            cancel_requested: Some(true),
        };
        assert_eq!(
            serde_json::to_string(&filter(&query)).expect("JSON"),
            r#"{"update_time_ge":1767614400,"update_time_lt":1767614401,"order_status":"AWAITING_SHIPMENT","is_buyer_request_cancel":true}"#
        );
    }
}
