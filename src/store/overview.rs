//! Read-only looks at orders, parcels, endpoints and stock for people and monitoring.
//!
//! Nothing here opens a sealed value: an overview works without the data key and can't show anything about a buyer.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::condition::Condition;
use super::decisions::read_flags;
use super::dispatch::open_lives;
use super::engine::{Connection, Row, RowIndex, ToSql};
use super::kinds::{read_kind, read_purpose};
use super::order_rows::{read_deadlines, read_state};
use super::parcels::WITHOUT_NUMBER;
use super::{Result, Store, list, optional_time, seconds, time};
use crate::domain::flag::Flag;
use crate::domain::ids::{DeliveryOptionId, FulfillmentOrderId, TiktokOrderId};
use crate::domain::kind::Kind;
use crate::domain::order::{Deadlines, Purpose};
use crate::domain::state::State;

/// An order without anything about its buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The order.
    pub id: TiktokOrderId,
    /// What kind of order it is.
    pub kind: Kind,
    /// Why it is sent, where it is no sale like others.
    pub purpose: Purpose,
    /// The orders of one buyer that TikTok puts together.
    pub auto_combine_group_id: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Where a dismissed order stands that is followed all the same, because Amazon has or had it.
    pub followed_as: Option<State>,
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
    /// When TikTok last showed the order.
    pub seen_at: Option<DateTime<Utc>>,
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
    /// Whether Amazon says that it leaves after its deadline.
    pub is_at_risk: bool,
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
    /// Where the order stands.
    pub order_state: State,
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
    /// Where Amazon says that it is, once it was asked.
    pub whereabouts: Option<String>,
    /// The parcel at TikTok.
    pub package_id: Option<String>,
    /// The units of the TikTok order in it.
    pub line_item_ids: Vec<String>,
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

/// What [`read_order_row`] reads.
const ORDER_QUERY: &str = "SELECT orders.id, auto_combine_group_id, kind, is_sample, is_refundable_sample, is_replacement, replaced_order_id, is_exchange, exchange_source_order_id,
           orders.state, followed_as, state_detail, state_since, next_attempt_at, held, tiktok_status, seen_at, cancel_requested,
           detected_at, created_at, paid_at, ship_by, scanned_by, cancelled_unless_shipped_by, cancelled_unless_scanned_by,
           newest.id AS fulfillment_order, newest.outcome, newest.amazon_status,
           EXISTS (SELECT 1 FROM speeds WHERE speeds.order_id = orders.id AND is_at_risk = 1) AS is_at_risk,
           (SELECT min(accepted_at) FROM fulfillment_orders WHERE order_id = orders.id) AS routed_at
    FROM orders LEFT JOIN fulfillment_orders AS newest ON newest.order_id = orders.id
         AND newest.generation = (SELECT max(generation) FROM fulfillment_orders WHERE order_id = orders.id)";

/// Whether a part of an order has left Amazon, and another one not: as `Dispatch::handed_over_at` has it.
const PARTLY_LEFT: &str = "(orders.state = 'shipped' AND tiktok_status NOT IN ('IN_TRANSIT', 'DELIVERED', 'COMPLETED')
     AND coalesce(newest.amazon_status, '') <> 'Complete'
     AND EXISTS (SELECT 1 FROM line_items AS unit WHERE unit.order_id = orders.id AND unit.status NOT IN ('CANCELLED', 'CANCEL')
         AND NOT EXISTS (SELECT 1 FROM parcel_lines JOIN parcels ON parcels.id = parcel_id
             WHERE parcels.order_id = orders.id AND line_item_id = unit.id AND parcels.shipped_at IS NOT NULL)))";

const PARCEL_QUERY: &str = "
    SELECT parcels.id AS parcel_id, parcels.order_id, orders.state, parcels.tracking_number,
           coalesce(parcels.provider_name, parcels.carrier_code) AS carrier,
           parcels.shipped_at, parcels.synced_at, parcels.state AS parcel_state, parcels.warning, parcels.whereabouts, parcels.package_id
    FROM parcels JOIN orders ON orders.id = parcels.order_id";

