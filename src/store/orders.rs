//! Orders, their units, flags and history. Every change of state is one conditional update with its history row.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::{Error, Result, Store, events, instant, optional_time, runs, seconds, time};
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{
    DeliveryOptionId, LineItemId, PackageId, ProductId, SellerSku, ShippingProviderId, TiktokOrderId, TiktokSkuId,
    WarehouseId,
};
use crate::domain::order::{
    Deadlines, FulfillmentType, LineItem, LineStatus, Money, Order, OrderStatus, OrderTimes, Recipient, ShippingType,
};
use crate::domain::state::{State, Step};
use crate::secret::Private;

/// An order with what this program knows about it.
#[derive(Debug, Clone)]
pub struct StoredOrder {
    /// What TikTok said last. The list call leaves out bundle parts and the recipient; the detail call fills them.
    pub order: Order,
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
    /// When it was first seen.
    pub detected_at: DateTime<Utc>,
}

/// What storing a page of orders showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// Orders seen for the first time.
    pub detected: Vec<TiktokOrderId>,
    /// Orders whose status changed since.
    pub changed: Vec<TiktokOrderId>,
}

/// The decision about an order, to be stored in one step.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The state that the decision was made on.
    pub from: State,
    /// What it does.
    pub step: Step,
    /// Why it waits or is not eligible; `None` otherwise.
    pub detail: Option<String>,
    /// When to look again.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// All flags that hold now; others are cleared.
    pub flags: Vec<Flag>,
    /// For the history: which rules decided. Never anything about the buyer.
    pub explanation: String,
}

/// One row of an order's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// What kind of thing happened, e.g. `state`, `call`, `note`.
    pub kind: String,
    /// The state before, for a change of state.
    pub from: Option<String>,
    /// The state after, for a change of state.
    pub to: Option<String>,
    /// What happened, for a person.
    pub text: String,
}

impl Store {
    /// Stores a page of orders as the list call shows them and moves the cursor, in one transaction.
    ///
    /// # Errors
    /// When the database refuses; then nothing is stored and the cursor stands.
    pub fn take_in(
        &self,
        orders: &[Order],
        cursor: Option<(&str, DateTime<Utc>)>,
        now: DateTime<Utc>,
    ) -> Result<Intake> {
        let run = self.run_id();
        self.write(|transaction| {
            let mut intake = Intake::default();
            for order in orders {
                match known_status(transaction, &order.id)? {
                    None => {
                        insert_order(transaction, order, now)?;
                        write_history(
                            transaction,
                            run,
                            &order.id,
                            now,
                            "detected",
                            "seen at TikTok for the first time",
                        )?;
                        events::insert(
                            transaction,
                            &Event::OrderDetected {
                                order: order.id.clone(),
                                at: now,
                            },
                            now,
                        )?;
                        intake.detected.push(order.id.clone());
                    }
                    Some(before) => {
                        update_facts(transaction, order)?;
                        if before != order.status.as_str() {
                            note_status(transaction, run, order, &before, now)?;
                            intake.changed.push(order.id.clone());
                        }
                    }
                }
                write_lines(transaction, order, false)?;
            }
            if let Some((name, to)) = cursor {
                runs::move_cursor(transaction, name, to)?;
            }
            Ok(intake)
        })
    }

