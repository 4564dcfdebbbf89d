//! Read-only looks at orders, parcels, endpoints and stock for people and monitoring.
//!
//! Nothing here opens a sealed value: an overview works without the data key and can't show anything about a buyer.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Params, Row, RowIndex, ToSql, named_params};

use super::orders::read_flags;
use super::{HistoryEntry, Result, Store, instant, optional_time, seconds, time};
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::order::Deadlines;
use crate::domain::state::State;

/// Which orders to list. `Default` lists all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only orders in this state.
    pub state: Option<State>,
    /// Only orders with a flag of this reason.
    pub reason: Option<Reason>,
    /// Only orders first seen at or after this instant.
    pub since: Option<DateTime<Utc>>,
    /// At most this many, the newest first.
    pub limit: Option<u32>,
}

/// An order without anything about its buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The order.
    pub id: TiktokOrderId,
    /// Where it stands.
    pub state: State,
    /// Why it waits or is not eligible.
    pub state_detail: Option<String>,
    /// Since when it is in this state.
    pub state_since: DateTime<Utc>,
    /// When to look again, where that is known.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Whether the operator holds it.
    pub held: bool,
    /// TikTok's own word.
    pub tiktok_status: String,
    /// Whether the buyer asks to cancel.
    pub cancel_requested: bool,
    /// When it was first seen.
    pub detected_at: DateTime<Utc>,
    /// When the buyer ordered.
    pub created_at: DateTime<Utc>,
    /// When the buyer paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When Amazon first took it.
    pub routed_at: Option<DateTime<Utc>>,
    /// What must have happened when.
    pub deadlines: Deadlines,
    /// The newest fulfillment order that was meant for Amazon.
    pub fulfillment_order: Option<FulfillmentOrderId>,
    /// How certain it is that Amazon has it: `intended`, `unknown`, `accepted`, `refused`, `not_sent`, `conflict`.
    pub outcome: Option<String>,
    /// Amazon's own word.
    pub amazon_status: Option<String>,
    /// Why it needs a person.
    pub flags: Vec<Flag>,
    /// The tracking numbers of its parcels.
    pub tracking_numbers: Vec<String>,
}

/// A parcel of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelRow {
    /// The order.
    pub order: TiktokOrderId,
    /// The carrier's number, once there is one.
    pub tracking_number: Option<String>,
    /// The carrier as TikTok names it, before that as Amazon writes it.
    pub carrier: String,
    /// When it left Amazon.
    pub shipped_at: Option<DateTime<Utc>>,
    /// When TikTok took the number.
    pub synced_at: Option<DateTime<Utc>>,
    /// Where it stands, e.g. `ready`, `synced`.
    pub state: String,
    /// What TikTok said about it.
    pub warning: Option<String>,
    /// The parcel at TikTok.
    pub package_id: Option<String>,
    /// The units of the TikTok order in it.
    pub line_item_ids: Vec<String>,
}

/// One unit of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// The unit.
    pub line_item_id: String,
    /// The listing.
    pub product_id: String,
    /// The variant.
    pub sku_id: String,
    /// The seller's SKU text at TikTok.
    pub seller_sku: Option<String>,
    /// The listing's name.
    pub product_name: Option<String>,
    /// TikTok's own word.
    pub status: String,
    /// The SKU that stands for it at Amazon, with units; several for a bundle.
    pub amazon_items: Vec<(String, u32)>,
}

/// A fulfillment order that was meant for Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Our id at Amazon.
    pub id: FulfillmentOrderId,
    /// How certain it is that Amazon has it.
    pub outcome: String,
    /// When it was committed.
    pub intended_at: DateTime<Utc>,
    /// Sends so far.
    pub attempts: u32,
    /// The last send.
    pub attempted_at: Option<DateTime<Utc>>,
}

