//! What is known of the hand-over of orders to their carriers. Whether that was in time says `domain::deadline::dispatch`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::{Connection, Params, Row, Transaction};
use super::order_rows::read_state;
use super::{Result, Store, list, optional_time, seconds, time};
use crate::domain::deadline::dispatch::{Dispatch, Due, QUARTER};
use crate::domain::event;
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

/// How far back orders are counted together, further than anybody asks.
const COUNTED_FOR: TimeDelta = TimeDelta::days(32);

/// How many orders are counted in one transaction.
const AT_ONCE: u32 = 5_000;

/// What an order is counted in that is due and counts nowhere.
const NOWHERE: i64 = 0;

impl Store {
    /// Returns the orders that are open and have a deadline, whenever that is or was.
    pub fn open_dispatches(&self) -> Result<Vec<Dispatch>> {
        let open = format!("{DUE} IS NOT NULL AND life IN ({})", open_lives());
        self.read(|connection| dispatches(connection, &open, []))
    }

    /// Returns how the orders went that were due in a span that ends now: those that are over as they were counted, the others as their
    /// rows say.
    pub fn due_orders(&self, span: TimeDelta, now: DateTime<Utc>) -> Result<Vec<Due>> {
        let bounds = [seconds(now - span), seconds(now)];
        self.read(|connection| {
            let moment = connection.transaction()?;
            let counted = "SELECT due_by, speed, carrier, up_to, orders FROM dispatch_counts
                WHERE due_by > ?1 AND due_by <= ?2 AND orders > 0 ORDER BY due_by, speed, carrier, up_to";
            let mut due = list(&moment, counted, bounds, read_due)?;
            let uncounted = format!("counted_in IS NULL AND {DUE} > ?1 - {QUARTER} AND {DUE} <= ?2");
            let rest = dispatches(&moment, &uncounted, bounds)?;
            due.extend(rest.iter().filter_map(|order| order.due(now)));
            due.retain(|due| due.is_within(span, now));
            Ok(due)
        })
    }

