use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::domain::event::Event;
use crate::store::tests_support::{fill, filled_at, store};
use crate::store::vault::{Place, VaultError};
use crate::store::{DeliveryResult, Lock, LockError, RunOutcome, Vendor};

const ORDER: &str = "576900000000000101";

fn days(days: i64) -> DateTime<Utc> {
    filled_at() + TimeDelta::days(days)
}

fn count(store: &Store, query: &str) -> i64 {
    store
        .connection()
        .query_row(query, [], |row| row.get(0))
        .expect("a number")
}

fn sealed_left(store: &Store) -> i64 {
    count(
        store,
        "SELECT (SELECT count(recipient_sealed) FROM orders) + (SELECT count(body_sealed) + count(draft_sealed) FROM fulfillment_orders)",
    )
}

fn assert_all_opens(store: &Store) {
    let tokens = store.tokens(Vendor::Tiktok).expect("opened").expect("tokens");
    assert_eq!(tokens.refresh.expect("a token").expose(), "TTP_refresh");
    let (fact, _): (String, _) = store.fact("shop").expect("opened").expect("a fact");
    assert_eq!(fact, "cipher");
    let sealed: Vec<u8> = store
        .connection()
        .query_row("SELECT recipient_sealed FROM orders", [], |row| row.get(0))
        .expect("a value");
    assert_eq!(
        store
            .unseal::<String>(&sealed, Place::new("orders", "recipient_sealed", ORDER), "recipient")
            .expect("opened"),
        "Larkspur"
    );
}

fn reopened(store: &Store) -> Store {
    Store::open(store.path()).expect("a store")
}

#[test]
fn buyers_of_ended_orders_are_forgotten_and_the_order_stays_readable() {
    for state in ["completed", "cancelled", "dismissed", "not_eligible"] {
        let (folder, store) = store();
        let order = fill(&store, ORDER, state);
        assert_eq!(
            store.purge(TimeDelta::days(30), days(29)).expect("purged").orders,
            0,
            "E120"
        );
        assert_eq!(
            store.purge(TimeDelta::days(30), days(31)).expect("purged").orders,
            1,
            "E120"
        );
        assert_eq!(store.purge(TimeDelta::days(30), days(31)).expect("purged").orders, 0);
        assert_eq!(sealed_left(&store), 0, "E120: {state}");
        assert!(store.order(&order).expect("read").is_some(), "E120");
        assert_eq!(count(&store, "SELECT count(*) FROM history WHERE kind = 'erased'"), 1);
        let log = fs::metadata(folder.path().join("mcf.db-wal")).map_or(0, |log| log.len());
        assert_eq!(log, 0, "nothing is left in the log");
    }
}

#[test]
fn buyers_of_open_orders_are_kept_however_old() {
    for state in [
        "detected",
        "waiting",
        "ready",
        "submitting",
        "routed",
        "shipped",
        "flagged",
        "cancelling",
    ] {
        let (_folder, store) = store();
        let order = fill(&store, ORDER, state);
        assert_eq!(
            store.purge(TimeDelta::days(30), days(400)).expect("purged").orders,
            0,
            "{state}"
        );
        assert_eq!(sealed_left(&store), 3, "{state}");
        let refused = store.erase_buyer(&order, "by hand", days(400));
        assert!(matches!(refused, Err(Error::StillOpen { .. })), "{state}");
    }
}

/// Puts a parcel on its way that left at once, as Amazon spoke of it on that day.
fn parcel(store: &Store, number: i64, word: Option<&str>, asked: i64) {
    store
        .connection()
        .execute(
            "INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, shipped_at, found_at, state,
                 whereabouts, whereabouts_at)
             VALUES (?1, 'TTS-' || ?1, 's', ?2, 'UPS', ?3, ?3, 'synced', ?4, ?5)",
            (ORDER, number, days(0).timestamp(), word, days(asked).timestamp()),
        )
        .expect("a parcel");
}

