//! The rows of a CSV mapping file, one at a time.

use std::io::{self, Read};

use csv::{ErrorKind, StringRecord};

use super::MappingRow;
use super::cells::Cells;
use super::column::{Column, read_header};
use super::export::without_neutraliser;
use super::guard::{Guard, refusal_in};
use super::rejection::{Problem, Rejection};

/// Iterates over the rows; ends after trouble with the file as a whole.
pub(super) struct CsvRows<R> {
    reader: csv::Reader<Guard<R>>,
    record: StringRecord,
    columns: Vec<Column>,
    rows: u64,
    is_finished: bool,
}

impl<R: Read> CsvRows<R> {
    /// Prepares to read; the header is read with the first row.
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Guard::csv(source, delimiter));
        Self {
            reader,
            record: StringRecord::new(),
            columns: Vec::new(),
            rows: 0,
            is_finished: false,
        }
    }

    /// Reads the next record that is not blank. `None` is the end of the file.
    fn advance(&mut self) -> Result<Option<u64>, Rejection> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => Ok(Some(self.line())),
            Ok(false) => Ok(None),
            Err(error) => Err(self.refusal(error)),
        }
    }

    /// Returns the line on which the last record begins. The reader's own position would be that of the blank lines before
    /// it, so this counts back from its end.
    fn line(&self) -> u64 {
        let breaks: usize = self
            .record
            .iter()
            .map(|field| field.bytes().filter(|byte| *byte == b'\n').count())
            .sum();
        (self.reader.position().line() - 1).saturating_sub(breaks as u64)
    }

    fn refusal(&mut self, error: csv::Error) -> Rejection {
        let line = self.reader.position().line().saturating_sub(1).max(1);
        if matches!(error.kind(), ErrorKind::Utf8 { .. }) {
            self.is_finished |= self.columns.is_empty();
            self.rows += 1;
            return Problem::Encoding("Latin-1 or Windows-1252 here, not UTF-8").at(line);
        }
        self.is_finished = true;
        if let ErrorKind::Io(error) = error.into_kind() {
            refusal_in(error, line + 1)
        } else {
            Problem::Read(io::ErrorKind::InvalidData.into()).at(line)
        }
    }

    fn read_header(&mut self) -> Result<(), Rejection> {
        match self.advance()? {
            None => Err(Problem::NoRows("the file is empty").at(1)),
            Some(line) => {
                self.columns = read_header(self.record.iter()).map_err(|problem| problem.at(line))?;
                Ok(())
            }
        }
    }

    fn read_row(&mut self) -> Result<Option<MappingRow>, Rejection> {
        while let Some(line) = self.advance()? {
            let cells = self.cells().map_err(|problem| problem.at(line))?;
            // Spreadsheets leave rows of nothing but delimiters at the end.
            if !cells.are_all_empty() {
                self.rows += 1;
                return cells.check(line).map(Some).map_err(|problem| problem.at(line));
            }
        }
        self.is_finished = true;
        if self.rows == 0 {
            Err(Problem::NoRows("nothing below the header").at(1))
        } else {
            Ok(None)
        }
    }

    fn cells(&mut self) -> Result<Cells, Problem> {
        if self.record.len() != self.columns.len() {
            self.rows += 1;
            return Err(Problem::Width {
                expected: self.columns.len(),
                found: self.record.len(),
            });
        }
        let mut cells = Cells::default();
        for (column, text) in self.columns.iter().zip(&self.record) {
            cells.set(*column, without_neutraliser(text).to_owned());
        }
        Ok(cells)
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<MappingRow, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_finished {
            return None;
        }
        if self.columns.is_empty()
            && let Err(rejection) = self.read_header()
        {
            self.is_finished = true;
            return Some(Err(rejection));
        }
        self.read_row().transpose()
    }
}
