//! All that a shop has, from one database into another of whichever engine: every table that the schema has, row by row as it stands,
//! but for sealed values, which are sealed anew.
//!
//! Which tables there are, with their columns and in which order they refer to each other, is read from the schema itself, so that none
//! can be forgotten here. What counts as it changes is carried over like all else: triggers stand aside meanwhile.

use std::collections::BTreeMap;

use super::engine::{Batch, Connection, Row, Transaction, Value};
use super::sealed::sealed_columns;
use super::vault::{SealedValue, Vault};
use super::{Error, Result, audit, list, open, served};

/// Hears how many rows are carried, of how many.
pub(super) type Told<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// A table and the columns that are written.
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<String>,
}

/// What is carried, and what both ends are sealed with.
pub(super) struct Carrying<'a> {
    pub(super) from: &'a Connection,
    pub(super) opened_by: &'a Vault,
    pub(super) sealed_by: &'a Vault,
    pub(super) told: Told<'a>,
}

/// What was carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// How many tables.
    pub tables: usize,
    /// How many rows.
    pub rows: u64,
    /// Where the chain of the history ends, on both sides.
    pub end: audit::ChainEnd,
}

impl Carrying<'_> {
    /// Replaces all that `to` holds, whose schema is the newest, and proves that both hold the same.
    ///
    /// # Errors
    /// When a database refuses, or what arrived is not what was sent.
    pub(super) fn over(&self, to: &Transaction<'_>) -> Result<Carried> {
        let tables = tables()?;
        let sent = tables
            .iter()
            .map(|table| count(self.from, table))
            .collect::<Result<Vec<u64>>>()?;
        let triggers = stop_counting(to)?;
        for table in tables.iter().rev() {
            to.execute(&format!("DELETE FROM {}", table.name), [])?;
        }
        let (mut done, total) = (0, sent.iter().sum());
        for table in &tables {
            self.carry(table, to, &mut |rows| {
                done += rows;
                (self.told)(done, total);
            })?;
        }
        count_again(to, &triggers)?;
        served::after_carrying(to, self.sealed_by)?;
        for (table, sent) in tables.iter().zip(sent) {
            let arrived = count(to, table)?;
            if arrived != sent {
                let table = table.name.clone();
                return Err(Error::CarriedOtherwise { table, sent, arrived });
            }
        }
        let end = self.prove(to)?;
        Ok(Carried {
            tables: tables.len(),
            rows: total,
            end,
        })
    }

    fn carry(&self, table: &Table, to: &Transaction<'_>, told: &mut dyn FnMut(u64)) -> Result<()> {
        let columns = table.columns.join(", ");
        let seals = self.seals(table)?;
        let mut rows = self.from.prepare(&format!("SELECT {columns} FROM {}", table.name))?;
        let mut rows = rows.pieces()?;
        let mut arriving = Batch::new(to, format!("{} ({columns})", table.name), table.columns.len());
        while let Some(row) = rows.next()? {
            let cells = 0..table.columns.len();
            let mut values = cells
                .map(|column| row.get(column))
                .collect::<rusqlite::Result<Vec<Value>>>()?;
            for seal in &seals {
                self.seal_anew(table, seal, &mut values)?;
            }
            told(arriving.push(values)? as u64);
        }
        told(arriving.flush()? as u64);
        Ok(())
    }

    /// Returns where the sealed values of a table stand, each with what names its row.
    fn seals(&self, table: &Table) -> Result<Vec<Seal>> {
        let place = |name: &str| table.columns.iter().position(|column| column == name);
        let of_table = sealed_columns(self.from)?
            .into_iter()
            .filter(|sealed| sealed.table == table.name);
        let seals = of_table.map(|sealed| {
            Some(Seal {
                value: place(&sealed.column)?,
                key: place(&sealed.key)?,
            })
        });
        let seals: Option<Vec<Seal>> = seals.collect();
        seals.ok_or(Error::Unreadable { what: "schema" })
    }

    /// What its key does not open stays as it is.
    fn seal_anew(&self, table: &Table, seal: &Seal, row: &mut [Value]) -> Result<()> {
        let Value::Blob(sealed) = &row[seal.value] else {
            return Ok(());
        };
        let value = SealedValue {
            table: table.name.clone(),
            column: table.columns[seal.value].clone(),
            row: name_of(&row[seal.key]),
            sealed: sealed.clone(),
        };
        if let Ok(plain) = self.opened_by.open_any(&value.sealed, value.place()) {
            row[seal.value] = Value::Blob(self.sealed_by.seal(&plain, value.place())?);
        }
        Ok(())
    }

    /// What was wrong with the history before is no fault of the copy.
    fn prove(&self, to: &Transaction<'_>) -> Result<audit::ChainEnd> {
        let proof = |connection: &Connection, vault: &Vault| {
            let unseal = |sealed: &[u8]| audit::opened_end(sealed, vault);
            audit::proved(connection, &unseal, None, &mut |_, _| {})
        };
        let arrived = proof(to, self.sealed_by)?;
        let is_same = audit::end(self.from)? == arrived.end
            && (arrived.finding.is_none() || proof(self.from, self.opened_by)?.finding == arrived.finding);
        if !is_same {
            return Err(Error::HistoryNotCarried);
        }
        Ok(arrived.end)
    }
}

