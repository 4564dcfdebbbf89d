//! The columns that hold sealed values: every one whose name ends with `_sealed`, whichever table it is in.
//!
//! They are TikTok's recipient and its sentence about an order, the exact body of a fulfillment order with its destination and
//! Amazon's sentence about it, both vendors' tokens, all facts, and the end of the history's chain. History, flags and events hold nothing
//! that needs it. Each value is bound to its table, its column and the primary key of its row.

use std::path::Path;

use super::Result;
use super::engine::{self, Connection, Row, Transaction, params};
use super::vault::{SealedValue, Vault, VaultError};
use crate::secret::Secret;

/// A column that holds sealed values, and what names the rows of its table.
pub(super) struct SealedColumn {
    pub(super) table: String,
    pub(super) column: String,
    /// The column that names a row, and its type.
    pub(super) key: String,
    kind: String,
}

impl SealedColumn {
    /// Hands every value of the column to `work`, one by one.
    fn each(&self, connection: &Connection, mut work: impl FnMut(SealedValue) -> Result<()>) -> Result<()> {
        let mut statement = connection.prepare(&self.query())?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            work(self.value(&row)?)?;
        }
        Ok(())
    }

    fn first(&self, connection: &Connection) -> Result<Option<SealedValue>> {
        let mut statement = connection.prepare(&format!("{} LIMIT 1", self.query()))?;
        let mut rows = statement.query([])?;
        Ok(rows.next()?.map(|row| self.value(&row)).transpose()?)
    }

    fn query(&self) -> String {
        let Self { table, column, key, .. } = self;
        format!("SELECT CAST({key} AS TEXT), {column} FROM {table} WHERE {column} IS NOT NULL")
    }

    fn value(&self, row: &Row<'_>) -> engine::Result<SealedValue> {
        Ok(SealedValue {
            table: self.table.clone(),
            column: self.column.clone(),
            row: row.get(0)?,
            sealed: row.get(1)?,
        })
    }

    fn values(&self, connection: &Connection) -> Result<Vec<SealedValue>> {
        let mut values = Vec::new();
        self.each(connection, |value| {
            values.push(value);
            Ok(())
        })?;
        Ok(values)
    }
}