/// One API call that was made for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEntry {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// Who was called.
    pub peer: String,
    /// The vendor's name of the operation.
    pub operation: String,
    /// How the sending ended: `answered`, `not_sent`, `unknown`.
    pub outcome: String,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The vendor's own code.
    pub code: Option<String>,
    /// The vendor's id of the request.
    pub request_id: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// An endpoint of the operator with trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRow {
    /// Its name; may hold a secret path, so never print it whole.
    pub name: String,
    /// Why it is disabled.
    pub disabled_by: Option<String>,
    /// Events that were tried and not yet taken.
    pub failing: u64,
    /// Events that were given up in the last week.
    pub given_up: u64,
    /// How the last failed try ended.
    pub last_error: Option<String>,
}

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
    /// Whether it is under its threshold.
    pub is_low: bool,
}

const ORDER_QUERY: &str = "
    SELECT orders.id, orders.state, state_detail, state_since, next_attempt_at, held, tiktok_status, cancel_requested,
           detected_at, created_at, paid_at, ship_by, scanned_by, cancelled_unless_shipped_by, cancelled_unless_scanned_by,
           newest.id AS fulfillment_order, newest.outcome, newest.amazon_status,
           (SELECT min(accepted_at) FROM fulfillment_orders WHERE order_id = orders.id) AS routed_at
    FROM orders LEFT JOIN fulfillment_orders AS newest ON newest.order_id = orders.id
         AND newest.generation = (SELECT max(generation) FROM fulfillment_orders WHERE order_id = orders.id)";

const PARCEL_QUERY: &str = "
    SELECT parcels.id AS parcel_id, parcels.order_id, parcels.tracking_number,
           coalesce(parcels.provider_name, parcels.carrier_code) AS carrier,
           parcels.shipped_at, parcels.synced_at, parcels.state AS parcel_state, parcels.warning, parcels.package_id
    FROM parcels JOIN orders ON orders.id = parcels.order_id";

