//! History that can't be changed unnoticed: what happened and what was done by hand is one chain of hashes.
//!
//! The rows of four books are chained in the order in which they are written: the history of orders (with it flags and what was done by
//! hand to an order), calls, imports of mappings, and what was done by hand to the shop. Only columns that never change and never hold a
//! buyer are covered, so that an erased buyer leaves the chain as it is. Of a call that `purge` drops its hash is kept. Of the hashes of
//! the chain the last one stands whole in its row; of those before it, which follow from the rows, as much as names the first wrong one.
//!
//! Each transaction that adds to the chain seals its new end with the data key, and only where the end that was sealed before is the one
//! that it found: who cuts, changes or adds rows by another program breaks the chain for good, not until the next run. Whoever has the
//! data key can write all of it anew; that shows by the ends that went out with `connector.stopped`.

#[cfg(test)]
mod tests;
mod verify;

use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::engine::{Connection, OptionalExtension, Params, Row, Transaction, ValueRef};
use super::vault::{Place, Vault, VaultError};
use super::{Error, Result, Store};
use crate::secret::Secret;

pub(super) use verify::proved;
pub use verify::{Audit, Finding, RowName};

type Hash = [u8; 32];

/// So much of its hash a row of the chain keeps once another one follows it.
const SHORT: usize = 4;

/// Where the sealed end lies.
const END: Place<'_> = Place::new("audit_end", "end_sealed", "1");

/// What a row of the chain stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Book {
    History,
    Calls,
    Imports,
    Hands,
}

impl Book {
    const ALL: [Self; 4] = [Self::History, Self::Calls, Self::Imports, Self::Hands];

    /// Returns the number kept in the store.
    fn number(self) -> i64 {
        match self {
            Self::History => 0,
            Self::Calls => 1,
            Self::Imports => 2,
            Self::Hands => 3,
        }
    }

    /// Returns the word that goes into the hashes.
    fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Calls => "call",
            Self::Imports => "import",
            Self::Hands => "hand",
        }
    }

    fn read(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|book| book.number() == number)
    }

    /// The columns that are covered, the number of the row first, and their table. A column is never taken out or put between.
    fn columns(self) -> &'static str {
        match self {
            Self::History => "id, order_id, run_id, at, after_call, kind, from_state, to_state, text FROM history",
            Self::Calls => {
                "id, run_id, order_id, at, peer, operation, method, path, duration_ms, outcome, status, code, request_id FROM api_calls"
            }
            Self::Imports => {
                "id, imported_at, source, sha256, imported_by, added, changed, removed, unchanged FROM mapping_imports"
            }
            Self::Hands => "id, at, after_call, kind, text FROM hands",
        }
    }
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEnd {
    /// How many rows it has, those of dropped calls included.
    pub rows: i64,
    /// The hash of the last one, in hexadecimal digits.
    pub head: String,
    /// How many calls were dropped.
    dropped: i64,
}

impl Store {
    /// Returns where the chain of history, calls and imports ends.
    pub fn chain_end(&self) -> Result<ChainEnd> {
        self.read(end)
    }

    /// Seals the new end of the chain with what was written. Where the end that is sealed is not the one that this transaction found,
    /// somebody else has changed the chain, and the seal goes on saying what it was.
    pub(super) fn seal_end(&self, transaction: &Transaction<'_>, found: &ChainEnd) -> Result<()> {
        if end(transaction)? == *found {
            return Ok(());
        }
        let mut vault = self.vault();
        // A key file that can't be read just now must not keep a call from being recorded: the key that is loaded seals.
        let _ = vault.refresh();
        seal_end(transaction, found, &vault)
    }
}

/// Seals the new end, where the one that is sealed is what was found.
pub(super) fn seal_end(transaction: &Transaction<'_>, found: &ChainEnd, vault: &Vault) -> Result<()> {
    if !is_sealed(transaction, found, vault)? {
        return Ok(());
    }
    let plain = serde_json::to_vec(&end(transaction)?).map_err(|_| Error::Unreadable { what: "end" })?;
    put_end(transaction, &vault.seal(&plain, END)?)
}

