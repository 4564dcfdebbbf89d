use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::*;
use crate::domain::ids::TiktokOrderId;
use crate::domain::pause::Pause;
use crate::store::MappingsFile;
use crate::store::tests_support::{fill, filled_at, store};
use crate::transport::{AnswerNote, CallOutcome, CallRecord, Operation, Peer, Rate, Repeat};

const ORDER: &str = "576900000000000101";

const OPERATION: Operation = Operation {
    peer: Peer::Tiktok,
    name: "getOrderList",
    method: "POST",
    path: "/order/202309/orders/search",
    rate: Rate {
        per_second: 10.0,
        burst: 10.0,
    },
    repeat: Repeat::Safe,
};

fn days(days: i64) -> DateTime<Utc> {
    filled_at() + TimeDelta::days(days)
}

fn call(store: &Store, order: Option<&TiktokOrderId>, at: DateTime<Utc>) {
    let record = CallRecord {
        operation: &OPERATION,
        order_id: order.map(ToString::to_string),
        at,
        duration_ms: 12,
        outcome: CallOutcome::Answered,
        status: Some(200),
        note: AnswerNote::default(),
    };
    store.record_call(&record).expect("recorded");
}

fn import(store: &Store, line: &str) {
    let file = MappingsFile {
        name: None,
        source: "-",
        sha256: "00",
        imported_by: "seller",
        replace: false,
        dry_run: false,
    };
    let text = format!("seller_sku,amazon_sku\n{line}\n");
    let import = store
        .import_mappings(text.as_bytes(), &file, days(0))
        .expect("imported");
    assert_eq!(import.added, 1);
}

/// A store with four notes (rows 1 to 4), calls of no order (1 and 3) and of an order (2 and 4), and an import.
fn kept() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let order = fill(&store, ORDER, "completed");
    for text in ["one", "two"] {
        store.note(&order, "note", text, days(0)).expect("noted");
        call(&store, None, days(0));
        call(&store, Some(&order), days(0));
        store.note(&order, "operator", text, days(0)).expect("noted");
    }
    import(&store, "LAMP,FBA-LAMP");
    (folder, store)
}

fn finding(store: &Store) -> Option<Finding> {
    store.verify_audit(None).expect("read").finding
}

#[track_caller]
fn assert_whole(store: &Store) {
    assert_eq!(finding(store), None);
}

/// What a person with another program does to the file.
fn meddle(store: &Store, statements: &str) {
    let connection = Connection::open(store.path()).expect("a connection");
    connection.execute_batch(statements).expect("meddled with");
}

fn row(book: &'static str, id: i64) -> RowName {
    let order = (book == "history" || (book == "call" && id % 2 == 0)).then(|| ORDER.to_owned());
    RowName { book, id, order }
}

fn gone(book: &'static str, id: i64) -> Finding {
    Finding::Missing(RowName { book, id, order: None })
}

#[test]
fn a_history_that_nobody_touched_is_whole_and_counted() {
    let (_folder, store) = kept();
    let audit = store.verify_audit(None).expect("read");
    assert_eq!(
        (audit.history, audit.calls, audit.imports, audit.dropped, audit.end.rows),
        (4, 4, 1, 0, 9)
    );
    assert_eq!(audit.finding, None);
    assert_whole(&Store::open(store.path()).expect("a store"));
}