    /// Stores an order as the detail call shows it, with its parts and its recipient.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn take_in_detail(&self, order: &Order, now: DateTime<Utc>) -> Result<()> {
        let sealed = self.seal(order.recipient.expose())?;
        let run = self.run_id();
        self.write(|transaction| {
            match known_status(transaction, &order.id)? {
                None => {
                    insert_order(transaction, order, now)?;
                    write_history(
                        transaction,
                        run,
                        &order.id,
                        now,
                        "detected",
                        "seen at TikTok for the first time",
                    )?;
                    let event = Event::OrderDetected {
                        order: order.id.clone(),
                        at: now,
                    };
                    events::insert(transaction, &event, now)?;
                }
                Some(before) => {
                    update_facts(transaction, order)?;
                    if before != order.status.as_str() {
                        note_status(transaction, run, order, &before, now)?;
                    }
                }
            }
            write_lines(transaction, order, true)?;
            transaction.execute(
                "UPDATE orders SET recipient_sealed = ?2 WHERE id = ?1",
                (order.id.as_str(), &sealed),
            )?;
            Ok(())
        })
    }

    /// Returns an order.
    ///
    /// # Errors
    /// When the database refuses or holds what this program never wrote.
    pub fn order(&self, id: &TiktokOrderId) -> Result<Option<StoredOrder>> {
        let found = self.read(|connection| {
            let found = connection
                .query_row("SELECT * FROM orders WHERE id = ?1", [id.as_str()], read_order)
                .optional()?;
            found
                .map(|(mut stored, recipient)| {
                    stored.order.line_items = read_lines(connection, id)?;
                    Ok((stored, recipient))
                })
                .transpose()
        })?;
        found
            .map(|(mut stored, recipient)| {
                if let Some(sealed) = recipient {
                    let recipient: Recipient = self.unseal(&sealed, "recipient")?;
                    stored.order.recipient = Private::new(recipient);
                }
                Ok(stored)
            })
            .transpose()
    }

    /// Returns the orders that may be decided now, the nearest deadline first: new ones, waiting ones whose time has come,
    /// ready ones, flagged ones whose cause may have gone. Orders that the operator holds are left out.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn undecided(&self, now: DateTime<Utc>) -> Result<Vec<TiktokOrderId>> {
        self.ids(
            "SELECT id FROM orders
             WHERE held = 0 AND (state IN ('detected', 'ready') OR (state IN ('waiting', 'flagged') AND coalesce(next_attempt_at, 0) <= ?1))
             ORDER BY coalesce(min(ship_by, cancelled_unless_shipped_by), ship_by, cancelled_unless_shipped_by, created_at + 172800), id",
            seconds(now),
        )
    }

    /// Returns the orders in a state, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn orders_in(&self, state: State) -> Result<Vec<TiktokOrderId>> {
        self.ids(
            "SELECT id FROM orders WHERE state = ?1 ORDER BY created_at, id",
            state.as_str(),
        )
    }

    /// Returns the orders that TikTok may still change, for the repair sweep.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_orders(&self) -> Result<Vec<TiktokOrderId>> {
        self.ids(
            "SELECT id FROM orders WHERE state NOT IN ('completed', 'cancelled', 'dismissed', 'not_eligible') AND ?1 ORDER BY created_at, id",
            true,
        )
    }

    fn ids(&self, query: &str, parameter: impl rusqlite::ToSql) -> Result<Vec<TiktokOrderId>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let rows = statement.query_map([parameter], |row| row.get::<_, String>(0).map(TiktokOrderId::new))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns the flags of an order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn flags(&self, id: &TiktokOrderId) -> Result<Vec<Flag>> {
        self.read(|connection| read_flags(connection, id))
    }

    /// Stores a decision: the new state, all flags that hold now, their events, one history row.
    ///
    /// # Errors
    /// When the state machine has no such step, or another run changed the order meanwhile.
    pub fn decide(&self, id: &TiktokOrderId, decided: &Decided, now: DateTime<Utc>) -> Result<State> {
        let run = self.run_id();
        self.write(|transaction| decide(transaction, run, id, decided, now))
    }

    /// Raises one flag beside the others without a change of state.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn raise_flag(&self, id: &TiktokOrderId, flag: &Flag, now: DateTime<Utc>) -> Result<bool> {
        let run = self.run_id();
        self.write(|transaction| raise_flag(transaction, run, id, flag, now))
    }

    /// Clears the flags of one reason.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn clear_flags(&self, id: &TiktokOrderId, reason: Reason, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            let gone = transaction.execute(
                "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2",
                (id.as_str(), reason.as_str()),
            )?;
            if gone > 0 {
                write_history(transaction, run, id, now, "flag", &format!("{reason} cleared"))?;
            }
            Ok(())
        })
    }

    /// Moves an order along without flags: cancelled, dismissed, released, …
    ///
    /// # Errors
    /// When the state machine has no such step, or another run changed the order meanwhile.
    pub fn step(
        &self,
        id: &TiktokOrderId,
        from: State,
        step: Step,
        why: &str,
        event: Option<&Event>,
        now: DateTime<Utc>,
    ) -> Result<State> {
        let run = self.run_id();
        self.write(|transaction| {
            let next = change_state(transaction, run, id, from, step, why, now)?;
            if let Some(event) = event {
                events::insert(transaction, event, now)?;
            }
            if matches!(next, State::Cancelled | State::Dismissed) {
                transaction.execute("DELETE FROM flags WHERE order_id = ?1", [id.as_str()])?;
            }
            Ok(next)
        })
    }

    /// Sets or lifts the operator's hold.
    ///
    /// # Errors
    /// When the order is not known.
    pub fn hold(&self, id: &TiktokOrderId, held: bool, now: DateTime<Utc>) -> Result<bool> {
        let run = self.run_id();
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE orders SET held = ?2 WHERE id = ?1 AND held <> ?2",
                (id.as_str(), held),
            )? > 0;
            if changed {
                let text = if held {
                    "held by the operator"
                } else {
                    "released by the operator"
                };
                write_history(transaction, run, id, now, "operator", text)?;
            }
            Ok(changed)
        })
    }

    /// Adds a note to an order's history.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note(&self, id: &TiktokOrderId, kind: &str, text: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| write_history(transaction, run, id, now, kind, text))
    }
}

