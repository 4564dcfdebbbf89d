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
    /// Whether Amazon refused it for want of stock: it can't be served, whatever is said to be left.
    pub is_refused: bool,
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
    let units = |refused: bool| {
        waiting
            .iter()
            .filter(move |one| one.is_refused == refused)
            .map(|one| one.units)
    };
    let (refused, others): (i64, i64) = (units(true).sum(), units(false).sum());
    let needed = refused + others;
    let mut free = left.map(|left| left.max(0));
    let short = match free {
        Some(free) => Some(refused + (others - free).max(0)),
        None => (others == 0).then_some(refused),
    };
    let cannot_be_served = |waiting: &&Waiting| match free.as_mut() {
        _ if waiting.is_refused => true,
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
            is_refused: false,
        }
    }

    #[test]
    fn what_amazon_refused_is_short_and_to_be_cancelled_whatever_is_said_to_be_left() {
        let refused = |order| Waiting {
            is_refused: true,
            ..waiting(order, Some(1), 2)
        };
        for (orders, left, short, to_cancel) in [
            (vec![refused("r")], Some(20), Some(2), vec!["r"]),
            (vec![refused("r")], None, Some(2), vec!["r"]),
            (
                vec![refused("r"), waiting("w", Some(2), 3)],
                Some(20),
                Some(2),
                vec!["r"],
            ),
            (
                vec![refused("r"), waiting("w", Some(2), 3)],
                Some(1),
                Some(4),
                vec!["r", "w"],
            ),
            (vec![refused("r"), waiting("w", Some(2), 3)], None, None, vec!["r"]),
            (Vec::new(), None, Some(0), Vec::new()),
        ] {
            let found = sold_out(orders.clone(), left);
            let ids: Vec<&str> = found.to_cancel.iter().map(TiktokOrderId::as_str).collect();
            assert_eq!((found.short, ids), (short, to_cancel), "{orders:?}, {left:?} left");
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