    /// Counts the orders that are over and were due lately, where they are not counted as they went.
    pub fn count_dispatches(&self, now: DateTime<Utc>) -> Result<()> {
        let since = seconds(now - COUNTED_FOR);
        let over = format!(
            "counted_in IS NULL AND {DUE} >= ?1 AND life NOT IN ({}) ORDER BY {DUE}, id LIMIT {AT_ONCE}",
            open_lives()
        );
        let exists = format!("SELECT EXISTS (SELECT 1 FROM orders WHERE {over})");
        while self.one(&exists, [since], |row| row.get(0))? {
            self.write(|transaction| {
                for order in dispatches(transaction, &over, [since])? {
                    count(transaction, &order, now)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Names the row that the order counts in; the trigger of that column adds it there.
fn count(transaction: &Transaction<'_>, order: &Dispatch, now: DateTime<Utc>) -> Result<()> {
    let row = order.due(now).map(|due| row_of(transaction, &due)).transpose()?;
    transaction
        .prepare_cached("UPDATE orders SET counted_in = ?2 WHERE id = ?1")?
        .execute((order.order.as_str(), row.unwrap_or(NOWHERE)))?;
    Ok(())
}

fn row_of(transaction: &Transaction<'_>, due: &Due) -> Result<i64> {
    let words = [&due.speed, &due.carrier].map(|word| word.as_deref().unwrap_or_default());
    let row = (seconds(due.by), words[0], words[1], due.late_up_to);
    transaction
        .prepare_cached(
            "INSERT INTO dispatch_counts (due_by, speed, carrier, up_to, orders) VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT DO NOTHING",
        )?
        .execute(row)?;
    let id = "SELECT id FROM dispatch_counts WHERE due_by = ?1 AND speed = ?2 AND carrier = ?3 AND up_to = ?4";
    Ok(transaction.prepare_cached(id)?.query_row(row, |row| row.get(0))?)
}

/// Returns the first group of orders of which another number is counted than is there, with both numbers. Memory does not grow with them.
pub(super) fn miscounted(connection: &Connection) -> Result<Option<(String, i64, i64)>> {
    let rows = "SELECT due_by, speed, carrier, up_to, orders FROM dispatch_counts ORDER BY due_by";
    let said = list(connection, rows, [], read_due)?;
    // What was due before the first of them is not counted any more.
    let since = said.first().map_or(i64::MAX, |due| seconds(due.by) - QUARTER);
    let mut numbers: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for due in &said {
        numbers.entry(words(due)).or_default().0 += due.orders.cast_signed();
    }
    let page = format!("counted_in <> {NOWHERE} AND {DUE} > ?1 AND id > ?2 ORDER BY id LIMIT {AT_ONCE}");
    let mut last = String::new();
    loop {
        let orders = dispatches(connection, &page, (since, &last))?;
        let Some(order) = orders.last() else { break };
        last = order.order.to_string();
        // Of what is over no clock is asked.
        for due in orders.iter().filter_map(|order| order.due(DateTime::UNIX_EPOCH)) {
            numbers.entry(words(&due)).or_default().1 += 1;
        }
    }
    let wrong = numbers.into_iter().find(|(_, (said, there))| said != there);
    Ok(wrong.map(|(words, (said, there))| (words, said, there)))
}

fn words(due: &Due) -> String {
    let known = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
    let late = if due.is_late() { "late" } else { "in time" };
    let (speed, carrier) = (known(&due.speed), known(&due.carrier));
    format!(
        "due by {}, {speed}, {carrier}, {late} ({})",
        event::instant(due.by),
        due.late_up_to
    )
}

fn read_due(row: &Row<'_>) -> rusqlite::Result<Due> {
    let word = |column| {
        row.get::<_, String>(column)
            .map(|word| Some(word).filter(|word| !word.is_empty()))
    };
    Ok(Due {
        by: time(row, "due_by")?,
        speed: word("speed")?,
        carrier: word("carrier")?,
        late_up_to: row.get("up_to")?,
        orders: row.get::<_, i64>("orders")?.unsigned_abs(),
    })
}

/// Returns the orders of a condition on their own columns.
fn dispatches(connection: &Connection, condition: &str, parameters: impl Params) -> Result<Vec<Dispatch>> {
    let query = format!(
        "{DISPATCHES} WHERE orders.id IN (SELECT id FROM orders WHERE {condition}) ORDER BY orders.id, parcels.shipped_at, parcels.id"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(parameters)?;
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
}

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
        let late = "UPDATE orders SET state_since = scanned_by + 90000 WHERE state = 'cancelled'";
        store.connection().execute_batch(late).expect("cancelled late");
    }

    fn set(store: &Store, what: &str, order: &str, value: &str) {
        let query = format!("UPDATE orders SET {what} WHERE id = ?1");
        let done = store.write(|transaction| Ok(transaction.execute(&query, (order, value))?));
        assert_eq!(done.expect("written"), 1);
    }

    fn every(store: &Store) -> Vec<Dispatch> {
        let all = format!("{DUE} IS NOT NULL");
        store.read(|connection| dispatches(connection, &all, [])).expect("read")
    }

    fn open(store: &Store) -> Vec<String> {
        let orders = store.open_dispatches().expect("read");
        orders.iter().map(|order| order.order.to_string()).collect()
    }

    #[test]
    fn the_list_has_whatever_the_rule_counts() {
        let (_folder, store) = store();
        filled(&store);
        let (open, orders) = (open(&store), every(&store));
        assert_eq!(orders.len(), State::ALL.len());
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
        let is_at_risk = || every(&store).remove(0).is_at_risk(before);
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
        assert_eq!(open(&store), Vec::<String>::new());
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
        assert!(open(&store).contains(&dismissed.to_string()));
    }

    #[test]
    fn units_parcels_and_the_carrier_of_the_last_are_read() {
        let (_folder, store) = store();
        let mut order = plain_order("1");
        order.deadlines.scanned_by = Some(noon());
        store.take_in_detail(&order, noon()).expect("stored");
        let one = |store: &Store| every(store).remove(0);
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

    /// What is counted together and what the rows say, which must be the same.
    fn counted(store: &Store) -> (Vec<Due>, Vec<Due>) {
        let (span, later) = (TimeDelta::days(30), noon() + TimeDelta::days(1));
        let together = |mut due: Vec<Due>| {
            due.sort_by_key(|due| (due.by, due.speed.clone(), due.carrier.clone(), due.late_up_to));
            due.into_iter().fold(Vec::<Due>::new(), |mut groups, next| {
                match groups.last_mut().filter(|last| words(last) == words(&next)) {
                    Some(last) => last.orders += next.orders,
                    None => groups.push(next),
                }
                groups
            })
        };
        let orders = every(store);
        let by_rows = orders.iter().filter_map(|order| order.due(later));
        (
            together(store.due_orders(span, later).expect("read")),
            together(by_rows.collect()),
        )
    }

    fn uncounted(store: &Store) -> Vec<String> {
        let query = "SELECT id FROM orders WHERE counted_in IS NULL ORDER BY id";
        store.rows(query, [], |row| row.get(0)).expect("read")
    }

    #[test]
    fn orders_that_are_over_are_counted_once_and_together_as_their_rows_say() {
        let (_folder, store) = store();
        filled(&store);
        let (before, by_rows) = counted(&store);
        assert_eq!(before, by_rows);
        store.count_dispatches(noon()).expect("counted");
        let (after, by_rows) = counted(&store);
        assert_eq!((&after, &after), (&before, &by_rows));
        let open = open(&store);
        assert_eq!(uncounted(&store), open, "what is open is still judged by the clock");
        store.count_dispatches(noon()).expect("nothing to do");
        assert_eq!(store.verify_audit(None).expect("read").finding, None);
    }

    #[test]
    fn whatever_changes_how_an_order_went_is_counted_anew() {
        let (_folder, store) = store();
        filled(&store);
        let id = State::ALL
            .iter()
            .position(|state| *state == State::Completed)
            .expect("a place")
            .to_string();
        let (order, left) = (TiktokOrderId::new(&id), noon() - TimeDelta::days(3));
        let intent = format!(
            "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at, amazon_status)
             VALUES ('TTS-{id}', '{id}', 1, 'accepted', '', 0, 'Processing')"
        );
        let run = |sql: &str| {
            let done = store.write(|transaction| Ok(transaction.execute_batch(sql)?));
            done.expect("written");
        };
        run(&intent);
        insert_parcel(&store, &order, "1Z1", "1", left, None);
        let changes = [
            "UPDATE fulfillment_orders SET amazon_status = 'Complete'",
            "UPDATE parcels SET shipped_at = shipped_at + 200000",
            "UPDATE parcels SET provider_name = 'USPS'",
            "UPDATE line_items SET status = 'CANCELLED'",
            "INSERT INTO line_items (order_id, id, position, product_id, sku_id, status) VALUES ('ID', '9', 9, 'P', 'S', 'AWAITING')",
            "INSERT INTO parcel_lines (parcel_id, line_item_id) SELECT id, '9' FROM parcels",
            "DELETE FROM parcel_lines WHERE line_item_id = '9'",
            "INSERT INTO speeds (order_id, chosen, because) VALUES ('ID', 'Standard', '')",
            "UPDATE speeds SET chosen = 'Priority'",
            "UPDATE orders SET scanned_by = scanned_by - 90000 WHERE id = 'ID'",
            "UPDATE orders SET scanned_by = NULL, ship_by = ship_by + 90000 WHERE id = 'ID'",
            "UPDATE orders SET state = 'cancelled', state_since = state_since + 1000000 WHERE id = 'ID'",
            "UPDATE orders SET state = 'dismissed', followed_as = 'routed' WHERE id = 'ID'",
            "UPDATE orders SET state = 'completed', followed_as = NULL WHERE id = 'ID'",
            "DELETE FROM speeds",
            "DELETE FROM parcels",
            "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at)
                VALUES ('TTS-2', 'ID', 2, 'accepted', '', 0)",
        ];
        for change in changes {
            store.count_dispatches(noon()).expect("counted");
            assert!(
                !uncounted(&store).contains(&id) || change.contains("'completed'"),
                "before {change}"
            );
            run(&change.replace("ID", &id));
            assert!(uncounted(&store).contains(&id), "{change}");
            let (counted, by_rows) = counted(&store);
            assert_eq!(counted, by_rows, "{change}");
            assert_eq!(store.verify_audit(None).expect("read").finding, None, "{change}");
        }
    }

    #[test]
    fn an_order_that_goes_takes_its_count_along() {
        let (_folder, store) = store();
        filled(&store);
        store.count_dispatches(noon()).expect("counted");
        let orders = || {
            let query = "SELECT coalesce(sum(orders), 0) FROM dispatch_counts";
            store.value::<i64>(query, []).expect("read")
        };
        assert_eq!(orders(), 1, "cancelled late");
        let gone = "DELETE FROM orders WHERE counted_in <> 0";
        store.connection().execute_batch(gone).expect("gone");
        assert_eq!(orders(), 0);
    }
}