impl Store {
    /// Counts the orders in every state, also those that have none.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn order_counts(&self) -> Result<BTreeMap<State, u64>> {
        let found: Vec<(String, u64)> = self.rows("SELECT state, count(*) FROM orders GROUP BY state", [], |row| {
            Ok((row.get(0)?, count(row, 1)?))
        })?;
        let mut counts: BTreeMap<State, u64> = State::ALL.into_iter().map(|state| (state, 0)).collect();
        for (word, count) in found {
            if let Some(state) = State::read(&word) {
                counts.insert(state, count);
            }
        }
        Ok(counts)
    }

    /// Returns one order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn order_row(&self, id: &TiktokOrderId) -> Result<Option<OrderRow>> {
        let found = self.order_rows_where("orders.id = :id", &[(":id", &id.as_str())])?;
        Ok(found.into_iter().next())
    }

    /// Returns the orders that the filter lets through, the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn order_rows(&self, filter: &OrderFilter) -> Result<Vec<OrderRow>> {
        self.order_rows_where(
            "(:state IS NULL OR orders.state = :state)
               AND (:reason IS NULL OR EXISTS (SELECT 1 FROM flags WHERE order_id = orders.id AND reason = :reason))
               AND (:since IS NULL OR detected_at >= :since)
             ORDER BY detected_at DESC, orders.id LIMIT :limit",
            named_params! {
                ":state": filter.state.map(State::as_str),
                ":reason": filter.reason.map(Reason::as_str),
                ":since": filter.since.map(seconds),
                ":limit": filter.limit.map_or(-1, i64::from),
            },
        )
    }

    /// Returns the orders to look at, the nearest deadline first: flagged ones, those whose outcome is open,
    /// and those that Amazon has not shipped although a deadline comes before `until`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn orders_to_look_at(&self, until: DateTime<Utc>) -> Result<Vec<OrderRow>> {
        let mut rows = self.order_rows_where(
            "orders.state IN ('flagged', 'submitting') OR EXISTS (SELECT 1 FROM flags WHERE order_id = orders.id)
               OR (orders.state IN ('detected', 'waiting', 'ready', 'routed', 'cancelling')
                   AND tiktok_status NOT IN ('UNPAID', 'CANCELLED')
                   AND min(coalesce(ship_by, 9e18), coalesce(scanned_by, 9e18), coalesce(cancelled_unless_shipped_by, 9e18)) <= :until)
             ORDER BY orders.id",
            &[(":until", &seconds(until))],
        )?;
        rows.sort_by_key(|row| row.deadlines.nearest().unwrap_or(DateTime::<Utc>::MAX_UTC));
        Ok(rows)
    }

    fn order_rows_where(&self, condition: &str, parameters: &[(&str, &dyn ToSql)]) -> Result<Vec<OrderRow>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{ORDER_QUERY} WHERE {condition}"))?;
            let rows: Vec<OrderRow> = statement
                .query_map(parameters, read_order_row)?
                .collect::<rusqlite::Result<_>>()?;
            rows.into_iter().map(|row| complete(connection, row)).collect()
        })
    }

    /// Returns the parcels of an order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parcel_rows(&self, order: &TiktokOrderId) -> Result<Vec<ParcelRow>> {
        self.parcels_where("parcels.order_id = ?1 ORDER BY parcels.id", order.as_str())
    }

    /// Returns the parcels that left before `before` and whose number TikTok does not have.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn overdue_parcels(&self, before: DateTime<Utc>) -> Result<Vec<ParcelRow>> {
        self.parcels_where(
            "parcels.shipped_at <= ?1 AND parcels.synced_at IS NULL AND parcels.state IN ('waiting', 'ready', 'pushing', 'refused')
               AND orders.state NOT IN ('cancelled', 'dismissed') ORDER BY parcels.shipped_at, parcels.id",
            seconds(before),
        )
    }

    fn parcels_where(&self, condition: &str, parameter: impl ToSql) -> Result<Vec<ParcelRow>> {
        let query = format!("{PARCEL_QUERY} WHERE {condition}");
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&query)?;
            let rows: Vec<(i64, ParcelRow)> = statement
                .query_map([parameter], |row| Ok((row.get("parcel_id")?, read_parcel(row)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let lines = "SELECT line_item_id FROM parcel_lines WHERE parcel_id = ?1 ORDER BY line_item_id";
            rows.into_iter()
                .map(|(id, mut parcel)| {
                    parcel.line_item_ids = list(connection, lines, [id], |row| row.get(0))?;
                    Ok(parcel)
                })
                .collect()
        })
    }

    /// Returns the units of an order, with what stands for them at Amazon.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn item_rows(&self, order: &TiktokOrderId) -> Result<Vec<ItemRow>> {
        self.read(|connection| {
            let items = list(
                connection,
                "SELECT * FROM line_items WHERE order_id = ?1 ORDER BY position, id",
                [order.as_str()],
                read_item,
            )?;
            let of_line = "SELECT items.sku, items.per_line FROM fulfillment_item_lines AS lines
                 JOIN fulfillment_items AS items ON items.fulfillment_order_id = lines.fulfillment_order_id AND items.id = lines.item_id
                 WHERE lines.line_item_id = ?1 AND lines.fulfillment_order_id =
                       (SELECT id FROM fulfillment_orders WHERE order_id = ?2 ORDER BY generation DESC LIMIT 1)
                 ORDER BY items.position";
            items
                .into_iter()
                .map(|mut item: ItemRow| {
                    let key = (item.line_item_id.as_str(), order.as_str());
                    item.amazon_items = list(connection, of_line, key, |row| Ok((row.get(0)?, row.get(1)?)))?;
                    Ok(item)
                })
                .collect()
        })
    }

    /// Returns what was noted about an order, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn history_rows(&self, order: &TiktokOrderId) -> Result<Vec<HistoryEntry>> {
        self.rows(
            "SELECT * FROM history WHERE order_id = ?1 ORDER BY at, id",
            [order.as_str()],
            |row| {
                Ok(HistoryEntry {
                    at: time(row, "at")?,
                    kind: row.get("kind")?,
                    from: row.get("from_state")?,
                    to: row.get("to_state")?,
                    text: row.get("text")?,
                })
            },
        )
    }

    /// Returns the fulfillment orders that were meant for Amazon, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn intent_rows(&self, order: &TiktokOrderId) -> Result<Vec<IntentRow>> {
        self.rows(
            "SELECT id, outcome, intended_at, attempts, attempted_at FROM fulfillment_orders WHERE order_id = ?1 ORDER BY generation",
            [order.as_str()],
            |row| {
                Ok(IntentRow {
                    id: FulfillmentOrderId::new(row.get::<_, String>("id")?),
                    outcome: row.get("outcome")?,
                    intended_at: time(row, "intended_at")?,
                    attempts: row.get("attempts")?,
                    attempted_at: optional_time(row, "attempted_at")?,
                })
            },
        )
    }

    /// Returns the API calls that were made for an order, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn call_rows(&self, order: &TiktokOrderId) -> Result<Vec<CallEntry>> {
        self.rows(
            "SELECT * FROM api_calls WHERE order_id = ?1 ORDER BY at, id",
            [order.as_str()],
            |row| {
                Ok(CallEntry {
                    at: time(row, "at")?,
                    peer: row.get("peer")?,
                    operation: row.get("operation")?,
                    outcome: row.get("outcome")?,
                    status: row.get("status")?,
                    code: row.get("code")?,
                    request_id: row.get("request_id")?,
                    duration_ms: count(row, "duration_ms")?,
                })
            },
        )
    }

    /// Returns the endpoints that are disabled, fail now, or lost an event since `since`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn troubled_endpoints(&self, since: DateTime<Utc>) -> Result<Vec<EndpointRow>> {
        let rows: Vec<EndpointRow> = self.rows(
            "SELECT name, CASE WHEN disabled_at IS NOT NULL THEN coalesce(disabled_by, '') END AS disabled_by,
                    (SELECT count(*) FROM deliveries WHERE endpoint = name AND delivered_at IS NULL AND given_up_at IS NULL
                        AND attempts > 0) AS failing,
                    (SELECT count(*) FROM deliveries WHERE endpoint = name AND given_up_at >= ?1) AS given_up,
                    (SELECT last_error FROM deliveries WHERE endpoint = name AND delivered_at IS NULL AND last_error IS NOT NULL
                        ORDER BY event_id DESC LIMIT 1) AS last_error
             FROM endpoints ORDER BY name",
            [seconds(since)],
            |row| {
                Ok(EndpointRow {
                    name: row.get("name")?,
                    disabled_by: row.get("disabled_by")?,
                    failing: count(row, "failing")?,
                    given_up: count(row, "given_up")?,
                    last_error: row.get("last_error")?,
                })
            },
        )?;
        let is_troubled = |row: &EndpointRow| row.disabled_by.is_some() || row.failing > 0 || row.given_up > 0;
        Ok(rows.into_iter().filter(is_troubled).collect())
    }

    /// Returns the stock figures of every SKU, low ones first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stock_rows(&self) -> Result<Vec<StockRow>> {
        self.rows("SELECT * FROM stock_figures ORDER BY is_low DESC, sku", [], |row| {
            Ok(StockRow {
                sku: row.get("sku")?,
                fulfillable: row.get("fulfillable")?,
                remaining: row.get("remaining")?,
                read_at: time(row, "read_at")?,
                is_low: row.get("is_low")?,
            })
        })
    }

    pub(super) fn rows<T>(
        &self,
        query: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        self.read(|connection| list(connection, query, parameters, read))
    }
}