#[test]
fn the_first_row_that_was_changed_taken_out_or_put_in_is_named() {
    let cases = [
        (
            "UPDATE history SET text = 'three' WHERE id = 3",
            Finding::Changed(row("history", 3)),
        ),
        (
            "UPDATE history SET at = at + 1 WHERE id IN (2, 4)",
            Finding::Changed(row("history", 2)),
        ),
        (
            "UPDATE history SET kind = 'operator' WHERE id = 1",
            Finding::Changed(row("history", 1)),
        ),
        (
            "UPDATE api_calls SET code = '0' WHERE id = 2",
            Finding::Changed(row("call", 2)),
        ),
        (
            "UPDATE api_calls SET order_id = NULL WHERE id = 4",
            Finding::Changed(RowName {
                book: "call",
                id: 4,
                order: None,
            }),
        ),
        (
            "UPDATE mapping_imports SET imported_by = 'nobody'",
            Finding::Changed(row("import", 1)),
        ),
        ("DELETE FROM history WHERE id = 2", gone("history", 2)),
        ("DELETE FROM api_calls WHERE id = 1", gone("call", 1)),
        ("DELETE FROM history WHERE id = 4", gone("history", 4)),
        (
            "INSERT INTO history (order_id, at, after_call, kind, text) VALUES ('576900000000000101', 0, 0, 'operator', 'x')",
            Finding::Inserted(row("history", 5)),
        ),
        (
            "UPDATE history SET id = 9 WHERE id = 4; INSERT INTO history (id, order_id, at, after_call, kind, text)
                 VALUES (4, '576900000000000101', 0, 0, 'note', 'x')",
            Finding::Changed(row("history", 4)),
        ),
        (
            "UPDATE api_calls SET id = -1 WHERE id = 1",
            Finding::Inserted(RowName {
                book: "call",
                id: -1,
                order: None,
            }),
        ),
        ("DELETE FROM audit WHERE id = 3", Finding::Unlinked { place: 3 }),
        (
            "UPDATE audit SET hash = x'00' WHERE id = 1",
            Finding::Changed(row("history", 1)),
        ),
    ];
    for (statements, expected) in cases {
        let (_folder, store) = kept();
        meddle(&store, statements);
        assert_eq!(finding(&store), Some(expected), "{statements}");
    }
}

#[test]
fn a_row_of_the_chain_keeps_its_whole_hash_only_while_it_is_the_last() {
    let (_folder, store) = kept();
    let lengths = || {
        let query = "SELECT length(hash) FROM audit ORDER BY id DESC LIMIT 3";
        store.rows(query, [], |row| row.get::<_, i64>(0)).expect("read")
    };
    assert_eq!(lengths(), [32, 4, 4]);
    call(&store, None, days(1));
    assert_eq!(lengths(), [32, 4, 4]);
}

/// Four bytes are soon met by chance: the end proves by the whole hash.
#[test]
fn an_end_that_is_made_short_proves_nothing() {
    let (_folder, store) = kept();
    meddle(&store, "UPDATE audit SET hash = substr(hash, 1, 4)");
    assert_eq!(finding(&store), Some(Finding::OtherEnd { sealed: 9 }));
    let (_folder, store) = kept();
    meddle(&store, "UPDATE audit SET hash = x'' WHERE id = 4");
    assert!(matches!(finding(&store), Some(Finding::Changed(_))));
}

#[test]
fn what_was_done_by_hand_to_the_shop_is_a_book_of_the_chain() {
    for (statements, expected) in [
        ("", None),
        (
            "UPDATE hands SET text = 'nobody' WHERE id = 1",
            Some(Finding::Changed(row("hand", 1))),
        ),
        ("DELETE FROM hands WHERE id = 2", Some(gone("hand", 2))),
        (
            "INSERT INTO hands (at, after_call, kind, text) VALUES (0, 0, 'resumed', 'x')",
            Some(Finding::Inserted(row("hand", 3))),
        ),
    ] {
        let (_folder, store) = kept();
        let pause = Pause {
            since: days(1),
            until: None,
            because: None,
        };
        store.keep_pause(&pause, "seller", days(1)).expect("paused");
        store.end_pause("seller", days(2)).expect("resumed");
        assert_eq!(store.verify_audit(None).expect("read").hands, 2);
        meddle(&store, statements);
        assert_eq!(finding(&store), expected, "{statements}");
    }
}

