//! What is asked in every run, and at every look at `status` and `metrics`, must not cost more by the orders that have long ended. Cost is
//! counted in steps of SQLite's machine, which don't depend on this one.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::domain::deadline::TRACKING_DUE;
use crate::domain::state::State;
use crate::store::tests_support::{filled_at, store};

/// Steps between two counts.
const STRIDE: i32 = 10;

/// Orders that ended a month before, a second apart and due at the end of one day, each with what such an order leaves behind.
const ENDED: &str = "
    INSERT INTO orders (id, state, state_since, detected_at, tiktok_status, shipping_type, cancel_requested, authentication_required,
            is_cash_on_delivery, delivery_option_id, created_at, paid_at, updated_at, ship_by, scanned_by, due_at)
        SELECT id, 'completed', at + 9000, at, 'COMPLETED', 'SELLER', 0, 0, 0, '1', at, at, at + 9000, due, due, due FROM made;
    INSERT INTO line_items (order_id, id, position, product_id, sku_id, seller_sku, status)
        SELECT id, id || '-1', 0, 'P1', 'S1', 'SOCK', 'COMPLETED' FROM made;
    INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at, attempts, accepted_at, amazon_status,
            looked_at, ended_at)
        SELECT 'TTS-' || id, id, 1, 'accepted', '', at + 60, 1, at + 61, 'Complete', at + 9000, at + 9000 FROM made;
    INSERT INTO fulfillment_items (fulfillment_order_id, id, position, sku, quantity, per_line)
        SELECT 'TTS-' || id, 'a', 0, 'FBA-SOCK', 1, 1 FROM made;
    INSERT INTO fulfillment_item_lines (fulfillment_order_id, item_id, position, line_item_id)
        SELECT 'TTS-' || id, 'a', 0, id || '-1' FROM made;
    INSERT INTO shipments (fulfillment_order_id, id, status, shipped_at) SELECT 'TTS-' || id, 's', 'SHIPPED', at + 4000 FROM made;
    INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, tracking_number, shipped_at, found_at,
            state, pushed_number, package_id, attempts, tags_read_at, is_counted_non_mcf, whereabouts, whereabouts_at)
        SELECT id, 'TTS-' || id, 's', 1, 'UPS', '1Z' || id, at + 4000, at + 5000, 'pushing', '1Z' || id, 'P' || id, 1, at + 6000, 0,
            'DELIVERED', at + 9000 FROM made;
    UPDATE parcels SET state = 'synced', synced_at = shipped_at + 1000;
    INSERT INTO parcel_items SELECT parcels.id, 'a', 1 FROM parcels;
    INSERT INTO parcel_lines (parcel_id, line_item_id) SELECT parcels.id, order_id || '-1' FROM parcels;
    INSERT INTO parcel_numbers (parcel_id, number, seen_at, told_at) SELECT parcels.id, tracking_number, shipped_at, synced_at FROM parcels;
    INSERT INTO speeds (order_id, chosen, because) SELECT id, 'Standard', 'the default' FROM made;
    INSERT INTO history (order_id, at, after_call, kind, from_state, to_state, text)
        SELECT id, at, 0, 'state', 'ready', 'completed', 'TikTok has it' FROM made;
    INSERT INTO api_calls (order_id, at, peer, operation, method, path, duration_ms, outcome, status)
        SELECT id, at, 'amazon', 'getFulfillmentOrder', 'GET', '/', 20, 'answered', 200 FROM made;
    INSERT INTO events (kind, order_id, at, data) SELECT 'order.routed', id, at, '{}' FROM made;";

/// Makes a store with so many orders that have ended, and a handful that have not.
fn world(ended: usize) -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    for (order, state) in [
        ("1", "flagged"),
        ("2", "waiting"),
        ("3", "routed"),
        ("4", "shipped"),
        ("5", "submitting"),
    ] {
        tests_support::fill(&store, order, state);
    }
    let unsealed = "UPDATE fulfillment_orders SET body_sealed = NULL, draft_sealed = NULL";
    store.connection().execute_batch(unsealed).expect("open orders");
    let made = format!(
        "CREATE TEMP TABLE made AS WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ended})
         SELECT '5769' || (n + 1000000) AS id, {now} - 45 * 86400 - n AS at, ({now} - 44 * 86400) / 900 * 900 AS due FROM numbers;
         {ENDED} DROP TABLE made;",
        now = filled_at().timestamp()
    );
    store.connection().execute_batch(&made).expect("ended orders");
    // Counted as the polls of those days did it.
    let then = filled_at() - TimeDelta::days(45);
    store.count_dispatches(then).expect("counted");
    (folder, store)
}

