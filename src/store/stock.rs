//! Stock figures: what Amazon said, what is left of it after our promises, what TikTok was told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::{Connection, OptionalExtension, Row, Transaction, named_params};
use super::{Result, Store, instant, optional_time, outbox, seconds, time};
use crate::domain::event::{self, Event};
use crate::domain::ids::{AmazonSku, FulfillmentOrderId, ProductId, TiktokSkuId, WarehouseId};
use crate::domain::inventory::brake::{Agreed, Sold};
use crate::domain::inventory::{AmazonStock, Inbound, StockFigure, remaining_after_reading};

/// The stock figures of a SKU. Absent is unknown, never zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// The SKU at Amazon.
    pub sku: String,
    /// Units that Amazon can ship.
    pub fulfillable: Option<i64>,
    /// Units left after what was promised since.
    pub remaining: Option<i64>,
    /// When Amazon was asked.
    pub read_at: DateTime<Utc>,
    /// Units on their way to Amazon.
    pub inbound: Inbound,
    /// Whether it is under its threshold.
    pub is_low: bool,
    /// Units in orders that Amazon accepted lately and did not end without sending.
    pub sold: i64,
}

/// What TikTok shows of a variant, as far as we wrote it or found it equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRow {
    /// The listing.
    pub product_id: String,
    /// The variant.
    pub sku_id: String,
    /// The seller's text for it, where an order has named it.
    pub seller_sku: Option<String>,
    /// Units on sale.
    pub quantity: i64,
    /// When that was written or found so.
    pub written_at: DateTime<Utc>,
}

const STOCK_QUERY: &str = "
    SELECT stock_figures.*, coalesce(sales.units, 0) AS sold FROM stock_figures
    LEFT JOIN (SELECT sku, sum(units) AS units FROM sold_counts WHERE hour > ?1 - 3600 GROUP BY sku) AS sales
        ON sales.sku = stock_figures.sku
    ORDER BY is_low DESC, stock_figures.sku";

