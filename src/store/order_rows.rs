//! Orders and their units as rows: the one place where an order becomes columns and columns an order.

use chrono::{DateTime, Utc};

use super::engine::{Connection, OptionalExtension, Row, Transaction, named_params};
use super::kinds::{read_purpose, update_kind};
use super::{Error, Result, odd, optional_time, seconds, time};
use crate::domain::deadline::due_at;
use crate::domain::ids::{
    DeliveryOptionId, LineItemId, PackageId, ProductId, SellerSku, ShippingProviderId, TiktokOrderId, TiktokSkuId,
    WarehouseId,
};
use crate::domain::order::{
    Deadlines, DeliveryType, FastDelivery, FulfillmentType, HandlingTime, LineItem, LineStatus, ListingType, Money,
    Order, OrderStatus, OrderTimes, OrderType, ShippingType,
};
use crate::domain::state::State;
use crate::secret::Private;

/// An order with what this program knows about it.
#[derive(Debug, Clone)]
pub struct StoredOrder {
    /// What TikTok said last. The list call leaves out bundle parts and the recipient; the detail call fills them.
    pub order: Order,
    /// Where it stands; of a dismissed order that is followed, where it stands all the same.
    pub state: State,
    /// Whether the operator took it off our hands.
    pub is_dismissed: bool,
    /// Why it waits or is not eligible.
    pub state_detail: Option<String>,
    /// Since when it is in this state.
    pub state_since: DateTime<Utc>,
    /// When to look again, where that is known.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Whether the operator holds it.
    pub held: bool,
    /// When it was first seen.
    pub detected_at: DateTime<Utc>,
    /// Whether all that TikTok's details say of it is in `order`: only then is it judged as it would be from TikTok's answer.
    pub is_read_whole: bool,
}

pub(super) fn insert_order(transaction: &Transaction<'_>, order: &Order, now: DateTime<Utc>) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO orders (id, state, state_since, detected_at, tiktok_status, cancel_requested,
                 authentication_required, is_cash_on_delivery, created_at, updated_at)
             VALUES (?1, 'detected', ?2, ?2, ?3, 0, 0, 0, ?4, ?4)",
        )?
        .execute((
            order.id.as_str(),
            seconds(now),
            order.status.as_str(),
            seconds(order.times.created_at),
        ))?;
    update_facts(transaction, order)
}

/// Inserts an order of which only the id could be read. What its columns must hold is empty, and its time that of its first sight,
/// until its details are read.
pub(super) fn insert_unread(transaction: &Transaction<'_>, id: &TiktokOrderId, now: DateTime<Utc>) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO orders (id, state, state_since, detected_at, tiktok_status, cancel_requested,
                 authentication_required, is_cash_on_delivery, created_at, updated_at)
             VALUES (?1, 'detected', ?2, ?2, '', 0, 0, 0, ?2, ?2)",
        )?
        .execute((id.as_str(), seconds(now)))?;
    Ok(())
}

/// What TikTok does not say this time did not change: the list call may say less than the detail call did.
const UPDATE_FACTS: &str = "UPDATE orders SET tiktok_status = :status, cancel_requested = :cancel_requested,
     authentication_required = :authentication_required, is_cash_on_delivery = :is_cash_on_delivery,
     created_at = :created_at, updated_at = :updated_at,
     fulfillment_type = coalesce(:fulfillment_type, fulfillment_type),
     shipping_type = coalesce(:shipping_type, shipping_type), order_type = coalesce(:order_type, order_type),
     is_sample = coalesce(:is_sample, is_sample),
     is_refundable_sample = coalesce(:is_refundable_sample, is_refundable_sample),
     is_replacement = coalesce(:is_replacement, is_replacement),
     replaced_order_id = coalesce(:replaced_order_id, replaced_order_id),
     is_exchange = coalesce(:is_exchange, is_exchange),
     exchange_source_order_id = coalesce(:exchange_source_order_id, exchange_source_order_id),
     auto_combine_group_id = coalesce(:auto_combine_group_id, auto_combine_group_id),
     handling_days = coalesce(:handling_days, handling_days),
     is_handled_by_calendar = coalesce(:is_handled_by_calendar, is_handled_by_calendar),
     is_on_hold_order = coalesce(:is_on_hold_order, is_on_hold_order),
     warehouse_id = coalesce(:warehouse_id, warehouse_id),
     delivery_option_id = coalesce(:delivery_option_id, delivery_option_id),
     delivery_option_name = coalesce(:delivery_option_name, delivery_option_name),
     fast_delivery_program = coalesce(:fast_delivery_program, fast_delivery_program),
     paid_at = coalesce(:paid_at, paid_at), release_at = coalesce(:release_at, release_at),
     ship_by = coalesce(:ship_by, ship_by), scanned_by = coalesce(:scanned_by, scanned_by),
     cancelled_unless_shipped_by = coalesce(:cancelled_unless_shipped_by, cancelled_unless_shipped_by),
     cancelled_unless_scanned_by = coalesce(:cancelled_unless_scanned_by, cancelled_unless_scanned_by),
     total_amount = coalesce(:total_amount, total_amount), total_currency = coalesce(:total_currency, total_currency),
     delivery_type = coalesce(:delivery_type, delivery_type),
     has_updated_address = max(:has_updated_address, has_updated_address),
     is_release_unreadable = CASE WHEN :is_release_unreadable = 1 THEN 1 WHEN :release_at IS NOT NULL THEN 0
         ELSE is_release_unreadable END
 WHERE id = :id";

