//! Which orders a person means: the filters of lists, exports and bulk actions, and the names of one order.

use chrono::{DateTime, Utc};

use super::condition::Condition;
use super::decisions::read_flag;
use super::order_rows::read_deadlines;
use super::{OrderRow, Result, Store, seconds, time};
use crate::domain::flag::{Flagged, Reason};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::mapping::{Resolution, resolve};
use crate::domain::state::State;

/// Which orders to list. `Default` lists all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only orders in this state.
    pub state: Option<State>,
    /// Only orders with a flag of this reason.
    pub reason: Option<Reason>,
    /// Only orders with this SKU, TikTok's, the seller's or Amazon's; of what was not sent, by the mappings in force.
    pub sku: Option<String>,
    /// Only orders first seen at or after this instant.
    pub since: Option<DateTime<Utc>>,
    /// Only orders first seen at or before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Only orders with this text in an id, a tracking number, a SKU of either side or a product's name. Never anything of a buyer.
    pub find: Option<String>,
    /// Only orders that come after this one in the list.
    pub after: Option<OrderPlace>,
    /// At most this many, the newest first.
    pub limit: Option<u32>,
}

/// Where an order stands in the list of all, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPlace {
    /// When it was first seen.
    pub detected_at: DateTime<Utc>,
    /// The order.
    pub id: TiktokOrderId,
}

/// What comes after a place; the first part lets an index begin there.
const AFTER: &str = "detected_at <= :after AND (detected_at < :after OR orders.id > :after_id)";

const OF_SKU: &str = "orders.id IN (
    SELECT order_id FROM line_items WHERE sku_id = :sku OR seller_sku = :sku
    UNION ALL SELECT order_id FROM fulfillment_items JOIN fulfillment_orders ON fulfillment_orders.id = fulfillment_order_id WHERE sku = :sku
    UNION ALL SELECT value FROM json_each(:of_sku))";

/// The same of a SKU that so many orders have that a page of them is found sooner from the newest on than by sorting all. No index of a SKU
/// is of use to it: the signs keep them out.
const OF_COMMON_SKU: &str =
    "(EXISTS (SELECT 1 FROM line_items WHERE order_id = orders.id AND (+sku_id = :sku OR +seller_sku = :sku))
    OR EXISTS (SELECT 1 FROM fulfillment_orders AS sent JOIN fulfillment_items ON sent.id = fulfillment_order_id
        WHERE sent.order_id = orders.id AND +sku = :sku)
    OR orders.id IN (SELECT value FROM json_each(:of_sku)))";

/// So many lines make a SKU common.
const COMMON: i64 = 2_000;

/// Each part runs over the index that holds what it looks at, and over no row but those that it finds.
const FOUND: &str = "orders.id IN (
    SELECT id FROM orders WHERE id LIKE :find ESCAPE '\\'
    UNION ALL SELECT order_id FROM line_items
        WHERE sku_id LIKE :find ESCAPE '\\' OR seller_sku LIKE :find ESCAPE '\\' OR product_name LIKE :find ESCAPE '\\'
    UNION ALL SELECT order_id FROM fulfillment_orders
        WHERE id IN (SELECT id FROM fulfillment_orders WHERE id LIKE :find ESCAPE '\\')
    UNION ALL SELECT order_id FROM fulfillment_items JOIN fulfillment_orders ON fulfillment_orders.id = fulfillment_order_id
        WHERE sku IN (SELECT DISTINCT sku FROM fulfillment_items WHERE sku LIKE :find ESCAPE '\\')
    UNION ALL SELECT order_id FROM parcels WHERE tracking_number LIKE :find ESCAPE '\\'
    UNION ALL SELECT order_id FROM parcels
        WHERE id IN (SELECT parcel_id FROM parcel_numbers WHERE number LIKE :find ESCAPE '\\')
    UNION ALL SELECT value FROM json_each(:of_find))";

/// Returns the pattern of a text anywhere in another, in whatever case.
fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

impl Store {
    /// Returns the orders that the filter lets through, the newest first.
    pub fn order_rows(&self, filter: &OrderFilter) -> Result<Vec<OrderRow>> {
        let mut rows = Vec::new();
        self.each_order_row(filter, |row| {
            rows.push(row);
            Ok::<_, super::Error>(())
        })??;
        Ok(rows)
    }

