//! What an engine answers, row by row, in rusqlite's words.

use std::error::Error;

use postgres::types::Type as ServerType;
use rusqlite::types::{FromSql, FromSqlError, ValueRef};

use super::server::Cursor;

/// The rows of an answer. SQLite finds each when it is asked for; PostgreSQL has sent all, or sends the next piece.
pub(crate) enum Rows<'s> {
    File(rusqlite::Rows<'s>),
    Server {
        rows: std::vec::IntoIter<postgres::Row>,
        current: Option<postgres::Row>,
        more: Option<Cursor<'s>>,
    },
}

impl Rows<'_> {
    pub(super) fn of_server(rows: Vec<postgres::Row>) -> Self {
        Self::Server {
            rows: rows.into_iter(),
            current: None,
            more: None,
        }
    }

    pub(super) fn of_cursor(cursor: Cursor<'_>) -> Rows<'_> {
        Rows::Server {
            rows: Vec::new().into_iter(),
            current: None,
            more: Some(cursor),
        }
    }

    /// Returns the next row.
    pub(crate) fn next(&mut self) -> rusqlite::Result<Option<Row<'_>>> {
        Ok(match self {
            Self::File(rows) => rows.next()?.map(Row::File),
            Self::Server { rows, current, more } => {
                *current = rows.next();
                if let (None, Some(cursor)) = (&current, more) {
                    *rows = cursor.fetch()?.into_iter();
                    *current = rows.next();
                }
                current.as_ref().map(Row::Server)
            }
        })
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    File(&'r rusqlite::Row<'r>),
    Server(&'r postgres::Row),
}

impl Row<'_> {
    /// Reads a column.
    pub(crate) fn get<I: RowIndex, T: FromSql>(&self, column: I) -> rusqlite::Result<T> {
        match self {
            Self::File(row) => row.get(column),
            Self::Server(row) => {
                let place = column.place(row)?;
                let value = cell(row, place)?;
                T::column_result(value).map_err(|error| unread(error, row, place, value))
            }
        }
    }

    /// Returns what stands in a column.
    pub(crate) fn get_ref(&self, column: usize) -> rusqlite::Result<ValueRef<'_>> {
        match self {
            Self::File(row) => row.get_ref(column),
            Self::Server(row) => cell(row, column),
        }
    }

    /// Returns how many columns it has.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::File(row) => row.as_ref().column_count(),
            Self::Server(row) => row.len(),
        }
    }
}

/// A column by its place or by its name.
pub(crate) trait RowIndex: rusqlite::RowIndex {
    /// Returns the place in a row of a server.
    fn place(&self, row: &postgres::Row) -> rusqlite::Result<usize>;
}

impl RowIndex for usize {
    fn place(&self, row: &postgres::Row) -> rusqlite::Result<usize> {
        let place = Some(*self).filter(|place| *place < row.len());
        place.ok_or(rusqlite::Error::InvalidColumnIndex(*self))
    }
}

impl RowIndex for &str {
    fn place(&self, row: &postgres::Row) -> rusqlite::Result<usize> {
        let found = row.columns().iter().position(|column| column.name() == *self);
        found.ok_or_else(|| rusqlite::Error::InvalidColumnName((*self).to_owned()))
    }
}

/// A value of PostgreSQL as SQLite would show it.
struct Cell<'a>(ValueRef<'a>);

impl<'a> postgres::types::FromSql<'a> for Cell<'a> {
    fn from_sql(kind: &ServerType, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *kind {
            ServerType::INT8 => ValueRef::Integer(i64::from_be_bytes(raw.try_into()?)),
            ServerType::INT4 => ValueRef::Integer(i32::from_be_bytes(raw.try_into()?).into()),
            ServerType::BOOL => ValueRef::Integer(i64::from(raw != [0])),
            ServerType::FLOAT8 => ValueRef::Real(f64::from_be_bytes(raw.try_into()?)),
            ServerType::BYTEA => ValueRef::Blob(raw),
            ServerType::TEXT | ServerType::VARCHAR | ServerType::NAME | ServerType::UNKNOWN => ValueRef::Text(raw),
            _ => return Err(format!("a value of type {kind} is not read").into()),
        }))
    }

    fn from_sql_null(_: &ServerType) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(ValueRef::Null))
    }

    fn accepts(_: &ServerType) -> bool {
        true
    }
}

fn cell(row: &postgres::Row, place: usize) -> rusqlite::Result<ValueRef<'_>> {
    let read = row.try_get::<_, Cell<'_>>(place).map(|Cell(value)| value);
    read.map_err(|error| rusqlite::Error::FromSqlConversionFailure(place, rusqlite::types::Type::Null, Box::new(error)))
}

/// Says it as rusqlite says it of its own rows.
fn unread(error: FromSqlError, row: &postgres::Row, place: usize, value: ValueRef<'_>) -> rusqlite::Error {
    match error {
        FromSqlError::InvalidType => {
            let name = row.columns().get(place).map_or("", |column| column.name());
            rusqlite::Error::InvalidColumnType(place, name.to_owned(), value.data_type())
        }
        FromSqlError::OutOfRange(number) => rusqlite::Error::IntegralValueOutOfRange(place, number),
        other => rusqlite::Error::FromSqlConversionFailure(place, value.data_type(), Box::new(other)),
    }
}