/// Writes what TikTok says.
pub(super) fn update_facts(transaction: &Transaction<'_>, order: &Order) -> Result<()> {
    transaction.prepare_cached(UPDATE_FACTS)?.execute(named_params! {
        ":id": order.id.as_str(),
        ":status": order.status.as_str(),
        ":fulfillment_type": order.fulfillment_type.as_ref().map(FulfillmentType::as_str),
        ":shipping_type": order.shipping_type.as_ref().map(ShippingType::as_str),
        ":order_type": order.order_type.as_ref().map(OrderType::as_str),
        ":is_sample": order.purpose.is_sample,
        ":is_refundable_sample": order.purpose.is_refundable_sample,
        ":is_replacement": order.purpose.is_replacement,
        ":replaced_order_id": order.purpose.replaced_order_id.as_ref().map(TiktokOrderId::as_str),
        ":is_exchange": order.purpose.is_exchange,
        ":exchange_source_order_id": order.purpose.exchange_source_order_id.as_ref().map(TiktokOrderId::as_str),
        ":auto_combine_group_id": order.auto_combine_group_id,
        ":handling_days": order.times.handling.map(|handling| handling.days),
        ":is_handled_by_calendar": order.times.handling.map(|handling| handling.is_by_calendar),
        ":is_on_hold_order": order.is_on_hold_order,
        ":cancel_requested": order.cancel_requested,
        ":authentication_required": order.authentication_required,
        ":is_cash_on_delivery": order.is_cash_on_delivery,
        ":warehouse_id": order.warehouse_id.as_ref().map(WarehouseId::as_str),
        ":delivery_option_id": order.delivery_option_id.as_ref().map(DeliveryOptionId::as_str),
        ":delivery_option_name": order.delivery_option_name,
        ":fast_delivery_program": order.fast_delivery.as_ref().map(FastDelivery::as_str),
        ":created_at": seconds(order.times.created_at),
        ":paid_at": order.times.paid_at.map(seconds),
        ":updated_at": seconds(order.times.updated_at),
        ":release_at": order.times.release_at.map(seconds),
        ":ship_by": order.deadlines.ship_by.map(seconds),
        ":scanned_by": order.deadlines.scanned_by.map(seconds),
        ":cancelled_unless_shipped_by": order.deadlines.cancelled_unless_shipped_by.map(seconds),
        ":cancelled_unless_scanned_by": order.deadlines.cancelled_unless_scanned_by.map(seconds),
        ":total_amount": order.total.as_ref().map(|total| total.amount.as_str()),
        ":total_currency": order.total.as_ref().map(|total| total.currency.as_str()),
        ":delivery_type": order.delivery_type.as_ref().map(DeliveryType::as_str),
        ":has_updated_address": order.has_updated_address,
        ":is_release_unreadable": order.times.is_release_unreadable,
    })?;
    update_due(transaction, &order.id)?;
    update_kind(transaction, &order.id)
}

