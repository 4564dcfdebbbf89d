//! A sell-out: how much of a SKU is short, and which of the orders that wait for it can't be served.

use chrono::{DateTime, Utc};

use crate::domain::ids::TiktokOrderId;

/// An order that waits for units of a SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The order.
    pub order: TiktokOrderId,
    /// Its nearest deadline.
    pub deadline: Option<DateTime<Utc>>,
    /// How many units it needs.
    pub units: i64,
}

/// How a SKU and the orders that wait for it stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldOut {
    /// How many orders wait.
    pub orders: usize,
    /// Units that all of them need.
    pub needed: i64,
    /// Units that they need and nobody has; `None` where it is not known how many are left.
    pub short: Option<i64>,
    /// The nearest deadline of any of them.
    pub deadline: Option<DateTime<Utc>>,
    /// The orders that can't be served when the others are by their deadlines: what is to be cancelled where nothing comes in.
    pub to_cancel: Vec<TiktokOrderId>,
}

/// Serves the orders by their deadlines from what is left. An order goes as a whole or not at all, so that a later small one may be
/// served where an earlier large one is not.
#[must_use]
pub fn sold_out(mut waiting: Vec<Waiting>, left: Option<i64>) -> SoldOut {
    waiting.sort_by_key(|waiting| {
        (
            waiting.deadline.unwrap_or(DateTime::<Utc>::MAX_UTC),
            waiting.order.clone(),
        )
    });
    let needed: i64 = waiting.iter().map(|waiting| waiting.units).sum();
    let mut free = left.map(|left| left.max(0));
    let short = free.map(|free| (needed - free).max(0));
    let cannot_be_served = |waiting: &&Waiting| match free.as_mut() {
        Some(free) if *free < waiting.units => true,
        Some(free) => {
            *free -= waiting.units;
            false
        }
        None => false,
    };
    SoldOut {
        orders: waiting.len(),
        needed,
        short,
        deadline: waiting.iter().filter_map(|waiting| waiting.deadline).min(),
        to_cancel: waiting
            .iter()
            .filter(cannot_be_served)
            .map(|waiting| waiting.order.clone())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::<Utc>::default() + TimeDelta::hours(hours)
    }

    fn waiting(order: &str, hours: Option<i64>, units: i64) -> Waiting {
        Waiting {
            order: TiktokOrderId::new(order),
            deadline: hours.map(at),
            units,
        }
    }

    #[test]
    fn the_nearest_deadlines_are_served_and_the_rest_is_to_be_cancelled() {
        let orders = || {
            vec![
                waiting("late", Some(9), 2),
                waiting("soon", Some(3), 2),
                waiting("large", Some(5), 4),
                waiting("open", None, 1),
            ]
        };
        for (left, short, to_cancel) in [
            (Some(0), Some(9), vec!["soon", "large", "late", "open"]),
            (Some(-3), Some(9), vec!["soon", "large", "late", "open"]),
            (Some(5), Some(4), vec!["large"]),
            (Some(2), Some(7), vec!["large", "late", "open"]),
            (Some(9), Some(0), vec![]),
            (None, None, vec![]),
        ] {
            let found = sold_out(orders(), left);
            let ids: Vec<&str> = found.to_cancel.iter().map(TiktokOrderId::as_str).collect();
            assert_eq!((found.short, ids), (short, to_cancel), "{left:?} left");
            assert_eq!((found.orders, found.needed, found.deadline), (4, 9, Some(at(3))));
        }
    }
}