impl Store {
    /// Stores what Amazon said. Our promises stay taken off until Amazon had `counted_after` to count them.
    pub fn store_stock(&self, figures: &[AmazonStock], counted_after: TimeDelta, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            let uncounted = read_uncounted(transaction, now - counted_after)?;
            for stock in figures {
                let before = transaction
                    .query_row("SELECT * FROM stock_figures WHERE sku = ?1", [stock.sku.as_str()], read_figure)
                    .optional()?;
                let Some(fulfillable) = stock.fulfillable else {
                    continue;
                };
                let uncounted_most = uncounted.get(&stock.sku).copied().unwrap_or_default();
                let remaining = remaining_after_reading(fulfillable, before.as_ref(), uncounted_most);
                transaction.execute(
                    "INSERT INTO stock_figures (sku, fulfillable, reserved, in_transfer, inbound_working, inbound_shipped,
                         inbound_receiving, read_at, updated_at, remaining)
                     VALUES (:sku, :fulfillable, :reserved, :in_transfer, :working, :shipped, :receiving, :now, :updated, :remaining)
                     ON CONFLICT (sku) DO UPDATE SET fulfillable = excluded.fulfillable, reserved = excluded.reserved,
                         in_transfer = excluded.in_transfer, inbound_working = excluded.inbound_working,
                         inbound_shipped = excluded.inbound_shipped, inbound_receiving = excluded.inbound_receiving, read_at = excluded.read_at, updated_at = excluded.updated_at, remaining = excluded.remaining",
                    named_params! {
                        ":sku": stock.sku.as_str(), ":fulfillable": fulfillable, ":reserved": stock.reserved,
                        ":in_transfer": stock.in_transfer, ":working": stock.inbound.working,
                        ":shipped": stock.inbound.shipped, ":receiving": stock.inbound.receiving, ":now": seconds(now), ":updated": stock.updated_at.map(seconds),
                        ":remaining": remaining,
                    },
                )?;
            }
            Ok(())
        })
    }

    /// Returns the figures of all SKUs that were ever read.
    pub fn stock(&self) -> Result<BTreeMap<AmazonSku, StockFigure>> {
        let figures = self.rows("SELECT * FROM stock_figures ORDER BY sku", [], |row| {
            Ok((AmazonSku::new(row.get::<_, String>("sku")?), read_figure(row)?))
        })?;
        Ok(figures.into_iter().collect())
    }

    /// Returns the stock figures of every SKU with the units sold since the hour of an instant began, low ones first.
    pub fn stock_rows(&self, sold_since: DateTime<Utc>) -> Result<Vec<StockRow>> {
        self.rows(STOCK_QUERY, [seconds(sold_since)], |row| {
            Ok(StockRow {
                sku: row.get("sku")?,
                fulfillable: row.get("fulfillable")?,
                remaining: row.get("remaining")?,
                read_at: time(row, "read_at")?,
                inbound: read_inbound(row)?,
                is_low: row.get("is_low")?,
                sold: row.get("sold")?,
            })
        })
    }

    /// Returns what TikTok shows of each variant, the least units first.
    pub fn listing_rows(&self, limit: u32) -> Result<Vec<ListingRow>> {
        let query = "SELECT product_id, sku_id, quantity, written_at, (SELECT seller_sku FROM line_items
                WHERE line_items.sku_id = listing_stock.sku_id AND seller_sku IS NOT NULL LIMIT 1) AS seller_sku
            FROM listing_stock ORDER BY quantity, sku_id LIMIT ?1";
        self.rows(query, [limit], |row| {
            Ok(ListingRow {
                product_id: row.get("product_id")?,
                sku_id: row.get("sku_id")?,
                seller_sku: row.get("seller_sku")?,
                quantity: row.get("quantity")?,
                written_at: time(row, "written_at")?,
            })
        })
    }

    /// Notes that a figure is low, or no longer, with its event.
    pub fn tell_stock(&self, sku: &AmazonSku, is_low: bool, event: &Event, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            let told = transaction.execute(
                "UPDATE stock_figures SET is_low = ?2 WHERE sku = ?1 AND is_low <> ?2",
                (sku.as_str(), is_low),
            )?;
            if told > 0 {
                outbox::insert(transaction, event, now)?;
            }
            Ok(())
        })
    }

    /// Returns the units of each Amazon SKU that TikTok has sold and Amazon has not accepted yet, for orders already mapped.
    pub fn units_being_submitted(&self) -> Result<BTreeMap<AmazonSku, i64>> {
        let units = self.rows(
            "SELECT sku, sum(quantity) FROM fulfillment_items
             JOIN fulfillment_orders ON fulfillment_orders.id = fulfillment_order_id
             JOIN orders ON orders.id = fulfillment_orders.order_id
             WHERE orders.life = 'submitting' AND outcome IN ('intended', 'unknown') GROUP BY sku",
            [],
            |row| Ok((AmazonSku::new(row.get::<_, String>(0)?), row.get(1)?)),
        )?;
        Ok(units.into_iter().collect())
    }

    /// Returns the units of each Amazon SKU that Amazon may not have counted yet: those of orders that it accepted after this instant
    /// and did not end without sending, and those of which it is not certain whether Amazon has them.
    pub fn uncounted_units(&self, accepted_after: DateTime<Utc>) -> Result<BTreeMap<AmazonSku, i64>> {
        self.read(|connection| read_uncounted(connection, accepted_after))
    }

    /// Returns the variants whose figure in a warehouse was once equal to ours, and which and when: they follow Amazon since.
    pub fn followed_listings(&self, warehouse: &WarehouseId) -> Result<BTreeMap<TiktokSkuId, Agreed>> {
        let query = "SELECT sku_id, quantity, written_at FROM listing_stock WHERE warehouse_id = ?1";
        let rows = self.rows(query, [warehouse.as_str()], |row| {
            let agreed = Agreed {
                units: row.get("quantity")?,
                at: time(row, "written_at")?,
            };
            Ok((TiktokSkuId::new(row.get::<_, String>("sku_id")?), agreed))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Returns the units of each Amazon SKU in fulfillment orders of ours that Amazon has or may have, by the time when we first saw the
    /// order, for orders seen after an instant.
    pub fn sold_since(&self, at: DateTime<Utc>) -> Result<Sold> {
        let query = "SELECT sku, detected_at, sum(quantity) AS units FROM fulfillment_items
             JOIN fulfillment_orders ON fulfillment_orders.id = fulfillment_order_id
             JOIN orders ON orders.id = fulfillment_orders.order_id
             WHERE fulfillment_order_id IN (SELECT sent.id FROM orders AS seen JOIN fulfillment_orders AS sent ON sent.order_id = seen.id
                     WHERE seen.detected_at > ?1)
               AND (outcome IN ('intended', 'unknown')
                OR (outcome = 'accepted' AND coalesce(upper(amazon_status), '') NOT IN ('CANCELLED', 'INVALID', 'UNFULFILLABLE')))
             GROUP BY sku, detected_at";
        let rows = self.rows(query, [seconds(at)], |row| {
            let sku = AmazonSku::new(row.get::<_, String>("sku")?);
            Ok((sku, (time(row, "detected_at")?, row.get::<_, i64>("units")?)))
        })?;
        let mut sold = Sold::new();
        for (sku, units) in rows {
            sold.entry(sku).or_default().push(units);
        }
        Ok(sold)
    }

    /// Returns the variants that are bundles at TikTok, as orders for them have shown.
    pub fn tiktok_bundles(&self) -> Result<BTreeSet<TiktokSkuId>> {
        let query = "SELECT DISTINCT sku_id FROM line_items WHERE parts <> '[]'";
        let variants = self.rows(query, [], |row| Ok(TiktokSkuId::new(row.get::<_, String>(0)?)))?;
        Ok(variants.into_iter().collect())
    }

    /// Notes figures that TikTok shows as they should be, whether we wrote them or found them so.
    pub fn listings_agree(
        &self,
        warehouse: &WarehouseId,
        figures: &[(&ProductId, &TiktokSkuId, u32)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        if figures.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO listing_stock (sku_id, product_id, warehouse_id, quantity, written_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (sku_id, warehouse_id) DO UPDATE SET product_id = excluded.product_id, quantity = excluded.quantity,
                     written_at = excluded.written_at",
            )?;
            for (product, sku, quantity) in figures {
                statement.execute((sku.as_str(), product.as_str(), warehouse.as_str(), quantity, seconds(now)))?;
            }
            Ok(())
        })
    }
}

/// Returns the first SKU and hour of which other units are counted than were sold, as words, with both numbers.
pub(super) fn miscounted(connection: &Connection) -> Result<Option<(String, i64, i64)>> {
    let query = "SELECT hour, sku, sum(said), sum(counted) FROM
            (SELECT hour, sku, units AS said, 0 AS counted FROM sold_counts
             UNION ALL SELECT hour, sku, 0, quantity FROM sold_items
                WHERE accepted_at >= (SELECT coalesce(min(hour), 0) FROM sold_counts)) AS counts
        GROUP BY hour, sku HAVING sum(said) <> sum(counted) ORDER BY hour, sku LIMIT 1";
    let read = |row: &Row<'_>| {
        let (hour, sku): (_, String) = (instant(row.get(0)?), row.get(1)?);
        let what = format!("units of {sku} sold in the hour from {}", event::instant(hour));
        Ok((what, row.get(2)?, row.get(3)?))
    };
    Ok(connection.query_row(query, [], read).optional()?)
}