#[test]
fn an_end_that_is_cut_off_shows_and_goes_on_showing_when_the_history_goes_on() {
    let (_folder, store) = kept();
    meddle(
        &store,
        "DELETE FROM history WHERE id = 4; DELETE FROM mappings; DELETE FROM mapping_imports; DELETE FROM audit WHERE id >= 8",
    );
    let broken = |cut: &Store| finding(cut).expect("broken");
    assert_eq!(broken(&store), Finding::CutOff { rows: 2 });
    let order = TiktokOrderId::new(ORDER);
    for (text, after) in [
        ("three", Finding::CutOff { rows: 1 }),
        ("four", Finding::OtherEnd { sealed: 9 }),
        ("five", Finding::OtherEnd { sealed: 9 }),
    ] {
        store.note(&order, "note", text, days(1)).expect("the work goes on");
        assert_eq!(broken(&store), after);
    }
}

/// The rows of the chain are no secret: whoever knows how can write them, but not their seal.
#[test]
fn a_row_that_is_chained_by_something_else_lacks_the_seal() {
    let (_folder, store) = kept();
    let connection = crate::store::engine::Connection::File(Connection::open(store.path()).expect("a connection"));
    let transaction = connection.transaction().expect("begun");
    let insertion = "INSERT INTO history (order_id, at, after_call, kind, text) VALUES ('576900000000000101', 0, 0, 'operator', 'x')";
    write(&transaction, Book::History, insertion, []).expect("written");
    transaction.commit().expect("committed");
    assert_eq!(finding(&store), Some(Finding::Continued { sealed: 9 }));
    call(&store, None, days(1));
    assert_eq!(
        finding(&store),
        Some(Finding::Continued { sealed: 9 }),
        "it is not sealed with the next row"
    );
}

#[test]
fn a_seal_that_is_gone_or_of_another_chain_and_an_emptied_history_show() {
    let everything = "DELETE FROM history; DELETE FROM api_calls; DELETE FROM mappings; DELETE FROM mapping_imports; DELETE FROM audit;";
    for (statements, expected) in [
        ("UPDATE audit_end SET end_sealed = NULL".to_owned(), Finding::Unsealed),
        ("DELETE FROM audit_end".to_owned(), Finding::Unsealed),
        (
            "UPDATE audit_end SET end_sealed = x'0102'".to_owned(),
            Finding::Unsealed,
        ),
        (
            "UPDATE audit_end SET end_sealed = (SELECT value_sealed FROM facts LIMIT 1)".to_owned(),
            Finding::Unsealed,
        ),
        (everything.to_owned(), Finding::CutOff { rows: 9 }),
        (
            format!("{everything} UPDATE audit_end SET end_sealed = NULL"),
            Finding::Emptied,
        ),
    ] {
        let (_folder, store) = kept();
        meddle(&store, &statements);
        assert_eq!(finding(&store), Some(expected), "{statements}");
    }
}

#[test]
fn calls_that_purge_drops_leave_the_chain_whole_and_others_do_not() {
    let (_folder, store) = kept();
    assert_eq!(store.purge(TimeDelta::days(25), days(100)).expect("purged").calls, 4);
    let audit = store.verify_audit(None).expect("read");
    assert_eq!((audit.calls, audit.dropped, audit.finding), (0, 4, None));
    call(&store, None, days(100));
    assert_whole(&store);
    assert_eq!(store.purge(TimeDelta::days(25), days(200)).expect("purged").calls, 1);
    call(&store, None, days(200));
    assert_whole(&store);
    meddle(&store, "UPDATE dropped_calls SET digest = zeroblob(32) WHERE id = 3");
    assert_eq!(
        finding(&store),
        Some(Finding::Changed(RowName {
            book: "call",
            id: 3,
            order: None
        }))
    );
}

#[test]
fn the_calls_of_an_order_that_has_long_ended_are_dropped_and_counted() {
    let (_folder, store) = kept();
    let open = fill(&store, "576900000000000102", "routed");
    call(&store, Some(&open), days(0));
    assert_eq!(store.purge(TimeDelta::days(25), days(89)).expect("purged").calls, 0);
    assert_eq!(store.purge(TimeDelta::days(25), days(91)).expect("purged").calls, 4);
    let dropped = |order: &TiktokOrderId| store.calls_dropped(order).expect("read");
    assert_eq!((dropped(&TiktokOrderId::new(ORDER)), dropped(&open)), (2, 0));
    assert_eq!(store.call_rows(&open).expect("read").len(), 1, "it is still open");
    let audit = store.verify_audit(None).expect("read");
    assert_eq!((audit.calls, audit.dropped, audit.finding), (1, 4, None));
}

