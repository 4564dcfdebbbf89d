//! What is known of the hand-over of orders to their carriers. Whether that was in time says `domain::deadline::dispatch`.

use chrono::{DateTime, Utc};

use super::engine::{Row, named_params};
use super::order_rows::read_state;
use super::{Result, Store, optional_time, seconds};
use crate::domain::deadline::dispatch::Dispatch;
use crate::domain::fulfillment::FulfillmentStatus;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{Deadlines, OrderStatus};
use crate::domain::state::State;

/// `Deadlines::handed_over_by` as SQL.
const DUE: &str = "coalesce(scanned_by, ship_by)";

/// A row for each parcel of an order, and one for an order without parcels; the parcel that left last comes last. What a fulfillment
/// order that was cancelled never shipped is none of its parcels.
const DISPATCHES: &str = "
    SELECT orders.id, life, tiktok_status, scanned_by, ship_by, newest.amazon_status,
           coalesce((SELECT max(at) FROM history WHERE history.order_id = orders.id AND to_state = 'cancelled'), state_since) AS cancelled_at,
           (SELECT count(*) FROM line_items AS unit WHERE unit.order_id = orders.id AND unit.status NOT IN ('CANCELLED', 'CANCEL')
                AND NOT EXISTS (SELECT 1 FROM parcel_lines JOIN parcels ON parcels.id = parcel_id
                    WHERE parcels.order_id = orders.id AND line_item_id = unit.id)) AS units_without_parcel,
           EXISTS (SELECT 1 FROM speeds WHERE speeds.order_id = orders.id AND is_at_risk = 1) AS is_planned_late,
           (SELECT chosen FROM speeds WHERE speeds.order_id = orders.id) AS speed,
           parcels.id IS NOT NULL AS has_parcel, parcels.shipped_at,
           coalesce(parcels.provider_name, nullif(parcels.carrier_code, '')) AS carrier
    FROM orders
         LEFT JOIN fulfillment_orders AS newest ON newest.order_id = orders.id
             AND newest.generation = (SELECT max(generation) FROM fulfillment_orders WHERE order_id = orders.id)
         LEFT JOIN parcels ON parcels.order_id = orders.id
             AND (parcels.shipped_at IS NOT NULL OR parcels.fulfillment_order_id = newest.id)";

impl Store {
    /// Returns the orders that were or are due at or after `since`, and those that are open, whenever they were due.
    pub fn dispatches(&self, since: DateTime<Utc>) -> Result<Vec<Dispatch>> {
        let query = format!(
            "{DISPATCHES} WHERE orders.id IN (SELECT id FROM orders WHERE {DUE} >= :since
                 UNION ALL SELECT id FROM orders WHERE {DUE} IS NOT NULL AND life IN ({}))
             ORDER BY orders.id, parcels.shipped_at, parcels.id",
            open_lives()
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query(named_params! { ":since": seconds(since) })?;
            let mut orders: Vec<Dispatch> = Vec::new();
            while let Some(row) = rows.next()? {
                let id: String = row.get("id")?;
                if orders.last().is_none_or(|last| last.order.as_str() != id) {
                    orders.push(read_dispatch(&row, id)?);
                }
                if let Some(order) = orders.last_mut() {
                    add_parcel(&row, order)?;
                }
            }
            Ok(orders)
        })
    }
}

/// The states in which an order is not over, for a list in SQL.
/// The lives that have not ended, as a list for SQL.
pub(super) fn open_lives() -> String {
    let open = State::ALL.into_iter().filter(|state| !state.has_ended());
    open.map(|state| format!("'{state}'")).collect::<Vec<_>>().join(", ")
}

fn read_dispatch(row: &Row<'_>, id: String) -> rusqlite::Result<Dispatch> {
    let life = read_state(row, "life")?;
    let amazon_status: Option<String> = row.get("amazon_status")?;
    Ok(Dispatch {
        order: TiktokOrderId::new(id),
        deadlines: Deadlines {
            ship_by: optional_time(row, "ship_by")?,
            scanned_by: optional_time(row, "scanned_by")?,
            ..Deadlines::default()
        },
        life,
        tiktok_status: OrderStatus::read(&row.get::<_, String>("tiktok_status")?),
        cancelled_at: optional_time(row, "cancelled_at")?.filter(|_| life == State::Cancelled),
        parcels: Vec::new(),
        units_without_parcel: row.get("units_without_parcel")?,
        is_complete: amazon_status.is_some_and(|word| FulfillmentStatus::read(&word) == FulfillmentStatus::Complete),
        is_planned_late: row.get("is_planned_late")?,
        speed: row.get("speed")?,
        carrier: None,
    })
}