fn is_sealed(connection: &Connection, found: &ChainEnd, vault: &Vault) -> Result<bool> {
    let Some(sealed) = sealed_end(connection)? else {
        return Ok(found.rows == 0);
    };
    match vault.open(&sealed, END) {
        // A host that has not got the new key yet could not seal the end that the others go by.
        Err(VaultError::KeyMissing) if connection.server().is_some() => Err(VaultError::OtherKey.into()),
        opened => Ok(opened.is_ok_and(|plain| read_end(&plain).as_ref() == Some(found))),
    }
}

fn read_end(plain: &[u8]) -> Option<ChainEnd> {
    serde_json::from_slice(plain).ok()
}

/// Opens a sealed end.
pub(super) fn opened_end(sealed: &[u8], vault: &Vault) -> Option<ChainEnd> {
    read_end(&vault.open(sealed, END).ok()?)
}

/// Returns where the chain ends by its rows.
pub(super) fn end(connection: &Connection) -> Result<ChainEnd> {
    let query = "SELECT (SELECT coalesce(max(id), 0) FROM audit), (SELECT hash FROM audit ORDER BY id DESC LIMIT 1),
        (SELECT coalesce(max(dropped), 0) FROM audit_end)";
    let read = |row: &Row<'_>| {
        let hash: Option<Vec<u8>> = row.get(1)?;
        Ok(ChainEnd {
            rows: row.get(0)?,
            head: hexadecimal(&hash.unwrap_or_else(|| Hash::default().into())),
            dropped: row.get(2)?,
        })
    };
    Ok(connection.prepare_cached(query)?.query_row([], read)?)
}

fn sealed_end(connection: &Connection) -> Result<Option<Vec<u8>>> {
    let query = "SELECT end_sealed FROM audit_end";
    let sealed = connection
        .prepare_cached(query)?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(sealed.flatten())
}

fn put_end(transaction: &Transaction<'_>, sealed: &[u8]) -> Result<()> {
    transaction
        .prepare_cached("UPDATE audit_end SET end_sealed = ?1")?
        .execute([sealed])?;
    Ok(())
}

/// Writes a row into a book and into the chain. Nothing else writes into a book whose rows are whole when they are written.
pub(super) fn write(transaction: &Transaction<'_>, book: Book, insertion: &str, values: impl Params) -> Result<()> {
    let (columns, _) = book.columns().split_once(" FROM ").unwrap_or_default();
    let (id, digest) = transaction
        .prepare_cached(&format!("{insertion} RETURNING {columns}"))?
        .query_row(values, |row| Ok((row.get(0)?, digest(book, row)?)))?;
    link(transaction, book, id, &digest)
}

/// Adds a row to the chain that was written in this transaction and will not change any more.
pub(super) fn append(transaction: &Transaction<'_>, book: Book, id: i64) -> Result<()> {
    let query = format!("SELECT {} WHERE id = ?1", book.columns());
    let digest = transaction
        .prepare_cached(&query)?
        .query_row([id], |row| digest(book, row))?;
    link(transaction, book, id, &digest)
}

fn link(transaction: &Transaction<'_>, book: Book, id: i64, digest: &Hash) -> Result<()> {
    let last = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
    let last = transaction
        .prepare_cached(last)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (place, hash): (i64, Vec<u8>) = last.unwrap_or((0, Hash::default().into()));
    // One that is short was not the last until something else took out those that followed.
    let hash = Hash::try_from(hash).or_else(|_| verify::worked_out(transaction))?;
    shorten(transaction, place)?;
    put(transaction, place + 1, book, id, &linked(&hash, digest))
}

fn shorten(transaction: &Transaction<'_>, place: i64) -> Result<()> {
    transaction
        .prepare_cached("UPDATE audit SET hash = substr(hash, 1, ?2) WHERE id = ?1")?
        .execute((place, SHORT.cast_signed()))?;
    Ok(())
}

fn put(transaction: &Transaction<'_>, place: i64, book: Book, id: i64, hash: &Hash) -> Result<()> {
    transaction
        .prepare_cached("INSERT INTO audit (id, book, row_id, hash) VALUES (?1, ?2, ?3, ?4)")?
        .execute((place, book.number(), id, hash))?;
    Ok(())
}