/// Works out anew by when an order is due, by all that is known of it.
fn update_due(transaction: &Transaction<'_>, id: &TiktokOrderId) -> Result<()> {
    let mut known = transaction.prepare_cached("SELECT * FROM orders WHERE id = ?1")?;
    let due = known
        .query_row([id.as_str()], |row| {
            Ok(due_at(&read_deadlines(row)?, &read_times(row)?))
        })
        .optional()?;
    if let Some(due) = due {
        let mut update =
            transaction.prepare_cached("UPDATE orders SET due_at = ?2 WHERE id = ?1 AND due_at IS DISTINCT FROM ?2")?;
        update.execute((id.as_str(), seconds(due)))?;
    }
    Ok(())
}

/// Writes the units. What TikTok does not say of one this time did not change. Only the detail call knows the parts of a bundle, so the
/// list call leaves them as they are.
pub(super) fn write_lines(transaction: &Transaction<'_>, order: &Order, with_parts: bool) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO line_items (order_id, id, position, product_id, sku_id, seller_sku, product_name, status, package_id,
             tracking_number, shipping_provider_id, is_gift, listing_type, parts)
         VALUES (:order, :id, :position, :product, :sku, :seller_sku, :name, :status, :package, :tracking, :provider, :is_gift,
             :listing_type, :parts)
         ON CONFLICT (order_id, id) DO UPDATE SET
             product_id = CASE excluded.product_id WHEN '' THEN line_items.product_id ELSE excluded.product_id END,
             sku_id = excluded.sku_id, seller_sku = coalesce(excluded.seller_sku, line_items.seller_sku),
             product_name = coalesce(excluded.product_name, line_items.product_name), status = excluded.status,
             package_id = coalesce(excluded.package_id, line_items.package_id),
             tracking_number = coalesce(excluded.tracking_number, line_items.tracking_number),
             shipping_provider_id = coalesce(excluded.shipping_provider_id, line_items.shipping_provider_id),
             is_gift = coalesce(excluded.is_gift, line_items.is_gift), listing_type = coalesce(excluded.listing_type, line_items.listing_type),
             parts = CASE WHEN :with_parts = 1 THEN excluded.parts ELSE line_items.parts END",
    )?;
    for (position, line) in order.line_items.iter().enumerate() {
        let parts = serde_json::to_string(&line.parts).map_err(|_| Error::Unreadable { what: "bundle parts" })?;
        statement.execute(named_params! {
            ":order": order.id.as_str(),
            ":id": line.id.as_str(),
            ":position": i64::try_from(position).unwrap_or(i64::MAX),
            ":product": line.product_id.as_ref().map_or("", ProductId::as_str),
            ":sku": line.sku_id.as_str(),
            ":seller_sku": line.seller_sku.as_ref().map(SellerSku::as_str),
            ":name": line.product_name,
            ":status": line.status.as_str(),
            ":package": line.package_id.as_ref().map(PackageId::as_str),
            ":tracking": line.tracking_number,
            ":provider": line.shipping_provider_id.as_ref().map(ShippingProviderId::as_str),
            ":is_gift": line.is_gift,
            ":listing_type": line.listing_type.as_ref().map(ListingType::as_str),
            ":parts": parts,
            ":with_parts": with_parts,
        })?;
    }
    update_kind(transaction, &order.id)
}

/// Reads where an order stands. A word that this program never wrote is no state, least of all one to act on.
pub(super) fn read_state(row: &Row<'_>, column: &'static str) -> rusqlite::Result<State> {
    let word: String = row.get(column)?;
    State::read(&word).ok_or_else(|| odd("state"))
}

