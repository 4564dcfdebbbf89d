//! What a server makes different: who may work, what is refused, and that both schemas are one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::engine::{Address, Connection};
use super::tests_support::{fill, filled_at, fresh_address, given_key, served_at};
use super::vault::VaultError;
use super::{Error, LockError, Opening, ServerError, Store};
use crate::domain::ids::TiktokOrderId;
use crate::secret::Secret;

fn now() -> DateTime<Utc> {
    filled_at()
}

/// Two hosts of one shop.
fn two_hosts() -> Option<(Store, Store)> {
    let address = fresh_address()?;
    Some((served_at(&address), served_at(&address)))
}

fn run_sql(store: &Store, sql: &str) {
    store.connection().execute_batch(sql).expect(sql);
}

fn opened(address: &Address, key: Option<&Secret>) -> super::Result<Store> {
    let opening = Opening {
        now: now(),
        watch: &|_| {},
        key,
    };
    Store::open_served(address, opening)
}

#[test]
fn one_host_works_and_the_other_hears_who() {
    let Some((one, other)) = two_hosts() else { return };
    let held = one.take("orders", now()).expect("free");
    let LockError::Busy { pid, since, .. } = other.take("orders", now()).expect_err("busy") else {
        panic!("busy");
    };
    assert_eq!((pid, since), (Some(std::process::id()), Some(now())));
    drop(other.take("tracking", now()).expect("another work is free"));
    drop(held);
    drop(other.take("orders", now()).expect("free again"));
}

#[test]
fn a_holder_that_was_stopped_and_wakes_writes_nothing() {
    let Some((one, other)) = two_hosts() else { return };
    let lost = one.take("orders", now()).expect("free");
    one.keep_fact("before", &1, now()).expect("still ours");
    run_sql(
        &other,
        "UPDATE lease SET expires_at = clock_timestamp() - INTERVAL '1 second'",
    );
    one.keep_fact("late", &1, now()).expect("nobody has taken it yet");
    let _taken = other.take("orders", now()).expect("taken over");
    let refused = one.keep_fact("after", &1, now()).expect_err("lost");
    assert!(matches!(refused, Error::Lock(LockError::Lost)), "{refused:?}");
    assert!(other.fact::<i32>("after").expect("read").is_none());
    drop(lost);
    assert!(
        matches!(one.take("orders", now()), Err(LockError::Busy { .. })),
        "the other has it still"
    );
    other.keep_fact("other", &1, now()).expect("the other writes");
}

#[test]
fn a_lease_is_renewed_while_its_work_waits_and_writes_nothing() {
    let Some((one, other)) = two_hosts() else { return };
    let life = Duration::from_millis(1_500);
    for host in [&one, &other] {
        host.connection().server().expect("a server").live(life);
    }
    let held = one.take("orders", now()).expect("free");
    let begun = Instant::now();
    while begun.elapsed() < life * 2 {
        std::thread::sleep(life / 10);
        assert!(
            matches!(other.take("orders", now()), Err(LockError::Busy { .. })),
            "overtaken"
        );
    }
    one.keep_fact("after", &1, now()).expect("still ours");
    drop(held);
    drop(other.take("orders", now()).expect("free"));
}

#[test]
fn a_lease_that_its_process_no_longer_renews_ends() {
    let Some((one, other)) = two_hosts() else { return };
    let life = Duration::from_millis(300);
    one.connection().server().expect("a server").live(life);
    let _held = one.take("orders", now()).expect("free");
    // As if its process stood still.
    let standing = one.connection();
    run_sql(&other, "UPDATE lease SET holder = 'another-host 4194304-1'");
    assert!(matches!(other.take("orders", now()), Err(LockError::Busy { .. })));
    std::thread::sleep(life);
    let taken = other.take("orders", now()).expect("over");
    drop(standing);
    let refused = one.keep_fact("late", &1, now()).expect_err("lost");
    assert!(matches!(refused, Error::Lock(LockError::Lost)), "{refused:?}");
    drop(taken);
}

#[test]
fn a_holder_of_before_a_restore_does_not_find_its_epoch_again() {
    let Some(address) = fresh_address() else { return };
    let (one, folder) = (served_at(&address), crate::test_folder::folder());
    fill(&one, "1", "routed");
    one.note(&TiktokOrderId::new("1"), "note", "x", now()).expect("noted");
    let copy = folder.path().join("copy.db");
    one.backup(&copy, false, now()).expect("a backup");
    let stopped = one.take("orders", now()).expect("free");
    let opening = Opening {
        now: now(),
        watch: &|_| {},
        key: Some(&given_key()),
    };
    let restored = || super::restore_served(&copy, &address, true, opening, "seller", &|_, _| {});
    assert!(
        matches!(restored(), Err(Error::Lock(LockError::Busy { .. }))),
        "a run is under way"
    );
    run_sql(
        &one,
        "UPDATE lease SET expires_at = clock_timestamp() - INTERVAL '1 second'",
    );
    restored().expect("restored").expect("kept");
    let is_refused = |when: &str| {
        let refused = one.keep_fact("late", &1, now()).expect_err(when);
        assert!(matches!(refused, Error::Lock(LockError::Lost)), "{when}: {refused:?}");
    };
    is_refused("what it decided on is no more");
    let other = served_at(&address);
    let _taken = other.take("orders", now()).expect("free");
    is_refused("another has it");
    drop(stopped);
}