fn read_uncounted(connection: &Connection, accepted_after: DateTime<Utc>) -> Result<BTreeMap<AmazonSku, i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT sku, sum(quantity) FROM fulfillment_items
         WHERE fulfillment_order_id IN (
            SELECT id FROM fulfillment_orders WHERE outcome IN ('intended', 'unknown')
            UNION ALL
            SELECT id FROM fulfillment_orders WHERE outcome = 'accepted' AND accepted_at > ?1
                AND coalesce(upper(amazon_status), '') NOT IN ('CANCELLED', 'INVALID', 'UNFULFILLABLE'))
         GROUP BY sku",
    )?;
    let rows = statement.query_map([seconds(accepted_after)], |row| {
        Ok((AmazonSku::new(row.get::<_, String>(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_figure(row: &Row<'_>) -> rusqlite::Result<StockFigure> {
    Ok(StockFigure {
        fulfillable: row.get("fulfillable")?,
        remaining: row.get("remaining")?,
        in_transfer: row.get("in_transfer")?,
        inbound: read_inbound(row)?,
        read_at: time(row, "read_at")?,
        updated_at: optional_time(row, "updated_at")?,
        is_low: row.get("is_low")?,
    })
}

fn read_inbound(row: &Row<'_>) -> rusqlite::Result<Inbound> {
    Ok(Inbound {
        working: row.get("inbound_working")?,
        shipped: row.get("inbound_shipped")?,
        receiving: row.get("inbound_receiving")?,
    })
}

/// Takes units off the ledger of a SKU that has one; `false` when it does not hold enough.
pub(super) fn promise(transaction: &Transaction<'_>, sku: &AmazonSku, quantity: u32) -> Result<bool> {
    let remaining: Option<Option<i64>> = transaction
        .prepare_cached("SELECT remaining FROM stock_figures WHERE sku = ?1")?
        .query_row([sku.as_str()], |row| row.get(0))
        .optional()?;
    let Some(Some(remaining)) = remaining else {
        return Ok(false);
    };
    if remaining < i64::from(quantity) {
        return Ok(false);
    }
    transaction.execute(
        "UPDATE stock_figures SET remaining = remaining - ?2 WHERE sku = ?1",
        (sku.as_str(), quantity),
    )?;
    Ok(true)
}

/// Gives the units of an order that surely is not at Amazon back to the ledger.
pub(super) fn take_back_promise(transaction: &Transaction<'_>, id: &FulfillmentOrderId) -> Result<()> {
    transaction.execute(
        "UPDATE stock_figures SET remaining = remaining +
             (SELECT sum(quantity) FROM fulfillment_items WHERE fulfillment_order_id = ?1 AND fulfillment_items.sku = stock_figures.sku)
         WHERE sku IN (SELECT sku FROM fulfillment_items WHERE fulfillment_order_id = ?1)",
        [id.as_str()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::plain_order;
    use crate::store::overview::tests_support::insert_stock;
    use crate::store::tests_support::{filled_at, store};

    #[test]
    fn units_are_sold_from_amazons_yes_on_until_it_ends_without_sending() {
        let (_folder, store) = store();
        let (now, order) = (filled_at(), plain_order("1"));
        store.take_in_detail(&order, now).expect("stored");
        insert_stock(&store, "SOCK", Some(9), false, now);
        let run = |sql: &str| {
            let done = store.write(|transaction| Ok(transaction.execute_batch(sql)?));
            done.expect("written");
        };
        run("INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at)
                 VALUES ('TTS-1', '1', 1, 'intended', '', 0);
             INSERT INTO fulfillment_items (fulfillment_order_id, id, position, sku, quantity, per_line)
                 VALUES ('TTS-1', 'a', 0, 'SOCK', 2, 1), ('TTS-1', 'b', 1, 'SOCK', 3, 1), ('TTS-1', 'c', 2, 'HAT', 7, 1)");
        let accepted = format!(
            "UPDATE fulfillment_orders SET outcome = 'accepted', accepted_at = {}",
            now.timestamp()
        );
        let moved = format!(
            "UPDATE fulfillment_orders SET accepted_at = {}",
            now.timestamp() - 7_200
        );
        for (change, sold) in [
            ("UPDATE fulfillment_orders SET outcome = 'unknown'", 0),
            (accepted.as_str(), 5),
            ("UPDATE fulfillment_orders SET amazon_status = 'Processing'", 5),
            ("UPDATE fulfillment_orders SET amazon_status = 'Cancelled'", 0),
            ("UPDATE fulfillment_orders SET amazon_status = 'UNFULFILLABLE'", 0),
            ("UPDATE fulfillment_orders SET amazon_status = 'Complete'", 5),
            (moved.as_str(), 0),
        ] {
            run(change);
            let rows = store.stock_rows(now).expect("read");
            assert_eq!(rows[0].sold, sold, "{change}");
            assert_eq!(store.read(miscounted).expect("read"), None, "{change}");
        }
        assert_eq!(store.stock_rows(now - TimeDelta::hours(2)).expect("read")[0].sold, 5);
        run("UPDATE sold_counts SET units = 4 WHERE sku = 'HAT' AND units = 7");
        let (what, said, there) = store.read(miscounted).expect("read").expect("a finding");
        assert!(what.starts_with("units of HAT sold in the hour from"), "{what}");
        assert_eq!((said, there), (4, 7));
    }
}