impl Store {
    /// Counts the orders in every state, also those that have none.
    pub fn order_counts(&self) -> Result<BTreeMap<State, u64>> {
        let found: Vec<(String, u64)> = self.rows(
            "SELECT state, sum(orders) FROM order_counts GROUP BY state",
            [],
            |row| Ok((row.get(0)?, count(row, 1)?)),
        )?;
        let mut counts: BTreeMap<State, u64> = State::ALL.into_iter().map(|state| (state, 0)).collect();
        for (word, count) in found {
            if let Some(state) = State::read(&word) {
                counts.insert(state, count);
            }
        }
        Ok(counts)
    }

    /// Returns the delivery options of orders that the seller ships, the one of the newest first: what TikTok's shipping providers are
    /// asked by.
    pub fn delivery_options(&self, limit: u32) -> Result<Vec<DeliveryOptionId>> {
        let sql = "SELECT delivery_option_id FROM orders
            WHERE delivery_option_id IS NOT NULL AND shipping_type = 'SELLER'
            GROUP BY delivery_option_id ORDER BY max(created_at) DESC LIMIT ?1";
        let found: Vec<String> = self.rows(sql, [limit], |row| row.get(0))?;
        Ok(found.into_iter().map(DeliveryOptionId::new).collect())
    }

    /// Returns one order.
    pub fn order_row(&self, id: &TiktokOrderId) -> Result<Option<OrderRow>> {
        let found = self.order_rows_where("orders.id = :id", &[(":id", &id.as_str())])?;
        Ok(found.into_iter().next())
    }

    /// Returns the orders to look at, the nearest deadline first: flagged ones, those whose outcome is open, those that wait for approval or
    /// are held, and those of which something has not left Amazon although a deadline comes before `until`.
    pub fn orders_to_look_at(&self, until: DateTime<Utc>) -> Result<Vec<OrderRow>> {
        let condition = format!(
            "orders.id IN (SELECT id FROM orders WHERE state IN ({}) UNION ALL SELECT order_id FROM flags)
               AND (orders.state IN ('flagged', 'submitting') OR (orders.state = 'waiting' AND state_detail = 'approval')
                   OR EXISTS (SELECT 1 FROM flags WHERE order_id = orders.id)
                   OR (held = 1 AND orders.state IN ('detected', 'waiting', 'ready'))
                   OR ((orders.state IN ('detected', 'waiting', 'ready', 'routed', 'cancelling') OR {PARTLY_LEFT})
                       AND tiktok_status NOT IN ('UNPAID', 'CANCELLED')
                       AND min(coalesce(ship_by, 9e18), coalesce(scanned_by, 9e18), coalesce(cancelled_unless_shipped_by, 9e18)) <= :until))
             ORDER BY orders.id",
            open_lives()
        );
        let mut rows = self.order_rows_where(&condition, &[(":until", &seconds(until))])?;
        rows.sort_by_key(|row| row.deadlines.nearest().unwrap_or(DateTime::<Utc>::MAX_UTC));
        Ok(rows)
    }

    /// Counts the orders that the operator holds and that may still be sent.
    pub fn held_orders(&self) -> Result<u64> {
        let query =
            "SELECT count(*) FROM orders WHERE held = 1 AND state IN ('detected', 'waiting', 'ready', 'flagged')";
        let found = self.rows(query, [], |row| count(row, 0))?;
        Ok(found.into_iter().next().unwrap_or(0))
    }

    /// Returns the orders that have a deadline and of which something has not left Amazon, the nearest deadline first.
    pub fn orders_by_deadline(&self, limit: u32) -> Result<Vec<OrderRow>> {
        let condition = format!(
            "(orders.state IN ('detected', 'waiting', 'ready', 'submitting', 'routed', 'flagged', 'cancelling') OR {PARTLY_LEFT})
               AND coalesce(ship_by, scanned_by, cancelled_unless_shipped_by) IS NOT NULL
             ORDER BY min(coalesce(ship_by, 9e18), coalesce(scanned_by, 9e18), coalesce(cancelled_unless_shipped_by, 9e18)), orders.id
             LIMIT :limit"
        );
        self.order_rows_where(&condition, &[(":limit", &limit)])
    }

