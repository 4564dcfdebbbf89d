//! Kinds of orders, told from the columns that hold what TikTok says of them: a kind is never stored by itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::Row;

use super::order_rows::read_purpose;
use super::{Result, Store, seconds};
use crate::domain::kind::{Kind, KindFacts};
use crate::domain::order::OrderType;

/// The columns of a query over `orders` that say the kind of each.
pub(super) const KIND_COLUMNS: &str =
    "orders.order_type, orders.is_sample, orders.is_refundable_sample, orders.is_replacement, orders.replaced_order_id,
     orders.is_exchange, orders.exchange_source_order_id,
     EXISTS (SELECT 1 FROM line_items WHERE order_id = orders.id AND status <> 'CANCELLED' AND listing_type = 'TEMPORARY_LISTING')
         AS has_temporary_listing,
     (SELECT coalesce(min(coalesce(is_gift, 0)), 0) FROM line_items WHERE order_id = orders.id AND status <> 'CANCELLED') AS is_gift";

/// Tells the kind of the order in a row with [`KIND_COLUMNS`].
pub(super) fn read_kind(row: &Row<'_>) -> rusqlite::Result<Kind> {
    let order_type: Option<String> = row.get("order_type")?;
    Ok(Kind::of(&KindFacts {
        purpose: read_purpose(row)?,
        order_type: order_type.map(|word| OrderType::read(&word)),
        has_temporary_listing: row.get("has_temporary_listing")?,
        is_gift: row.get("is_gift")?,
    }))
}

impl Store {
    /// Counts the orders of every kind that were seen: ever, or first since an instant.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn kind_counts(&self, since: Option<DateTime<Utc>>) -> Result<BTreeMap<Kind, u64>> {
        let query = format!(
            "SELECT count(*) AS orders, order_type, is_sample, is_refundable_sample, is_replacement, NULL AS replaced_order_id,
                 is_exchange, NULL AS exchange_source_order_id, has_temporary_listing, is_gift
             FROM (SELECT {KIND_COLUMNS} FROM orders WHERE detected_at >= ?1) GROUP BY order_type, is_sample, is_refundable_sample, is_replacement,
                 is_exchange, has_temporary_listing, is_gift"
        );
        let rows = self.rows(&query, [since.map_or(i64::MIN, seconds)], |row| {
            Ok((read_kind(row)?, row.get::<_, i64>("orders")?.unsigned_abs()))
        })?;
        let mut counts = BTreeMap::new();
        for (kind, orders) in rows {
            *counts.entry(kind).or_default() += orders;
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::plain_order;
    use crate::domain::order::{LineStatus, ListingType, Order};
    use crate::store::tests_support::{filled_at, store};

    /// One order of each thing that makes a kind.
    fn orders() -> Vec<Order> {
        let changes: [fn(&mut Order); 8] = [
            |_| {},
            |order| order.purpose.is_sample = Some(true),
            |order| order.purpose.is_refundable_sample = Some(true),
            |order| order.purpose.is_exchange = Some(true),
            |order| order.order_type = Some(OrderType::PreOrder),
            |order| order.line_items[0].listing_type = Some(ListingType::Temporary),
            |order| order.line_items[0].is_gift = Some(true),
            |order| {
                order.line_items[0].is_gift = Some(true);
                order.line_items[0].status = LineStatus::Cancelled;
            },
        ];
        let changed = changes.iter().enumerate().map(|(number, change)| {
            let mut order = plain_order(&number.to_string());
            change(&mut order);
            order
        });
        changed.collect()
    }

    #[test]
    fn a_kind_is_told_and_counted_from_the_store_as_from_tiktoks_answer_e130() {
        let (_folder, store) = store();
        let mut counted: BTreeMap<Kind, u64> = BTreeMap::new();
        for order in orders() {
            store.take_in_detail(&order, filled_at()).expect("stored");
            let row = store.order_row(&order.id).expect("readable").expect("known");
            assert_eq!(row.kind, order.kind(), "E130");
            *counted.entry(order.kind()).or_default() += 1;
        }
        assert_eq!(counted[&Kind::Sample], 2, "E145");
        assert_eq!(store.kind_counts(None).expect("readable"), counted);
    }
}
