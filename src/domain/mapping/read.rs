//! Opens a mapping file: which encoding, which format, which delimiter; then hands its rows on one by one.

use std::io::{self, Cursor, Read};

use super::MappingRow;
use super::guard::{read_head, refusal_in};
use super::read_csv::{CsvRows, SEPARATOR_WORD};
use super::read_json::read_json;
use super::rejection::{Problem, Rejection};
use super::similar::Warning;

/// How spreadsheets begin that were not saved as text: a ZIP archive (xlsx, ods), a compound file (xls).
const SPREADSHEET_STARTS: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"];

/// The two forms of a mapping file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A header and rows, separated by comma, semicolon or tab.
    Csv,
    /// An array of objects with the columns' names as fields, or `{"<product id>": "<amazon sku>"}`.
    Json,
}

impl Format {
    /// Tells the format by the first byte that is not blank, and where that leaves it open, by the file's name.
    #[must_use]
    pub fn detect(head: &[u8], file_name: Option<&str>) -> Self {
        let is_named_json = file_name.is_some_and(|name| name.to_lowercase().ends_with(".json"));
        match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[' | b'{') => Self::Json,
            Some(_) | None if is_named_json => Self::Json,
            Some(_) | None => Self::Csv,
        }
    }
}

/// Reads a mapping file row by row in constant memory and gives each row or its refusal to `each`, in the file's order.
///
/// A refused row does not end the reading; trouble with the file as a whole does, after its refusal was given. A file
/// without rows is refused, too. What spans rows is judged by [`settle`](super::settle). Returns what a person should know about
/// the reading.
///
/// # Errors
/// Only what `each` returns; reading ends there.
pub fn read<E>(
    mut source: impl Read,
    file_name: Option<&str>,
    mut each: impl FnMut(Result<MappingRow, Rejection>) -> Result<(), E>,
) -> Result<Option<Warning>, E> {
    let head = match open(&mut source) {
        Ok(head) => head,
        Err(rejection) => return each(Err(rejection)).map(|()| None),
    };
    let format = Format::detect(&head, file_name);
    let delimiter = delimiter(&head);
    let whole = Cursor::new(head).chain(source);
    match format {
        Format::Csv => {
            let mut rows = CsvRows::new(whole, delimiter);
            rows.try_for_each(each)?;
            Ok(rows.warning())
        }
        Format::Json => read_json(whole, &mut each).map(|()| None),
    }
}

/// Takes the beginning of the file, without its byte order mark.
fn open(source: &mut impl Read) -> Result<Vec<u8>, Rejection> {
    let mut head = read_head(source).map_err(|error: io::Error| refusal_in(error, 1))?;
    if head.starts_with(b"\xef\xbb\xbf") {
        head.drain(..3);
    }
    let start = head.trim_ascii_start();
    if SPREADSHEET_STARTS.iter().any(|mark| head.starts_with(mark)) {
        Err(Problem::Spreadsheet.at(1))
    } else if let Some(encoding) = foreign_encoding(&head) {
        Err(Problem::Encoding(encoding).at(1))
    } else if start.starts_with(b"<") {
        Err(Problem::WebPage.at(1))
    } else {
        Ok(head)
    }
}

/// Names an encoding that puts zero bytes between letters, by its mark or by those bytes.
fn foreign_encoding(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [0, first, ..] | [first, 0, ..] if first.is_ascii_graphic() => Some("UTF-16"),
        _ => None,
    }
}

/// Tells the delimiter by the first line that has letters: what `sep=` says there, else the header, in which no column's name
/// holds one.
fn delimiter(head: &[u8]) -> u8 {
    let header = head
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .find(|line| line.iter().any(u8::is_ascii_alphanumeric))
        .unwrap_or_default();
    let count = |delimiter: &u8| header.iter().filter(|byte| *byte == delimiter).count();
    // Of equals the last is taken, so the comma stands last.
    let counted = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    separator_line(header).unwrap_or(counted)
}

/// Returns what a line such as `sep=;` names, with which some spreadsheets begin a file.
fn separator_line(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (word, rest) = line.split_at_checked(SEPARATOR_WORD.len())?;
    let separator = rest
        .first()
        .filter(|_| word.eq_ignore_ascii_case(SEPARATOR_WORD.as_bytes()))?;
    (separator.is_ascii() && !separator.is_ascii_alphanumeric() && *separator != b'"').then_some(*separator)
}

#[cfg(test)]
mod tests;
