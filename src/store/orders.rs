//! Orders as TikTok shows them: storing pages and details, and finding the orders that are due.

use chrono::{DateTime, Utc};

use super::dispatch::open_lives;
use super::due::DUE;
use super::engine::{Connection, OptionalExtension, Transaction, named_params};
use super::order_rows::{
    StoredOrder, insert_order, insert_unread, read_lines, read_order, read_state, update_facts, write_lines,
};
use super::steps::{change_state, write_history};
use super::vault::Place;
use super::{Result, Store, acceptances, outbox, runs, seconds, time};
use crate::crash;
use crate::domain::event::Event;
use crate::domain::flag::{Detail, Reason};
use crate::domain::ids::{TiktokOrderId, WarehouseId};
use crate::domain::order::{FulfillmentType, LineItem, LineStatus, Order, OrderStatus, Recipient, ShippingType};
use crate::domain::routing::doubts::changed;
use crate::domain::state::{State, Step};
use crate::secret::Private;

/// What storing a page of orders showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// Orders seen for the first time.
    pub detected: Vec<TiktokOrderId>,
    /// Orders whose status changed since.
    pub changed: Vec<TiktokOrderId>,
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
                match see(transaction, run, order, now)? {
                    Seen::New => intake.detected.push(order.id.clone()),
                    Seen::Changed => intake.changed.push(order.id.clone()),
                    Seen::Same => {}
                }
                write_lines(transaction, order, false)?;
            }
            crash::point("page.before_cursor");
            if let Some((name, to)) = cursor {
                runs::move_cursor(transaction, name, to)?;
            }
            Ok(intake)
        })
    }

    /// Stores orders of which the list call gave no more than the id that could be read, so that their details are asked for. Returns
    /// those seen for the first time.
    pub fn take_in_unread(&self, ids: &[TiktokOrderId], now: DateTime<Utc>) -> Result<Vec<TiktokOrderId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let run = self.run_id();
        self.write(|transaction| {
            let mut new = Vec::new();
            for id in ids {
                if known_status(transaction, id)?.is_none() {
                    insert_unread(transaction, id, now)?;
                    tell_detected(transaction, run, id, now)?;
                    new.push(id.clone());
                }
            }
            Ok(new)
        })
    }

    /// Stores orders as the detail call shows them that are not to be decided: without their recipients, of which they have no need.
    pub fn take_in_known(&self, orders: &[Order], now: DateTime<Utc>) -> Result<()> {
        self.take_in(orders, None, now)?;
        let run = self.run_id();
        self.write(|transaction| {
            orders.iter().try_for_each(|order| {
                write_lines(transaction, order, true)?;
                mark_whole(transaction, order)?;
                forget_unread(transaction, run, &order.id, now)
            })
        })
    }

    /// Stores an order as the detail call shows it, with its parts and its recipient. That it could not be read before is over.
    pub fn take_in_detail(&self, order: &Order, now: DateTime<Utc>) -> Result<()> {
        let sealed = self.seal(order.recipient.expose(), recipient_of(&order.id))?;
        let before = self.order(&order.id)?;
        let run = self.run_id();
        self.write(|transaction| {
            if let Some(before) = &before {
                let changed = changed(&before.order, order);
                acceptances::end_if_changed(transaction, run, &order.id, &changed, now)?;
            }
            see(transaction, run, order, now)?;
            forget_unread(transaction, run, &order.id, now)?;
            write_lines(transaction, order, true)?;
            mark_whole(transaction, order)?;
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
                    let recipient: Recipient = self.unseal(&sealed, recipient_of(id), "recipient")?;
                    stored.order.recipient = Private::new(recipient);
                }
                Ok(stored)
            })
            .transpose()
    }

    /// Returns where an order stands; `None` where it is not known.
    pub fn state(&self, id: &TiktokOrderId) -> Result<Option<State>> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT life FROM orders WHERE id = ?1")?
                .query_row([id.as_str()], |row| read_state(row, "life"))
                .optional()?)
        })
    }

    /// Returns the orders that may be decided now, the nearest deadline first: new ones, waiting ones whose time has come,
    /// ready ones, flagged ones whose cause may have gone. Orders that the operator holds are left out, unless TikTok cancelled them.
    pub fn undecided(&self, now: DateTime<Utc>) -> Result<Vec<TiktokOrderId>> {
        self.ids(
            &format!(
                "SELECT id FROM orders
                 WHERE (held = 0 OR tiktok_status = 'CANCELLED')
                   AND (state IN ('detected', 'ready') OR (state IN ('waiting', 'flagged') AND coalesce(next_attempt_at, 0) <= ?1))
                 ORDER BY {DUE}, id"
            ),
            [seconds(now)],
        )
    }

    /// Returns the orders that TikTok may still change, for the repair sweep.
    pub fn open_orders(&self) -> Result<Vec<TiktokOrderId>> {
        self.ids(
            &format!(
                "SELECT id FROM orders WHERE life IN ({}) ORDER BY created_at, id",
                open_lives()
            ),
            [],
        )
    }

    /// Returns the orders since `since` that lie in a warehouse of nobody here and that can still be shipped.
    pub fn orders_elsewhere(&self, since: DateTime<Utc>) -> Result<Vec<TiktokOrderId>> {
        self.ids(
            "SELECT id FROM orders WHERE state = 'not_eligible' AND state_detail = 'other_warehouse'
               AND tiktok_status IN ('UNPAID', 'ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SHIPPING')
               AND created_at >= ?1 ORDER BY created_at, id",
            [seconds(since)],
        )
    }

    /// Returns the units that TikTok sold and that Amazon has not been sent yet, of orders that may still be sent, with the time when we
    /// first saw the order.
    pub fn unrouted_lines(&self) -> Result<Vec<(DateTime<Utc>, LineItem)>> {
        let query =
            "SELECT id, detected_at FROM orders WHERE state IN ('detected', 'waiting', 'ready', 'flagged') ORDER BY id";
        let orders = self.rows(query, [], |row| {
            let id = TiktokOrderId::new(row.get::<_, String>("id")?);
            Ok((id, time(row, "detected_at")?))
        })?;
        let mut lines = Vec::new();
        for (id, detected_at) in orders {
            let found = self.read(|connection| read_lines(connection, &id))?;
            lines.extend(found.into_iter().filter(is_open).map(|line| (detected_at, line)));
        }
        Ok(lines)
    }

    pub(super) fn ids(&self, query: &str, parameters: impl super::engine::Params) -> Result<Vec<TiktokOrderId>> {
        self.rows(query, parameters, |row| row.get::<_, String>(0).map(TiktokOrderId::new))
    }
}