/// Reads a number that is never negative.
pub(super) fn count(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

fn list<T>(
    connection: &Connection,
    query: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(query)?;
    Ok(statement
        .query_map(parameters, read)?
        .collect::<rusqlite::Result<_>>()?)
}

fn complete(connection: &Connection, mut row: OrderRow) -> Result<OrderRow> {
    row.flags = read_flags(connection, &row.id)?;
    row.tracking_numbers = list(
        connection,
        "SELECT tracking_number FROM parcels WHERE order_id = ?1 AND tracking_number IS NOT NULL ORDER BY id",
        [row.id.as_str()],
        |row| row.get(0),
    )?;
    Ok(row)
}

fn read_order_row(row: &Row<'_>) -> rusqlite::Result<OrderRow> {
    let state: String = row.get("state")?;
    Ok(OrderRow {
        id: TiktokOrderId::new(row.get::<_, String>("id")?),
        state: State::read(&state).unwrap_or(State::Flagged),
        state_detail: row.get("state_detail")?,
        state_since: time(row, "state_since")?,
        next_attempt_at: optional_time(row, "next_attempt_at")?,
        held: row.get("held")?,
        tiktok_status: row.get("tiktok_status")?,
        cancel_requested: row.get("cancel_requested")?,
        detected_at: instant(row.get("detected_at")?),
        created_at: time(row, "created_at")?,
        paid_at: optional_time(row, "paid_at")?,
        routed_at: optional_time(row, "routed_at")?,
        deadlines: Deadlines {
            ship_by: optional_time(row, "ship_by")?,
            scanned_by: optional_time(row, "scanned_by")?,
            cancelled_unless_shipped_by: optional_time(row, "cancelled_unless_shipped_by")?,
            cancelled_unless_scanned_by: optional_time(row, "cancelled_unless_scanned_by")?,
        },
        fulfillment_order: row
            .get::<_, Option<String>>("fulfillment_order")?
            .map(FulfillmentOrderId::new),
        outcome: row.get("outcome")?,
        amazon_status: row.get("amazon_status")?,
        flags: Vec::new(),
        tracking_numbers: Vec::new(),
    })
}

fn read_parcel(row: &Row<'_>) -> rusqlite::Result<ParcelRow> {
    Ok(ParcelRow {
        order: TiktokOrderId::new(row.get::<_, String>("order_id")?),
        tracking_number: row.get("tracking_number")?,
        carrier: row.get("carrier")?,
        shipped_at: optional_time(row, "shipped_at")?,
        synced_at: optional_time(row, "synced_at")?,
        state: row.get("parcel_state")?,
        warning: row.get("warning")?,
        package_id: row.get("package_id")?,
        line_item_ids: Vec::new(),
    })
}

fn read_item(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        line_item_id: row.get("id")?,
        product_id: row.get("product_id")?,
        sku_id: row.get("sku_id")?,
        seller_sku: row.get("seller_sku")?,
        product_name: row.get("product_name")?,
        status: row.get("status")?,
        amazon_items: Vec::new(),
    })
}

