//! A connection to PostgreSQL, as the rest of the store knows one of SQLite.
//!
//! Nothing is kept in the session: each transaction names its schema itself, so that PgBouncer may hand every one of them another session.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Row};
use rusqlite::types::Value;
use thiserror::Error;

use super::text::Text;

/// Something was refused, or the connection is gone.
#[derive(Debug, Error)]
#[error("PostgreSQL: {}", sentence(.0))]
pub struct ServerError(#[source] pub(crate) postgres::Error);

/// The server's own words, where it said any, else those of the obstacle.
fn sentence(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => error
            .source()
            .map_or_else(|| error.to_string(), |source| source.to_string()),
    }
}

impl ServerError {
    /// Returns the five characters by which PostgreSQL names what it refuses.
    pub(crate) fn code(&self) -> Option<&str> {
        self.0.code().map(|code| code.code())
    }
}

/// What the readers of rows can return is rusqlite's error; the server's is wrapped into it, and the store takes it out again.
impl From<ServerError> for rusqlite::Error {
    fn from(error: ServerError) -> Self {
        Self::FromSqlConversionFailure(0, rusqlite::types::Type::Null, Box::new(error))
    }
}

/// What a statement brought.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) changed: usize,
}

/// A connection to one schema of a server.
pub(crate) struct Server {
    client: RefCell<Client>,
    texts: RefCell<HashMap<String, Arc<Text>>>,
    schema: String,
    is_open: Cell<bool>,
}

impl Server {
    pub(crate) fn new(client: Client, schema: &str) -> Self {
        Self {
            client: RefCell::new(client),
            texts: RefCell::default(),
            schema: format!("\"{}\"", schema.replace('"', "\"\"")),
            is_open: Cell::new(false),
        }
    }

    /// Returns the name of its schema, in quotes.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn text(&self, sql: &str) -> Arc<Text> {
        if let Some(text) = self.texts.borrow().get(sql) {
            return text.clone();
        }
        let text = Arc::new(Text::of(sql));
        self.texts.borrow_mut().insert(sql.to_owned(), text.clone());
        text
    }

    /// Asks within the transaction that is open, else in one of its own.
    pub(super) fn ask(&self, text: &Text, values: Vec<Value>) -> rusqlite::Result<Answer> {
        self.within(|| self.send(text, values))
    }

    pub(super) fn batch(&self, sql: &str) -> rusqlite::Result<()> {
        self.within(|| self.say(sql))
    }

    fn within<T>(&self, work: impl FnOnce() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        if self.is_open.get() {
            return work();
        }
        let own = self.enter("BEGIN")?;
        let value = work()?;
        own.commit()?;
        Ok(value)
    }

    /// Begins a transaction: one that is alone in writing, or one that reads a single moment. Within another it is a part of that.
    pub(super) fn begin(&self, is_writing: bool) -> rusqlite::Result<Moment<'_>> {
        const GATE: &str = "SELECT id FROM gate FOR UPDATE";
        match (self.is_open.get(), is_writing) {
            (false, false) => self.enter("BEGIN ISOLATION LEVEL REPEATABLE READ"),
            (false, true) => {
                let moment = self.enter("BEGIN")?;
                self.say(GATE)?;
                Ok(moment)
            }
            (true, is_writing) => {
                if is_writing {
                    self.say(GATE)?;
                }
                Ok(Moment {
                    server: self,
                    is_over: false,
                })
            }
        }
    }

    /// Begins a transaction that parts may be begun in; the first that commits commits all of it.
    pub(crate) fn enter(&self, begin: &str) -> rusqlite::Result<Moment<'_>> {
        self.say(&format!("{begin}; SET LOCAL search_path = {}, pg_catalog", self.schema))?;
        self.is_open.set(true);
        Ok(Moment {
            server: self,
            is_over: false,
        })
    }

    fn leave(&self, how: &str) -> rusqlite::Result<()> {
        if !self.is_open.replace(false) {
            return Ok(());
        }
        self.say(how)
    }

    fn say(&self, sql: &str) -> rusqlite::Result<()> {
        let said = self.client.borrow_mut().batch_execute(sql);
        Ok(said.map_err(ServerError)?)
    }

    fn send(&self, text: &Text, values: Vec<Value>) -> rusqlite::Result<Answer> {
        let mut client = self.client.borrow_mut();
        let mut answer = client
            .query_typed_raw(&text.sql, values.into_iter().map(typed))
            .map_err(ServerError)?;
        let mut rows = Vec::new();
        while let Some(row) = answer.next().map_err(ServerError)? {
            rows.push(row);
        }
        let changed = answer.rows_affected().unwrap_or(0);
        Ok(Answer {
            rows,
            changed: usize::try_from(changed).unwrap_or(usize::MAX),
        })
    }
}

/// A transaction under way; dropped without a commit, it is taken back.
pub(crate) struct Moment<'c> {
    server: &'c Server,
    is_over: bool,
}

impl Moment<'_> {
    pub(crate) fn commit(mut self) -> rusqlite::Result<()> {
        self.is_over = true;
        self.server.leave("COMMIT")
    }

    pub(crate) fn rollback(mut self) -> rusqlite::Result<()> {
        self.is_over = true;
        self.server.leave("ROLLBACK")
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // A connection that is gone has taken it back already.
            let _ = self.server.leave("ROLLBACK");
        }
    }
}

/// A value with its declared type; the server finds out for itself what a NULL is.
fn typed(value: Value) -> (Box<dyn ToSql + Sync>, Type) {
    match value {
        Value::Null => (Box::new(None::<String>), Type::UNKNOWN),
        Value::Integer(number) => (Box::new(number), Type::INT8),
        Value::Real(number) => (Box::new(number), Type::FLOAT8),
        Value::Text(text) => (Box::new(text), Type::TEXT),
        Value::Blob(bytes) => (Box::new(bytes), Type::BYTEA),
    }
}