/// Notes that the details were stored. What only the list left out they say: a mark that they don't bear any more is gone.
/// Where the recipient of an order lies.
fn recipient_of(order: &TiktokOrderId) -> Place<'_> {
    Place::new("orders", "recipient_sealed", order.as_str())
}

fn mark_whole(transaction: &Transaction<'_>, order: &Order) -> Result<()> {
    transaction
        .prepare_cached(
            "UPDATE orders SET is_read_whole = 1, has_updated_address = ?2, is_release_unreadable = ?3 WHERE id = ?1",
        )?
        .execute((
            order.id.as_str(),
            order.has_updated_address,
            order.times.is_release_unreadable,
        ))?;
    Ok(())
}

/// How an order compares with what was known of it.
enum Seen {
    New,
    Changed,
    Same,
}

/// Stores what TikTok says about an order, with its event when it is new and its history row when its status changed.
fn see(transaction: &Transaction<'_>, run: Option<i64>, order: &Order, now: DateTime<Utc>) -> Result<Seen> {
    let seen = take_in(transaction, run, order, now)?;
    transaction
        .prepare_cached("UPDATE orders SET seen_at = ?2 WHERE id = ?1")?
        .execute((order.id.as_str(), seconds(now)))?;
    Ok(seen)
}

fn take_in(transaction: &Transaction<'_>, run: Option<i64>, order: &Order, now: DateTime<Utc>) -> Result<Seen> {
    let Some(before) = known_status(transaction, &order.id)? else {
        insert_order(transaction, order, now)?;
        tell_detected(transaction, run, &order.id, now)?;
        return Ok(Seen::New);
    };
    let is_again_undecided = may_be_ours_now(transaction, order)?;
    acceptances::end_if_in_another_warehouse(transaction, run, order, now)?;
    update_facts(transaction, order)?;
    let is_changed = before != order.status.as_str();
    if is_changed {
        note_status(transaction, run, order, &before, now)?;
    }
    if is_again_undecided {
        let why = "what TikTok says of it changed; it is decided anew";
        change_state(transaction, run, &order.id, State::NotEligible, Step::Release, why, now)?;
    }
    Ok(if is_changed { Seen::Changed } else { Seen::Same })
}