#[test]
fn a_buyer_is_kept_until_the_retention_after_the_delivery_of_the_last_parcel_e120() {
    let (_folder, store) = store();
    fill(&store, ORDER, "completed");
    store
        .connection()
        .execute("UPDATE orders SET tiktok_status = 'IN_TRANSIT'", [])
        .expect("on its way");
    parcel(&store, 1, Some("DELIVERED"), 4);
    parcel(&store, 2, Some("IN_TRANSIT"), 5);
    let purged = |day| store.purge(TimeDelta::days(25), days(day)).expect("purged").orders;
    assert_eq!(purged(27), 0, "a parcel still travels");
    store
        .connection()
        .execute(
            "UPDATE parcels SET whereabouts = 'DELIVERED', whereabouts_at = ?1 WHERE package_number = 2",
            [days(10).timestamp()],
        )
        .expect("delivered");
    assert_eq!((purged(34), purged(36)), (0, 1));
}

#[test]
fn an_order_whose_flag_still_stands_is_named_before_its_buyer_is_forgotten() {
    let (_folder, store) = store();
    let order = fill(&store, ORDER, "completed");
    let (retention, within) = (TimeDelta::days(25), TimeDelta::days(5));
    let goes = |day| store.evidence_that_goes(retention, within, days(day)).expect("read");
    assert_eq!(goes(24), [], "no flag");
    let lost = "INSERT INTO flags (order_id, reason, detail, message, next_command, raised_at)
        VALUES (?1, 'MCF_API_ERROR', 'parcel_undeliverable', 'x', 'x', 0)";
    store.connection().execute(lost, [ORDER]).expect("a flag");
    assert_eq!(goes(19), []);
    assert_eq!(goes(21), [(days(25), order)]);
    store.purge(retention, days(26)).expect("purged");
    assert_eq!(goes(26), [], "it is gone");
}

#[test]
fn a_poll_forgets_some_buyers_at_a_time_and_leaves_the_log_to_who_empties_it() {
    let (_folder, store) = store();
    for order in ["1", "2", "3"] {
        fill(&store, order, "cancelled");
    }
    let forget = || {
        store
            .forget_buyers(TimeDelta::days(25), 2, days(26))
            .expect("forgotten")
    };
    assert_eq!(
        (forget(), store.unfinished().expect("read")),
        (2, vec![Unfinished::Erasure])
    );
    assert_eq!((forget(), forget()), (1, 0));
    store.finish_unfinished(days(26)).expect("emptied");
    assert_eq!((sealed_left(&store), store.unfinished().expect("read")), (0, vec![]));
    let _keeper = Lock::take(store.path(), "keeping", days(26)).expect("a lock");
    let busy = store.forget_buyers(TimeDelta::days(25), 2, days(26));
    assert!(matches!(busy, Err(Error::Lock(LockError::Busy { .. }))));
}

#[test]
fn the_operator_may_have_one_buyer_forgotten_at_once() {
    let (_folder, store) = store();
    let order = fill(&store, ORDER, "completed");
    assert!(store.erase_buyer(&order, "by hand", days(0)).expect("erased"));
    assert!(!store.erase_buyer(&order, "by hand", days(0)).expect("nothing left"));
    assert_eq!(sealed_left(&store), 0);
    let unknown = store.erase_buyer(&TiktokOrderId::new("1"), "by hand", days(0));
    assert!(matches!(unknown, Err(Error::UnknownOrder { .. })));
}

