//! Orders as a page shows them: what was asked for, a page of what was found, and where the next one begins.

use chrono::{DateTime, Utc};

use super::export::{ListedOrder, listed};
use crate::domain::flag::Reason;
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::State;
use crate::store::{OrderFilter, OrderPlace, Result, Store};

/// How many orders a page shows.
pub const PAGE: u32 = 50;

/// Which orders are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Only orders in this state.
    pub state: Option<State>,
    /// Only orders with a flag of this reason.
    pub reason: Option<Reason>,
    /// Only orders with this SKU of either side.
    pub sku: Option<String>,
    /// Only orders first seen since then.
    pub since: Option<DateTime<Utc>>,
    /// Only orders first seen until then.
    pub until: Option<DateTime<Utc>>,
    /// Only orders with this text in an id, a number, a SKU or a product's name.
    pub find: Option<String>,
}

/// A page of orders.
#[derive(Debug, Clone)]
pub struct Found {
    /// The orders, the newest first.
    pub orders: Vec<ListedOrder>,
    /// After which place the next page begins, where there is one.
    pub next: Option<String>,
}

impl Search {
    /// Tells whether all orders are meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the filter of the store.
    #[must_use]
    pub fn filter(&self) -> OrderFilter {
        OrderFilter {
            state: self.state,
            reason: self.reason,
            sku: self.sku.clone(),
            since: self.since,
            until: self.until,
            find: self.find.clone(),
            after: None,
            limit: None,
        }
    }
}

impl Found {
    /// Reads the page that comes after a place, the first without one. A place that no page names is none.
    pub fn read(store: &Store, search: &Search, after: Option<&str>) -> Result<Self> {
        let filter = OrderFilter {
            after: after.and_then(place),
            limit: Some(PAGE + 1),
            ..search.filter()
        };
        let mut orders: Vec<ListedOrder> = store.order_rows(&filter)?.into_iter().map(listed).collect();
        let is_more = orders.len() > PAGE as usize;
        orders.truncate(PAGE as usize);
        let last = orders.last().filter(|_| is_more);
        let next = last.map(|last| format!("{}-{}", last.detected_at.timestamp(), last.tiktok_order_id));
        Ok(Self { orders, next })
    }
}

fn place(text: &str) -> Option<OrderPlace> {
    let (seconds, id) = text.split_once('-')?;
    Some(OrderPlace {
        detected_at: DateTime::from_timestamp(seconds.parse().ok()?, 0)?,
        id: TiktokOrderId::parse(id).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests_support::{fill, store};

    #[test]
    fn pages_follow_each_other_without_a_gap_or_a_double() {
        let (_folder, store) = store();
        let ids: Vec<String> = (0..120).map(|number| format!("5769{number:014}")).collect();
        for id in &ids {
            fill(&store, id, "waiting");
        }
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let found = Found::read(&store, &Search::default(), after.as_deref()).expect("a page");
            seen.extend(found.orders.iter().map(|order| order.tiktok_order_id.to_string()));
            pages += 1;
            match found.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!((pages, seen), (3, ids));
    }

    #[test]
    fn a_place_that_no_page_names_is_none() {
        for odd in ["", "-", "x-1", "1", "1-../x", "99999999999999999999-1"] {
            assert_eq!(place(odd), None, "{odd}");
        }
        assert!(place("1767618000-576900000000000101").is_some());
    }
}