/// Tells whether an order that was not ours to route may be now: it can still be shipped, and one of the facts that decide changed.
/// What TikTok does not say this time did not change: the list call may say less than the detail call did.
fn may_be_ours_now(connection: &Connection, order: &Order) -> Result<bool> {
    let can_be_shipped = match &order.status {
        OrderStatus::Unpaid
        | OrderStatus::OnHold
        | OrderStatus::AwaitingShipment
        | OrderStatus::PartiallyShipping
        | OrderStatus::Other(_) => true,
        OrderStatus::AwaitingCollection
        | OrderStatus::InTransit
        | OrderStatus::Delivered
        | OrderStatus::Completed
        | OrderStatus::Cancelled => false,
    };
    let is_set_aside: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM orders WHERE id = ?1 AND state = 'not_eligible')")?
        .query_row([order.id.as_str()], |row| row.get(0))?;
    if !can_be_shipped || !is_set_aside {
        return Ok(false);
    }
    let is_other: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM orders WHERE id = :id AND (tiktok_status IS DISTINCT FROM :status
                 OR coalesce(:fulfillment_type, fulfillment_type) IS DISTINCT FROM fulfillment_type
                 OR coalesce(:shipping_type, shipping_type) IS DISTINCT FROM shipping_type
                 OR coalesce(:warehouse_id, warehouse_id) IS DISTINCT FROM warehouse_id))",
        )?
        .query_row(
            named_params! {
                ":id": order.id.as_str(),
                ":status": order.status.as_str(),
                ":fulfillment_type": order.fulfillment_type.as_ref().map(FulfillmentType::as_str),
                ":shipping_type": order.shipping_type.as_ref().map(ShippingType::as_str),
                ":warehouse_id": order.warehouse_id.as_ref().map(WarehouseId::as_str),
            },
            |row| row.get(0),
        )?;
    let known = read_lines(connection, &order.id)?;
    let is_known = |line: &LineItem| {
        known
            .iter()
            .any(|known| known.id == line.id && known.status == line.status)
    };
    Ok(is_other || !order.line_items.iter().all(is_known))
}

fn tell_detected(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    now: DateTime<Utc>,
) -> Result<()> {
    let text = "seen at TikTok for the first time";
    write_history(transaction, run, id, now, "detected", text)?;
    let event = Event::OrderDetected {
        order: id.clone(),
        at: now,
    };
    outbox::insert(transaction, &event, now)
}

/// Clears the flags that say that TikTok's details of an order could not be read.
fn forget_unread(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    now: DateTime<Utc>,
) -> Result<()> {
    let gone = transaction.execute(
        "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2 AND detail IN (?3, ?4)",
        (
            id.as_str(),
            Reason::TiktokApiError.as_str(),
            Detail::Unreadable.as_str(),
            Detail::NotShown.as_str(),
        ),
    )?;
    if gone > 0 {
        write_history(transaction, run, id, now, "flag", "TikTok shows its details again")?;
    }
    Ok(())
}

