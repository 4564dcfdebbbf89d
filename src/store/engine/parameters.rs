//! The values of a statement, by place or by name, for either engine.

use rusqlite::types::{ToSql, ToSqlOutput, Value};

use super::text::Text;

/// Which parameter a value is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'n> {
    /// The first is 1.
    Place(usize),
    /// With its colon.
    Name(&'n str),
}

/// What takes each value.
pub(crate) type Take<'t> = dyn FnMut(At<'_>, &dyn ToSql) -> rusqlite::Result<()> + 't;

/// The values that a statement is given.
pub(crate) trait Params {
    /// Hands out each value.
    fn give(self, take: &mut Take<'_>) -> rusqlite::Result<()>;
}

fn give_each<T: ToSql>(values: impl IntoIterator<Item = T>, take: &mut Take<'_>) -> rusqlite::Result<()> {
    let mut places = 1..;
    values
        .into_iter()
        .try_for_each(|value| take(At::Place(places.next().unwrap_or(0)), &value))
}

impl Params for [&dyn ToSql; 0] {
    fn give(self, _: &mut Take<'_>) -> rusqlite::Result<()> {
        Ok(())
    }
}

impl Params for &[&dyn ToSql] {
    fn give(self, take: &mut Take<'_>) -> rusqlite::Result<()> {
        give_each(self, take)
    }
}

impl Params for &[(&str, &dyn ToSql)] {
    fn give(self, take: &mut Take<'_>) -> rusqlite::Result<()> {
        self.iter().try_for_each(|(name, value)| take(At::Name(name), value))
    }
}

macro_rules! arrays {
    ($($length:literal)*) => {$(
        impl<T: ToSql> Params for [T; $length] {
            fn give(self, take: &mut Take<'_>) -> rusqlite::Result<()> {
                give_each(self, take)
            }
        }
    )*};
}
arrays!(1 2 3 4);

macro_rules! tuples {
    ($($value:ident: $kind:ident),*) => {
        impl<$($kind: ToSql),*> Params for ($($kind,)*) {
            fn give(self, take: &mut Take<'_>) -> rusqlite::Result<()> {
                let ($($value,)*) = self;
                <&[&dyn ToSql] as Params>::give(&[$(&$value),*], take)
            }
        }
    };
}
tuples!(a: A);
tuples!(a: A, b: B);
tuples!(a: A, b: B, c: C);
tuples!(a: A, b: B, c: C, d: D);
tuples!(a: A, b: B, c: C, d: D, e: E);
tuples!(a: A, b: B, c: C, d: D, e: E, f: F);
tuples!(a: A, b: B, c: C, d: D, e: E, f: F, g: G);
tuples!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H);
tuples!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I);
tuples!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J);

/// Values that come one after the other.
pub(crate) struct Each<I>(I);

/// As many values as there are.
pub(crate) fn params_from_iter<I: IntoIterator<Item: ToSql>>(values: I) -> Each<I> {
    Each(values)
}

impl<I: IntoIterator<Item: ToSql>> Params for Each<I> {
    fn give(self, take: &mut Take<'_>) -> rusqlite::Result<()> {
        give_each(self.0, take)
    }
}

/// Gives SQLite its values where it takes them.
pub(super) fn bind(statement: &mut rusqlite::Statement<'_>, parameters: impl Params) -> rusqlite::Result<()> {
    let (mut places, mut are_named) = (0, false);
    parameters.give(&mut |at, value| match at {
        At::Place(place) => {
            places = place;
            statement.raw_bind_parameter(place, value)
        }
        At::Name(name) => {
            are_named = true;
            statement.raw_bind_parameter(name, value)
        }
    })?;
    complete(places, are_named, statement.parameter_count())
}

/// Gathers the values for PostgreSQL in the order of its places. One that has a name and is not given is NULL, as with SQLite.
pub(super) fn values(text: &Text, parameters: impl Params) -> rusqlite::Result<Vec<Value>> {
    let mut values = vec![Value::Null; text.names.len()];
    let (mut places, mut are_named) = (0, false);
    parameters.give(&mut |at, value| {
        let place = match at {
            At::Place(place) => {
                places = place;
                place - 1
            }
            At::Name(name) => {
                are_named = true;
                let found = text.names.iter().position(|other| other == name);
                found.ok_or_else(|| rusqlite::Error::InvalidParameterName(name.to_owned()))?
            }
        };
        let room = values.get_mut(place);
        *room.ok_or(rusqlite::Error::InvalidParameterCount(place + 1, text.names.len()))? = owned(value)?;
        Ok(())
    })?;
    complete(places, are_named, text.names.len())?;
    Ok(values)
}

fn owned(value: &dyn ToSql) -> rusqlite::Result<Value> {
    match value.to_sql()? {
        ToSqlOutput::Owned(value) => Ok(value),
        ToSqlOutput::Borrowed(value) => value.try_into().map_err(|error| {
            let error: rusqlite::types::FromSqlError = error;
            rusqlite::Error::ToSqlConversionFailure(Box::new(error))
        }),
        _ => Err(rusqlite::Error::InvalidQuery),
    }
}

fn complete(given: usize, are_named: bool, expected: usize) -> rusqlite::Result<()> {
    if are_named || given == expected {
        return Ok(());
    }
    Err(rusqlite::Error::InvalidParameterCount(given, expected))
}