pub(super) fn decide(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    decided: &Decided,
    now: DateTime<Utc>,
) -> Result<State> {
    let next = decided.from.after(decided.step)?;
    let before = read_flags(transaction, id)?;
    let same_detail: Option<String> =
        transaction.query_row("SELECT state_detail FROM orders WHERE id = ?1", [id.as_str()], |row| {
            row.get(0)
        })?;
    if next != decided.from || before != decided.flags || same_detail != decided.detail {
        change_state(
            transaction,
            run,
            id,
            decided.from,
            decided.step,
            &decided.explanation,
            now,
        )?;
    }
    transaction.execute(
        "UPDATE orders SET state_detail = ?2, next_attempt_at = ?3 WHERE id = ?1",
        (id.as_str(), &decided.detail, decided.next_attempt_at.map(seconds)),
    )?;
    for gone in before
        .iter()
        .filter(|flag| !decided.flags.iter().any(|now| is_same_flag(now, flag)))
    {
        transaction.execute(
            "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3",
            (id.as_str(), gone.reason.as_str(), &gone.detail),
        )?;
    }
    for flag in &decided.flags {
        raise_flag(transaction, run, id, flag, now)?;
    }
    if matches!(next, State::Ready | State::Flagged) {
        tell_validated(transaction, id, &decided.flags, now)?;
    }
    Ok(next)
}

fn is_same_flag(left: &Flag, right: &Flag) -> bool {
    left.reason == right.reason && left.detail == right.detail
}

/// Writes the event of a validation once for each different result.
fn tell_validated(transaction: &Transaction<'_>, id: &TiktokOrderId, flags: &[Flag], now: DateTime<Utc>) -> Result<()> {
    let errors: Vec<_> = flags.iter().map(|flag| (flag.reason, flag.detail.clone())).collect();
    let event = Event::OrderValidated {
        order: id.clone(),
        valid: errors.is_empty(),
        errors,
    };
    let result = event.data().to_string();
    let told = transaction.execute(
        "UPDATE orders SET validated = ?2 WHERE id = ?1 AND validated IS NOT ?2",
        (id.as_str(), &result),
    )?;
    if told > 0 {
        events::insert(transaction, &event, now)?;
    }
    Ok(())
}

pub(super) fn raise_flag(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    flag: &Flag,
    now: DateTime<Utc>,
) -> Result<bool> {
    let is_known: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM flags WHERE order_id = ?1 AND reason = ?2 AND detail = ?3)",
        (id.as_str(), flag.reason.as_str(), &flag.detail),
        |row| row.get(0),
    )?;
    transaction.execute(
        "INSERT INTO flags (order_id, reason, detail, message, next_command, raised_at)
         VALUES (:order, :reason, :detail, :message, :command, :now)
         ON CONFLICT DO UPDATE SET message = excluded.message, next_command = excluded.next_command",
        named_params! {
            ":order": id.as_str(), ":reason": flag.reason.as_str(), ":detail": flag.detail,
            ":message": flag.message, ":command": flag.next_command, ":now": seconds(now),
        },
    )?;
    if !is_known {
        let text = format!("{} ({}): {}", flag.reason, flag.detail, flag.message);
        write_history(transaction, run, id, now, "flag", &text)?;
        let event = Event::OrderFailed {
            order: id.clone(),
            reason: flag.reason,
            error: flag.message.clone(),
        };
        events::insert(transaction, &event, now)?;
    }
    Ok(!is_known)
}

/// Changes the state when the order is still in `from`; one row or nothing.
pub(super) fn change_state(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    from: State,
    step: Step,
    why: &str,
    now: DateTime<Utc>,
) -> Result<State> {
    let next = from.after(step)?;
    let changed = transaction.execute(
        "UPDATE orders SET state = :next, state_detail = NULL, next_attempt_at = NULL,
             state_since = CASE WHEN state = :next THEN state_since ELSE :now END
         WHERE id = :id AND state = :from",
        named_params! {":next": next.as_str(), ":now": seconds(now), ":id": id.as_str(), ":from": from.as_str()},
    )?;
    if changed != 1 {
        return Err(Error::Overtaken {
            order: id.to_string(),
            expected: from,
        });
    }
    transaction.execute(
        "INSERT INTO history (order_id, run_id, at, kind, from_state, to_state, text)
         VALUES (:order, :run, :now, 'state', :from, :next, :text)",
        named_params! {
            ":order": id.as_str(), ":run": run, ":now": seconds(now),
            ":from": from.as_str(), ":next": next.as_str(), ":text": why,
        },
    )?;
    Ok(next)
}