    /// Hands the orders that the filter lets through to `each`, the newest first, in constant memory. `each` must not call the store; its
    /// first error ends the reading.
    pub fn each_order_row<E>(
        &self,
        filter: &OrderFilter,
        each: impl FnMut(OrderRow) -> std::result::Result<(), E>,
    ) -> Result<std::result::Result<(), E>> {
        let mut condition = self.condition(filter)?;
        let limit = filter.limit.map_or(i64::MAX, i64::from);
        condition
            .sql
            .push_str(" ORDER BY detected_at DESC, orders.id LIMIT :limit");
        condition.values.push((":limit", limit.into()));
        self.each_order_row_where(&condition, each)
    }

    /// Returns the ids of the orders that the filter lets through, the newest first.
    pub fn order_ids(&self, filter: &OrderFilter) -> Result<Vec<TiktokOrderId>> {
        let condition = self.condition(filter)?;
        let query = format!(
            "SELECT orders.id FROM orders WHERE {} ORDER BY detected_at DESC, orders.id",
            condition.sql
        );
        self.rows(&query, &*condition.parameters(), |row| {
            row.get::<_, String>(0).map(TiktokOrderId::new)
        })
    }

    /// Counts the orders that the filter lets through.
    pub fn count_orders(&self, filter: &OrderFilter) -> Result<u64> {
        let condition = self.condition(filter)?;
        let query = format!("SELECT count(*) FROM orders WHERE {}", condition.sql);
        let counted = self.rows(&query, &*condition.parameters(), |row| row.get::<_, i64>(0))?;
        Ok(counted.first().map_or(0, |count| count.cast_unsigned()))
    }

    /// Returns the newest order that has this id, this id at Amazon, or a parcel that has or had this number.
    pub fn find_order(&self, text: &str) -> Result<Option<TiktokOrderId>> {
        let found: Vec<String> = self.rows(
            "SELECT id FROM orders WHERE id = ?1
                OR id IN (SELECT order_id FROM fulfillment_orders WHERE id IN (?1, upper(?1)))
                OR id IN (SELECT order_id FROM parcel_numbers JOIN parcels ON parcels.id = parcel_id WHERE number IN (?1, upper(?1)))
                OR id IN (SELECT order_id FROM parcels WHERE tracking_number IN (?1, upper(?1)))
             ORDER BY id = ?1 DESC, detected_at DESC LIMIT 1",
            [text],
            |row| row.get(0),
        )?;
        Ok(found.into_iter().next().map(TiktokOrderId::new))
    }

    /// Returns every flag with its order, whatever its cause.
    pub fn flagged(&self) -> Result<Vec<Flagged>> {
        self.flagged_of(&OrderFilter::default())
    }