/// Tells whether the database holds a value that only its data key opens.
pub(super) fn holds_sealed(connection: &Connection) -> Result<bool> {
    for SealedColumn { table, column, .. } in sealed_columns(connection)? {
        let query = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} IS NOT NULL)");
        if connection.query_row(&query, [], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns one sealed value, where there is one.
pub(super) fn any_sealed(connection: &Connection) -> Result<Option<SealedValue>> {
    for column in sealed_columns(connection)? {
        if let Some(value) = column.first(connection)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Refuses a key from outside that opens nothing here. One value may be damaged, so that one of each column is tried.
pub(super) fn refuse_other_key(connection: &Connection, vault: &Vault) -> Result<()> {
    let mut is_sealed = false;
    for column in sealed_columns(connection)? {
        let Some(value) = column.first(connection)? else {
            continue;
        };
        if vault.open(&value.sealed, value.place()).is_ok() {
            return Ok(());
        }
        is_sealed = true;
    }
    if is_sealed {
        return Err(VaultError::OtherKey.into());
    }
    Ok(())
}

/// Returns every sealed value.
pub(super) fn sealed(connection: &Connection) -> Result<Vec<SealedValue>> {
    let mut values = Vec::new();
    for column in sealed_columns(connection)? {
        values.extend(column.values(connection)?);
    }
    Ok(values)
}

/// Seals every value anew, and returns how many there were. `anew` gives nothing for what is to stay as it is.
pub(super) fn seal_anew(
    transaction: &Transaction<'_>,
    anew: impl Fn(&SealedValue) -> Result<Option<Vec<u8>>>,
) -> Result<usize> {
    let mut count = 0;
    for column in sealed_columns(transaction)? {
        let SealedColumn {
            table,
            column: name,
            key,
            kind,
        } = &column;
        let update = format!("UPDATE {table} SET {name} = ?2 WHERE {key} = CAST(?1 AS {kind})");
        let mut update = transaction.prepare(&update)?;
        for value in column.values(transaction)? {
            if let Some(sealed) = anew(&value)? {
                update.execute(params![value.row, sealed])?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Binds what versions before have sealed to its place. What no key opens stays as it is, and is
/// refused from now on like everything that is not bound.
pub(super) fn bind_all(transaction: &Transaction<'_>, key: Option<&Secret>) -> Result<()> {
    let database = transaction.file()?.path().filter(|path| !path.is_empty());
    let Some(database) = database.filter(|_| holds_sealed(transaction).unwrap_or(true)) else {
        return Ok(());
    };
    let vault = Vault::of(Path::new(database), key, false)?;
    seal_anew(transaction, |value| {
        let plain = vault.open_any(&value.sealed, value.place());
        Ok(plain.ok().map(|plain| vault.seal(&plain, value.place())).transpose()?)
    })?;
    Ok(())
}

pub(super) fn sealed_columns(connection: &Connection) -> Result<Vec<SealedColumn>> {
    let query = match connection.server() {
        Some(_) => OF_SERVER,
        None => OF_FILE,
    };
    Ok(connection
        .prepare_cached(query)?
        .query_map([], |row| {
            Ok(SealedColumn {
                table: row.get(0)?,
                column: row.get(1)?,
                key: row.get(2)?,
                kind: row.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

const OF_FILE: &str = "SELECT tables.name, columns.name, keys.name, keys.type
     FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns JOIN pragma_table_info(tables.name) AS keys
     WHERE tables.type = 'table' AND columns.name LIKE '%\\_sealed' ESCAPE '\\' AND keys.pk = 1
     ORDER BY tables.name DESC, columns.cid";

const OF_SERVER: &str =
    "SELECT tables.relname, columns.attname, keys.attname, format_type(keys.atttypid, keys.atttypmod)
     FROM pg_class AS tables JOIN pg_namespace AS schemas ON schemas.oid = tables.relnamespace
     JOIN pg_attribute AS columns ON columns.attrelid = tables.oid
     JOIN pg_index AS indexes ON indexes.indrelid = tables.oid AND indexes.indisprimary
     JOIN pg_attribute AS keys ON keys.attrelid = tables.oid AND keys.attnum = indexes.indkey[0]
     WHERE schemas.nspname = current_schema() AND tables.relkind = 'r' AND NOT columns.attisdropped
       AND columns.attname LIKE '%\\_sealed' ESCAPE '\\'
     ORDER BY tables.relname DESC, columns.attnum";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TiktokOrderId;
    use crate::store::tests_support::{fill, store};
    use crate::store::vault::old_form;
    use crate::store::{Error, Store, Vendor};

    /// A fixture whose recipients can be read as such.
    fn with_recipients() -> (tempfile::TempDir, Store) {
        let (folder, store) = store();
        for order in ["1", "2"] {
            fill(&store, order, "routed");
            let place = crate::store::vault::Place::new("orders", "tiktok_words_sealed", order);
            let said = store
                .seal(&format!("no such street in {order}"), place)
                .expect("sealed");
            let kept = "UPDATE orders SET tiktok_words_sealed = ?2 WHERE id = ?1";
            store.connection().execute(kept, (order, said)).expect("kept");
        }
        (folder, store)
    }

    fn words(store: &Store, order: &str) -> Result<Option<String>> {
        store.tiktok_words(&TiktokOrderId::new(order))
    }

    #[test]
    fn values_that_were_swapped_or_copied_do_not_open_and_the_error_names_the_row() {
        for meddling in [
            "UPDATE orders SET tiktok_words_sealed = (SELECT tiktok_words_sealed FROM orders AS other WHERE other.id = '2') WHERE id = '1'",
            "UPDATE orders SET tiktok_words_sealed = recipient_sealed WHERE id = '1'",
            "UPDATE orders SET tiktok_words_sealed = (SELECT value_sealed FROM facts) WHERE id = '1'",
        ] {
            let (_folder, store) = with_recipients();
            store.connection().execute_batch(meddling).expect("meddled with");
            let error = words(&store, "1").expect_err(meddling);
            assert!(matches!(error, Error::Vault(VaultError::NotOpened { .. })), "{error:?}");
            let text = error.to_string();
            assert!(
                text.contains("tiktok_words_sealed of 1 in orders") && !text.contains("street"),
                "{text}"
            );
            assert!(words(&store, "2").is_ok());
        }
    }

    /// A database of before the binding, as that version sealed: what TikTok said about an order, a fact, and tokens.
    fn older() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mcf.db");
        let older = crate::store::open::of_version(&path, 30);
        let vault = Vault::beside(&path, true).expect("a key");
        let sealed = |text: &str| old_form(&vault, format!("\"{text}\"").as_bytes());
        older
            .execute(
                "INSERT INTO orders (id, state, tiktok_status, state_since, detected_at, cancel_requested, authentication_required,
                     is_cash_on_delivery, created_at, updated_at, tiktok_words_sealed) VALUES ('1', 'routed', 'X', 0, 0, 0, 0, 0, 0, 0, ?1)",
                [sealed("no such street in 1")],
            )
            .expect("an order");
        older
            .execute(
                "INSERT INTO tokens (vendor, access_sealed, access_expires_at, refresh_sealed, seed_hash, updated_at)
                     VALUES ('tiktok', ?1, 0, ?2, 'abc', 7)",
                (sealed("TTP_access"), sealed("TTP_refresh")),
            )
            .expect("tokens");
        older
            .execute_batch("INSERT INTO facts VALUES ('bad', x'01', 0)")
            .expect("a damaged value");
        (folder, path)
    }

    fn access(store: &Store) -> String {
        let tokens = store.tokens(Vendor::Tiktok).expect("opened").expect("tokens");
        tokens.access.expose().to_owned()
    }

    #[test]
    fn an_upgrade_binds_every_value_and_what_is_not_bound_is_refused_from_then_on() {
        let (_folder, path) = older();
        let store = Store::open(&path).expect("upgraded");
        let said = words(&store, "1").expect("opened");
        assert_eq!(
            (said.as_deref(), access(&store).as_str()),
            (Some("no such street in 1"), "TTP_access")
        );
        let values = sealed(&store.connection()).expect("read");
        let unbound = values.iter().filter(|value| value.sealed.first() != Some(&0));
        assert_eq!(unbound.map(|value| value.row.as_str()).collect::<Vec<_>>(), ["bad"]);
        let old = old_form(&store.vault(), b"\"no such street in 1\"");
        let put = "UPDATE orders SET tiktok_words_sealed = ?1 WHERE id = '1'";
        store.connection().execute(put, [old]).expect("put in");
        assert!(matches!(
            words(&store, "1"),
            Err(Error::Vault(VaultError::NotOpened { .. }))
        ));
    }

    #[test]
    fn a_backup_of_the_version_before_comes_back_with_the_newest_tokens() {
        let (_older, copy) = older();
        rusqlite::Connection::open(&copy)
            .expect("a copy")
            .execute("DELETE FROM facts", [])
            .expect("nothing damaged");
        let (_folder, store) = with_recipients();
        let path = store.path().to_owned();
        drop(store);
        crate::store::restore(&copy, &path, true, crate::store::tests_support::filled_at()).expect("restored");
        let store = Store::open(&path).expect("upgraded");
        assert!(words(&store, "1").expect("opened").is_some());
        assert_eq!(
            access(&store),
            "TTP_access",
            "those of the replaced database are newer, and of the same chain"
        );
    }
}