#[test]
fn old_events_go_once_they_are_told_and_their_numbers_are_never_used_again() {
    let (_folder, store) = store();
    let event = Event::ConnectorStarted { at: days(0) };
    store.add_endpoint("ops.example#1").expect("added");
    store.add_events(&vec![event.clone(); 3], days(0)).expect("written");
    store
        .queue_deliveries("ops.example#1", |_| true, days(0))
        .expect("queued");
    store
        .record_delivery("ops.example#1", 2, &DeliveryResult::Delivered, days(0))
        .expect("noted");
    assert_eq!(store.purge(TimeDelta::days(30), days(100)).expect("purged").events, 1);
    for event in [1, 3] {
        store
            .record_delivery("ops.example#1", event, &DeliveryResult::Delivered, days(100))
            .expect("noted");
    }
    assert_eq!(store.purge(TimeDelta::days(30), days(100)).expect("purged").events, 1);
    store.add_events(&[event], days(100)).expect("written");
    store
        .queue_deliveries("ops.example#1", |_| true, days(100))
        .expect("queued");
    let due = store
        .due_deliveries("ops.example#1", crate::store::Due::Now, 10, days(100))
        .expect("due");
    assert_eq!(due.first().map(|delivery| delivery.event.id), Some(4));
}

#[test]
fn old_calls_and_runs_go_unless_an_order_or_the_overview_needs_them() {
    let (_folder, store) = store();
    let order = fill(&store, ORDER, "routed");
    for day in 0..5 {
        store.begin_run("poll", days(day)).expect("begun");
        if day == 1 {
            store.note(&order, "note", "seen", days(day)).expect("noted");
        }
        let outcome = if day < 4 { RunOutcome::Ok } else { RunOutcome::Failed };
        store
            .end_run(outcome, &serde_json::json!({}), days(day))
            .expect("ended");
    }
    for call_order in ["NULL", "'576900000000000101'"] {
        let insert = format!(
            "INSERT INTO api_calls (order_id, at, peer, operation, method, path, duration_ms, outcome)
             VALUES ({call_order}, {}, 'tiktok', 'x', 'GET', '/', 1, 'answered')",
            days(0).timestamp()
        );
        store.connection().execute(&insert, []).expect("a call");
    }
    let purged = store.purge(TimeDelta::days(30), days(200)).expect("purged");
    assert_eq!((purged.calls, purged.runs), (1, 2), "runs 2, 4 and 5 are still needed");
    let (last, good_at) = &store.last_runs().expect("read")[0];
    assert_eq!((last.started_at, *good_at), (days(4), Some(days(3))));
    assert!(store.integrity().expect("checked").is_empty());
    let enforced: bool = store
        .connection()
        .file()
        .expect("a file")
        .pragma_query_value(None, "foreign_keys", |row| row.get(0))
        .expect("a value");
    assert!(enforced);
}

#[test]
fn a_new_key_opens_everything_and_the_old_one_nothing() {
    let (_folder, store) = store();
    fill(&store, ORDER, "routed");
    let old_key = fs::read_to_string(key_path(store.path())).expect("a key");
    assert_eq!(store.rekey("seller", days(0)).expect("changed"), 6);
    assert_all_opens(&store);
    assert_all_opens(&reopened(&store));
    fs::write(key_path(store.path()), old_key).expect("a file");
    let error = reopened(&store).tokens(Vendor::Tiktok).expect_err("sealed anew");
    assert!(matches!(error, Error::Vault(VaultError::KeyMissing)));
}

#[test]
fn a_change_of_the_key_that_is_cut_off_anywhere_loses_nothing() {
    for steps in 0..=2 {
        let (_folder, store) = store();
        fill(&store, ORDER, "routed");
        if steps > 0 {
            store.add_key().expect("a key");
        }
        if steps > 1 {
            store.reseal("seller", days(0)).expect("sealed anew");
        }
        let next = reopened(&store);
        assert_all_opens(&next);
        next.rekey("seller", days(0)).expect("changed");
        assert_all_opens(&reopened(&store));
        let keys = fs::read_to_string(key_path(store.path())).expect("keys");
        assert_eq!(keys.lines().count(), 1, "after {steps} steps");
    }
}