/// A status that is not known, such as that of the hold hour, says nothing of a parcel: the unit is still owed.
pub(super) fn is_open(line: &LineItem) -> bool {
    match line.status {
        LineStatus::Unpaid | LineStatus::AwaitingShipment | LineStatus::Other(_) => true,
        LineStatus::AwaitingCollection
        | LineStatus::InTransit
        | LineStatus::Delivered
        | LineStatus::Completed
        | LineStatus::Cancelled => false,
    }
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
    let text = if before.is_empty() {
        format!("TikTok's status is {}", order.status)
    } else {
        format!("TikTok's status went from {before} to {}", order.status)
    };
    write_history(transaction, run, &order.id, now, "tiktok", &text)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::eligibility::{EligibilityRules, judge};
    use crate::domain::ids::TiktokSkuId;
    use crate::domain::order::tests_support::plain_order;
    use crate::domain::order::{
        BundlePart, Deadlines, DeliveryType, FastDelivery, HandlingTime, ListingType, OrderType,
    };
    use crate::store::tests_support::{filled_at, store};

    #[test]
    fn an_order_that_comes_twice_in_one_page_is_one_row() {
        let (_folder, store) = store();
        let page = [plain_order("1"), plain_order("1"), plain_order("2")];
        let intake = store.take_in(&page, None, filled_at()).expect("stored");
        assert_eq!(
            intake.detected,
            [TiktokOrderId::new("1"), TiktokOrderId::new("2")],
            "E01"
        );
        let again = store.take_in(&page, None, filled_at()).expect("stored");
        assert_eq!(again, Intake::default(), "E01");
        assert_eq!(store.undecided(filled_at()).expect("readable").len(), 2, "E01");
    }

    #[test]
    fn what_a_list_that_says_less_leaves_out_stays_as_the_details_told_it() {
        let (_folder, store) = store();
        let told = plain_order("1");
        store.take_in_detail(&told, filled_at()).expect("stored");
        let mut lean = told.clone();
        lean.delivery_option_id = None;
        lean.deadlines = Deadlines::default();
        lean.line_items[0].seller_sku = None;
        lean.line_items[0].product_id = None;
        store.take_in(&[lean], None, filled_at()).expect("stored");
        let known = store.order(&told.id).expect("readable").expect("known").order;
        assert_eq!(known.delivery_option_id, told.delivery_option_id);
        assert_eq!(known.deadlines, told.deadlines);
        assert_eq!(known.line_items, told.line_items);
    }

    /// Every fact that a rule reads, changed one after the other.
    fn all_kinds() -> Vec<Order> {
        let changes: [fn(&mut Order); 25] = [
            |_| {},
            |order| order.delivery_type = Some(DeliveryType::CollectionPoint),
            |order| order.delivery_type = Some(DeliveryType::read("DRONE")),
            |order| order.delivery_type = None,
            |order| order.is_cash_on_delivery = true,
            |order| order.has_updated_address = true,
            |order| order.times.is_release_unreadable = true,
            |order| order.times.release_at = Some(order.times.created_at + TimeDelta::days(9)),
            |order| order.order_type = Some(OrderType::PreOrder),
            |order| order.order_type = None,
            |order| order.warehouse_id = Some(WarehouseId::new("7")),
            |order| order.is_on_hold_order = None,
            |order| order.authentication_required = true,
            |order| order.cancel_requested = true,
            |order| order.deadlines.scanned_by = Some(order.times.created_at),
            |order| order.shipping_type = Some(ShippingType::StorePickup),
            |order| order.fast_delivery = Some(FastDelivery::read("3_DAY_POTENTIAL_SHIPPING")),
            |order| order.purpose.is_sample = Some(true),
            |order| order.purpose.is_refundable_sample = Some(true),
            |order| {
                order.purpose.is_replacement = Some(true);
                order.purpose.replaced_order_id = Some(TiktokOrderId::new("576900000000000007"));
            },
            |order| {
                order.purpose.is_exchange = Some(true);
                order.purpose.exchange_source_order_id = Some(TiktokOrderId::new("576900000000000008"));
            },
            |order| order.auto_combine_group_id = Some("5767".to_owned()),
            |order| {
                order.times.handling = Some(HandlingTime {
                    days: 5,
                    is_by_calendar: true,
                });
            },
            |order| {
                order.line_items[0].is_gift = Some(true);
                order.line_items[0].listing_type = Some(ListingType::Temporary);
            },
            |order| {
                order.line_items[0].parts = vec![BundlePart {
                    sku_id: TiktokSkuId::new("9"),
                    product_id: None,
                    seller_sku: None,
                    count: 2,
                }];
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
    fn an_order_is_judged_from_the_store_as_from_tiktoks_answer_e130() {
        let (_folder, store) = store();
        let rules = EligibilityRules {
            grace: TimeDelta::hours(1),
            warehouses: plain_order("1").warehouse_id.into_iter().collect(),
        };
        for told in all_kinds() {
            store.take_in_detail(&told, filled_at()).expect("stored");
            let stored = store.order(&told.id).expect("readable").expect("known");
            let now = told.times.created_at + TimeDelta::minutes(30);
            assert_eq!(judge(&stored.order, &rules, now), judge(&told, &rules, now), "E130");
            assert_eq!(stored.order, told, "E130");
            assert!(stored.is_read_whole, "E130");
        }
    }

    #[test]
    fn the_list_neither_makes_an_order_whole_nor_takes_a_fact_away_e130() {
        let (_folder, store) = store();
        let mut told = plain_order("1");
        told.delivery_type = Some(DeliveryType::CollectionPoint);
        told.times.is_release_unreadable = true;
        store.take_in(&[told.clone()], None, filled_at()).expect("stored");
        let known = || store.order(&told.id).expect("readable").expect("known");
        assert!(!known().is_read_whole, "E130: only the details are whole");
        store.take_in_detail(&told, filled_at()).expect("stored");
        let lean = Order {
            delivery_type: None,
            ..plain_order("1")
        };
        store.take_in(&[lean], None, filled_at()).expect("stored");
        assert_eq!(known().order, told, "E130");
    }

    #[test]
    fn a_stored_word_or_time_that_can_not_be_is_an_error_and_no_default_e130() {
        for (column, value) in [
            ("state", "'odd'"),
            ("created_at", "9223372036854775807"),
            ("release_at", "9e15"),
        ] {
            let (_folder, store) = store();
            store.take_in_detail(&plain_order("1"), filled_at()).expect("stored");
            let spoil = format!("PRAGMA ignore_check_constraints = 1; UPDATE orders SET {column} = {value}");
            store.connection().execute_batch(&spoil).expect("spoiled");
            let error = store.order(&TiktokOrderId::new("1")).expect_err("no order");
            assert_eq!(error.to_string(), format!("the stored {column} can't be read"), "E130");
        }
    }
}