fn add_parcel(row: &Row<'_>, order: &mut Dispatch) -> rusqlite::Result<()> {
    if row.get("has_parcel")? {
        order.parcels.push(optional_time(row, "shipped_at")?);
        order.carrier = row.get("carrier")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::deadline::dispatch::Timeliness;
    use crate::domain::fulfillment::ShippingSpeed;
    use crate::domain::order::tests_support::plain_order;
    use crate::domain::routing::ChosenSpeed;
    use crate::domain::tracking::overdue::Plan;
    use crate::store::overview::tests_support::insert_parcel;
    use crate::store::tests_support::store;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    /// Orders of every kind of life, due a day before noon.
    fn filled(store: &Store) {
        for (place, life) in State::ALL.into_iter().enumerate() {
            let mut order = plain_order(&place.to_string());
            order.deadlines.scanned_by = Some(noon() - TimeDelta::days(1));
            order.deadlines.ship_by = Some(noon() - TimeDelta::days(9));
            store
                .take_in_detail(&order, noon() - TimeDelta::days(2))
                .expect("stored");
            set(store, "state = ?2", &place.to_string(), life.as_str());
        }
    }

    fn set(store: &Store, what: &str, order: &str, value: &str) {
        let query = format!("UPDATE orders SET {what} WHERE id = ?1");
        let done = store.write(|transaction| Ok(transaction.execute(&query, (order, value))?));
        assert_eq!(done.expect("written"), 1);
    }

    fn found(store: &Store, since: DateTime<Utc>) -> Vec<String> {
        let orders = store.dispatches(since).expect("read");
        orders.iter().map(|order| order.order.to_string()).collect()
    }

    #[test]
    fn the_list_has_whatever_the_rule_counts() {
        let (_folder, store) = store();
        filled(&store);
        let (all, later) = (noon() - TimeDelta::days(30), noon());
        assert_eq!(found(&store, all).len(), State::ALL.len());
        let open = found(&store, later);
        let orders = store.dispatches(all).expect("read");
        for order in &orders {
            let how = order.timeliness(noon());
            let is_listed = open.contains(&order.order.to_string());
            assert_eq!(is_listed, how == Timeliness::OpenLate, "{:?}: {how:?}", order.life);
            assert_eq!(
                order.deadlines.handed_over_by(),
                Some(noon() - TimeDelta::days(1)),
                "not the number's"
            );
        }
    }

    #[test]
    fn who_is_told_to_be_at_risk_is_counted_and_nobody_else_e148_e149() {
        let (_folder, store) = store();
        let mut order = plain_order("1");
        order.deadlines.scanned_by = Some(noon());
        let (before, margin) = (noon() - TimeDelta::days(1), TimeDelta::hours(2));
        store.take_in_detail(&order, before).expect("stored");
        let is_at_risk = || store.dispatches(before).expect("read").remove(0).is_at_risk(before);
        assert!(!is_at_risk(), "E150: nothing is known");
        let chosen = |is_at_risk| ChosenSpeed {
            speed: ShippingSpeed::Standard,
            because: String::new(),
            deadline: Some(noon()),
            latest_ship_at: Some(noon() - TimeDelta::hours(1)),
            arrives_at: None,
            fees: None,
            is_at_risk,
        };
        for expected in [true, false] {
            store.keep_speed(&order.id, &chosen(expected), before).expect("kept");
            assert_eq!(is_at_risk(), expected, "E148: the preview with its margin");
        }
        for (hours, expected) in [(1, true), (2, false), (3, false), (-1, true)] {
            let plan = Plan::of(noon() - TimeDelta::hours(hours), noon(), margin);
            store.note_planned(&order.id, plan, before).expect("noted");
            assert_eq!(is_at_risk(), expected, "E149: Amazon's plan {hours} hours before");
        }
        let told = store.rows("SELECT data FROM events WHERE kind = 'order.at_risk'", [], |row| {
            row.get::<_, String>(0)
        });
        assert_eq!(told.expect("read").len(), 1, "once an order");
    }

    #[test]
    fn orders_without_a_deadline_are_left_out() {
        let (_folder, store) = store();
        let mut order = plain_order("1");
        order.deadlines = Deadlines::default();
        store.take_in_detail(&order, noon()).expect("stored");
        assert_eq!(found(&store, noon() - TimeDelta::days(30)), Vec::<String>::new());
    }

    #[test]
    fn a_dismissed_order_is_judged_by_where_it_stands_at_amazon() {
        let (_folder, store) = store();
        filled(&store);
        let dismissed = State::ALL
            .iter()
            .position(|state| *state == State::Dismissed)
            .expect("a place");
        set(&store, "followed_as = ?2", &dismissed.to_string(), "routed");
        assert!(found(&store, noon()).contains(&dismissed.to_string()));
    }

    #[test]
    fn units_parcels_and_the_carrier_of_the_last_are_read() {
        let (_folder, store) = store();
        let mut order = plain_order("1");
        order.deadlines.scanned_by = Some(noon());
        store.take_in_detail(&order, noon()).expect("stored");
        let one = |store: &Store| store.dispatches(noon()).expect("read").remove(0);
        let units = u32::try_from(order.line_items.len()).expect("few");
        assert_eq!(
            (one(&store).units_without_parcel, one(&store).parcels),
            (units, Vec::new())
        );
        let done = store.write(|transaction| {
            let query = "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at, amazon_status)
                VALUES ('TTS-1', '1', 1, 'accepted', '', 0, 'COMPLETE')";
            Ok(transaction.execute(query, [])?)
        });
        done.expect("written");
        for (place, line) in order.line_items.iter().enumerate() {
            let at = noon() - TimeDelta::hours(place as i64);
            insert_parcel(&store, &order.id, &format!("1Z{place}"), line.id.as_str(), at, None);
        }
        let read = one(&store);
        assert_eq!(
            (read.units_without_parcel, read.parcels.len()),
            (0, order.line_items.len())
        );
        assert!(read.is_complete);
        assert_eq!(read.handed_over_at(), Some(noon()));
        assert_eq!(read.carrier.as_deref(), Some("UPS"));
    }
}