type Question = (&'static str, fn(&Store, DateTime<Utc>) -> Result<usize>);

/// What runs with nothing to do, `status` and `metrics` ask. The answer is the number of rows, so that nothing is left unread.
const QUESTIONS: &[Question] = &[
    ("may_lie_ahead", |store, now| Ok(usize::from(store.may_lie_ahead(now)?))),
    ("runs_before", |store, _| Ok(store.runs_before()?.iter().len())),
    ("undecided", |store, now| Ok(store.undecided(now)?.len())),
    ("open_orders", |store, _| Ok(store.open_orders()?.len())),
    ("orders_elsewhere", |store, now| Ok(store.orders_elsewhere(now)?.len())),
    ("unrouted_lines", |store, _| Ok(store.unrouted_lines()?.len())),
    ("unsent_lines", |store, _| Ok(store.unsent_lines()?.len())),
    ("evidence_that_goes", |store, now| {
        let days = TimeDelta::days;
        Ok(store.evidence_that_goes(days(25), days(5), now)?.len())
    }),
    ("approvals", |store, _| store.approvals().map(|_| 0)),
    ("unsettled", |store, _| Ok(store.unsettled()?.len())),
    ("cancelling", |store, _| Ok(store.cancelling()?.len())),
    ("not_begun", |store, now| Ok(store.not_begun(now)?.len())),
    ("first_looks", |store, now| {
        Ok(store.first_looks(Duration::from_secs(900), now)?.len())
    }),
    ("has_open_at_amazon", |store, _| {
        Ok(usize::from(store.has_open_at_amazon()?))
    }),
    ("part_cancelled", |store, _| Ok(store.part_cancelled()?.len())),
    ("refused_answers", |store, _| Ok(store.refused_answers(None)?.len())),
    ("kept_conflicts", |store, _| store.kept_conflicts().map(|_| 0)),
    ("cancel_requested", |store, _| Ok(store.cancel_requested()?.len())),
    ("cancelled_at_tiktok", |store, _| Ok(store.cancelled_at_tiktok()?.len())),
    ("orders_to_sweep", |store, _| Ok(store.orders_to_sweep()?.len())),
    ("ended_orders", |store, now| Ok(store.ended_orders(now)?.len())),
    ("not_shipped", |store, _| Ok(store.not_shipped()?.len())),
    ("late_parcels", |store, now| Ok(store.late_parcels(now)?.len())),
    ("count_waiting", |store, _| store.count_waiting(None)),
    ("packages_to_check", |store, now| {
        Ok(store.packages_to_check(now, 50)?.len())
    }),
    ("counted_against_mcf", |store, _| {
        Ok(store.counted_against_mcf()? as usize)
    }),
    ("travelling_parcels", |store, now| {
        Ok(store.travelling_parcels(now, 50)?.len())
    }),
    ("parcels_to_push", |store, now| Ok(store.parcels_to_push(now)?.len())),
    ("complete_orders", |store, now| Ok(store.complete_orders(now)?.len())),
    ("units_being_submitted", |store, _| {
        Ok(store.units_being_submitted()?.len())
    }),
    ("uncounted_units", |store, now| Ok(store.uncounted_units(now)?.len())),
    ("sold_since", |store, now| Ok(store.sold_since(now)?.len())),
    ("tiktok_bundles", |store, _| Ok(store.tiktok_bundles()?.len())),
    ("store_stock", |store, now| {
        store.store_stock(&[], TimeDelta::hours(1), now).map(|()| 0)
    }),
    ("stock_rows", |store, now| {
        Ok(store.stock_rows(now - TimeDelta::days(60))?.len())
    }),
    ("order_counts", |store, _| Ok(store.order_counts()?.len())),
    ("orders_to_look_at", |store, now| {
        Ok(store.orders_to_look_at(now)?.len())
    }),
    ("a page of ended orders", |store, _| {
        let filter = OrderFilter {
            state: Some(State::Completed),
            limit: Some(5),
            ..OrderFilter::default()
        };
        Ok(store.order_rows(&filter)?.len())
    }),
    ("find_order", |store, _| Ok(store.find_order("1Z0")?.iter().len())),
    ("held_orders", |store, _| Ok(store.held_orders()? as usize)),
    ("orders_by_deadline", |store, _| Ok(store.orders_by_deadline(20)?.len())),
    ("overdue_parcels", |store, now| {
        Ok(store.overdue_parcels(now - TRACKING_DUE)?.len())
    }),
    ("open_dispatches", |store, _| Ok(store.open_dispatches()?.len())),
    ("due_orders", |store, now| {
        // The orders of this world ended, and were due, well within it.
        Ok(store.due_orders(TimeDelta::days(60), now)?.len())
    }),
    ("count_dispatches", |store, now| store.count_dispatches(now).map(|()| 0)),
    ("oldest_unrouted", |store, _| Ok(store.oldest_unrouted()?.iter().len())),
    ("flag_counts", |store, _| Ok(store.flag_counts()?.len())),
    ("order_tally", |store, _| store.order_tally(None).map(|_| 0)),
    ("durations", |store, _| {
        Ok(store.durations(Timed::Tracking, None)?.len())
    }),
    (
        "trackings_synced",
        |store, _| Ok(store.trackings_synced(None)? as usize),
    ),
    ("call_tallies", |store, _| Ok(store.call_tallies(None)?.len())),
    ("kind_counts", |store, _| Ok(store.kind_counts(None)?.len())),
    ("flagged", |store, _| Ok(store.flagged()?.len())),
    ("unfinished", |store, _| Ok(store.unfinished()?.len())),
];

fn steps(store: &Store, ask: fn(&Store, DateTime<Utc>) -> Result<usize>) -> u64 {
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    store
        .connection()
        .file()
        .expect("a file")
        .progress_handler(STRIDE, Some(count))
        .expect("counted");
    ask(store, filled_at()).expect("an answer");
    store
        .connection()
        .file()
        .expect("a file")
        .progress_handler(STRIDE, None::<fn() -> bool>)
        .expect("left alone");
    steps.load(Ordering::Relaxed)
}

#[test]
fn orders_that_have_ended_cost_no_run_and_no_look_a_step() {
    let ((_few_folder, few), (_many_folder, many)) = (world(10), world(2_000));
    let grown: Vec<String> = QUESTIONS
        .iter()
        .map(|(name, ask)| (name, steps(&few, *ask), steps(&many, *ask)))
        .filter(|(_, few, many)| *many > few + 20)
        .map(|(name, few, many)| format!("{name}: {few} steps with 10 ended orders, {many} with 2,000"))
        .collect();
    assert_eq!(grown, Vec::<String>::new());
}

#[test]
fn the_counts_of_orders_are_those_of_the_rows() {
    let (_folder, store) = world(100);
    let counted = || {
        let query = "SELECT count(*) FROM (SELECT state, kind, orders FROM order_counts WHERE orders <> 0
            EXCEPT SELECT state, kind, count(*) FROM orders GROUP BY state, kind)";
        let missing = "SELECT count(*) FROM (SELECT state, kind, count(*) FROM orders GROUP BY state, kind
            EXCEPT SELECT state, kind, orders FROM order_counts)";
        [query, missing].map(|query| store.value::<i64>(query, []).expect("counted"))
    };
    assert_eq!(counted(), [0, 0]);
    let changes =
        "UPDATE orders SET state = 'dismissed' WHERE id LIKE '%7'; UPDATE orders SET kind = 'gift' WHERE id LIKE '%8';
        DELETE FROM orders WHERE id = '2' AND id NOT IN (SELECT order_id FROM fulfillment_orders)";
    store.connection().execute_batch(changes).expect("changed");
    assert_eq!(counted(), [0, 0]);
}