pub(super) fn write_history(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    now: DateTime<Utc>,
    kind: &str,
    text: &str,
) -> Result<()> {
    transaction
        .prepare_cached("INSERT INTO history (order_id, run_id, at, kind, text) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((id.as_str(), run, seconds(now), kind, text))?;
    Ok(())
}

fn known_status(connection: &Connection, id: &TiktokOrderId) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT tiktok_status FROM orders WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?)
}

/// A change of status at TikTok lets a waiting order be looked at at once.
fn note_status(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    order: &Order,
    before: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    transaction.execute(
        "UPDATE orders SET next_attempt_at = NULL WHERE id = ?1",
        [order.id.as_str()],
    )?;
    let text = format!("TikTok's status went from {before} to {}", order.status);
    write_history(transaction, run, &order.id, now, "tiktok", &text)
}

fn insert_order(transaction: &Transaction<'_>, order: &Order, now: DateTime<Utc>) -> Result<()> {
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

fn update_facts(transaction: &Transaction<'_>, order: &Order) -> Result<()> {
    transaction
        .prepare_cached(
            "UPDATE orders SET tiktok_status = :status, fulfillment_type = :fulfillment_type, shipping_type = :shipping_type,
                 order_type = :order_type, is_on_hold_order = :is_on_hold_order, cancel_requested = :cancel_requested,
                 authentication_required = :authentication_required, is_cash_on_delivery = :is_cash_on_delivery,
                 warehouse_id = :warehouse_id, delivery_option_id = :delivery_option_id,
                 delivery_option_name = :delivery_option_name, created_at = :created_at, paid_at = :paid_at,
                 updated_at = :updated_at, release_at = :release_at, ship_by = :ship_by, scanned_by = :scanned_by,
                 cancelled_unless_shipped_by = :cancelled_unless_shipped_by,
                 cancelled_unless_scanned_by = :cancelled_unless_scanned_by,
                 total_amount = :total_amount, total_currency = :total_currency
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": order.id.as_str(),
            ":status": order.status.as_str(),
            ":fulfillment_type": order.fulfillment_type.as_ref().map(FulfillmentType::as_str),
            ":shipping_type": order.shipping_type.as_ref().map(ShippingType::as_str),
            ":order_type": order.order_type,
            ":is_on_hold_order": order.is_on_hold_order,
            ":cancel_requested": order.cancel_requested,
            ":authentication_required": order.authentication_required,
            ":is_cash_on_delivery": order.is_cash_on_delivery,
            ":warehouse_id": order.warehouse_id.as_ref().map(WarehouseId::as_str),
            ":delivery_option_id": order.delivery_option_id.as_ref().map(DeliveryOptionId::as_str),
            ":delivery_option_name": order.delivery_option_name,
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
        })?;
    Ok(())
}

/// Writes the units. Only the detail call knows the parts of a bundle, so the list call leaves them as they are.
fn write_lines(transaction: &Transaction<'_>, order: &Order, with_parts: bool) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO line_items (order_id, id, position, product_id, sku_id, seller_sku, product_name, status, package_id,
             tracking_number, shipping_provider_id, parts)
         VALUES (:order, :id, :position, :product, :sku, :seller_sku, :name, :status, :package, :tracking, :provider, :parts)
         ON CONFLICT (order_id, id) DO UPDATE SET
             product_id = excluded.product_id, sku_id = excluded.sku_id, seller_sku = excluded.seller_sku,
             product_name = excluded.product_name, status = excluded.status, package_id = excluded.package_id,
             tracking_number = excluded.tracking_number, shipping_provider_id = excluded.shipping_provider_id,
             parts = CASE WHEN :with_parts THEN excluded.parts ELSE parts END",
    )?;
    for (position, line) in order.line_items.iter().enumerate() {
        let parts = serde_json::to_string(&line.parts).map_err(|_| Error::Unreadable { what: "bundle parts" })?;
        statement.execute(named_params! {
            ":order": order.id.as_str(),
            ":id": line.id.as_str(),
            ":position": i64::try_from(position).unwrap_or(i64::MAX),
            ":product": line.product_id.as_str(),
            ":sku": line.sku_id.as_str(),
            ":seller_sku": line.seller_sku.as_ref().map(SellerSku::as_str),
            ":name": line.product_name,
            ":status": line.status.as_str(),
            ":package": line.package_id.as_ref().map(PackageId::as_str),
            ":tracking": line.tracking_number,
            ":provider": line.shipping_provider_id.as_ref().map(ShippingProviderId::as_str),
            ":parts": parts,
            ":with_parts": with_parts,
        })?;
    }
    Ok(())
}