struct Seal {
    value: usize,
    key: usize,
}

fn name_of(key: &Value) -> String {
    match key {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Null | Value::Real(_) | Value::Blob(_) => String::new(),
    }
}

/// The mark by which a server knows its data key is its own.
fn count(connection: &Connection, table: &Table) -> Result<u64> {
    let all_but = match table.name.as_str() {
        "facts" => " WHERE name <> 'key'",
        _ => "",
    };
    let query = format!("SELECT count(*) FROM {}{all_but}", table.name);
    let rows: i64 = connection.query_row(&query, [], |row| row.get(0))?;
    Ok(rows.unsigned_abs())
}

/// Returns every table of the newest schema, those that others refer to first.
pub(super) fn tables() -> Result<Vec<Table>> {
    const COLUMNS: &str = "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_xinfo(tables.name) AS columns
         WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' AND columns.hidden = 0 ORDER BY tables.name, columns.cid";
    const REFERENCES: &str =
        "SELECT tables.name, keys.\"table\" FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys
         WHERE tables.type = 'table'";
    let model = open::model()?;
    let pairs = |query: &str| -> Result<Vec<(String, String)>> {
        list(&model, query, [], |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?)))
    };
    let mut left: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in pairs(COLUMNS)? {
        left.entry(table).or_default().push(column);
    }
    let references = pairs(REFERENCES)?;
    let mut tables = Vec::new();
    while !left.is_empty() {
        let is_free = |name: &&String| {
            let mut of_it = references.iter().filter(|(table, _)| table == *name);
            of_it.all(|(table, other)| table == other || !left.contains_key(other))
        };
        let next = left.keys().find(is_free).cloned();
        let next = next.ok_or(Error::Unreadable { what: "schema" })?;
        let columns = left.remove(&next).unwrap_or_default();
        tables.push(Table { name: next, columns });
    }
    Ok(tables)
}

/// Lets the triggers stand aside, and returns what brings them back.
fn stop_counting(to: &Transaction<'_>) -> Result<Vec<String>> {
    const OF_FILE: &str = "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_schema WHERE type = 'trigger'";
    const OF_SERVER: &str = "SELECT DISTINCT 'ALTER TABLE ' || relname || ' DISABLE TRIGGER USER',
             'ALTER TABLE ' || relname || ' ENABLE TRIGGER USER'
         FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
         WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal";
    let query = match to.server() {
        Some(_) => OF_SERVER,
        None => OF_FILE,
    };
    let triggers = list(to, query, [], |row: &Row<'_>| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    triggers
        .into_iter()
        .map(|(aside, back)| {
            to.execute_batch(&aside)?;
            Ok(back)
        })
        .collect()
}

fn count_again(to: &Transaction<'_>, triggers: &[String]) -> Result<()> {
    Ok(triggers.iter().try_for_each(|back| to.execute_batch(back))?)
}
