//! Kinds of orders: worked out when TikTok says something new of one, and stored beside what says it, so that they can be counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::engine::{Row, Transaction};
use super::{Result, Store, odd, seconds};
use crate::domain::ids::TiktokOrderId;
use crate::domain::kind::{Kind, KindFacts};
use crate::domain::order::{OrderType, Purpose};

/// What decides about the kind of order `?1`.
const FACTS: &str = "SELECT order_type, is_sample, is_refundable_sample, is_replacement, replaced_order_id, is_exchange, exchange_source_order_id,
     EXISTS (SELECT 1 FROM line_items WHERE order_id = orders.id AND status <> 'CANCELLED' AND listing_type = 'TEMPORARY_LISTING')
         AS has_temporary_listing,
     (SELECT coalesce(min(coalesce(is_gift, 0)), 0) FROM line_items WHERE order_id = orders.id AND status <> 'CANCELLED') AS is_gift
     FROM orders WHERE id = ?1";

/// Reads why an order is sent.
pub(super) fn read_purpose(row: &Row<'_>) -> rusqlite::Result<Purpose> {
    let order = |column: &str| {
        row.get::<_, Option<String>>(column)
            .map(|id| id.map(TiktokOrderId::new))
    };
    Ok(Purpose {
        is_sample: row.get("is_sample")?,
        is_refundable_sample: row.get("is_refundable_sample")?,
        is_replacement: row.get("is_replacement")?,
        replaced_order_id: order("replaced_order_id")?,
        is_exchange: row.get("is_exchange")?,
        exchange_source_order_id: order("exchange_source_order_id")?,
    })
}

/// Reads the kind of an order as it is stored.
pub(super) fn read_kind(row: &Row<'_>) -> rusqlite::Result<Kind> {
    let word: String = row.get("kind")?;
    let mut kinds = Kind::ALL.into_iter();
    kinds.find(|kind| kind.as_str() == word).ok_or_else(|| odd("kind"))
}

/// Works out anew what kind of order it is, by all that is known of it.
pub(super) fn update_kind(transaction: &Transaction<'_>, id: &TiktokOrderId) -> Result<()> {
    let facts = transaction
        .prepare_cached(FACTS)?
        .query_row([id.as_str()], read_facts)?;
    transaction
        .prepare_cached("UPDATE orders SET kind = ?2 WHERE id = ?1 AND kind <> ?2")?
        .execute((id.as_str(), Kind::of(&facts).as_str()))?;
    Ok(())
}

fn read_facts(row: &Row<'_>) -> rusqlite::Result<KindFacts> {
    let order_type: Option<String> = row.get("order_type")?;
    Ok(KindFacts {
        purpose: read_purpose(row)?,
        order_type: order_type.map(|word| OrderType::read(&word)),
        has_temporary_listing: row.get("has_temporary_listing")?,
        is_gift: row.get("is_gift")?,
    })
}

impl Store {
    /// Counts the orders of every kind that were seen: ever, or first since an instant.
    pub fn kind_counts(&self, since: Option<DateTime<Utc>>) -> Result<BTreeMap<Kind, u64>> {
        let query = match since {
            None => {
                "SELECT kind, sum(orders) FROM order_counts WHERE CAST(?1 AS TEXT) IS NULL GROUP BY kind HAVING sum(orders) > 0"
            }
            Some(_) => "SELECT kind, count(*) FROM orders WHERE detected_at >= ?1 GROUP BY kind",
        };
        let found = self.rows(query, [since.map(seconds)], |row| {
            Ok((read_kind(row)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

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
        assert_eq!(store.kind_counts(Some(filled_at())).expect("readable"), counted);
        let later = store.kind_counts(Some(filled_at() + TimeDelta::seconds(1)));
        assert_eq!(later.expect("readable"), BTreeMap::new());
    }
}