fn read_order(row: &Row<'_>) -> rusqlite::Result<(StoredOrder, Option<Vec<u8>>)> {
    let state: String = row.get("state")?;
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
        order_type: word("order_type")?,
        is_on_hold_order: row.get("is_on_hold_order")?,
        cancel_requested: row.get("cancel_requested")?,
        authentication_required: row.get("authentication_required")?,
        is_cash_on_delivery: row.get("is_cash_on_delivery")?,
        warehouse_id: word("warehouse_id")?.map(WarehouseId::new),
        delivery_option_id: word("delivery_option_id")?.map(DeliveryOptionId::new),
        delivery_option_name: word("delivery_option_name")?,
        times: OrderTimes {
            created_at: time(row, "created_at")?,
            paid_at: optional_time(row, "paid_at")?,
            updated_at: time(row, "updated_at")?,
            release_at: optional_time(row, "release_at")?,
        },
        deadlines: Deadlines {
            ship_by: optional_time(row, "ship_by")?,
            scanned_by: optional_time(row, "scanned_by")?,
            cancelled_unless_shipped_by: optional_time(row, "cancelled_unless_shipped_by")?,
            cancelled_unless_scanned_by: optional_time(row, "cancelled_unless_scanned_by")?,
        },
        line_items: Vec::new(),
        recipient: Private::default(),
        total,
    };
    let stored = StoredOrder {
        order,
        state: State::read(&state).unwrap_or(State::Flagged),
        state_detail: word("state_detail")?,
        state_since: time(row, "state_since")?,
        next_attempt_at: optional_time(row, "next_attempt_at")?,
        held: row.get("held")?,
        detected_at: instant(row.get("detected_at")?),
    };
    Ok((stored, row.get("recipient_sealed")?))
}

fn read_lines(connection: &Connection, id: &TiktokOrderId) -> Result<Vec<LineItem>> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM line_items WHERE order_id = ?1 ORDER BY position, id")?;
    let rows = statement.query_map([id.as_str()], |row| {
        let line = LineItem {
            id: LineItemId::new(row.get::<_, String>("id")?),
            product_id: ProductId::new(row.get::<_, String>("product_id")?),
            sku_id: TiktokSkuId::new(row.get::<_, String>("sku_id")?),
            seller_sku: row.get::<_, Option<String>>("seller_sku")?.map(SellerSku::new),
            product_name: row.get("product_name")?,
            status: LineStatus::read(&row.get::<_, String>("status")?),
            package_id: row.get::<_, Option<String>>("package_id")?.map(PackageId::new),
            tracking_number: row.get("tracking_number")?,
            shipping_provider_id: row
                .get::<_, Option<String>>("shipping_provider_id")?
                .map(ShippingProviderId::new),
            parts: Vec::new(),
        };
        Ok((line, row.get::<_, String>("parts")?))
    })?;
    let mut lines = Vec::new();
    for row in rows {
        let (mut line, parts) = row?;
        line.parts = serde_json::from_str(&parts).map_err(|_| Error::Unreadable { what: "bundle parts" })?;
        lines.push(line);
    }
    Ok(lines)
}

pub(super) fn read_flags(connection: &Connection, id: &TiktokOrderId) -> Result<Vec<Flag>> {
    let mut statement = connection.prepare_cached(
        "SELECT reason, detail, message, next_command FROM flags WHERE order_id = ?1 ORDER BY raised_at, rowid",
    )?;
    let rows = statement.query_map([id.as_str()], |row| {
        Ok((
            row.get::<_, String>("reason")?,
            row.get("detail")?,
            row.get("message")?,
            row.get("next_command")?,
        ))
    })?;
    let mut flags = Vec::new();
    for row in rows {
        let (reason, detail, message, next_command) = row?;
        let reason = Reason::read(&reason).ok_or(Error::Unreadable { what: "reason" })?;
        flags.push(Flag {
            reason,
            detail,
            message,
            next_command,
        });
    }
    Ok(flags)
}
