//! Databases whose data key is given from outside and lies in no file beside them.

use std::fs;
use std::path::Path;

use super::tests_support::{fill, filled_at};
use super::vault::{VaultError, key_path};
use super::{Error, Opening, Result, Store, Vendor, restore_watched};
use crate::domain::ids::TiktokOrderId;
use crate::secret::Secret;

const KEY: &str = "uLr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=";
const OTHER: &str = "AAr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=";
const ORDER: &str = "576900000000000101";

fn open(path: &Path, key: Option<&str>) -> Result<Store> {
    let key = key.map(Secret::new);
    let (now, watch, key) = (filled_at(), &|_: super::Upgrade<'_>| {}, key.as_ref());
    Store::open_watched(path, Opening { now, watch, key })
}

fn filled(folder: &Path, key: Option<&str>) -> Store {
    let store = open(&folder.join("mcf.db"), key).expect("a store");
    fill(&store, ORDER, "completed");
    store
}

fn access(store: &Store) -> String {
    let tokens = store.tokens(Vendor::Tiktok).expect("opened").expect("tokens");
    tokens.access.expose().to_owned()
}

fn refusal(opened: Result<Store>) -> VaultError {
    match opened.map(drop) {
        Err(Error::Vault(refusal)) => refusal,
        other => unreachable!("{other:?}"),
    }
}

fn restored(from: &Path, to: &Path, key: Option<&str>) {
    let key = key.map(Secret::new);
    let (now, watch, key) = (filled_at(), &|_: super::Upgrade<'_>| {}, key.as_ref());
    restore_watched(from, to, true, Opening { now, watch, key }, "seller", &|_, _| {}).expect("restored");
}

#[test]
fn a_given_key_seals_and_opens_and_no_key_file_is_written() {
    let folder = crate::test_folder::folder();
    let store = filled(folder.path(), Some(KEY));
    assert!(store.is_key_given());
    assert!(
        store
            .erase_buyer(&TiktokOrderId::new(ORDER), "asked for", filled_at())
            .expect("erased")
    );
    store.purge(chrono::TimeDelta::zero(), filled_at()).expect("purged");
    let path = store.path().to_owned();
    drop(store);
    assert_eq!(access(&open(&path, Some(KEY)).expect("opened")), "TTP_access");
    let as_in_a_file = format!("1 {KEY}\n");
    assert_eq!(access(&open(&path, Some(&as_in_a_file)).expect("opened")), "TTP_access");
    assert!(!key_path(&path).exists());
}

#[test]
fn another_key_and_no_key_are_refused_and_change_nothing() {
    let folder = crate::test_folder::folder();
    let path = filled(folder.path(), Some(KEY)).path().to_owned();
    assert!(matches!(refusal(open(&path, Some(OTHER))), VaultError::OtherKey));
    assert!(matches!(refusal(open(&path, None)), VaultError::Gone { .. }));
    assert!(!key_path(&path).exists());
    assert_eq!(access(&open(&path, Some(KEY)).expect("opened")), "TTP_access");
}

#[test]
fn one_damaged_value_does_not_make_a_key_another_one() {
    let folder = crate::test_folder::folder();
    let store = filled(folder.path(), Some(KEY));
    store
        .connection()
        .execute_batch("UPDATE tokens SET access_sealed = x'00010203'")
        .expect("damaged");
    assert!(open(store.path(), Some(KEY)).is_ok());
}

#[test]
fn a_key_file_beside_the_database_goes_before_a_given_key() {
    let folder = crate::test_folder::folder();
    let path = filled(folder.path(), None).path().to_owned();
    let store = open(&path, Some(KEY)).expect("opened by its file");
    assert!(!store.is_key_given());
    assert_eq!(access(&store), "TTP_access");
    store.rekey("seller", filled_at()).expect("its file is changed");
    drop(store);
    let apart = folder.path().join("apart.key");
    fs::rename(key_path(&path), &apart).expect("moved");
    let text = fs::read_to_string(&apart).expect("a key");
    let store = open(&path, Some(&text)).expect("opened by the same key, given");
    assert!(store.is_key_given());
}

#[test]
fn a_backup_has_the_given_key_beside_it_and_a_restore_seals_with_the_key_that_is_given_there() {
    let folder = crate::test_folder::folder();
    let (copy, elsewhere) = (folder.path().join("copy.db"), folder.path().join("elsewhere.db"));
    let store = filled(folder.path(), Some(KEY));
    store.backup(&copy, false, filled_at()).expect("a backup");
    assert_eq!(
        fs::read_to_string(key_path(&copy)).expect("a key"),
        format!("1 {KEY}\n")
    );
    let path = store.path().to_owned();
    drop(store);
    restored(&copy, &elsewhere, Some(OTHER));
    assert!(!key_path(&elsewhere).exists());
    assert_eq!(access(&open(&elsewhere, Some(OTHER)).expect("opened")), "TTP_access");
    assert!(matches!(refusal(open(&elsewhere, Some(KEY))), VaultError::OtherKey));
    restored(&copy, &path, Some(KEY));
    assert_eq!(access(&open(&path, Some(KEY)).expect("opened")), "TTP_access");
    assert!(!key_path(&path).exists());
    let by_file = folder.path().join("by-file.db");
    restored(&copy, &by_file, None);
    assert_eq!(access(&open(&by_file, None).expect("opened")), "TTP_access");
}

#[test]
fn what_a_restore_kept_of_a_database_without_a_key_file_comes_back_with_the_given_key() {
    let folder = crate::test_folder::folder();
    let path = filled(folder.path(), Some(KEY)).path().to_owned();
    let kept = folder.path().join("kept.db");
    fs::rename(&path, &kept).expect("moved");
    restored(&kept, &path, Some(KEY));
    assert_eq!(access(&open(&path, Some(KEY)).expect("opened")), "TTP_access");
}

#[test]
fn an_upgrade_seals_with_the_given_key() {
    let folder = crate::test_folder::folder();
    let path = folder.path().join("mcf.db");
    let store = filled(folder.path(), None);
    drop(store);
    let text = fs::read_to_string(key_path(&path)).expect("a key");
    fs::remove_file(key_path(&path)).expect("removed");
    fs::remove_file(&path).expect("removed");
    let older = super::open::of_version(&path, 28);
    older
        .execute_batch(
            "INSERT INTO orders (id, state, tiktok_status, state_since, detected_at, cancel_requested, authentication_required,
                 is_cash_on_delivery, created_at, updated_at) VALUES ('3', 'flagged', 'X', 0, 0, 0, 0, 0, 0, 0);
             INSERT INTO history (order_id, at, after_call, kind, text) VALUES ('3', 0, 0, 'deadline', 'it may be late');",
        )
        .expect("rows");
    drop(older);
    let store = open(&path, Some(&text)).expect("upgraded");
    assert!(store.is_key_given() && !key_path(&path).exists());
}

#[test]
fn a_given_key_is_not_changed_by_a_rekey() {
    let folder = crate::test_folder::folder();
    let store = filled(folder.path(), Some(KEY));
    for refused in [store.rekey("seller", filled_at()).map(drop), store.check_rekey()] {
        assert!(
            matches!(refused, Err(Error::Vault(VaultError::ChangedOutside))),
            "{refused:?}"
        );
    }
    assert_eq!(access(&open(store.path(), Some(KEY)).expect("opened")), "TTP_access");
}

#[test]
fn a_database_that_is_gone_whole_is_a_loss_where_no_key_file_tells_of_it_e174() {
    let folder = crate::test_folder::folder();
    let path = filled(folder.path(), Some(KEY)).path().to_owned();
    for rest in ["-wal", "-shm"] {
        let _ = fs::remove_file(super::ground::beside(&path, rest));
    }
    fs::remove_file(&path).expect("gone");
    assert!(matches!(open(&path, Some(KEY)), Err(Error::Lost { .. })));
    assert!(!path.exists());
}
