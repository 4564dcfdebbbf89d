//! The rows of a CSV mapping file, one at a time.

use std::io::{self, Read};

use csv::{ErrorKind, StringRecord};

use super::MappingRow;
use super::cells::Cells;
use super::column::read_header;
use super::export::without_mark;
use super::guard::{Guard, refusal_in};
use super::rejection::{Problem, Rejection};
use super::similar::Warning;
use super::table::Column;

/// How the line begins with which some spreadsheets tell the delimiter.
pub(super) const SEPARATOR_WORD: &str = "sep=";
/// So many lines with apostrophes are named; the others are counted.
const LINES_NAMED_MAX: usize = 10;

/// Iterates over the rows; ends after trouble with the file as a whole.
pub(super) struct CsvRows<R> {
    reader: csv::Reader<Guard<R>>,
    record: StringRecord,
    /// `None` where the header has no name.
    columns: Vec<Option<Column>>,
    rows: u64,
    /// The first lines on which an apostrophe was taken off.
    unmarked_first: Vec<u64>,
    unmarked: u64,
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
            unmarked_first: Vec::new(),
            unmarked: 0,
            is_finished: false,
        }
    }

    /// Returns what was done to the rows that have been read and that a person should know.
    pub(super) fn warning(self) -> Option<Warning> {
        (self.unmarked > 0).then_some(Warning::Unmarked {
            first: self.unmarked_first,
            total: self.unmarked,
        })
    }

    /// Reads the next record that is not blank: spreadsheets leave rows of delimiters and blanks. `None` is the end of the file.
    fn advance(&mut self) -> Result<Option<u64>, Rejection> {
        loop {
            match self.reader.read_record(&mut self.record) {
                Ok(true) if self.record.iter().all(|text| text.trim().is_empty()) => {}
                Ok(true) => return Ok(Some(self.line())),
                Ok(false) => return Ok(None),
                Err(error) => return Err(self.refusal(error)),
            }
        }
    }

    /// Tells whether the record is `sep=;` or its like; read as a record, it lost its delimiter.
    fn names_the_separator(&self) -> bool {
        let mut texts = self.record.iter();
        let first = texts.next().unwrap_or_default().to_lowercase();
        first.starts_with(SEPARATOR_WORD)
            && first.len() <= SEPARATOR_WORD.len() + 1
            && texts.all(|text| text.trim().is_empty())
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
        let mut first = self.advance()?;
        if first.is_some() && self.names_the_separator() {
            first = self.advance()?;
        }
        match first {
            None => Err(Problem::NoRows("the file is empty").at(1)),
            Some(line) => {
                self.columns = read_header(self.record.iter()).map_err(|problem| problem.at(line))?;
                Ok(())
            }
        }
    }

    fn read_row(&mut self) -> Result<Option<MappingRow>, Rejection> {
        if let Some(line) = self.advance()? {
            self.rows += 1;
            self.count_marks(line);
            let row = self.cells().and_then(|cells| cells.check(line));
            return row.map(Some).map_err(|problem| problem.at(line));
        }
        self.is_finished = true;
        if self.rows == 0 {
            Err(Problem::NoRows("nothing below the header").at(1))
        } else {
            Ok(None)
        }
    }

    fn count_marks(&mut self, line: u64) {
        if self.record.iter().any(|text| without_mark(text) != text) {
            self.unmarked += 1;
            if self.unmarked_first.len() < LINES_NAMED_MAX {
                self.unmarked_first.push(line);
            }
        }
    }

    fn cells(&self) -> Result<Cells, Problem> {
        if self.record.len() != self.columns.len() {
            return Err(Problem::Width {
                expected: self.columns.len(),
                found: self.record.len(),
            });
        }
        let mut cells = Cells::default();
        for (position, (column, text)) in self.columns.iter().zip(&self.record).enumerate() {
            match column {
                Some(column) => cells.set(*column, without_mark(text).to_owned()),
                None if text.trim().is_empty() => {}
                None => return Err(Problem::UnnamedColumn(position + 1)),
            }
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