#[test]
fn a_call_that_is_made_to_look_dropped_is_found() {
    let (_folder, store) = kept();
    let connection = crate::store::engine::Connection::File(Connection::open(store.path()).expect("a connection"));
    let query = format!("SELECT {} WHERE id = 2", Book::Calls.columns());
    let digest = connection
        .query_row(&query, [], |row| digest(Book::Calls, row))
        .expect("a call");
    connection
        .execute("INSERT INTO dropped_calls VALUES (2, ?1)", [digest])
        .expect("marked");
    meddle(&store, "DELETE FROM api_calls WHERE id = 2");
    assert_eq!(finding(&store), Some(Finding::Dropped { marked: 1, sealed: 0 }));
}

#[test]
fn what_keeps_the_database_leaves_the_history_whole() {
    let (folder, store) = kept();
    let order = TiktokOrderId::new(ORDER);
    assert_eq!(
        store.plan_purge(TimeDelta::days(25), days(30)).expect("planned").orders,
        1
    );
    assert_whole(&store);
    assert!(store.erase_buyer(&order, "by hand", days(1)).expect("erased"));
    assert_whole(&store);
    store.rekey("seller", days(1)).expect("changed");
    assert_whole(&store);
    let copy = folder.path().join("copy.db");
    let end = store.backup(&copy, false, days(1)).expect("a backup");
    assert_eq!(end, store.chain_end().expect("read"));
    store.note(&order, "note", "after the backup", days(2)).expect("noted");
    let backup = Store::open(&copy).expect("a backup by itself");
    assert_eq!(backup.verify_audit(None).expect("read").end, end);
    assert_whole(&backup);
    let path = store.path().to_owned();
    drop((store, backup));
    crate::store::restore(&copy, &path, true, days(3)).expect("restored");
    let store = Store::open(&path).expect("a store");
    assert_whole(&store);
    let restored = "SELECT count(*) FROM hands WHERE kind = 'restored' AND text LIKE 'a copy was put back by %copy.db'";
    let restored: i64 = store
        .connection()
        .query_row(restored, [], |row| row.get(0))
        .expect("a count");
    assert_eq!(restored, 1);
    store.rollback_import(None, "seller", days(3)).expect("undone");
    store.note(&order, "note", "goes on", days(3)).expect("noted");
    assert_whole(&store);
}

#[test]
fn what_is_not_committed_is_not_in_the_chain() {
    let (_folder, store) = kept();
    let before = store.chain_end().expect("read");
    let order = TiktokOrderId::new(ORDER);
    let refused = store.write(|transaction| {
        crate::store::steps::write_history(transaction, None, &order, days(1), "note", "never")?;
        Err::<(), _>(Error::NoImport)
    });
    assert!(refused.is_err());
    assert_eq!(store.chain_end().expect("read"), before);
    assert_whole(&store);
}