    /// Returns the orders that are not at Amazon yet and not flagged.
    pub fn waiting_orders(&self) -> Result<Vec<OrderRow>> {
        self.order_rows_where("orders.state IN ('detected', 'waiting', 'ready', 'submitting')", &[])
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

    /// Hands the orders of a condition to `each` in constant memory.
    pub(super) fn each_order_row_where<E>(
        &self,
        condition: &Condition,
        mut each: impl FnMut(OrderRow) -> std::result::Result<(), E>,
    ) -> Result<std::result::Result<(), E>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{ORDER_QUERY} WHERE {}", condition.sql))?;
            for row in statement.query_map(&*condition.parameters(), read_order_row)? {
                if let Err(error) = each(complete(connection, row?)?) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })
    }

    /// Returns the parcels of an order.
    pub fn parcel_rows(&self, order: &TiktokOrderId) -> Result<Vec<ParcelRow>> {
        self.parcels_where("parcels.order_id = ?1 ORDER BY parcels.id", order.as_str())
    }

    /// Returns the parcels that left before `before` and whose number TikTok does not have.
    pub fn overdue_parcels(&self, before: DateTime<Utc>) -> Result<Vec<ParcelRow>> {
        self.parcels_where(WITHOUT_NUMBER, seconds(before))
    }

    fn parcels_where(&self, condition: &str, parameter: impl ToSql) -> Result<Vec<ParcelRow>> {
        let query = format!("{PARCEL_QUERY} WHERE {condition}");
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&query)?;
            let rows: Vec<(i64, ParcelRow)> = statement
                .query_map([parameter], |row| Ok((row.get("parcel_id")?, read_parcel(row)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let lines =
                "SELECT line_item_id FROM parcel_lines WHERE parcel_id = ?1 AND is_left_out = 0 ORDER BY line_item_id";
            rows.into_iter()
                .map(|(id, mut parcel)| {
                    parcel.line_item_ids = list(connection, lines, [id], |row| row.get(0))?;
                    Ok(parcel)
                })
                .collect()
        })
    }

    /// Returns the endpoints that are disabled, fail now, or lost an event since `since`.
    pub fn troubled_endpoints(&self, since: DateTime<Utc>) -> Result<Vec<EndpointRow>> {
        let rows: Vec<EndpointRow> = self.rows(
            "SELECT name, CASE WHEN disabled_at IS NOT NULL THEN coalesce(disabled_by, '') END AS disabled_by,
                    (SELECT CASE WHEN max(attempts) > 0 THEN count(*) ELSE 0 END FROM deliveries
                     WHERE endpoint = name AND delivered_at IS NULL AND given_up_at IS NULL) AS failing,
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
}

/// Reads a number that is never negative.
pub(super) fn count(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
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
    Ok(OrderRow {
        id: TiktokOrderId::new(row.get::<_, String>("id")?),
        kind: read_kind(row)?,
        purpose: read_purpose(row)?,
        auto_combine_group_id: row.get("auto_combine_group_id")?,
        state: read_state(row, "state")?,
        followed_as: row
            .get::<_, Option<String>>("followed_as")?
            .and_then(|word| State::read(&word)),
        state_detail: row.get("state_detail")?,
        state_since: time(row, "state_since")?,
        next_attempt_at: optional_time(row, "next_attempt_at")?,
        held: row.get("held")?,
        tiktok_status: row.get("tiktok_status")?,
        seen_at: optional_time(row, "seen_at")?,
        cancel_requested: row.get("cancel_requested")?,
        detected_at: time(row, "detected_at")?,
        created_at: time(row, "created_at")?,
        paid_at: optional_time(row, "paid_at")?,
        routed_at: optional_time(row, "routed_at")?,
        is_at_risk: row.get("is_at_risk")?,
        deadlines: read_deadlines(row)?,
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
        order_state: read_state(row, "state")?,
        tracking_number: row.get("tracking_number")?,
        carrier: row.get("carrier")?,
        shipped_at: optional_time(row, "shipped_at")?,
        synced_at: optional_time(row, "synced_at")?,
        state: row.get("parcel_state")?,
        warning: row.get("warning")?,
        whereabouts: row.get("whereabouts")?,
        package_id: row.get("package_id")?,
        line_item_ids: Vec::new(),
    })
}

#[cfg(test)]
pub(crate) mod tests_support;
