//! Watches the bytes of a mapping file on their way to the parser: ends of lines become `\n`, and what would make a parser
//! misread or swallow the rest of the file is refused with its line. Holds no more than a few counters.

use std::cell::Cell;
use std::io::{self, BufReader, Bytes, Read};
use std::rc::Rc;

use super::rejection::{Problem, Rejection};
use super::table::FIELD_BYTES_MAX;

const ROW_BYTES_MAX: usize = 16 * FIELD_BYTES_MAX;

/// Where in the grammar the last byte left us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// CSV: nothing of the field was read.
    FieldStart,
    /// CSV: in a field without quotes.
    Plain,
    /// CSV: between the quotes of a field.
    Quoted,
    /// CSV: behind a quote that closes the field or is the first of a doubled one.
    Closed,
    /// JSON: outside of texts.
    Outside,
    /// JSON: in a text.
    Text,
    /// JSON: behind a backslash in a text.
    Escape,
}

impl Place {
    /// Moves on over one byte; `\n` stands for every end of a line.
    fn step(self, byte: u8, delimiter: u8) -> Result<Self, Problem> {
        match self {
            Self::FieldStart | Self::Plain if byte == delimiter || byte == b'\n' => Ok(Self::FieldStart),
            Self::FieldStart if byte == b'"' => Ok(Self::Quoted),
            Self::FieldStart | Self::Plain => Ok(Self::Plain),
            Self::Quoted => Ok(if byte == b'"' { Self::Closed } else { Self::Quoted }),
            Self::Closed if byte == b'"' => Ok(Self::Quoted),
            Self::Closed if byte == delimiter || byte == b'\n' => Ok(Self::FieldStart),
            Self::Closed => Err(Problem::TextBehindQuote),
            Self::Outside => Ok(if byte == b'"' { Self::Text } else { Self::Outside }),
            Self::Text if byte == b'\\' => Ok(Self::Escape),
            Self::Text => Ok(if byte == b'"' { Self::Outside } else { Self::Text }),
            Self::Escape => Ok(Self::Text),
        }
    }

    fn ends_field(self, byte: u8) -> bool {
        self == Self::FieldStart || (self == Self::Outside && b"\",:{}[] \t\n".contains(&byte))
    }
}

/// A reader that hands on what its parser can trust.
pub(super) struct Guard<R> {
    bytes: Bytes<BufReader<R>>,
    delimiter: u8,
    place: Place,
    field_length: usize,
    row_length: usize,
    line: Rc<Cell<u64>>,
    field_line: u64,
    after_return: bool,
    last: u8,
    pending: Option<io::Error>,
}

impl<R: Read> Guard<R> {
    /// Watches a CSV file with this delimiter.
    pub(super) fn csv(source: R, delimiter: u8) -> Self {
        Self::new(source, delimiter, Place::FieldStart)
    }

    /// Watches a JSON file.
    pub(super) fn json(source: R) -> Self {
        Self::new(source, 0, Place::Outside)
    }

    fn new(source: R, delimiter: u8, place: Place) -> Self {
        Self {
            bytes: BufReader::new(source).bytes(),
            delimiter,
            place,
            field_length: 0,
            row_length: 0,
            line: Rc::new(Cell::new(1)),
            field_line: 1,
            after_return: false,
            last: b'\n',
            pending: None,
        }
    }

    /// Returns the number of the line up to which bytes were handed out.
    pub(super) fn line(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.line)
    }

    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let Some(byte) = self.next_plain()? else {
            return self.end();
        };
        self.watch(byte).map_err(io::Error::other)?;
        self.last = byte;
        Ok(Some(byte))
    }

    /// Returns the next byte with `\r\n` and a lone `\r` turned into `\n`.
    fn next_plain(&mut self) -> io::Result<Option<u8>> {
        loop {
            let byte = self.bytes.next().transpose()?;
            let follows_return = std::mem::replace(&mut self.after_return, byte == Some(b'\r'));
            match byte {
                Some(b'\n') if follows_return => {}
                Some(b'\r') => return Ok(Some(b'\n')),
                other => return Ok(other),
            }
        }
    }

    /// Ends a CSV file with an end of line, so that every row has one.
    fn end(&mut self) -> io::Result<Option<u8>> {
        match self.place {
            Place::Quoted => Err(io::Error::other(Problem::UnclosedQuote.at(self.field_line))),
            Place::Plain | Place::Closed | Place::FieldStart if self.last != b'\n' => {
                self.place = Place::FieldStart;
                self.last = b'\n';
                self.line.set(self.line.get() + 1);
                Ok(Some(b'\n'))
            }
            Place::Plain | Place::Closed | Place::FieldStart | Place::Outside | Place::Text | Place::Escape => Ok(None),
        }
    }

    fn watch(&mut self, byte: u8) -> Result<(), Rejection> {
        let line = self.line.get();
        if byte == 0 {
            return Err(Problem::NulByte.at(line));
        }
        self.place = self
            .place
            .step(byte, self.delimiter)
            .map_err(|problem| problem.at(line))?;
        self.line.set(line + u64::from(byte == b'\n'));
        self.measure(byte)
    }

    fn measure(&mut self, byte: u8) -> Result<(), Rejection> {
        self.field_length += 1;
        self.row_length += 1;
        if self.place.ends_field(byte) {
            self.field_length = 0;
            self.field_line = self.line.get();
        }
        if self.place == Place::Outside || (self.place == Place::FieldStart && byte == b'\n') {
            self.row_length = 0;
        }
        if self.field_length > FIELD_BYTES_MAX {
            Err(Problem::FieldTooLong.at(self.field_line))
        } else if self.row_length > ROW_BYTES_MAX {
            Err(Problem::RowTooLong.at(self.field_line))
        } else {
            Ok(())
        }
    }
}

impl<R: Read> Read for Guard<R> {
    /// Hands out the good bytes before it reports what follows them, so that no row before the trouble is lost.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.pending.take() {
            return Err(error);
        }
        for (count, slot) in buffer.iter_mut().enumerate() {
            match self.next_byte() {
                Ok(Some(byte)) => *slot = byte,
                Ok(None) => return Ok(count),
                Err(error) if count == 0 => return Err(error),
                Err(error) => {
                    self.pending = Some(error);
                    return Ok(count);
                }
            }
        }
        Ok(buffer.len())
    }
}

/// Takes the refusal of a [`Guard`] out of the parser's error; any other failure to read is placed on `line`.
pub(super) fn refusal_in(error: io::Error, line: u64) -> Rejection {
    match error.downcast::<Rejection>() {
        Ok(rejection) => rejection,
        Err(other) => Problem::Read(other).at(line),
    }
}

/// Reads the first 4096 bytes for a look ahead.
pub(super) fn read_head(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    source.take(4096).read_to_end(&mut head)?;
    Ok(head)
}