#[test]
fn several_processes_write_one_chain() {
    let (_folder, store) = kept();
    let path = store.path().to_owned();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || {
                let store = Store::open(&path).expect("a store");
                for _ in 0..25 {
                    call(&store, None, days(1));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    let audit = store.verify_audit(None).expect("read");
    assert_eq!((audit.calls, audit.finding), (104, None));
}

#[test]
fn an_end_that_went_out_is_found_in_the_chain_and_not_in_one_that_was_written_anew() {
    let (_folder, store) = kept();
    let sent = store.chain_end().expect("read").head;
    call(&store, None, days(1));
    let of = |store: &Store, head: &str| store.verify_audit(Some(head)).expect("read").finding;
    assert_eq!(of(&store, &sent), None);
    meddle(
        &store,
        "UPDATE history SET text = 'three' WHERE id = 3; DELETE FROM audit; UPDATE audit_end SET end_sealed = NULL",
    );
    // Who has the data key can write all of it anew.
    store
        .with_connection(|connection| {
            let transaction = connection.transaction()?;
            chain_all(&transaction, None, put)?;
            Ok(transaction.commit()?)
        })
        .expect("written anew");
    assert_whole(&store);
    assert_eq!(of(&store, &sent), Some(Finding::OtherHead { head: sent.clone() }));
}

#[test]
fn a_counter_that_says_something_else_than_a_count_is_named() {
    let (_folder, store) = kept();
    meddle(&store, "UPDATE order_counts SET orders = 7 WHERE state = 'completed'");
    let expected = Finding::Counter {
        what: "completed (normal)".into(),
        said: 7,
        counted: 1,
    };
    assert_eq!(finding(&store), Some(expected));
}

#[test]
fn a_count_of_late_orders_that_is_none_is_named() {
    let (_folder, store) = kept();
    meddle(
        &store,
        "INSERT INTO dispatch_counts (due_by, speed, carrier, up_to, orders) VALUES (1767614400, 'Standard', 'UPS', 0, 3)",
    );
    let expected = Finding::Counter {
        what: "due by 2026-01-05T12:00:00Z, Standard, UPS, in time (0)".into(),
        said: 3,
        counted: 0,
    };
    assert_eq!(finding(&store), Some(expected));
}

/// A database of before the chain, with two notes and two calls of an order and an import.
fn older() -> (tempfile::TempDir, std::path::PathBuf, crate::store::engine::Connection) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mcf.db");
    let older = crate::store::open::of_version(&path, 28);
    older
        .execute_batch(
            "INSERT INTO orders (id, state, tiktok_status, state_since, detected_at, cancel_requested, authentication_required,
                 is_cash_on_delivery, created_at, updated_at) VALUES ('576900000000000101', 'routed', 'X', 0, 0, 0, 0, 0, 0, 0);
             INSERT INTO history (order_id, at, after_call, kind, text)
                 VALUES ('576900000000000101', 0, 0, 'note', 'one'), ('576900000000000101', 0, 0, 'note', 'two');
             INSERT INTO api_calls (order_id, at, peer, operation, method, path, duration_ms, outcome)
                 VALUES (NULL, 0, 'tiktok', 'x', 'GET', '/', 1, 'answered'), (NULL, 0, 'tiktok', 'x', 'GET', '/', 1, 'answered');
             INSERT INTO mapping_imports (imported_at, source, sha256, imported_by, added, changed, removed, unchanged)
                 VALUES (0, '-', '00', 'seller', 1, 0, 0, 0);",
        )
        .expect("rows");
    (folder, path, older)
}

#[test]
fn a_database_of_before_the_chain_is_chained_at_its_upgrade() {
    let (_folder, path, older) = older();
    drop(older);
    let upgraded = Store::open(&path).expect("upgraded");
    let audit = upgraded.verify_audit(None).expect("read");
    assert_eq!(
        (audit.history, audit.calls, audit.imports, audit.finding),
        (2, 2, 1, None)
    );
    call(&upgraded, None, days(2));
    assert_whole(&upgraded);
}

#[test]
fn an_upgrade_waits_for_the_runs_of_the_older_program() {
    let (_folder, path, older) = older();
    let run = crate::store::Lock::take(&path, "orders", days(1)).expect("a run of the older program");
    let run = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        let insertion =
            "INSERT INTO history (order_id, at, after_call, kind, text) VALUES (?1, 0, 0, 'note', 'its last word')";
        older.execute(insertion, [ORDER]).expect("noted");
        drop((run, older));
    });
    let upgraded = Store::open(&path).expect("upgraded");
    run.join().expect("no panic");
    let audit = upgraded.verify_audit(None).expect("read");
    assert_eq!((audit.history, audit.finding), (3, None));
}