    /// Returns the flags of the orders that the filter lets through, of its reason where it names one.
    pub fn flagged_of(&self, filter: &OrderFilter) -> Result<Vec<Flagged>> {
        let condition = self.condition(filter)?;
        let of_reason = if filter.reason.is_some() {
            " AND flags.reason = :reason"
        } else {
            ""
        };
        let query = format!(
            "SELECT flags.*, ship_by, scanned_by, cancelled_unless_shipped_by, cancelled_unless_scanned_by
             FROM flags JOIN orders ON orders.id = flags.order_id WHERE {}{of_reason} ORDER BY raised_at, flags.id",
            condition.sql
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query(&*condition.parameters())?;
            let mut flagged = Vec::new();
            while let Some(row) = rows.next()? {
                flagged.push(Flagged {
                    order: TiktokOrderId::new(row.get::<_, String>("order_id")?),
                    flag: read_flag(&row)?,
                    raised_at: time(&row, "raised_at")?,
                    deadline: read_deadlines(&row)?.nearest(),
                });
            }
            Ok(flagged)
        })
    }

    /// Returns the filter as a condition of a query on `orders`.
    pub(super) fn condition(&self, filter: &OrderFilter) -> Result<Condition> {
        let mut condition = Condition::default();
        if let Some(state) = filter.state {
            condition.and("orders.state = :state", ":state", state.as_str().to_owned());
        }
        if let Some(reason) = filter.reason {
            let flagged = "orders.id IN (SELECT order_id FROM flags WHERE reason = :reason)";
            condition.and(flagged, ":reason", reason.as_str().to_owned());
        }
        if let Some(since) = filter.since {
            condition.and("detected_at >= :since", ":since", seconds(since));
        }
        if let Some(until) = filter.until {
            condition.and("detected_at <= :until", ":until", seconds(until));
        }
        if let Some(place) = &filter.after {
            condition.and(AFTER, ":after", seconds(place.detected_at));
            condition
                .values
                .push((":after_id", place.id.as_str().to_owned().into()));
        }
        if let Some(sku) = &filter.sku {
            let unsent = self.unsent_with(|amazon_sku| amazon_sku.as_str() == sku)?;
            let of_sku = match filter.limit {
                Some(_) if self.is_common(sku)? => OF_COMMON_SKU,
                Some(_) | None => OF_SKU,
            };
            condition.and(of_sku, ":sku", sku.clone());
            condition.values.push((":of_sku", unsent.into()));
        }
        if let Some(text) = &filter.find {
            let lower = text.to_ascii_lowercase();
            let unsent = self.unsent_with(|amazon_sku| amazon_sku.as_str().to_ascii_lowercase().contains(&lower))?;
            condition.and(FOUND, ":find", anywhere(text));
            condition.values.push((":of_find", unsent.into()));
        }
        Ok(condition)
    }

    fn is_common(&self, sku: &str) -> Result<bool> {
        let query = "SELECT count(*) FROM (SELECT 1 FROM line_items WHERE sku_id = ?1 OR seller_sku = ?1
            UNION ALL SELECT 1 FROM fulfillment_items WHERE sku = ?1 LIMIT ?2) AS found";
        let lines: i64 = self.value(query, (sku, COMMON))?;
        Ok(lines == COMMON)
    }

    /// Returns the orders that were not sent and that the mappings turn into such an Amazon SKU, as a JSON array.
    fn unsent_with(&self, is_meant: impl Fn(&AmazonSku) -> bool) -> Result<String> {
        let lines = self.unsent_or_dismissed_lines()?;
        let mappings = self.mappings_of(&lines)?;
        let mut ids: Vec<&str> = Vec::new();
        for (order, line) in &lines {
            if let Resolution::Mapped(target) = resolve(line, &mappings)
                && target.parts.iter().any(|part| is_meant(&part.amazon_sku))
            {
                ids.push(order.as_str());
            }
        }
        Ok(serde_json::Value::from(ids).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{OrderFilter, anywhere};
    use crate::store::tests_support::{fill, store};

    #[test]
    fn a_common_sku_is_found_as_a_rare_one_is() {
        let (_folder, store) = store();
        store.connection().execute_batch("BEGIN").expect("begun");
        for number in 0..2_200 {
            let id = format!("5769{number:014}");
            let seller_sku = ["MUG", "LAMP"][usize::from(number % 2 == 0)];
            let rows = format!(
                "INSERT INTO orders (id, state, state_since, detected_at, tiktok_status, cancel_requested, authentication_required,
                     is_cash_on_delivery, created_at, updated_at) VALUES ('{id}', 'completed', 0, {number}, '', 0, 0, 0, 0, 0);
                 INSERT INTO line_items (order_id, id, position, product_id, sku_id, seller_sku, status)
                     VALUES ('{id}', '{id}-1', 0, 'P', 'S', '{seller_sku}', 'COMPLETED');"
            );
            store.connection().execute_batch(&rows).expect("an order");
        }
        store.connection().execute_batch("COMMIT").expect("kept");
        let sent = fill(&store, "1", "routed");
        let item = "INSERT INTO fulfillment_items (fulfillment_order_id, id, position, sku, quantity, per_line) VALUES ('TTS-1', 'a', 0, 'S', 1, 1)";
        store.connection().execute_batch(item).expect("an item");
        let found = |sku: &str, limit| {
            let filter = OrderFilter {
                sku: Some(sku.to_owned()),
                limit,
                ..OrderFilter::default()
            };
            let rows = store.order_rows(&filter).expect("orders");
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert!(store.is_common("S").expect("counted") && !store.is_common("LAMP").expect("counted"));
        for sku in ["S", "LAMP", "NONE"] {
            let (all, page) = (found(sku, None), found(sku, Some(7)));
            assert_eq!(
                all.iter().take(7).collect::<Vec<_>>(),
                page.iter().collect::<Vec<_>>(),
                "{sku}"
            );
        }
        assert!(found("S", Some(5_000)).contains(&sent));
    }

    #[test]
    fn signs_of_a_pattern_stand_for_themselves() {
        for (text, pattern) in [
            ("LAMP", "%LAMP%"),
            ("A_1%", r"%A\_1\%%"),
            (r"a\b", r"%a\\b%"),
            ("", "%%"),
        ] {
            assert_eq!(anywhere(text), pattern);
        }
    }
}