/// The same as the first version with a chain had it.
pub(super) fn put_in_words(transaction: &Transaction<'_>, place: i64, book: Book, id: i64, hash: &Hash) -> Result<()> {
    transaction
        .prepare_cached("INSERT INTO audit (id, book, row_id, hash) VALUES (?1, ?2, ?3, ?4)")?
        .execute((place, book.word(), id, hash))?;
    Ok(())
}

/// Drops the calls from before `old` of no order and of those that had ended by then. What the chain needs of each stays, and with
/// an order how many it had.
pub(super) fn drop_calls(transaction: &Transaction<'_>, old: i64) -> Result<usize> {
    const OLD: &str =
        "at < ?1 AND (order_id IS NULL OR order_id IN (SELECT id FROM orders WHERE id = order_id AND state_since < ?1
        AND life IN ('completed', 'cancelled', 'not_eligible', 'dismissed')))";
    {
        let mut kept = transaction.prepare_cached("INSERT INTO dropped_calls (id, digest) VALUES (?1, ?2)")?;
        let mut count = transaction.prepare_cached(
            "INSERT INTO dropped_of_orders (order_id, calls) VALUES (?1, 1)
                ON CONFLICT (order_id) DO UPDATE SET calls = dropped_of_orders.calls + 1",
        )?;
        let mut calls =
            transaction.prepare_cached(&format!("SELECT {} WHERE {OLD} ORDER BY id", Book::Calls.columns()))?;
        let mut calls = calls.query([old])?;
        while let Some(call) = calls.next()? {
            kept.execute((call.get::<_, i64>(0)?, digest(Book::Calls, &call)?))?;
            if let Some(order) = call.get::<_, Option<String>>("order_id")? {
                count.execute([order])?;
            }
        }
    }
    let dropped = transaction.execute(&format!("DELETE FROM api_calls WHERE {OLD}"), [old])?;
    if dropped > 0 {
        transaction.execute("UPDATE audit_end SET dropped = dropped + ?1", [dropped.cast_signed()])?;
    }
    Ok(dropped)
}

/// Chains what a database of before the chain holds, and seals its end.
pub(super) fn chain_all(
    transaction: &Transaction<'_>,
    key: Option<&Secret>,
    put: impl Fn(&Transaction<'_>, i64, Book, i64, &Hash) -> Result<()>,
) -> Result<()> {
    let (mut place, mut hash) = (0, Hash::default());
    // A database of before the chain has no book of hands.
    for book in Book::ALL.into_iter().filter(|book| *book != Book::Hands) {
        let mut rows = transaction.prepare(&format!("SELECT {} ORDER BY id", book.columns()))?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            place += 1;
            hash = linked(&hash, &digest(book, &row)?);
            put(transaction, place, book, row.get(0)?, &hash)?;
        }
    }
    let database = transaction.file()?.path().filter(|path| !path.is_empty());
    let Some(database) = database.filter(|_| place > 0) else {
        return Ok(());
    };
    let plain = serde_json::to_vec(&end(transaction)?).map_err(|_| Error::Unreadable { what: "end" })?;
    put_end(
        transaction,
        &Vault::of(Path::new(database), key, true)?.seal(&plain, END)?,
    )
}

/// The hash of what stands in a row. Each value goes in with its kind and its length, so that no two rows are one text.
fn digest(book: Book, row: &Row<'_>) -> rusqlite::Result<Hash> {
    let mut hash = Sha256::new();
    hash.update(book.word());
    for column in 0..row.width() {
        match row.get_ref(column)? {
            ValueRef::Null => hash.update([0]),
            ValueRef::Integer(number) => {
                hash.update([1]);
                hash.update(number.to_be_bytes());
            }
            ValueRef::Real(number) => {
                hash.update([2]);
                hash.update(number.to_be_bytes());
            }
            ValueRef::Text(bytes) => long(&mut hash, 3, bytes),
            ValueRef::Blob(bytes) => long(&mut hash, 4, bytes),
        }
    }
    Ok(hash.finalize().into())
}

fn long(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn linked(before: &[u8], digest: &Hash) -> Hash {
    Sha256::new()
        .chain_update(before)
        .chain_update(digest)
        .finalize()
        .into()
}

fn hexadecimal(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
