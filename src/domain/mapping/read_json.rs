//! The rows of a JSON mapping file, given on as they are read; the file is never held as a whole.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::MappingRow;
use super::cells::Cells;
use super::guard::{Guard, refusal_in};
use super::rejection::{Problem, Rejection};
use super::table::Column;

type Each<'a, E> = &'a mut dyn FnMut(Result<MappingRow, Rejection>) -> Result<(), E>;

/// Reads an array of row objects or one plain object of product ids and Amazon SKUs.
///
/// # Errors
/// Only what `each` returns.
pub(super) fn read_json<E>(source: impl Read, each: Each<'_, E>) -> Result<(), E> {
    let guard = Guard::json(source);
    let mut rows = Rows {
        line: guard.line(),
        count: 0,
        stopped: None,
        each,
    };
    let mut deserializer = serde_json::Deserializer::from_reader(guard);
    let outcome = deserializer
        .deserialize_any(&mut rows)
        .and_then(|()| deserializer.end());
    rows.finish(outcome)
}

struct Rows<'a, E> {
    line: Rc<Cell<u64>>,
    count: u64,
    stopped: Option<E>,
    each: Each<'a, E>,
}

impl<E> Rows<'_, E> {
    fn finish(self, outcome: Result<(), serde_json::Error>) -> Result<(), E> {
        match (self.stopped, outcome) {
            (Some(stopped), _) => Err(stopped),
            (None, Err(error)) => (self.each)(Err(refusal(error, self.count))),
            (None, Ok(())) if self.count == 0 => (self.each)(Err(Problem::NoRows("the JSON holds no mapping").at(1))),
            (None, Ok(())) => Ok(()),
        }
    }

    fn give<D: Error>(&mut self, row: Result<Cells, Problem>, line: u64) -> Result<(), D> {
        self.count += 1;
        let checked = row
            .and_then(|cells| cells.check(line))
            .map_err(|problem| problem.at(line));
        (self.each)(checked).map_err(|stopped| {
            self.stopped = Some(stopped);
            D::custom("stopped")
        })
    }
}

fn refusal(error: serde_json::Error, rows: u64) -> Rejection {
    let line = (error.line() as u64).max(1);
    if error.is_io() {
        refusal_in(io::Error::from(error), line)
    } else if error.is_eof() && rows == 0 && error.column() == 0 {
        Problem::NoRows("the file is empty").at(line)
    } else {
        Problem::Json(error).at(line)
    }
}

impl<'de, E> Visitor<'de> for &mut Rows<'_, E> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of mapping objects, or one object of product ids and Amazon SKUs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while let Some((row, line)) = sequence.next_element_seed(RowSeed(Rc::clone(&self.line)))? {
            self.give(row, line)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_a_row = false;
        while let Some(product) = map.next_key::<String>()? {
            let line = self.line.get();
            if Column::find(&product).is_ok() {
                map.next_value::<IgnoredAny>()?;
                // One object a line: the columns' names would be taken for products.
                if !std::mem::replace(&mut is_a_row, true) {
                    self.give(Err(Problem::NotInAnArray), line)?;
                }
                continue;
            }
            let amazon_sku = map.next_value::<Scalar>()?;
            let mut cells = Cells::default();
            cells.set(Column::TiktokProductId, product);
            let row = amazon_sku.put(&mut cells, Column::AmazonSku).map(|()| cells);
            self.give(row, line)?;
        }
        Ok(())
    }
}

/// Reads one row object: its texts or what is wrong with its fields, and the line it begins on.
struct RowSeed(Rc<Cell<u64>>);

impl<'de> DeserializeSeed<'de> for RowSeed {
    type Value = (Result<Cells, Problem>, u64);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed {
    type Value = (Result<Cells, Problem>, u64);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let line = self.0.get();
        let mut cells = Cells::default();
        let mut seen = Vec::new();
        let mut problem = None;
        while let Some(name) = map.next_key::<String>()? {
            match Column::find(&name) {
                Ok(column) if !seen.contains(&column) => {
                    seen.push(column);
                    let put = map.next_value::<Scalar>()?.put(&mut cells, column);
                    problem = problem.or(put.err());
                }
                unusable => {
                    map.next_value::<IgnoredAny>()?;
                    problem = problem.or(Some(unusable.map_or_else(|unknown| unknown, Problem::DuplicateColumn)));
                }
            }
        }
        Ok((problem.map_or(Ok(cells), Err), line))
    }
}

/// A text, or a whole number or truth value as its exact text; `null` is empty. `None` is a number that is not exact.
struct Scalar(Option<String>);

impl Scalar {
    fn put(self, cells: &mut Cells, column: Column) -> Result<(), Problem> {
        cells.set(column, self.0.ok_or(Problem::NotText(column))?);
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a whole number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(Some(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar(Some(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(Some(number.to_string())))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar(None))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Scalar, E> {
        Ok(Scalar(Some(truth.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar(Some(String::new())))
    }
}
