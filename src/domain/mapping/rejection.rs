//! Why a mapping file or one of its rows is refused, each with the line a person has to look at.

use std::io;

use thiserror::Error;

use super::table::{BUNDLE_UNITS_MAX, Column, SKU_CHARACTERS_MAX};
use super::{FIELD_BYTES_MAX, MappingKey};
use crate::domain::ids::AmazonSku;

/// A refused row. One is enough to refuse the whole file.
#[derive(Debug, Error)]
#[error("line {line}: {problem}")]
pub struct Rejection {
    /// The line of the file on which the trouble begins, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: Problem,
}

impl Rejection {
    /// Returns what is wrong, without the line.
    #[must_use]
    pub fn message(&self) -> String {
        self.problem.to_string()
    }
}

impl Problem {
    /// Tells whether it is the file as a whole that can't be used, whatever line it shows on.
    #[must_use]
    pub fn is_of_the_file(&self) -> bool {
        matches!(
            self,
            Self::NoRows(_) | Self::Encoding(_) | Self::WebPage | Self::Spreadsheet
        )
    }
}

/// What can be wrong with a mapping file.
#[derive(Debug, Error)]
pub enum Problem {
    /// Nothing to import. An empty file never means "remove all mappings".
    #[error("0 rows: {0}")]
    NoRows(&'static str),
    /// Another encoding than UTF-8.
    #[error("the file is {0}; save it as UTF-8")]
    Encoding(&'static str),
    /// An HTML page, usually the login of the address that was asked.
    #[error("this is a web page, not a mapping file; check the address and whether it needs a login")]
    WebPage,
    /// A spreadsheet as its program keeps it.
    #[error("this is a spreadsheet file: save it as CSV (UTF-8) and import that")]
    Spreadsheet,
    /// A zero byte.
    #[error("a NUL byte; the file is damaged or not text")]
    NulByte,
    /// A field beyond the cap.
    #[error("a field is longer than {} bytes; is a quote left open?", FIELD_BYTES_MAX)]
    FieldTooLong,
    /// A row beyond the cap.
    #[error("a row with far too many fields")]
    RowTooLong,
    /// A quote that is still open where the file ends.
    #[error("the quote that opens on this line is never closed")]
    UnclosedQuote,
    /// Text behind a closing quote.
    #[error("text behind a closing quote; write a quote inside a quoted field twice")]
    TextBehindQuote,
    /// A column that must be there.
    #[error("the column {0} is missing")]
    MissingColumn(&'static str),
    /// The same column or field twice.
    #[error("the column {0} stands twice")]
    DuplicateColumn(Column),
    /// A column that means nothing here.
    #[error("the column {name:?} is unknown; did you mean {nearest}?")]
    UnknownColumn {
        /// As written.
        name: String,
        /// The nearest right name.
        nearest: Column,
    },
    /// A filled field under no name.
    #[error("column {0} has no name in the header but is filled here; name it or remove it")]
    UnnamedColumn(usize),
    /// More or fewer fields than the header names.
    #[error("{found} fields where the header names {expected}")]
    Width {
        /// Fields in the header.
        expected: usize,
        /// Fields in the row.
        found: usize,
    },
    /// None of the three keys is filled.
    #[error("no key: fill tiktok_sku_id, seller_sku or tiktok_product_id")]
    NoKey,
    /// No SKU at Amazon.
    #[error("amazon_sku is empty")]
    NoAmazonSku,
    /// White space at an end, which would never match.
    #[error("{column} {side} {character}; remove it, or check that the SKU really has it")]
    Padded {
        /// Where.
        column: Column,
        /// `begins with` or `ends with`.
        side: &'static str,
        /// E.g. `a space` or `a no-break space (U+00A0)`.
        character: String,
    },
    /// A character that nobody sees.
    #[error("{column} contains {character}, which nobody sees; type it again without")]
    Invisible {
        /// Where.
        column: Column,
        /// E.g. `U+200B`.
        character: String,
    },
    /// An Amazon SKU beyond Amazon's limit.
    #[error("amazon_sku has {0} characters; Amazon allows {limit}", limit = SKU_CHARACTERS_MAX)]
    SkuTooLong(usize),
    /// Not an id of TikTok.
    #[error(
        "{column} {text:?} is not an id of TikTok (letters, digits, - and _); did a spreadsheet turn it into a number? \
         Format the column as text and paste the ids again"
    )]
    Id {
        /// Where.
        column: Column,
        /// As written, cut to 60 characters.
        text: String,
    },
    /// Not a quantity that an order can hold.
    #[error("quantity {0:?} is not a whole number from 1 to {limit}, the most units of one Amazon order", limit = BUNDLE_UNITS_MAX)]
    Quantity(String),
    /// Not a number of units.
    #[error("safety_stock {0:?} is not a whole number from 0 to 1000000")]
    SafetyStock(String),
    /// Not a speed of Amazon.
    #[error("shipping_speed {0:?} is not one of Standard, Expedited, Priority")]
    ShippingSpeed(String),
    /// Neither yes nor no.
    #[error("enabled {0:?} is neither true nor false")]
    Enabled(String),
    /// An id whose last digits a spreadsheet has rounded away.
    #[error(
        "{column} {text} is not at TikTok, {real} is: a spreadsheet rounded it; format the column as text and paste the ids again"
    )]
    Rounded {
        /// Where.
        column: Column,
        /// As written.
        text: String,
        /// The id that an order or a listing has.
        real: String,
    },
    /// Two rows send one key to different SKUs without being a bundle.
    #[error(
        "{key} goes to {second} here and to {first} on line {first_line}; for a bundle give both rows the same name in bundle"
    )]
    TwoTargets {
        /// The key of both.
        key: MappingKey,
        /// The target of the earlier row.
        first: AmazonSku,
        /// The earlier row.
        first_line: u64,
        /// The target of this row.
        second: AmazonSku,
    },
    /// Two rows of one key disagree about something that must be one.
    #[error("{key} has another {column} here than on line {first_line}")]
    Disagreement {
        /// The key of both.
        key: MappingKey,
        /// What differs.
        column: Column,
        /// The earlier row.
        first_line: u64,
    },
    /// A bundle that no order can hold.
    #[error("the bundle of {key} that begins on line {first_line} has {units} units; an Amazon order holds {limit}", limit = BUNDLE_UNITS_MAX)]
    BundleTooLarge {
        /// Its key.
        key: MappingKey,
        /// Its first row.
        first_line: u64,
        /// Units of all rows.
        units: u64,
    },
    /// A fraction or a number beyond 64 bits, which may be an id that lost its last digits.
    #[error("{0} is neither a text nor a whole number")]
    NotText(Column),
    /// A row outside of an array, such as JSON Lines has.
    #[error("mapping objects stand in one array, [{{…}}, {{…}}]; one object a line is not read")]
    NotInAnArray,
    /// Not the JSON that is described.
    #[error("not the expected JSON: {0}")]
    Json(serde_json::Error),
    /// Reading itself failed.
    #[error("reading failed: {0}")]
    Read(io::Error),
}

impl Problem {
    /// Places the problem on a line.
    pub(super) fn at(self, line: u64) -> Rejection {
        Rejection { line, problem: self }
    }
}