#[cfg(test)]
pub(crate) mod tests_support {
    //! Rows that the tests of the reports need and that no job writes in a unit test.

    use super::*;

    /// Writes a stock figure.
    pub(crate) fn insert_stock(store: &Store, sku: &str, units: Option<i64>, is_low: bool, read_at: DateTime<Utc>) {
        let stored = store.write(|transaction| {
            transaction.execute(
                "INSERT INTO stock_figures (sku, fulfillable, remaining, read_at, is_low) VALUES (?1, ?2, ?2, ?3, ?4)",
                (sku, units, seconds(read_at), is_low),
            )?;
            Ok(())
        });
        stored.expect("a stock figure");
    }

    /// Writes a parcel of the first fulfillment order of an order, carrying one unit.
    pub(crate) fn insert_parcel(
        store: &Store,
        order: &TiktokOrderId,
        number: &str,
        line: &str,
        shipped_at: DateTime<Utc>,
        synced_at: Option<DateTime<Utc>>,
    ) {
        let stored = store.write(|transaction| {
            transaction.execute(
                "INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, tracking_number,
                     shipped_at, found_at, state, provider_name, synced_at)
                 VALUES (?1, 'TTS-' || ?1, 'S-' || ?2, 1, 'UPS', ?2, ?3, ?3, CASE WHEN ?4 IS NULL THEN 'ready' ELSE 'synced' END,
                     CASE WHEN ?4 IS NULL THEN NULL ELSE 'UPS' END, ?4)",
                (order.as_str(), number, seconds(shipped_at), synced_at.map(seconds)),
            )?;
            transaction.execute(
                "INSERT INTO parcel_lines (parcel_id, line_item_id) VALUES (?1, ?2)",
                (transaction.last_insert_rowid(), line),
            )?;
            Ok(())
        });
        stored.expect("a parcel");
    }
}