#[test]
fn a_process_with_the_former_key_writes_nothing_into_the_history() {
    let Some(address) = fresh_address() else { return };
    let folder = crate::test_folder::folder();
    let file = folder.path().join("data.key");
    std::fs::write(&file, given_key().expose()).expect("a key");
    let (one, other) = (served_at(&address).keyed_by(&file).expect("a key"), served_at(&address));
    let order = fill(&one, "1", "routed");
    other.note(&order, "note", "before", now()).expect("noted");
    one.rekey("seller", now()).expect("another key");
    let refused = other.note(&order, "note", "after", now()).expect_err("another key");
    assert!(matches!(refused, Error::Vault(VaultError::OtherKey)), "{refused:?}");
    one.note(&order, "note", "after", now()).expect("noted");
    assert_eq!(one.verify_audit(None).expect("read").finding, None);
}

#[test]
fn the_work_of_a_process_that_died_here_is_followed_at_once() {
    let Some((one, other)) = two_hosts() else { return };
    std::mem::forget(one.take("orders", now()).expect("free"));
    run_sql(
        &other,
        "UPDATE lease SET holder = regexp_replace(holder, ' [0-9]+-[0-9]+$', ' 4194304-1')",
    );
    drop(other.take("orders", now()).expect("its process is no more"));
    let Some((one, other)) = two_hosts() else { return };
    std::mem::forget(one.take("orders", now()).expect("free"));
    run_sql(&other, "UPDATE lease SET holder = 'another-host 4194304-1'");
    assert!(matches!(
        other.take("orders", now()),
        Err(LockError::Busy { pid: None, .. })
    ));
}

#[test]
fn a_connection_that_was_cut_between_two_writes_is_made_again() {
    let Some((one, other)) = two_hosts() else { return };
    let session: i64 = one.value("SELECT pg_backend_pid()", []).expect("a session");
    let cut = format!("SELECT pg_terminate_backend({session})");
    run_sql(&other, &cut);
    one.keep_fact("after", &1, now())
        .expect("nothing was said that could be lost");
    assert!(other.fact::<i32>("after").expect("read").is_some());
}

#[test]
fn another_key_a_newer_schema_and_a_session_that_may_only_read_are_refused() {
    let Some(address) = fresh_address() else { return };
    assert!(matches!(opened(&address, None), Err(Error::NoKeyGiven)));
    let store = served_at(&address);
    let other = Secret::new("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDA=");
    assert!(matches!(opened(&address, Some(&other)), Err(Error::Vault(_))));
    let url = format!("{}?options=-c%20default_transaction_read_only%3Don", address_text());
    let reader = Address::read(&url, address.schema()).expect("an address");
    let reader = opened(&reader, Some(&given_key())).expect("a reader");
    assert_eq!(reader.fact::<i32>("none").expect("read"), None);
    let refused = reader.keep_fact("x", &1, now()).expect_err("read only");
    assert!(matches!(refused, Error::Server(ServerError::ReadOnly)), "{refused:?}");
    run_sql(&store, "UPDATE schema_version SET version = 9999");
    assert!(matches!(opened(&address, Some(&given_key())), Err(Error::Newer { .. })));
    let asynchronous = format!("{}?options=-c%20synchronous_commit%3Doff", address_text());
    let asynchronous = Address::read(&asynchronous, address.schema()).expect("an address");
    assert!(matches!(
        opened(&asynchronous, Some(&given_key())),
        Err(Error::Forgetful {
            setting: "synchronous_commit"
        })
    ));
}

fn address_text() -> String {
    crate::test_postgres::address().expect("a server")
}

/// Tables with their columns in their order, whether they may be NULL, and all indexes of a schema.
fn shape(connection: &Connection, columns: &str, indexes: &str) -> BTreeSet<String> {
    let mut shape = BTreeSet::new();
    for query in [columns, indexes] {
        let mut statement = connection.prepare(query).expect("a query");
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        shape.extend(rows.map(|row| row.expect("a row").to_lowercase()));
    }
    shape
}

#[test]
fn both_engines_have_the_same_tables_columns_and_indexes() {
    let Some(address) = fresh_address() else { return };
    let (server, folder) = (served_at(&address), crate::test_folder::folder());
    let file = Store::open(&folder.path().join("mcf.db")).expect("a store");
    let of_file = shape(
        &file.connection(),
        "SELECT tables.name || '.' || columns.name || ' ' || columns.cid || ' ' || (columns.\"notnull\" OR columns.pk > 0) || ' '
             || replace(replace(replace(columns.type, 'INTEGER', 'BIGINT'), 'BLOB', 'BYTEA'), 'REAL', 'DOUBLE PRECISION')
         FROM sqlite_schema AS tables, pragma_table_xinfo(tables.name) AS columns
         WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'",
        "SELECT name FROM sqlite_schema WHERE type IN ('index', 'view', 'table') AND name NOT LIKE 'sqlite_%'",
    );
    let of_server = shape(
        &server.connection(),
        "SELECT table_name || '.' || column_name || ' ' || (ordinal_position - 1) || ' '
             || CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END || ' ' || data_type
         FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'",
        "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relnamespace = current_schema()::regnamespace
             AND relkind IN ('r', 'v', 'i') AND relname NOT LIKE '%_pkey' AND relname NOT LIKE '%_key'",
    );
    let of_server_alone = |one: &&String| {
        ["gate", "lease", "schema_version"]
            .iter()
            .any(|table| one.starts_with(table))
    };
    let missing: Vec<_> = of_file.difference(&of_server).collect();
    let more: Vec<_> = of_server
        .difference(&of_file)
        .filter(|one| !of_server_alone(one))
        .collect();
    assert_eq!(
        (missing, more),
        (Vec::new(), Vec::new()),
        "a migration of one engine lacks its twin of the other"
    );
}
