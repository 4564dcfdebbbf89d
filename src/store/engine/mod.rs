//! Two engines behind one language: SQLite, and PostgreSQL where one file is outgrown.
//!
//! Statements are written once, as SQLite takes them, and read and bound by rusqlite's words; for PostgreSQL the text is changed in
//! one place (see [`text`]) and the values travel with declared types, unnamed, so that a pooler between is none the wiser.
//! A transaction that writes holds SQLite's only write lock, or the one row of PostgreSQL's `gate`: whoever writes is alone.

mod address;
mod batch;
mod parameters;
mod row;
mod server;
mod text;

use std::ops::Deref;
use std::sync::Arc;

pub use address::{Address, AddressError};
pub(super) use batch::Batch;
pub(super) use parameters::{Params, params_from_iter};
pub(super) use row::{Row, RowIndex, Rows};
pub(super) use rusqlite::types::{FromSql, ToSql, Type, Value, ValueRef};
pub(super) use rusqlite::{OptionalExtension, Result, TransactionBehavior, named_params, params};
pub use server::ServerError;

pub(super) use server::{Moment, Server};

use parameters::{bind, values};
use text::Text;

/// An open database of either engine.
pub(super) enum Connection {
    /// A file.
    File(rusqlite::Connection),
    /// A server.
    Server(Box<Server>),
}

impl Connection {
    /// Returns the file that it is.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn file(&self) -> Result<&rusqlite::Connection> {
        match self {
            Self::File(file) => Ok(file),
            Self::Server(_) => Err(rusqlite::Error::InvalidQuery),
        }
    }

    /// Returns the server that it is on.
    pub(super) fn server(&self) -> Option<&Server> {
        match self {
            Self::File(_) => None,
            Self::Server(server) => Some(server),
        }
    }

    pub(super) fn prepare(&self, sql: &str) -> Result<Statement<'_>> {
        Ok(match self.server() {
            Some(server) => Statement::Server(server, server.text(sql)),
            None => Statement::Plain(self.file()?.prepare(sql)?),
        })
    }

    /// As [`Connection::prepare`], and what SQLite has made of it is kept for the next time.
    pub(super) fn prepare_cached(&self, sql: &str) -> Result<Statement<'_>> {
        Ok(match self.server() {
            Some(server) => Statement::Server(server, server.text(sql)),
            None => Statement::Cached(self.file()?.prepare_cached(sql)?),
        })
    }

    pub(super) fn execute(&self, sql: &str, parameters: impl Params) -> Result<usize> {
        self.prepare(sql)?.execute(parameters)
    }

    pub(super) fn query_row<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.prepare(sql)?.query_row(parameters, read)
    }

    pub(super) fn execute_batch(&self, sql: &str) -> Result<()> {
        match self.server() {
            Some(server) => server.batch(sql),
            None => self.file()?.execute_batch(sql),
        }
    }

    /// Begins a transaction that reads one moment, or one that is alone in writing (`Immediate`).
    pub(super) fn transaction_with_behavior(&self, behavior: TransactionBehavior) -> Result<Transaction<'_>> {
        let open = match self.server() {
            Some(server) => Open::Server(server.begin(matches!(behavior, TransactionBehavior::Immediate))?),
            None => Open::File(rusqlite::Transaction::new_unchecked(self.file()?, behavior)?),
        };
        Ok(Transaction { connection: self, open })
    }

    /// On a server, begins what several transactions are parts of; a file keeps what is staged without one.
    pub(super) fn whole(&self) -> Result<Option<Moment<'_>>> {
        self.server().map(|server| server.enter("BEGIN")).transpose()
    }

    pub(super) fn transaction(&self) -> Result<Transaction<'_>> {
        self.transaction_with_behavior(TransactionBehavior::Deferred)
    }
}

/// A transaction that is taken back unless it is committed.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    open: Open<'c>,
}

enum Open<'c> {
    File(rusqlite::Transaction<'c>),
    Server(Moment<'c>),
}

impl Transaction<'_> {
    pub(super) fn commit(self) -> Result<()> {
        match self.open {
            Open::File(transaction) => transaction.commit(),
            Open::Server(moment) => moment.commit(),
        }
    }

    pub(super) fn rollback(self) -> Result<()> {
        match self.open {
            Open::File(transaction) => transaction.rollback(),
            Open::Server(moment) => moment.rollback(),
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Self::Target {
        self.connection
    }
}

/// A statement that takes values any number of times.
pub(super) enum Statement<'c> {
    Plain(rusqlite::Statement<'c>),
    Cached(rusqlite::CachedStatement<'c>),
    Server(&'c Server, Arc<Text>),
}

/// What a statement is for its engine.
enum Asked<'s, 'c> {
    File(&'s mut rusqlite::Statement<'c>),
    Server(&'s Server, &'s Text),
}

impl<'c> Statement<'c> {
    fn asked(&mut self) -> Asked<'_, 'c> {
        match self {
            Self::Plain(statement) => Asked::File(statement),
            Self::Cached(statement) => Asked::File(statement),
            Self::Server(server, text) => Asked::Server(server, text),
        }
    }

    /// Returns how many rows it changed.
    pub(super) fn execute(&mut self, parameters: impl Params) -> Result<usize> {
        match self.asked() {
            Asked::File(statement) => {
                bind(statement, parameters)?;
                statement.raw_execute()
            }
            Asked::Server(server, text) => Ok(server.ask(text, values(text, parameters)?)?.changed),
        }
    }

    pub(super) fn query(&mut self, parameters: impl Params) -> Result<Rows<'_>> {
        match self.asked() {
            Asked::File(statement) => {
                bind(statement, parameters)?;
                Ok(Rows::of_file(statement.raw_query()))
            }
            Asked::Server(server, text) => Ok(Rows::of_server(server.ask(text, values(text, parameters)?)?.rows)),
        }
    }

    /// As [`Statement::query`] without values, and never all rows at once: within a transaction a server sends them piece by piece.
    pub(super) fn pieces(&mut self) -> Result<Rows<'_>> {
        if let Self::Server(server, text) = self
            && let Some(cursor) = server.cursor(text)?
        {
            return Ok(Rows::of_cursor(cursor));
        }
        self.query([])
    }

    pub(super) fn query_map<T, F: FnMut(&Row<'_>) -> Result<T>>(
        &mut self,
        parameters: impl Params,
        read: F,
    ) -> Result<Mapped<'_, F>> {
        let rows = self.query(parameters)?;
        Ok(Mapped { rows, read })
    }

    /// Reads the first row.
    ///
    /// # Errors
    /// [`rusqlite::Error::QueryReturnedNoRows`] where there is none; see [`OptionalExtension`].
    pub(super) fn query_row<T>(
        &mut self,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = self.query(parameters)?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        read(&row)
    }
}

/// Rows as what is read of them.
pub(super) struct Mapped<'s, F> {
    rows: Rows<'s>,
    read: F,
}

impl<T, F: FnMut(&Row<'_>) -> Result<T>> Iterator for Mapped<'_, F> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next().transpose()?;
        Some(row.and_then(|row| (self.read)(&row)))
    }
}