#[test]
fn a_process_that_was_open_while_the_key_changed_reads_and_writes_under_the_new_one() {
    let (_folder, store) = store();
    let other = reopened(&store);
    fill(&store, ORDER, "routed");
    store.rekey("seller", days(0)).expect("changed");
    other.keep_fact("warehouse", &"7", days(0)).expect("kept");
    assert_all_opens(&other);
    let (fact, _): (String, _) = reopened(&store).fact("warehouse").expect("opened").expect("a fact");
    assert_eq!(fact, "7");
}

#[test]
fn a_log_that_a_reader_holds_is_emptied_without_waiting_once_the_reader_is_gone_e158() {
    let (folder, store) = store();
    let order = fill(&store, ORDER, "completed");
    let reader = rusqlite::Connection::open(store.path()).expect("a reader");
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM orders")
        .expect("begun");
    let held = store.erase_buyer(&order, "by hand", days(0));
    assert!(matches!(held, Err(Error::LogHeld { .. })), "{held:?}");
    assert!(matches!(store.rekey("seller", days(0)), Err(Error::LogHeld { .. })));
    let begun = std::time::Instant::now();
    store.finish_unfinished(days(0)).expect("no trouble of a run");
    assert!(begun.elapsed().as_secs() < 2, "a run does not wait");
    assert_eq!(store.unfinished().expect("read").len(), 2);
    drop(reader);
    let keeping = Lock::take(store.path(), "keeping", days(0)).expect("a lock");
    store.finish_unfinished(days(0)).expect("left to who keeps the file");
    assert_eq!(store.unfinished().expect("read").len(), 2);
    drop(keeping);
    store.finish_unfinished(days(0)).expect("finished");
    assert_eq!(store.unfinished().expect("read"), []);
    let log = fs::metadata(folder.path().join("mcf.db-wal")).map_or(0, |log| log.len());
    let keys = fs::read_to_string(key_path(store.path())).expect("keys");
    assert_eq!((log, keys.lines().count()), (0, 1));
}

#[test]
fn the_key_is_not_changed_while_a_run_is_under_way() {
    let (_folder, store) = store();
    let _run = Lock::take(store.path(), "orders", days(0)).expect("a lock");
    let refused = store.rekey("seller", days(0));
    assert!(matches!(refused, Err(Error::Lock(LockError::Busy { .. }))));
}

#[test]
fn a_value_that_opens_under_no_key_stops_the_change_and_keeps_every_key() {
    let (_folder, store) = store();
    fill(&store, ORDER, "routed");
    store
        .connection()
        .execute("INSERT INTO facts VALUES ('bad', x'00', 0)", [])
        .expect("a row");
    assert!(store.rekey("seller", days(0)).is_err());
    assert_all_opens(&reopened(&store));
}

#[test]
fn a_database_with_sealed_values_is_not_opened_without_its_key() {
    let (_folder, store) = store();
    drop(reopened(&store));
    let key = key_path(store.path());
    fs::remove_file(&key).expect("removed");
    drop(Store::open(store.path()).expect("nothing is sealed yet: a new key is made"));
    fill(&store, ORDER, "routed");
    fs::remove_file(&key).expect("removed");
    let refused = Store::open(store.path()).map(drop);
    assert!(matches!(refused, Err(Error::Vault(VaultError::Gone { .. }))));
    assert!(!key.exists(), "no key is made up");
}

#[test]
fn the_check_names_loose_references_and_files_that_others_may_read() {
    let (_folder, store) = store();
    fill(&store, ORDER, "routed");
    assert_eq!(store.integrity().expect("checked"), Vec::<String>::new(), "I9");
    fs::set_permissions(key_path(store.path()), fs::Permissions::from_mode(0o644)).expect("a mode");
    let connection = store.connection();
    connection
        .file()
        .expect("a file")
        .pragma_update(None, "foreign_keys", false)
        .expect("a setting");
    connection.execute("DELETE FROM orders", []).expect("gone");
    drop(connection);
    let findings = store.integrity().expect("checked");
    assert_eq!(findings.len(), 1, "I9: {findings:?}");
    assert_eq!(store.exposed_files(), [key_path(store.path())], "I9");
}
