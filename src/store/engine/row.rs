//! What an engine answers, row by row, in rusqlite's words.

use std::cell::{Cell as Kept, OnceCell};
use std::error::Error;

use postgres::types::Type as ServerType;
use rusqlite::types::{FromSql, FromSqlError, ValueRef};

use super::server::Cursor;

/// The rows of an answer. SQLite finds each when it is asked for; PostgreSQL has sent all, or sends the next piece.
pub(crate) enum Rows<'s> {
    File {
        rows: rusqlite::Rows<'s>,
        names: Names,
    },
    Server {
        rows: std::vec::IntoIter<postgres::Row>,
        current: Option<postgres::Row>,
        more: Option<Cursor<'s>>,
    },
}

impl<'s> Rows<'s> {
    pub(super) fn of_file(rows: rusqlite::Rows<'s>) -> Self {
        Self::File {
            rows,
            names: Names::default(),
        }
    }

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
            Self::File { rows, names } => rows.next()?.map(|row| Row::File(row, names)),
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
    File(&'r rusqlite::Row<'r>, &'r Names),
    Server(&'r postgres::Row),
}

impl Row<'_> {
    /// Reads a column.
    pub(crate) fn get<I: RowIndex, T: FromSql>(&self, column: I) -> rusqlite::Result<T> {
        match self {
            Self::File(row, names) => row.get(column.place_in(names, row)?),
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
            Self::File(row, _) => row.get_ref(column),
            Self::Server(row) => cell(row, column),
        }
    }

    /// Returns how many columns it has.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::File(row, _) => row.as_ref().column_count(),
            Self::Server(row) => row.len(),
        }
    }
}

/// The names of SQLite's columns, asked for once an answer and not once a value. Most are read in their order.
#[derive(Default)]
pub(crate) struct Names {
    columns: OnceCell<Vec<Option<String>>>,
    next: Kept<usize>,
}

impl Names {
    fn place(&self, name: &str, row: &rusqlite::Row<'_>) -> Option<usize> {
        let columns = self.columns.get_or_init(|| told_apart(row.as_ref().column_names()));
        let (before, after) = columns.split_at(self.next.get().min(columns.len()));
        let is_meant =
            |column: &Option<String>| column.as_ref().is_some_and(|column| column.eq_ignore_ascii_case(name));
        let behind = after.iter().position(is_meant).map(|place| before.len() + place);
        let place = behind.or_else(|| before.iter().position(is_meant))?;
        self.next.set(place + 1);
        Some(place)
    }
}

/// Of columns with one name the first is meant: the others have none.
fn told_apart(names: Vec<&str>) -> Vec<Option<String>> {
    let is_first = |place: usize| !names[..place].contains(&names[place]);
    let name = |place: usize| is_first(place).then(|| names[place].to_owned());
    (0..names.len()).map(name).collect()
}

/// A column by its place or by its name.
pub(crate) trait RowIndex {
    /// Returns the place in a row of a file.
    fn place_in(&self, names: &Names, row: &rusqlite::Row<'_>) -> rusqlite::Result<usize>;

    /// Returns the place in a row of a server.
    fn place(&self, row: &postgres::Row) -> rusqlite::Result<usize>;
}

impl RowIndex for usize {
    fn place_in(&self, _: &Names, _: &rusqlite::Row<'_>) -> rusqlite::Result<usize> {
        Ok(*self)
    }

    fn place(&self, row: &postgres::Row) -> rusqlite::Result<usize> {
        let place = Some(*self).filter(|place| *place < row.len());
        place.ok_or(rusqlite::Error::InvalidColumnIndex(*self))
    }
}

impl RowIndex for &str {
    fn place_in(&self, names: &Names, row: &rusqlite::Row<'_>) -> rusqlite::Result<usize> {
        let place = names.place(self, row);
        place.ok_or_else(|| rusqlite::Error::InvalidColumnName((*self).to_owned()))
    }

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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn columns_are_found_by_name_in_any_order_and_the_first_of_two_is_meant() {
        let connection = Connection::open_in_memory().expect("a database");
        let query = "SELECT 1 AS a, 2 AS b, 3 AS a, 4 AS Long UNION ALL SELECT 5, 6, 7, 8";
        let mut statement = connection.prepare(query).expect("a query");
        let mut rows = Rows::of_file(statement.query([]).expect("rows"));
        for first in [1, 5] {
            let row = rows.next().expect("read").expect("a row");
            for (name, place) in [("a", 0), ("b", 1), ("long", 3), ("a", 0), ("LONG", 3), ("b", 1)] {
                assert_eq!(row.get::<_, i64>(name), Ok(first + place), "{name}");
            }
            assert_eq!(row.get::<_, i64>(2), Ok(first + 2));
            for unknown in ["", "c"] {
                let error = row.get::<_, i64>(unknown).expect_err("no column");
                assert_eq!(error, rusqlite::Error::InvalidColumnName(unknown.to_owned()));
            }
        }
    }
}