pub(super) fn read_order(row: &Row<'_>) -> rusqlite::Result<(StoredOrder, Option<Vec<u8>>)> {
    let total = row
        .get::<_, Option<String>>("total_amount")?
        .zip(row.get::<_, Option<String>>("total_currency")?)
        .map(|(amount, currency)| Money { amount, currency });
    let word = |column: &str| row.get::<_, Option<String>>(column);
    let order = Order {
        id: TiktokOrderId::new(row.get::<_, String>("id")?),
        status: OrderStatus::read(&row.get::<_, String>("tiktok_status")?),
        fulfillment_type: word("fulfillment_type")?.map(|text| FulfillmentType::read(&text)),
        shipping_type: word("shipping_type")?.map(|text| ShippingType::read(&text)),
        order_type: word("order_type")?.map(|text| OrderType::read(&text)),
        purpose: read_purpose(row)?,
        auto_combine_group_id: word("auto_combine_group_id")?,
        delivery_type: word("delivery_type")?.map(|text| DeliveryType::read(&text)),
        is_on_hold_order: row.get("is_on_hold_order")?,
        cancel_requested: row.get("cancel_requested")?,
        authentication_required: row.get("authentication_required")?,
        is_cash_on_delivery: row.get("is_cash_on_delivery")?,
        has_updated_address: row.get("has_updated_address")?,
        warehouse_id: word("warehouse_id")?.map(WarehouseId::new),
        delivery_option_id: word("delivery_option_id")?.map(DeliveryOptionId::new),
        delivery_option_name: word("delivery_option_name")?,
        fast_delivery: word("fast_delivery_program")?.map(|text| FastDelivery::read(&text)),
        times: read_times(row)?,
        deadlines: read_deadlines(row)?,
        line_items: Vec::new(),
        recipient: Private::default(),
        total,
    };
    let stored = StoredOrder {
        order,
        state: read_state(row, "life")?,
        is_dismissed: row.get::<_, String>("state")? == State::Dismissed.as_str(),
        state_detail: word("state_detail")?,
        state_since: time(row, "state_since")?,
        next_attempt_at: optional_time(row, "next_attempt_at")?,
        held: row.get("held")?,
        detected_at: time(row, "detected_at")?,
        is_read_whole: row.get("is_read_whole")?,
    };
    Ok((stored, row.get("recipient_sealed")?))
}

/// Reads when things happened at TikTok.
pub(super) fn read_times(row: &Row<'_>) -> rusqlite::Result<OrderTimes> {
    Ok(OrderTimes {
        created_at: time(row, "created_at")?,
        paid_at: optional_time(row, "paid_at")?,
        updated_at: time(row, "updated_at")?,
        release_at: optional_time(row, "release_at")?,
        is_release_unreadable: row.get("is_release_unreadable")?,
        handling: read_handling(row)?,
    })
}

/// Reads TikTok's deadlines.
pub(super) fn read_deadlines(row: &Row<'_>) -> rusqlite::Result<Deadlines> {
    Ok(Deadlines {
        ship_by: optional_time(row, "ship_by")?,
        scanned_by: optional_time(row, "scanned_by")?,
        cancelled_unless_shipped_by: optional_time(row, "cancelled_unless_shipped_by")?,
        cancelled_unless_scanned_by: optional_time(row, "cancelled_unless_scanned_by")?,
    })
}

fn read_handling(row: &Row<'_>) -> rusqlite::Result<Option<HandlingTime>> {
    let is_by_calendar = row.get::<_, Option<bool>>("is_handled_by_calendar")?.unwrap_or(false);
    let days: Option<u32> = row.get("handling_days")?;
    Ok(days.map(|days| HandlingTime { days, is_by_calendar }))
}

pub(super) fn read_lines(connection: &Connection, id: &TiktokOrderId) -> Result<Vec<LineItem>> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM line_items WHERE order_id = ?1 ORDER BY position, id")?;
    let lines = statement.query_map([id.as_str()], read_line)?;
    Ok(lines.collect::<rusqlite::Result<_>>()?)
}

/// Reads a unit of an order.
pub(super) fn read_line(row: &Row<'_>) -> rusqlite::Result<LineItem> {
    let word = |column: &str| row.get::<_, Option<String>>(column);
    Ok(LineItem {
        id: LineItemId::new(row.get::<_, String>("id")?),
        product_id: word("product_id")?.filter(|text| !text.is_empty()).map(ProductId::new),
        sku_id: TiktokSkuId::new(row.get::<_, String>("sku_id")?),
        seller_sku: word("seller_sku")?.map(SellerSku::new),
        product_name: word("product_name")?,
        status: LineStatus::read(&row.get::<_, String>("status")?),
        package_id: word("package_id")?.map(PackageId::new),
        tracking_number: word("tracking_number")?,
        shipping_provider_id: word("shipping_provider_id")?.map(ShippingProviderId::new),
        is_gift: row.get("is_gift")?,
        listing_type: word("listing_type")?.map(|word| ListingType::read(&word)),
        parts: serde_json::from_str(&row.get::<_, String>("parts")?).map_err(|_| odd("bundle parts"))?,
    })
}
